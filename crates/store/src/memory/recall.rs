//! Memories that may fit a question, and only those that the conversation may hear.

use super::{COLUMNS, moment, standing, whole};
use crate::error::StoreError;
use crate::row::{Column, Word};
use crate::store::Store;
use crate::word;
use rusqlite::{Transaction, named_params};
use twin_core::chat::Audience;
use twin_core::id::{MemoryId, SessionId};
use twin_core::memory::Memory;
use twin_core::time::Timestamp;

/// Who hears what is recalled, where, and as of when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hearing {
    /// The owner hears everything; a visitor what may be heard by visitors, and of what visitors said only what was said in
    /// their own session.
    pub audience: Audience,
    /// The session in which it is heard.
    pub session: Option<SessionId>,
    /// What was known then; none: what is known now.
    pub as_of: Option<Timestamp>,
    /// What no longer holds as well.
    pub ended: bool,
}

/// A memory that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryHit {
    /// The memory.
    pub memory: Memory,
    /// Okapi BM25 as SQLite computes it, its sign turned: higher is better, comparable within one search only.
    pub rank: f64,
}

/// What may be heard: part of every query, so that nothing else is ever ranked.
const HEARD: &str = "m.learned_at <= :at AND (:ended OR m.ended_at IS NULL OR m.ended_at > :at)
     AND (:audience = 'owner' OR m.audience = 'visitor' AND (m.teller = 'owner' OR EXISTS (
             SELECT 1 FROM memory_source s WHERE s.memory_id = m.id AND s.session_id = :session)))";

impl Store {
    /// Those with any of the terms, which are as in [`Store::turn_words`], the best first.
    pub fn memory_search(
        &self,
        terms: &[String],
        hearing: &Hearing,
        limit: usize,
    ) -> Result<Vec<MemoryHit>, StoreError> {
        let Some(wanted) = word::any_of(terms) else {
            return Ok(Vec::new());
        };
        self.read(|transaction| {
            select(
                transaction,
                &format!(
                    "SELECT {COLUMNS}, -bm25(memory_fts) AS score
                     FROM memory_fts f CROSS JOIN memory_standing m ON m.number = f.rowid
                     WHERE memory_fts MATCH :wanted AND {HEARD} ORDER BY score DESC, m.number DESC LIMIT :limit"
                ),
                &wanted,
                hearing,
                limit,
            )
        })
    }

    /// Of those ids the ones that may be heard, in the order in which they were learned.
    pub fn memory_heard(&self, ids: &[MemoryId], hearing: &Hearing) -> Result<Vec<Memory>, StoreError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = serde_json::to_string(&ids)?;
        self.read(|transaction| {
            let hits = select(
                transaction,
                &format!(
                    "SELECT {COLUMNS}, 0.0 AS score FROM memory_standing m
                     WHERE m.id IN (SELECT unhex(value, '-') FROM json_each(:wanted)) AND {HEARD}
                     ORDER BY m.number LIMIT :limit"
                ),
                &ids,
                hearing,
                usize::MAX,
            )?;
            Ok(hits.into_iter().map(|hit| hit.memory).collect())
        })
    }

    /// Those that the owner wants always at hand, the most important first.
    pub fn memory_pinned(&self, hearing: &Hearing) -> Result<Vec<Memory>, StoreError> {
        self.read(|transaction| {
            let hits = select(
                transaction,
                &format!(
                    "SELECT {COLUMNS}, 0.0 AS score FROM memory_standing m
                     WHERE m.pinned AND {HEARD} AND :wanted IS NOT NULL
                     ORDER BY m.importance DESC, m.number DESC LIMIT :limit"
                ),
                "",
                hearing,
                usize::MAX,
            )?;
            Ok(hits.into_iter().map(|hit| hit.memory).collect())
        })
    }
}

fn select(
    transaction: &Transaction<'_>,
    sql: &str,
    wanted: &str,
    hearing: &Hearing,
    limit: usize,
) -> Result<Vec<MemoryHit>, StoreError> {
    let at = moment(hearing.as_of);
    let mut rows = transaction.prepare_cached(sql)?;
    let rows = rows.query_map(
        named_params! {
            ":wanted": wanted,
            ":at": at,
            ":ended": hearing.ended,
            ":audience": Word(hearing.audience),
            ":session": hearing.session.map(Column),
            ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
        },
        |row| Ok((standing(row, at)?, row.get("score")?)),
    )?;
    rows.map(|row| {
        let (memory, rank) = row?;
        Ok(MemoryHit { memory: whole(transaction, memory, at)?, rank })
    })
    .collect()
}
