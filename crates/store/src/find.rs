//! Finding what was said, as a person types what they look for.

mod beginning;
mod snippet;
mod wanted;

use crate::error::StoreError;
use crate::row::{Column, Word};
use crate::store::Store;
use rusqlite::{Row, named_params};
use snippet::snippet;
use twin_core::find::{FindHit, FindOrder, FindQuery, Found};
pub(crate) use wanted::Wanted;

/// How many of the newest matches are ranked. Ranking all that contain a common word costs most of a second in a database of a
/// million messages.
const RANKED: u32 = 4_000;

/// How many matches are put in the order of time.
const IN_TIME: u32 = 1_000;

impl Store {
    /// Messages in which everything is that is looked for, in sessions that are not deleted. The newest and the oldest go by
    /// when they were written, among the thousand that came in last or first: an index of words knows only that order,
    /// and to put all messages with a common word in another takes too long while a person types.
    pub fn message_find(&self, query: &FindQuery) -> Result<Found, StoreError> {
        let Some(wanted) = Wanted::parse(&query.text) else {
            return Ok(Found { hits: Vec::new(), more: false });
        };
        self.read(|transaction| {
            let expression = match wanted.beginning() {
                Some(beginning) => {
                    beginning::words(transaction, beginning)?.map(|words| wanted.expression_with(&words))
                }
                None => None,
            };
            let mut found = transaction.prepare_cached(&select(query))?;
            let rows = found.query_map(
                named_params! {
                    ":wanted": expression.unwrap_or_else(|| wanted.expression()),
                    ":audience": Word(query.audience),
                    ":session": query.session.map(Column),
                    ":role": query.role.map(Word),
                    ":from": query.from.map(Column),
                    ":before": query.before.map(Column),
                    // One more, to know whether there is one.
                    ":limit": i64::from(query.limit) + 1,
                },
                |row| hit(row, &wanted),
            )?;
            let mut hits = rows.collect::<rusqlite::Result<Vec<FindHit>>>()?;
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let more = hits.len() > limit;
            hits.truncate(limit);
            Ok(Found { hits, more })
        })
    }
}

fn hit(row: &Row<'_>, wanted: &Wanted) -> rusqlite::Result<FindHit> {
    Ok(FindHit {
        session_id: row.get::<_, Column<_>>(0)?.0,
        session_title: row.get(1)?,
        archived: row.get(2)?,
        message_id: row.get::<_, Column<_>>(3)?.0,
        role: row.get::<_, Word<_>>(4)?.0,
        created_at: row.get::<_, Column<_>>(5)?.0,
        snippet: snippet(row.get_ref(6)?.as_str()?, wanted),
    })
}

fn select(query: &FindQuery) -> String {
    // Every parameter is in it, used or not, so that all forms are bound alike. The range of numbers keeps a search in one
    // session from walking through all the others.
    let session = if query.session.is_some() {
        "AND f.rowid BETWEEN (SELECT min(number) FROM message WHERE session_id = :session)
                         AND (SELECT max(number) FROM message WHERE session_id = :session)
         AND m.session_id = :session"
    } else {
        "AND :session IS NULL"
    };
    // CROSS JOIN keeps SQLite from asking the index anew for every message of a session, a thousand times slower.
    let found = format!(
        "FROM message_fts f
         CROSS JOIN message m ON m.number = f.rowid
         CROSS JOIN session s ON s.id = m.session_id
         WHERE message_fts MATCH :wanted {session} AND NOT m.hidden AND s.deleted = 0 AND s.audience = :audience
             AND (:role IS NULL OR m.role = :role) AND (:from IS NULL OR m.created_at >= :from)
             AND (:before IS NULL OR m.created_at < :before)"
    );
    let columns = "s.id, s.title, s.archived, m.id, m.role, m.created_at, m.content";
    let (rank, taken, most, order) = match query.order {
        FindOrder::Newest => ("m.created_at", "DESC", IN_TIME, "found.rank DESC, found.number DESC"),
        FindOrder::Oldest => ("m.created_at", "ASC", IN_TIME, "found.rank, found.number"),
        FindOrder::Best => ("bm25(message_fts)", "DESC", RANKED, "found.rank, found.number DESC"),
    };
    format!(
        "WITH found AS MATERIALIZED (
             SELECT f.rowid AS number, {rank} AS rank {found} ORDER BY f.rowid {taken} LIMIT {most}
         )
         SELECT {columns} FROM found CROSS JOIN message m ON m.number = found.number
         CROSS JOIN session s ON s.id = m.session_id
         ORDER BY {order} LIMIT :limit"
    )
}

#[cfg(test)]
mod tests;
