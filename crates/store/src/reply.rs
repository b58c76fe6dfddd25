//! One turn: the person's message, and the reply while it grows.

use crate::blob::{self, Blob};
use crate::error::StoreError;
use crate::payload::{Change, ReportKept};
use crate::row::{Column, Json, list};
use crate::store::Store;
use crate::{message, path, session};
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::chat::{Message, MessagePart, Session};
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::report::ContextReport;
use twin_core::time::Timestamp;

/// What is committed before the model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnBegin {
    /// The session, if this is its first turn.
    pub session: Option<Session>,
    /// What the person said; none when an earlier message is answered again.
    pub user_message: Option<Message>,
    /// The files that came with it. One that is here already need not be given again.
    pub blobs: Vec<Blob>,
    /// The reply to come.
    pub reply: ReplyDraft,
}

/// A reply of which nothing has arrived yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyDraft {
    /// The id that the finished message will have.
    pub id: MessageId,
    /// The session.
    pub session_id: SessionId,
    /// The message that it answers.
    pub parent_id: MessageId,
    /// Who answers.
    pub model: ModelRef,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// Whether a reply is being written in the session, by this process or another.
pub(crate) fn growing(transaction: &Transaction<'_>, session: SessionId) -> Result<bool, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM reply_draft WHERE session_id = ?1)")?
        .query_row([Column(session)], |row| row.get(0))?)
}

impl Store {
    /// Opens a turn, in one transaction. One reply at a time in a session: two would hide each other on two branches.
    pub fn turn_begin(&self, turn: &TurnBegin) -> Result<(), StoreError> {
        // Here and not on the writing thread, for which others may wait.
        blob::check(&turn.blobs, turn.user_message.as_ref().map_or(&[], |message| &message.attachments))?;
        let (turn, owner) = (turn.clone(), self.owner().to_owned());
        self.write(move |log| {
            let TurnBegin { session, user_message, blobs, reply } = turn;
            if let Some(session) = session {
                if session::deleted(log.transaction, session.id)?.is_some() {
                    return Err(StoreError::InvalidInput("a session with this id is there already"));
                }
                log.append(&Change::from(&session))?;
            }
            session::require(log.transaction, reply.session_id)?;
            if let Some(user_message) = user_message {
                if user_message.session_id != reply.session_id {
                    return Err(StoreError::InvalidInput("the message and its reply belong to different sessions"));
                }
                blob::keep(log.transaction, &blobs, &user_message.attachments)?;
                message::append(log, &user_message)?;
            }
            message::require_shown(log.transaction, reply.parent_id, reply.session_id)?;
            if growing(log.transaction, reply.session_id)? {
                return Err(StoreError::ReplyGrowing);
            }
            if message::exists(log.transaction, reply.id)? || parent_of(log.transaction, reply.id)?.is_some() {
                return Err(StoreError::InvalidInput("a message with this id is there already"));
            }
            log.transaction
                .prepare_cached(
                    "INSERT INTO reply_draft (id, session_id, parent_id, model, created_at, owner)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    Column(reply.id),
                    Column(reply.session_id),
                    Column(reply.parent_id),
                    Json(reply.model),
                    Column(reply.created_at),
                    owner,
                ])?;
            Ok(())
        })
    }

    /// Replaces the text of a growing reply, and what it is made of.
    pub fn reply_grow(&self, id: MessageId, content: &str, parts: &[MessagePart]) -> Result<(), StoreError> {
        let (content, parts) = (content.to_owned(), parts.to_owned());
        self.write(move |log| {
            let grown = log
                .transaction
                .prepare_cached("UPDATE reply_draft SET content = ?2, parts = ?3 WHERE id = ?1")?
                .execute(params![Column(id), content, list(&parts)])?;
            if grown == 0 { Err(StoreError::NotFound("growing reply")) } else { Ok(()) }
        })
    }

    /// Turns the growing reply into a message, with the report on how it came to be. The session's head moves to it, unless
    /// another branch was chosen while it grew.
    pub fn reply_finish(&self, reply: &Message, report: Option<&ContextReport>) -> Result<(), StoreError> {
        let reply = reply.clone();
        let report = report.map(serde_json::value::to_raw_value).transpose()?;
        self.write(move |log| {
            let Some(place) = parent_of(log.transaction, reply.id)? else {
                return Err(StoreError::NotFound("growing reply"));
            };
            if place != (reply.session_id, reply.parent_id) {
                return Err(StoreError::InvalidInput(
                    "the finished reply stands elsewhere than the one that was begun",
                ));
            }
            let elsewhere = path::shown_beside(log.transaction, &reply)?;
            remove(log.transaction, reply.id)?;
            message::append(log, &reply)?;
            if elsewhere.is_some() {
                path::set_head(log, reply.session_id, elsewhere)?;
            }
            match report {
                Some(report) => log.append(&Change::ContextReport(ReportKept { message_id: reply.id, report })),
                None => Ok(()),
            }
        })
    }

    /// Forgets a reply of which nothing arrived.
    pub fn reply_discard(&self, id: MessageId) -> Result<(), StoreError> {
        self.write(
            move |log| if remove(log.transaction, id)? { Ok(()) } else { Err(StoreError::NotFound("growing reply")) },
        )
    }
}

/// Where a growing reply stands: its session and the message that it answers.
fn parent_of(
    transaction: &Transaction<'_>,
    id: MessageId,
) -> Result<Option<(SessionId, Option<MessageId>)>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT session_id, parent_id FROM reply_draft WHERE id = ?1")?
        .query_row([Column(id)], |row| {
            Ok((row.get::<_, Column<SessionId>>(0)?.0, Some(row.get::<_, Column<MessageId>>(1)?.0)))
        })
        .optional()?)
}

/// Removes a growing reply; whether it was there.
pub(crate) fn remove(transaction: &Transaction<'_>, id: MessageId) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached("DELETE FROM reply_draft WHERE id = ?1")?.execute([Column(id)])? > 0)
}
