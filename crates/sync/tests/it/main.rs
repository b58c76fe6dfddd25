//! The room `sync`, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod keyring;
mod simulation;
mod tamper;
