//! What goes when something is forgotten: what was asked for, and what rests on it alone.

use super::copy::{self, Forks};
use crate::error::StoreError;
use crate::log::{INDEXED, has_newer};
use crate::person;
use crate::row::{Column, Json};
use rusqlite::{Params, Transaction, params};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::chat::Attachment;
use twin_core::id::{DeviceId, MemoryId, MessageId, PersonId, SessionId};
use twin_core::memory::{Evidence, ForgetScope};
use twin_core::record::Kind;
use twin_core::time::Timestamp;

/// A record: its device, and its number there.
pub(super) type Place = (DeviceId, i64);

#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Those that go as a whole.
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) messages: BTreeSet<MessageId>,
    /// Summaries among them.
    pub(super) memories: BTreeSet<MemoryId>,
    /// Every memory there is, where records came from elsewhere: what is said of another one is said of one that was
    /// forgotten before. None: a newer program may have learned some that cannot be read here.
    pub(super) known: Option<BTreeSet<MemoryId>>,
    /// Every summary, be it of what stays.
    pub(super) summaries: BTreeSet<MemoryId>,
    pub(super) people: BTreeSet<PersonId>,
    /// Attached files that nothing else holds, by their hash.
    pub(super) files: BTreeSet<String>,
    /// Sessions that stay, but for these messages: the number of the first that goes.
    pub(super) cut: BTreeMap<SessionId, i64>,
    /// Of those, the ones whose title may have been made of what goes, with the receipts that say so; none: it goes now.
    pub(super) untitled: BTreeMap<SessionId, Vec<Place>>,
    /// The persona file that nothing may rest on.
    pub(super) path: Option<String>,
    /// Such files of receipts, by the hash of their path, with those receipts.
    pub(super) paths: BTreeMap<String, Vec<Place>>,
    /// Memories that were learned of such a file by somebody who did not know that it was forgotten, with its path.
    pub(super) of_files: BTreeSet<(MemoryId, String)>,
    /// The time of which nothing may stay.
    span: Option<(Timestamp, Timestamp)>,
    /// Summaries that cover something that goes, with where they end.
    pub(super) covered: BTreeSet<(MemoryId, MessageId)>,
    /// The one message that was asked for.
    pub(super) asked: Option<MessageId>,
    /// How many of the messages are copies in other sessions, or follow one there.
    pub(super) copies: usize,
}

impl Reach {
    pub(super) fn of(transaction: &Transaction<'_>, scope: &ForgetScope) -> Result<Self, StoreError> {
        let mut reach = Self::default();
        match scope {
            ForgetScope::Memory { id, history } => {
                let sql = if *history { MEMORY_WITH_HISTORY } else { "SELECT id FROM memory WHERE id = ?1" };
                reach.memories = ids(transaction, sql, [Column(*id)], |Column(id)| id)?;
                found(!reach.memories.is_empty(), "memory")?;
            }
            ForgetScope::Person { id } => {
                reach.people = ids(transaction, PERSON_AND_MERGED, [Column(*id)], |Column(id)| id)?;
                found(!reach.people.is_empty(), "person")?;
                for person in &reach.people {
                    let about = "SELECT memory_id FROM memory_person WHERE person_id = ?1";
                    reach.memories.extend(ids(
                        transaction,
                        about,
                        [Column(*person)],
                        |Column(id): Column<MemoryId>| id,
                    )?);
                }
            }
            ForgetScope::Session { id } => {
                found(crate::session::deleted(transaction, *id)?.is_some(), "session")?;
                reach.sessions.insert(*id);
                reach.add_messages(
                    transaction,
                    "SELECT id, session_id, number FROM message WHERE session_id = ?1",
                    [Column(*id)],
                )?;
                reach.add_copies(transaction, *id)?;
            }
            ForgetScope::Message { id } => {
                reach.add_messages(transaction, MESSAGE_AND_FOLLOWING, [Column(*id)])?;
                found(!reach.messages.is_empty(), "message")?;
                reach.asked = Some(*id);
                reach.add_copies_and_following(transaction)?;
            }
            ForgetScope::File { path } => reach.path = Some(path.clone()),
            ForgetScope::Span { from, before } => {
                reach.span = Some((*from, *before));
                let span = params![Column(*from), Column(*before)];
                let said = "SELECT id, session_id, number FROM message WHERE created_at >= ?1 AND created_at < ?2";
                reach.add_messages(transaction, said, span)?;
                let learned = "SELECT id FROM memory WHERE learned_at >= ?1 AND learned_at < ?2";
                reach.memories = ids(transaction, learned, span, |Column(id)| id)?;
            }
        }
        reach.sort_sessions(transaction)?;
        reach.add_untitled(transaction)?;
        reach.add_covered(transaction)?;
        reach.add_what_rests_on_it(transaction)?;
        reach.add_people(transaction)?;
        reach.add_files(transaction)?;
        Ok(reach)
    }

