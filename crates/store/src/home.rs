//! The home folder: who may read it, and which processes live in it.
//!
//! Lock files and not process ids tell whether a process lives: an id is given again to another, a lock goes with the
//! process that held it, however it ended.

use crate::error::StoreError;
use fs_err as fs;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// The database's name inside the home.
pub(crate) const DATABASE: &str = "twin.db";

/// Where a web view that is told to keep its things in `window` puts what its pages store (WebKitGTK).
pub(crate) const PAGES: &str = "window/localstorage";

const LOCKS: &str = "locks";
const DAMAGE: &str = "damaged";

/// Creates the home, for its owner's eyes only, and the folder of the locks. An existing home keeps its permissions.
pub(crate) fn prepare(home: &Path) -> Result<(), StoreError> {
    create_private_folder(home)?;
    create_private_folder(&home.join(LOCKS))
}

/// Creates a folder for its owner's eyes only. An existing one keeps its permissions.
pub(crate) fn create_private_folder(folder: &Path) -> Result<(), StoreError> {
    if !folder.is_dir() {
        make_lasting(folder, || fs::create_dir_all(folder))?;
        restrict(folder, 0o700)?;
    }
    Ok(())
}

/// Makes `folder` by `make`, and the names of it and of the folders above it that were missing as well: until the folder that
/// a name stands in is on the disk, a power cut may take the name back, with all that lies under it.
pub fn make_lasting(folder: &Path, make: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let missing = folder.ancestors().take_while(|above| !above.exists());
    let above: Vec<&Path> = missing.filter_map(Path::parent).collect();
    make()?;
    above.into_iter().rev().try_for_each(sync_folder)
}

/// Puts the names in a folder on the disk. Until then a power cut may take back a new one, and bring back an old one.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match fs::File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some network drives cannot; and a folder may be one to write into, but not to open.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// Windows opens no folders, and keeps names with the file.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix version can fail")]
pub fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Creates an empty file that only its owner can read, unless it is there already.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    match fs::OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(_) => restrict(path, 0o600),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> Result<(), StoreError> {
    // Set afterwards and not at creation, where the umask would have its say.
    Ok(fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))?)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the Unix version can fail")]
fn restrict(_path: &Path, _mode: u32) -> Result<(), StoreError> {
    Ok(()) // The data folder of a Windows account is the account's own already.
}

/// Held while a store opens: of several processes that start on one home, one at a time creates, migrates and clears up.
pub(crate) struct OpeningLock(#[expect(dead_code, reason = "held for its lock, which goes when it is dropped")] File);

impl OpeningLock {
    /// Waits for as long as another process may need to copy and migrate a large database.
    pub(crate) fn acquire(home: &Path) -> Result<Self, StoreError> {
        const STEP: Duration = Duration::from_millis(20);
        const STEPS: u32 = 60_000 / 20;
        let file = open_lock(&home.join(LOCKS).join("opening.lock"))?;
        for _ in 0..STEPS {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => std::thread::sleep(STEP),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Busy)
    }
}

/// One open store, for as long as it lives.
pub(crate) struct OwnerLock {
    name: String,
    path: PathBuf,
    /// Held for its lock.
    _file: File,
}

impl OwnerLock {
    /// Takes a lock of a name of its own. Under the [`OpeningLock`]: between creating and locking the file, another store
    /// that opens would take it for a stale one.
    pub(crate) fn acquire(home: &Path, _opening: &OpeningLock) -> Result<Self, StoreError> {
        // The time in it does not matter, the random rest makes it unique.
        let name = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 0, 0)).to_string();
        let path = lock_path(home, &name);
        let file = open_lock(&path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::Busy,
            TryLockError::Error(error) => error.into(),
        })?;
        Ok(Self { name, path, _file: file })
    }

    /// As it is written beside the drafts of this store.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for OwnerLock {
    fn drop(&mut self) {
        // A file that cannot be removed is found without a holder at the next start.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes down that the database is damaged, for whoever opens the home next. One that is only read now and then would be
/// written to for weeks before somebody comes upon the same place again.
pub(crate) fn note_damage(home: &Path, what: &str) {
    // Where even this cannot be written, whoever asked was told.
    let _ = fs::write(home.join(LOCKS).join(DAMAGE), what);
}

/// What was found damaged, if anything was.
pub(crate) fn noted_damage(home: &Path) -> Option<String> {
    fs::read_to_string(home.join(LOCKS).join(DAMAGE)).ok()
}

/// Another database is in its place.
pub(crate) fn forget_damage(home: &Path) -> Result<(), StoreError> {
    match fs::remove_file(home.join(LOCKS).join(DAMAGE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// Removes the lock files that nobody holds and returns the names of those that somebody does.
pub(crate) fn living_owners(home: &Path, _opening: &OpeningLock) -> Result<Vec<String>, StoreError> {
    let mut living = Vec::new();
    for entry in fs::read_dir(home.join(LOCKS))? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|stem| stem.to_str()).filter(|stem| Uuid::try_parse(stem).is_ok())
        else {
            continue;
        };
        match open_lock(&path)?.try_lock() {
            Ok(()) => fs::remove_file(&path)?,
            Err(TryLockError::WouldBlock) => living.push(name.to_owned()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
    Ok(living)
}

fn lock_path(home: &Path, name: &str) -> PathBuf {
    home.join(LOCKS).join(format!("{name}.lock"))
}

fn open_lock(path: &Path) -> Result<File, StoreError> {
    create_private(path)?;
    Ok(fs::OpenOptions::new().write(true).open(path)?.into_file())
}
