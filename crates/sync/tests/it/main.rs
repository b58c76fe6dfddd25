//! The room `sync`, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod golden;
mod keyring;
mod order;
mod probe;
mod simulation;
mod stranger;
mod tamper;
mod travel;
