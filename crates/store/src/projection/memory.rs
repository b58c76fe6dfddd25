//! What is remembered.

use crate::error::StoreError;
use crate::payload::ReportKept;
use crate::person;
use crate::row::{Column, Json, Word, list};
use crate::word;
use rusqlite::{Transaction, params};
use serde::Deserialize;
use serde_json::value::RawValue;
use twin_core::id::{MemoryId, PersonId};
use twin_core::memory::{Ending, Evidence, Memory, MemoryChange};
use twin_core::report::Source;

pub(super) fn apply(transaction: &Transaction<'_>, change: &MemoryChange) -> Result<usize, StoreError> {
    Ok(match change {
        MemoryChange::Learned { memory } => learn(transaction, memory)?,
        MemoryChange::Ended { id, ending, at, said_in } => transaction
            .prepare_cached("UPDATE memory SET ended_at = ?2, ending = ?3, ended_by = ?4, said_in = ?5 WHERE id = ?1")?
            .execute(params![
                Column(*id),
                Column(*at),
                Json(ending),
                in_its_place(ending).map(Column),
                said_in.map(Column)
            ])?,
        MemoryChange::Restored { id } => transaction
            .prepare_cached(
                "UPDATE memory SET ended_at = NULL, ending = NULL, ended_by = NULL, said_in = NULL WHERE id = ?1",
            )?
            .execute([Column(*id)])?,
        MemoryChange::Undone { id, undone } => transaction
            .prepare_cached("UPDATE memory SET undone = ?2 WHERE id = ?1")?
            .execute(params![Column(*id), undone])?,
        MemoryChange::Pinned { id, pinned } => transaction
            .prepare_cached("UPDATE memory SET pinned = ?2 WHERE id = ?1")?
            .execute(params![Column(*id), pinned])?,
        MemoryChange::Shared { id, audience } => transaction
            .prepare_cached("UPDATE memory SET audience = ?2 WHERE id = ?1")?
            .execute(params![Column(*id), Word(audience)])?,
        MemoryChange::Confirmed { id, source } => add_source(transaction, *id, source)?,
        MemoryChange::Person { person } => transaction
            .prepare_cached(
                "INSERT INTO person (id, name, aliases, relation, learned_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET name = ?2, aliases = ?3, relation = ?4",
            )?
            .execute(params![
                Column(person.id),
                person.name,
                list(&person.aliases),
                person.relation,
                Column(person.learned_at),
            ])?,
        MemoryChange::PersonMerged { id, into } => merge(transaction, *id, *into)?,
    })
}

/// Empties what is folded from memories.
pub(super) fn clear(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    Ok(transaction.execute_batch(
        "INSERT INTO memory_fts (memory_fts) VALUES ('delete-all');
         DELETE FROM memory; DELETE FROM memory_source; DELETE FROM memory_person; DELETE FROM memory_contradiction;
         DELETE FROM person;",
    )?)
}

/// The memory that stands in the place of one that ended so.
fn in_its_place(ending: &Ending) -> Option<MemoryId> {
    match *ending {
        Ending::Superseded { by } | Ending::Corrected { by } => Some(by),
        Ending::Merged { into } => Some(into),
        Ending::Retracted => None,
    }
}

fn learn(transaction: &Transaction<'_>, memory: &Memory) -> Result<usize, StoreError> {
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO memory (id, kind, topic, audience, teller, valid_from, valid_until, learned_at, importance,
                                 pinned, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            Column(memory.id),
            Word(memory.kind),
            memory.topic,
            Word(memory.audience),
            Word(memory.teller),
            memory.valid_from.map(Column),
            memory.valid_until.map(Column),
            Column(memory.learned_at),
            memory.importance,
            memory.pinned,
            memory.text,
        ])?;
    if inserted == 0 {
        return Ok(0);
    }
    transaction
        .prepare_cached("INSERT INTO memory_fts (rowid, words) VALUES (?1, ?2)")?
        .execute(params![transaction.last_insert_rowid(), words(&memory.text, &memory.topic)])?;
    for source in &memory.sources {
        add_source(transaction, memory.id, source)?;
    }
    for (position, person) in memory.people.iter().enumerate() {
        transaction
            .prepare_cached("INSERT INTO memory_person (memory_id, position, person_id) VALUES (?1, ?2, ?3)")?
            .execute(params![Column(memory.id), i64::try_from(position).unwrap_or(i64::MAX), Column(*person)])?;
    }
    for other in &memory.contradicts {
        for (one, two) in [(memory.id, *other), (*other, memory.id)] {
            transaction
                .prepare_cached(
                    "INSERT INTO memory_contradiction (memory_id, other_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute([Column(one), Column(two)])?;
        }
    }
    Ok(inserted)
}

