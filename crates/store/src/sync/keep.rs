//! Each thing that a round wants kept.

use super::{chain, forgetting_waits, note_heads, number, other, refold, refold_from, signed, text};
use crate::error::StoreError;
use crate::log::Log;
use crate::merge::checked_name;
use crate::payload::Change;
use crate::projection::{self, Reading};
use crate::row::{Column, Json};
use rusqlite::{OptionalExtension, Transaction, params};
use std::sync::mpsc;
use twin_core::id::DeviceId;
use twin_core::sync::{Chain, Entry, Heads, Keep, Outgoing, Span};
use twin_core::time::{Hlc, Timestamp};

/// From so many records on, what comes at once is folded with more memory, and read by another thread.
const MANY: usize = 500;
/// So many are handed over by it at once, and so often before it waits.
const AT_ONCE: usize = 128;
const READ_AHEAD: usize = 4;

/// The id under which this device writes then.
pub(super) fn keep(log: &Log<'_>, keep: Keep) -> Result<DeviceId, StoreError> {
    match keep {
        Keep::Keyring(keyring) => {
            log.transaction.execute("UPDATE vault SET keyring = ?1", [keyring])?;
        }
        Keep::Outgoing(outgoing) => put_outgoing(log.transaction, &outgoing)?,
        Keep::Sent(outgoing) => sent(log.transaction, &outgoing)?,
        Keep::Received { span, chain, entries, amended } => received(log, &span, &chain, entries, amended)?,
        Keep::Moved { from, sent, order: _, to } => {
            number::moved(log, from, sent, to)?;
            return Ok(to);
        }
        Keep::Clean(span) => {
            if !forgetting_waits(log.transaction, log.device)? {
                log.transaction
                    .prepare_cached("UPDATE segment SET unclean = 0 WHERE device = ?1 AND number = ?2")?
                    .execute(params![Column(span.device), signed(span.number)])?;
            }
        }
    }
    Ok(log.device)
}

fn put_outgoing(transaction: &Transaction<'_>, outgoing: &Outgoing) -> Result<(), StoreError> {
    let span = outgoing.span;
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO outgoing (one, device, number, first, last, digest, put_id, orders, bytes)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            Column(span.device),
            signed(span.number),
            signed(span.first),
            signed(span.last),
            span.digest.0,
            outgoing.put_id,
            Json(&outgoing.orders),
            outgoing.bytes,
        ])?;
    Ok(())
}

fn put_chain(transaction: &Transaction<'_>, device: DeviceId, chain: &Chain) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO chain (device, segments, records, digest, order_wall, order_counter)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            Column(device),
            signed(chain.segments),
            signed(chain.records),
            chain.digest.0,
            chain.order.wall,
            chain.order.counter,
        ])?;
    Ok(())
}

fn put_span(transaction: &Transaction<'_>, span: &Span, unclean: bool, new: bool) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO segment (device, number, first, last, digest, unclean, new)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            Column(span.device),
            signed(span.number),
            signed(span.first),
            signed(span.last),
            span.digest.0,
            unclean,
            new,
        ])?;
    Ok(())
}

fn sent(transaction: &Transaction<'_>, outgoing: &Outgoing) -> Result<(), StoreError> {
    let span = outgoing.span;
    let forgotten = transaction
        .prepare_cached("SELECT forgotten FROM outgoing WHERE put_id = ?1")?
        .query_row([&outgoing.put_id], |row| row.get(0))
        .optional()?
        .unwrap_or(false);
    put_chain(transaction, span.device, &outgoing.chain())?;
    put_span(transaction, &span, forgotten, false)?;
    for (seq, order) in (span.first..).zip(&outgoing.orders) {
        place(transaction, (span.device, signed(seq)), *order)?;
    }
    transaction.execute("DELETE FROM outgoing", [])?;
    Ok(())
}

