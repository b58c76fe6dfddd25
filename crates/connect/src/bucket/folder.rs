//! A folder as a bucket: a mounted drive, or one that another program carries between machines.
//!
//! One file for each object, which appears under its name only when it is whole and on the disk. What it holds besides the
//! object's bytes is one line before them, with their number and the put-id: a second file beside it could not appear at
//! the same time.

mod content;
mod failure;
mod name;

use content::Content;
use failure::Trouble;
use fs_err as fs;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::{NamedTempFile, TempPath};
use tokio::time::timeout;
use twin_core::bucket::{Answer, Bucket, ETag, LARGEST_OBJECT, Outcome, Pending, Request};
use twin_core::error::Failure;
use twin_core::sync::hex;

/// A network drive that has gone away can hold a request for ever.
const PATIENCE: Duration = Duration::from_mins(2);
/// What List gives at once.
const PAGE: usize = 1_000;

/// Says that this is the folder, and is the lock that writers hold. Where a drive is unplugged, an empty folder may stay
/// behind, which must not be taken for an empty bucket. No object's file is called so: those have no capitals.
const MARKER: &str = "Digital Twin.txt";
const MARKER_TEXT: &str = "Digital Twin keeps data of your devices in this folder, encrypted.\nDo not rename, change or remove what is in it, this file included.\n";

/// A folder as a [`Bucket`]. A cheap clone.
///
/// Conditions hold between all processes that see the folder on one machine, and on a network drive if it knows locks.
/// Between machines that each have a copy, carried by another program, nothing can hold: both may write.
#[derive(Debug, Clone)]
pub struct FolderBucket(Arc<Folder>);

#[derive(Debug)]
struct Folder {
    root: PathBuf,
}

impl FolderBucket {
    /// Looks at nothing yet. The folder must have been [set up](Self::set_up) once, by any device.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self(Arc::new(Folder { root: root.into() }))
    }

    /// Makes an existing folder one that is used. Nothing happens to one that is used already.
    pub async fn set_up(&self) -> Result<(), Failure> {
        let folder = Arc::clone(&self.0);
        let done =
            tokio::task::spawn_blocking(move || folder.mark().map_err(|trouble| trouble.to_failure(&folder.root)));
        match timeout(PATIENCE, done).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(failure::broken_off()),
            Err(_) => Err(failure::silent(&self.0.root)),
        }
    }
}

impl Bucket for FolderBucket {
    fn ask(&self, request: Request) -> Pending {
        let folder = Arc::clone(&self.0);
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || folder.answer(&request));
            let outcome = match timeout(PATIENCE, done).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_)) => Outcome::Failed(failure::broken_off()),
                Err(_) => Outcome::Lost,
            };
            // The file system's clock is this machine's own, or one that nobody asked.
            Answer { outcome, date: None }
        })
    }
}

/// Where an object's file is.
struct Place {
    folder: PathBuf,
    file: PathBuf,
    /// How the names of files begin that are to become it.
    unfinished: String,
}

impl Folder {
    fn answer(&self, request: &Request) -> Outcome {
        let done = match request {
            Request::PutIfAbsent { name, bytes, put_id } => self.put(name, bytes, put_id, None),
            Request::PutIfMatch { name, bytes, put_id, etag } => self.put(name, bytes, put_id, Some(etag)),
            Request::Get { name } => self.read(name).map(|content| match content {
                Content::Whole { bytes, etag, .. } => Outcome::Found { bytes, etag },
                other => other.missing(),
            }),
            Request::Head { name } => self.read(name).map(|content| match content {
                Content::Whole { put_id, etag, .. } => Outcome::Described { etag, put_id },
                other => other.missing(),
            }),
            Request::List { prefix, after } => self.list(prefix, after.as_deref()),
            Request::Delete { name } => self.delete(name),
            Request::DeleteOldVersions { name } => self.sweep(name),
        };
        done.unwrap_or_else(|trouble| trouble.to_outcome(&self.root))
    }

