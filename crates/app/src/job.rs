//! Something long that the owner follows and may call off.

use crate::error::WireError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use twin_store::StoreError;

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A file is read.
    Reading,
    /// A file is written.
    Writing,
    /// The last step, which cannot be called off.
    Finishing,
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// How much of it is done, 0 to 100.
    pub percent: u8,
}

/// Where progress is told.
pub type ProgressSink = Arc<dyn Fn(Progress) + Send + Sync>;

/// The owner's hold on it. Every clone is the same job.
#[derive(Clone)]
pub struct Job {
    told: ProgressSink,
    last: Arc<AtomicU8>,
    cancelled: Arc<AtomicBool>,
}

impl Job {
    /// One that tells how far it has come, each percent once.
    pub fn new(told: ProgressSink) -> Self {
        Self { told, last: Arc::new(AtomicU8::new(u8::MAX)), cancelled: Arc::default() }
    }

    /// One that nobody follows.
    pub fn quiet() -> Self {
        Self::new(Arc::new(|_| ()))
    }

    /// Calls it off: it stops at its next step and leaves nothing half done.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether nobody has called it off.
    pub fn is_going_on(&self) -> bool {
        !self.cancelled.load(Ordering::Relaxed)
    }

    /// Fails once it was called off.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.is_going_on() { Ok(()) } else { Err(Stop::Cancelled) }
    }

    /// [`Job::check`], and tells how much is done.
    pub(crate) fn step(&self, stage: Stage, done: u64, total: u64) -> Result<(), Stop> {
        self.check()?;
        let percent = (done.min(total) * 100).checked_div(total).unwrap_or(0);
        let percent = u8::try_from(percent).unwrap_or(100);
        // The stage is part of it, so that a new one is told at once.
        let told = percent | if stage == Stage::Finishing { 0x80 } else { 0 };
        if self.last.swap(told, Ordering::Relaxed) != told {
            (self.told)(Progress { stage, percent });
        }
        Ok(())
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Whoever waited is gone: what runs on another thread must not go on by itself.
pub(crate) struct CancelOnDrop(pub(crate) Job);

/// Why it did not come to its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The owner called it off.
    Cancelled,
    /// Something went wrong.
    Failed(WireError),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What came of it; none if it was called off.
pub(crate) fn outcome<T>(ended: Result<T, Stop>) -> Result<Option<T>, WireError> {
    match ended {
        Ok(done) => Ok(Some(done)),
        Err(Stop::Cancelled) => Ok(None),
        Err(Stop::Failed(error)) => Err(error),
    }
}