/// Puts a record that is here where it belongs among those of all devices.
fn place(transaction: &Transaction<'_>, at: (DeviceId, i64), order: Hlc) -> Result<(), StoreError> {
    // Of most it is where it is, which the index says without the record being read.
    let there = transaction
        .prepare_cached(
            "SELECT 1 FROM record INDEXED BY record_by_order
             WHERE order_wall = ?3 AND order_counter = ?4 AND device = ?1 AND seq = ?2",
        )?
        .exists(params![Column(at.0), at.1, order.wall, order.counter])?;
    if there {
        return Ok(());
    }
    let before = transaction
        .prepare_cached("SELECT order_wall, order_counter FROM record WHERE device = ?1 AND seq = ?2")?
        .query_row(params![Column(at.0), at.1], |row| Ok(Hlc { wall: row.get(0)?, counter: row.get(1)? }))
        .optional()?;
    let Some(before) = before else { return Ok(()) };
    refold_from(transaction, order.min(before))?;
    transaction
        .prepare_cached("UPDATE record SET order_wall = ?3, order_counter = ?4 WHERE device = ?1 AND seq = ?2")?
        .execute(params![Column(at.0), at.1, order.wall, order.counter])?;
    Ok(())
}

fn received(log: &Log<'_>, span: &Span, to: &Chain, entries: Vec<Entry>, amended: bool) -> Result<(), StoreError> {
    let known = chain(log.transaction, span.device)?;
    if known.segments >= span.number {
        // It came before; the round was told by a store that has been put back since, or by another process.
        return Ok(());
    }
    put_chain(log.transaction, span.device, to)?;
    put_span(log.transaction, span, amended, true)?;
    if entries.len() < MANY {
        receive_all(log, entries.into_iter().map(Came::read))?;
    } else {
        projection::with_room(log.transaction, || {
            std::thread::scope(|scope| {
                let (send, came) = mpsc::sync_channel(READ_AHEAD);
                scope.spawn(move || {
                    let mut entries = entries.into_iter().map(Came::read).peekable();
                    while entries.peek().is_some() {
                        // Nobody takes any more where one could not be kept.
                        if send.send(entries.by_ref().take(AT_ONCE).collect::<Vec<_>>()).is_err() {
                            return;
                        }
                    }
                });
                receive_all(log, came.into_iter().flatten())
            })
        })?;
    }
    note_heads(log, log.device)
}

fn receive_all(log: &Log<'_>, came: impl Iterator<Item = Result<Came, StoreError>>) -> Result<(), StoreError> {
    let (mut seen, mut end) = ((Heads::new(), None), End::read(log.transaction)?);
    for came in came {
        let came = came?;
        if came.entry.seen != seen.0 {
            seen = (came.entry.seen.clone(), super::heads_number(log.transaction, &came.entry.seen)?);
        }
        receive(log, came, seen.1, &mut end)?;
    }
    Ok(())
}

/// A record that came, read as far as that goes without the store.
struct Came {
    entry: Entry,
    payload: String,
    reading: Reading,
}

impl Came {
    fn read(mut entry: Entry) -> Result<Self, StoreError> {
        checked_name(&entry.content.kind)
            .map_err(|_| StoreError::Unreadable("a record of another device has no kind"))?;
        if Timestamp::from_millis(entry.order.wall).as_millis() != entry.order.wall {
            return Err(StoreError::Unreadable("a record of another device stands at no time"));
        }
        let payload = text(std::mem::take(&mut entry.content.payload))?;
        // Nothing of it is here yet: the database is whole.
        let reading = Reading::new(&entry.content.kind, entry.content.version, &payload)
            .map_err(|_| StoreError::Unreadable("a record of another device cannot be read"))?;
        Ok(Self { entry, payload, reading })
    }
}

/// Up to where the log is folded, while records come.
pub(crate) struct End {
    /// The last place in the one order that is taken.
    pub(crate) last: Option<Place>,
    /// Something stands before what was folded: what comes has to wait until all of it is folded again from there.
    pub(crate) refolds: bool,
}

/// In the one order: the time, then the device, then its number.
type Place = (Hlc, DeviceId, i64);

