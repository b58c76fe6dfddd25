//! What the store keeps for syncing, and how it takes in what came from other devices.
//!
//! The projections are always what folding the log in the one order gives (`docs/decisions/0023-sync.md`). What comes at
//! the end of that order is folded as it comes; what belongs before something that is here waits for [`Store::sync_fold`].

mod file;
mod fold;
mod keep;
mod number;
mod other;
mod persona;

pub use fold::Folded;
pub(crate) use keep::End;
pub(crate) use number::{adopt_strangers, device_anew};
pub use persona::{PersonaDifference, PersonaSource};

use crate::error::StoreError;
use crate::log::Log;
use crate::merge::{Content as Left, is_what_is_left_of};
use crate::payload::decode;
use crate::row::{Column, Json};
use crate::store::Store;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::record::Kind;
use twin_core::sync::{
    Amendment, Chain, Content, Digest, Entry, Heads, Keep, Outgoing, Seen, Span, Standing, SyncWaiting, Waiting,
};
use twin_core::time::{Hlc, Timestamp};

impl Store {
    /// Syncs from now on with what that keyring opens. Records of devices that are not in `listed` become this device's own,
    /// under a new id if there are any, so that they travel as well. The id under which this device writes from now on.
    pub fn sync_begin(&self, keyring: Vec<u8>, listed: Vec<DeviceId>) -> Result<DeviceId, StoreError> {
        let device = self.write(move |log| {
            if log.transaction.prepare("SELECT 1 FROM vault")?.exists([])? {
                return Err(StoreError::InvalidInput("this home syncs already"));
            }
            clear_seen(log.transaction)?;
            log.transaction.execute("INSERT INTO vault (one, keyring) VALUES (1, ?1)", [keyring])?;
            let listed: Vec<DeviceId> = listed.into_iter().chain([log.device]).collect();
            adopt_strangers(log, &listed)
        })?;
        self.become_device(device);
        Ok(device)
    }

    /// Syncs no more. Everything that came stays, and what was made knowing of it is still known to have been.
    pub fn sync_end(&self) -> Result<(), StoreError> {
        self.sync_fold()?;
        self.write(|log| {
            log.transaction.execute_batch(
                "DELETE FROM vault; DELETE FROM chain; DELETE FROM segment; DELETE FROM outgoing; DELETE FROM file_sent;
                 DELETE FROM file_missing; DELETE FROM file_forgotten; DELETE FROM other_version;
                 DELETE FROM persona_base;",
            )?;
            note_known(log)
        })
    }

