//! Folding again what changed its place, and erasing what came although it was forgotten.

use super::{keyring, refold};
use crate::error::StoreError;
use crate::log::Log;
use crate::projection;
use crate::row::Column;
use crate::store::Store;
use crate::{forget, merge};
use rusqlite::{Transaction, params};
use std::collections::BTreeSet;
use twin_core::id::DeviceId;
use twin_core::record::Kind;
use twin_core::time::Hlc;

/// From so many records on, everything is folded instead of looking for what is to be folded again.
const MANY: usize = 20_000;

/// What came of folding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Folded {
    /// Whether anything of other devices came in since the last time.
    pub changed: bool,
    /// Whether something was forgotten by it.
    pub forgotten: bool,
}

impl Store {
    /// After each round: folds what could not be folded as it came, and erases what another device forgot, or what came
    /// although it was forgotten here. Cheap where there is nothing. With [`StoreError::Traces`] it is done, but for what
    /// other processes keep in use.
    pub fn sync_fold(&self) -> Result<Folded, StoreError> {
        let waits = self.read(|transaction| {
            Ok(keyring(transaction)?.is_some()
                && (refold(transaction)?.is_some() || !new_spans(transaction)?.is_empty()))
        })?;
        if !waits {
            return Ok(Folded::default());
        }
        let folded = self.write(|log| {
            let (refold, new) = (refold(log.transaction)?, new_spans(log.transaction)?);
            if let Some(from) = refold {
                again_from(log.transaction, from)?;
                log.transaction.execute("UPDATE vault SET refold_wall = NULL, refold_counter = NULL", [])?;
            }
            log.transaction.execute("UPDATE segment SET new = 0 WHERE new", [])?;
            let forgotten = concerns_forgetting(log, &new)? && forget::again(log, BTreeSet::new(), false)?;
            if forgotten {
                merge::drop_unnamed_files(log.transaction)?;
            }
            Ok(Folded { changed: true, forgotten })
        })?;
        if folded.forgotten {
            self.clear_traces()?;
        }
        Ok(folded)
    }
}

/// Device, first, last.
type NewSpan = (DeviceId, i64, i64);

fn new_spans(transaction: &Transaction<'_>) -> Result<Vec<NewSpan>, StoreError> {
    let mut spans = transaction.prepare_cached("SELECT device, first, last FROM segment WHERE new")?;
    let spans = spans.query_map([], |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get(1)?, row.get(2)?)))?;
    Ok(spans.collect::<rusqlite::Result<_>>()?)
}

/// Whether something new forgets, or is of what was forgotten.
fn concerns_forgetting(log: &Log<'_>, new: &[NewSpan]) -> Result<bool, StoreError> {
    let Some(forgotten) = forget::Forgot::read(log.transaction)? else { return Ok(false) };
    let mut records = log.transaction.prepare(
        "SELECT r.kind, r.version, r.payload, r.device, r.seq, s.heads FROM record r LEFT JOIN seen s ON s.number = r.seen
             WHERE r.device = ?1 AND r.seq BETWEEN ?2 AND ?3",
    )?;
    for (device, first, last) in new {
        let mut rows = records.query(params![Column(*device), first, last])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            if kind == Kind::Forgotten.as_str() {
                return Ok(true);
            }
            let payload = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
            if let Some(change) = super::decode(&kind, row.get(1)?, payload)?
                && forgotten.concerns(log.transaction, change, &forget::At::read(row, 3)?)?
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Folds the log again from there on. What was folded of it before is overwritten by what follows it in the order, for all
/// of it is folded once more; only messages are taken out first, because they are counted in the order of the log. A
/// branch that was deleted depends on what there was then: with one of those, everything is folded again.
fn again_from(transaction: &Transaction<'_>, from: Hlc) -> Result<(), StoreError> {
    let total: i64 = transaction.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
    let tail: i64 = transaction.query_row(
        "SELECT count(*) FROM record WHERE (order_wall, order_counter) >= (?1, ?2)",
        params![from.wall, from.counter],
        |row| row.get(0),
    )?;
    let branches = transaction
        .prepare("SELECT 1 FROM record WHERE (order_wall, order_counter) >= (?1, ?2) AND kind = ?3")?
        .exists(params![from.wall, from.counter, Kind::BranchDeleted.as_str()])?;
    if branches || usize::try_from(tail).is_ok_and(|tail| tail > MANY) || tail * 2 > total {
        return projection::rebuild(transaction);
    }
    projection::fold_again(transaction, from)
}
