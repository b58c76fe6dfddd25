//! Conversations as files: one as a document, several as a ZIP of documents.

use super::document::{self, SessionFormat};
use crate::archive::{begin_file, end_file, unwritten, whole_path};
use crate::error::{WireError, internal, invalid};
use crate::job::{self, CancelOnDrop, Job, Stage, Stop};
use crate::paths::{Paths, create_private_folder, remove_folder};
use crate::{App, persona, task};
use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use twin_core::export::ExportWhat;
use twin_core::id::SessionId;
use twin_store::Store;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Of a title, in the name of a file.
const MAX_NAME_CHARS: usize = 60;

impl App {
    /// A conversation as a document.
    pub async fn session_document(&self, id: SessionId, format: SessionFormat) -> Result<String, WireError> {
        let (store, zone) = (self.store_of(id), self.inner.zone.clone());
        task::blocking(move || written(&store, id, format, &zone)).await?
    }

    /// Writes conversations to a file: one as it is, several into a ZIP. A file that is there is replaced when the new one is
    /// whole. False: it was called off, and no file is left.
    pub async fn session_export(
        &self,
        ids: Vec<SessionId>,
        format: SessionFormat,
        file: &Path,
        job: Job,
    ) -> Result<bool, WireError> {
        let _cancel = CancelOnDrop(job.clone());
        let file = whole_path(file)?;
        if ids.is_empty() {
            return Err(invalid("no conversation was chosen", "Choose one or more."));
        }
        let sessions: Vec<(Store, SessionId)> = ids.iter().map(|id| (self.store_of(*id), *id)).collect();
        // Of a temporary conversation nothing is kept, not even that it was exported.
        let kept: Vec<SessionId> = ids.into_iter().filter(|id| self.temporary_store(*id).is_none()).collect();
        let (to, zone) = (file.clone(), self.inner.zone.clone());
        let ended = task::blocking(move || write(&sessions, format, &to, &zone, &job)).await?;
        if job::outcome(ended)?.is_none() {
            return Ok(false);
        }
        if !kept.is_empty() {
            self.export_remember(&file, ExportWhat::Sessions, kept, self.inner.clock.now()).await?;
        }
        Ok(true)
    }

    /// Writes conversations to be dragged out of the window, each to a file of its own that bears its title. They stay until
    /// [`App::session_drag_end`], not until the next ones: whoever takes them may copy them much later, as a letter does
    /// what is attached to it when it is sent.
    pub async fn session_drag(&self, ids: Vec<SessionId>, format: SessionFormat) -> Result<Vec<PathBuf>, WireError> {
        if ids.iter().any(|id| self.temporary_store(*id).is_some()) {
            return Err(invalid(
                "a temporary conversation is not written into the home",
                "Export it to a file instead.",
            ));
        }
        let (store, zone, folder) = (self.inner.store.clone(), self.inner.zone.clone(), self.inner.paths.dragged());
        task::blocking(move || {
            let failed = |error| persona::cannot_write("the conversations could not be written", &error);
            create_private_folder(&folder).map_err(failed)?;
            let folder = tempfile::tempdir_in(folder).map_err(failed)?;
            let mut names = BTreeSet::new();
            let mut files = Vec::new();
            for id in ids {
                let title = store.session_get(id)?.title;
                let file = folder.path().join(file_name(&title, id, format, &mut names));
                fs_err::write(&file, written(&store, id, format, &zone)?).map_err(failed)?;
                files.push(file);
            }
            // What fails before this takes its folder along.
            let _kept = folder.keep();
            Ok(files)
        })
        .await?
    }

    /// Takes away everything that was written to be dragged.
    pub fn session_drag_end(paths: &Paths) -> Result<(), WireError> {
        let removed = remove_folder(&paths.dragged());
        removed.map_err(|error| persona::cannot_write("what was dragged could not be taken away", &error).into())
    }
}

fn written(
    store: &Store,
    id: SessionId,
    format: SessionFormat,
    zone: &jiff::tz::TimeZone,
) -> Result<String, WireError> {
    let session = store.session_get(id)?;
    if format == SessionFormat::Json {
        return document::json(&session, &store.message_list(id)?)
            .map_err(|_| internal("the session could not be written as JSON"));
    }
    let path = store.session_leaf(id)?.map_or(Ok(Vec::new()), |leaf| store.message_path(leaf))?;
    let mut failed = None;
    let text = match format {
        SessionFormat::Seed => super::seed::to_file(path)?,
        SessionFormat::Markdown => document::markdown(&session, &path, zone),
        SessionFormat::Text => document::text(&session, &path, zone),
        SessionFormat::Html | SessionFormat::Json => document::html(&session, &path, zone, &mut |sha256| {
            store.blob_get(sha256).unwrap_or_else(|error| {
                failed = Some(error);
                None
            })
        }),
    };
    failed.map_or(Ok(text), |error| Err(error.into()))
}

fn write(
    sessions: &[(Store, SessionId)],
    format: SessionFormat,
    target: &Path,
    zone: &jiff::tz::TimeZone,
    job: &Job,
) -> Result<(), Stop> {
    let file = begin_file(target)?;
    let total = sessions.len() as u64;
    if let [(store, id)] = sessions {
        job.check()?;
        let text = written(store, *id, format, zone)?;
        file.as_file().write_all(text.as_bytes()).map_err(|error| unwritten(&error))?;
    } else {
        let mut zip = ZipWriter::new(BufWriter::new(file.as_file()));
        let failed = |error: zip::result::ZipError| unwritten(&error.into());
        let mut names = BTreeSet::new();
        for (done, (store, id)) in (0..).zip(sessions) {
            job.step(Stage::Writing, done, total)?;
            let title = store.session_get(*id)?.title;
            let name = file_name(&title, *id, format, &mut names);
            zip.start_file(name, SimpleFileOptions::default()).map_err(failed)?;
            zip.write_all(written(store, *id, format, zone)?.as_bytes()).map_err(|error| unwritten(&error))?;
        }
        zip.finish().map_err(failed)?.flush().map_err(|error| unwritten(&error))?;
    }
    job.step(Stage::Finishing, 0, 1)?;
    end_file(file, target)
}

/// A session file is found again by its id; the others by their title.
fn file_name(title: &str, id: SessionId, format: SessionFormat, names: &mut BTreeSet<String>) -> String {
    let extension = format.extension();
    let safe = |char: char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_');
    let title: String = title.chars().filter(|char| safe(*char)).take(MAX_NAME_CHARS).collect();
    let title = title.trim();
    let unique = format!("{title} {id}");
    // Two names that differ in their case alone are one on some disks.
    let name = match format {
        SessionFormat::Seed => id.to_string(),
        _ if title.is_empty() => id.to_string(),
        _ if names.contains(&title.to_lowercase()) => unique,
        _ => title.to_owned(),
    };
    names.insert(name.to_lowercase());
    format!("{name}.{extension}")
}
