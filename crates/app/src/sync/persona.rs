//! The persona folder and the log: what the owner writes into the one travels with the other, and what other devices wrote
//! comes back into the folder.
//!
//! Only the folder inside of the home travels: one that the owner chose elsewhere may be shared in another way already.

use super::file::digest_of;
use crate::error::WireError;
use crate::paths::read_file;
use crate::persona::{MAX_FILES, cannot_write, contents, inside, is_plain, is_sample, write_whole};
use crate::{App, task};
use fs_err as fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use twin_core::sync::hex;
use twin_mind::persona;
use twin_store::{PersonaDifference, PersonaSource};

impl App {
    /// The folder, or what all devices are to have in it, may have changed.
    pub(crate) fn sync_persona_changed(&self) {
        self.inner.sync.persona_is_exchanged.store(false, Ordering::Relaxed);
    }

    /// Whether there may be something of the persona to exchange.
    pub(super) fn sync_persona_waits(&self) -> bool {
        !self.inner.sync.persona_is_exchanged.load(Ordering::Relaxed) && self.settings().persona_folder.is_none()
    }

    /// Takes in what the owner changed in the folder, and writes what other devices changed.
    pub(super) async fn sync_persona(&self) -> Result<(), WireError> {
        if !self.sync_persona_waits() {
            return Ok(());
        }
        // Before the look: what changes from now on is seen by the next.
        self.inner.sync.persona_is_exchanged.store(true, Ordering::Relaxed);
        let app = self.clone();
        let exchanged = task::blocking(move || app.sync_persona_exchange()).await?;
        if exchanged.is_err() {
            self.sync_persona_changed();
        }
        if exchanged? {
            self.persona_reload().await?;
        }
        Ok(())
    }

    /// Whether anything was written.
    fn sync_persona_exchange(&self) -> Result<bool, WireError> {
        let _reading = self.inner.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.persona_folder();
        let (files, whole) = present(&folder);
        let differences = self.inner.store.persona_exchange(files, whole)?;
        for difference in &differences {
            if apply(&folder, difference)
                .map_err(|error| cannot_write("a persona file could not be written", &error))?
            {
                self.inner.store.persona_written(difference)?;
            }
        }
        Ok(!differences.is_empty())
    }
}

/// The files of the folder that are well, and whether they are all: of a folder that is empty or gone, as on a drive that
/// was unplugged, nothing was taken away, and a file that is broken while it is being written keeps its last good content
/// elsewhere.
fn present(folder: &Path) -> (Vec<PersonaSource>, bool) {
    let mut whole = true;
    let mut files = Vec::new();
    for (path, bytes) in contents(folder) {
        let Some(bytes) = bytes.filter(|bytes| is_well(&path, bytes)) else {
            whole = false;
            continue;
        };
        let sample = is_sample(&path, &bytes);
        files.push(PersonaSource { path, bytes, sample });
    }
    let whole = whole && !files.is_empty() && files.len() < MAX_FILES;
    (files, whole)
}

fn is_well(path: &str, bytes: &[u8]) -> bool {
    let is = |extension: &&str| Path::new(path).extension().is_some_and(|it| it.eq_ignore_ascii_case(extension));
    !["txt", "md", "json"].iter().any(is) || std::str::from_utf8(bytes).is_ok_and(|text| persona::loads(path, text))
}

/// Whether the folder is now as it is to be. What was written there meanwhile stays, and is taken in by the next exchange.
fn apply(folder: &Path, difference: &PersonaDifference) -> std::io::Result<bool> {
    let (path, expected) = match difference {
        PersonaDifference::Write { path, instead_of, .. } => (path, instead_of.as_ref()),
        PersonaDifference::Remove { path, sha256 } => (path, Some(sha256)),
    };
    // Another device is not asked where on this disk something is written.
    let Some(location) = is_plain(path).then(|| inside(folder, path).ok()).flatten() else { return Ok(false) };
    let there = match read_file(&location) {
        Ok(bytes) => Some(hex(&digest_of(&bytes).0)),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if there.as_ref() != expected {
        return Ok(false);
    }
    match difference {
        PersonaDifference::Write { bytes, .. } => write_whole(&location, bytes)?,
        PersonaDifference::Remove { .. } => fs::remove_file(&location)?,
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::is_well;

    #[test]
    fn a_broken_file_is_known_whatever_the_case_of_its_name() {
        for path in ["facts.json", "FACTS.JSON"] {
            assert!(!is_well(path, b"{ \"name\": "), "{path}");
        }
        assert!(is_well("AVATAR.PNG", b"\x89PNG"));
    }
}
