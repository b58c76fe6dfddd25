//! Edits that were made on two devices at once: one counts, the other is kept and shown.

use super::{decode, persona, signed};
use crate::error::StoreError;
use crate::log::Log;
use crate::payload::Change;
use crate::row::{Column, Json};
use crate::store::Store;
use rusqlite::{OptionalExtension, Row, Transaction, params};
use twin_core::chat::TitleBy;
use twin_core::id::{DeviceId, SessionId};
use twin_core::record::Kind;
use twin_core::sync::{Entry, OtherVersion, OtherVersionOf};
use twin_core::time::{Hlc, Timestamp};

/// So far back is looked for an edit of one's own that another device did not know of.
const FAR_BACK: u32 = 2_000;

/// What of a change is an edit of something that a person set: what it is about, whose session, and what it says.
struct Edit {
    about: String,
    session: Option<SessionId>,
    value: String,
}

fn edit(change: &Change) -> Option<Edit> {
    match change {
        Change::SessionRenamed(renamed) if renamed.by == TitleBy::Owner => Some(Edit {
            about: format!("title {}", renamed.id),
            session: Some(renamed.id),
            value: renamed.title.clone(),
        }),
        Change::SessionTagged(tagged) => {
            Some(Edit { about: format!("tags {}", tagged.id), session: Some(tagged.id), value: tagged.tags.join(", ") })
        }
        Change::PersonaFile(put) => Some(Edit {
            about: format!("file {}", put.path),
            session: None,
            value: put.sha256.clone().unwrap_or_default(),
        }),
        Change::Setting(put) => {
            Some(Edit { about: format!("setting {}", put.key), session: None, value: put.value.get().to_owned() })
        }
        _ => None,
    }
}

struct Lost<'a> {
    edit: Edit,
    device: DeviceId,
    at: i64,
    kind: Kind,
    version: u16,
    payload: &'a str,
}

/// Notes what a record that came and one of this device's own say of the same thing, neither knowing of the other. What two
/// other devices did at once, they show themselves.
pub(super) fn note(log: &Log<'_>, entry: &Entry, change: &Change, payload: &str) -> Result<(), StoreError> {
    let Some(theirs) = edit(change) else { return Ok(()) };
    let Some(kind) = Kind::parse(&entry.content.kind) else { return Ok(()) };
    // What that device said before about it, is said anew.
    log.transaction
        .prepare_cached("DELETE FROM other_version WHERE about = ?1 AND device = ?2")?
        .execute(params![theirs.about, Column(entry.device)])?;
    let mut own = log.transaction.prepare_cached(
        "SELECT version, payload, order_wall, order_counter, seq, hlc_wall FROM record
         WHERE device = ?1 AND seq > ?2 AND kind = ?3 ORDER BY seq DESC LIMIT ?4",
    )?;
    let known = entry.seen.get(&log.device).copied().unwrap_or(0);
    let mut rows = own.query(params![Column(log.device), signed(known), kind.as_str(), FAR_BACK])?;
    while let Some(row) = rows.next()? {
        let (version, ours) = (row.get(0)?, row.get::<_, String>(1)?);
        let Some(edit) = decode(kind.as_str(), version, &ours)?.as_ref().and_then(self::edit) else { continue };
        if edit.about != theirs.about {
            continue;
        }
        if edit.value == theirs.value {
            return Ok(());
        }
        let order = Hlc { wall: row.get(2)?, counter: row.get(3)? };
        let ours_stands = (order, log.device, row.get::<_, i64>(4)?) > (entry.order, entry.device, signed(entry.seq));
        let lost = if ours_stands {
            let version = entry.content.version;
            Lost { edit: theirs, device: entry.device, at: entry.hlc.wall, kind, version, payload }
        } else {
            Lost { edit, device: log.device, at: row.get(5)?, kind, version, payload: &ours }
        };
        return put(log, &lost);
    }
    Ok(())
}

/// Keeps an edit that lost, whoever made it.
pub(super) fn put_change(log: &Log<'_>, change: &Change, (device, at): (DeviceId, i64)) -> Result<(), StoreError> {
    let Some(edit) = edit(change) else { return Ok(()) };
    let (kind, version, payload) = change.encode()?;
    put(log, &Lost { edit, device, at, kind, version, payload: &payload })
}

