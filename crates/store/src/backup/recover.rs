//! The way back from a damaged database: the newest copy that is whole, and of the damaged file whatever can be read.

use super::{
    BackupReason, Prepared, begin_beside, finish, keep_as_it_is, look_at, open_beside, prepare_folder, take_name,
    verify,
};
use crate::cipher::Location;
use crate::connection::{Place, examine};
use crate::error::StoreError;
use crate::home::{self, OpeningLock};
use crate::log::Log;
use crate::merge::{Merge, adopt};
use crate::migration::newest_version;
use crate::row::Column;
use crate::salvage::{self, Piece};
use crate::store::begin;
use crate::{forget, journal, projection, sync};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use twin_core::export::{Backup, Recovered};
use twin_core::id::DeviceId;
use twin_core::port::Clock;
use twin_core::time::Timestamp;

/// A number of a record that is further from all others than this was misread.
const FURTHEST: i64 = 1_000_000;

/// Puts the newest copy that is whole in the place of a database that is damaged, or an empty one if there is none, and takes
/// over what can still be read of the file. That is kept as it was. Refused while anybody has the home open.
pub fn backup_recover<'a>(at: impl Into<Location<'a>>, clock: &Arc<dyn Clock>) -> Result<Recovered, StoreError> {
    let at = at.into();
    let home = at.home;
    home::prepare(home)?;
    let opening = OpeningLock::acquire(home)?;
    if !home::living_owners(home, &opening)?.is_empty() {
        return Err(StoreError::InUse);
    }
    let damaged = Place::Disk(at.database(), at.in_use(true)?.cloned());
    if let Ok(found) = examine(&damaged)
        && found > newest_version()
    {
        return Err(StoreError::TooNew { found, newest: newest_version() });
    }
    let folder = prepare_folder(home)?;
    let (backup, (prepared, taken)) = newest_whole(home, &damaged, clock.as_ref())?;
    let database = at.database();
    let aside = if database.exists() || journal::path(&database).exists() {
        keep_as_it_is(&database, &folder, clock.now())?
    } else {
        None
    };
    prepared.put_in_place(home, aside.as_ref())?;
    tracing::info!(taken.changes, taken.lost, "a damaged database was recovered");
    let Taken { readable, messages, changes, lost, lost_from, lost_to, until, syncs } = taken;
    Ok(Recovered { backup, aside, readable, messages, changes, lost, lost_from, lost_to, until, syncs })
}

/// Tries the copies from the newest on; what was put aside before is no way back.
fn newest_whole(
    home: &Path,
    damaged: &Place,
    clock: &dyn Clock,
) -> Result<(Option<Backup>, (Prepared, Taken)), StoreError> {
    let mut backups = super::backup_list(home)?;
    backups.retain(|backup| backup.reason != BackupReason::BeforeRestore);
    for (number, backup) in backups.iter().enumerate() {
        let path = super::find(home, &backup.name)?;
        let before = backups.get(number + 1).and_then(|before| super::find(home, &before.name).ok());
        let before = before.map(|path| Place::at(path, damaged.key()));
        let whole = look_at(&Place::at(path.clone(), damaged.key()));
        match whole.and_then(|_| rebuild(home, Some((&path, before.as_ref())), damaged, clock)) {
            Ok(rebuilt) => return Ok((Some(backup.clone()), rebuilt)),
            Err(StoreError::Damaged(_) | StoreError::TooNew { .. } | StoreError::Encode(_) | StoreError::Sql(_)) => {
                tracing::warn!("a backup is damaged, too");
            }
            Err(error) => return Err(error),
        }
    }
    Ok((None, rebuild(home, None, damaged, clock)?))
}

/// What was taken over.
#[derive(Default)]
struct Taken {
    readable: bool,
    messages: u32,
    changes: u32,
    lost: u32,
    lost_from: Option<Timestamp>,
    lost_to: Option<Timestamp>,
    until: Option<Timestamp>,
    syncs: bool,
}

