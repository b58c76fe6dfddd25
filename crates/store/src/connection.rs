//! Connections to the database file.

use crate::cipher::{self, DatabaseKey, FileKind};
use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// How long a connection waits for another process. A commit takes well under a second even on a slow disk.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Statements that a connection keeps prepared. One recall alone uses more than rusqlite's 16, and preparing takes longer than most
/// of them run.
const STATEMENTS: usize = 128;

/// What a connection keeps of the file at most. A recall in a large home touches thousands of pages all over it, and so does
/// writing a hundred messages with their words; SQLite's 2 MB do not even hold the upper ones of its trees.
const CACHE_KIB: i64 = 16_384;

/// "TWIN", as the first migration sets it.
const APPLICATION_ID: i32 = 0x5457_494E;

/// Where a database is.
pub(crate) enum Place {
    /// In a file, under a key or none.
    Disk(PathBuf, Option<DatabaseKey>),
    /// In the memory of this process, under a name of its own, until its last connection closes. SQLite's memdb
    /// (<https://sqlite.org/src/file/src/memdb.c>): several connections share it as they share a file, with the journal
    /// in memory as well, so that nothing of it ever reaches a disk.
    Memory(String),
}

impl Place {
    /// A database that nobody else has.
    pub(crate) fn new_memory() -> Self {
        // The time in it does not matter, the random rest makes it unique.
        Self::Memory(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 0, 0)).to_string())
    }

    /// A file that nobody has open in this process, as what it is: under the key unless it is plain.
    pub(crate) fn at(path: PathBuf, key: Option<&DatabaseKey>) -> Self {
        let key = if FileKind::of(&path) == FileKind::Plain { None } else { key.cloned() };
        Self::Disk(path, key)
    }

    /// The key of the file.
    pub(crate) fn key(&self) -> Option<&DatabaseKey> {
        if let Self::Disk(_, key) = self { key.as_ref() } else { None }
    }

    fn open(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self {
            Self::Disk(path, _) => Connection::open_with_flags(path, flags),
            Self::Memory(name) => {
                Connection::open_with_flags(format!("file:/{name}?vfs=memdb"), flags | OpenFlags::SQLITE_OPEN_URI)
            }
        }?;
        if let Self::Disk(_, Some(key)) = self {
            cipher::unlock(&connection, key)?;
        }
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // A plan may not depend on what is bound (<https://sqlite.org/c3ref/c_dbconfig_defensive.html#sqlitedbconfigenableqpsg>).
        // Otherwise whatever has a `LIMIT ?` is prepared anew each time that it is run.
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // temp_store: what is sorted is what was said, and belongs into no temporary file.
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;")?;
        Ok(connection)
    }
}

/// Opens for writing. A file exists.
pub(crate) fn open_writer(place: &Place) -> Result<Connection, StoreError> {
    let connection = place.open(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // SQLite falls back to reading without a word.
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::ReadOnly);
    }
    // page_size: only of a new file. A record and a message are some hundred bytes each; with SQLite's 4,096 a large import took
    // 3 % longer, and what comes by syncing 6 %.
    // A database in memory passes over what is for the disk. fullfsync: on macOS a plain fsync leaves the bytes in the drive's cache.
    connection.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;
         PRAGMA foreign_keys = ON;",
    )?;
    with_cache(connection)
}

fn with_cache(connection: Connection) -> Result<Connection, StoreError> {
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    Ok(connection)
}

/// Opens for reading.
pub(crate) fn open_reader(place: &Place) -> Result<Connection, StoreError> {
    with_cache(place.open(OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// The version of the schema in the file, 0 for none yet. Fails for a file that is not ours, and writes nothing: what
/// cannot be used is left byte for byte as it was.
pub(crate) fn examine(place: &Place) -> Result<u32, StoreError> {
    let Place::Disk(path, key) = place else { return Ok(0) };
    if !path.exists() {
        return Ok(0);
    }
    let log_exists = path.with_file_name(format!("{}-wal", crate::home::DATABASE)).exists();
    let connection = if log_exists {
        // What counts may still stand in the log of changes: read both, and do not fold the one into the other.
        let connection = open_reader(place)?;
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection
    } else {
        // Nobody has it open. A plain read-only connection would create the log of changes.
        let connection = Connection::open_with_flags(
            immutable_uri(path)?,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| reason_of(error, path))?;
        if let Some(key) = key {
            cipher::unlock(&connection, key)?;
        }
        connection
    };
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(StoreError::Damaged("it belongs to another program".to_owned()));
    }
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// SQLite does not say why it cannot open a file; the operating system does. Asked only after a failure: closing a second
/// descriptor of a file that is open as a database would give up SQLite's locks on it
/// (<https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>).
fn reason_of(error: rusqlite::Error, path: &Path) -> StoreError {
    fs_err::File::open(path).map_or_else(StoreError::from, |_| error.into())
}

/// <https://sqlite.org/uri.html>: `%`, `?` and `#` are escaped, a Windows path gets a slash before its drive letter.
pub(crate) fn immutable_uri(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path)?;
    let text = absolute.to_str().ok_or(StoreError::InvalidInput("the home folder's path is not valid Unicode"))?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let slashed = if cfg!(windows) { format!("/{}", escaped.replace('\\', "/")) } else { escaped };
    Ok(format!("file:{slashed}?immutable=1"))
}

#[cfg(test)]
mod tests {
    use super::{Place, open_writer};
    use rusqlite::StatementStatus;

    #[test]
    fn a_prepared_statement_stays_prepared_whatever_is_bound() {
        let connection = open_writer(&Place::new_memory()).unwrap();
        connection.execute_batch("CREATE TABLE one (number INTEGER PRIMARY KEY)").unwrap();
        let mut first = connection.prepare("SELECT number FROM one ORDER BY number DESC LIMIT ?1").unwrap();
        for limit in 1..4 {
            assert!(!first.exists([limit]).unwrap());
        }
        assert_eq!(first.get_status(StatementStatus::RePrepare), 0);
    }
}
