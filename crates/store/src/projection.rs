//! Folding the log into the tables that are read.

pub(crate) mod memory;

use crate::error::StoreError;
use crate::log::INDEXED;
use crate::payload::{
    AttachmentLeftOut, BranchDeleted, Change, MessageWritten, PersonaFilePut, SessionRenamed, SettingPut, VERSION,
    decode,
};
use crate::row::{Column, Json, Word, list};
use crate::word;
use rusqlite::{OptionalExtension, Params, Transaction, params};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::chat::{Attachment, TitleBy};
use twin_core::id::{MessageId, SessionId};
use twin_core::record::Kind;
use twin_core::time::Hlc;

/// Pages that are kept in memory while everything is folded.
const ROOM_KIB: i64 = 128 << 10;
/// So many bytes of the index of words are gathered before they are written, and from so many parts on they are merged (0:
/// not before there are sixteen), then and otherwise (FTS5's own).
const LARGE_PARTS: [(&str, u32); 2] = [("hashsize", 32 << 20), ("automerge", 0)];
const USUAL_PARTS: [(&str, u32); 2] = [("hashsize", 1 << 20), ("automerge", 4)];

/// What a record says, read as far as that goes without the tables: another thread may do it ahead.
pub(crate) struct Reading {
    /// None for what only a newer program understands.
    pub(crate) change: Option<Change>,
    /// What the index of words is to hold of it.
    words: String,
}

impl Reading {
    /// Fails for what this program should understand, and cannot.
    pub(crate) fn new(kind: &str, version: u16, payload: &str) -> Result<Self, StoreError> {
        let change = decode(kind, version, payload)?;
        let words = match &change {
            Some(Change::Message(message)) => word::indexed(&message.content),
            _ => String::new(),
        };
        Ok(Self { change, words })
    }
}

