//! Giving records numbers of this device's own.

use super::{chain, heads_number, keyring, note_heads, read_heads, signed};
use crate::error::StoreError;
use crate::log::Log;
use crate::row::Column;
use rusqlite::{Params, params};
use std::collections::BTreeSet;
use twin_core::id::DeviceId;

/// Records of devices that do not belong to the vault (they came with an archive, or from a vault before this one) would
/// never travel. They, and what this device has not sent, become the first records of a new id, in the order of the log:
/// among the records of this one they would come last, and replace what is newer. Returns the id to write under.
pub(crate) fn adopt_strangers(log: &Log<'_>, listed: &[DeviceId]) -> Result<DeviceId, StoreError> {
    let devices: BTreeSet<DeviceId> = log
        .transaction
        .prepare("SELECT DISTINCT device FROM record")?
        .query_map([], |row| Ok(row.get::<_, Column<_>>(0)?.0))?
        .collect::<rusqlite::Result<_>>()?;
    let strangers: Vec<DeviceId> = devices.into_iter().filter(|device| !listed.contains(device)).collect();
    if strangers.is_empty() {
        return Ok(log.device);
    }
    let to = DeviceId::new(log.clock.now());
    let sent = chain(log.transaction, log.device)?.records;
    log.transaction.execute_batch("CREATE TEMP TABLE stranger (device BLOB PRIMARY KEY) WITHOUT ROWID")?;
    for stranger in &strangers {
        log.transaction.execute("INSERT INTO stranger VALUES (?1)", [Column(*stranger)])?;
        // They saw records of others under numbers that nobody in this vault knows.
        log.transaction.execute("UPDATE record SET seen = NULL WHERE device = ?1", [Column(*stranger)])?;
    }
    add_seen(log, log.device, sent)?;
    renumber(
        log,
        "SELECT device, seq FROM record WHERE device IN (SELECT device FROM stranger) OR (device = ?1 AND seq > ?2)
         ORDER BY order_wall, order_counter, device, seq",
        params![Column(log.device), signed(sent)],
        to,
    )?;
    log.transaction.execute_batch("DROP TABLE stranger")?;
    become_device(log, to)?;
    Ok(to)
}

/// Every record of `from` after `sent` gets the next number of `to`, under which this device writes from now on.
pub(super) fn moved(log: &Log<'_>, from: DeviceId, sent: u64, to: DeviceId) -> Result<(), StoreError> {
    add_seen(log, from, sent)?;
    renumber(
        log,
        "SELECT device, seq FROM record WHERE device = ?1 AND seq > ?2 ORDER BY seq",
        params![Column(from), signed(sent)],
        to,
    )?;
    become_device(log, to)
}

/// After a copy was put back, whose device id `from` somebody else may have gone on with.
pub(crate) fn device_anew(log: &Log<'_>, from: DeviceId) -> Result<(), StoreError> {
    if keyring(log.transaction)?.is_none() {
        return Ok(());
    }
    let sent = chain(log.transaction, from)?.records;
    moved(log, from, sent, log.device)
}

/// What moves had seen what stays under the old id.
fn add_seen(log: &Log<'_>, from: DeviceId, sent: u64) -> Result<(), StoreError> {
    if sent == 0 {
        return Ok(());
    }
    let distinct: Vec<Option<i64>> = log
        .transaction
        .prepare("SELECT DISTINCT seen FROM record WHERE device = ?1 AND seq > ?2")?
        .query_map(params![Column(from), signed(sent)], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    // First all, then the change: a number that was just given could be among those that follow.
    let mut changes = Vec::new();
    for number in distinct {
        let heads: String = match number {
            Some(number) => {
                log.transaction.query_row("SELECT heads FROM seen WHERE number = ?1", [number], |row| row.get(0))?
            }
            None => String::new(),
        };
        let mut heads = read_heads(&heads)?;
        heads.insert(from, sent);
        changes.push((number, heads_number(log.transaction, &heads)?));
    }
    for (before, after) in changes {
        // Numbers that are given here name `from`, which nothing that it wrote itself names.
        log.transaction.execute(
            "UPDATE record SET seen = ?3 WHERE device = ?1 AND seq > ?2 AND seen IS ?4",
            params![Column(from), signed(sent), after, before],
        )?;
    }
    Ok(())
}

fn renumber(log: &Log<'_>, which: &str, params: impl Params, to: DeviceId) -> Result<(), StoreError> {
    let records: Vec<(Column<DeviceId>, i64)> = log
        .transaction
        .prepare(which)?
        .query_map(params, |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut update =
        log.transaction.prepare("UPDATE record SET device = ?3, seq = ?4 WHERE device = ?1 AND seq = ?2")?;
    // What was interrupted may stand there already.
    let taken: i64 = log.transaction.query_row(
        "SELECT coalesce(max(seq), 0) FROM record WHERE device = ?1",
        [Column(to)],
        |row| row.get(0),
    )?;
    for (next, (device, seq)) in (taken + 1..).zip(&records) {
        update.execute(params![device, seq, Column(to), next])?;
    }
    Ok(())
}

fn become_device(log: &Log<'_>, to: DeviceId) -> Result<(), StoreError> {
    log.transaction.execute("UPDATE this_device SET device = ?1", [Column(to)])?;
    log.transaction.execute("DELETE FROM outgoing", [])?;
    note_heads(log, to)
}
