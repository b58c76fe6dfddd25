//! What files hold of something after its rows are gone: free pages, the log of changes, copies, what a page has stored.

use crate::backup;
use crate::connection::Place;
use crate::error::StoreError;
use crate::home;
use crate::store::Store;
use fs_err as fs;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// For a web view that is just writing.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    /// Waits for a copy that is being made, so that it is among those that go.
    pub(crate) fn clear_traces(&self) -> Result<(), StoreError> {
        let _copying = self.copying();
        self.with_writer(clear)
    }
}

/// Does what was begun when a process ended between the erasing and the clearing. What another process keeps in use, and
/// what there is no room for, stays for the next time.
pub(crate) fn finish(connection: &mut Connection, place: &Place) -> Result<(), StoreError> {
    if !connection.prepare("SELECT 1 FROM clearing")?.exists([])? {
        return Ok(());
    }
    match clear(connection, place) {
        Err(error @ (StoreError::Traces | StoreError::Full)) => {
            tracing::warn!(%error, "traces of something forgotten are still there");
            Ok(())
        }
        cleared => cleared,
    }
}

/// The copies that this program made of the database.
pub(super) fn backups(place: &Place) -> Result<Vec<PathBuf>, StoreError> {
    match place {
        Place::Disk(path, _) => backup::files(path.parent().unwrap_or(path)),
        Place::Memory(_) => Ok(Vec::new()),
    }
}

/// Deletes the copies, writes the file anew (what was overwritten or freed in it since it was made is nowhere else to be
/// found), and empties the log of changes. The new file is put together in memory, as everything that SQLite would put
/// into a temporary file.
fn clear(connection: &mut Connection, place: &Place) -> Result<(), StoreError> {
    let Place::Disk(path, _) = place else {
        return Ok(());
    };
    backup::remove(path.parent().unwrap_or(path), |_| true)?;
    match connection.execute_batch("VACUUM").map_err(StoreError::from) {
        // Without room for a new file the old one can still be read.
        Err(StoreError::Busy | StoreError::Full) => return Err(StoreError::Traces),
        vacuumed => vacuumed?,
    }
    // Waits for readers, as long as for any other process.
    if connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))? {
        return Err(StoreError::Traces);
    }
    for pages in kept_by_pages(place)? {
        // They are no part of the home: where one of them is damaged, nothing in the home has to be put back.
        if let Err(error) = clear_kept(&pages) {
            tracing::warn!(%error, "what a page stored could not be written anew");
            return Err(StoreError::Traces);
        }
    }
    connection.execute("DELETE FROM clearing", [])?;
    Ok(())
}

/// Where the window's web view keeps what its page stored, as databases of its own: among it what was being typed before it
/// was sent.
fn kept_by_pages(place: &Place) -> Result<Vec<PathBuf>, StoreError> {
    let Place::Disk(path, _) = place else {
        return Ok(Vec::new());
    };
    let folder = path.with_file_name(home::PAGES);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let files = entries.into_iter().map(|entry| entry.path());
    Ok(files.filter(|path| path.extension().is_some_and(|extension| extension == "localstorage")).collect())
}

/// The web view takes out what its page does, but neither from free pages nor from its log of changes. It may have them
/// open.
fn clear_kept(path: &Path) -> Result<(), StoreError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(PATIENCE)?;
    match connection.execute_batch("VACUUM").map_err(StoreError::from) {
        // Without room for a new file the old one can still be read.
        Err(StoreError::Busy | StoreError::Full) => return Err(StoreError::Traces),
        vacuumed => vacuumed?,
    }
    if connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))? {
        return Err(StoreError::Traces);
    }
    Ok(())
}
