//! What leaves the home as a file, and the copies that stay in it.

use crate::id::SessionId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a file holds that was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ExportWhat {
    /// Everything.
    Archive,
    /// Conversations.
    Sessions,
}

/// A file that was exported: where it was put, never what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ExportMade {
    /// The whole path.
    pub path: String,
    /// When.
    pub at: Timestamp,
    /// What it holds.
    pub what: ExportWhat,
    /// Which conversations; empty where it holds everything.
    pub sessions: Vec<SessionId>,
}

/// Why a copy of the database was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// The day had none, or the owner asked for it.
    Regular,
    /// Another copy was about to take the database's place.
    BeforeRestore,
    /// A newer version of the program was about to change its format.
    BeforeUpdate,
}

/// A copy of the database inside of the home.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Backup {
    /// The file's name, by which it is restored.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Why.
    pub reason: BackupReason,
    /// Its size in kilobytes.
    pub kilobytes: u32,
}

/// What became of a damaged database: a copy stands in its place, with what could still be read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Recovered {
    /// The copy that it was begun with: the newest that is whole. None: there was none.
    pub backup: Option<Backup>,
    /// What was there, kept as it was, if anything was.
    pub aside: Option<Backup>,
    /// Whether anything could be read of it. If not, nobody knows what was said after the copy was made.
    pub readable: bool,
    /// Messages that the copy did not have and that were read.
    pub messages: u32,
    /// Changes of every kind that the copy did not have and that were read, those messages among them.
    pub changes: u32,
    /// Changes that had been in it and are nowhere now.
    pub lost: u32,
    /// When the first of them was made, as far as that can be seen.
    pub lost_from: Option<Timestamp>,
    /// When the last of them was made.
    pub lost_to: Option<Timestamp>,
    /// When the newest change was made that is here now.
    pub until: Option<Timestamp>,
    /// Whether this home syncs: what other devices have comes back in the next round.
    pub syncs: bool,
}
