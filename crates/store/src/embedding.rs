//! What texts mean, as vectors. Local: they can be made again from what they are made of. What is in a vector is the
//! business of whoever makes it; here it is bytes.

use crate::error::StoreError;
use crate::row::Column;
use crate::store::Store;
use crate::turn;
use rusqlite::{OptionalExtension as _, Row, params};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use twin_core::id::{MemoryId, MessageId};

/// What a vector is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A message.
    Message(MessageId),
    /// A memory.
    Memory(MemoryId),
}

/// A vector to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVector {
    /// What it is of.
    pub subject: Subject,
    /// Its signs, for a quick look at all of them.
    pub bits: Vec<u8>,
    /// The vector.
    pub vector: Vec<u8>,
}

/// The signs of many vectors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VectorBits {
    /// Which vectors, ascending.
    pub numbers: Vec<i64>,
    /// Their signs one after the other, of the same length each.
    pub bits: Vec<u8>,
}

/// Vectors of the persona's paragraphs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParagraphVectors {
    /// By the paragraph's text.
    pub vectors: BTreeMap<String, Vec<u8>>,
    /// Whether no others are kept.
    pub is_all: bool,
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// Messages with a number in `?2..?3`.
const MISSING: &str = "SELECT m.number, m.id, m.content FROM message m
     WHERE m.number >= ?2 AND m.number < ?3 AND NOT m.hidden AND trim(m.content, char(9, 10, 13, 32)) <> ''
         AND NOT EXISTS (SELECT 1 FROM embedding e JOIN embedding_model o ON o.number = e.model
                         WHERE e.subject = m.id AND o.name = ?1)
     ORDER BY m.number DESC LIMIT ?4";

/// Vectors of different models, told apart by name, lie beside each other, so that another model can be taken up while the
/// old one still serves.
impl Store {
    /// Keeps vectors. One of something that was forgotten meanwhile is passed over, and so is one that is there.
    pub fn vector_put(&self, model: &str, vectors: Vec<NewVector>) -> Result<(), StoreError> {
        let model = model.to_owned();
        self.write(move |log| {
            log.transaction
                .prepare_cached("INSERT INTO embedding_model (name) VALUES (?1) ON CONFLICT DO NOTHING")?
                .execute([&model])?;
            for NewVector { subject, bits, vector } in vectors {
                let (table, id) = match subject {
                    Subject::Message(id) => ("message", *id.as_uuid()),
                    Subject::Memory(id) => ("memory", *id.as_uuid()),
                };
                let kept = log
                    .transaction
                    .prepare_cached(&format!(
                        "INSERT INTO embedding (model, subject, bits)
                         SELECT (SELECT number FROM embedding_model WHERE name = ?1), id, ?3 FROM {table} WHERE id = ?2
                         ON CONFLICT DO NOTHING"
                    ))?
                    .execute(params![model, id.as_bytes(), bits])?;
                if kept > 0 {
                    log.transaction
                        .prepare_cached("INSERT INTO embedding_vector (number, vector) VALUES (?1, ?2)")?
                        .execute(params![log.transaction.last_insert_rowid(), vector])?;
                }
            }
            Ok(())
        })
    }

    /// The vectors of those paragraphs that have one.
    pub fn paragraph_vectors(&self, texts: &BTreeSet<String>) -> Result<ParagraphVectors, StoreError> {
        self.read(|transaction| {
            let mut select = transaction.prepare_cached("SELECT vector FROM paragraph_vector WHERE sha256 = ?1")?;
            let mut vectors = BTreeMap::new();
            for text in texts {
                let vector = select.query_row([digest(text)], |row| row.get(0)).optional()?;
                vectors.extend(vector.map(|vector: Vec<u8>| (text.clone(), vector)));
            }
            let all: usize = transaction
                .prepare_cached("SELECT count(*) FROM paragraph_vector")?
                .query_row([], |row| row.get::<_, u32>(0))?
                .try_into()
                .unwrap_or(usize::MAX);
            let is_all = all == vectors.len();
            Ok(ParagraphVectors { vectors, is_all })
        })
    }

