//! Where everything lives. `TWIN_HOME` (or `--home`) moves all of it; nothing is ever written outside, but for the entry
//! that starts the program at login, which has to stand where the desktop looks for it.

use etcetera::BaseStrategy;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

/// Moves the whole home: database, persona, logs.
pub const HOME_VARIABLE: &str = "TWIN_HOME";

/// A file to be made once the window can be typed into: for those who measure how long that takes.
pub const READY_VARIABLE: &str = "TWIN_READY_FILE";

/// The passphrase of an encrypted home.
pub const PASSPHRASE_VARIABLE: &str = "TWIN_PASSPHRASE";

/// The folders of one home.
#[derive(Debug, Clone)]
pub struct Paths {
    home: PathBuf,
    moved: bool,
}

impl Paths {
    /// The home given, else `TWIN_HOME`, else the platform's data folder.
    pub fn resolve(home: Option<PathBuf>) -> Result<Self, Failure> {
        let from_environment = std::env::var_os(HOME_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
        Ok(match home.or(from_environment) {
            Some(home) => Self { home: std::path::absolute(home).map_err(|_| no_home())?, moved: true },
            None => Self { home: platform_home()?, moved: false },
        })
    }

    /// The home itself.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Whether it was named, and is not the platform's own place for it.
    pub fn is_moved(&self) -> bool {
        self.moved
    }

    /// Tells this home from every other on this machine, whichever path leads to it; none before it exists, or where
    /// the system has no such numbers.
    pub fn identity(&self) -> Option<String> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let folder = fs_err::metadata(&self.home).ok()?;
            Some(format!("{:x}-{:x}", folder.dev(), folder.ino()))
        }
        #[cfg(not(unix))]
        None
    }

    /// Where the desktop looks for what to start at login. The one place outside of the home that is ever written to.
    pub fn login() -> Option<PathBuf> {
        Some(etcetera::choose_base_strategy().ok()?.config_dir().join("autostart"))
    }

    /// The persona folder, unless the owner chose another.
    pub fn persona(&self) -> PathBuf {
        self.home.join("persona")
    }

    /// Makes the file that [`READY_VARIABLE`] names, if it names one.
    pub fn mark_ready(&self) {
        if let Some(file) = std::env::var_os(READY_VARIABLE)
            && let Err(error) = fs_err::write(file, b"1")
        {
            tracing::warn!(%error, "the sign of readiness could not be given");
        }
    }

    /// What the page of the window keeps: unsent drafts.
    pub fn window(&self) -> PathBuf {
        self.home.join("window")
    }

    /// Conversations that were dragged out of the window, for whoever they were dropped on.
    pub(crate) fn dragged(&self) -> PathBuf {
        self.home.join("dragged")
    }

    /// What models cost, if the owner wrote it down.
    pub fn prices(&self) -> PathBuf {
        self.home.join("prices.json")
    }

    /// What opens an encrypted home whose key is in no keychain, for whoever runs commands where nobody can be asked.
    pub fn passphrase() -> Option<Secret<String>> {
        let given = std::env::var_os(PASSPHRASE_VARIABLE)?.into_string().ok()?;
        (!given.is_empty()).then(|| Secret::new(given))
    }

    /// Log files.
    pub fn logs(&self) -> PathBuf {
        self.home.join("logs")
    }
}

/// Makes a folder, and those above it that are missing, for the owner alone; on the disk when this returns.
pub fn create_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    twin_store::make_lasting(path, || builder.recursive(true).create(path))
}

/// Reads a file, and nothing else that bears its name: a pipe would hold the reader for ever, and a device may have no end. Judged
/// of what was opened, so that nothing can take its place in between.
pub(crate) fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut options = fs_err::OpenOptions::new();
    #[cfg(unix)]
    {
        let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
        fs_err::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let mut file = options.read(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(ErrorKind::InvalidInput, "that is not a file"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes a folder away with all that is in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> std::io::Result<()> {
    match fs_err::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn platform_home() -> Result<PathBuf, Failure> {
    let base = etcetera::choose_base_strategy().map_err(|_| no_home())?;
    Ok(base.data_dir().join("digital-twin"))
}

fn no_home() -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        "the home folder could not be determined",
        format!("Set {HOME_VARIABLE} to a folder that you may write to."),
    )
}
