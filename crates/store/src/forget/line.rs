//! Which records hold what is forgotten. One list over all kinds: a new kind does not compile without its place in it.

use super::reach::{Place, Reach};
use crate::blob;
use crate::error::StoreError;
use crate::payload::{Change, Erased, ReportKept};
use crate::projection::memory::given;
use crate::row::Column;
use crate::sync;
use rusqlite::{Row, Transaction, params};
use twin_core::chat::TitleBy;
use twin_core::id::{DeviceId, MessageId, SessionId};
use twin_core::memory::{Evidence, Memory, MemoryChange};
use twin_core::record::Kind;
use twin_core::report::Source;
use twin_core::sync::Heads;

/// Where a record stands.
pub(crate) struct At<'a> {
    pub(crate) device: DeviceId,
    pub(crate) seq: i64,
    /// What its device knew of the others when it was made, as JSON.
    pub(crate) heads: Option<&'a str>,
}

impl<'a> At<'a> {
    /// The device, the number and the heads, from that column on.
    pub(crate) fn read(row: &'a Row<'_>, first: usize) -> Result<Self, StoreError> {
        let heads = row.get_ref(first + 2)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        Ok(Self { device: row.get::<_, Column<_>>(first)?.0, seq: row.get(first + 1)?, heads })
    }

    /// Whether it was made knowing that one.
    pub(super) fn saw(&self, (device, seq): &Place) -> Result<bool, StoreError> {
        if *device == self.device {
            return Ok(self.seq > *seq);
        }
        let heads = sync::read_heads(self.heads.unwrap_or_default())?;
        Ok(heads.get(device).is_some_and(|known| i64::try_from(*known).is_ok_and(|known| known >= *seq)))
    }

    /// Whether all that its device knew of the others is among those: of each device its first records, so many.
    pub(super) fn knew_only(&self, have: &Heads) -> Result<bool, StoreError> {
        let heads = sync::read_heads(self.heads.unwrap_or_default())?;
        Ok(heads.iter().all(|(device, known)| have.get(device).is_some_and(|have| have >= known)))
    }

