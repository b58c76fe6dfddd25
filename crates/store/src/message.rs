//! Messages: a tree in each session.

use crate::error::StoreError;
use crate::log::Log;
use crate::payload::{AttachmentLeftOut, Change};
use crate::row::{Column, Json, MESSAGE_COLUMNS, message};
use crate::session;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction};
use serde_json::value::RawValue;
use twin_core::chat::{Message, MessageStatus};
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_core::report::ContextReport;

/// Replies that are still growing, here or in another process, are among the messages, with status `Streaming`. Those on
/// deleted branches are not.
impl Store {
    /// The whole tree of a session: parents before their children, what is growing last.
    pub fn message_list(&self, session: SessionId) -> Result<Vec<Message>, StoreError> {
        self.read(|transaction| {
            session::require(transaction, session)?;
            list(transaction, session)
        })
    }

    /// [`Store::message_list`] of a session that may be deleted; nothing of one that never was.
    pub fn message_list_anyway(&self, session: SessionId) -> Result<Vec<Message>, StoreError> {
        self.read(|transaction| list(transaction, session))
    }

    /// The branch that ends in `leaf`, from the first message on.
    pub fn message_path(&self, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
        self.read(|transaction| path(transaction, leaf))
    }

    /// One message.
    pub fn message_get(&self, id: MessageId) -> Result<Message, StoreError> {
        self.read(|transaction| get(transaction, id))
    }

    /// Takes a file of a message out of what models are sent, or puts it back.
    pub fn attachment_leave_out(
        &self,
        message: MessageId,
        attachment: AttachmentId,
        left_out: bool,
    ) -> Result<(), StoreError> {
        self.write(move |log| {
            let attachments = get(log.transaction, message)?.attachments;
            let found = attachments.iter().find(|found| found.id == attachment);
            if found.ok_or(StoreError::NotFound("attachment"))?.left_out == left_out {
                return Ok(());
            }
            log.append(&Change::AttachmentLeftOut(AttachmentLeftOut {
                message_id: message,
                attachment_id: attachment,
                left_out,
            }))
        })
    }

    /// Why a reply came out as it did; none for a message without a report.
    pub fn context_report(&self, message: MessageId) -> Result<Option<ContextReport>, StoreError> {
        self.read(|transaction| {
            Ok(transaction
                .prepare_cached(
                    "SELECT report FROM context_report r JOIN message m ON m.id = r.message_id
                     JOIN session s ON s.id = m.session_id WHERE r.message_id = ?1 AND NOT m.hidden AND s.deleted = 0",
                )?
                .query_row([Column(message)], |row| row.get::<_, Json<ContextReport>>(0))
                .optional()?
                .map(|report| report.0))
        })
    }
}

fn list(transaction: &Transaction<'_>, session: SessionId) -> Result<Vec<Message>, StoreError> {
    let mut messages = transaction.prepare_cached(&format!(
        "SELECT {MESSAGE_COLUMNS} FROM message_or_draft m WHERE m.session_id = ?1 AND NOT m.hidden
         ORDER BY m.draft, m.number"
    ))?;
    Ok(messages.query_map([Column(session)], message)?.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn path(transaction: &Transaction<'_>, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
    let leaf = get(transaction, leaf)?;
    // Only the leaf can still be growing. Numbers fall on the way up, so that no chain of parents is endless.
    let mut ancestors = transaction.prepare_cached(&format!(
        "WITH RECURSIVE path AS (
             SELECT number, parent_id FROM message WHERE id = ?1
             UNION ALL
             SELECT m.number, m.parent_id FROM path CROSS JOIN message m ON m.id = path.parent_id
             WHERE m.number < path.number
         )
         SELECT {MESSAGE_COLUMNS} FROM path CROSS JOIN message m ON m.number = path.number ORDER BY m.number"
    ))?;
    let mut path: Vec<Message> =
        ancestors.query_map([leaf.parent_id.map(Column)], message)?.collect::<rusqlite::Result<_>>()?;
    path.push(leaf);
    Ok(path)
}

/// As it was written: it passes through.
pub(crate) fn report(transaction: &Transaction<'_>, id: MessageId) -> Result<Option<Box<RawValue>>, StoreError> {
    let report: Option<String> = transaction
        .prepare_cached("SELECT report FROM context_report WHERE message_id = ?1")?
        .query_row([Column(id)], |row| row.get(0))
        .optional()?;
    Ok(report.map(RawValue::from_string).transpose()?)
}

pub(crate) fn get(transaction: &Transaction<'_>, id: MessageId) -> Result<Message, StoreError> {
    transaction
        .prepare_cached(&format!(
            "SELECT {MESSAGE_COLUMNS} FROM message_or_draft m
             WHERE m.id = ?1 AND NOT m.hidden AND EXISTS (SELECT 1 FROM session s WHERE s.id = m.session_id AND s.deleted = 0)"
        ))?
        .query_row([Column(id)], message)
        .optional()?
        .ok_or(StoreError::NotFound("message"))
}

/// Whether a finished message of that id is there.
pub(crate) fn exists(transaction: &Transaction<'_>, id: MessageId) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached("SELECT 1 FROM message WHERE id = ?1")?.exists([Column(id)])?)
}

/// Fails unless the finished message is there, in that session and on no deleted branch.
pub(crate) fn require_shown(
    transaction: &Transaction<'_>,
    id: MessageId,
    session: SessionId,
) -> Result<(), StoreError> {
    let found = transaction
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND session_id = ?2 AND NOT hidden")?
        .exists((Column(id), Column(session)))?;
    if found { Ok(()) } else { Err(StoreError::NotFound("message")) }
}

/// Fails unless the finished message is there, in that session, be it on a deleted branch.
pub(crate) fn require_in(transaction: &Transaction<'_>, id: MessageId, session: SessionId) -> Result<(), StoreError> {
    let found = transaction
        .prepare_cached("SELECT 1 FROM message WHERE id = ?1 AND session_id = ?2")?
        .exists((Column(id), Column(session)))?;
    if found { Ok(()) } else { Err(StoreError::NotFound("message")) }
}

/// How a finished message is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Shown,
    /// On a deleted branch.
    Hidden,
}

/// None if it is not there.
pub(crate) fn standing(transaction: &Transaction<'_>, id: MessageId) -> Result<Option<Standing>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT hidden FROM message WHERE id = ?1")?
        .query_row([Column(id)], |row| Ok(if row.get(0)? { Standing::Hidden } else { Standing::Shown }))
        .optional()?)
}

/// Appends a finished message whose id is free and whose parent is there.
pub(crate) fn append(log: &Log<'_>, message: &Message) -> Result<(), StoreError> {
    if exists(log.transaction, message.id)? {
        return Err(StoreError::InvalidInput("a message with this id is there already"));
    }
    if let Some(parent) = message.parent_id {
        require_in(log.transaction, parent, message.session_id)?;
    }
    append_new(log, message)
}

/// [`append`] where whoever asks knows that the id is free and the parent there.
pub(crate) fn append_new(log: &Log<'_>, message: &Message) -> Result<(), StoreError> {
    if message.status == MessageStatus::Streaming {
        return Err(StoreError::InvalidInput("a message that still grows cannot be kept as a whole one"));
    }
    log.append(&Change::from(message))
}
