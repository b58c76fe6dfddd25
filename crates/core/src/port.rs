//! What the rooms need of the world, as traits: `connect` and `app` implement them, tests script them.

use crate::error::Failure;
use crate::model::{ModelEvent, ModelRequest};
use crate::secret::Secret;
use crate::time::Timestamp;
use futures_core::Stream;
use std::future::Future;
use std::pin::Pin;

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Unpredictable bytes. The machine's own in the program, counted from a seed in tests.
pub trait Random {
    /// Fills all of `bytes`.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// What a model sends. Dropping it cancels the request and closes the connection.
pub type ModelStream = Pin<Box<dyn Stream<Item = Result<ModelEvent, Failure>> + Send>>;

/// Something that answers.
pub trait ChatModel: Send + Sync {
    /// Starts one request. Failures, also those before the first byte, arrive as the stream's last item.
    fn stream(&self, request: ModelRequest) -> ModelStream;
}

/// What a text becomes a vector for: some models make another one of a question than of what may answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbedPurpose {
    /// To be kept, and found.
    Stored,
    /// To find with. Somebody waits for it: it is asked for once, and fails early.
    Question,
}

/// Vectors that are on their way. Dropping it cancels the requests and closes their connections.
pub type Vectors = Pin<Box<dyn Future<Output = Result<Vec<Vec<f32>>, Failure>> + Send>>;

/// A model outside of the program that turns texts into vectors.
pub trait TextEmbedder: Send + Sync {
    /// One vector for each text, in order, all of the same length and finite; not necessarily of length one. Longer texts
    /// than the model reads are cut, however many texts there are: they are sent in as many requests as it takes.
    fn embed(&self, texts: Vec<String>, purpose: EmbedPurpose) -> Vectors;
}

/// How secrets are kept on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SecretsStatus {
    /// In the keychain of the operating system.
    Keychain,
    /// There is a keychain, but it is locked or does not answer.
    Locked,
    /// There is none: only for as long as the program runs.
    SessionOnly,
}

/// Keeps keys. Calls may block for as long as the keychain takes (a time limit is the implementation's duty).
pub trait Secrets: Send + Sync {
    /// The secret of that name, or none.
    fn get(&self, name: &str) -> Result<Option<Secret<String>>, Failure>;
    /// Keeps it durably, or fails.
    fn set(&self, name: &str, value: &Secret<String>) -> Result<(), Failure>;
    /// Removes it; removing what is not there is fine.
    fn delete(&self, name: &str) -> Result<(), Failure>;
    /// How secrets are kept here.
    fn status(&self) -> SecretsStatus;
}
