//! Each thing that a round wants kept.

use super::{chain, decode, forgetting_waits, note_heads, number, other, refold, refold_from, signed, text};
use crate::error::StoreError;
use crate::log::Log;
use crate::merge::{Content as Left, checked_name};
use crate::payload::Change;
use crate::projection;
use crate::row::{Column, Json};
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::id::DeviceId;
use twin_core::record::Kind;
use twin_core::sync::{Chain, Entry, Heads, Keep, Outgoing, Span};
use twin_core::time::{Hlc, Timestamp};

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
    let before = transaction
        .prepare_cached("SELECT order_wall, order_counter FROM record WHERE device = ?1 AND seq = ?2")?
        .query_row(params![Column(at.0), at.1], |row| Ok(Hlc { wall: row.get(0)?, counter: row.get(1)? }))
        .optional()?;
    if before.is_none_or(|before| before == order) {
        return Ok(());
    }
    refold_from(transaction, order.min(before.unwrap_or(order)))?;
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
    let mut last = (Heads::new(), None);
    for entry in entries {
        if entry.seen != last.0 {
            last = (entry.seen.clone(), super::heads_number(log.transaction, &entry.seen)?);
        }
        receive(log, &entry, last.1)?;
    }
    note_heads(log, log.device)
}

fn receive(log: &Log<'_>, entry: &Entry, seen: Option<i64>) -> Result<(), StoreError> {
    let transaction = log.transaction;
    let at = (entry.device, signed(entry.seq));
    let known = transaction
        .prepare_cached("SELECT 1 FROM record WHERE device = ?1 AND seq = ?2")?
        .exists(params![Column(at.0), at.1])?;
    if known {
        return place(transaction, at, entry.order);
    }
    let Left { kind, version, payload } = text(&entry.content)?;
    checked_name(&kind)?;
    if Timestamp::from_millis(entry.order.wall).as_millis() != entry.order.wall {
        return Err(StoreError::InvalidInput("a record of another device stands at no time"));
    }
    let change = decode(&kind, version, &payload)?;
    let last = transaction
        .prepare_cached(
            "SELECT order_wall, order_counter, device, seq FROM record
             ORDER BY order_wall DESC, order_counter DESC, device DESC, seq DESC LIMIT 1",
        )?
        .query_row([], |row| {
            let order = Hlc { wall: row.get(0)?, counter: row.get(1)? };
            Ok((order, row.get::<_, Column<DeviceId>>(2)?.0, row.get::<_, i64>(3)?))
        })
        .optional()?;
    transaction
        .prepare_cached(
            "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload, order_wall, order_counter, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            Column(at.0),
            at.1,
            entry.hlc.wall,
            entry.hlc.counter,
            kind,
            version,
            payload,
            entry.order.wall,
            entry.order.counter,
            seen,
        ])?;
    if let Some(change) = &change {
        note_missing_files(transaction, change)?;
        other::note(log, entry, change, &payload)?;
    }
    if refold(transaction)?.is_some() || last.is_some_and(|last| last > (entry.order, at.0, at.1)) {
        return refold_from(transaction, entry.order);
    }
    match Kind::parse(&kind) {
        Some(kind) => projection::apply(transaction, kind, version, &payload),
        None => Ok(()),
    }
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
