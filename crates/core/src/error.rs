//! The closed list of what can go wrong, as the window and the scripts see it.
//!
//! A variant is added only together with words for it in `ui/src/lib/errors.ts`, which is exhaustive over [`Code`].

use serde::{Deserialize, Serialize};

/// What went wrong. Stable: scripts and translations rest on the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// An argument that no retry will make valid.
    InvalidInput,
    /// The session, message or file asked for does not exist.
    NotFound,

    /// The database was written by a newer version of this program.
    StoreTooNew,
    /// The home folder or the database cannot be written.
    StoreReadOnly,
    /// The disk is full.
    StoreFull,
    /// The database file is damaged.
    StoreDamaged,
    /// Another process held the database for too long.
    StoreBusy,
    /// The database is encrypted, and its key is not at hand.
    HomeLocked,
    /// Neither the passphrase nor the recovery code of the encrypted database.
    HomeWrongKey,
    /// Any other failure of the disk or the database.
    StoreFailed,

    /// A persona file cannot be read or is not what it should be.
    PersonaInvalid,
    /// The persona file changed on disk since it was opened for editing.
    PersonaChanged,
    /// A file to import is not a session file.
    ImportInvalid,

    /// No secure place to keep a key on this machine.
    KeychainUnavailable,
    /// The keychain is there but locked, or did not answer.
    KeychainLocked,

    /// No credentials for the chosen model.
    CredentialsMissing,
    /// The provider did not accept the credentials.
    CredentialsRejected,
    /// The single sign-on session has expired; signing in again helps.
    SignInExpired,
    /// The credentials are good but may not use this model.
    AccessDenied,
    /// The provider does not know the model, or not here.
    ModelNotFound,
    /// Too many requests; trying again later helps.
    Throttled,
    /// The provider is loading the model.
    ModelLoading,
    /// A quota is used up; trying again soon does not help.
    QuotaExceeded,
    /// The conversation does not fit into the model.
    ContextTooLong,
    /// The provider refused the request as sent.
    RequestRefused,
    /// The provider refused an attached file, or the model takes none.
    AttachmentRefused,
    /// The provider's filter stopped the answer.
    ContentFiltered,
    /// Nobody answers at the provider's address.
    Unreachable,
    /// The provider stopped answering.
    TimedOut,
    /// The answer broke off.
    StreamInterrupted,
    /// The provider failed on its side.
    ProviderFailed,

    /// This device was taken out of those that sync.
    SyncRemoved,
    /// Neither passphrase nor recovery code of what lies in the bucket.
    SyncWrongKey,
    /// The bucket holds an older state than was seen before.
    SyncRolledBack,
    /// Something in the bucket is not what one of the owner's devices put there.
    SyncDamaged,
    /// Something in the bucket was written by a newer version of this program.
    SyncNewerFormat,
    /// The bucket overwrites where it was asked not to.
    SyncConditionsIgnored,
    /// What was typed is not a recovery code.
    SyncRecoveryCode,

    /// A fault of this program.
    Internal,
}

/// A failure as it crosses a port: enough to act on, nothing that could carry content or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[error("{message}")]
pub struct Failure {
    /// What kind of failure.
    pub code: Code,
    /// What was attempted and failed: one sentence, lower case, no full stop.
    pub message: String,
    /// What to do next, as an imperative. Empty only where nothing can be done.
    pub hint: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// When it may, in seconds from now, if the provider said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub retry_after: Option<u32>,
}

impl Failure {
    /// A failure that the same request would meet again.
    pub fn permanent(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into(), retryable: false, retry_after: None }
    }

    /// A failure that may pass.
    pub fn passing(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into(), retryable: true, retry_after: None }
    }

    /// The same, with the provider's word on when to try again.
    #[must_use]
    pub fn after(mut self, seconds: Option<u32>) -> Self {
        self.retry_after = seconds;
        self
    }
}

/// What each room's own error enum can tell.
pub trait Coded: std::error::Error {
    /// The closed code.
    fn code(&self) -> Code;
    /// Whether the same call would fail again.
    fn is_permanent(&self) -> bool;
    /// What to do next, as an imperative.
    fn hint(&self) -> String;

    /// The form in which the failure leaves its room.
    fn to_failure(&self) -> Failure {
        Failure {
            code: self.code(),
            message: self.to_string(),
            hint: self.hint(),
            retryable: !self.is_permanent(),
            retry_after: None,
        }
    }
}
