//! The people in the owner's life.

use crate::error::StoreError;
use crate::memory::HOLDS;
use crate::row::{Column, json};
use crate::store::Store;
use rusqlite::{OptionalExtension, Row, Transaction, named_params};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::id::{MemoryId, PersonId};
use twin_core::memory::{Person, PersonRow};

const COLUMNS: &str = "id, name, aliases, relation, merged_into, learned_at";

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: row.get::<_, Column<_>>(0)?.0,
        name: row.get(1)?,
        aliases: json(row, 2)?.unwrap_or_default(),
        relation: row.get(3)?,
        merged_into: row.get::<_, Option<Column<_>>>(4)?.map(|into| into.0),
        learned_at: row.get::<_, Column<_>>(5)?.0,
    })
}

impl Store {
    /// Everybody who was not merged into another, by name.
    pub fn person_list(&self) -> Result<Vec<PersonRow>, StoreError> {
        self.read(|transaction| {
            let mut people = transaction
                .prepare_cached(&format!("SELECT {COLUMNS} FROM person ORDER BY name COLLATE NOCASE, id"))?;
            let people: Vec<Person> = people.query_map([], person)?.collect::<rusqlite::Result<_>>()?;
            let mut memories = memories_by_person(transaction)?;
            let mut merged: BTreeMap<PersonId, Vec<Person>> = BTreeMap::new();
            for other in people.iter().filter(|person| person.merged_into.is_some()) {
                if let Some(root) = chain(transaction, other.id)?.last() {
                    let theirs = memories.remove(&other.id).unwrap_or_default();
                    memories.entry(*root).or_default().extend(theirs);
                    merged.entry(*root).or_default().push(other.clone());
                }
            }
            let roots = people.into_iter().filter(|person| person.merged_into.is_none());
            Ok(roots
                .map(|person| PersonRow {
                    merged: merged.remove(&person.id).unwrap_or_default(),
                    memories: memories
                        .get(&person.id)
                        .map_or(0, |theirs| u32::try_from(theirs.len()).unwrap_or(u32::MAX)),
                    person,
                })
                .collect())
        })
    }
}

/// Which memories hold that are about somebody, under the name under which they were learned.
fn memories_by_person(transaction: &Transaction<'_>) -> Result<BTreeMap<PersonId, BTreeSet<MemoryId>>, StoreError> {
    let mut memories = transaction.prepare_cached(&format!(
        "SELECT p.person_id, m.id FROM memory_person p JOIN memory_standing m ON m.id = p.memory_id WHERE {HOLDS}"
    ))?;
    let mut rows = memories.query(named_params! { ":at": i64::MAX })?;
    let mut all: BTreeMap<PersonId, BTreeSet<MemoryId>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        all.entry(row.get::<_, Column<_>>(0)?.0).or_default().insert(row.get::<_, Column<_>>(1)?.0);
    }
    Ok(all)
}

/// One person, as they were learned.
pub(crate) fn get(transaction: &Transaction<'_>, id: PersonId) -> Result<Option<Person>, StoreError> {
    Ok(transaction
        .prepare_cached(&format!("SELECT {COLUMNS} FROM person WHERE id = ?1"))?
        .query_row([Column(id)], person)
        .optional()?)
}

/// From a person to the one under whose name they are shown; the last is not merged into anybody. Only who is there.
pub(crate) fn chain(transaction: &Transaction<'_>, id: PersonId) -> Result<Vec<PersonId>, StoreError> {
    let mut chain: Vec<PersonId> = Vec::new();
    let mut next = Some(id);
    while let Some(person) = next.filter(|id| !chain.contains(id)).map(|id| get(transaction, id)).transpose()?.flatten()
    {
        chain.push(person.id);
        next = person.merged_into;
    }
    Ok(chain)
}

/// Those whom a memory is about, each once and under the name under which they are shown.
pub(crate) fn shown(transaction: &Transaction<'_>, people: &[PersonId]) -> Result<Vec<Person>, StoreError> {
    let mut shown: Vec<Person> = Vec::new();
    for id in people {
        let root = chain(transaction, *id)?.last().copied();
        if let Some(person) = root.map(|root| get(transaction, root)).transpose()?.flatten()
            && !shown.iter().any(|other| other.id == person.id)
        {
            shown.push(person);
        }
    }
    Ok(shown)
}
