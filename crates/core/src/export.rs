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