    /// Where it stands; none where this home does not sync.
    pub fn sync_standing(&self) -> Result<Option<Standing>, StoreError> {
        let device = self.device();
        self.read(move |transaction| {
            let Some(keyring) = keyring(transaction)? else { return Ok(None) };
            let outgoing = transaction
                .prepare_cached("SELECT device, number, first, last, digest, put_id, orders, bytes FROM outgoing")?
                .query_row([], |row| {
                    let Json(orders) = row.get(6)?;
                    Ok(Outgoing { span: span(row)?, put_id: row.get(5)?, orders, bytes: row.get(7)? })
                })
                .optional()?;
            let unclean = transaction
                .prepare_cached("SELECT device, number, first, last, digest FROM segment WHERE unclean")?
                .query_map([], span)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Some(Standing { device, chains: chains(transaction)?, outgoing, keyring, unclean }))
        })
    }

    /// This device's records after that number, in order, as many as have about so many bytes of payload, at least one if
    /// there is one.
    pub fn sync_unsent(&self, after: u64, bytes: usize) -> Result<Vec<Waiting>, StoreError> {
        let device = self.device();
        self.read(move |transaction| {
            let mut records = transaction.prepare_cached(
                "SELECT r.seq, r.hlc_wall, r.hlc_counter, r.kind, r.version, r.payload, s.heads
                 FROM record r LEFT JOIN seen s ON s.number = r.seen WHERE r.device = ?1 AND r.seq > ?2 ORDER BY r.seq",
            )?;
            let mut rows = records.query(params![Column(device), signed(after)])?;
            let (mut waiting, mut size, mut last) = (Vec::new(), 0, (String::new(), Seen::default()));
            while let Some(row) = rows.next()? {
                let heads: Option<String> = row.get(6)?;
                let heads = heads.unwrap_or_default();
                if heads != last.0 {
                    last = (heads.clone(), seen(transaction, &heads)?);
                }
                let payload: String = row.get(5)?;
                size += payload.len();
                if size > bytes && !waiting.is_empty() {
                    break;
                }
                waiting.push(Waiting {
                    seq: unsigned(row.get(0)?),
                    hlc: Hlc { wall: row.get(1)?, counter: row.get(2)? },
                    seen: last.1.clone(),
                    content: Content { kind: row.get(3)?, version: row.get(4)?, payload: payload.into_bytes() },
                });
            }
            Ok(waiting)
        })
    }

    /// Keeps what a round found, in one transaction.
    pub fn sync_keep(&self, keep: Keep) -> Result<(), StoreError> {
        let device = self.write(move |log| {
            if keyring(log.transaction)?.is_none() {
                return Err(StoreError::InvalidInput("this home does not sync"));
            }
            keep::keep(log, keep)
        })?;
        self.become_device(device);
        Ok(())
    }

    /// What is to become of these records as they stand in the bucket, by their numbers: they are to say what is left of
    /// them here. Nothing while what forgets them waits to be sent: it may still be lost with this disk.
    pub fn sync_judge(&self, entries: Vec<Entry>) -> Result<BTreeMap<u64, Amendment>, StoreError> {
        let device = self.device();
        self.read(move |transaction| {
            if forgetting_waits(transaction, device)? {
                return Ok(BTreeMap::new());
            }
            let mut record = transaction
                .prepare_cached("SELECT kind, version, payload FROM record WHERE device = ?1 AND seq = ?2")?;
            let mut amendments = BTreeMap::new();
            for entry in entries {
                let here = record.query_row(params![Column(entry.device), signed(entry.seq)], |row| {
                    Ok(Left { kind: row.get(0)?, version: row.get(1)?, payload: row.get(2)? })
                });
                let Some(here) = here.optional()? else { continue };
                let Content { kind, version, payload } = entry.content;
                let Ok(payload) = text(payload) else { continue };
                let there = Left { kind, version, payload };
                if !is_what_is_left_of(&here, &there) {
                    continue;
                }
                let left = if here.kind == Kind::Erased.as_str() {
                    Amendment::Erased
                } else {
                    let Left { kind, version, payload } = here;
                    Amendment::Shortened(Content { kind, version, payload: payload.into_bytes() })
                };
                amendments.insert(entry.seq, left);
            }
            Ok(amendments)
        })
    }

    /// What is not sent yet. Nothing where this home does not sync.
    pub fn sync_waiting(&self) -> Result<SyncWaiting, StoreError> {
        let device = self.device();
        self.read(move |transaction| {
            if keyring(transaction)?.is_none() {
                return Ok(SyncWaiting::default());
            }
            let sent = signed(chain(transaction, device)?.records);
            let (records, bytes) = transaction
                .prepare_cached(
                    "SELECT count(*), coalesce(sum(length(payload)), 0) FROM record WHERE device = ?1 AND seq > ?2",
                )?
                .query_row(params![Column(device), sent], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            let files = transaction
                .prepare_cached(
                    "SELECT count(*) FROM blob b LEFT JOIN file_sent s USING (sha256) WHERE s.sha256 IS NULL",
                )?
                .query_row([], |row| row.get::<_, i64>(0))?;
            let few = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
            Ok(SyncWaiting { records: few(records), bytes: few(bytes), files: few(files) })
        })
    }

    /// When the newest known record of each device was made, by its clock.
    pub fn sync_last_records(&self) -> Result<BTreeMap<DeviceId, Timestamp>, StoreError> {
        self.read(|transaction| {
            let mut devices = transaction.prepare_cached(
                "SELECT device, (SELECT hlc_wall FROM record WHERE device = chain.device ORDER BY seq DESC LIMIT 1) AS last
                 FROM chain WHERE last IS NOT NULL",
            )?;
            let devices = devices
                .query_map([], |row| Ok((row.get::<_, Column<DeviceId>>(0)?.0, Timestamp::from_millis(row.get(1)?))))?;
            Ok(devices.collect::<rusqlite::Result<_>>()?)
        })
    }
}