fn put(log: &Log<'_>, lost: &Lost<'_>) -> Result<(), StoreError> {
    log.transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO other_version (about, session, device, at, kind, version, payload)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            lost.edit.about,
            lost.edit.session.map(Column),
            Column(lost.device),
            lost.at,
            lost.kind.as_str(),
            lost.version,
            lost.payload,
        ])?;
    Ok(())
}

const COLUMNS: &str = "SELECT o.id, o.device, o.at, o.kind, o.version, o.payload, s.title, s.tags, v.value
     FROM other_version o LEFT JOIN session s ON s.id = o.session LEFT JOIN setting v ON o.about = 'setting ' || v.key
     WHERE (o.session IS NULL OR (s.id IS NOT NULL AND s.deleted = 0))";

impl Store {
    /// Edits that lost to others which did not know of them, the newest first.
    pub fn sync_other_versions(&self) -> Result<Vec<OtherVersion>, StoreError> {
        self.read(|transaction| {
            let mut found = transaction.prepare_cached(&format!("{COLUMNS} ORDER BY o.at DESC, o.id DESC"))?;
            let mut rows = found.query([])?;
            let mut versions = Vec::new();
            while let Some(row) = rows.next()? {
                versions.extend(read(transaction, row)?);
            }
            Ok(versions)
        })
    }

    /// Makes one of them the one that counts, by a new record; it is then no other version any more.
    pub fn sync_other_version_take(&self, id: u32) -> Result<(), StoreError> {
        self.write(move |log| {
            let row = log
                .transaction
                .prepare("SELECT kind, version, payload FROM other_version WHERE id = ?1")?
                .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get::<_, String>(2)?)))
                .optional()?;
            let (kind, version, payload) = row.ok_or(StoreError::NotFound("other version"))?;
            if let Some(change) = decode(&kind, version, &payload)? {
                log.append(&change)?;
            }
            log.transaction.execute("DELETE FROM other_version WHERE id = ?1", [id])?;
            Ok(())
        })
    }

    /// Drops one from the list.
    pub fn sync_other_version_drop(&self, id: u32) -> Result<(), StoreError> {
        self.write(move |log| {
            log.transaction.execute("DELETE FROM other_version WHERE id = ?1", [id])?;
            Ok(())
        })
    }
}

/// One that says what holds by now is none.
fn read(transaction: &Transaction<'_>, row: &Row<'_>) -> Result<Option<OtherVersion>, StoreError> {
    let (kind, payload): (String, String) = (row.get(3)?, row.get(5)?);
    let Some(change) = decode(&kind, row.get(4)?, &payload)? else { return Ok(None) };
    let Some(Edit { session, mut value, .. }) = edit(&change) else { return Ok(None) };
    let title = row.get::<_, Option<String>>(6)?.unwrap_or_default();
    let (of, now) = match (change, session) {
        (Change::SessionRenamed(_), Some(session_id)) => {
            (OtherVersionOf::Title { session_id, now: title.clone() }, title)
        }
        (Change::SessionTagged(_), Some(session_id)) => {
            let tags: Vec<String> = row.get::<_, Option<Json<_>>>(7)?.map(|Json(tags)| tags).unwrap_or_default();
            let now = tags.join(", ");
            (OtherVersionOf::Tags { session_id, title, now: now.clone() }, now)
        }
        (Change::Setting(put), _) => {
            let now = row.get::<_, Option<String>>(8)?.unwrap_or_default();
            (OtherVersionOf::Setting { key: put.key, now: now.clone() }, now)
        }
        (Change::PersonaFile(put), _) => {
            let now = persona::hash_of(transaction, &put.path)?.unwrap_or_default();
            (OtherVersionOf::File { path: put.path }, now)
        }
        _ => return Ok(None),
    };
    if value == now {
        return Ok(None);
    }
    if let OtherVersionOf::File { .. } = of {
        // A person reads what it says, not by which hash it is kept.
        value = persona::beginning(transaction, &value)?;
    }
    let (id, Column(device), at) = (row.get(0)?, row.get(1)?, Timestamp::from_millis(row.get(2)?));
    Ok(Some(OtherVersion { id, of, value, device, at }))
}
