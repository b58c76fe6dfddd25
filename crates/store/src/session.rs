//! Conversations.

use crate::error::StoreError;
use crate::log::Log;
use crate::message;
use crate::payload::{Change, SessionDeleted, SessionHead, SessionModel, SessionRenamed};
use crate::row::{Column, SESSION_COLUMNS, session};
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction};
use twin_core::chat::{Message, Session};
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;

/// Deleted ones are hidden from every function that reads, until they are restored.
impl Store {
    /// Every session, the newest message's first.
    pub fn session_list(&self) -> Result<Vec<Session>, StoreError> {
        self.read(|transaction| {
            let mut sessions = transaction.prepare_cached(&format!(
                "SELECT {SESSION_COLUMNS} FROM session WHERE deleted = 0
                 ORDER BY updated_at DESC, created_at DESC, id DESC"
            ))?;
            Ok(sessions.query_map([], session)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One session.
    pub fn session_get(&self, id: SessionId) -> Result<Session, StoreError> {
        self.read(|transaction| find(transaction, id)?.ok_or(StoreError::NotFound("session")))
    }

    /// Gives a session another title.
    pub fn session_rename(&self, id: SessionId, title: &str) -> Result<(), StoreError> {
        let title = title.to_owned();
        self.write(move |log| {
            require(log.transaction, id)?;
            log.append(&Change::SessionRenamed(SessionRenamed { id, title }))
        })
    }

    /// Hides a session with everything in it. [`Store::session_restore`] brings it back whole.
    pub fn session_delete(&self, id: SessionId) -> Result<(), StoreError> {
        self.write(move |log| set_deleted(log, id, true))
    }

    /// Brings a deleted session back.
    pub fn session_restore(&self, id: SessionId) -> Result<(), StoreError> {
        self.write(move |log| set_deleted(log, id, false))
    }

    /// Chooses the branch that the session shows, by its last message.
    pub fn session_set_head(&self, id: SessionId, head: MessageId) -> Result<(), StoreError> {
        self.write(move |log| {
            require(log.transaction, id)?;
            message::require_in(log.transaction, head, id)?;
            log.append(&Change::SessionHead(SessionHead { id, head }))
        })
    }

    /// Chooses who answers in the session; none: the model of the settings.
    pub fn session_set_model(&self, id: SessionId, model: Option<&ModelRef>) -> Result<(), StoreError> {
        let model = model.cloned();
        self.write(move |log| {
            let session = find(log.transaction, id)?.ok_or(StoreError::NotFound("session"))?;
            if session.model == model {
                return Ok(());
            }
            log.append(&Change::SessionModel(SessionModel { id, model }))
        })
    }

    /// Takes in a session with its messages, parents before their children. What is there already, by id, stays as it is;
    /// a deleted session is restored. Returns how many messages were new. With any of them the head moves: to
    /// `session.head`, or else to the last. The files of their attachments need not be on this device.
    pub fn session_import(&self, session: &Session, messages: &[Message]) -> Result<u64, StoreError> {
        let (session, messages) = (session.clone(), messages.to_vec());
        self.write(move |log| {
            match deleted(log.transaction, session.id)? {
                None => log.append(&Change::from(&session))?,
                Some(_) => set_deleted(log, session.id, false)?,
            }
            let mut new = 0;
            for message in &messages {
                if message.session_id != session.id {
                    return Err(StoreError::InvalidInput("a message to import belongs to another session"));
                }
                if message::exists(log.transaction, message.id)? {
                    continue;
                }
                message::append(log, message)?;
                new += 1;
            }
            if let Some(head) = session.head.filter(|_| new > 0) {
                message::require_in(log.transaction, head, session.id)?;
                log.append(&Change::SessionHead(SessionHead { id: session.id, head }))?;
            }
            Ok(new)
        })
    }
}

fn find(transaction: &Transaction<'_>, id: SessionId) -> Result<Option<Session>, StoreError> {
    Ok(transaction
        .prepare_cached(&format!("SELECT {SESSION_COLUMNS} FROM session WHERE id = ?1 AND deleted = 0"))?
        .query_row([Column(id)], session)
        .optional()?)
}

/// Fails unless the session is there and not deleted.
pub(crate) fn require(transaction: &Transaction<'_>, id: SessionId) -> Result<(), StoreError> {
    match deleted(transaction, id)? {
        Some(false) => Ok(()),
        Some(true) | None => Err(StoreError::NotFound("session")),
    }
}

/// Whether the session is deleted; none if it never was.
pub(crate) fn deleted(transaction: &Transaction<'_>, id: SessionId) -> Result<Option<bool>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT deleted FROM session WHERE id = ?1")?
        .query_row([Column(id)], |row| row.get(0))
        .optional()?)
}

/// A session that is so already gets no record.
fn set_deleted(log: &Log<'_>, id: SessionId, wanted: bool) -> Result<(), StoreError> {
    match self::deleted(log.transaction, id)? {
        None => Err(StoreError::NotFound("session")),
        Some(deleted) if deleted == wanted => Ok(()),
        Some(_) => log.append(&Change::SessionDeleted(SessionDeleted { id, deleted: wanted })),
    }
}
