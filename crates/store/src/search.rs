//! Finding what was said.

use crate::error::StoreError;
use crate::row::{Column, MESSAGE_COLUMNS, Word, message};
use crate::store::Store;
use crate::word;
use rusqlite::params;
use twin_core::chat::{Audience, Message};
use twin_core::id::SessionId;

/// How many of the newest matches are ranked. Ranking all that contain a common word costs most of a second in a
/// database of a million messages.
pub(crate) const RANKED: u32 = 4_000;

/// What to look for, and on whose behalf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// Words, as a person writes them; a message matches with any of them, whatever its ending, case and accents. Several
    /// words in one term are looked for as a phrase.
    pub terms: Vec<String>,
    /// The owner finds everything; a visitor only what was said in `session`, and only if that is a visitor's session.
    pub audience: Audience,
    /// Only this session. For a visitor, none means nothing.
    pub session: Option<SessionId>,
    /// At most so many.
    pub limit: usize,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchHit {
    /// The message.
    pub message: Message,
    /// Its session's title.
    pub session_title: String,
    /// Who talked in that session.
    pub session_audience: Audience,
    /// Okapi BM25 as SQLite computes it, its sign turned: higher is better, comparable within one search only.
    pub rank: f64,
}

impl Store {
    /// The best matches first; among equals the newest.
    pub fn search(&self, query: &SearchQuery) -> Result<Vec<SearchHit>, StoreError> {
        let Some(expression) = expression(&query.terms) else {
            return Ok(Vec::new());
        };
        if query.audience == Audience::Visitor && query.session.is_none() {
            return Ok(Vec::new());
        }
        self.read(|transaction| {
            let mut hits = transaction.prepare_cached(&select(query.session.is_some()))?;
            let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
            let rows =
                hits.query_map(params![expression, query.session.map(Column), Word(query.audience), limit], |row| {
                    Ok(SearchHit {
                        message: message(row)?,
                        session_title: row.get("session_title")?,
                        session_audience: row.get::<_, Word<_>>("session_audience")?.0,
                        rank: row.get("score")?,
                    })
                })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }
}

/// Parameters: the expression, the session or null, the audience, the limit.
fn select(in_one_session: bool) -> String {
    // The range of numbers keeps a search in one session from walking through all the others.
    let range = if in_one_session {
        "AND f.rowid BETWEEN (SELECT min(number) FROM message WHERE session_id = ?2)
                         AND (SELECT max(number) FROM message WHERE session_id = ?2)
         AND m.session_id = ?2"
    } else {
        "AND ?2 IS NULL"
    };
    // The audience is part of the inner query: what it may not see is never ranked, and never uses up a place.
    // CROSS JOIN keeps SQLite from asking the index anew for every message of a session, a thousand times slower.
    format!(
        "WITH found AS MATERIALIZED (
             SELECT f.rowid AS number, bm25(message_fts) AS rank, s.title, s.audience
             FROM message_fts f
             CROSS JOIN message m ON m.number = f.rowid
             CROSS JOIN session s ON s.id = m.session_id
             WHERE message_fts MATCH ?1 {range} AND NOT m.hidden AND s.deleted = 0
                 AND (?3 = 'owner' OR s.audience = 'visitor')
             ORDER BY f.rowid DESC LIMIT {RANKED}
         )
         SELECT {MESSAGE_COLUMNS}, found.title AS session_title, found.audience AS session_audience,
                -found.rank AS score
         FROM found JOIN message m ON m.number = found.number
         ORDER BY found.rank, found.number DESC LIMIT ?4"
    )
}

/// The terms for FTS5, any of them. None if no term has a word.
pub(crate) fn expression(terms: &[String]) -> Option<String> {
    let terms: Vec<String> = terms.iter().filter_map(|term| word::expression(term)).collect();
    (!terms.is_empty()).then(|| terms.join(" OR "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_is_asked_once_and_in_its_own_order() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        connection.execute_batch(&crate::migration::MIGRATIONS.concat()).unwrap();
        for in_one_session in [false, true] {
            let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", select(in_one_session))).unwrap();
            let lines = plan.query_map([None::<i64>; 4], |row| row.get::<_, String>(3)).unwrap();
            let lines: Vec<String> = lines
                .map(Result::unwrap)
                .filter(|line| !line.contains("SUBQUERY") && !line.contains("message_by_session"))
                .collect();
            let inner = ["SCAN f VIRTUAL TABLE", "SEARCH m USING INTEGER PRIMARY KEY", "SEARCH s USING PRIMARY KEY"];
            assert_eq!(lines[1].ends_with("><"), in_one_session, "the range reaches the index: {lines:#?}");
            for (line, expected) in lines[1..].iter().zip(inner) {
                assert!(line.starts_with(expected), "{lines:#?}");
            }
            let scans = lines.iter().filter(|line| line.starts_with("SCAN") && !line.ends_with("found")).count();
            let sorts = lines.iter().filter(|line| line.contains("TEMP B-TREE")).count();
            assert_eq!((scans, sorts), (1, 1), "only the ranking is sorted: {lines:#?}");
        }
    }
}