    /// What rests on what was forgotten before, wherever that was.
    pub(super) fn of_forgotten(
        transaction: &Transaction<'_>,
        forgotten: Self,
        files: BTreeSet<String>,
    ) -> Result<Self, StoreError> {
        let mut reach = Self { files, ..forgotten };
        for message in reach.messages.clone() {
            let said = "SELECT id, session_id, number FROM message WHERE id = ?1";
            reach.add_messages(transaction, said, [Column(message)])?;
        }
        for session in reach.sessions.clone() {
            let said = "SELECT id, session_id, number FROM message WHERE session_id = ?1";
            reach.add_messages(transaction, said, [Column(session)])?;
        }
        reach.sort_sessions(transaction)?;
        reach.add_what_rests_on_it(transaction)?;
        reach.add_files(transaction)?;
        Ok(reach)
    }

    /// The conversations of which anything goes.
    pub(super) fn conversations(&self) -> BTreeSet<SessionId> {
        self.sessions.iter().chain(self.cut.keys()).copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty()
            && self.messages.is_empty()
            && self.memories.is_empty()
            && self.people.is_empty()
            && self.path.is_none()
    }

    /// Reads what memories there are.
    pub(super) fn know_memories(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        if !has_newer(transaction, Kind::Memory)? {
            self.known = Some(ids(transaction, "SELECT id FROM memory", [], |Column(id)| id)?);
        }
        Ok(())
    }

    /// Whether a memory goes, or went before.
    pub(super) fn forgets(&self, memory: MemoryId) -> bool {
        self.memories.contains(&memory) || self.known.as_ref().is_some_and(|known| !known.contains(&memory))
    }

    /// Whether no memory can rest on that any more.
    pub(super) fn takes(&self, memory: MemoryId, evidence: &Evidence) -> bool {
        match evidence {
            Evidence::Message { session_id, message_id } => {
                self.sessions.contains(session_id) || self.messages.contains(message_id)
            }
            Evidence::Session { session_id, through } => {
                self.sessions.contains(session_id)
                    || self.messages.contains(through)
                    || self.covered.contains(&(memory, *through))
            }
            Evidence::File { path, .. } => self.is_file(path) || self.of_files.contains(&(memory, path.clone())),
            Evidence::Typed { at } => self.span.is_some_and(|(from, before)| (from..before).contains(at)),
        }
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        self.path.as_deref() == Some(path)
    }

    fn add_messages(
        &mut self,
        transaction: &Transaction<'_>,
        sql: &str,
        params: impl Params,
    ) -> Result<(), StoreError> {
        let mut messages = transaction.prepare(sql)?;
        let mut rows = messages.query(params)?;
        while let Some(row) = rows.next()? {
            self.messages.insert(row.get::<_, Column<_>>(0)?.0);
            let number = row.get(2)?;
            let first = self.cut.entry(row.get::<_, Column<_>>(1)?.0).or_insert(number);
            *first = number.min(*first);
        }
        Ok(())
    }