/// Folds one record. The only writer of the projections: what is written live and what is rebuilt cannot differ.
pub(crate) fn apply(transaction: &Transaction<'_>, reading: Reading) -> Result<(), StoreError> {
    let Some(change) = reading.change else {
        return Ok(());
    };
    match change {
        Change::SessionCreated(created) => transaction
            .prepare_cached(
                "INSERT INTO session (id, title, audience, created_at, updated_at, model, title_by, tags, forked_from)
                 VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                Column(created.id),
                created.title,
                Word(created.audience),
                Column(created.created_at),
                created.model.map(Json),
                Word(created.title_by),
                list(&created.tags),
                created.forked_from.map(Column),
            ])?,
        Change::SessionRenamed(renamed) => apply_renamed(transaction, &renamed)?,
        Change::SessionDeleted(deleted) => transaction
            .prepare_cached("UPDATE session SET deleted = ?2 WHERE id = ?1")?
            .execute(params![Column(deleted.id), deleted.deleted])?,
        Change::SessionHead(chosen) => transaction
            .prepare_cached("UPDATE session SET head = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), chosen.head.map(Column)])?,
        Change::SessionModel(chosen) => transaction
            .prepare_cached("UPDATE session SET model = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), chosen.model.map(Json)])?,
        Change::SessionPinned(chosen) => transaction
            .prepare_cached("UPDATE session SET pinned = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), chosen.pinned])?,
        Change::SessionArchived(chosen) => transaction
            .prepare_cached("UPDATE session SET archived = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), chosen.archived])?,
        Change::SessionTagged(tagged) => transaction
            .prepare_cached("UPDATE session SET tags = ?2 WHERE id = ?1")?
            .execute(params![Column(tagged.id), list(&tagged.tags)])?,
        Change::Message(message) => apply_message(transaction, *message, &reading.words)?,
        Change::BranchDeleted(change) => apply_branch_deleted(transaction, &change)?,
        Change::AttachmentLeftOut(change) => apply_left_out(transaction, &change)?,
        Change::ContextReport(kept) => {
            memory::apply_use(transaction, &kept)?;
            transaction
                .prepare_cached(
                    "INSERT INTO context_report (message_id, report) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute(params![Column(kept.message_id), kept.report.get()])?
        }
        Change::Setting(SettingPut { key, removed: true, .. }) => {
            transaction.prepare_cached("DELETE FROM setting WHERE key = ?1")?.execute([key])?
        }
        Change::Setting(SettingPut { key, value, .. }) => transaction
            .prepare_cached("INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")?
            .execute(params![key, value.get()])?,
        Change::Memory(change) => memory::apply(transaction, &change)?,
        Change::PersonaFile(PersonaFilePut { path, sha256: Some(sha256) }) => transaction
            .prepare_cached(
                "INSERT INTO persona_file (path, sha256) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sha256 = ?2",
            )?
            .execute([path, sha256])?,
        Change::PersonaFile(PersonaFilePut { path, sha256: None }) => {
            transaction.prepare_cached("DELETE FROM persona_file WHERE path = ?1")?.execute([path])?
        }
        Change::Forgotten(forgotten) => transaction
            .prepare_cached(
                "INSERT INTO receipt (id, at, scope, reach) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                Column(forgotten.receipt.id),
                Column(forgotten.receipt.at),
                forgotten.receipt.scope,
                Json(forgotten.receipt.reach),
            ])?,
        Change::Erased(_) => 0,
    };
    Ok(())
}

/// Whichever was written first: what the owner chose stays.
fn apply_renamed(transaction: &Transaction<'_>, renamed: &SessionRenamed) -> Result<usize, StoreError> {
    Ok(transaction
        .prepare_cached("UPDATE session SET title = ?2, title_by = ?3 WHERE id = ?1 AND (?4 OR title_by <> 'owner')")?
        .execute(params![Column(renamed.id), renamed.title, Word(renamed.by), renamed.by == TitleBy::Owner])?)
}

/// What was said never changes: of two records with one id the first stands. The newest one is what the session shows,
/// unless its branch was deleted.
fn apply_message(transaction: &Transaction<'_>, message: MessageWritten, words: &str) -> Result<usize, StoreError> {
    let parent: Option<(i64, bool)> = transaction
        .prepare_cached("SELECT depth, hidden FROM message WHERE id = ?1")?
        .query_row([message.parent_id.map(Column)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (depth, hidden) = parent.map_or((0, false), |(depth, hidden)| (depth + 1, hidden));
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO message (id, session_id, parent_id, depth, hidden, role, status, created_at, model, instead_of,
                                  usage, failure, imported, attachments, content, parts)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            Column(message.id),
            Column(message.session_id),
            message.parent_id.map(Column),
            depth,
            hidden,
            Word(message.role),
            Word(message.status),
            Column(message.created_at),
            message.model.map(Json),
            message.instead_of.map(Json),
            message.usage.map(Json),
            message.failure.map(Json),
            message.imported.map(Json),
            list(&message.attachments),
            message.content,
            list(&message.parts),
        ])?;
    if inserted == 0 {
        return Ok(0);
    }
    index_words(transaction, transaction.last_insert_rowid(), words)?;
    Ok(transaction
        .prepare_cached(
            // Also what came into a branch that is deleted is something new: so this is the newest of all messages, in whatever
            // order they came.
            "UPDATE session SET head = iif(?4, head, ?2), updated_at = max(updated_at, ?3) WHERE id = ?1",
        )?
        .execute(params![Column(message.session_id), Column(message.id), Column(message.created_at), hidden])?)
}

fn index_words(transaction: &Transaction<'_>, number: i64, words: &str) -> Result<(), StoreError> {
    transaction
        .prepare_cached("INSERT INTO message_fts (rowid, words) VALUES (?1, ?2)")?
        .execute(params![number, words])?;
    Ok(())
}

/// Fills the index of words if it is empty, as a migration leaves it that changed how words are cut.
pub(crate) fn fill_index(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let filled = transaction.prepare("SELECT 1 FROM message_fts_docsize LIMIT 1")?.exists([])?;
    if filled {
        return Ok(());
    }
    with_room(transaction, || {
        let mut messages = transaction.prepare("SELECT number, content FROM message ORDER BY number")?;
        let mut rows = messages.query([])?;
        while let Some(row) = rows.next()? {
            let content = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            index_words(transaction, row.get(0)?, &word::indexed(content))?;
        }
        Ok(())
    })
}

/// What was deleted inside of the branch stays hidden when the branch comes back, and inside of a hidden branch nothing
/// comes into sight.
fn apply_branch_deleted(transaction: &Transaction<'_>, change: &BranchDeleted) -> Result<usize, StoreError> {
    transaction
        .prepare_cached("UPDATE message SET deleted = ?2 WHERE id = ?1")?
        .execute(params![Column(change.message_id), change.deleted])?;
    Ok(transaction
        .prepare_cached(
            "WITH RECURSIVE branch AS (
                 SELECT number, id FROM message m WHERE id = ?1
                     AND NOT EXISTS (SELECT 1 FROM message p WHERE p.id = m.parent_id AND p.number < m.number AND p.hidden)
                 UNION ALL
                 SELECT m.number, m.id FROM branch CROSS JOIN message m ON m.parent_id = branch.id
                 WHERE m.number > branch.number AND NOT m.deleted
             )
             UPDATE message SET hidden = ?2 WHERE number IN (SELECT number FROM branch)",
        )?
        .execute(params![Column(change.message_id), change.deleted])?)
}

fn apply_left_out(transaction: &Transaction<'_>, change: &AttachmentLeftOut) -> Result<usize, StoreError> {
    let attachments = transaction
        .prepare_cached("SELECT attachments FROM message WHERE id = ?1 AND attachments IS NOT NULL")?
        .query_row([Column(change.message_id)], |row| row.get::<_, Json<Vec<Attachment>>>(0))
        .optional()?;
    let Some(Json(mut attachments)) = attachments else {
        return Ok(0);
    };
    for attachment in &mut attachments {
        if attachment.id == change.attachment_id {
            attachment.left_out = change.left_out;
        }
    }
    Ok(transaction
        .prepare_cached("UPDATE message SET attachments = ?2 WHERE id = ?1")?
        .execute(params![Column(change.message_id), list(&attachments)])?)
}

/// Empties the projections and folds the whole log again, in the order of its clock. Records of kinds and versions that
/// only a newer program understands stay in the log and are passed over.
pub(crate) fn rebuild(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute_batch(
        "INSERT INTO message_fts (message_fts) VALUES ('delete-all');
         DELETE FROM message; DELETE FROM session; DELETE FROM context_report; DELETE FROM setting;
         DELETE FROM memory_use; DELETE FROM receipt; DELETE FROM persona_file;",
    )?;
    memory::clear(transaction)?;
    with_room(transaction, || fold(transaction, ""))
}

/// What is folded in one go may have more memory meanwhile: with that of an ordinary write, most pages of a large home would
/// be written and read again many times, and the index of words would be merged from many small parts. Its large parts are
/// left to stand side by side until there are sixteen; ordinary writes merge them a little each.
pub(crate) fn with_room<T, E: From<StoreError>>(
    transaction: &Transaction<'_>,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let sql = |error: rusqlite::Error| E::from(StoreError::from(error));
    let cache: i64 = transaction.pragma_query_value(None, "cache_size", |row| row.get(0)).map_err(sql)?;
    transaction.pragma_update(None, "cache_size", -ROOM_KIB).map_err(sql)?;
    set_index(transaction, LARGE_PARTS).map_err(sql)?;
    let done = work();
    // Whatever came of it, and said to SQLite even where all of it is about to be undone: it remembers this beside the file.
    let usual = set_index(transaction, USUAL_PARTS);
    transaction.pragma_update(None, "cache_size", cache).map_err(sql)?;
    transaction.execute_batch("PRAGMA shrink_memory").map_err(sql)?;
    let done = done?;
    usual.map_err(sql)?;
    Ok(done)
}

/// <https://sqlite.org/fts5.html#configuration_options>. The first of them writes what was gathered.
fn set_index(transaction: &Transaction<'_>, options: [(&str, u32); 2]) -> rusqlite::Result<()> {
    let mut set = transaction.prepare_cached("INSERT INTO message_fts (message_fts, rank) VALUES (?1, ?2)")?;
    options.iter().try_for_each(|option| set.execute(params![option.0, option.1]).map(drop))
}

/// Folds the memories anew, and nothing else.
pub(crate) fn rebuild_memory(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    memory::clear(transaction)?;
    fold(transaction, &format!("WHERE kind = 'memory' AND {INDEXED}"))
}

/// Folds the log again from that place on: its messages are taken out first, so that they are counted in its order again.
/// Whatever else it wrote is written again in the same order. Not for a log with deleted branches.
pub(crate) fn fold_again(transaction: &Transaction<'_>, from: Hlc) -> Result<(), StoreError> {
    let mut messages = transaction.prepare(
        "SELECT payload FROM record WHERE (order_wall, order_counter) >= (?1, ?2) AND kind = ?3 AND version = ?4",
    )?;
    let mut rows = messages.query(params![from.wall, from.counter, Kind::Message.as_str(), VERSION])?;
    while let Some(row) = rows.next()? {
        let payload = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        if let Some(Change::Message(message)) = Change::decode(Kind::Message, VERSION, payload)? {
            take_out(transaction, message.id)?;
        }
    }
    fold_which(
        transaction,
        "WHERE (order_wall, order_counter) >= (?1, ?2) AND kind <> 'memory'",
        params![from.wall, from.counter],
    )?;
    rebuild_memory(transaction)
}

/// Folds anew what these sessions are called.
pub(crate) fn fold_titles(
    transaction: &Transaction<'_>,
    sessions: &BTreeMap<SessionId, impl Sized>,
) -> Result<(), StoreError> {
    if sessions.is_empty() {
        return Ok(());
    }
    let mut titles = transaction.prepare_cached(&format!(
        "SELECT kind, version, payload FROM record WHERE kind IN ('session_created', 'session_renamed') AND {INDEXED}
         ORDER BY order_wall, order_counter, device, seq",
    ))?;
    let mut created = BTreeSet::new();
    let mut rows = titles.query([])?;
    while let Some(row) = rows.next()? {
        let text = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
        match decode(text(0)?, row.get(1)?, text(2)?)? {
            // Of two the first stands.
            Some(Change::SessionCreated(first)) if sessions.contains_key(&first.id) && created.insert(first.id) => {
                transaction
                    .prepare_cached("UPDATE session SET title = ?2, title_by = ?3 WHERE id = ?1")?
                    .execute(params![Column(first.id), first.title, Word(first.title_by)])?;
            }
            Some(Change::SessionRenamed(renamed)) if sessions.contains_key(&renamed.id) => {
                apply_renamed(transaction, &renamed)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Takes a message and its words out of the tables. Nothing happens to one that is not there.
pub(crate) fn take_out(transaction: &Transaction<'_>, id: MessageId) -> Result<(), StoreError> {
    let found: Option<(i64, String)> = transaction
        .prepare_cached("SELECT number, content FROM message WHERE id = ?1")?
        .query_row([Column(id)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((number, content)) = found {
        transaction
            .prepare_cached("INSERT INTO message_fts (message_fts, rowid, words) VALUES ('delete', ?1, ?2)")?
            .execute(params![number, word::indexed(&content)])?;
        transaction.prepare_cached("DELETE FROM message WHERE number = ?1")?.execute([number])?;
    }
    Ok(())
}

fn fold(transaction: &Transaction<'_>, which: &str) -> Result<(), StoreError> {
    fold_which(transaction, which, [])
}

fn fold_which(transaction: &Transaction<'_>, which: &str, params: impl Params) -> Result<(), StoreError> {
    let mut records = transaction.prepare(&format!(
        "SELECT kind, version, payload FROM record {which} ORDER BY order_wall, order_counter, device, seq"
    ))?;
    let mut rows = records.query(params)?;
    while let Some(row) = rows.next()? {
        let text = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
        apply(transaction, Reading::new(text(0)?, row.get(1)?, text(2)?)?)?;
    }
    Ok(())
}
