//! Knows SQL, and how to keep every acknowledged change through a kill or a power cut.
//! Never knows why a row matters, and imports no other room, no network and no window.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest; `tests/it/crash.rs` kills a writer.
//!
//! A change is one record in a log, and the tables that are read are folded from the log in the same transaction. Calls
//! block: whoever is asynchronous wraps them.

mod backup;
mod blob;
mod branch;
mod cipher;
mod connection;
mod embedding;
mod error;
mod export;
mod find;
mod forget;
mod home;
mod info;
mod journal;
mod learning;
mod lesson;
mod log;
mod memory;
mod merge;
mod message;
mod migration;
mod path;
mod payload;
mod person;
mod projection;
mod reader;
mod recovery;
mod reply;
mod row;
mod salvage;
mod session;
mod setting;
mod store;
mod sync;
mod turn;
mod usage;
mod word;
mod writer;

pub use backup::{backup_list, backup_recover, backup_restore};
pub use blob::Blob;
pub use cipher::{DatabaseKey, KEY_FILE, Location, encryption_ready, encryption_switch, is_encrypted};
pub use embedding::{NewVector, ParagraphVectors, Subject, VectorBits};
pub use error::StoreError;
pub use forget::ForgottenIds;
pub use home::{make_lasting, sync_folder};
pub use info::{LogSize, StoreInfo};
pub use learning::{LearningBatch, LearningUse};
pub use memory::{Hearing, MemoryHit};
pub use merge::{CheckedRecord, Merge, Merged, Travelling};
pub use migration::newest_version;
pub use path::StoredPath;
pub use reply::{ReplyDraft, TurnBegin};
pub use setting::SettingChange;
pub use store::Store;
pub use sync::{Folded, PersonaDifference, PersonaSource};
pub use turn::{StoredTurn, TurnCounts};