    /// What was copied out of a session goes with it; what the copy went on with stays. A session that was copied itself takes
    /// nothing with it of the first one, which is another chat.
    fn add_copies(&mut self, transaction: &Transaction<'_>, session: SessionId) -> Result<(), StoreError> {
        let family = Forks::read(transaction)?.made_from(session);
        let asked = self.messages.len();
        for copy in copy::of(transaction, session, &self.messages, &family)? {
            self.add_messages(transaction, "SELECT id, session_id, number FROM message WHERE id = ?1", [Column(copy)])?;
        }
        self.copies = self.messages.len() - asked;
        Ok(())
    }

    /// One message goes wherever it was copied to or from, with what follows it there; and what follows may have been copied, too.
    fn add_copies_and_following(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let forks = Forks::read(transaction)?;
        let asked = self.messages.len();
        loop {
            let before = self.messages.len();
            for session in self.cut.keys().copied().collect::<Vec<_>>() {
                for copy in copy::of(transaction, session, &self.messages, &forks.related(session))? {
                    if !self.messages.contains(&copy) {
                        self.add_messages(transaction, MESSAGE_AND_FOLLOWING, [Column(copy)])?;
                    }
                }
            }
            if self.messages.len() == before {
                self.copies = before - asked;
                return Ok(());
            }
        }
    }

    /// A session of which nothing stays goes with its name, its tags and the rest.
    fn sort_sessions(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        for (session, first) in std::mem::take(&mut self.cut) {
            let of = "SELECT id FROM message WHERE session_id = ?1";
            let all = ids(transaction, of, [Column(session)], |Column(id): Column<MessageId>| id)?;
            if all.iter().all(|message| self.messages.contains(message)) {
                self.sessions.insert(session);
            } else {
                self.cut.insert(session, first);
            }
        }
        Ok(())
    }

    /// A title is how the first message begins, or what a model made of it and of the first whole answer. Only whoever forgets
    /// can tell: where it is heard of, the messages may be gone already.
    fn add_untitled(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        for (session, first) in &self.cut {
            let named: Option<i64> = transaction
                .prepare_cached(
                    "SELECT min(number) FROM message WHERE session_id = ?1 AND role = 'assistant' AND status = 'complete'",
                )?
                .query_row([Column(*session)], |row| row.get(0))?;
            if named.is_none_or(|named| *first <= named) {
                self.untitled.insert(*session, Vec::new());
            }
        }
        Ok(())
    }

    /// A summary is made of a whole conversation up to a message: it goes with any part. Only whoever forgets can tell by the
    /// messages, as with titles.
    fn add_covered(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let mut sources = transaction.prepare(
            "SELECT s.memory_id, s.evidence, m.number FROM memory_source s LEFT JOIN message m ON m.id = s.message_id
             WHERE s.session_id IS NOT NULL",
        )?;
        let mut rows = sources.query([])?;
        while let Some(row) = rows.next()? {
            let Json(evidence): Json<Evidence> = row.get(1)?;
            if let Evidence::Session { session_id, through } = evidence {
                let last = row.get::<_, Option<i64>>(2)?.unwrap_or(i64::MAX);
                if self.cut.get(&session_id).is_some_and(|first| *first <= last) {
                    self.covered.insert((row.get::<_, Column<_>>(0)?.0, through));
                }
            }
        }
        Ok(())
    }

