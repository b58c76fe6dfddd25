//! The room `sync`, from outside.

mod keyring;
mod simulation;
mod tamper;
