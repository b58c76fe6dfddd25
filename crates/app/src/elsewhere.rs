//! Noticing what others do: another process of this home (the command line, or one that was killed while it wrote), and
//! AWS's tools in their files.

use crate::{App, task};
use notify::{EventKind, RecursiveMode, Watcher as _};
use std::time::Duration;
use tokio::sync::mpsc;
use twin_core::event::Event;

/// A commit is several writes to the database's log.
const QUIET: Duration = Duration::from_millis(100);

/// A process that is gone leaves its reply without a further write: as long as somebody else's reply grows, it is looked
/// at this often.
const WHILE_GROWING: Duration = Duration::from_secs(1);

/// Looked at without any sign, for file systems that tell nothing, and for AWS's files. Every look wakes several threads
/// of a program that rests, so it is rare.
const AT_LEAST: Duration = Duration::from_secs(15);

/// Tells the window what changed, for as long as it runs.
pub(crate) async fn watch(app: &App) {
    let (sender, mut writes) = mpsc::unbounded_channel();
    let watched = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Reading is an event as well on some systems. An error means that something may have been missed.
        if event.map_or(true, |event| !matches!(event.kind, EventKind::Access(_))) {
            // The receiver is gone only when the watch has ended.
            let _ended = sender.send(());
        }
    })
    .and_then(|mut watcher| watcher.watch(app.paths().home(), RecursiveMode::NonRecursive).map(|()| watcher));
    if let Err(error) = &watched {
        // Its words would name the folder.
        tracing::info!(kind = ?error.kind, "the home cannot be watched and is looked at in intervals");
    }
    let mut aws_files = None;
    loop {
        let growing = look(app).await;
        app.notice_aws_files(&mut aws_files).await;
        let rest = if growing || watched.is_err() { WHILE_GROWING } else { AT_LEAST };
        // A watch that could not be set has dropped the sender.
        if let Ok(Some(())) = tokio::time::timeout(rest, next(&mut writes)).await {
            tokio::time::sleep(QUIET).await;
            while writes.try_recv().is_ok() {}
        }
    }
}

async fn next(writes: &mut mpsc::UnboundedReceiver<()>) -> Option<()> {
    match writes.recv().await {
        Some(()) => Some(()),
        None => std::future::pending().await,
    }
}

/// Whether another process is writing a reply, or may be.
async fn look(app: &App) -> bool {
    let store = app.inner.store.clone();
    let looked = task::store(move || {
        let recovered = store.recover_interrupted()?;
        Ok((recovered | store.changes_elsewhere()?, store.reply_grows_elsewhere()?))
    });
    match looked.await {
        Ok((changed, growing)) => {
            if changed {
                if let Err(error) = app.settings_reload().await {
                    tracing::warn!(id = %error.id, "the settings could not be read again");
                }
                app.tell(Event::ChangedElsewhere);
            }
            growing
        }
        Err(error) => {
            tracing::warn!(id = %error.id, "the store could not be asked for changes");
            // A reply may grow there, and the next look may tell.
            true
        }
    }
}
