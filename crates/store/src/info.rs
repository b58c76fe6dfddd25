//! How the store is, for `twin doctor`.

use crate::connection::Place;
use crate::error::StoreError;
use crate::migration::newest_version;
use crate::store::Store;
use std::path::PathBuf;

/// The store in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreInfo {
    /// The schema of the file, which is the newest that this program knows.
    pub schema_version: u32,
    /// The version of SQLite inside this program.
    pub sqlite_version: String,
    /// Sessions that are not deleted.
    pub sessions: u64,
    /// Messages, those of deleted sessions included.
    pub messages: u64,
    /// Records in the log.
    pub records: u64,
    /// Size of the database on disk, its log of changes included.
    pub bytes: u64,
    /// The database file.
    pub path: PathBuf,
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSize {
    /// Sessions, the deleted ones too.
    pub sessions: u64,
    /// Messages, those of deleted sessions included.
    pub messages: u64,
}

impl Store {
    /// How much is kept, in memory or on a disk.
    pub fn log_size(&self) -> Result<LogSize, StoreError> {
        self.read(|transaction| {
            let counts = transaction.query_row(
                "SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM message)",
                [],
                |row| Ok([row.get::<_, u32>(0)?, row.get(1)?].map(u64::from)),
            )?;
            let [sessions, messages] = counts;
            Ok(LogSize { sessions, messages })
        })
    }

    /// Counts, which takes a moment in a large database. A database in memory has no such numbers.
    pub fn info(&self) -> Result<StoreInfo, StoreError> {
        let Place::Disk(path, _) = self.place() else {
            return Err(StoreError::InvalidInput("a database in memory is nowhere on the disk"));
        };
        let [sessions, messages, records] = self.read(|transaction| {
            Ok(transaction.query_row(
                "SELECT (SELECT count(*) FROM session WHERE deleted = 0), (SELECT count(*) FROM message),
                        (SELECT count(*) FROM record)",
                [],
                |row| Ok([row.get::<_, u32>(0)?, row.get(1)?, row.get(2)?].map(u64::from)),
            )?)
        })?;
        let log = path.with_file_name(format!("{}-wal", crate::home::DATABASE));
        Ok(StoreInfo {
            schema_version: newest_version(),
            sqlite_version: rusqlite::version().to_owned(),
            sessions,
            messages,
            records,
            bytes: fs_err::metadata(path)?.len() + fs_err::metadata(log).map_or(0, |log| log.len()),
            path: path.clone(),
        })
    }
}
