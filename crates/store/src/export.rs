//! Which files left the home. Nothing of what is in them.

use crate::error::StoreError;
use crate::row::{Column, Json, Word, json};
use crate::store::Store;
use rusqlite::{Row, Transaction, params};
use std::collections::BTreeSet;
use std::path::Path;
use twin_core::export::{ExportMade, ExportWhat};
use twin_core::id::SessionId;

impl Store {
    /// Remembers that a file was written. A later one under the same path takes its place.
    pub fn export_remember(&self, made: &ExportMade) -> Result<(), StoreError> {
        let made = made.clone();
        self.write(move |log| {
            let sessions = (made.what == ExportWhat::Sessions).then(|| Json(made.sessions.clone()));
            log.transaction.execute(
                "INSERT INTO export (path, at, what, sessions) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET at = ?2, what = ?3, sessions = ?4",
                params![made.path, Column(made.at), Word(made.what), sessions],
            )?;
            Ok(())
        })
    }

    /// Every file that was exported and is still there, the newest first.
    pub fn export_list(&self) -> Result<Vec<ExportMade>, StoreError> {
        self.read(all)
    }
}

/// The files that may hold something of these conversations, or of what was learned.
pub(crate) fn holding(
    transaction: &Transaction<'_>,
    sessions: &BTreeSet<SessionId>,
) -> Result<Vec<ExportMade>, StoreError> {
    let mut exports = all(transaction)?;
    exports.retain(|made| {
        made.what == ExportWhat::Archive || made.sessions.iter().any(|session| sessions.contains(session))
    });
    Ok(exports)
}

fn all(transaction: &Transaction<'_>) -> Result<Vec<ExportMade>, StoreError> {
    let mut exports =
        transaction.prepare_cached("SELECT path, at, what, sessions FROM export ORDER BY at DESC, path")?;
    let mut exports: Vec<ExportMade> = exports.query_map([], made)?.collect::<rusqlite::Result<_>>()?;
    exports.retain(|made| Path::new(&made.path).exists());
    Ok(exports)
}

fn made(row: &Row<'_>) -> rusqlite::Result<ExportMade> {
    Ok(ExportMade {
        path: row.get(0)?,
        at: row.get::<_, Column<_>>(1)?.0,
        what: row.get::<_, Word<_>>(2)?.0,
        sessions: json(row, 3)?.unwrap_or_default(),
    })
}