    /// Keeps the vectors of these paragraphs, and of no others.
    pub fn paragraph_vectors_set(&self, vectors: BTreeMap<String, Vec<u8>>) -> Result<(), StoreError> {
        self.write(move |log| {
            let vectors: BTreeMap<[u8; 32], &Vec<u8>> =
                vectors.iter().map(|(text, vector)| (digest(text), vector)).collect();
            let mut known = log.transaction.prepare_cached("SELECT sha256 FROM paragraph_vector")?;
            let known: Vec<[u8; 32]> = known.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            let mut delete = log.transaction.prepare_cached("DELETE FROM paragraph_vector WHERE sha256 = ?1")?;
            for digest in known.iter().filter(|digest| !vectors.contains_key(*digest)) {
                delete.execute([digest])?;
            }
            let mut insert = log.transaction.prepare_cached(
                "INSERT INTO paragraph_vector (sha256, vector) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            )?;
            for (digest, vector) in vectors {
                insert.execute(params![digest, vector])?;
            }
            Ok(())
        })
    }

    /// The number of the newest message.
    pub fn vector_last(&self) -> Result<i64, StoreError> {
        self.read(|transaction| Ok(turn::last(transaction)?))
    }

    /// Messages that have no vector of that model, the newest first, among those with a number in `numbers`: whoever has
    /// seen all below one number need not look at them again. With the number of each.
    pub fn vector_missing(
        &self,
        model: &str,
        numbers: Range<i64>,
        limit: u32,
    ) -> Result<Vec<(i64, MessageId, String)>, StoreError> {
        self.read(|transaction| {
            let mut missing = transaction.prepare_cached(MISSING)?;
            let rows = missing.query_map(params![model, numbers.start, numbers.end, limit], |row| {
                Ok((row.get(0)?, row.get::<_, Column<_>>(1)?.0, row.get(2)?))
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Memories that have no vector of that model.
    pub fn vector_missing_memories(&self, model: &str, limit: u32) -> Result<Vec<(MemoryId, String)>, StoreError> {
        self.read(|transaction| {
            let mut missing = transaction.prepare_cached(
                "SELECT m.id, m.text FROM memory m
                 WHERE NOT EXISTS (SELECT 1 FROM embedding e JOIN embedding_model o ON o.number = e.model
                                   WHERE e.subject = m.id AND o.name = ?1)
                 ORDER BY m.number DESC LIMIT ?2",
            )?;
            let rows =
                missing.query_map(params![model, limit], |row| Ok((row.get::<_, Column<_>>(0)?.0, row.get(1)?)))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The signs of all vectors of that model with a number above `after`.
    pub fn vector_bits(&self, model: &str, after: i64) -> Result<VectorBits, StoreError> {
        self.read(|transaction| {
            let mut rows = transaction.prepare_cached(
                "SELECT e.number, e.bits FROM embedding e
                 WHERE e.number > ?2 AND e.model = (SELECT number FROM embedding_model WHERE name = ?1)
                 ORDER BY e.number",
            )?;
            let mut rows = rows.query(params![model, after])?;
            let mut all = VectorBits::default();
            while let Some(row) = rows.next()? {
                all.numbers.push(row.get(0)?);
                all.bits.extend_from_slice(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
            }
            Ok(all)
        })
    }

    /// Those of these vectors that are still there, with their numbers.
    pub fn vector_get(&self, numbers: &[i64]) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        self.each("SELECT number, vector FROM embedding_vector WHERE number = ?1", numbers, |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    /// What those of these vectors that are still there are of, with their numbers.
    pub fn vector_subjects(&self, numbers: &[i64]) -> Result<Vec<(i64, Subject)>, StoreError> {
        let select = "SELECT number, subject, EXISTS (SELECT 1 FROM memory WHERE id = subject)
                      FROM embedding WHERE number = ?1";
        self.each(select, numbers, |row| {
            let subject = if row.get(2)? {
                Subject::Memory(row.get::<_, Column<_>>(1)?.0)
            } else {
                Subject::Message(row.get::<_, Column<_>>(1)?.0)
            };
            Ok((row.get(0)?, subject))
        })
    }

    fn each<T>(
        &self,
        select: &str,
        numbers: &[i64],
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        self.read(|transaction| {
            let mut select = transaction.prepare_cached(select)?;
            let found = numbers.iter().map(|number| select.query_row([number], |row| read(row)).optional());
            Ok(found.filter_map(Result::transpose).collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The vectors of that model of these memories, of those that have one.
    pub fn vector_of(&self, model: &str, memories: &[MemoryId]) -> Result<Vec<(MemoryId, Vec<u8>)>, StoreError> {
        self.read(|transaction| {
            let mut vector = transaction.prepare_cached(
                "SELECT v.vector FROM embedding e JOIN embedding_vector v ON v.number = e.number
                 WHERE e.subject = ?2 AND e.model = (SELECT number FROM embedding_model WHERE name = ?1)",
            )?;
            let mut found = Vec::new();
            for id in memories {
                for row in vector.query_map(params![model, Column(*id)], |row| row.get(0))? {
                    found.push((*id, row?));
                }
            }
            Ok(found)
        })
    }

    /// The names of the models of which there are vectors.
    pub fn vector_models(&self) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            let mut models = transaction.prepare_cached("SELECT name FROM embedding_model ORDER BY number")?;
            let rows = models.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Gives a model another name, unless there are vectors under that one.
    pub fn vector_model_rename(&self, before: &str, after: &str) -> Result<(), StoreError> {
        let names = [before.to_owned(), after.to_owned()];
        self.write(move |log| {
            let rename = "UPDATE OR IGNORE embedding_model SET name = ?2 WHERE name = ?1";
            log.transaction.execute(rename, names)?;
            Ok(())
        })
    }

    /// Drops the vectors of all models but that one.
    pub fn vector_keep_only(&self, model: &str) -> Result<(), StoreError> {
        let model = model.to_owned();
        self.write(move |log| {
            log.transaction.execute("DELETE FROM embedding_model WHERE name <> ?1", [model])?;
            Ok(log.transaction.execute_batch(
                "DELETE FROM embedding WHERE model NOT IN (SELECT number FROM embedding_model);
                 DELETE FROM embedding_vector WHERE number NOT IN (SELECT number FROM embedding);",
            )?)
        })
    }
}
