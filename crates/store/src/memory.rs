//! What is remembered: changing it, looking through it.

mod detail;
mod recall;

pub use recall::{Hearing, MemoryHit};

use crate::error::StoreError;
use crate::find::Wanted;
use crate::log::Log;
use crate::payload::Change;
use crate::person;
use crate::row::{Column, Json, Word, json};
use crate::store::Store;
use rusqlite::{OptionalExtension, Row, Transaction, named_params, params};
use twin_core::chat::Audience;
use twin_core::id::MemoryId;
use twin_core::memory::{Memory, MemoryChange, MemoryPage, MemoryQuery, MemoryRow};
use twin_core::time::Timestamp;

/// Of `memory_standing` under the name `m`, in the order that [`standing`] reads.
const COLUMNS: &str = "m.id, m.kind, m.text, m.topic, m.audience, m.teller, m.valid_from, m.valid_until, m.true_until, \
     m.learned_at, m.ended_at, m.ending, m.importance, m.pinned";

/// What was known at the time `:at`.
const KNOWN: &str = "m.learned_at <= :at";

/// What was known at the time `:at`, and held.
pub(crate) const HOLDS: &str = "m.learned_at <= :at AND (m.ended_at IS NULL OR m.ended_at > :at)";

impl Store {
    /// Makes all changes in one transaction, or none if one is about what is not there. One that changes nothing gets no
    /// record.
    pub fn memory_change(&self, changes: &[MemoryChange]) -> Result<(), StoreError> {
        let changes = changes.to_vec();
        self.write(move |log| append(log, &changes))
    }

    /// The pinned first, then what was learned last.
    pub fn memory_list(&self, query: &MemoryQuery) -> Result<MemoryPage, StoreError> {
        let wanted = Wanted::parse(&query.text);
        if wanted.is_none() && !query.text.trim().is_empty() {
            return Ok(MemoryPage { memories: Vec::new(), total: 0 });
        }
        let words = wanted.map(|wanted| wanted.expression());
        self.read(|transaction| {
            let at = moment(query.as_of);
            let from = select(query, words.is_some());
            // Every parameter is in both statements, used or not, so that all forms are bound alike.
            let values = named_params! {
                ":at": at,
                ":ended": query.ended,
                ":kind": query.kind.map(Word),
                ":person": query.person.map(Column),
                ":audience": Word(query.audience),
                ":contradicted": query.contradicted,
                ":words": words,
                ":from": query.from.map(Column),
                ":before": query.before.map(Column),
                ":limit": query.limit,
                ":offset": query.offset,
            };
            let total = transaction
                .prepare_cached(&format!("SELECT count(*) {from} AND :limit + :offset IS NOT NULL"))?
                .query_row(values, |row| row.get(0))?;
            let mut rows = transaction.prepare_cached(&format!(
                "SELECT {COLUMNS} {from}
                 ORDER BY m.pinned DESC, m.learned_at DESC, m.number DESC LIMIT :limit OFFSET :offset"
            ))?;
            let rows = rows.query_map(values, |row| standing(row, at))?.collect::<rusqlite::Result<Vec<_>>>()?;
            let memories = rows.into_iter().map(|memory| {
                let memory = whole(transaction, memory, at)?;
                Ok(MemoryRow {
                    before: before(transaction, memory.id, at)?,
                    people: person::shown(transaction, &memory.people)?,
                    memory,
                })
            });
            Ok(MemoryPage { memories: memories.collect::<Result<_, StoreError>>()?, total })
        })
    }
}