/// A database of its own beside the damaged one: that copy, if it stands the look at it and at the one before, and what can
/// be taken over.
fn rebuild(
    home: &Path,
    copy: Option<(&Path, Option<&Place>)>,
    damaged: &Place,
    clock: &dyn Clock,
) -> Result<(Prepared, Taken), StoreError> {
    let key = damaged.key();
    let path = begin_beside(home, key, copy.map(|(copy, _)| copy))?;
    let mut connection = open_beside(&path, key)?;
    if let Some((_, before)) = copy {
        verify(&connection, before)?;
    }
    let before = take_name(&connection)?;
    let device = begin(&mut connection, clock, &[])?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let messages = count(&transaction, "SELECT count(*) FROM message")?;
    let mut taken = take_over(&transaction, damaged, before)?;
    let log = Log::new(&transaction, device, clock);
    if let Some(before) = before {
        sync::device_anew(&log, before)?;
    }
    adopt(&transaction, device, clock)?;
    sync::note_known(&log)?;
    // All of it, not only what is new: nobody knows since when the damage had been there.
    projection::rebuild(&transaction)?;
    taken.messages = small(count(&transaction, "SELECT count(*) FROM message")? - messages);
    let forgotten = forget::again(&log, BTreeSet::new(), false)?;
    transaction.execute("DELETE FROM clearing", [])?;
    transaction.commit()?;
    Ok((finish(path, connection, forgotten)?, taken))
}

/// Takes over from the damaged file what is not here. Of a home that syncs only what its own device wrote: the rest comes
/// again, from where it came.
fn take_over(transaction: &Transaction<'_>, damaged: &Place, own: Option<DeviceId>) -> Result<Taken, StoreError> {
    transaction.execute_batch(
        "CREATE TEMP TABLE listed (wall INTEGER, counter INTEGER, device BLOB, seq INTEGER, UNIQUE (device, seq, wall, counter));
         CREATE INDEX temp.listed_by_order ON listed (wall, counter);
         CREATE TEMP TABLE taken (device BLOB, seq INTEGER)",
    )?;
    let holes = holes(transaction)?;
    let elsewhere: BTreeSet<DeviceId> = transaction
        .prepare("SELECT device FROM chain")?
        .query_map([], |row| Ok(row.get::<_, Column<DeviceId>>(0)?.0))?
        .collect::<rusqlite::Result<_>>()?;
    let comes_again = |device: DeviceId| Some(device) != own && elsewhere.contains(&device);
    let mut merge = Merge::begin(transaction)?;
    let mut readable = false;
    salvage::read(damaged, |piece| match piece {
        Piece::Record(record) => {
            readable = true;
            let (device, seq, before) = (record.device(), record.seq(), merge.merged().records);
            if comes_again(device) {
                return Ok(());
            }
            merge.record_if_new(*record)?;
            if merge.merged().records > before {
                transaction
                    .prepare_cached("INSERT INTO taken VALUES (?1, ?2)")?
                    .execute(params![Column(device), seq])?;
            }
            Ok(())
        }
        Piece::File(file) => merge.file(&file),
        Piece::Listed { order, device, seq } => {
            transaction.prepare_cached("INSERT OR IGNORE INTO listed VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                order.wall,
                order.counter,
                Column(device),
                seq
            ])?;
            Ok(())
        }
    })?;
    let misread = name_as_listed(transaction, comes_again)?;
    let changes = u32::try_from(merge.merged().records.saturating_sub(misread)).unwrap_or(u32::MAX);
    for device in elsewhere.iter().filter(|device| comes_again(**device)) {
        transaction.execute("DELETE FROM listed WHERE device = ?1", [Column(*device)])?;
    }
    let mut taken = Taken { readable, changes, syncs: sync::keyring(transaction)?.is_some(), ..Taken::default() };
    missing(transaction, holes, &mut taken)?;
    transaction.execute_batch("DROP TABLE listed; DROP TABLE taken")?;
    Ok(taken)
}

