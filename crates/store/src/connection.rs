//! Connections to the database file.

use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for another process. A commit takes well under a second even on a slow disk.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// "TWIN", as the first migration sets it.
const APPLICATION_ID: i32 = 0x5457_494E;

/// Opens for writing. The file exists.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // SQLite falls back to reading without a word.
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::ReadOnly);
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // fullfsync: on macOS a plain fsync leaves the bytes in the drive's cache.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    Ok(connection)
}

/// Opens for reading.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("PRAGMA trusted_schema = OFF;")?;
    Ok(connection)
}

/// The version of the schema in the file, 0 for none yet. Fails for a file that is not ours, and writes nothing: what
/// cannot be used is left byte for byte as it was.
pub(crate) fn examine(path: &Path) -> Result<u32, StoreError> {
    if !path.exists() {
        return Ok(0);
    }
    let log_exists = path.with_file_name(format!("{}-wal", crate::home::DATABASE)).exists();
    let connection = if log_exists {
        // What counts may still stand in the log of changes: read both, and do not fold the one into the other.
        let connection = open_reader(path)?;
        connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection
    } else {
        // Nobody has it open. A plain read-only connection would create the log of changes.
        Connection::open_with_flags(
            immutable_uri(path)?,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(|error| reason_of(error, path))?
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
fn immutable_uri(path: &Path) -> Result<String, StoreError> {
    let absolute = std::path::absolute(path)?;
    let text = absolute.to_str().ok_or(StoreError::InvalidInput("the home folder's path is not valid Unicode"))?;
    let escaped = text.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let slashed = if cfg!(windows) { format!("/{}", escaped.replace('\\', "/")) } else { escaped };
    Ok(format!("file:{slashed}?immutable=1"))
}
