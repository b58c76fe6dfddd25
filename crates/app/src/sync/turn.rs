//! One at a time: of all processes on one home one syncs, and in it one round.

use crate::error::WireError;
use crate::{App, task};
use fs_err as fs;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use twin_core::error::{Code, Failure};

/// Not among the locks of the store, which clears away what nobody holds.
const LOCK: &str = "sync.lock";

/// How long somebody who asked for it waits for another process.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it looks.
const STEP: Duration = Duration::from_millis(200);

/// Held while this process syncs. The operating system's lock goes with the process, so nothing stale is ever in the way.
pub(super) struct Turn {
    _here: OwnedMutexGuard<()>,
    _home: File,
}

impl App {
    /// Takes the turn if nobody has it; none if another process does.
    pub(super) async fn sync_turn(&self) -> Result<Option<Turn>, WireError> {
        let here = self.inner.sync.turn.clone().lock_owned().await;
        let home = self.paths().home().to_owned();
        let locked = task::blocking(move || lock(&home)).await?;
        let failed = |error: std::io::Error| {
            let message = format!("the lock of syncing cannot be taken: {}", error.kind());
            let hint = "Check that the home folder can be written to. `twin doctor` shows where it is.";
            Failure::passing(Code::StoreFailed, message, hint)
        };
        Ok(locked.map_err(failed)?.map(|home| Turn { _here: here, _home: home }))
    }

    /// Waits for the turn a while.
    pub(super) async fn sync_turn_soon(&self) -> Result<Turn, WireError> {
        let wait = async {
            loop {
                if let Some(turn) = self.sync_turn().await? {
                    return Ok(turn);
                }
                tokio::time::sleep(STEP).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| {
            let message = "another process of this home is syncing";
            Err(Failure::passing(Code::StoreBusy, message, "Wait until it is done, then try again.").into())
        })
    }
}

fn lock(home: &Path) -> std::io::Result<Option<File>> {
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(home.join(LOCK))?.into_file();
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