impl End {
    pub(crate) fn read(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let last = transaction
            .prepare_cached(
                "SELECT order_wall, order_counter, device, seq FROM record
                 ORDER BY order_wall DESC, order_counter DESC, device DESC, seq DESC LIMIT 1",
            )?
            .query_row([], |row| {
                let order = Hlc { wall: row.get(0)?, counter: row.get(1)? };
                Ok((order, row.get::<_, Column<DeviceId>>(2)?.0, row.get(3)?))
            })
            .optional()?;
        Ok(Self { last, refolds: refold(transaction)?.is_some() })
    }

    /// Whether what takes that place now may be folded at once.
    pub(crate) fn takes(&mut self, place: Place) -> bool {
        self.refolds |= self.last.is_some_and(|last| last > place);
        self.last = self.last.max(Some(place));
        !self.refolds
    }
}

fn receive(log: &Log<'_>, came: Came, seen: Option<i64>, end: &mut End) -> Result<(), StoreError> {
    let transaction = log.transaction;
    let Came { entry, payload, reading } = came;
    let at = (entry.device, signed(entry.seq));
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload, order_wall, order_counter, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            Column(at.0),
            at.1,
            entry.hlc.wall,
            entry.hlc.counter,
            entry.content.kind,
            entry.content.version,
            payload,
            entry.order.wall,
            entry.order.counter,
            seen,
        ])?;
    if restore_as_sent(log, &entry, &payload)? {
        refold_from(transaction, entry.order)?;
        *end = End::read(transaction)?;
    }
    if inserted == 0 {
        place(transaction, at, entry.order)?;
        *end = End::read(transaction)?;
        return Ok(());
    }
    if let Some(change) = &reading.change {
        note_missing_files(transaction, change)?;
        other::note(log, &entry, change, &payload)?;
    }
    if !end.takes((entry.order, at.0, at.1)) {
        return refold_from(transaction, entry.order);
    }
    projection::apply(transaction, reading)
}

/// After a repair, what this device had sent under another id is here a second time, under its own, as it was read of the
/// damaged file. Nothing proved that; what comes is proved. Returns whether they differed.
fn restore_as_sent(log: &Log<'_>, entry: &Entry, payload: &str) -> Result<bool, StoreError> {
    // Only what was moved is older than the id under which it stands.
    let begun = log.device.as_uuid().get_timestamp().map_or(0, |time| time.to_unix().0);
    if entry.device == log.device || entry.hlc.wall.div_euclid(1000) > i64::try_from(begun).unwrap_or(i64::MAX) {
        return Ok(false);
    }
    let here: Option<(i64, String)> = log
        .transaction
        .prepare_cached(
            "SELECT seq, payload FROM record WHERE order_wall = ?1 AND order_counter = ?2 AND device = ?3
             AND seq > coalesce((SELECT records FROM chain WHERE device = ?3), 0) AND kind = ?4 AND version = ?5",
        )?
        .query_row(
            params![entry.hlc.wall, entry.hlc.counter, Column(log.device), entry.content.kind, entry.content.version,],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let id = |payload: &str| Some(serde_json::from_str::<serde_json::Value>(payload).ok()?.get("id")?.clone());
    // Two devices may write in the same moment. And forgetting makes a record shorter: what it left is no misreading.
    let same = |here: &str| id(here).is_some_and(|here| id(payload) == Some(here));
    let Some((seq, _)) = here.filter(|(_, here)| here != payload && here.len() == payload.len() && same(here)) else {
        return Ok(false);
    };
    log.transaction
        .prepare_cached("UPDATE record SET payload = ?3 WHERE device = ?1 AND seq = ?2")?
        .execute(params![Column(log.device), seq, payload])?;
    Ok(true)
}

/// Its files have to be fetched.
fn note_missing_files(transaction: &Transaction<'_>, change: &Change) -> Result<(), StoreError> {
    let files: Vec<&String> = match change {
        Change::Message(message) => message.attachments.iter().map(|attachment| &attachment.sha256).collect(),
        Change::PersonaFile(put) => put.sha256.iter().collect(),
        _ => return Ok(()),
    };
    for file in files {
        transaction
            .prepare_cached(
                "INSERT INTO file_missing SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM blob WHERE sha256 = ?1)
                 ON CONFLICT DO NOTHING",
            )?
            .execute([file])?;
    }
    Ok(())
}