    /// Whether it was made not knowing any one of those.
    pub(super) fn missed(&self, receipts: &[Place]) -> Result<bool, StoreError> {
        for receipt in receipts {
            if !self.saw(receipt)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// A record that is written anew.
pub(super) struct Line {
    device: DeviceId,
    seq: i64,
    change: Change,
    /// The answer whose report it was.
    pub(super) report: Option<MessageId>,
}

impl Line {
    pub(super) fn write(&self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let (kind, version, payload) = self.change.encode()?;
        transaction
            .prepare_cached("UPDATE record SET kind = ?3, version = ?4, payload = ?5 WHERE device = ?1 AND seq = ?2")?
            .execute(params![Column(self.device), self.seq, kind.as_str(), version, payload])?;
        sync::mark_unclean(transaction, self.device, self.seq)
    }
}

/// What a record becomes.
enum Fate {
    Kept,
    Erased,
    Changed(Change),
}

/// Every record that holds something of it. What only a newer program understands stays.
pub(super) fn read(transaction: &Transaction<'_>, reach: &Reach) -> Result<Vec<Line>, StoreError> {
    let mut records = transaction.prepare(
        "SELECT r.kind, r.version, r.payload, r.device, r.seq, s.heads FROM record r LEFT JOIN seen s ON s.number = r.seen",
    )?;
    let mut rows = records.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(kind) = Kind::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) else {
            continue;
        };
        let payload = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let Some(change) = Change::decode(kind, row.get(1)?, payload)? else {
            continue;
        };
        let report = match &change {
            Change::ContextReport(kept) => Some(kept.message_id),
            _ => None,
        };
        let at = At::read(row, 3)?;
        let change = match fate(reach, change, &at)? {
            Fate::Kept => continue,
            Fate::Erased => Change::Erased(Erased {}),
            Fate::Changed(change) => change,
        };
        lines.push(Line { device: at.device, seq: at.seq, change, report });
    }
    Ok(lines)
}

/// Whether a record is of it.
pub(super) fn concerns(reach: &Reach, change: Change, at: &At<'_>) -> Result<bool, StoreError> {
    if let Change::Message(message) = &change
        && reach.sessions.contains(&message.session_id)
    {
        return Ok(true);
    }
    Ok(!matches!(fate(reach, change, at)?, Fate::Kept))
}

/// The message of which a record says something, without naming its session.
pub(super) fn message(change: &Change) -> Option<MessageId> {
    match change {
        Change::BranchDeleted(change) => Some(change.message_id),
        Change::AttachmentLeftOut(change) => Some(change.message_id),
        Change::ContextReport(kept) => Some(kept.message_id),
        _ => None,
    }
}

/// Whether the title that a record gave that session, or quotes of it, may hold some of it.
fn is_untitled(reach: &Reach, session: &SessionId, at: &At<'_>) -> Result<bool, StoreError> {
    let Some(receipts) = reach.untitled.get(session) else { return Ok(false) };
    Ok(receipts.is_empty() || at.missed(receipts)?)
}

/// Whether that is a file of the persona that was forgotten. One that came back under its name is another.
fn is_file(reach: &Reach, path: &str, at: &At<'_>) -> Result<bool, StoreError> {
    if reach.is_file(path) || reach.paths.is_empty() {
        return Ok(reach.is_file(path));
    }
    reach.paths.get(&blob::hash(path.as_bytes())).map_or(Ok(false), |receipts| at.missed(receipts))
}

fn fate(reach: &Reach, change: Change, at: &At<'_>) -> Result<Fate, StoreError> {
    let erased = match change {
        Change::SessionCreated(created) => {
            if reach.sessions.contains(&created.id) {
                true
            // One that has none by now is not written again at each look.
            } else if created.title_by != TitleBy::Owner
                && !created.title.is_empty()
                && is_untitled(reach, &created.id, at)?
            {
                let untitled =
                    crate::payload::SessionCreated { title: String::new(), title_by: TitleBy::Opening, ..created };
                return Ok(Fate::Changed(Change::SessionCreated(untitled)));
            } else {
                false
            }
        }
        Change::SessionRenamed(renamed) => {
            reach.sessions.contains(&renamed.id) || renamed.by != TitleBy::Owner && is_untitled(reach, &renamed.id, at)?
        }
        Change::SessionHead(chosen) => {
            reach.sessions.contains(&chosen.id) || chosen.head.is_some_and(|head| reach.messages.contains(&head))
        }
        Change::SessionDeleted(change) => reach.sessions.contains(&change.id),
        Change::SessionModel(change) => reach.sessions.contains(&change.id),
        Change::SessionPinned(change) => reach.sessions.contains(&change.id),
        Change::SessionArchived(change) => reach.sessions.contains(&change.id),
        Change::SessionTagged(change) => reach.sessions.contains(&change.id),
        Change::Message(message) => reach.messages.contains(&message.id),
        Change::BranchDeleted(change) => reach.messages.contains(&change.message_id),
        Change::AttachmentLeftOut(change) => reach.messages.contains(&change.message_id),
        Change::ContextReport(kept) => quotes(reach, &kept, at)?,
        Change::Memory(change) => return Ok(fate_of_memory(reach, *change)),
        // What the owner wrote by hand is the owner's to change.
        Change::Setting(_) | Change::PersonaFile(_) | Change::Forgotten(_) | Change::Erased(_) => false,
    };
    Ok(if erased { Fate::Erased } else { Fate::Kept })
}

/// Whether an answer was given any of it. Its report holds that in the words of the prompt, too.
fn quotes(reach: &Reach, kept: &ReportKept, at: &At<'_>) -> Result<bool, StoreError> {
    if reach.messages.contains(&kept.message_id) {
        return Ok(true);
    }
    let (sources, parts) = given(&kept.report);
    for source in &sources {
        let quoted = match source {
            Source::Message { session_id, message_id, .. } => {
                // The title that stands beside a passage may be gone as well.
                reach.sessions.contains(session_id)
                    || reach.messages.contains(message_id)
                    || is_untitled(reach, session_id, at)?
            }
            Source::Memory { id, .. } => reach.forgets(*id),
            Source::File { path, .. } => is_file(reach, path, at)?,
        };
        if quoted {
            return Ok(true);
        }
    }
    for name in &parts {
        if is_file(reach, name, at)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A memory that stays rests on what stays.
fn fate_of_memory(reach: &Reach, change: MemoryChange) -> Fate {
    let erased = match change {
        MemoryChange::Learned { memory } => {
            if reach.memories.contains(&memory.id) {
                true
            } else if memory.sources.iter().any(|source| reach.takes(memory.id, source)) {
                let stays = |source: &&Evidence| !reach.takes(memory.id, source);
                let sources = memory.sources.iter().filter(stays).cloned().collect();
                let memory = Memory { sources, ..memory };
                return Fate::Changed(Change::Memory(Box::new(MemoryChange::Learned { memory })));
            } else {
                false
            }
        }
        MemoryChange::Confirmed { id, source } => reach.forgets(id) || reach.takes(id, &source),
        MemoryChange::Ended { id, .. }
        | MemoryChange::Restored { id }
        | MemoryChange::Undone { id, .. }
        | MemoryChange::Pinned { id, .. }
        | MemoryChange::Shared { id, .. } => reach.forgets(id),
        MemoryChange::Person { person } => reach.people.contains(&person.id),
        MemoryChange::PersonMerged { id, into } => {
            reach.people.contains(&id) || into.is_some_and(|into| reach.people.contains(&into))
        }
    };
    if erased { Fate::Erased } else { Fate::Kept }
}
