//! Knows the person: their files, what to send to a model, what to recall, and how to answer without one.
//! Never opens a file, a socket or a clock: bytes, records and `now` come in, text and rankings go out.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest.

pub mod context;
pub mod document;
pub mod learn;
pub mod offline;
pub mod persona;
pub mod provenance;
pub mod recall;
pub mod title;
