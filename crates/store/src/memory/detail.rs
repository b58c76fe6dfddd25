//! One memory with all that there is to know of it, what was learned from a conversation, and how much is remembered.

use super::{COLUMNS, CONTRADICTED, HOLDS, find, moment, standing, whole};
use crate::error::StoreError;
use crate::person;
use crate::row::{Column, Word};
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction, named_params, params};
use std::collections::BTreeMap;
use twin_core::id::{MemoryId, MessageId, SessionId};
use twin_core::memory::{
    Evidence, EvidenceView, Memory, MemoryDetail, MemoryKind, MemoryNotice, MemoryStats, MemoryVersion,
};
use twin_core::time::Timestamp;

/// How much of a message is shown as the place where something comes from.
const EXCERPT_CHARS: usize = 160;

impl Store {
    /// One memory; not one that was undone. Of a persona file's line the words are not here.
    pub fn memory_get(&self, id: MemoryId) -> Result<MemoryDetail, StoreError> {
        self.read(|transaction| {
            let now = moment(None);
            let memory = find(transaction, id, now)?.ok_or(StoreError::NotFound("memory"))?;
            let contradicts = memory.contradicts.iter().filter_map(|other| find(transaction, *other, now).transpose());
            let (used, used_at) = uses(transaction, id)?;
            Ok(MemoryDetail {
                sources: views(transaction, &memory.sources)?,
                history: history(transaction, id)?,
                contradicts: contradicts.collect::<Result<_, _>>()?,
                people: person::shown(transaction, &memory.people)?,
                used,
                used_at,
                memory,
            })
        })
    }

    /// What was learned from each message of a session, and taken back because of it, in the order of the messages.
    pub fn memory_notices(&self, session: SessionId) -> Result<Vec<MemoryNotice>, StoreError> {
        self.read(|transaction| {
            let mut notices: BTreeMap<i64, MemoryNotice> = BTreeMap::new();
            let notice = |message_id| MemoryNotice { message_id, learned: Vec::new(), ended: Vec::new() };
            for (number, message, memory) in told(transaction, LEARNED, session)? {
                notices.entry(number).or_insert_with(|| notice(message)).learned.push(memory);
            }
            for (number, message, memory) in told(transaction, ENDED, session)? {
                notices.entry(number).or_insert_with(|| notice(message)).ended.push(memory);
            }
            Ok(notices.into_values().collect())
        })
    }