pub(crate) fn keyring(transaction: &Transaction<'_>) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(transaction.prepare_cached("SELECT keyring FROM vault")?.query_row([], |row| row.get(0)).optional()?)
}

/// Marks where a record lies that now says less than when it was sent.
pub(crate) fn mark_unclean(transaction: &Transaction<'_>, device: DeviceId, seq: i64) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE segment SET unclean = 1 WHERE device = ?1 AND last >= ?2 AND number =
                 (SELECT number FROM segment WHERE device = ?1 AND first <= ?2 ORDER BY number DESC LIMIT 1)",
        )?
        .execute(params![Column(device), seq])?;
    transaction
        .prepare_cached("UPDATE outgoing SET forgotten = 1 WHERE device = ?1 AND ?2 BETWEEN first AND last")?
        .execute(params![Column(device), seq])?;
    Ok(())
}

/// Whether something that forgets was not sent yet.
fn forgetting_waits(transaction: &Transaction<'_>, device: DeviceId) -> Result<bool, StoreError> {
    let sent = signed(chain(transaction, device)?.records);
    Ok(transaction
        .prepare_cached("SELECT 1 FROM record WHERE device = ?1 AND seq > ?2 AND kind = ?3")?
        .exists(params![Column(device), sent, Kind::Forgotten.as_str()])?)
}

fn chains(transaction: &Transaction<'_>) -> Result<BTreeMap<DeviceId, Chain>, StoreError> {
    let mut chains =
        transaction.prepare_cached("SELECT segments, records, digest, order_wall, order_counter, device FROM chain")?;
    let chains = chains.query_map([], |row| Ok((row.get::<_, Column<DeviceId>>(5)?.0, read_chain(row)?)))?;
    Ok(chains.collect::<rusqlite::Result<_>>()?)
}

fn chain(transaction: &Transaction<'_>, device: DeviceId) -> Result<Chain, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT segments, records, digest, order_wall, order_counter FROM chain WHERE device = ?1")?
        .query_row([Column(device)], read_chain)
        .optional()?
        .unwrap_or_default())
}

fn read_chain(row: &Row<'_>) -> rusqlite::Result<Chain> {
    Ok(Chain {
        segments: unsigned(row.get(0)?),
        records: unsigned(row.get(1)?),
        digest: Digest(row.get(2)?),
        order: Hlc { wall: row.get(3)?, counter: row.get(4)? },
    })
}

/// Device, number, first, last and digest come first.
fn span(row: &Row<'_>) -> rusqlite::Result<Span> {
    Ok(Span {
        device: row.get::<_, Column<_>>(0)?.0,
        number: unsigned(row.get(1)?),
        first: unsigned(row.get(2)?),
        last: unsigned(row.get(3)?),
        digest: Digest(row.get(4)?),
    })
}

/// What a record had seen whose heads are these, as JSON. The largest place of what it had seen of others is that of the
/// last record of each; its own are earlier in its chain.
fn seen(transaction: &Transaction<'_>, heads: &str) -> Result<Seen, StoreError> {
    let mut seen = Seen { heads: read_heads(heads)?, order: Hlc::default() };
    for (device, last) in &seen.heads {
        let place = transaction
            .prepare_cached("SELECT order_wall, order_counter FROM record WHERE device = ?1 AND seq = ?2")?
            .query_row(params![Column(*device), signed(*last)], |row| {
                Ok(Hlc { wall: row.get(0)?, counter: row.get(1)? })
            })
            .optional()?;
        seen.order = seen.order.max(place.unwrap_or_default());
    }
    Ok(seen)
}