/// What the index holds of a memory.
fn words(text: &str, topic: &str) -> String {
    word::indexed(&format!("{text}\n{topic}"))
}

/// One place that is there already is not added again.
fn add_source(transaction: &Transaction<'_>, id: MemoryId, source: &Evidence) -> Result<usize, StoreError> {
    let (session, message, path) = match source {
        Evidence::Message { session_id, message_id } => (Some(*session_id), Some(*message_id), None),
        Evidence::Session { session_id, through } => (Some(*session_id), Some(*through), None),
        Evidence::File { path, .. } => (None, None, Some(path)),
        Evidence::Typed { .. } => (None, None, None),
    };
    Ok(transaction
        .prepare_cached(
            "INSERT INTO memory_source (memory_id, position, evidence, session_id, message_id, path)
             SELECT ?1, (SELECT coalesce(max(position) + 1, 0) FROM memory_source WHERE memory_id = ?1), ?2, ?3, ?4, ?5
             WHERE EXISTS (SELECT 1 FROM memory WHERE id = ?1)
                 AND NOT EXISTS (SELECT 1 FROM memory_source WHERE memory_id = ?1 AND evidence = ?2)",
        )?
        .execute(params![Column(id), Json(source), session.map(Column), message.map(Column), path])?)
}

/// Two devices may have merged two people into each other. A circle has nobody under whose name its memories are shown, so
/// that what would close one is passed over.
fn merge(transaction: &Transaction<'_>, id: PersonId, into: Option<PersonId>) -> Result<usize, StoreError> {
    if let Some(into) = into
        && person::chain(transaction, into)?.contains(&id)
    {
        return Ok(0);
    }
    Ok(transaction
        .prepare_cached("UPDATE person SET merged_into = ?2 WHERE id = ?1")?
        .execute(params![Column(id), into.map(Column)])?)
}

/// Of a report only what the answer was given.
#[derive(Deserialize)]
struct Report<'a> {
    #[serde(default)]
    parts: Vec<ReportPart>,
    #[serde(default, borrow)]
    passages: Vec<ReportPassage<'a>>,
    #[serde(default, borrow)]
    claims: Vec<ReportClaim<'a>>,
}

#[derive(Deserialize)]
struct ReportPart {
    name: String,
}

/// A passage, or what bears out a claim.
#[derive(Deserialize)]
struct ReportPassage<'a> {
    #[serde(borrow)]
    source: &'a RawValue,
}

#[derive(Deserialize)]
struct ReportClaim<'a> {
    #[serde(borrow)]
    grounds: Vec<ReportPassage<'a>>,
}

/// What an answer was given, as its report has it: the sources of what was recalled and of what its claims rest on (which
/// the report repeats in their words), the names of the parts. A source that only a newer program understands is passed
/// over.
pub(crate) fn given(report: &RawValue) -> (Vec<Source>, Vec<String>) {
    let nothing = Report { parts: Vec::new(), passages: Vec::new(), claims: Vec::new() };
    let report: Report<'_> = serde_json::from_str(report.get()).unwrap_or(nothing);
    let passages = report.passages.iter().chain(report.claims.iter().flat_map(|claim| &claim.grounds));
    let sources = passages.filter_map(|passage| serde_json::from_str(passage.source.get()).ok());
    (sources.collect(), report.parts.into_iter().map(|part| part.name).collect())
}

/// Notes which memories an answer was given.
pub(super) fn apply_use(transaction: &Transaction<'_>, kept: &ReportKept) -> Result<(), StoreError> {
    for source in given(&kept.report).0 {
        if let Source::Memory { id, .. } = source {
            transaction
                .prepare_cached(
                    "INSERT INTO memory_use (memory_id, message_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute(params![Column(id), Column(kept.message_id)])?;
        }
    }
    Ok(())
}
