//! Folding the log into the tables that are read.

use crate::error::StoreError;
use crate::payload::{AttachmentLeftOut, Change, MessageWritten, SettingPut};
use crate::row::{Column, Json, Word, list};
use rusqlite::{OptionalExtension, Transaction, params};
use twin_core::chat::Attachment;
use twin_core::record::Kind;

/// Folds one record. The only writer of the projections: what is written live and what is rebuilt cannot differ.
pub(crate) fn apply(transaction: &Transaction<'_>, kind: Kind, version: u16, payload: &str) -> Result<(), StoreError> {
    let Some(change) = Change::decode(kind, version, payload)? else {
        return Ok(());
    };
    match change {
        Change::SessionCreated(created) => transaction
            .prepare_cached(
                "INSERT INTO session (id, title, audience, created_at, updated_at, model) VALUES (?1, ?2, ?3, ?4, ?4, ?5)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                Column(created.id),
                created.title,
                Word(created.audience),
                Column(created.created_at),
                created.model.map(Json),
            ])?,
        Change::SessionRenamed(renamed) => transaction
            .prepare_cached("UPDATE session SET title = ?2 WHERE id = ?1")?
            .execute(params![Column(renamed.id), renamed.title])?,
        Change::SessionDeleted(deleted) => transaction
            .prepare_cached("UPDATE session SET deleted = ?2 WHERE id = ?1")?
            .execute(params![Column(deleted.id), deleted.deleted])?,
        Change::SessionHead(chosen) => transaction
            .prepare_cached("UPDATE session SET head = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), Column(chosen.head)])?,
        Change::SessionModel(chosen) => transaction
            .prepare_cached("UPDATE session SET model = ?2 WHERE id = ?1")?
            .execute(params![Column(chosen.id), chosen.model.map(Json)])?,
        Change::Message(message) => apply_message(transaction, *message)?,
        Change::AttachmentLeftOut(change) => apply_left_out(transaction, &change)?,
        Change::ContextReport(kept) => transaction
            .prepare_cached("INSERT INTO context_report (message_id, report) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
            .execute(params![Column(kept.message_id), kept.report.get()])?,
        Change::Setting(SettingPut { key, removed: true, .. }) => {
            transaction.prepare_cached("DELETE FROM setting WHERE key = ?1")?.execute([key])?
        }
        Change::Setting(SettingPut { key, value, .. }) => transaction
            .prepare_cached("INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2")?
            .execute(params![key, value.get()])?,
    };
    Ok(())
}

/// What was said never changes: of two records with one id the first stands. The newest one is what the session shows.
fn apply_message(transaction: &Transaction<'_>, message: MessageWritten) -> Result<usize, StoreError> {
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO message (id, session_id, parent_id, role, status, created_at, model, usage, failure, imported,
                                  content, parts, attachments, instead_of)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            Column(message.id),
            Column(message.session_id),
            message.parent_id.map(Column),
            Word(message.role),
            Word(message.status),
            Column(message.created_at),
            message.model.map(Json),
            message.usage.map(Json),
            message.failure.map(Json),
            message.imported.map(Json),
            message.content,
            list(&message.parts),
            list(&message.attachments),
            message.instead_of.map(Json),
        ])?;
    if inserted == 0 {
        return Ok(0);
    }
    transaction
        .prepare_cached("INSERT INTO message_fts (rowid, content) VALUES (?1, ?2)")?
        .execute(params![transaction.last_insert_rowid(), message.content])?;
    Ok(transaction
        .prepare_cached("UPDATE session SET head = ?2, updated_at = max(updated_at, ?3) WHERE id = ?1")?
        .execute(params![Column(message.session_id), Column(message.id), Column(message.created_at)])?)
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
         DELETE FROM message; DELETE FROM session; DELETE FROM context_report; DELETE FROM setting;",
    )?;
    let mut records =
        transaction.prepare("SELECT kind, version, payload FROM record ORDER BY hlc_wall, hlc_counter, device, seq")?;
    let mut rows = records.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(kind) = Kind::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
            apply(transaction, kind, row.get(1)?, row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
        }
    }
    Ok(())
}
