//! Watching the folder: from a saved file to the new persona in well under a second.

use super::folder;
use crate::App;
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// Editors write, rename and touch within a few milliseconds; one reload is enough for all of it.
const QUIET: Duration = Duration::from_millis(120);

/// When the folder cannot be watched (it is gone, or a file system without notifications), it is read this often.
const FALLBACK: Duration = Duration::from_secs(2);

/// Follows the folder, wherever the settings point it, until dropped.
pub(crate) async fn watch(app: &App) {
    let mut settings = app.inner.settings.subscribe();
    loop {
        // First this, then the look: a change between the two is then seen as one.
        settings.mark_unchanged();
        let root = folder_in_force(app);
        tokio::select! {
            () = follow(app, &root) => {}
            () = moved(&mut settings, app, &root) => {}
        }
    }
}

fn folder_in_force(app: &App) -> PathBuf {
    folder(&app.inner.paths, &app.settings())
}

async fn moved(settings: &mut tokio::sync::watch::Receiver<twin_core::settings::Settings>, app: &App, root: &Path) {
    while settings.changed().await.is_ok() {
        if folder_in_force(app) != root {
            return;
        }
    }
    // The application is being closed.
    std::future::pending::<()>().await;
}

/// Reloads at each change, and returns when the folder at that path is no longer the one being watched.
async fn follow(app: &App, root: &Path) {
    let (sender, mut changes) = mpsc::unbounded_channel();
    let inside = root.to_owned();
    let report = move |event: notify::Result<notify::Event>| {
        // Reading the files is itself an event on some systems, and would go on for ever; and beside the folder lies
        // the database, which changes all the time. An error means that something may have been missed.
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
        watcher.watch(root, RecursiveMode::Recursive)?;
        // The parent tells when the folder itself is moved away or another takes its place.
        if let Some(parent) = root.parent() {
            watcher.watch(parent, RecursiveMode::NonRecursive)?;
        }
        Ok(watcher)
    });
    let identity = identity(root);
    // Anything that happened between the last read and the watch.
    reload(app).await;
    match watched {
        Ok(_watcher) => {
            while changes.recv().await.is_some() {
                tokio::time::sleep(QUIET).await;
                // One reload for all of them. Not a debouncer that reports the net effect: what was read in between
                // may hold a file whose making and removal cancel each other out there.
                while changes.try_recv().is_ok() {}
                reload(app).await;
                if self::identity(root) != identity {
                    return;
                }
            }
        }
        Err(error) => {
            tracing::info!(%error, "the persona folder cannot be watched and is read at intervals");
            tokio::time::sleep(FALLBACK).await;
        }
    }
}

async fn reload(app: &App) {
    if let Err(error) = app.persona_reload().await {
        tracing::warn!(id = %error.id, "the persona could not be read again");
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