pub(crate) fn read_heads(text: &str) -> Result<Heads, StoreError> {
    if text.is_empty() {
        return Ok(Heads::new());
    }
    serde_json::from_str(text).map_err(|_| StoreError::Damaged("what a record had seen cannot be read".to_owned()))
}

/// The number of the last record that is here of each device.
pub(crate) fn last_numbers(transaction: &Transaction<'_>) -> Result<Heads, StoreError> {
    let mut devices = transaction.prepare_cached(
        "WITH RECURSIVE device (id) AS (
             SELECT min(device) FROM record
             UNION ALL
             SELECT (SELECT min(r.device) FROM record r WHERE r.device > device.id) FROM device WHERE id IS NOT NULL
         )
         SELECT id, (SELECT max(seq) FROM record WHERE device = id) FROM device WHERE id IS NOT NULL",
    )?;
    let devices = devices.query_map([], |row| Ok((row.get::<_, Column<DeviceId>>(0)?.0, unsigned(row.get(1)?))))?;
    Ok(devices.collect::<rusqlite::Result<_>>()?)
}

/// The row that says so, made if there is none yet; none for nothing.
fn heads_number(transaction: &Transaction<'_>, heads: &Heads) -> Result<Option<i64>, StoreError> {
    if heads.is_empty() {
        return Ok(None);
    }
    let heads = serde_json::to_string(heads)?;
    transaction.prepare_cached("INSERT INTO seen (heads) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([&heads])?;
    let mut number = transaction.prepare_cached("SELECT number FROM seen WHERE heads = ?1")?;
    Ok(Some(number.query_row([&heads], |row| row.get(0))?))
}

/// What is made from now on has seen what is here.
fn note_heads(log: &Log<'_>, device: DeviceId) -> Result<(), StoreError> {
    let chains = chains(log.transaction)?.into_iter();
    let others = chains.filter(|(other, chain)| *other != device && chain.records > 0);
    let heads = others.map(|(other, chain)| (other, chain.records)).collect();
    let number = heads_number(log.transaction, &heads)?;
    log.transaction.prepare_cached("UPDATE vault SET seen = ?1")?.execute([number])?;
    Ok(())
}

/// The same where this home does not sync: all that is here of other devices is known. Nothing is done where it does.
pub(crate) fn note_known(log: &Log<'_>) -> Result<(), StoreError> {
    if keyring(log.transaction)?.is_some() {
        return Ok(());
    }
    let mut heads = last_numbers(log.transaction)?;
    heads.remove(&log.device);
    let number = heads_number(log.transaction, &heads)?;
    log.transaction.execute("UPDATE this_device SET seen = ?1", [number])?;
    Ok(())
}

/// In a vault nobody knows the numbers that devices had elsewhere. What is taken over into it is numbered in its order.
fn clear_seen(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    if transaction.prepare("SELECT 1 FROM seen")?.exists([])? {
        transaction.execute_batch(
            "UPDATE this_device SET seen = NULL; UPDATE record SET seen = NULL WHERE seen IS NOT NULL; DELETE FROM seen;",
        )?;
    }
    Ok(())
}

/// The projections are to be folded again from there on.
fn refold_from(transaction: &Transaction<'_>, order: Hlc) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE vault SET refold_wall = ?1, refold_counter = ?2
             WHERE refold_wall IS NULL OR (refold_wall, refold_counter) > (?1, ?2)",
        )?
        .execute(params![order.wall, order.counter])?;
    Ok(())
}

/// From where the projections are to be folded again.
fn refold(transaction: &Transaction<'_>) -> Result<Option<Hlc>, StoreError> {
    let place = transaction
        .prepare_cached("SELECT refold_wall, refold_counter FROM vault WHERE refold_wall IS NOT NULL")?
        .query_row([], |row| Ok(Hlc { wall: row.get(0)?, counter: row.get(1)? }))
        .optional()?;
    Ok(place)
}

/// Payloads are JSON, and so text.
fn text(payload: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(payload).map_err(|_| StoreError::Unreadable("a record of another device is not text"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
