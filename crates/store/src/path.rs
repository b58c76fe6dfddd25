//! The branch that a session shows: from its first message to its head, or to the reply that grows there.

use crate::branch;
use crate::error::StoreError;
use crate::log::Log;
use crate::message;
use crate::payload::{Change, SessionHead};
use crate::row::{self, Column, MESSAGE_COLUMNS};
use crate::session;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::chat::{Message, PathPlace};
use twin_core::id::{MessageId, SessionId};

/// Some neighbouring messages of the branch that a session shows.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPath {
    /// The last message of the branch; none in an empty session.
    pub leaf: Option<MessageId>,
    /// How many messages the whole branch has.
    pub total: u32,
    /// The place of the first of `messages`.
    pub start: u32,
    /// In the order of the conversation, each with those that stand in the same place, itself included, oldest first.
    /// Attempts that brought no word and no file are not among them.
    pub messages: Vec<(Message, Vec<MessageId>)>,
}

/// A reply that grows, and the message that it answers.
struct Draft {
    id: MessageId,
    parent: MessageId,
    shown: bool,
}

impl Store {
    /// The messages at `place`, at most `count`. It takes as long as the way up from the end to the first of them.
    pub fn session_path(&self, id: SessionId, place: &PathPlace, count: u32) -> Result<StoredPath, StoreError> {
        self.read(|transaction| {
            let head = session::find(transaction, id)?.head;
            let draft = draft(transaction, id)?;
            let shown = draft.as_ref().filter(|draft| draft.shown);
            let last = match shown {
                Some(draft) => position(transaction, draft.parent, id)?,
                None => last(transaction, id, head)?,
            };
            // A message that is gone leaves the reply to it alone on its branch.
            let written = last.as_ref().map_or(0, |last| last.depth + 1);
            let total = written + u32::from(shown.is_some());
            let (start, end) = range(transaction, id, place, count, total, shown)?;
            let mut messages = match &last {
                Some(last) => walk(transaction, last.number, start, end)?,
                None => Vec::new(),
            };
            if let Some(draft) = shown.filter(|_| end == total && start < end) {
                messages.push(message::get(transaction, draft.id)?);
            }
            if let PathPlace::Around { message } = place
                && !messages.iter().any(|found| found.id == *message)
            {
                return Err(StoreError::NotFound("message"));
            }
            let leaf = shown.map(|draft| draft.id).or(last.as_ref().map(|last| last.id));
            let messages = messages.into_iter().map(|message| {
                let versions = branch::versions(transaction, &message)?;
                Ok((message, versions))
            });
            Ok(StoredPath { leaf, total, start, messages: messages.collect::<Result<_, StoreError>>()? })
        })
    }

    /// The last whole message of the branch that the session shows; none in an empty session.
    pub fn session_leaf(&self, id: SessionId) -> Result<Option<MessageId>, StoreError> {
        self.read(|transaction| {
            let head = session::find(transaction, id)?.head;
            Ok(last(transaction, id, head)?.map(|last| last.id))
        })
    }

    /// Shows the branch that ends in the newest message under `message`, which it returns: a reply that grows there, or
    /// one that is whole.
    pub fn session_show(&self, id: SessionId, message: MessageId) -> Result<MessageId, StoreError> {
        self.write(move |log| {
            let head = session::find(log.transaction, id)?.head;
            let draft = draft(log.transaction, id)?;
            let growing = match &draft {
                Some(draft) if draft.id == message => true,
                Some(draft) => {
                    message::require_shown(log.transaction, message, id)?;
                    is_above(log.transaction, message, draft.parent)?
                }
                None => false,
            };
            if let Some(draft) = &draft {
                log.transaction
                    .prepare_cached("UPDATE reply_draft SET shown = ?2 WHERE id = ?1")?
                    .execute(params![Column(draft.id), growing])?;
                if growing {
                    return Ok(draft.id);
                }
            }
            message::require_shown(log.transaction, message, id)?;
            let (_, leaf) = branch::newest_under(log.transaction, message)?.ok_or(StoreError::NotFound("message"))?;
            if head != Some(leaf) {
                set_head(log, id, Some(leaf))?;
            }
            Ok(leaf)
        })
    }
}

/// Whether `message` is `below` or one of those before it on its branch.
fn is_above(transaction: &Transaction<'_>, message: MessageId, below: MessageId) -> Result<bool, StoreError> {
    Ok(transaction
        .prepare_cached(
            "WITH RECURSIVE path AS (
                 SELECT number, id, parent_id FROM message WHERE id = ?2
                 UNION ALL
                 SELECT m.number, m.id, m.parent_id FROM path CROSS JOIN message m ON m.id = path.parent_id
                 WHERE m.number < path.number
             )
             SELECT 1 FROM path WHERE id = ?1",
        )?
        .exists((Column(message), Column(below)))?)
}

/// Chooses the branch that a session shows, by its last message.
pub(crate) fn set_head(log: &Log<'_>, id: SessionId, head: Option<MessageId>) -> Result<(), StoreError> {
    log.append(&Change::SessionHead(SessionHead { id, head }))
}

