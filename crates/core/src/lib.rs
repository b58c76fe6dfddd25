//! Knows every noun of the product and every rule that needs no I/O.
//! Never opens a file, a socket or a clock, and imports no other room.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest.

pub mod bucket;
pub mod catalogue;
pub mod chat;
pub mod error;
pub mod event;
pub mod export;
pub mod find;
pub mod id;
pub mod memory;
pub mod model;
pub mod port;
pub mod price;
pub mod record;
pub mod report;
pub mod secret;
pub mod settings;
pub mod sync;
pub mod time;
pub mod usage;