    fn mark(&self) -> Result<(), Trouble> {
        if self.marker().is_ok() {
            return Ok(());
        }
        let mut unfinished = unfinished(&self.root, ".set-up-")?;
        write(&mut unfinished, &[MARKER_TEXT.as_bytes()])?;
        match unfinished.persist_noclobber(self.root.join(MARKER)) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => {
                // Without links and exclusive renames: the worst is that two write the same text.
                error.file.persist(self.root.join(MARKER)).map_err(|error| error.error)?;
            }
            _ => {}
        }
        Ok(sync(&self.root)?)
    }

    /// The marker, open.
    fn marker(&self) -> Result<File, Trouble> {
        match File::options().read(true).open(self.root.join(MARKER)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Err(Trouble::Gone),
            other => Ok(other?),
        }
    }

    /// Whoever writes holds it; it goes with its process, so nothing stale is ever in the way. False where the file
    /// system knows no locks.
    fn lock(marker: &File) -> Result<bool, Trouble> {
        match marker.lock() {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn place(&self, name: &str) -> Place {
        let (folders, file) = name::path(name);
        let hash = hex(&Sha256::digest(name)[..8]);
        let folder = folders.iter().fold(self.root.clone(), |path, part| path.join(part));
        Place { file: folder.join(file), folder, unfinished: format!(".{hash}-") }
    }

    /// Whether the folder is there. Links are not followed: one could lead out of the root.
    fn has(&self, folder: &Path) -> Result<bool, Trouble> {
        let mut path = self.root.clone();
        for part in folder.strip_prefix(&self.root).into_iter().flatten() {
            path.push(part);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(Trouble::Strange(path)),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    fn make(&self, folder: &Path) -> Result<(), Trouble> {
        let mut path = self.root.clone();
        for part in folder.strip_prefix(&self.root).into_iter().flatten() {
            let above = path.clone();
            path.push(part);
            match std::fs::create_dir(&path) {
                Ok(()) => sync(&above)?,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
        if self.has(folder)? { Ok(()) } else { Err(std::io::Error::from(ErrorKind::NotFound).into()) }
    }

    fn is_there(&self, place: &Place) -> Result<bool, Trouble> {
        if !self.has(&place.folder)? {
            return Ok(false);
        }
        match fs::symlink_metadata(&place.file) {
            Ok(metadata) if metadata.is_file() && metadata.len() <= LARGEST_OBJECT as u64 => Ok(true),
            Ok(_) => Err(Trouble::Strange(place.file.clone())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn read(&self, name: &str) -> Result<Content, Trouble> {
        let place = self.place(name);
        let bytes = match self.is_there(&place)?.then(|| fs::read(&place.file)) {
            Some(Ok(bytes)) => Some(bytes),
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
            Some(Err(_)) | None => None,
        };
        // Afterwards: a drive that is pulled out in between must not look empty.
        self.marker()?;
        Ok(bytes.map_or(Content::Absent, Content::of))
    }

    fn put(&self, name: &str, bytes: &[u8], put_id: &str, over: Option<&ETag>) -> Result<Outcome, Trouble> {
        let place = self.place(name);
        let marker = self.marker()?;
        if over.is_none() && self.is_there(&place)? {
            return Ok(Outcome::Refused);
        }
        self.make(&place.folder)?;
        let head = content::head(bytes.len(), put_id);
        let mut unfinished = unfinished(&place.folder, &place.unfinished)?;
        write(&mut unfinished, &[head.as_bytes(), bytes])?;
        let etag = content::etag(&[head.as_bytes(), bytes]);
        let is_locked = Self::lock(&marker)?;
        if let Some(over) = over {
            if !is_locked {
                return Err(Trouble::NoLocks);
            }
            match self.read(name)? {
                Content::Absent => return Ok(Outcome::Absent),
                Content::Whole { etag, .. } if etag == *over => {}
                _ => return Ok(Outcome::Refused),
            }
            unfinished.persist(&place.file).map_err(|error| error.error)?;
        } else if !self.appear(unfinished, &place, is_locked)? {
            return Ok(Outcome::Refused);
        }
        // It has its name, but a loss of power could take that away.
        Ok(if sync(&place.folder).is_ok() { Outcome::Stored { etag } } else { Outcome::Lost })
    }

    /// Gives the file its name; false where something has it.
    fn appear(&self, unfinished: NamedTempFile, place: &Place, is_locked: bool) -> Result<bool, Trouble> {
        // renameat2(RENAME_NOREPLACE) or its like, else link and unlink: the kernel decides who is first, also among
        // machines on a network drive.
        let Err(error) = unfinished.persist_noclobber(&place.file) else { return Ok(true) };
        match error.error.kind() {
            ErrorKind::AlreadyExists => Ok(false),
            // FAT and some network drives know neither; EPERM is how FAT says so.
            ErrorKind::Unsupported | ErrorKind::PermissionDenied | ErrorKind::InvalidInput if is_locked => {
                if self.is_there(place)? {
                    return Ok(false);
                }
                error.file.persist(&place.file).map_err(|error| error.error)?;
                Ok(true)
            }
            ErrorKind::Unsupported | ErrorKind::InvalidInput => Err(Trouble::NoLocks),
            _ => Err(error.error.into()),
        }
    }

    fn delete(&self, name: &str) -> Result<Outcome, Trouble> {
        let place = self.place(name);
        let marker = self.marker()?;
        // Not in between another writer's look and its writing.
        Self::lock(&marker)?;
        if self.is_there(&place)? {
            match fs::remove_file(&place.file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
            if sync(&place.folder).is_err() {
                return Ok(Outcome::Lost);
            }
        }
        self.marker()?;
        Ok(Outcome::Deleted)
    }

    /// A folder keeps no versions, but a process that was killed leaves behind what it was about to write.
    fn sweep(&self, name: &str) -> Result<Outcome, Trouble> {
        let place = self.place(name);
        let marker = self.marker()?;
        Self::lock(&marker)?;
        if self.has(&place.folder)? {
            for entry in fs::read_dir(&place.folder)? {
                let entry = entry?;
                // Of one that still lives it is taken as well: it finds nothing to give a name to, and says `Conflict`.
                if entry.file_name().to_str().is_some_and(|name| name.starts_with(&place.unfinished)) {
                    drop(TempPath::try_from_path(entry.path())?);
                }
            }
            sync(&place.folder)?;
        }
        self.marker()?;
        Ok(Outcome::Deleted)
    }

    fn list(&self, prefix: &str, after: Option<&str>) -> Result<Outcome, Trouble> {
        let mut names = Vec::new();
        collect(&self.root, "", prefix, &mut names)?;
        self.marker()?;
        names.retain(|name| after.is_none_or(|after| name.as_str() > after));
        names.sort_unstable();
        let more = names.len() > PAGE;
        names.truncate(PAGE);
        Ok(Outcome::Listed { names, more })
    }
}

/// Names below `folder`, whose own is `above`, that begin with `prefix`. What no name of ours leads to is passed over:
/// what sync programs put beside, links, unfinished files.
fn collect(folder: &Path, above: &str, prefix: &str, names: &mut Vec<String>) -> Result<(), Trouble> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let (kind, file) = (entry.file_type()?, entry.file_name());
        let Some(file) = file.to_str() else { continue };
        if kind.is_dir() {
            let Some(part) = name::folder(file) else { continue };
            let here = format!("{above}{part}/");
            if here.starts_with(prefix) || prefix.starts_with(&here) {
                collect(&entry.path(), &here, prefix, names)?;
            }
        } else if kind.is_file()
            && let Some(part) = name::file(file)
        {
            names.extend(Some(format!("{above}{part}")).filter(|name| name.starts_with(prefix)));
        }
    }
    Ok(())
}

/// In the folder where it is to appear: nothing can be renamed from one file system to another.
fn unfinished(folder: &Path, prefix: &str) -> std::io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(prefix).tempfile_in(folder)
}

/// Onto the disk, before it gets a name.
fn write(file: &mut NamedTempFile, parts: &[&[u8]]) -> std::io::Result<()> {
    for part in parts {
        file.write_all(part)?;
    }
    file.as_file().sync_all()
}

/// Names are kept by their folder. Windows writes them through and opens no folders.
#[cfg(unix)]
fn sync(folder: &Path) -> std::io::Result<()> {
    match File::options().read(true).open(folder)?.sync_all() {
        // Some network drives cannot.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        other => other,
    }
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
const fn sync(_: &Path) -> std::io::Result<()> {
    Ok(())
}