    /// How much is remembered: vectors of the model of that name, tokens of the month that is written as 2026-11.
    pub fn memory_stats(&self, embedder: &str, month: &str) -> Result<MemoryStats, StoreError> {
        self.read(|transaction| {
            let now = moment(None);
            let mut stats = MemoryStats::default();
            let mut kinds = transaction.prepare_cached(&format!(
                "SELECT m.kind, count(*) FROM memory_standing m WHERE {HOLDS} GROUP BY m.kind"
            ))?;
            let mut kinds = kinds.query(named_params! { ":at": now })?;
            while let Some(row) = kinds.next()? {
                *match row.get::<_, Word<MemoryKind>>(0)?.0 {
                    MemoryKind::Episodic => &mut stats.episodic,
                    MemoryKind::Semantic => &mut stats.semantic,
                    MemoryKind::Procedural => &mut stats.procedural,
                    MemoryKind::Social => &mut stats.social,
                } = row.get(1)?;
            }
            stats.contradicted = transaction
                .prepare_cached(&format!("SELECT count(*) FROM memory_standing m WHERE {HOLDS} AND {CONTRADICTED}"))?
                .query_row(named_params! { ":at": now }, |row| row.get(0))?;
            let counts = transaction
                .prepare_cached(
                    "SELECT (SELECT count(*) FROM person WHERE merged_into IS NULL),
                            (SELECT count(*) FROM message m JOIN session s ON s.id = m.session_id
                             WHERE NOT m.hidden AND NOT s.deleted),
                            (SELECT count(*) FROM embedding_model e JOIN embedding v ON v.model = e.number
                             JOIN message m ON m.id = v.subject JOIN session s ON s.id = m.session_id
                             WHERE e.name = ?1 AND NOT m.hidden AND NOT s.deleted),
                            (SELECT count(*) FROM learning),
                            (SELECT coalesce(sum(tokens), 0) FROM learning_usage WHERE month = ?2)",
                )?
                .query_row([embedder, month], |row| {
                    Ok([row.get::<_, u32>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
                })?;
            [stats.people, stats.messages, stats.embedded, stats.waiting, stats.tokens_month] = counts;
            Ok(stats)
        })
    }
}

/// Learned from a message is what has it as its first source. Parameter: the session.
const LEARNED: &str = "memory_source t ON t.memory_id = m.id AND t.position = 0
     AND t.evidence ->> '$.type' = 'message' JOIN message said ON said.id = t.message_id";

/// What a message ended, by itself or by what was learned from it.
const ENDED: &str = "message said ON said.id = m.said_in";

/// Memories with the number and the id of the message that they are told under.
fn told(
    transaction: &Transaction<'_>,
    join: &str,
    session: SessionId,
) -> Result<Vec<(i64, MessageId, Memory)>, StoreError> {
    let now = moment(None);
    let mut rows = transaction.prepare_cached(&format!(
        "SELECT {COLUMNS}, said.number, said.id FROM memory_standing m JOIN {join}
         WHERE said.session_id = ?1 AND NOT said.hidden ORDER BY said.number, m.number"
    ))?;
    let rows = rows.query_map([Column(session)], |row| {
        Ok((row.get("number")?, row.get::<_, Column<_>>(15)?.0, standing(row, now)?))
    })?;
    rows.map(|row| {
        let (number, message, memory) = row?;
        Ok((number, message, whole(transaction, memory, now)?))
    })
    .collect()
}

/// How many answers were given it, and when the last of them was.
fn uses(transaction: &Transaction<'_>, id: MemoryId) -> Result<(u32, Option<Timestamp>), StoreError> {
    Ok(transaction
        .prepare_cached(
            "SELECT count(*), max(m.created_at) FROM memory_use u JOIN message m ON m.id = u.message_id
             WHERE u.memory_id = ?1",
        )?
        .query_row([Column(id)], |row| {
            Ok((row.get(0)?, row.get::<_, Option<Column<Timestamp>>>(1)?.map(|last| last.0)))
        })?)
}

/// It and those that it came from or that came from it, the newest first.
fn history(transaction: &Transaction<'_>, id: MemoryId) -> Result<Vec<MemoryVersion>, StoreError> {
    let now = moment(None);
    let mut ids = transaction.prepare_cached(
        "WITH RECURSIVE kin (id) AS (
             SELECT ?1
             UNION SELECT m.id FROM kin JOIN memory_standing m ON m.ended_by = kin.id
             UNION SELECT m.ended_by FROM kin JOIN memory_standing m ON m.id = kin.id WHERE m.ended_by IS NOT NULL
         )
         SELECT m.id FROM kin JOIN memory m ON m.id = kin.id ORDER BY m.number DESC",
    )?;
    let ids: Vec<Column<MemoryId>> = ids.query_map([Column(id)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut history = Vec::new();
    for Column(id) in ids {
        if let Some(memory) = find(transaction, id, now)? {
            history.push(MemoryVersion { sources: views(transaction, &memory.sources)?, memory });
        }
    }
    Ok(history)
}

fn views(transaction: &Transaction<'_>, sources: &[Evidence]) -> Result<Vec<EvidenceView>, StoreError> {
    sources.iter().map(|source| view(transaction, source)).collect()
}

/// Empty where it is gone.
fn view(transaction: &Transaction<'_>, evidence: &Evidence) -> Result<EvidenceView, StoreError> {
    let mut view = EvidenceView {
        evidence: evidence.clone(),
        title: String::new(),
        excerpt: String::new(),
        at: None,
        imported: false,
    };
    match evidence {
        Evidence::Message { message_id, .. } | Evidence::Session { through: message_id, .. } => {
            let said = transaction
                .prepare_cached(
                    "SELECT s.title, m.content, m.created_at, m.imported IS NOT NULL
                     FROM message m JOIN session s ON s.id = m.session_id
                     WHERE m.id = ?1 AND NOT m.hidden AND NOT s.deleted",
                )?
                .query_row(params![Column(*message_id)], |row| {
                    Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Column<_>>(2)?.0, row.get(3)?))
                })
                .optional()?;
            if let Some((title, content, at, imported)) = said {
                view.title = title;
                view.at = Some(at);
                view.imported = imported;
                // A summary is of all that was said, and not of its last message.
                if matches!(evidence, Evidence::Message { .. }) {
                    view.excerpt = excerpt(&content);
                }
            }
        }
        Evidence::File { path, .. } => view.title.clone_from(path),
        Evidence::Typed { at } => view.at = Some(*at),
    }
    Ok(view)
}

/// How a text begins, on one line.
fn excerpt(content: &str) -> String {
    let mut words = content.split_whitespace();
    let mut excerpt = words.next().unwrap_or_default().to_owned();
    for word in words {
        if excerpt.len() > 4 * EXCERPT_CHARS {
            break;
        }
        excerpt.push(' ');
        excerpt.push_str(word);
    }
    excerpt.chars().take(EXCERPT_CHARS).collect()
}
