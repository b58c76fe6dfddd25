//! Finding what was said, as a person types what they look for.

mod beginning;
mod snippet;
mod wanted;

use crate::error::StoreError;
use crate::row::{Column, Word};
use crate::store::Store;
use rusqlite::{OptionalExtension as _, Row, Rows, named_params};
use snippet::snippet;
use std::cmp::Ordering;
use twin_core::find::{FindHit, FindOrder, FindQuery, Found};
pub(crate) use wanted::Wanted;

/// How many of the newest matches are ranked. Ranking all that contain a common word costs most of a second in a database of a
/// million messages.
const RANKED: usize = 4_000;

/// How many matches are put in the order of time.
const IN_TIME: usize = 1_000;

/// Where something was found.
struct Match {
    number: i64,
    /// By which they are put in order: when it was written, in milliseconds, or how good it is, the best below zero.
    rank: f64,
}

impl Store {
    /// Messages in which everything is that is looked for, in sessions that are not deleted. The newest and the oldest go by
    /// when they were written, among the thousand that came in last or first: an index of words knows only that order,
    /// and to put all messages with a common word in another takes too long while a person types.
    pub fn message_find(&self, query: &FindQuery) -> Result<Found, StoreError> {
        let Some(wanted) = Wanted::parse(&query.text) else {
            return Ok(Found { hits: Vec::new(), more: false });
        };
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        self.read(|transaction| {
            let expression = match wanted.beginning() {
                Some(beginning) => {
                    beginning::words(transaction, beginning)?.map(|words| wanted.expression_with(&words))
                }
                None => None,
            };
            let mut matching = transaction.prepare_cached(&matching(query))?;
            let mut matching = matching.query(named_params! {
                ":wanted": expression.unwrap_or_else(|| wanted.expression()),
                ":session": query.session.map(Column),
                ":role": query.role.map(Word),
                ":from": query.from.map(Column),
                ":before": query.before.map(Column),
            })?;
            let mut shown = transaction.prepare_cached(SHOWN)?;
            let mut hits = Vec::new();
            // Whether its session is shown is asked only of those that come first: of all, it would take as long as the search.
            // Where few are, the next thousand are looked through.
            loop {
                let some = take(&mut matching, query.order)?;
                let is_last = some.len() < at_once(query.order);
                for found in some {
                    let hit = shown.query_row((found.number, Word(query.audience)), |row| hit(row, &wanted));
                    hits.extend(hit.optional()?.map(|hit| (found, hit)));
                    // One more, to know whether there is one.
                    if hits.len() > limit {
                        break;
                    }
                }
                if is_last || hits.len() > limit {
                    break;
                }
            }
            hits.sort_by(|(one, _), (other, _)| one.cmp(other, query.order));
            let more = hits.len() > limit;
            Ok(Found { hits: hits.into_iter().map(|(_, hit)| hit).take(limit).collect(), more })
        })
    }
}

impl Match {
    fn cmp(&self, other: &Self, order: FindOrder) -> Ordering {
        let (rank, number) = (self.rank.total_cmp(&other.rank), self.number.cmp(&other.number));
        match order {
            FindOrder::Newest => rank.then(number).reverse(),
            FindOrder::Oldest => rank.then(number),
            FindOrder::Best => rank.then(number.reverse()),
        }
    }
}

fn at_once(order: FindOrder) -> usize {
    match order {
        FindOrder::Newest | FindOrder::Oldest => IN_TIME,
        FindOrder::Best => RANKED,
    }
}

/// The next of them, those that are wanted most first.
fn take(matching: &mut Rows<'_>, order: FindOrder) -> rusqlite::Result<Vec<Match>> {
    let mut taken = Vec::new();
    while taken.len() < at_once(order) {
        let Some(row) = matching.next()? else { break };
        taken.push(Match { number: row.get(0)?, rank: row.get(1)? });
    }
    taken.sort_by(|one, other| one.cmp(other, order));
    Ok(taken)
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

/// A message with its session, if that one is shown.
const SHOWN: &str = "SELECT s.id, s.title, s.archived, m.id, m.role, m.created_at, m.content
     FROM message m CROSS JOIN session s ON s.id = m.session_id
     WHERE m.number = ?1 AND s.deleted = 0 AND s.audience = ?2";

/// Numbers and ranks, in the order in which the messages came in.
fn matching(query: &FindQuery) -> String {
    // Every parameter is in it, used or not, so that all forms are bound alike. The range of numbers keeps a search in one
    // session from walking through all the others.
    let session = if query.session.is_some() {
        "AND f.rowid BETWEEN (SELECT min(number) FROM message WHERE session_id = :session)
                         AND (SELECT max(number) FROM message WHERE session_id = :session)
         AND m.session_id = :session"
    } else {
        "AND :session IS NULL"
    };
    let (rank, order) = match query.order {
        FindOrder::Newest => ("m.created_at", "DESC"),
        FindOrder::Oldest => ("m.created_at", "ASC"),
        FindOrder::Best => ("bm25(message_fts)", "DESC"),
    };
    // CROSS JOIN keeps SQLite from asking the index anew for every message of a session, a thousand times slower.
    format!(
        "SELECT f.rowid, {rank} FROM message_fts f CROSS JOIN message m ON m.number = f.rowid
         WHERE message_fts MATCH :wanted {session} AND NOT m.hidden
             AND (:role IS NULL OR m.role = :role) AND (:from IS NULL OR m.created_at >= :from)
             AND (:before IS NULL OR m.created_at < :before)
         ORDER BY f.rowid {order}"
    )
}

#[cfg(test)]
mod tests;
