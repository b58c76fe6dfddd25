//! Why a folder does not do what is asked, in words for a person.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use twin_core::bucket::Outcome;
use twin_core::error::{Code, Failure};

#[derive(Debug)]
pub(super) enum Trouble {
    /// The folder is not there, or another one is.
    Gone,
    /// Something else stands where a folder or an object should.
    Strange(PathBuf),
    /// The file system can neither lock nor write exclusively.
    NoLocks,
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Trouble {
    pub(super) fn to_outcome(&self, root: &Path) -> Outcome {
        match self {
            // A folder, or what was about to get its name, was swept away in between.
            Self::Io(error) if error.kind() == ErrorKind::NotFound && root.join(super::MARKER).exists() => {
                Outcome::Conflict
            }
            _ => Outcome::Failed(self.to_failure(root)),
        }
    }

    pub(super) fn to_failure(&self, root: &Path) -> Failure {
        let folder = root.display();
        match self {
            Self::Gone => gone(root),
            Self::Strange(path) => Failure::permanent(
                Code::StoreFailed,
                format!(
                    "{} is a link, too large, or something else that does not belong into the folder",
                    path.display()
                ),
                "Move it away, then try again.",
            ),
            Self::NoLocks => Failure::permanent(
                Code::StoreFailed,
                format!("the file system of {folder} lets two programs write at the same time"),
                "Choose a folder on another drive: one of this computer, or a network drive with file locks.",
            ),
            Self::Io(error) => match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Failure::passing(
                    Code::StoreFull,
                    format!("there is no room left for {folder}"),
                    "Make room on that drive, then try again.",
                ),
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Failure::permanent(
                    Code::StoreReadOnly,
                    format!("nothing may be written to {folder}, or not everything in it may be read"),
                    "Give this program the right to read and write there, or choose another folder in the settings.",
                ),
                ErrorKind::InvalidFilename => Failure::permanent(
                    Code::InvalidInput,
                    format!("the file system of {folder} takes no name that is so long"),
                    "Choose a folder on another drive in the settings.",
                ),
                ErrorKind::NotFound | ErrorKind::NotADirectory => gone(root),
                // A drive that is pulled out says whatever its driver thinks of.
                _ if !root.join(super::MARKER).exists() => gone(root),
                kind => Failure::passing(
                    Code::StoreFailed,
                    format!("the drive of {folder} failed: {kind}"),
                    "Look whether the drive is in order, then try again.",
                ),
            },
        }
    }
}

fn gone(root: &Path) -> Failure {
    Failure::passing(
        Code::NotFound,
        format!("the folder {} is not there, or is not the one that was chosen", root.display()),
        "Connect the drive, or choose the folder again in the settings.",
    )
}

pub(super) fn silent(root: &Path) -> Failure {
    Failure::passing(
        Code::TimedOut,
        format!("the drive of {} does not answer", root.display()),
        "Look whether the drive is connected, then try again.",
    )
}

pub(super) fn broken_off() -> Failure {
    Failure::permanent(Code::Internal, "reading or writing a folder broke off", "Report this.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_drive_says_has_a_code_and_a_next_step() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join(super::super::MARKER), "").unwrap();
        for (kind, code) in [
            (ErrorKind::StorageFull, Code::StoreFull),
            (ErrorKind::QuotaExceeded, Code::StoreFull),
            (ErrorKind::ReadOnlyFilesystem, Code::StoreReadOnly),
            (ErrorKind::PermissionDenied, Code::StoreReadOnly),
            (ErrorKind::InvalidFilename, Code::InvalidInput),
            (ErrorKind::Other, Code::StoreFailed),
        ] {
            let failure = Trouble::from(io::Error::from(kind)).to_failure(folder.path());
            assert_eq!(failure.code, code, "{kind}");
            assert!(failure.hint.ends_with('.') && !failure.message.ends_with('.'), "{failure:?}");
        }
        let pulled = Trouble::from(io::Error::other("EIO")).to_failure(&folder.path().join("none"));
        assert_eq!(pulled.code, Code::NotFound);
    }
}
