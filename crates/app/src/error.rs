//! A failure as it leaves the application: for the window as JSON, for the command line as two lines.

use serde::{Deserialize, Serialize};
use twin_core::error::{Code, Coded, Failure};
use twin_core::id::FailureId;
use twin_core::port::Clock;

/// What failed and what to do next; never a source chain, never content. The id finds it again in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[error("{message}")]
pub struct WireError {
    /// What kind of failure.
    pub code: Code,
    /// What was attempted and failed.
    pub message: String,
    /// What to do next.
    pub hint: String,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// The same id stands in the log.
    pub id: FailureId,
}

impl From<Failure> for WireError {
    fn from(failure: Failure) -> Self {
        let id = FailureId::new(crate::clock::SystemClock.now());
        // The message may name a file; the log gets the code and the id only.
        tracing::warn!(%id, code = ?failure.code, "a call failed");
        let Failure { code, message, hint, retryable, retry_after: _ } = failure;
        Self { code, message, hint, retryable, id }
    }
}

impl From<WireError> for Failure {
    fn from(error: WireError) -> Self {
        let WireError { code, message, hint, retryable, id: _ } = error;
        Self { code, message, hint, retryable, retry_after: None }
    }
}

impl From<twin_store::StoreError> for WireError {
    fn from(error: twin_store::StoreError) -> Self {
        error.to_failure().into()
    }
}

/// The argument cannot be used, whatever is tried.
pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> WireError {
    Failure::permanent(Code::InvalidInput, message, hint).into()
}

/// A fault of this program: a task that panicked, a lock that broke.
pub(crate) fn internal(message: &str) -> WireError {
    Failure::permanent(Code::Internal, message, "Restart Digital Twin; if it happens again, report the id.").into()
}
