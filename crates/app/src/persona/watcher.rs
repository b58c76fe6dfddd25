//! Watching the folder: from a saved file to the new persona in well under a second.

use super::folder;
use crate::App;
use crate::folder::FolderWatch;
use notify::RecursiveMode;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    let mut folder = FolderWatch::new(root, RecursiveMode::Recursive);
    loop {
        // At first, anything that happened between the last read and the watch.
        reload(app).await;
        if !folder.changed(Duration::MAX).await {
            return;
        }
    }
}

async fn reload(app: &App) {
    if let Err(error) = app.persona_reload().await {
        tracing::warn!(id = %error.id, "the persona could not be read again");
    }
}
