//! Writing an archive. What is in memory is one part, one record or one file, however large the home is.

use super::seal::Sink;
use super::{ArchiveMade, FORMAT, HEAD, Head, MANIFEST, Manifest, Part, VERSION, begin_file, end_file, unwritten};
use crate::error::internal;
use crate::job::{Job, Stage, Stop};
use crate::persona;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::io::Write;
use std::path::Path;
use tar::{Builder, EntryType, Header};
use twin_core::secret::Secret;
use twin_core::sync::hex;
use twin_core::time::Timestamp;
use twin_store::{Store, Travelling};

/// A part of records is written when it has grown this large.
pub(super) const PART_BYTES: usize = 4 * 1024 * 1024;

/// zstd's own default.
const LEVEL: i32 = 3;

pub(super) fn write(
    store: &Store,
    folder: &Path,
    target: &Path,
    passphrase: Option<&Secret<String>>,
    now: Timestamp,
    job: &Job,
) -> Result<ArchiveMade, Stop> {
    let file = begin_file(target)?;
    let mut writer = Writer::new(Sink::new(file.as_file(), passphrase)?)?;
    let mut total = 0;
    let (mut records, mut files) = (0, 0);
    store.log_read(|one| {
        match one {
            Travelling::Totals { records, files } => total = records + files,
            Travelling::Record(record) => {
                records += 1;
                writer.line(&record)?;
            }
            Travelling::File(file) => {
                writer.end_part()?;
                files += 1;
                writer.entry(&format!("files/{}", file.sha256), &file.bytes)?;
            }
        }
        job.step(Stage::Writing, records + files, total)
    })?;
    writer.end_part()?;
    let mut left_out = Vec::new();
    let mut kept = 0;
    for (path, content) in persona::contents(folder) {
        job.check()?;
        match content {
            Some(bytes) => {
                kept += 1;
                writer.part(&format!("persona/{path}"), &bytes)?;
            }
            None => left_out.push(path),
        }
    }
    writer.end(Manifest {
        exported_at: now,
        program: format!("Digital Twin {}", env!("CARGO_PKG_VERSION")),
        records,
        files,
        parts: Vec::new(),
    })?;
    job.check()?;
    end_file(file, target)?;
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(ArchiveMade {
        path: target.display().to_string(),
        records: number(records),
        files: number(files),
        persona: kept,
        left_out,
        sealed: passphrase.is_some(),
    })
}

struct Writer<W: Write> {
    tar: Builder<zstd::Encoder<'static, Sink<W>>>,
    /// The part of records that is growing.
    growing: Vec<u8>,
    parts: Vec<Part>,
    numbered: u32,
}

impl<W: Write> Writer<W> {
    fn new(sink: Sink<W>) -> Result<Self, Stop> {
        let mut packed = zstd::Encoder::new(sink, LEVEL).map_err(|error| unwritten(&error))?;
        packed.include_checksum(true).map_err(|error| unwritten(&error))?;
        let tar = Builder::new(packed);
        let mut writer = Self { tar, growing: Vec::new(), parts: Vec::new(), numbered: 0 };
        writer.entry(HEAD, &json(&Head { format: FORMAT.to_owned(), version: VERSION })?)?;
        Ok(writer)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), Stop> {
        self.growing.extend(json(line)?);
        self.growing.push(b'\n');
        if self.growing.len() >= PART_BYTES { self.end_part() } else { Ok(()) }
    }

    fn end_part(&mut self) -> Result<(), Stop> {
        if self.growing.is_empty() {
            return Ok(());
        }
        self.numbered += 1;
        let growing = std::mem::take(&mut self.growing);
        self.part(&format!("records/{:06}.jsonl", self.numbered), &growing)
    }

    fn part(&mut self, name: &str, bytes: &[u8]) -> Result<(), Stop> {
        self.entry(name, bytes)?;
        self.parts.push(Part { name: name.to_owned(), bytes: bytes.len() as u64, sha256: hexadecimal(bytes) });
        Ok(())
    }

    fn entry(&mut self, name: &str, bytes: &[u8]) -> Result<(), Stop> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(bytes.len() as u64);
        // Nothing of the machine: the same home gives the same entries.
        header.set_mode(0o600);
        self.tar.append_data(&mut header, name, bytes).map_err(|error| unwritten(&error))
    }

    fn end(mut self, manifest: Manifest) -> Result<(), Stop> {
        let parts = std::mem::take(&mut self.parts);
        self.entry(MANIFEST, &json(&Manifest { parts, ..manifest })?)?;
        let finish = || self.tar.into_inner()?.finish()?.finish();
        finish().map_err(|error| unwritten(&error))
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, Stop> {
    serde_json::to_vec(value).map_err(|_| Stop::Failed(internal("a part of the archive could not be written as JSON")))
}

/// The hash of a part, as it is written.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
