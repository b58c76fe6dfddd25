//! Conversations.

use crate::branch;
use crate::error::StoreError;
use crate::forget::ForgottenIds;
use crate::log::Log;
use crate::message::{self, Standing};
use crate::path::set_head;
use crate::payload::{
    Change, SessionArchived, SessionDeleted, SessionModel, SessionPinned, SessionRenamed, SessionTagged,
};
use crate::reply;
use crate::row::{Column, SESSION_COLUMNS, session};
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction};
use std::collections::HashSet;
use twin_core::chat::{Message, Session, SessionChange, TitleBy};
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;

const MAX_TAG_CHARS: usize = 40;

/// Deleted ones are hidden from every function that reads, until they are restored.
impl Store {
    /// Every session, the archived ones too, the newest message's first.
    pub fn session_list(&self) -> Result<Vec<Session>, StoreError> {
        self.read(|transaction| {
            let mut sessions = transaction.prepare_cached(&format!(
                "SELECT {SESSION_COLUMNS} FROM session WHERE deleted = 0
                 ORDER BY updated_at DESC, created_at DESC, id DESC"
            ))?;
            let sessions = sessions.query_map([], session)?.map(|session| session.map(|session| self.marked(session)));
            Ok(sessions.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// One session.
    pub fn session_get(&self, id: SessionId) -> Result<Session, StoreError> {
        self.read(|transaction| find(transaction, id)).map(|session| self.marked(session))
    }

    /// Gives a session the owner's title, which stays until the owner gives another.
    pub fn session_rename(&self, id: SessionId, title: &str) -> Result<(), StoreError> {
        let title = title.to_owned();
        self.write(move |log| {
            require(log.transaction, id)?;
            log.append(&Change::SessionRenamed(SessionRenamed { id, title, by: TitleBy::Owner }))
        })
    }

    /// Gives a session a title that a model found; false where the owner gave one, which stays.
    pub fn session_title_by_model(&self, id: SessionId, title: &str) -> Result<bool, StoreError> {
        let title = title.to_owned();
        self.write(move |log| {
            if find(log.transaction, id)?.title_by == TitleBy::Owner {
                return Ok(false);
            }
            log.append(&Change::SessionRenamed(SessionRenamed { id, title, by: TitleBy::Model }))?;
            Ok(true)
        })
    }

    /// Changes all of them or, if one is not there, none. A deleted one can only be brought back, with everything in it.
    pub fn session_change(&self, ids: &[SessionId], change: &SessionChange) -> Result<(), StoreError> {
        let (ids, change) = (ids.to_vec(), checked(change)?);
        self.write(move |log| ids.iter().try_for_each(|id| self::change(log, *id, &change)))
    }

    /// Chooses who answers in the session; none: the model of the settings.
    pub fn session_set_model(&self, id: SessionId, model: Option<&ModelRef>) -> Result<(), StoreError> {
        let model = model.cloned();
        self.write(move |log| {
            if find(log.transaction, id)?.model == model {
                return Ok(());
            }
            log.append(&Change::SessionModel(SessionModel { id, model }))
        })
    }

    /// Takes in a session with its messages, parents before their children. What is there already, by id, stays as it is;
    /// what is deleted comes back: the session, and the branches that the messages stand on. Returns how many messages were
    /// new or came back. With any of them the head moves: to `session.head`, or else to the last. The files of their
    /// attachments need not be on this device.
    pub fn session_import(&self, session: &Session, messages: &[Message]) -> Result<u64, StoreError> {
        let (session, messages) = (session.clone(), messages.to_vec());
        self.write(move |log| import(log, &session, &messages))
    }

    /// [`Store::session_import`] of what comes by itself, each message under the one before: what the owner deleted or
    /// forgot does not come back, and neither does what follows it. None: more was forgotten since `forgotten` was read.
    /// Fails while a reply grows in the session, whose head must not move away.
    pub fn session_follow(
        &self,
        session: &Session,
        messages: &[Message],
        forgotten: &ForgottenIds,
    ) -> Result<Option<u64>, StoreError> {
        let (session, mut messages, forgotten) = (session.clone(), messages.to_vec(), forgotten.clone());
        self.write(move |log| {
            if !forgotten.is_of_now(log.transaction)? {
                return Ok(None);
            }
            let deleted = deleted(log.transaction, session.id)?;
            let mut come = 0;
            for message in &messages {
                let here = message::exists(log.transaction, message.id)?;
                if branch::is_hidden(log.transaction, message.id)? || !here && forgotten.holds(message.id.as_uuid()) {
                    break;
                }
                come += 1;
            }
            // Of a new one its title would tell of what is left out.
            let left_out = come < messages.len() || forgotten.holds(session.id.as_uuid());
            if deleted == Some(true) || deleted.is_none() && left_out || come == 0 {
                return Ok(Some(0));
            }
            if reply::growing(log.transaction, session.id)? {
                return Err(StoreError::ReplyGrowing);
            }
            messages.truncate(come);
            import(log, &Session { head: None, ..session }, &messages).map(Some)
        })
    }
}

fn import(log: &Log<'_>, session: &Session, messages: &[Message]) -> Result<u64, StoreError> {
    match deleted(log.transaction, session.id)? {
        None => log.append(&Change::from(session))?,
        Some(_) => set_deleted(log, session.id, false)?,
    }
    let mut new = 0;
    let mut here = Vec::with_capacity(messages.len());
    for message in messages {
        if message.session_id != session.id {
            return Err(StoreError::InvalidInput("a message to import belongs to another session"));
        }
        let standing = message::standing(log.transaction, message.id)?;
        new += u64::from(standing == Some(Standing::Hidden));
        here.push(standing.is_some());
    }
    // What was appended here is known to be there and to be shown: of an ordinary import that is every parent but the first.
    let mut appended = HashSet::with_capacity(messages.len());
    for (message, here) in messages.iter().zip(here) {
        if here || appended.contains(&message.id) {
            message::require_in(log.transaction, message.id, session.id)?;
            branch::bring_back(log, message.id)?;
            continue;
        }
        if let Some(parent) = message.parent_id.filter(|parent| !appended.contains(parent)) {
            branch::bring_back(log, parent)?;
            message::require_in(log.transaction, parent, session.id)?;
        }
        message::append_new(log, message)?;
        appended.insert(message.id);
        new += 1;
    }
    let last = messages.last().map(|message| message.id);
    if let Some(chosen) = session.head.or(last).filter(|_| new > 0)
        && head(log.transaction, session.id)? != Some(chosen)
    {
        message::require_shown(log.transaction, chosen, session.id)?;
        set_head(log, session.id, Some(chosen))?;
    }
    Ok(new)
}

/// Fails unless the session is there and not deleted.
pub(crate) fn find(transaction: &Transaction<'_>, id: SessionId) -> Result<Session, StoreError> {
    transaction
        .prepare_cached(&format!("SELECT {SESSION_COLUMNS} FROM session WHERE id = ?1 AND deleted = 0"))?
        .query_row([Column(id)], session)
        .optional()?
        .ok_or(StoreError::NotFound("session"))
}

/// Fails unless the session is there and not deleted.
pub(crate) fn require(transaction: &Transaction<'_>, id: SessionId) -> Result<(), StoreError> {
    match deleted(transaction, id)? {
        Some(false) => Ok(()),
        Some(true) | None => Err(StoreError::NotFound("session")),
    }
}

/// What the session shows, be it deleted.
pub(crate) fn head(transaction: &Transaction<'_>, id: SessionId) -> Result<Option<MessageId>, StoreError> {
    let head = transaction
        .prepare_cached("SELECT head FROM session WHERE id = ?1")?
        .query_row([Column(id)], |row| row.get::<_, Option<Column<_>>>(0))
        .optional()?;
    Ok(head.flatten().map(|head| head.0))
}

/// Whether the session is deleted; none if it never was.
pub(crate) fn deleted(transaction: &Transaction<'_>, id: SessionId) -> Result<Option<bool>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT deleted FROM session WHERE id = ?1")?
        .query_row([Column(id)], |row| row.get(0))
        .optional()?)
}

/// With a tag as it is kept.
fn checked(change: &SessionChange) -> Result<SessionChange, StoreError> {
    let SessionChange::Tagged { tag, tagged } = change else {
        return Ok(change.clone());
    };
    let tag = tag.trim();
    if tag.is_empty() || tag.chars().count() > MAX_TAG_CHARS || tag.chars().any(char::is_control) {
        return Err(StoreError::InvalidInput("a tag has between 1 and 40 characters, on one line"));
    }
    Ok(SessionChange::Tagged { tag: tag.to_owned(), tagged: *tagged })
}

/// A session that is so already gets no record.
fn change(log: &Log<'_>, id: SessionId, change: &SessionChange) -> Result<(), StoreError> {
    if let SessionChange::Deleted { deleted } = *change {
        return set_deleted(log, id, deleted);
    }
    let session = find(log.transaction, id)?;
    match change {
        SessionChange::Pinned { pinned } if *pinned != session.pinned => {
            log.append(&Change::SessionPinned(SessionPinned { id, pinned: *pinned }))
        }
        SessionChange::Archived { archived } if *archived != session.archived => {
            log.append(&Change::SessionArchived(SessionArchived { id, archived: *archived }))
        }
        SessionChange::Tagged { tag, tagged } if *tagged != session.tags.contains(tag) => {
            let mut tags: Vec<String> = session.tags.into_iter().filter(|other| other != tag).collect();
            if *tagged {
                tags.push(tag.clone());
                tags.sort();
            }
            log.append(&Change::SessionTagged(SessionTagged { id, tags }))
        }
        _ => Ok(()),
    }
}

/// A session that is so already gets no record.
fn set_deleted(log: &Log<'_>, id: SessionId, wanted: bool) -> Result<(), StoreError> {
    match self::deleted(log.transaction, id)? {
        None => Err(StoreError::NotFound("session")),
        Some(deleted) if deleted == wanted => Ok(()),
        Some(_) => log.append(&Change::SessionDeleted(SessionDeleted { id, deleted: wanted })),
    }
}
