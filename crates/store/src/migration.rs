//! The schema's versions, forward only.

use crate::connection::Place;
use crate::error::StoreError;
use crate::home::{create_private, sync_folder};
use crate::projection;
use fs_err as fs;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// One step of the schema: `NNNN_name.sql`, never edited once released. Its place in the list is its number.
pub(crate) const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_log_and_chat.sql"),
    include_str!("../migrations/0002_model_and_attachment.sql"),
    include_str!("../migrations/0003_branch_and_filing.sql"),
    include_str!("../migrations/0004_memory.sql"),
    include_str!("../migrations/0005_archive.sql"),
    include_str!("../migrations/0006_sync.sql"),
    include_str!("../migrations/0007_kinds.sql"),
    include_str!("../migrations/0008_lighter_index.sql"),
    include_str!("../migrations/0009_paragraph_vector.sql"),
];

/// The newest schema that this program knows.
pub fn newest_version() -> u32 {
    version_of(MIGRATIONS)
}

fn version_of(migrations: &[&str]) -> u32 {
    u32::try_from(migrations.len()).unwrap_or(u32::MAX)
}

/// Brings the database at `place` to the newest schema.
pub(crate) fn migrate(connection: &mut Connection, place: &Place) -> Result<(), StoreError> {
    migrate_with(connection, place, MIGRATIONS, projection::fill_index)
}

/// `finish` does what SQL cannot.
fn migrate_with(
    connection: &mut Connection,
    place: &Place,
    migrations: &[&str],
    finish: fn(&Transaction<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let found = user_version(connection)?;
    if found == version_of(migrations) {
        return Ok(());
    }
    if let Place::Disk(path, _) = place
        && found > 0
    {
        back_up(connection, path, found + 1)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sql in migrations.iter().skip(found as usize) {
        transaction.execute_batch(sql)?;
    }
    finish(&transaction)?;
    transaction.pragma_update(None, "user_version", version_of(migrations))?;
    transaction.commit()?;
    // Of one in memory not even the time that it began is kept.
    if let Place::Disk(..) = place {
        tracing::info!(from = found, to = version_of(migrations), "database migrated");
    }
    Ok(())
}

fn user_version(connection: &Connection) -> Result<u32, StoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Copies the database to `twin.db.before-NNNN`, whole or not at all.
fn back_up(connection: &Connection, path: &Path, next: u32) -> Result<(), StoreError> {
    let partial = with_suffix(path, ".partial");
    copy_into(connection, &partial)?;
    fs::rename(&partial, with_suffix(path, &format!(".before-{next:04}")))?;
    // Before the database is changed.
    Ok(sync_folder(path.parent().unwrap_or(path))?)
}

/// A copy of the database as it is at one moment, in a file of its own, on the disk when this returns.
pub(crate) fn copy_into(connection: &Connection, partial: &Path) -> Result<(), StoreError> {
    let _ = fs::remove_file(partial); // of an attempt that was cut off
    create_private(partial)?;
    let target = partial.to_str().ok_or(StoreError::InvalidInput("the home folder's path is not valid Unicode"))?;
    connection.execute("VACUUM INTO ?1", [target])?;
    Ok(fs::OpenOptions::new().write(true).open(partial)?.sync_all()?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
