//! Knows keys, bytes and the numbers of records: how they are sealed, opened, compared, and moved next.
//! Never knows what a record means, and asks no disk, network or clock: all of it comes in as arguments.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest; `cargo xtask simulate` runs it against a bad world.

pub mod blob;
pub mod error;
pub mod key;
pub mod keyring;
pub mod mutant;
pub mod name;
pub mod order;
pub mod probe;
pub mod recovery;
pub mod round;
pub mod segment;
#[cfg(feature = "simulation")]
pub mod sim;
mod wire;
