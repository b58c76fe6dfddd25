//! What turns texts into vectors, where that is not the program itself.

use crate::error::WireError;
use crate::{App, task};
use std::sync::Arc;
use std::time::Instant;
use twin_core::error::Failure;
use twin_core::port::{EmbedPurpose, TextEmbedder};
use twin_core::settings::EmbedderChoice;

/// Nobody's words: the choice is not made yet, so nothing of the owner's leaves the device.
const SAMPLE: &str = "The quick brown fox jumps over the lazy dog.";

/// What a model for embeddings gave when it was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct EmbedderTest {
    /// Numbers of a vector.
    pub dimensions: u32,
    /// How long one sentence took.
    pub milliseconds: u32,
}

impl App {
    /// Tries a model for embeddings of Bedrock or of a server with one sentence, before it is chosen: a choice by which
    /// everything is embedded anew should not fail afterwards.
    pub async fn embedder_test(&self, choice: EmbedderChoice) -> Result<EmbedderTest, WireError> {
        let embedder = self.embedder_open(choice).await?;
        let begin = Instant::now();
        let vectors = embedder.embed(vec![SAMPLE.to_owned()], EmbedPurpose::Question).await?;
        let milliseconds = u32::try_from(begin.elapsed().as_millis()).unwrap_or(u32::MAX);
        let dimensions = vectors.first().map_or(0, Vec::len);
        Ok(EmbedderTest { dimensions: u32::try_from(dimensions).unwrap_or(u32::MAX), milliseconds })
    }

    /// The model of Bedrock or of a server, by the settings as they are now. Asks the keychain, but nobody else.
    pub(crate) async fn embedder_open(&self, choice: EmbedderChoice) -> Result<Arc<dyn TextEmbedder>, Failure> {
        let app = self.clone();
        task::blocking(move || app.inner.models.embedder(&choice, &app.settings(), &app.inner.keys)).await?
    }
}
