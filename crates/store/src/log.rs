//! Appending to the record log.

use crate::error::StoreError;
use crate::payload::{Change, VERSION};
use crate::projection::{self, Reading};
use crate::row::Column;
use rusqlite::{OptionalExtension, Transaction, params};
use std::cell::Cell;
use twin_core::id::DeviceId;
use twin_core::port::Clock;
use twin_core::record::Kind;
use twin_core::time::Hlc;

/// Of the log, what its index by kind holds: a query that is to use that has to say so.
pub(crate) const INDEXED: &str = "kind NOT IN ('message', 'context_report', 'erased')";

/// A transaction in which this device may append. It is an immediate one, so no other process can take the same number
/// or an earlier time.
pub(crate) struct Log<'a> {
    pub(crate) transaction: &'a Transaction<'a>,
    pub(crate) device: DeviceId,
    pub(crate) clock: &'a dyn Clock,
    end: Cell<Option<End>>,
}

/// Where the log ends, and what SQLite had counted of changes when it did.
#[derive(Clone, Copy)]
struct End {
    seq: i64,
    hlc: Hlc,
    changes: u64,
}

/// Whether the log has records of that kind that only a newer program understands.
pub(crate) fn has_newer(transaction: &Transaction<'_>, kind: Kind) -> Result<bool, StoreError> {
    // The number and not a parameter: that is how SQLite finds that there is an index of them.
    let newer = format!("SELECT 1 FROM record WHERE version <> {VERSION} AND kind = ?1");
    Ok(transaction.prepare_cached(&newer)?.exists([kind.as_str()])?)
}

impl<'a> Log<'a> {
    pub(crate) fn new(transaction: &'a Transaction<'a>, device: DeviceId, clock: &'a dyn Clock) -> Self {
        Self { transaction, device, clock, end: Cell::new(None) }
    }

    /// Appends one record and folds it into the projections.
    pub(crate) fn append(&self, change: &Change) -> Result<(), StoreError> {
        let (seq, last) = self.end()?;
        let (seq, hlc) = (seq + 1, last.tick(self.clock.now()));
        let (kind, version, payload) = change.encode()?;
        self.transaction
            .prepare_cached(
                "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload,
                                     order_wall, order_counter, seen)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3, ?4,
                         coalesce((SELECT seen FROM vault), (SELECT seen FROM this_device)))",
            )?
            .execute(params![Column(self.device), seq, hlc.wall, hlc.counter, kind.as_str(), version, payload])?;
        // From the JSON and not from `change`: what is folded now is what a rebuild will read.
        projection::apply(self.transaction, Reading::new(kind.as_str(), version, &payload)?)?;
        self.end.set(Some(End { seq, hlc, changes: self.transaction.total_changes() }));
        Ok(())
    }

    /// This device's last number, and the last time that is in the log. Of many records in a row only the first has to look:
    /// nobody else writes meanwhile, and what this transaction writes beside them SQLite counts.
    fn end(&self) -> Result<(i64, Hlc), StoreError> {
        if let Some(end) = self.end.get().filter(|end| end.changes == self.transaction.total_changes()) {
            return Ok((end.seq, end.hlc));
        }
        let seq = self
            .transaction
            .prepare_cached("SELECT coalesce(max(seq), 0) FROM record WHERE device = ?1")?
            .query_row([Column(self.device)], |row| row.get(0))?;
        // After whatever is here, whichever device wrote it: what is done now comes last in every rebuild, too.
        let last = self
            .transaction
            .prepare_cached(
                "SELECT order_wall, order_counter FROM record ORDER BY order_wall DESC, order_counter DESC LIMIT 1",
            )?
            .query_row([], |row| Ok(Hlc { wall: row.get(0)?, counter: row.get(1)? }))
            .optional()?;
        Ok((seq, last.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests;
