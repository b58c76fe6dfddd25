//! Branches: which messages stand in one place, deleting one with all that follows it, copying one into a new session.

use crate::error::StoreError;
use crate::log::Log;
use crate::message;
use crate::path::set_head;
use crate::payload::{BranchDeleted, Change, ReportKept};
use crate::row::Column;
use crate::session;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::chat::{Message, Session};
use twin_core::id::{AttachmentId, MessageId, SessionId};

impl Store {
    /// Hides a message with all that follows it, or brings it back; what was deleted inside of it stays hidden. If what
    /// the session shows is hidden by it, the session shows the newest branch beside it, else what came before; a
    /// session that shows nothing shows what came back.
    pub fn branch_delete(&self, id: SessionId, message: MessageId, deleted: bool) -> Result<(), StoreError> {
        self.write(move |log| {
            let session = session::find(log.transaction, id)?;
            let place = place(log.transaction, message, id)?;
            if place.deleted == deleted {
                return Ok(());
            }
            let shown = session.head.map(|head| is_shown(log.transaction, head)).transpose()?.unwrap_or(false);
            log.append(&Change::BranchDeleted(BranchDeleted { message_id: message, deleted }))?;
            if hidden_draft(log.transaction, id)? {
                return Err(StoreError::ReplyGrowing);
            }
            match session.head {
                Some(head) if shown && !is_shown(log.transaction, head)? => {
                    set_head(log, id, next_head(log.transaction, &place)?)
                }
                _ if shown || deleted => Ok(()),
                _ => match newest_under(log.transaction, message)? {
                    Some((_, leaf)) => set_head(log, id, Some(leaf)),
                    None => Ok(()),
                },
            }
        })
    }

    /// Begins a session with a copy of the branch that ends in `message`: the same words, files and reports under new ids.
    /// What the answers used stays with the first ones: it was paid for once.
    pub fn session_fork(&self, from: SessionId, message: MessageId) -> Result<Session, StoreError> {
        let fork = self.write(move |log| {
            let source = session::find(log.transaction, from)?;
            message::require_shown(log.transaction, message, from)?;
            let now = log.clock.now();
            let fork = Session {
                id: SessionId::new(now),
                created_at: now,
                updated_at: now,
                head: None,
                pinned: false,
                archived: false,
                forked_from: Some(message),
                ..source
            };
            log.append(&Change::from(&fork))?;
            let mut parent = None;
            for original in message::path(log.transaction, message)? {
                let report = message::report(log.transaction, original.id)?;
                let mut copy = Message {
                    id: MessageId::new(log.clock.now()),
                    session_id: fork.id,
                    parent_id: parent,
                    usage: None,
                    ..original
                };
                for attachment in &mut copy.attachments {
                    attachment.id = AttachmentId::new(log.clock.now());
                }
                log.append(&Change::from(&copy))?;
                if let Some(report) = report {
                    log.append(&Change::ContextReport(ReportKept { message_id: copy.id, report }))?;
                }
                parent = Some(copy.id);
            }
            session::find(log.transaction, fork.id)
        })?;
        Ok(self.marked(fork))
    }
}

/// Where a whole message stands, hidden or not.
struct Place {
    session: SessionId,
    parent: Option<MessageId>,
    deleted: bool,
}

fn place(transaction: &Transaction<'_>, id: MessageId, session: SessionId) -> Result<Place, StoreError> {
    let place = transaction
        .prepare_cached("SELECT parent_id, deleted FROM message WHERE id = ?1 AND session_id = ?2")?
        .query_row((Column(id), Column(session)), |row| {
            Ok(Place {
                session,
                parent: row.get::<_, Option<Column<_>>>(0)?.map(|parent| parent.0),
                deleted: row.get(1)?,
            })
        })
        .optional()?;
    match place {
        Some(place) => Ok(place),
        None if draft_exists(transaction, id, session)? => Err(StoreError::ReplyGrowing),
        None => Err(StoreError::NotFound("message")),
    }
}

fn draft_exists(transaction: &Transaction<'_>, id: MessageId, session: SessionId) -> Result<bool, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT 1 FROM reply_draft WHERE id = ?1 AND session_id = ?2")?
        .exists((Column(id), Column(session)))?)
}

