//! What was forgotten, here or on another device, and came back with records from elsewhere or with an older copy.

use super::line::{self, At};
use super::reach::{Place, Reach};
use super::table;
use crate::blob;
use crate::error::StoreError;
use crate::log::{INDEXED, Log, has_newer};
use crate::message;
use crate::payload::{Change, Forgotten};
use crate::row::Column;
use crate::sync;
use rusqlite::{Row, Transaction, params};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::id::{MemoryId, MessageId, PersonId, SessionId};
use twin_core::memory::{Evidence, MemoryChange};
use twin_core::record::Kind;
use twin_core::time::Hlc;
use uuid::Uuid;

/// Erases it as forgetting does; whether there was any. The projections are of this very log. What was taken in once more
/// after it had been forgotten stays: the owner wanted it back.
/// `files` may have come along with it, by their hash; `erased`: records of it were emptied just now.
pub(crate) fn again(log: &Log<'_>, files: BTreeSet<String>, erased: bool) -> Result<bool, StoreError> {
    let Some(mut forgotten) = forgotten(log.transaction)? else {
        return Ok(false);
    };
    add_lost(log.transaction, &mut forgotten)?;
    let reach = Reach::of_forgotten(log.transaction, forgotten, files)?;
    let lines = line::read(log.transaction, &reach)?;
    let rest = !reach.files.is_empty() || table::vectors(log.transaction, &reach)? > 0;
    if lines.is_empty() && !rest && !erased {
        return Ok(false);
    }
    table::require_still(log.transaction, &reach)?;
    for line in &lines {
        line.write(log.transaction)?;
    }
    let heads = table::heads(log.transaction, &reach)?;
    table::erase(log.transaction, &reach, &lines)?;
    table::mend(log, &reach, &heads)?;
    log.transaction.execute("INSERT INTO clearing (one) VALUES (1) ON CONFLICT DO NOTHING", [])?;
    Ok(true)
}

/// What was forgotten, here or elsewhere, by id.
pub(crate) struct Forgot(Reach);

impl Forgot {
    /// None where nothing was ever forgotten.
    pub(crate) fn read(transaction: &Transaction<'_>) -> Result<Option<Self>, StoreError> {
        Ok(forgotten(transaction)?.map(Self))
    }

    /// Whether a record is of it, or may be.
    pub(crate) fn concerns(
        &self,
        transaction: &Transaction<'_>,
        change: Change,
        at: &At<'_>,
    ) -> Result<bool, StoreError> {
        if let Some(message) = line::message(&change)
            && !message::exists(transaction, message)?
        {
            return Ok(true);
        }
        line::concerns(&self.0, change, at)
    }
}