    /// Memories of which no source stays.
    fn add_what_rests_on_it(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let mut sources = transaction.prepare("SELECT memory_id, evidence FROM memory_source")?;
        let mut rows = sources.query([])?;
        let mut rests: BTreeMap<MemoryId, bool> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let Column(memory) = row.get(0)?;
            let Json(evidence): Json<Evidence> = row.get(1)?;
            if matches!(evidence, Evidence::Session { .. }) {
                self.summaries.insert(memory);
            }
            *rests.entry(memory).or_insert(false) |= !self.takes(memory, &evidence);
        }
        self.memories.extend(rests.into_iter().filter(|(_, rests)| !rests).map(|(memory, _)| memory));
        Ok(())
    }

    /// People of whom nothing else is known.
    fn add_people(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let everybody = ids(transaction, "SELECT id FROM person", [], |Column(id): Column<PersonId>| id)?;
        // By who they were found to be: all of them and, of their memories, those that go and those that stay.
        let mut known: BTreeMap<PersonId, (Vec<PersonId>, usize, usize)> = BTreeMap::new();
        for id in everybody {
            let root = person::chain(transaction, id)?.last().copied().unwrap_or(id);
            let (same, gone, kept) = known.entry(root).or_default();
            same.push(id);
            let about = "SELECT memory_id FROM memory_person WHERE person_id = ?1";
            for memory in ids(transaction, about, [Column(id)], |Column(id): Column<MemoryId>| id)? {
                *(if self.memories.contains(&memory) { &mut *gone } else { &mut *kept }) += 1;
            }
        }
        for (root, (same, gone, kept)) in known {
            let met = person::get(transaction, root)?.map(|person| person.learned_at);
            let then = self.span.zip(met).is_some_and(|((from, before), met)| (from..before).contains(&met));
            if kept == 0 && (gone > 0 || then) {
                self.people.extend(same);
            }
        }
        Ok(())
    }

    fn add_files(&mut self, transaction: &Transaction<'_>) -> Result<(), StoreError> {
        let mut messages = transaction.prepare("SELECT id, attachments FROM message WHERE attachments IS NOT NULL")?;
        let mut rows = messages.query([])?;
        let mut kept = BTreeSet::new();
        while let Some(row) = rows.next()? {
            let Json(attachments): Json<Vec<Attachment>> = row.get(1)?;
            let gone = self.messages.contains(&row.get::<_, Column<MessageId>>(0)?.0);
            let files = attachments.into_iter().map(|attachment| attachment.sha256);
            if gone { self.files.extend(files) } else { kept.extend(files) }
        }
        self.files.retain(|file| !kept.contains(file));
        let persona = format!(
            "SELECT sha256 FROM persona_file UNION SELECT payload ->> '$.sha256' FROM record
             WHERE kind = 'persona_file' AND {INDEXED}"
        );
        for file in ids(transaction, &persona, [], |file: Option<String>| file)?.into_iter().flatten() {
            self.files.remove(&file);
        }
        let mut there = transaction.prepare_cached("SELECT 1 FROM blob WHERE sha256 = ?1")?;
        for file in std::mem::take(&mut self.files) {
            if there.exists([&file])? {
                self.files.insert(file);
            }
        }
        Ok(())
    }
}

const MEMORY_WITH_HISTORY: &str = "WITH RECURSIVE kin (id) AS (
         SELECT id FROM memory WHERE id = ?1 UNION SELECT m.id FROM kin JOIN memory m ON m.ended_by = kin.id
     )
     SELECT id FROM kin";

const PERSON_AND_MERGED: &str = "WITH RECURSIVE same (id) AS (
         SELECT id FROM person WHERE id = ?1 UNION SELECT p.id FROM person p JOIN same ON p.merged_into = same.id
     )
     SELECT id FROM same";

const MESSAGE_AND_FOLLOWING: &str = "WITH RECURSIVE branch (id, session_id, number) AS (
         SELECT id, session_id, number FROM message WHERE id = ?1
         UNION ALL
         SELECT m.id, m.session_id, m.number FROM branch CROSS JOIN message m ON m.parent_id = branch.id
         WHERE m.number > branch.number
     )
     SELECT id, session_id, number FROM branch";

fn found(found: bool, what: &'static str) -> Result<(), StoreError> {
    if found { Ok(()) } else { Err(StoreError::NotFound(what)) }
}

fn ids<C: rusqlite::types::FromSql, T: Ord>(
    transaction: &Transaction<'_>,
    sql: &str,
    params: impl Params,
    id: impl Fn(C) -> T,
) -> Result<BTreeSet<T>, StoreError> {
    let mut rows = transaction.prepare_cached(sql)?;
    let rows = rows.query_map(params, |row| Ok(id(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
