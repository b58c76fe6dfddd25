//! Turns that may tell what is asked: those with its words, and those around given ones, as the conversation may hear.

use crate::error::StoreError;
use crate::memory::{Hearing, moment};
use crate::row::{Column, Word, json};
use crate::store::Store;
use crate::word;
use rusqlite::{Row, Transaction, named_params};
use std::collections::BTreeMap;
use twin_core::chat::{Audience, Imported, Role};
use twin_core::id::{MessageId, SessionId};
use twin_core::time::Timestamp;

/// A word that more messages have is common. SQLite's BM25 walks through all that have a word before the first is ranked,
/// which takes a tenth of a second for the commonest of a million messages.
const COMMON: u32 = 2_000;

/// Of common words alone, all are asked for; when fewer messages than this have them all, the commonest is left out.
const ENOUGH: usize = 50;

/// How common words are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TurnCounts {
    /// About how many messages there are.
    pub messages: usize,
    /// About how many of them have each of the terms that were asked for.
    pub with: BTreeMap<String, usize>,
}

/// A message as recall compares it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTurn {
    /// Its number, which counts in the order in which messages came in.
    pub number: i64,
    /// The message.
    pub id: MessageId,
    /// What it follows.
    pub parent_id: Option<MessageId>,
    /// Its session.
    pub session_id: SessionId,
    /// That session's title.
    pub session_title: String,
    /// Who talked in that session.
    pub session_audience: Audience,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub content: String,
    /// When.
    pub created_at: Timestamp,
    /// What the file had, if it came from one.
    pub imported: Option<Imported>,
    /// Its vector of the model that was asked for, where it has one.
    pub vector: Option<Vec<u8>>,
}

/// Orders in which the index hands out what it finds.
const BEST: &str = "f.rank";
const NEWEST: &str = "f.rowid DESC";

/// What may be heard of messages: the owner hears all that is kept, a visitor what was said in their own session.
const HEARD: &str = "NOT m.hidden AND s.deleted = 0 AND m.created_at <= :at
     AND (:audience = 'owner' OR s.audience = 'visitor' AND s.id = :session)";

/// What is meant, and what stands before and after it.
const AROUND: &str = "around AS MATERIALIZED (
         SELECT number FROM meant
         UNION SELECT p.number FROM meant CROSS JOIN message m ON m.number = meant.number
             CROSS JOIN message p ON p.id = m.parent_id
         UNION SELECT c.number FROM meant CROSS JOIN message m ON m.number = meant.number
             CROSS JOIN message c ON c.parent_id = m.id AND c.session_id = m.session_id
     )";

impl Store {
    /// How many messages have each of `terms`, which are words as a person writes them, whatever their ending, case and accents;
    /// several words in one are looked for as a phrase.
    pub fn turn_counts(&self, terms: &[String]) -> Result<TurnCounts, StoreError> {
        self.read(|transaction| {
            let messages = usize::try_from(last(transaction)?).unwrap_or(0);
            let mut with = BTreeMap::new();
            for term in terms {
                let counted = match word::expression(term) {
                    Some(expression) => count(transaction, &expression, messages)?,
                    None => 0,
                };
                with.insert(term.clone(), counted);
            }
            Ok(TurnCounts { messages, with })
        })
    }

    /// Messages with any of `terms`, which were counted, at most `limit`: the best of those with a rare one, or the newest of those
    /// with all where each is common.
    pub fn turn_words(
        &self,
        terms: &[String],
        counts: &TurnCounts,
        hearing: &Hearing,
        limit: usize,
    ) -> Result<Vec<i64>, StoreError> {
        let known = terms.iter().filter_map(|term| {
            let with = counts.with.get(term).copied().filter(|with| *with > 0)?;
            word::expression(term).map(|expression| (with, expression))
        });
        let known = known.collect();
        self.read(|transaction| Ok(found(transaction, known, hearing, limit)?))
    }

