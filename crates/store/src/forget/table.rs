//! The tables without what is forgotten: row by row what a rebuild from the log would give, and what is only local.

use super::line::Line;
use super::reach::Reach;
use crate::error::StoreError;
use crate::log::Log;
use crate::path::set_head;
use crate::payload::{BranchDeleted, Change};
use crate::row::Column;
use crate::{branch, projection, session};
use rusqlite::{OptionalExtension, Transaction};
use std::collections::BTreeMap;
use twin_core::id::{MessageId, SessionId};
use uuid::Uuid;

/// Fails where a reply grows that would follow what is gone.
pub(super) fn require_still(transaction: &Transaction<'_>, reach: &Reach) -> Result<(), StoreError> {
    let mut growing = transaction.prepare_cached("SELECT session_id FROM reply_draft")?;
    for session in growing.query_map([], |row| Ok(row.get::<_, Column<SessionId>>(0)?.0))? {
        let session = session?;
        if reach.sessions.contains(&session) || reach.cut.contains_key(&session) {
            return Err(StoreError::ReplyGrowing);
        }
    }
    Ok(())
}

/// What has a vector, by id.
fn subjects(reach: &Reach) -> impl Iterator<Item = &Uuid> {
    let messages = reach.messages.iter().map(MessageId::as_uuid);
    messages.chain(reach.memories.iter().map(twin_core::id::MemoryId::as_uuid))
}

/// How many vectors are of it.
pub(super) fn vectors(transaction: &Transaction<'_>, reach: &Reach) -> Result<u32, StoreError> {
    let mut count = transaction.prepare_cached("SELECT count(*) FROM embedding WHERE subject = ?1")?;
    let mut vectors = 0;
    for subject in subjects(reach) {
        vectors += count.query_row([subject.as_bytes()], |row| row.get::<_, u32>(0))?;
    }
    Ok(vectors)
}

/// What the sessions that stay are to show, where that goes: the newest message under the last one before it that stays.
pub(super) fn heads(
    transaction: &Transaction<'_>,
    reach: &Reach,
) -> Result<BTreeMap<SessionId, Option<MessageId>>, StoreError> {
    let mut parent = transaction.prepare_cached("SELECT parent_id FROM message WHERE id = ?1")?;
    let mut heads = BTreeMap::new();
    for session in reach.cut.keys() {
        let mut place = session::head(transaction, *session)?;
        if !place.is_some_and(|head| reach.messages.contains(&head)) {
            continue;
        }
        while let Some(gone) = place.filter(|id| reach.messages.contains(id)) {
            let above: Option<Option<Column<MessageId>>> =
                parent.query_row([Column(gone)], |row| row.get(0)).optional()?;
            place = above.flatten().map(|above| above.0);
        }
        heads.insert(*session, place);
    }
    Ok(heads)
}

/// Takes it out of every table.
pub(super) fn erase(transaction: &Transaction<'_>, reach: &Reach, lines: &[Line]) -> Result<(), StoreError> {
    for message in &reach.messages {
        erase_message(transaction, *message)?;
    }
    for message in lines.iter().filter_map(|line| line.report) {
        for table in ["context_report", "memory_use"] {
            transaction
                .prepare_cached(&format!("DELETE FROM {table} WHERE message_id = ?1"))?
                .execute([Column(message)])?;
        }
    }
    for session in &reach.sessions {
        transaction.prepare_cached("DELETE FROM session WHERE id = ?1")?.execute([Column(*session)])?;
        transaction.prepare_cached("DELETE FROM other_version WHERE session = ?1")?.execute([Column(*session)])?;
    }
    for subject in subjects(reach) {
        transaction
            .prepare_cached(
                "DELETE FROM embedding_vector WHERE number IN (SELECT number FROM embedding WHERE subject = ?1)",
            )?
            .execute([subject.as_bytes()])?;
        transaction.prepare_cached("DELETE FROM embedding WHERE subject = ?1")?.execute([subject.as_bytes()])?;
    }
    // What is forgotten may have stood in the persona. The vectors of what still does are made again.
    transaction.execute("DELETE FROM paragraph_vector", [])?;
    for file in &reach.files {
        transaction.prepare_cached("DELETE FROM blob WHERE sha256 = ?1")?.execute([file])?;
    }
    if !reach.messages.is_empty() {
        // A deletion is a mark beside the words until all parts of the index are merged.
        transaction.execute("INSERT INTO message_fts (message_fts) VALUES ('optimize')", [])?;
    }
    projection::rebuild_memory(transaction)
}

fn erase_message(transaction: &Transaction<'_>, id: MessageId) -> Result<(), StoreError> {
    projection::take_out(transaction, id)?;
    transaction.prepare_cached("DELETE FROM learning WHERE message_id = ?1")?.execute([Column(id)])?;
    Ok(())
}

/// Makes whole again what stays of the sessions that were cut.
pub(super) fn mend(
    log: &Log<'_>,
    reach: &Reach,
    heads: &BTreeMap<SessionId, Option<MessageId>>,
) -> Result<(), StoreError> {
    for session in reach.cut.keys() {
        let orphans = mend_branches(log, *session)?;
        match heads.get(session) {
            Some(Some(above)) => {
                let newest = branch::newest_under(log.transaction, *above)?;
                set_head(log, *session, newest.map(|(_, head)| head))?;
            }
            Some(None) => set_head(log, *session, newest(log.transaction, *session)?)?,
            // What followed on a deleted message did not become what is shown. Without that message in the log it would.
            None if orphans => set_head(log, *session, session::head(log.transaction, *session)?)?,
            None => {}
        }
        log.transaction
            .prepare_cached(
                "UPDATE session SET updated_at = max(created_at, coalesce(
                     (SELECT max(created_at) FROM message WHERE session_id = ?1), created_at)) WHERE id = ?1",
            )?
            .execute([Column(*session)])?;
    }
    projection::fold_titles(log.transaction, &reach.untitled)
}

/// What followed on what is gone begins a branch of its own. A hidden one stays hidden: until now, what was before it may
/// have been what was deleted. Whether there is any.
fn mend_branches(log: &Log<'_>, session: SessionId) -> Result<bool, StoreError> {
    let orphans: Vec<(Column<MessageId>, bool)> = log
        .transaction
        .prepare_cached(
            "SELECT id, hidden AND NOT deleted FROM message m WHERE session_id = ?1 AND parent_id IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM message p WHERE p.id = m.parent_id) ORDER BY number",
        )?
        .query_map([Column(session)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (Column(orphan), hidden) in &orphans {
        log.transaction
            .prepare_cached(
                "WITH RECURSIVE tree (number, id, depth) AS (
                     SELECT number, id, 0 FROM message WHERE id = ?1
                     UNION ALL
                     SELECT m.number, m.id, tree.depth + 1 FROM tree CROSS JOIN message m ON m.parent_id = tree.id
                     WHERE m.number > tree.number
                 )
                 UPDATE message SET depth = tree.depth FROM tree WHERE tree.number = message.number",
            )?
            .execute([Column(*orphan)])?;
        if *hidden {
            log.append(&Change::BranchDeleted(BranchDeleted { message_id: *orphan, deleted: true }))?;
        }
    }
    Ok(!orphans.is_empty())
}

/// The newest message of a session that is to be seen.
fn newest(transaction: &Transaction<'_>, session: SessionId) -> Result<Option<MessageId>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT id FROM message WHERE session_id = ?1 AND NOT hidden ORDER BY number DESC LIMIT 1")?
        .query_row([Column(session)], |row| Ok(row.get::<_, Column<_>>(0)?.0))
        .optional()?)
}