/// Brings a message into sight with all before it that was deleted.
pub(crate) fn bring_back(log: &Log<'_>, message: MessageId) -> Result<(), StoreError> {
    if !is_hidden(log.transaction, message)? {
        return Ok(());
    }
    let mut path = log.transaction.prepare_cached(
        "WITH RECURSIVE path AS (
             SELECT number, id, parent_id, deleted FROM message WHERE id = ?1
             UNION ALL
             SELECT m.number, m.id, m.parent_id, m.deleted FROM path CROSS JOIN message m ON m.id = path.parent_id
             WHERE m.number < path.number
         )
         SELECT id FROM path WHERE deleted ORDER BY number",
    )?;
    let deleted: Vec<Column<MessageId>> =
        path.query_map([Column(message)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for Column(message_id) in deleted {
        log.append(&Change::BranchDeleted(BranchDeleted { message_id, deleted: false }))?;
    }
    Ok(())
}

/// Whether the message is there, on a deleted branch.
pub(crate) fn is_hidden(transaction: &Transaction<'_>, id: MessageId) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND hidden")?.exists([Column(id)])?)
}

/// Whether a reply grows on a hidden branch, where nobody could see or stop it.
fn hidden_draft(transaction: &Transaction<'_>, session: SessionId) -> Result<bool, StoreError> {
    Ok(transaction
        .prepare_cached(
            "SELECT 1 FROM reply_draft d JOIN message m ON m.id = d.parent_id WHERE d.session_id = ?1 AND m.hidden",
        )?
        .exists([Column(session)])?)
}

/// What a session shows after the branch at `place` was hidden.
fn next_head(transaction: &Transaction<'_>, place: &Place) -> Result<Option<MessageId>, StoreError> {
    let mut newest = None;
    for other in said(transaction, place.session, place.parent, None)? {
        newest = newest.max(newest_under(transaction, other)?);
    }
    Ok(newest.map_or(place.parent, |(_, id)| Some(id)))
}

/// The newest message under `id`, or itself: its number and id. None if it is hidden or not there.
pub(crate) fn newest_under(
    transaction: &Transaction<'_>,
    id: MessageId,
) -> Result<Option<(i64, MessageId)>, StoreError> {
    Ok(transaction
        .prepare_cached(
            "WITH RECURSIVE branch AS (
                 SELECT number, id FROM message WHERE id = ?1 AND NOT hidden
                 UNION ALL
                 SELECT m.number, m.id FROM branch CROSS JOIN message m ON m.parent_id = branch.id
                 WHERE m.number > branch.number AND NOT m.hidden
             )
             SELECT number, id FROM branch ORDER BY number DESC LIMIT 1",
        )?
        .query_row([Column(id)], |row| Ok((row.get(0)?, row.get::<_, Column<_>>(1)?.0)))
        .optional()?)
}

/// The versions of a message: what stands in the same place, itself included, oldest first. Whoever said it: a question
/// may stand beside the answer to what both follow, and either is reached by way of the other only.
pub(crate) fn versions(transaction: &Transaction<'_>, message: &Message) -> Result<Vec<MessageId>, StoreError> {
    said(transaction, message.session_id, message.parent_id, Some(message.id))
}

/// What stands under `parent`, oldest first, a growing reply last; without attempts that brought no word and no file,
/// unless it is `always`.
fn said(
    transaction: &Transaction<'_>,
    session: SessionId,
    parent: Option<MessageId>,
    always: Option<MessageId>,
) -> Result<Vec<MessageId>, StoreError> {
    let mut siblings = transaction.prepare_cached(
        "SELECT m.id, m.content, m.attachments IS NOT NULL FROM message_or_draft m
         WHERE m.parent_id IS ?1 AND m.session_id = ?2 AND NOT m.hidden ORDER BY m.draft, m.number",
    )?;
    let mut rows = siblings.query(params![parent.map(Column), Column(session)])?;
    let mut said = Vec::new();
    while let Some(row) = rows.next()? {
        let Column(id) = row.get(0)?;
        let blank = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?.trim().is_empty();
        if Some(id) == always || !blank || row.get(2)? {
            said.push(id);
        }
    }
    Ok(said)
}

fn is_shown(transaction: &Transaction<'_>, id: MessageId) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND NOT hidden")?.exists([Column(id)])?)
}
