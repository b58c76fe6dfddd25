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

/// Runs something that keeps a processor busy for long, and that nobody waits for, on a thread that gives way to all others.
pub async fn background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, WireError> {
    // Waited for from where it counts as work: else the end of the program cuts it off in the middle, and a clock that stands
    // still while there is work would run on.
    let work = blocking(|| {
        let begun = std::thread::Builder::new().name("background".to_owned()).spawn(|| {
            give_way();
            work()
        });
        begun.map(std::thread::JoinHandle::join)
    });
    work.await?
        .map_err(|_| internal("a background step could not begin"))?
        .map_err(|_| internal("a background step stopped unexpectedly"))
}

/// The thread that calls it, for good: the way back is not open to everybody. Elsewhere than on Linux a priority is the whole
/// process's.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, LAST) {
        tracing::debug!(%error, "a background step gives way to nobody");
    }
}

/// The last in the queue (<https://man7.org/linux/man-pages/man2/setpriority.2.html>).
#[cfg(target_os = "linux")]
const LAST: i32 = 19;

/// [`blocking`] for calls of the store.
pub async fn store<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, WireError> {
    Ok(blocking(work).await??)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_nobody_waits_for_gives_way_and_nothing_else_does() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let usual = priority();
        assert_eq!(background(priority).await.unwrap(), LAST);
        assert_eq!((blocking(priority).await.unwrap(), priority()), (usual, usual));
    }
}