    /// Who spoke in those messages and the ones before and after each, where they came from a file which says so; each name
    /// once.
    pub fn turn_speakers(&self, numbers: &[i64]) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            let mut speakers = transaction.prepare_cached(&format!(
                "WITH meant AS MATERIALIZED (SELECT value AS number FROM json_each(?1)), {AROUND}
                 SELECT DISTINCT m.imported ->> '$.speaker' AS speaker FROM around
                 CROSS JOIN message m ON m.number = around.number WHERE speaker IS NOT NULL ORDER BY speaker"
            ))?;
            let rows = speakers.query_map([serde_json::to_string(numbers)?], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Those of the messages that may be heard, with the ones before and after each, in the order in which they came in, and
    /// with their vectors of `model`. Messages are named by number, as [`Store::turn_words`] does, or by id.
    pub fn turns_around(
        &self,
        numbers: &[i64],
        ids: &[MessageId],
        hearing: &Hearing,
        model: &str,
    ) -> Result<Vec<StoredTurn>, StoreError> {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.read(|transaction| {
            let mut turns = transaction.prepare_cached(&format!(
                "WITH meant AS MATERIALIZED (
                     SELECT value AS number FROM json_each(:numbers)
                     UNION SELECT m.number FROM json_each(:ids) j CROSS JOIN message m ON m.id = unhex(j.value, '-')
                 ),
                 {AROUND}
                 SELECT m.number, m.id, m.parent_id, s.id, s.title, s.audience, m.role, m.content, m.created_at,
                     m.imported, v.vector
                 FROM around CROSS JOIN message m ON m.number = around.number CROSS JOIN session s ON s.id = m.session_id
                 LEFT JOIN embedding e ON e.subject = m.id
                     AND e.model = (SELECT number FROM embedding_model WHERE name = :model)
                 LEFT JOIN embedding_vector v ON v.number = e.number
                 WHERE {HEARD} ORDER BY m.number"
            ))?;
            let rows = turns.query_map(
                named_params! {
                    ":numbers": serde_json::to_string(numbers)?,
                    ":ids": serde_json::to_string(&ids)?,
                    ":model": model,
                    ":at": moment(hearing.as_of),
                    ":audience": Word(hearing.audience),
                    ":session": hearing.session.map(Column),
                },
                turn,
            )?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// The number of the newest message.
pub(crate) fn last(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.prepare_cached("SELECT coalesce(max(number), 0) FROM message")?.query_row([], |row| row.get(0))
}

/// How many messages have it: counted up to where it is common, and beyond that by how close together the newest lie.
fn count(transaction: &Transaction<'_>, expression: &str, messages: usize) -> rusqlite::Result<usize> {
    let (with, first, last): (u32, Option<i64>, Option<i64>) = transaction
        .prepare_cached(
            "SELECT count(*), min(number), max(number)
             FROM (SELECT rowid AS number FROM message_fts WHERE message_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2)",
        )?
        .query_row((expression, COMMON), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let counted = with as usize;
    let (Some(first), Some(last)) = (first, last) else { return Ok(0) };
    let spread = usize::try_from(last - first + 1).unwrap_or(1);
    Ok(if with < COMMON { counted } else { (counted * messages / spread).clamp(counted, messages.max(counted)) })
}

/// `known`: how many messages have each expression, which at least one has.
fn found(
    transaction: &Transaction<'_>,
    mut known: Vec<(usize, String)>,
    hearing: &Hearing,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    let rare: Vec<&str> =
        known.iter().filter(|(with, _)| *with < COMMON as usize).map(|(_, expression)| expression.as_str()).collect();
    if !rare.is_empty() {
        return select(transaction, &rare.join(" OR "), BEST, hearing, limit);
    }
    known.sort_by_key(|(with, _)| *with);
    let mut expressions: Vec<&str> = known.iter().map(|(_, expression)| expression.as_str()).collect();
    while !expressions.is_empty() {
        let found = select(transaction, &expressions.join(" AND "), NEWEST, hearing, limit)?;
        if found.len() >= ENOUGH || expressions.len() == 1 {
            return Ok(found);
        }
        expressions.pop();
    }
    Ok(Vec::new())
}

fn select(
    transaction: &Transaction<'_>,
    expression: &str,
    order: &str,
    hearing: &Hearing,
    limit: usize,
) -> rusqlite::Result<Vec<i64>> {
    transaction
        .prepare_cached(&query(hearing.audience, order))?
        .query_map(
            named_params! {
                ":wanted": expression,
                ":at": moment(hearing.as_of),
                ":audience": Word(hearing.audience),
                ":session": hearing.session.map(Column),
                ":limit": i64::try_from(limit).unwrap_or(i64::MAX),
            },
            |row| row.get(0),
        )?
        .collect()
}

/// The audience is part of the query: what it may not hear never uses up a place. CROSS JOIN keeps SQLite from asking the index
/// anew for every message of a session, a thousand times slower.
fn query(audience: Audience, order: &str) -> String {
    // The range of numbers keeps a search in one session from walking through all the others.
    let range = if audience == Audience::Visitor {
        "AND f.rowid BETWEEN (SELECT min(number) FROM message WHERE session_id = :session)
                         AND (SELECT max(number) FROM message WHERE session_id = :session)"
    } else {
        ""
    };
    format!(
        "SELECT f.rowid FROM message_fts f CROSS JOIN message m ON m.number = f.rowid
         CROSS JOIN session s ON s.id = m.session_id
         WHERE message_fts MATCH :wanted {range} AND {HEARD} ORDER BY {order} LIMIT :limit"
    )
}

fn turn(row: &Row<'_>) -> rusqlite::Result<StoredTurn> {
    Ok(StoredTurn {
        number: row.get(0)?,
        id: row.get::<_, Column<_>>(1)?.0,
        parent_id: row.get::<_, Option<Column<_>>>(2)?.map(|parent| parent.0),
        session_id: row.get::<_, Column<_>>(3)?.0,
        session_title: row.get(4)?,
        session_audience: row.get::<_, Word<_>>(5)?.0,
        role: row.get::<_, Word<_>>(6)?.0,
        content: row.get(7)?,
        created_at: row.get::<_, Column<_>>(8)?.0,
        imported: json(row, 9)?,
        vector: row.get(10)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Audience::Owner, BEST)]
    #[case(Audience::Owner, NEWEST)]
    #[case(Audience::Visitor, BEST)]
    #[case(Audience::Visitor, NEWEST)]
    fn the_index_is_asked_once_and_in_its_own_order(#[case] audience: Audience, #[case] order: &str) {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(&crate::migration::MIGRATIONS.concat()).unwrap();
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", query(audience, order))).unwrap();
        let lines = plan.query_map([None::<i64>; 5], |row| row.get::<_, String>(3)).unwrap();
        let lines: Vec<String> = lines
            .map(Result::unwrap)
            .filter(|line| !line.contains("SUBQUERY") && !line.contains("message_by_session"))
            .collect();
        let expected = ["SCAN f VIRTUAL TABLE", "SEARCH m USING INTEGER PRIMARY KEY", "SEARCH s USING PRIMARY KEY"];
        assert_eq!(lines.len(), expected.len(), "nothing is sorted beside the index: {lines:#?}");
        assert!(lines.iter().zip(expected).all(|(line, expected)| line.starts_with(expected)), "{lines:#?}");
        assert_eq!(lines[0].ends_with("><"), audience == Audience::Visitor, "the range reaches the index: {lines:#?}");
    }
}
