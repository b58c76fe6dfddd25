//! Editing persona files in place: validated before, written whole or not at all, and never over somebody else's change.

use super::folder::cannot_write;
use crate::error::{WireError, invalid};
use crate::paths::read_file;
use crate::{App, task};
use serde::Serialize;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};
use twin_core::error::{Code, Failure};
use twin_mind::persona;

/// A text file of the persona, as the editor holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PersonaText {
    /// Relative to the folder.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Stands for exactly this content: saving needs it, so that a change on disk is never overwritten unseen.
    pub fingerprint: String,
}

impl PersonaText {
    fn new(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), fingerprint: fingerprint(&text), text }
    }
}

fn fingerprint(text: &str) -> String {
    // Not for security: it tells an edited file from the one that was opened.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}-{}", hasher.finish(), text.len())
}

impl App {
    /// A text file, for the editor.
    pub async fn persona_read(&self, path: String) -> Result<PersonaText, WireError> {
        let root = self.persona_folder();
        task::blocking(move || {
            let location = locate(&root, &path)?;
            let text = read_text(&location)?.ok_or_else(|| not_found(&path))?;
            Ok(PersonaText::new(&path, text))
        })
        .await?
    }

    /// Writes a text file. `fingerprint` is of what was opened; none creates the file and refuses if it exists.
    pub async fn persona_save(
        &self,
        path: String,
        text: String,
        fingerprint: Option<String>,
    ) -> Result<PersonaText, WireError> {
        // A problem that the twin can live with (a key given twice) is shown, and does not stand in the way of saving.
        let broken =
            if persona::loads(&path, &text) { None } else { persona::check_text(&path, &text).into_iter().next() };
        if let Some(problem) = broken {
            let place = match (problem.line, problem.column) {
                (Some(line), Some(column)) => format!(", line {line}, column {column}"),
                (Some(line), None) => format!(", line {line}"),
                _ => String::new(),
            };
            let message = format!("{path}{place}: {}", problem.message);
            return Err(Failure::permanent(Code::PersonaInvalid, message, problem.hint).into());
        }
        let root = self.persona_folder();
        let saved = task::blocking(move || save(&root, &path, text, fingerprint.as_deref())).await??;
        self.persona_reload().await?;
        Ok(saved)
    }

    /// Text to begin a missing file with.
    pub fn persona_template(&self, path: &str) -> Result<String, WireError> {
        persona::template(path)
            .map(str::to_owned)
            .ok_or_else(|| invalid(format!("there is no template for {path}"), "Create the file with any editor."))
    }
}

fn save(root: &Path, path: &str, text: String, expected: Option<&str>) -> Result<PersonaText, WireError> {
    let location = locate(root, path)?;
    let on_disk = read_text(&location)?.as_deref().map(self::fingerprint);
    if on_disk.as_deref() != expected {
        return Err(Failure::permanent(
            Code::PersonaChanged,
            format!("{path} was changed outside of this window since it was opened"),
            "Load it again, or overwrite it with your version.",
        )
        .into());
    }
    write_whole(&location, text.as_bytes())
        .map_err(|error| WireError::from(cannot_write(&format!("{path} could not be saved"), &error)))?;
    Ok(PersonaText::new(path, text))
}

/// Write, sync, rename, sync: after a crash there is the old file or the new one, and the new one once this has returned.
pub(crate) fn write_whole(location: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = location.file_name().unwrap_or_default().to_string_lossy();
    // A dot in front: the watcher and the reader pass it over.
    let partial = location.with_file_name(format!(".{name}.saving"));
    let folder = location.parent().unwrap_or(location);
    twin_store::make_lasting(folder, || fs_err::create_dir_all(folder))?;
    let mut file = create_private(&partial)?;
    // Who may read the file stays as the owner has it; a new one is theirs alone.
    let permissions = fs_err::metadata(location).map(|meta| meta.permissions());
    let written = permissions
        .map_or(Ok(()), |permissions| file.set_permissions(permissions))
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs_err::rename(&partial, location));
    if written.is_err() {
        // The failure that matters is the first one.
        drop(fs_err::remove_file(&partial));
    }
    written.and_then(|()| twin_store::sync_folder(folder))
}

/// An empty file that nobody else can read, not even while it is written. What a crash left there goes, and so does a link, which
/// could lead the writing out of the folder.
fn create_private(path: &Path) -> std::io::Result<std::fs::File> {
    match fs_err::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.create_new(true).write(true).open(path)
}

fn read_text(location: &Path) -> Result<Option<String>, WireError> {
    match read_file(location) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(_) => Err(Failure::permanent(
            Code::PersonaInvalid,
            "the file cannot be read",
            "Check that it is a file and that you may read it.",
        )
        .into()),
    }
}

fn not_found(path: &str) -> WireError {
    Failure::permanent(Code::NotFound, format!("{path} is not there any more"), "Choose another file.").into()
}

fn is_text(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
    persona::is_wanted(path) && matches!(extension.as_deref(), Some("txt" | "md" | "json"))
}

/// The place of an editable file.
fn locate(root: &Path, path: &str) -> Result<PathBuf, WireError> {
    if !is_text(path) {
        return Err(not_one_of_it());
    }
    inside(root, path)
}

/// The place of a file: a relative path of plain names, and not through a link that leads outside.
pub(crate) fn inside(root: &Path, path: &str) -> Result<PathBuf, WireError> {
    let relative = Path::new(path);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    if !plain || path.contains(['\\', '\0']) {
        return Err(not_one_of_it());
    }
    let root = root.canonicalize().map_err(|_| {
        WireError::from(Failure::permanent(
            Code::NotFound,
            "the persona folder is not there",
            "Choose another folder, or go back to the standard one.",
        ))
    })?;
    let location = root.join(relative);
    // The nearest part that exists decides where a write would end up.
    let existing = location.ancestors().find(|part| part.symlink_metadata().is_ok()).unwrap_or(&root);
    match existing.canonicalize() {
        Ok(target) if target.starts_with(&root) => Ok(location),
        _ => Err(not_one_of_it()),
    }
}

fn not_one_of_it() -> WireError {
    invalid("that is not a text file of the persona", "Choose a file from the list.")
}
