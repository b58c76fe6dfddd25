//! Reading the folder. Everything that can be wrong with a file becomes words for the owner, never an error for the
//! application.

use crate::error::WireError;
use crate::paths::{Paths, create_private_folder, read_file};
use include_dir::{Dir, include_dir};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use twin_core::error::{Code, Failure};
use twin_mind::persona::{self, FileContent, Persona, SourceFile, Unreadable};

/// The sample twin, from `persona/` of the repository.
static SAMPLE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../persona");

/// A folder with more files than this is somebody's whole disk, chosen by mistake.
pub(crate) const MAX_FILES: usize = 2_000;

/// All files together: more would not be a persona, and would have to be held in memory.
pub(crate) const MAX_BYTES: u64 = 96 * 1024 * 1024;

/// Deeper than this are caches and archives, not what a person wrote about themself.
const MAX_DEPTH: usize = 8;

/// Copies the sample into a home that has no persona yet: whole or not at all.
pub(crate) fn install_sample(paths: &Paths) -> Result<(), WireError> {
    let target = paths.persona();
    // A broken link counts as there: it is the owner's, and writing through it could go anywhere.
    if target.symlink_metadata().is_ok() {
        return Ok(());
    }
    let copy = || -> std::io::Result<()> {
        let partial = tempfile_beside(&target)?;
        SAMPLE.extract(&partial)?;
        // A name must not come onto the disk before what is under it: it would be taken for a persona that the owner emptied.
        sync_whole(&partial)?;
        match fs_err::rename(&partial, &target) {
            // Another process of this home was first.
            Err(_) if target.is_dir() => fs_err::remove_dir_all(&partial),
            renamed => renamed.and_then(|()| twin_store::sync_folder(paths.home())),
        }
    };
    copy().map_err(|error| cannot_write("the sample persona could not be copied", &error).into())
}

/// Puts a folder on the disk with all that is in it.
fn sync_whole(folder: &Path) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_whole(&path)?;
        } else {
            fs_err::OpenOptions::new().write(true).open(path)?.sync_all()?;
        }
    }
    twin_store::sync_folder(folder)
}

/// A folder of its own beside `target`, for this process only.
fn tempfile_beside(target: &Path) -> std::io::Result<std::path::PathBuf> {
    let partial = target.with_extension(format!("partial-{}", std::process::id()));
    if partial.exists() {
        fs_err::remove_dir_all(&partial)?;
    }
    create_private_folder(&partial)?;
    Ok(partial)
}

/// A failed write, told by its kind.
pub(crate) fn cannot_write(what: &str, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Failure::passing(Code::StoreFull, format!("{what}: the disk is full"), "Free some space, then try again.")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Failure::permanent(
            Code::StoreReadOnly,
            format!("{what}: no permission to write there"),
            "Make the folder writable, or choose another one.",
        ),
        _ => Failure::passing(Code::StoreFailed, what.to_owned(), "Check the disk, then try again."),
    }
}

/// Reads the folder; what did not change since `previous` is not parsed again.
pub(crate) fn read(folder: &Path, previous: Option<&Persona>) -> Persona {
    let mut found = list(folder);
    let too_many = found.len() > MAX_FILES;
    found.truncate(MAX_FILES);
    let (last, mut bytes) = (found.len().saturating_sub(1), 0);
    let files = found.into_iter().enumerate().map(|(index, Found { path, location })| {
        let content = match location {
            Err(why) => FileContent::Unreadable(why),
            Ok(_) if too_many && index == last => {
                let why = format!("the folder holds more than {MAX_FILES} files, and the rest is left out");
                FileContent::Unreadable(Unreadable::Other(why))
            }
            Ok(location) => content(&location, &path, &mut bytes),
        };
        SourceFile { path, content }
    });
    Persona::load(previous, files.collect())
}

/// Every file that the persona is made of, by its path, one after the other; without content where it cannot be read.
pub(crate) fn contents(folder: &Path) -> impl Iterator<Item = (String, Option<Vec<u8>>)> {
    let mut found = list(folder);
    found.truncate(MAX_FILES);
    let mut all = 0;
    found.into_iter().map(move |Found { path, location }| {
        let content = location.map(|location| content(&location, &path, &mut all));
        let bytes = match content {
            Ok(FileContent::Bytes(bytes)) => Some(bytes),
            Ok(FileContent::Unreadable(_)) | Err(_) => None,
        };
        (path, bytes)
    })
}

/// Whether a path from elsewhere is that of a file which the persona may have, inside of its folder and nowhere else.
pub(crate) fn is_plain(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(['.', ' ']);
    path.split('/').count() <= MAX_DEPTH
        && path.split('/').all(plain)
        && !path.contains(['\\', ':', '\0'])
        && persona::is_wanted(path)
}

/// Whether nothing but the sample is in it, as it was copied there.
fn is_untouched(folder: &Path) -> bool {
    let mut there = contents(folder).peekable();
    there.peek().is_some() && there.all(|(path, bytes)| bytes.is_some_and(|bytes| is_sample(&path, &bytes)))
}

