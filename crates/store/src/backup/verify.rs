//! A copy against itself and against the one before it.
//!
//! SQLite keeps no sums over its pages: a bit that falls inside of a text leaves a database that is whole to it. But a record
//! is written once, and a message stands twice, in its record and in the table that is read. So a change shows.

use crate::connection::{Place, open_reader};
use crate::error::StoreError;
use crate::payload::{Change, MessageWritten, decode};
use crate::row::Column;
use rusqlite::{Connection, OptionalExtension, Statement, params};
use twin_core::id::DeviceId;

/// Fails if a record of the copy cannot be read, or is not what it was. Forgetting makes records shorter and deletes the copies,
/// so of two that differ in length nothing follows.
pub(super) fn verify(copy: &Connection, before: Option<&Place>) -> Result<(), StoreError> {
    // One that cannot be opened is of no help here; the copy stands for itself.
    let before = before.and_then(|before| open_reader(before).ok());
    let mut older = before.as_ref().and_then(|before| older_records(before).ok());
    let mut shown = copy.prepare("SELECT content FROM message WHERE id = ?1")?;
    let mut records = copy.prepare(
        "SELECT device, seq, hlc_wall, hlc_counter, kind, version, payload FROM record ORDER BY device, seq",
    )?;
    let mut rows = records.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, payload): (String, String) = (row.get(4)?, row.get(6)?);
        let change = decode(&kind, row.get(5)?, &payload)
            .map_err(|_| StoreError::Damaged("an entry of its log cannot be read".to_owned()))?;
        let same = if let Some(Change::Message(message)) = change {
            stands_as_written(&mut shown, &message)?
        } else {
            let at = (row.get::<_, Column<DeviceId>>(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            older.as_mut().is_none_or(|older| stood_so(older, at, &payload))
        };
        if !same {
            return Err(StoreError::Damaged("an entry of its log is not as it was written".to_owned()));
        }
    }
    Ok(())
}

fn older_records(before: &Connection) -> Result<Statement<'_>, rusqlite::Error> {
    before.prepare("SELECT payload FROM record WHERE device = ?1 AND seq = ?2 AND hlc_wall = ?3 AND hlc_counter = ?4")
}

fn differs(one: &str, other: &str) -> bool {
    one.len() == other.len() && one != other
}

fn stands_as_written(shown: &mut Statement<'_>, message: &MessageWritten) -> Result<bool, StoreError> {
    let content: Option<String> = shown.query_row([Column(message.id)], |row| row.get(0)).optional()?;
    Ok(content.is_none_or(|content| !differs(&content, &message.content)))
}

fn stood_so(older: &mut Statement<'_>, at: (Column<DeviceId>, i64, i64, u32), payload: &str) -> bool {
    let (device, seq, wall, counter) = at;
    // A copy that cannot be read here proves nothing against the one that can.
    let stood = older.query_row(params![device, seq, wall, counter], |row| row.get::<_, String>(0));
    stood.map_or(true, |stood| !differs(&stood, payload))
}