/// The rows that fit, from `FROM` on.
fn select(query: &MemoryQuery, words: bool) -> String {
    let words = if words {
        "m.number IN (SELECT rowid FROM memory_fts WHERE memory_fts MATCH :words)"
    } else {
        ":words IS NULL"
    };
    let person = if query.person.is_some() {
        "m.id IN (WITH RECURSIVE same (id) AS (
                      SELECT :person UNION SELECT p.id FROM person p JOIN same ON p.merged_into = same.id
                  )
                  SELECT memory_id FROM memory_person WHERE person_id IN (SELECT id FROM same))"
    } else {
        ":person IS NULL"
    };
    format!(
        "FROM memory_standing m
         WHERE {KNOWN} AND (:ended OR m.ended_at IS NULL OR m.ended_at > :at) AND (:kind IS NULL OR m.kind = :kind)
             AND (:audience = 'owner' OR m.audience = 'visitor') AND {person} AND {words}
             AND (:from IS NULL OR m.learned_at >= :from) AND (:before IS NULL OR m.learned_at < :before)
             AND (NOT :contradicted OR {CONTRADICTED})"
    )
}

/// Whether something else holds at the time `:at` that cannot be true with `m`.
pub(crate) const CONTRADICTED: &str = "EXISTS (
    SELECT 1 FROM memory_contradiction c JOIN memory_standing o ON o.id = c.other_id
    WHERE c.memory_id = m.id AND o.learned_at <= :at AND (o.ended_at IS NULL OR o.ended_at > :at)
)";

/// For comparing times: what is known now is what will ever have been learned.
pub(crate) fn moment(as_of: Option<Timestamp>) -> i64 {
    as_of.map_or(i64::MAX, Timestamp::as_millis)
}

/// A memory as it stood at that time, without what other tables hold of it.
fn standing(row: &Row<'_>, at: i64) -> rusqlite::Result<Memory> {
    let ended_at = row.get::<_, Option<Column<Timestamp>>>(10)?.map(|ended| ended.0);
    let ended_at = ended_at.filter(|ended| ended.as_millis() <= at);
    let valid_until: Option<Column<Timestamp>> = row.get(if ended_at.is_some() { 8 } else { 7 })?;
    Ok(Memory {
        id: row.get::<_, Column<_>>(0)?.0,
        kind: row.get::<_, Word<_>>(1)?.0,
        text: row.get(2)?,
        topic: row.get(3)?,
        people: Vec::new(),
        audience: row.get::<_, Word<_>>(4)?.0,
        teller: row.get::<_, Word<_>>(5)?.0,
        valid_from: row.get::<_, Option<Column<_>>>(6)?.map(|from| from.0),
        valid_until: valid_until.map(|until| until.0),
        learned_at: row.get::<_, Column<_>>(9)?.0,
        ended_at,
        ending: if ended_at.is_some() { json(row, 11)? } else { None },
        contradicts: Vec::new(),
        importance: row.get(12)?,
        pinned: row.get(13)?,
        sources: Vec::new(),
    })
}

/// The memory with its people, its sources and what holds against it at that time.
fn whole(transaction: &Transaction<'_>, memory: Memory, at: i64) -> Result<Memory, StoreError> {
    let mut people =
        transaction.prepare_cached("SELECT person_id FROM memory_person WHERE memory_id = ?1 ORDER BY position")?;
    let people = people.query_map([Column(memory.id)], |row| Ok(row.get::<_, Column<_>>(0)?.0))?;
    let mut sources =
        transaction.prepare_cached("SELECT evidence FROM memory_source WHERE memory_id = ?1 ORDER BY position")?;
    let sources = sources.query_map([Column(memory.id)], |row| Ok(row.get::<_, Json<_>>(0)?.0))?;
    let mut others = transaction.prepare_cached(&format!(
        "SELECT m.id FROM memory_contradiction c JOIN memory_standing m ON m.id = c.other_id
         WHERE c.memory_id = :id AND {HOLDS} ORDER BY m.number"
    ))?;
    let others = others
        .query_map(named_params! { ":id": Column(memory.id), ":at": at }, |row| Ok(row.get::<_, Column<_>>(0)?.0))?;
    Ok(Memory {
        people: people.collect::<rusqlite::Result<_>>()?,
        sources: sources.collect::<rusqlite::Result<_>>()?,
        contradicts: others.collect::<rusqlite::Result<_>>()?,
        ..memory
    })
}

