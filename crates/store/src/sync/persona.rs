//! The files of the persona: what each device has in its folder, and what all are to have.

use super::other;
use crate::blob::{self, Blob};
use crate::error::StoreError;
use crate::log::{INDEXED, Log};
use crate::payload::{Change, PersonaFilePut};
use crate::row::Column;
use crate::store::Store;
use rusqlite::{OptionalExtension, Transaction};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;

/// So much of a file is shown of another version of it, in characters.
const SHOWN: usize = 4_000;

/// A file as it lies in the persona folder of this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonaSource {
    /// Inside of the folder.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// It came with the program: what other devices have counts, and where they have none of that name, nothing is sent.
    pub sample: bool,
}

/// What the folder is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonaDifference {
    /// The file is to say this.
    Write {
        /// Which.
        path: String,
        /// Its hash.
        sha256: String,
        /// Its content.
        bytes: Vec<u8>,
        /// What stands there by now, by hash; none: nothing. Anything else was written meanwhile and must stay.
        instead_of: Option<String>,
    },
    /// The file is to go.
    Remove {
        /// Which.
        path: String,
        /// What stands there by now, by hash.
        sha256: String,
    },
}

impl Store {
    /// Takes in what the owner changed in the persona folder since it was last looked at, and says what has to be written
    /// there because other devices changed it. `files` are those that the folder holds; only with `whole` was what is
    /// missing taken away, and is what is new elsewhere written. After writing, [`Store::persona_written`].
    ///
    /// Where both sides changed a file, what lies here counts, and the other is kept as other version; when a folder is
    /// looked at for the first time, it is the other way round.
    pub fn persona_exchange(
        &self,
        files: Vec<PersonaSource>,
        whole: bool,
    ) -> Result<Vec<PersonaDifference>, StoreError> {
        self.write(move |log| {
            let first = !log.transaction.prepare("SELECT 1 FROM persona_base")?.exists([])?;
            let base = pairs(log.transaction, "SELECT path, sha256 FROM persona_base")?;
            let mut there = BTreeMap::new();
            let everywhere = pairs(log.transaction, "SELECT path, sha256 FROM persona_file")?;
            for PersonaSource { path, bytes, sample } in files {
                let blob = Blob::new(bytes);
                there.insert(path.clone(), blob.sha256.clone());
                let (known, theirs) = (base.get(&path), everywhere.get(&path));
                if known == Some(&blob.sha256) || theirs == Some(&blob.sha256) || sample && !everywhere.is_empty() {
                    continue;
                }
                blob::keep(log.transaction, std::slice::from_ref(&blob), &[])?;
                if first && let Some(theirs) = theirs {
                    // Of one's own is kept what stood here; it was never in the log.
                    lose(log, &path, Some(blob.sha256), theirs, false)?;
                    continue;
                }
                if theirs != known {
                    lose(log, &path, theirs.cloned(), &blob.sha256, true)?;
                }
                log.append(&Change::PersonaFile(PersonaFilePut { path, sha256: Some(blob.sha256) }))?;
            }
            for (path, known) in base.iter().filter(|(path, _)| whole && !there.contains_key(*path)) {
                // Taken away here; changed elsewhere meanwhile, it comes back.
                if everywhere.get(path) == Some(known) {
                    log.append(&Change::PersonaFile(PersonaFilePut { path: path.clone(), sha256: None }))?;
                }
            }
            note(log, &there)?;
            differences(log.transaction, &there, whole)
        })
    }

    /// That difference is in the folder now.
    pub fn persona_written(&self, difference: &PersonaDifference) -> Result<(), StoreError> {
        let (path, sha256) = match difference {
            PersonaDifference::Write { path, sha256, .. } => (path.clone(), Some(sha256.clone())),
            PersonaDifference::Remove { path, .. } => (path.clone(), None),
        };
        self.write(move |log| {
            match sha256 {
                Some(sha256) => log.transaction.execute(
                    "INSERT INTO persona_base (path, sha256) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sha256 = ?2",
                    [path, sha256],
                )?,
                None => log.transaction.execute("DELETE FROM persona_base WHERE path = ?1", [path])?,
            };
            Ok(())
        })
    }
}