/// Whether a file is one of the sample, as it was copied there.
pub(crate) fn is_sample(path: &str, bytes: &[u8]) -> bool {
    SAMPLE.get_file(path).is_some_and(|file| file.contents() == bytes)
}

/// What became of the files that were to be taken in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TakenIn {
    /// How many are new.
    pub(crate) written: u32,
    /// Where something else stands under that name, which stays; or where the folder leads elsewhere.
    pub(crate) kept: Vec<String>,
}

/// Takes in files of another home, by plain paths. The sample makes room for them as a whole; anything else stays.
pub(crate) fn take_in(folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<TakenIn, WireError> {
    let mut taken = TakenIn::default();
    if files.is_empty() {
        return Ok(taken);
    }
    let failed = |error: &std::io::Error| WireError::from(cannot_write("the persona could not be taken in", error));
    create_private_folder(folder).map_err(|error| failed(&error))?;
    let untouched = is_untouched(folder);
    if untouched {
        let brought: Vec<&String> = files.iter().map(|(path, _)| path).collect();
        for (path, _) in contents(folder).filter(|(path, _)| !brought.contains(&path)) {
            fs_err::remove_file(folder.join(path)).map_err(|error| failed(&error))?;
        }
    }
    for (path, bytes) in files {
        let Ok(location) = super::edit::inside(folder, &path) else {
            taken.kept.push(path);
            continue;
        };
        match read_file(&location) {
            Ok(there) if there == bytes => {}
            Ok(_) if !untouched => taken.kept.push(path),
            Err(error) if error.kind() != ErrorKind::NotFound => taken.kept.push(path),
            Ok(_) | Err(_) => {
                super::edit::write_whole(&location, &bytes).map_err(|error| failed(&error))?;
                taken.written += 1;
            }
        }
    }
    Ok(taken)
}

/// A file of the persona, before it is read: where it lies, or why it cannot be read.
struct Found {
    path: String,
    location: Result<PathBuf, Unreadable>,
}

/// All of them, sorted: the order of a directory is the file system's business; the prompt's, and what is left out, must not
/// be.
fn list(folder: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    if let Ok(root) = folder.canonicalize() {
        collect(&root, &root, "", 0, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(root: &Path, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) {
    let Ok(entries) = fs_err::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let location = entry.path();
        let wanted = persona::is_wanted(&path);
        // A linked folder would be read twice, or for ever.
        let is_folder = location.is_dir() && !location.is_symlink();
        if is_folder && !wanted && depth < MAX_DEPTH && !is_hidden(&path) {
            collect(root, &location, &path, depth + 1, found);
        }
        if !wanted {
            continue;
        }
        // Follows links; the check that they stay inside comes before anything is read.
        let location = match location.canonicalize().map(|target| target.strip_prefix(root).map(Path::to_owned)) {
            Err(error) => Err(reason(&error)),
            Ok(Err(_)) => Err(Unreadable::LinkOutside),
            // A public name for a private file would show it to visitors. The file itself is read where it lies.
            Ok(Ok(target)) if persona::is_private(&target.to_string_lossy()) && !persona::is_private(&path) => continue,
            Ok(Ok(_)) => Ok(location),
        };
        found.push(Found { path, location });
    }
}

fn is_hidden(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with('.'))
}

fn reason(error: &std::io::Error) -> Unreadable {
    match error.kind() {
        ErrorKind::PermissionDenied => Unreadable::PermissionDenied,
        kind => Unreadable::Other(kind.to_string()),
    }
}

fn content(location: &Path, path: &str, all: &mut u64) -> FileContent {
    let mut read = || -> std::io::Result<FileContent> {
        let meta = fs_err::metadata(location)?;
        // A pipe or device would block the reader for ever.
        if !meta.is_file() {
            return Ok(FileContent::Unreadable(Unreadable::NotAFile));
        }
        let bytes = meta.len();
        if bytes > persona::max_bytes(path) {
            return Ok(FileContent::Unreadable(Unreadable::TooLarge { bytes }));
        }
        if *all + bytes > MAX_BYTES {
            let why = format!("the files before it fill the {} MB that are read in all", MAX_BYTES >> 20);
            return Ok(FileContent::Unreadable(Unreadable::Other(why)));
        }
        *all += bytes;
        Ok(FileContent::Bytes(read_file(location)?))
    };
    read().unwrap_or_else(|error| FileContent::Unreadable(reason(&error)))
}

/// The picture as a `data:` address, if there is one.
pub(super) fn avatar(persona: &Persona) -> Option<String> {
    use base64::Engine as _;
    let avatar = persona.avatar()?;
    let encoded = base64::engine::general_purpose::STANDARD.encode(avatar.bytes);
    Some(format!("data:{};base64,{encoded}", avatar.media_type))
}
