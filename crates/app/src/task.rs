//! The only place that spawns. A task has a name, and dropping its handle stops it.

use crate::error::{WireError, internal};
use std::future::Future;
use twin_store::StoreError;

/// A running task; dropping it stops the task at its next `await`.
#[derive(Debug)]
pub struct Task {
    handle: tokio::task::JoinHandle<()>,
}

impl Task {
    /// Whether it has ended.
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// Waits until it has ended.
    pub async fn finished(mut self) {
        // A task that panicked has ended, too; the panic was reported where it happened.
        drop((&mut self.handle).await);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

/// Runs `work` in the background until it ends or the handle is dropped.
#[expect(clippy::disallowed_methods, reason = "this is the one home of tokio::spawn")]
pub fn spawn(name: &'static str, work: impl Future<Output = ()> + Send + 'static) -> Task {
    use tracing::Instrument as _;
    Task { handle: tokio::spawn(work.instrument(tracing::info_span!("task", name))) }
}

/// Runs something that blocks (the disk, the keychain) away from the tasks that must not wait.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WireError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| internal("a background step stopped unexpectedly"))
}

/// [`blocking`] for calls of the store.
pub async fn store<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, WireError> {
    Ok(blocking(work).await??)
}