/// By id what the receipts say, without what came back later; none where nothing was ever forgotten.
fn forgotten(transaction: &Transaction<'_>) -> Result<Option<Reach>, StoreError> {
    if super::receipts(transaction)? == 0 {
        return Ok(None);
    }
    let mut reach = Reach::default();
    let mut last: BTreeMap<Uuid, Hlc> = BTreeMap::new();
    let (mut first, mut cuts) = (None, Vec::new());
    let mut receipts = transaction.prepare(&format!(
        "SELECT r.version, r.payload, r.order_wall, r.order_counter, r.device, r.seq, s.heads
         FROM record r LEFT JOIN seen s ON s.number = r.seen WHERE r.kind = ?1 AND {INDEXED}
         ORDER BY r.order_wall, r.order_counter",
    ))?;
    let mut rows = receipts.query([Kind::Forgotten.as_str()])?;
    while let Some(row) = rows.next()? {
        let order = Hlc { wall: row.get(2)?, counter: row.get(3)? };
        let Some(Change::Forgotten(receipt)) = decode(Kind::Forgotten, row)? else { continue };
        first.get_or_insert(order);
        let Forgotten { receipt: _, sessions, messages, memories, people, untitled, cut, covered, path_sha256 } =
            *receipt;
        let place = (row.get::<_, Column<_>>(4)?.0, row.get(5)?);
        for session in untitled {
            reach.untitled.entry(session).or_default().push(place);
        }
        cuts.push(Cut { place, heads: row.get(6)?, sessions: cut, covered });
        if let Some(path) = path_sha256 {
            reach.paths.entry(path).or_default().push(place);
        }
        last.extend(sessions.iter().map(|id| (*id.as_uuid(), order)));
        last.extend(messages.iter().map(|id| (*id.as_uuid(), order)));
        last.extend(memories.iter().map(|id| (*id.as_uuid(), order)));
        last.extend(people.iter().map(|id| (*id.as_uuid(), order)));
        reach.sessions.extend(sessions);
        reach.messages.extend(messages);
        reach.memories.extend(memories);
        reach.people.extend(people);
    }
    let Some(first) = first else { return Ok(None) };
    reach.know_memories(transaction)?;
    read_sources(transaction, &cuts, &mut reach)?;
    if !is_back(transaction, &reach)? {
        return Ok(Some(reach));
    }
    let mut later = transaction.prepare(
        "SELECT version, payload, order_wall, order_counter, kind FROM record
         WHERE (order_wall, order_counter) > (?1, ?2) AND kind IN ('session_created', 'message', 'memory')",
    )?;
    let mut rows = later.query(params![first.wall, first.counter])?;
    while let Some(row) = rows.next()? {
        let order = Hlc { wall: row.get(2)?, counter: row.get(3)? };
        let Some(kind) = Kind::parse(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?) else { continue };
        let after = |id: &Uuid| last.get(id).is_some_and(|forgotten| *forgotten < order);
        match decode(kind, row)? {
            Some(Change::SessionCreated(created)) if after(created.id.as_uuid()) => {
                reach.sessions.remove(&created.id);
            }
            Some(Change::Message(message)) if after(message.id.as_uuid()) => {
                reach.messages.remove(&message.id);
            }
            Some(Change::Memory(change)) => match *change {
                MemoryChange::Learned { memory } if after(memory.id.as_uuid()) => {
                    reach.memories.remove(&memory.id);
                }
                MemoryChange::Person { person } if after(person.id.as_uuid()) => {
                    reach.people.remove(&person.id);
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(Some(reach))
}

/// Whether anything of it is there: it has not gone yet, or was taken in once more.
fn is_back(transaction: &Transaction<'_>, reach: &Reach) -> Result<bool, StoreError> {
    let ids: [(&str, &mut dyn Iterator<Item = &Uuid>); 4] = [
        ("session", &mut reach.sessions.iter().map(SessionId::as_uuid)),
        ("message", &mut reach.messages.iter().map(MessageId::as_uuid)),
        ("memory", &mut reach.memories.iter().map(MemoryId::as_uuid)),
        ("person", &mut reach.people.iter().map(PersonId::as_uuid)),
    ];
    for (table, ids) in ids {
        let mut there = transaction.prepare_cached(&format!("SELECT 1 FROM {table} WHERE id = ?1"))?;
        for id in ids {
            if there.exists([id.as_bytes()])? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// What a receipt says of sessions that stay.
struct Cut {
    place: Place,
    /// What its device knew of the others.
    heads: Option<String>,
    sessions: Vec<SessionId>,
    covered: Vec<MessageId>,
}

impl Cut {
    /// Whether a summary, made as `at` says, covers something of it: one that was known to whoever forgot, if they say so; one
    /// that neither knew of the other, whatever its end; one that was made knowing of it does not.
    fn reaches(&self, session: SessionId, through: MessageId, at: &At<'_>) -> Result<bool, StoreError> {
        if at.saw(&self.place)? {
            return Ok(false);
        }
        if self.covered.contains(&through) {
            return Ok(true);
        }
        let receipt = At { device: self.place.0, seq: self.place.1, heads: self.heads.as_deref() };
        Ok(self.sessions.contains(&session) && !receipt.saw(&(at.device, at.seq))?)
    }
}

/// Finds the summaries that cover something of those, with where they end, and the memories of files that were forgotten.
fn read_sources(transaction: &Transaction<'_>, cuts: &[Cut], reach: &mut Reach) -> Result<(), StoreError> {
    if reach.paths.is_empty() && cuts.iter().all(|cut| cut.sessions.is_empty()) {
        return Ok(());
    }
    let mut memories = transaction.prepare(&format!(
        "SELECT r.version, r.payload, r.device, r.seq, s.heads FROM record r LEFT JOIN seen s ON s.number = r.seen
         WHERE r.kind = ?1 AND {INDEXED}",
    ))?;
    let mut rows = memories.query([Kind::Memory.as_str()])?;
    let mut missed: BTreeMap<(MemoryId, String), bool> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let Some(Change::Memory(change)) = decode(Kind::Memory, row)? else { continue };
        let (id, sources) = match *change {
            MemoryChange::Learned { memory } => (memory.id, memory.sources),
            MemoryChange::Confirmed { id, source } => (id, vec![source]),
            _ => continue,
        };
        let at = At::read(row, 2)?;
        for source in sources {
            match source {
                Evidence::Session { session_id, through } => {
                    for cut in cuts {
                        if cut.reaches(session_id, through, &at)? {
                            reach.covered.insert((id, through));
                        }
                    }
                }
                Evidence::File { path, .. } => {
                    if let Some(receipts) = reach.paths.get(&blob::hash(path.as_bytes())) {
                        // Whoever knew of it and names the file means another one of that name.
                        *missed.entry((id, path)).or_insert(true) &= at.missed(receipts)?;
                    }
                }
                Evidence::Message { .. } | Evidence::Typed { .. } => {}
            }
        }
    }
    reach.of_files = missed.into_iter().filter(|(_, missed)| *missed).map(|(of, _)| of).collect();
    Ok(())
}

/// Messages that records speak of and that are nowhere: they came after their session was forgotten here, and went at once. No
/// receipt names them, and what comes later of them does not say whose they were.
fn add_lost(transaction: &Transaction<'_>, reach: &mut Reach) -> Result<(), StoreError> {
    if has_newer(transaction, Kind::Message)? {
        // They may be among those that only a newer program can read.
        return Ok(());
    }
    let have = sync::last_numbers(transaction)?;
    let mut changes = transaction.prepare(&format!(
        "SELECT r.version, r.payload, r.device, r.seq, s.heads, r.kind FROM record r LEFT JOIN seen s ON s.number = r.seen
         WHERE r.kind IN ('branch_deleted', 'attachment_left_out') AND {INDEXED}",
    ))?;
    let mut rows = changes.query([])?;
    while let Some(row) = rows.next()? {
        let Some(kind) = Kind::parse(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?) else { continue };
        let Some(message) = decode(kind, row)?.as_ref().and_then(line::message) else { continue };
        // Where something that its device knew has not come yet, the message may be in that.
        if !message::exists(transaction, message)? && At::read(row, 2)?.knew_only(&have)? {
            reach.messages.insert(message);
        }
    }
    // A report follows its answer in the log of the same device.
    let mut reports = transaction.prepare(
        "SELECT message_id FROM context_report WHERE NOT EXISTS (SELECT 1 FROM message WHERE id = message_id)",
    )?;
    for message in reports.query_map([], |row| Ok(row.get::<_, Column<_>>(0)?.0))? {
        reach.messages.insert(message?);
    }
    Ok(())
}

/// Version and payload are the first two columns.
pub(super) fn decode(kind: Kind, row: &Row<'_>) -> Result<Option<Change>, StoreError> {
    Change::decode(kind, row.get(0)?, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
}