/// The memory as it stood at that time; none if it is not there or was undone.
fn find(transaction: &Transaction<'_>, id: MemoryId, at: i64) -> Result<Option<Memory>, StoreError> {
    let found = transaction
        .prepare_cached(&format!("SELECT {COLUMNS} FROM memory_standing m WHERE m.id = ?1"))?
        .query_row([Column(id)], |row| standing(row, at))
        .optional()?;
    found.map(|memory| whole(transaction, memory, at)).transpose()
}

/// The text of what a memory replaced last.
fn before(transaction: &Transaction<'_>, id: MemoryId, at: i64) -> Result<Option<String>, StoreError> {
    Ok(transaction
        .prepare_cached(
            "SELECT text FROM memory_standing WHERE ended_by = ?1 AND ended_at <= ?2
                 AND ending ->> '$.type' <> 'merged' ORDER BY ended_at DESC, number DESC LIMIT 1",
        )?
        .query_row(params![Column(id), at], |row| row.get(0))
        .optional()?)
}

/// Appends what changes something.
pub(crate) fn append(log: &Log<'_>, changes: &[MemoryChange]) -> Result<(), StoreError> {
    for change in changes {
        if changes_something(log.transaction, change)? {
            log.append(&Change::Memory(Box::new(change.clone())))?;
        }
    }
    Ok(())
}

/// Fails for what cannot be.
fn changes_something(transaction: &Transaction<'_>, change: &MemoryChange) -> Result<bool, StoreError> {
    Ok(match change {
        MemoryChange::Learned { memory } => {
            if memory.sources.is_empty() || memory.ended_at.is_some() || memory.ending.is_some() {
                return Err(StoreError::InvalidInput("a memory that is learned holds, and comes from somewhere"));
            }
            state(transaction, memory.id)?.is_none()
        }
        MemoryChange::Ended { id, .. } | MemoryChange::Confirmed { id, .. } => {
            require(transaction, *id).map(|_| true)?
        }
        MemoryChange::Restored { id } => require(transaction, *id)?.ended,
        MemoryChange::Undone { id, undone } => require(transaction, *id)?.undone != *undone,
        MemoryChange::Pinned { id, pinned } => require(transaction, *id)?.pinned != *pinned,
        MemoryChange::Shared { id, audience } => require(transaction, *id)?.audience != *audience,
        MemoryChange::Person { person } => person::get(transaction, person.id)?.is_none_or(|known| {
            (&known.name, &known.aliases, &known.relation) != (&person.name, &person.aliases, &person.relation)
        }),
        MemoryChange::PersonMerged { id, into } => {
            let known = person::get(transaction, *id)?.ok_or(StoreError::NotFound("person"))?;
            if let Some(into) = *into {
                match person::chain(transaction, into)?.as_slice() {
                    [] => return Err(StoreError::NotFound("person")),
                    chain if chain.contains(id) => {
                        return Err(StoreError::InvalidInput("a person cannot be merged into themselves"));
                    }
                    _ => {}
                }
            }
            known.merged_into != *into
        }
    })
}

/// What is kept of a memory beside what was learned, undone or not.
struct State {
    undone: bool,
    pinned: bool,
    ended: bool,
    audience: Audience,
}

fn state(transaction: &Transaction<'_>, id: MemoryId) -> Result<Option<State>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT undone, pinned, ended_at IS NOT NULL, audience FROM memory WHERE id = ?1")?
        .query_row([Column(id)], |row| {
            Ok(State {
                undone: row.get(0)?,
                pinned: row.get(1)?,
                ended: row.get(2)?,
                audience: row.get::<_, Word<_>>(3)?.0,
            })
        })
        .optional()?)
}

fn require(transaction: &Transaction<'_>, id: MemoryId) -> Result<State, StoreError> {
    state(transaction, id)?.ok_or(StoreError::NotFound("memory"))
}
