//! Copies of what is forgotten: a fork begins with the same words under new ids, and no record says which is of which. Time,
//! speaker and text do, among sessions of which one was forked from the other.

use crate::error::StoreError;
use crate::row::Column;
use rusqlite::Transaction;
use std::collections::{BTreeMap, BTreeSet};
use twin_core::id::{MessageId, SessionId};

/// Which sessions were forked from which.
pub(super) struct Forks(BTreeMap<SessionId, Option<SessionId>>);

impl Forks {
    /// The deleted ones too. A fork of something that is gone was made of nobody knows what: None.
    pub(super) fn read(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let mut forks = transaction.prepare_cached(
            "SELECT s.id, m.session_id FROM session s LEFT JOIN message m ON m.id = s.forked_from
             WHERE s.forked_from IS NOT NULL",
        )?;
        let forks = forks.query_map([], |row| {
            let source: Option<Column<SessionId>> = row.get(1)?;
            Ok((row.get::<_, Column<_>>(0)?.0, source.map(|source| source.0)))
        })?;
        Ok(Self(forks.collect::<rusqlite::Result<_>>()?))
    }

    /// Those that may hold a copy of what was said in that session: its forks, and theirs.
    pub(super) fn made_from(&self, session: SessionId) -> BTreeSet<SessionId> {
        let mut family = BTreeSet::from([session]);
        loop {
            let is_of = |source: Option<SessionId>| source.is_none_or(|source| family.contains(&source));
            let found: Vec<SessionId> = self.0.iter().filter(|(_, of)| is_of(**of)).map(|(fork, _)| *fork).collect();
            let before = family.len();
            family.extend(found);
            if family.len() == before {
                family.remove(&session);
                return family;
            }
        }
    }

    /// Those, and what the session itself was forked from, with all forks of that.
    pub(super) fn related(&self, session: SessionId) -> BTreeSet<SessionId> {
        let (mut first, mut climbed) = (session, BTreeSet::from([session]));
        while let Some(source) = self.0.get(&first).copied().flatten().filter(|source| climbed.insert(*source)) {
            first = source;
        }
        let mut family = self.made_from(first);
        family.insert(first);
        family.remove(&session);
        family
    }
}

/// What says which message is a copy of which.
type Likeness = (i64, String, String);

/// The messages of `sessions` that are copies of those of `session` among `messages`.
pub(super) fn of(
    transaction: &Transaction<'_>,
    session: SessionId,
    messages: &BTreeSet<MessageId>,
    sessions: &BTreeSet<SessionId>,
) -> Result<Vec<MessageId>, StoreError> {
    if sessions.is_empty() {
        return Ok(Vec::new());
    }
    let said: BTreeSet<Likeness> = likenesses(transaction, session)?
        .into_iter()
        .filter(|(id, _)| messages.contains(id))
        .map(|(_, likeness)| likeness)
        .collect();
    let mut copies = Vec::new();
    for fork in sessions {
        let there = likenesses(transaction, *fork)?;
        copies.extend(there.into_iter().filter(|(_, likeness)| said.contains(likeness)).map(|(id, _)| id));
    }
    Ok(copies)
}

fn likenesses(transaction: &Transaction<'_>, session: SessionId) -> Result<Vec<(MessageId, Likeness)>, StoreError> {
    let mut messages =
        transaction.prepare_cached("SELECT id, created_at, role, content FROM message WHERE session_id = ?1")?;
    let messages = messages.query_map([Column(session)], |row| {
        Ok((row.get::<_, Column<_>>(0)?.0, (row.get(1)?, row.get(2)?, row.get(3)?)))
    })?;
    Ok(messages.collect::<rusqlite::Result<_>>()?)
}