/// Who made a record and its number are not in what proves itself. Where they stand alone, and the index of the log names the
/// record's place with a number that has neighbours, the index is right. Returns how many are here already, or come again.
fn name_as_listed(transaction: &Transaction<'_>, comes_again: impl Fn(DeviceId) -> bool) -> Result<u64, StoreError> {
    type Place = (Column<DeviceId>, i64);
    let misread: Vec<(Place, Place)> = transaction
        .prepare(
            "SELECT t.device, t.seq, l.device, l.seq FROM taken t JOIN record r ON r.device = t.device AND r.seq = t.seq
             JOIN listed l ON l.wall = r.order_wall AND l.counter = r.order_counter
             WHERE NOT EXISTS (SELECT 1 FROM listed o WHERE o.device = t.device AND o.seq = t.seq)
             AND NOT EXISTS (SELECT 1 FROM record o WHERE o.device = t.device AND o.seq IN (t.seq - 1, t.seq + 1))
             AND EXISTS (SELECT 1 FROM listed o WHERE o.device = l.device AND o.seq IN (l.seq - 1, l.seq + 1))",
        )?
        .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), (row.get(2)?, row.get(3)?))))?
        .collect::<rusqlite::Result<_>>()?;
    let mut gone = 0;
    for ((device, seq), (listed, number)) in misread {
        let again = comes_again(listed.0);
        let free = !again
            && transaction.execute(
                "UPDATE OR IGNORE record SET device = ?3, seq = ?4 WHERE device = ?1 AND seq = ?2",
                params![device, seq, listed, number],
            )? > 0;
        if !free {
            gone += transaction.execute("DELETE FROM record WHERE device = ?1 AND seq = ?2", params![device, seq])?;
        }
    }
    Ok(gone as u64)
}

/// What the log had and has no more: numbers between those that are there, and places that its index names.
fn missing(transaction: &Transaction<'_>, holes_before: i64, taken: &mut Taken) -> Result<(), StoreError> {
    transaction.execute(
        "DELETE FROM listed WHERE
             EXISTS (SELECT 1 FROM record r WHERE r.device = listed.device AND r.seq = listed.seq)
             OR EXISTS (SELECT 1 FROM record r WHERE r.order_wall = listed.wall AND r.order_counter = listed.counter)
             OR NOT EXISTS (SELECT 1 FROM record r WHERE r.device = listed.device AND abs(listed.seq - r.seq) < ?1)",
        [FURTHEST],
    )?;
    let after = count(
        transaction,
        "SELECT count(*) FROM (SELECT DISTINCT device, seq FROM listed l
         WHERE seq > (SELECT max(seq) FROM record r WHERE r.device = l.device))",
    )?;
    let between = (holes(transaction)? - holes_before).max(0);
    // Where no record can be read at all, the little that is listed does not say how much there was.
    taken.lost = if taken.readable { small(between + after) } else { 0 };
    let time = |sql: &str| -> Result<Option<Timestamp>, StoreError> {
        let wall: Option<i64> = transaction.query_row(sql, [], |row| row.get(0))?;
        Ok(wall.map(Timestamp::from_millis))
    };
    if taken.lost > 0 {
        taken.lost_from = time("SELECT min(wall) FROM listed")?;
        taken.lost_to = time("SELECT max(wall) FROM listed")?;
    }
    taken.until = time("SELECT max(order_wall) FROM record")?;
    Ok(())
}

/// Numbers that no record has, below the highest of its device.
fn holes(connection: &Connection) -> Result<i64, StoreError> {
    count(
        connection,
        "SELECT coalesce(sum(highest - there), 0)
         FROM (SELECT max(seq) AS highest, count(*) AS there FROM record GROUP BY device)",
    )
}

fn count(connection: &Connection, sql: &str) -> Result<i64, StoreError> {
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

fn small(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}