/// The head that was chosen while `reply` grew on another branch; none if the reply is shown.
pub(crate) fn shown_beside(transaction: &Transaction<'_>, reply: &Message) -> Result<Option<MessageId>, StoreError> {
    match draft(transaction, reply.session_id)? {
        Some(draft) if draft.id == reply.id && !draft.shown => Ok(session::head(transaction, reply.session_id)?),
        _ => Ok(None),
    }
}

fn draft(transaction: &Transaction<'_>, session: SessionId) -> Result<Option<Draft>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT id, parent_id, shown FROM reply_draft WHERE session_id = ?1")?
        .query_row([Column(session)], |row| {
            Ok(Draft { id: row.get::<_, Column<_>>(0)?.0, parent: row.get::<_, Column<_>>(1)?.0, shown: row.get(2)? })
        })
        .optional()?)
}

/// A whole message that is there to be seen.
struct Position {
    id: MessageId,
    number: i64,
    depth: u32,
}

fn to_position(row: &rusqlite::Row<'_>) -> rusqlite::Result<Position> {
    Ok(Position { id: row.get::<_, Column<_>>(0)?.0, number: row.get(1)?, depth: row.get(2)? })
}

fn position(transaction: &Transaction<'_>, id: MessageId, session: SessionId) -> Result<Option<Position>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT id, number, depth FROM message WHERE id = ?1 AND session_id = ?2 AND NOT hidden")?
        .query_row((Column(id), Column(session)), to_position)
        .optional()?)
}

/// The last whole message that is shown: the head or, where that is not to be seen, the newest.
fn last(
    transaction: &Transaction<'_>,
    session: SessionId,
    head: Option<MessageId>,
) -> Result<Option<Position>, StoreError> {
    if let Some(head) = head
        && let Some(found) = position(transaction, head, session)?
    {
        return Ok(Some(found));
    }
    Ok(transaction
        .prepare_cached(
            "SELECT id, number, depth FROM message WHERE session_id = ?1 AND NOT hidden ORDER BY number DESC LIMIT 1",
        )?
        .query_row([Column(session)], to_position)
        .optional()?)
}

/// The first place, and the one after the last.
fn range(
    transaction: &Transaction<'_>,
    session: SessionId,
    place: &PathPlace,
    count: u32,
    total: u32,
    shown: Option<&Draft>,
) -> Result<(u32, u32), StoreError> {
    let start = match *place {
        PathPlace::End => total.saturating_sub(count),
        PathPlace::From { index } => index.min(total),
        PathPlace::Around { message } => {
            let at = match shown {
                Some(draft) if draft.id == message => total - 1,
                _ => position(transaction, message, session)?.ok_or(StoreError::NotFound("message"))?.depth,
            };
            // At either end as many as elsewhere.
            at.saturating_sub(count / 2).min(total.saturating_sub(count))
        }
    };
    Ok((start, start.saturating_add(count).min(total)))
}

/// The messages from `start` on and before `end` on the branch that ends in `number`.
fn walk(transaction: &Transaction<'_>, number: i64, start: u32, end: u32) -> Result<Vec<Message>, StoreError> {
    let mut messages = transaction.prepare_cached(&walk_sql())?;
    Ok(messages.query_map(params![number, start, end], row::message)?.collect::<rusqlite::Result<_>>()?)
}

/// Parameters: the number of the last message, the first depth, the one after the last. Numbers fall on the way up, so that
/// no chain of parents is endless.
fn walk_sql() -> String {
    format!(
        "WITH RECURSIVE path AS (
             SELECT number, parent_id, depth FROM message WHERE number = ?1
             UNION ALL
             SELECT m.number, m.parent_id, m.depth FROM path CROSS JOIN message m ON m.id = path.parent_id
             WHERE m.number < path.number AND path.depth > ?2
         )
         SELECT {MESSAGE_COLUMNS} FROM path CROSS JOIN message m ON m.number = path.number
         WHERE path.depth >= ?2 AND path.depth < ?3 ORDER BY path.depth"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::StatementStatus;

    /// How many steps SQLite takes to read the last 50 of a branch of so many messages.
    fn steps(messages: u32) -> i32 {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(&crate::migration::MIGRATIONS.concat()).unwrap();
        let mut insert = connection
            .prepare(
                "INSERT INTO message (id, session_id, parent_id, depth, role, status, created_at, content)
                 VALUES (?1, zeroblob(16), ?2, ?3, 'user', 'complete', 0, 'text')",
            )
            .unwrap();
        for depth in 0..messages {
            let id = |depth: u32| MessageId::from_uuid(uuid::Uuid::from_u128(depth.into()));
            let parent = depth.checked_sub(1).map(|parent| Column(id(parent)));
            insert.execute(params![Column(id(depth)), parent, depth]).unwrap();
        }
        let mut walk = connection.prepare(&walk_sql()).unwrap();
        let read = walk.query_map([messages, messages - 50, messages], row::message).unwrap().count();
        assert_eq!(read, 50);
        walk.get_status(StatementStatus::VmStep)
    }

    #[test]
    fn the_end_of_a_long_branch_is_read_in_as_many_steps_as_a_short_one() {
        assert_eq!(steps(10_000), steps(51));
    }
}
