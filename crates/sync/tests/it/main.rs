//! The room `sync`, from outside.

mod simulation;