fn pairs(transaction: &Transaction<'_>, sql: &str) -> Result<BTreeMap<String, String>, StoreError> {
    let mut pairs = transaction.prepare_cached(sql)?;
    let pairs = pairs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(pairs.collect::<rusqlite::Result<_>>()?)
}

/// Keeps what lost as other version: of another device what its last record says.
fn lose(log: &Log<'_>, path: &str, sha256: Option<String>, to: &str, theirs: bool) -> Result<(), StoreError> {
    if sha256.as_deref() == Some(to) {
        return Ok(());
    }
    let (mut device, mut at) = (log.device, log.clock.now().as_millis());
    if theirs {
        let last: Option<(DeviceId, i64)> = log
            .transaction
            .prepare(&format!(
                "SELECT device, hlc_wall FROM record WHERE kind = 'persona_file' AND {INDEXED} AND payload ->> '$.path' = ?1
                 ORDER BY order_wall DESC, order_counter DESC, device DESC, seq DESC LIMIT 1",
            ))?
            .query_row([path], |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get(1)?)))
            .optional()?;
        (device, at) = last.unwrap_or((device, at));
    }
    let change = Change::PersonaFile(PersonaFilePut { path: path.to_owned(), sha256 });
    other::put_change(log, &change, (device, at))
}

/// What stands in the folder and is what all have, or what was just taken in, is what this device knows.
fn note(log: &Log<'_>, there: &BTreeMap<String, String>) -> Result<(), StoreError> {
    let everywhere = pairs(log.transaction, "SELECT path, sha256 FROM persona_file")?;
    for (path, sha256) in there.iter().filter(|(path, sha256)| everywhere.get(*path) == Some(*sha256)) {
        log.transaction
            .prepare_cached(
                "INSERT INTO persona_base (path, sha256) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET sha256 = ?2",
            )?
            .execute([path, sha256])?;
    }
    let gone = pairs(log.transaction, "SELECT path, sha256 FROM persona_base")?;
    for path in gone.keys().filter(|path| !there.contains_key(*path) && !everywhere.contains_key(*path)) {
        log.transaction.execute("DELETE FROM persona_base WHERE path = ?1", [path])?;
    }
    Ok(())
}

fn differences(
    transaction: &Transaction<'_>,
    there: &BTreeMap<String, String>,
    whole: bool,
) -> Result<Vec<PersonaDifference>, StoreError> {
    let everywhere = pairs(transaction, "SELECT path, sha256 FROM persona_file")?;
    let mut bytes = transaction.prepare_cached("SELECT bytes FROM blob WHERE sha256 = ?1")?;
    let mut differences = Vec::new();
    for (path, sha256) in &everywhere {
        let instead_of = there.get(path).cloned();
        if instead_of.as_ref() == Some(sha256) || instead_of.is_none() && !whole {
            continue;
        }
        // A content that is still to be fetched is written when it has come.
        let content = bytes.query_row([sha256], |row| row.get(0)).optional()?;
        if let Some(bytes) = content {
            let (path, sha256) = (path.clone(), sha256.clone());
            differences.push(PersonaDifference::Write { path, sha256, bytes, instead_of });
        }
    }
    if !everywhere.is_empty() {
        let gone = there.iter().filter(|(path, _)| !everywhere.contains_key(*path));
        let gone = gone.map(|(path, sha256)| PersonaDifference::Remove { path: path.clone(), sha256: sha256.clone() });
        differences.extend(gone);
    }
    Ok(differences)
}

/// What all devices have there, by hash.
pub(super) fn hash_of(transaction: &Transaction<'_>, path: &str) -> Result<Option<String>, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT sha256 FROM persona_file WHERE path = ?1")?
        .query_row([path], |row| row.get(0))
        .optional()?)
}

/// How a content begins, as a person reads it; nothing of what is no text, or not here.
pub(super) fn beginning(transaction: &Transaction<'_>, sha256: &str) -> Result<String, StoreError> {
    let bytes: Option<Vec<u8>> = transaction
        .prepare_cached("SELECT bytes FROM blob WHERE sha256 = ?1")?
        .query_row([sha256], |row| row.get(0))
        .optional()?;
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    Ok(text.chars().take(SHOWN).collect())
}
