//! A file that was dropped on the window: a page is told what is in it, but not where it lies. So it comes in parts, and waits
//! in the home until it was taken in.

use crate::error::{WireError, invalid};
use crate::paths::{create_private_folder, remove_folder};
use crate::{App, persona, task};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fs_err::OpenOptions;
use std::io::{Result, Write as _};
use std::path::{Path, PathBuf};

/// One file at a time: what a crash left is taken away by the next.
const FOLDER: &str = "dropped";

impl App {
    /// Adds a part, as base64; the first one begins the file anew. Where it waits, under its own name: a session file is
    /// known by that.
    pub async fn import_drop(&self, name: &str, first: bool, data: String) -> std::result::Result<String, WireError> {
        let folder = self.dropped();
        let name = Path::new(name).file_name().ok_or_else(|| invalid("the file has no name", "Give it one."))?;
        let path = folder.join(name);
        task::blocking(move || {
            let bytes =
                STANDARD.decode(data).map_err(|_| invalid("that part of a file is no base64", "Drop it again."))?;
            let written = if first { begin(&folder) } else { Ok(()) }.and_then(|()| add(&path, &bytes));
            written.map_err(|error| persona::cannot_write("the dropped file could not be read in", &error))?;
            Ok(path.display().to_string())
        })
        .await?
    }

    /// Takes it away again.
    pub async fn import_drop_end(&self) -> std::result::Result<(), WireError> {
        let folder = self.dropped();
        let removed = task::blocking(move || remove_folder(&folder)).await?;
        removed.map_err(|error| persona::cannot_write("the dropped file could not be taken away", &error).into())
    }

    fn dropped(&self) -> PathBuf {
        self.inner.paths.home().join(FOLDER)
    }
}

fn begin(folder: &Path) -> Result<()> {
    remove_folder(folder)?;
    create_private_folder(folder)
}

fn add(path: &Path, bytes: &[u8]) -> Result<()> {
    OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes)
}
