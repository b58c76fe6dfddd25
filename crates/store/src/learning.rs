//! What waits to be learned from, and what learning used. Local: each device learns from what was said on it.

use crate::error::StoreError;
use crate::memory;
use crate::row::Column;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::id::{MessageId, SessionId};
use twin_core::memory::MemoryChange;
use twin_core::model::ModelRef;

/// Exchanges that wait at most. While there is no budget, the oldest are given up.
const WAITING: u32 = 500;

/// An exchange of which nothing could be learned so often is given up.
const TRIES: u32 = 3;

/// Some exchanges of one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearningBatch {
    /// The session.
    pub session_id: SessionId,
    /// The answers that end the exchanges, the oldest first.
    pub messages: Vec<MessageId>,
}

/// What learning from a batch used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearningUse {
    /// As 2026-11.
    pub month: String,
    /// Who was asked.
    pub model: ModelRef,
    /// Tokens, in and out.
    pub tokens: u32,
}

impl Store {
    /// Lets the exchange that ends in this answer wait. Returns how many others were given up for it.
    pub fn learning_wait(&self, session: SessionId, answer: MessageId) -> Result<u32, StoreError> {
        self.write(move |log| {
            log.transaction
                .prepare_cached("INSERT INTO learning (message_id, session_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![Column(answer), Column(session)])?;
            let dropped = log
                .transaction
                .prepare_cached(
                    "DELETE FROM learning WHERE number NOT IN (SELECT number FROM learning ORDER BY number DESC LIMIT ?1)",
                )?
                .execute([WAITING])?;
            Ok(u32::try_from(dropped).unwrap_or(u32::MAX))
        })
    }

    /// At most so many exchanges of the session that has waited longest; those that failed before come after the others.
    /// What was deleted meanwhile is not among them.
    pub fn learning_next(&self, most: u32) -> Result<Option<LearningBatch>, StoreError> {
        self.read(|transaction| {
            let waiting = "FROM learning l JOIN message m ON m.id = l.message_id JOIN session s ON s.id = m.session_id
                           WHERE NOT m.hidden AND NOT s.deleted";
            let first = transaction
                .prepare_cached(&format!("SELECT l.session_id, l.tries {waiting} ORDER BY l.tries, l.number LIMIT 1"))?
                .query_row([], |row| Ok((row.get::<_, Column<SessionId>>(0)?.0, row.get::<_, u32>(1)?)))
                .optional()?;
            let Some((session_id, tries)) = first else {
                return Ok(None);
            };
            let mut messages = transaction.prepare_cached(&format!(
                "SELECT l.message_id {waiting} AND l.session_id = ?1 AND l.tries = ?2 ORDER BY l.number LIMIT ?3"
            ))?;
            let messages = messages
                .query_map(params![Column(session_id), tries, most], |row| Ok(row.get::<_, Column<_>>(0)?.0))?;
            Ok(Some(LearningBatch { session_id, messages: messages.collect::<rusqlite::Result<_>>()? }))
        })
    }

    /// Keeps what was learned from a batch, which waits no longer. False, and nothing but what was used is kept, if one of
    /// them no longer waits: another process has learned from it, or it was forgotten while the model was asked.
    pub fn learning_done(
        &self,
        messages: &[MessageId],
        changes: &[MemoryChange],
        used: Option<&LearningUse>,
    ) -> Result<bool, StoreError> {
        let (messages, changes, used) = (messages.to_vec(), changes.to_vec(), used.cloned());
        self.write(move |log| {
            add_use(log.transaction, used.as_ref())?;
            let mut waits = log.transaction.prepare_cached("SELECT 1 FROM learning WHERE message_id = ?1")?;
            for message in &messages {
                if !waits.exists([Column(*message)])? {
                    return Ok(false);
                }
            }
            for message in &messages {
                log.transaction
                    .prepare_cached("DELETE FROM learning WHERE message_id = ?1")?
                    .execute([Column(*message)])?;
            }
            memory::append(log, &changes)?;
            Ok(true)
        })
    }

    /// Notes that nothing could be learned from a batch this time. Returns how many exchanges were given up for good.
    pub fn learning_failed(&self, messages: &[MessageId], used: Option<&LearningUse>) -> Result<u32, StoreError> {
        let (messages, used) = (messages.to_vec(), used.cloned());
        self.write(move |log| {
            for message in messages {
                log.transaction
                    .prepare_cached("UPDATE learning SET tries = tries + 1 WHERE message_id = ?1")?
                    .execute([Column(message)])?;
            }
            add_use(log.transaction, used.as_ref())?;
            let given_up = log.transaction.execute("DELETE FROM learning WHERE tries >= ?1", [TRIES])?;
            Ok(u32::try_from(given_up).unwrap_or(u32::MAX))
        })
    }

    /// Tokens that learning used in that month, written as 2026-11.
    pub fn learning_tokens(&self, month: &str) -> Result<u32, StoreError> {
        self.read(|transaction| {
            Ok(transaction
                .prepare_cached("SELECT coalesce(sum(tokens), 0) FROM learning_usage WHERE month = ?1")?
                .query_row([month], |row| row.get(0))?)
        })
    }
}

fn add_use(transaction: &Transaction<'_>, used: Option<&LearningUse>) -> Result<(), StoreError> {
    if let Some(used) = used {
        transaction
            .prepare_cached(
                "INSERT INTO learning_usage (month, model, tokens) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET tokens = tokens + ?3",
            )?
            .execute(params![used.month, used.model.to_string(), used.tokens])?;
    }
    Ok(())
}
