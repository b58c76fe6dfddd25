//! Watching a folder of the owner's, which may be moved away, replaced, or on a file system that tells nothing.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Programs write, rename and touch within a few milliseconds; one look is enough for all of it.
const QUIET: Duration = Duration::from_millis(120);

/// When the folder cannot be watched (it is gone, or a file system without notifications), it is looked at this often.
const FALLBACK: Duration = Duration::from_secs(2);

/// A folder as it was found at its path.
pub(crate) struct FolderWatch {
    root: PathBuf,
    identity: Option<(u64, u64)>,
    watched: notify::Result<RecommendedWatcher>,
    changes: mpsc::UnboundedReceiver<()>,
}

impl FolderWatch {
    /// Whatever happens from now on is told.
    pub(crate) fn new(root: &Path, mode: RecursiveMode) -> Self {
        let (sender, changes) = mpsc::unbounded_channel();
        let inside = root.to_owned();
        let report = move |event: notify::Result<notify::Event>| {
            // Reading the files is itself an event on some systems, and would go on for ever; and what lies beside the
            // folder, the database among it, changes all the time. An error means that something may have been missed.
            let worth = event.map_or(true, |event| {
                event.need_rescan()
                    || !matches!(event.kind, EventKind::Access(_))
                        && event.paths.iter().any(|path| path.starts_with(&inside))
            });
            if worth {
                // The receiver is gone only when the watch has ended.
                let _ended = sender.send(());
            }
        };
        let watched = notify::recommended_watcher(report).and_then(|mut watcher| {
            watcher.watch(root, mode)?;
            // The parent tells when the folder itself is moved away or another takes its place.
            if let Some(parent) = root.parent() {
                watcher.watch(parent, RecursiveMode::NonRecursive)?;
            }
            Ok(watcher)
        });
        if let Err(error) = &watched {
            // Its words would name the folder.
            tracing::info!(kind = ?error.kind, "a folder cannot be watched and is looked at in intervals");
        }
        Self { root: root.to_owned(), identity: identity(root), watched, changes }
    }

    /// Waits for a change, and until it is over, or for `at_most`. False: the folder at that path is no longer the one that
    /// is watched, and the watch has to begin anew.
    pub(crate) async fn changed(&mut self, at_most: Duration) -> bool {
        if self.watched.is_err() {
            tokio::time::sleep(FALLBACK.min(at_most)).await;
            return false;
        }
        if let Ok(Some(())) = tokio::time::timeout(at_most, self.changes.recv()).await {
            tokio::time::sleep(QUIET).await;
            // One look for all of them. Not a debouncer that reports the net effect: what was read in between may hold a
            // file whose making and removal cancel each other out there.
            while self.changes.try_recv().is_ok() {}
        }
        identity(&self.root) == self.identity
    }
}

/// What tells one folder from another at the same path.
fn identity(root: &Path) -> Option<(u64, u64)> {
    let meta = fs_err::metadata(root).ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Some((meta.dev(), meta.ino()))
    }
    #[cfg(not(unix))]
    {
        let created = meta.created().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some((created.as_secs(), u64::from(created.subsec_nanos())))
    }
}
