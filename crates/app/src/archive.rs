//! Everything in one file, and back: `docs/archive-format.md`.

mod read;
mod seal;
mod write;

pub(crate) use read::{Piece, is_locked, walk};

use crate::error::WireError;
use crate::job::{self, CancelOnDrop, Job, Stop};
use crate::{App, persona, task};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use twin_core::error::{Code, Failure};
use twin_core::export::{ExportMade, ExportWhat};
use twin_core::id::SessionId;
use twin_core::secret::Secret;
use twin_core::time::Timestamp;

/// How the format calls itself.
const FORMAT: &str = "digital-twin-archive";

/// The newest version of the format that this program reads, and the one that it writes.
const VERSION: u32 = 1;

const HEAD: &str = "archive.json";
const MANIFEST: &str = "manifest.json";

/// The first entry: what it is, before anything else is read.
#[derive(Serialize, Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// The last entry: what there is. Without it the archive is not whole.
#[derive(Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) exported_at: Timestamp,
    program: String,
    records: u64,
    /// Attached files, each of which is named by its own hash.
    files: u64,
    parts: Vec<Part>,
}

/// A part with records, or a file of the persona.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Part {
    name: String,
    bytes: u64,
    sha256: String,
}

/// An archive that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ArchiveMade {
    /// Where.
    pub path: String,
    /// How many records are in it.
    pub records: u32,
    /// How many attached files.
    pub files: u32,
    /// How many files of the persona.
    pub persona: u32,
    /// Files of the persona that the twin cannot read either, and that are not in it.
    pub left_out: Vec<String>,
    /// Whether a passphrase is needed to open it.
    pub sealed: bool,
}

impl App {
    /// Writes everything into one file: conversations with all branches, why each answer came out as it did, the memory,
    /// the settings that travel, attached files, the persona. Never a key. A file that is there is replaced, when the new
    /// one is whole. With a passphrase only who knows it can read the file. None: it was called off, and no file is left.
    pub async fn archive_export(
        &self,
        file: &Path,
        passphrase: Option<Secret<String>>,
        job: Job,
    ) -> Result<Option<ArchiveMade>, WireError> {
        let _cancel = CancelOnDrop(job.clone());
        let store = self.inner.store.clone();
        let (file, persona, now) = (whole_path(file)?, self.persona_folder(), self.inner.clock.now());
        let to = file.clone();
        let written =
            task::blocking(move || write::write(&store, &persona, &to, passphrase.as_ref(), now, &job)).await?;
        let Some(made) = job::outcome(written)? else { return Ok(None) };
        self.export_remember(&file, ExportWhat::Archive, Vec::new(), now).await?;
        Ok(Some(made))
    }

    /// Files that were exported and are still where they were put, the newest first. Forgetting does not reach them.
    pub async fn export_list(&self) -> Result<Vec<ExportMade>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.export_list()).await
    }

    pub(crate) async fn export_remember(
        &self,
        file: &Path,
        what: ExportWhat,
        sessions: Vec<SessionId>,
        at: Timestamp,
    ) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        let made = ExportMade { path: file.display().to_string(), at, what, sessions };
        task::store(move || store.export_remember(&made)).await
    }
}

pub(crate) fn whole_path(file: &Path) -> Result<PathBuf, WireError> {
    std::path::absolute(file).map_err(|_| crate::error::invalid("that is not a path of a file", "Choose a file."))
}

/// A file under a name of its own beside `target`, which takes its name when it is whole. Dropped before that, it is gone.
pub(crate) fn begin_file(target: &Path) -> Result<NamedTempFile, Stop> {
    let folder = target.parent().filter(|folder| folder.is_dir()).ok_or_else(|| {
        crate::error::invalid("there is no folder to write the file into", "Choose a file in a folder that exists.")
    })?;
    tempfile::Builder::new().prefix(".twin-").suffix(".partial").tempfile_in(folder).map_err(|error| unwritten(&error))
}

/// On the disk, then under its name, which is then on the disk as well.
pub(crate) fn end_file(file: NamedTempFile, target: &Path) -> Result<(), Stop> {
    file.as_file().sync_all().map_err(|error| unwritten(&error))?;
    file.persist(target).map_err(|error| unwritten(&error.error))?;
    twin_store::sync_folder(target.parent().unwrap_or(target)).map_err(|error| unwritten(&error))
}

pub(crate) fn unwritten(error: &std::io::Error) -> Stop {
    Stop::Failed(persona::cannot_write("the file could not be written", error).into())
}

/// A file to be taken in, or what is in it, that cannot be had at all.
pub(crate) fn unreadable(error: &std::io::Error) -> Stop {
    let why = format!("the file cannot be read: {}", error.kind());
    Stop::Failed(crate::error::invalid(why, "Check the path and that you may read it."))
}

/// What is wrong with a file to be taken in, and what to do.
pub(crate) fn refuse(message: &str, hint: &str) -> Stop {
    Stop::Failed(Failure::permanent(Code::ImportInvalid, message, hint).into())
}
