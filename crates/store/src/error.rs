//! What can go wrong with the disk and the database.

use rusqlite::ErrorCode;
use std::io;
use twin_core::error::{Code, Coded};

/// Why the store did not do what it was asked to. Whatever is asked for in one call happens whole or not at all.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer version of the program wrote the database. It was left as it is.
    #[error("the database has format {found}, this version of the program knows formats up to {newest}")]
    TooNew {
        /// The format found.
        found: u32,
        /// The newest format that this program knows.
        newest: u32,
    },
    /// The home folder or a file in it cannot be written.
    #[error("the home folder or the database in it cannot be written")]
    ReadOnly,
    /// The disk is full; nothing of the change was kept.
    #[error("the disk is full: the change was not saved")]
    Full,
    /// The file is not a whole database of this program. It was left as it is.
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    /// The database is encrypted, and came without its key.
    #[error("the database is encrypted, and its key was not given")]
    Locked,
    /// A copy that cannot be read cannot be written anew under another key.
    #[error("a copy cannot be read, so it cannot be written anew: {0}")]
    DamagedCopy(String),
    /// The library that encrypts refused, for which there is no reason that the owner could mend.
    #[error("the database could not be given its key")]
    Cipher,
    /// Another process held the database for too long.
    #[error("another process holds the database")]
    Busy,
    /// Another process has the home open, and what was asked for changes all of it.
    #[error("another window or command has this home open")]
    InUse,
    /// No such session, message, attachment or draft, or it was deleted.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// A reply is being written in that session, here or in another process.
    #[error("a reply is still being written in this conversation")]
    ReplyGrowing,
    /// The caller asked for what cannot be.
    #[error("{0}")]
    InvalidInput(&'static str),
    /// Another device of the owner's sent a record of which nothing can be made.
    #[error("{0}")]
    Unreadable(&'static str),
    /// Something was forgotten, but what the files still hold of it could not be overwritten yet.
    #[error("it is forgotten, but traces of it are still in a file that another process uses")]
    Traces,
    /// The writing thread is gone, which only a fault of this program can bring about.
    #[error("the store has stopped writing")]
    Stopped,
    /// Something of this program could not be written as JSON.
    #[error("could not write a record")]
    Encode(#[source] serde_json::Error),
    /// Any other failure of the file system.
    #[error("could not use the home folder")]
    Disk(#[source] io::Error),
    /// Any other failure of SQLite.
    #[error("the database could not do what was asked")]
    Sql(#[source] rusqlite::Error),
}

/// What SQLite says by itself, and no row that was misread.
pub(crate) const BROKEN: &str = "its structure is broken";

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let Some(failure) = error.sqlite_error() else {
            return match error {
                // Only what this program wrote is read back, so a row that cannot be read was changed since.
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..)
                | rusqlite::Error::IntegralValueOutOfRange(..) => Self::Damaged("a row cannot be read".to_owned()),
                other => Self::Sql(other),
            };
        };
        match failure.code {
            ErrorCode::DatabaseCorrupt => Self::Damaged(BROKEN.to_owned()),
            ErrorCode::NotADatabase => Self::Damaged("it is not a database".to_owned()),
            ErrorCode::DiskFull => Self::Full,
            // The index beside the log of changes could not grow, for which the disk has no other reason.
            ErrorCode::SystemIoFailure if failure.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            _ => Self::Sql(error),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Disk(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Encode(error)
    }
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::TooNew { .. } => Code::StoreTooNew,
            Self::ReadOnly => Code::StoreReadOnly,
            Self::Full => Code::StoreFull,
            Self::Damaged(_) => Code::StoreDamaged,
            Self::Locked => Code::HomeLocked,
            Self::Busy | Self::Traces | Self::InUse => Code::StoreBusy,
            Self::NotFound(_) => Code::NotFound,
            Self::ReplyGrowing | Self::InvalidInput(_) | Self::DamagedCopy(_) => Code::InvalidInput,
            Self::Unreadable(_) => Code::SyncDamaged,
            Self::Disk(_) | Self::Sql(_) => Code::StoreFailed,
            Self::Stopped | Self::Encode(_) | Self::Cipher => Code::Internal,
        }
    }

    fn is_permanent(&self) -> bool {
        // A full disk is emptied and a busy database freed; everything else needs more than waiting.
        !matches!(self, Self::Busy | Self::Full | Self::InUse)
    }

    fn hint(&self) -> String {
        match self {
            Self::TooNew { .. } => "Install the newest version of Digital Twin. The database was left untouched.",
            Self::ReadOnly => {
                "Allow your account to write to the home folder and to twin.db in it, or choose another home folder \
                 with TWIN_HOME. `twin doctor` shows where it is."
            }
            Self::Full => "Free some space on the disk that holds the home folder, then try again.",
            Self::Damaged(_) => {
                "Press \"Repair now\" in the window, or close it and run `twin backup restore`: the newest backup takes its \
                 place, with what can still be read of it, and the damaged file is kept."
            }
            Self::Busy => "Wait a moment, or close the other window or command that uses the same home, then try again.",
            Self::InUse => "Close the other windows and commands that use the same home, then try again.",
            Self::Locked => "Give its passphrase or its recovery code: `twin encryption unlock`, or open the window.",
            Self::DamagedCopy(_) => "It lies in the home folder or in `backups` inside of it. Move it to another place, or delete it, then try again.",
            Self::NotFound(_) => "Reload the list: it may have been deleted.",
            Self::ReplyGrowing => "Wait until it has ended, or stop it where it is being written.",
            Self::InvalidInput(_) => "Check what was asked for.",
            Self::Unreadable(_) => {
                "Update the program on all devices. If it is said again, remove the device that wrote it, and let it join again."
            }
            Self::Traces => {
                "Close the other windows and commands that use the same home, and make room on its disk if it is full. The traces \
                 go the next time that it is opened."
            }
            Self::Stopped | Self::Encode(_) | Self::Cipher => "Restart the program. Everything that was saved is still there.",
            Self::Disk(_) | Self::Sql(_) => {
                "Check that the home folder and twin.db in it are there and healthy: `twin doctor` shows where they are."
            }
        }
        .to_owned()
    }
}
