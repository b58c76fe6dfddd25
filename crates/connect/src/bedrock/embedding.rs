//! Vectors of texts, by InvokeModel. Each family of models has a body of its own, so only those that are known here can
//! be asked.
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html>,
//! <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html> (Cohere),
//! <https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html>.

use super::failure::{self, Trouble};
use super::refusal::{Refusal, Subject};
use super::{BedrockModel, Connection, Inner, catalogue, identity};
use crate::embedding::{self, Size};
use aws_sdk_bedrockruntime::primitives::Blob;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};
use tokio::time::timeout;
use twin_core::error::{Code, Failure};
use twin_core::port::{EmbedPurpose, TextEmbedder, Vectors};

/// Numbers of a vector where the model leaves the choice: more than this finds hardly more, and takes room for every
/// sentence that was ever said.
const DIMENSIONS: u32 = 1024;

/// A model of Bedrock as a [`TextEmbedder`]. A cheap clone; its connections and credentials are those of the
/// [`BedrockModel`] that it was made of.
#[derive(Debug, Clone)]
pub struct BedrockEmbedder {
    inner: Arc<Inner>,
    model: Arc<str>,
}

/// Whose body a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Titan1,
    Titan2,
    Cohere3,
    Cohere4,
    Nova,
}

impl BedrockModel {
    /// The model of that id as something that makes vectors: an id as AWS writes it, with or without the prefix of a
    /// geography, or the ARN of a model or of an inference profile. Titan Text Embeddings, Cohere Embed 3 and 4, and Nova
    /// Multimodal Embeddings are known; others fail when they are asked, as `invalid_input`.
    pub fn embedder(&self, model_id: &str) -> BedrockEmbedder {
        BedrockEmbedder { inner: Arc::clone(&self.0), model: model_id.trim().into() }
    }
}

impl TextEmbedder for BedrockEmbedder {
    fn embed(&self, texts: Vec<String>, purpose: EmbedPurpose) -> Vectors {
        let Self { inner, model } = self.clone();
        Box::pin(async move {
            if texts.is_empty() {
                return Ok(Vec::new());
            }
            let family = inner.family(&model).await?;
            let (inner, model) = (&inner, &model);
            embedding::ask(&texts, family.size(), purpose, model, |texts| async move {
                inner.vectors(model, family, &texts, purpose).await
            })
            .await
        })
    }
}

impl Family {
    /// By the id of a model, or by what stands at the end of an ARN.
    fn of(id: &str) -> Option<Self> {
        let id = id.rsplit('/').next()?;
        let is = |name: &str| {
            id.starts_with(name) || id.split_once('.').is_some_and(|(_geography, id)| id.starts_with(name))
        };
        let families = [
            ("amazon.titan-embed-text-v2", Self::Titan2),
            ("amazon.titan-embed-text-v1", Self::Titan1),
            ("amazon.titan-embed-g1-text", Self::Titan1),
            ("cohere.embed-v4", Self::Cohere4),
            ("cohere.embed-english-v3", Self::Cohere3),
            ("cohere.embed-multilingual-v3", Self::Cohere3),
            ("amazon.nova-2-multimodal-embeddings", Self::Nova),
        ];
        families.into_iter().find(|(name, _)| is(name)).map(|(_, family)| family)
    }

    const fn size(self) -> Size {
        match self {
            // 8,192 tokens each, which is no less than as many characters in any script but a few; what a model finds too
            // long is cut further.
            Self::Titan1 | Self::Titan2 | Self::Nova => Size { texts: 1, chars: 8_000, text_chars: 8_000 },
            // The interface takes 2,048 characters, the model reads the first 512 tokens.
            Self::Cohere3 => Size { texts: 96, chars: 200_000, text_chars: 2_048 },
            // The model reads books; one vector of a book finds nothing in it.
            Self::Cohere4 => Size { texts: 96, chars: 200_000, text_chars: 8_000 },
        }
    }

    /// The body of a request.
    fn body(self, texts: &[String], purpose: EmbedPurpose) -> Value {
        let text = texts.first();
        let is_question = purpose == EmbedPurpose::Question;
        let input_type = if is_question { "search_query" } else { "search_document" };
        match self {
            Self::Titan1 => json!({ "inputText": text }),
            Self::Titan2 => json!({ "inputText": text, "dimensions": DIMENSIONS, "normalize": true }),
            Self::Cohere3 => json!({
                "texts": texts,
                "input_type": input_type,
                "truncate": "END",
                "embedding_types": ["float"],
            }),
            Self::Cohere4 => json!({
                "texts": texts,
                "input_type": input_type,
                // Cohere's 3 calls the same END.
                "truncate": "RIGHT",
                "embedding_types": ["float"],
                "output_dimension": DIMENSIONS,
            }),
            Self::Nova => json!({
                "schemaVersion": "nova-multimodal-embed-v1",
                "taskType": "SINGLE_EMBEDDING",
                "singleEmbeddingParams": {
                    "embeddingPurpose": if is_question { "TEXT_RETRIEVAL" } else { "GENERIC_INDEX" },
                    "embeddingDimension": DIMENSIONS,
                    "text": { "truncationMode": "END", "value": text },
                },
            }),
        }
    }
}

/// The answer of every family.
#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    /// Titan.
    One {
        embedding: Vec<f32>,
    },
    /// Cohere, where one kind of numbers was asked for, and where it was not.
    Kinds {
        embeddings: Kinds,
    },
    Plain {
        embeddings: Vec<Vec<f32>>,
    },
    /// Nova.
    Wrapped {
        embeddings: Vec<Wrapped>,
    },
}

#[derive(Deserialize)]
struct Kinds {
    float: Vec<Vec<f32>>,
}

#[derive(Deserialize)]
struct Wrapped {
    embedding: Vec<f32>,
}

fn read(body: &[u8], texts: usize) -> Option<Vec<Vec<f32>>> {
    let vectors = match serde_json::from_slice(body).ok()? {
        Answer::One { embedding } => vec![embedding],
        Answer::Kinds { embeddings } => embeddings.float,
        Answer::Plain { embeddings } => embeddings,
        Answer::Wrapped { embeddings } => embeddings.into_iter().map(|wrapped| wrapped.embedding).collect(),
    };
    embedding::are_whole(&vectors, texts).then_some(vectors)
}

impl Inner {
    /// An application inference profile does not tell its model, so Bedrock is asked, once.
    async fn family(&self, model: &str) -> Result<Family, Failure> {
        if let Some(family) = Family::of(model) {
            return Ok(family);
        }
        let known = self.behind.lock().unwrap_or_else(PoisonError::into_inner).get(model).cloned();
        let behind = match known {
            Some(behind) => Some(behind),
            None if model.contains(":application-inference-profile/") => {
                let identity = self.connection().await?.identity;
                let behind = catalogue::model_of(&identity, &self.config, model).await?;
                if let Some(behind) = &behind {
                    let mut known = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
                    known.insert(model.to_owned(), behind.clone());
                }
                behind
            }
            None => None,
        };
        behind.as_deref().and_then(Family::of).ok_or_else(|| unknown_family(model))
    }

    /// One request, and what can be done about its refusal at once.
    async fn vectors(
        &self,
        model: &str,
        family: Family,
        texts: &[String],
        purpose: EmbedPurpose,
    ) -> Result<Vec<Vec<f32>>, Failure> {
        let body = family.body(texts, purpose).to_string();
        let (mut is_reconnected, mut is_routed) = (false, false);
        loop {
            let route = self.routes.lock().unwrap_or_else(PoisonError::into_inner).get(model).cloned();
            let called = route.as_deref().unwrap_or(model);
            let failure = match self.invoke(called, &body).await {
                Ok(answer) => return read(&answer, texts.len()).ok_or_else(|| no_vectors(called)),
                Err(Trouble::Refused(refusal)) if refusal.is_expired() && !is_reconnected => {
                    is_reconnected = true;
                    self.disconnect().await;
                    continue;
                }
                Err(Trouble::Refused(refusal)) if refusal.wants_profile() && !is_routed => {
                    is_routed = true;
                    if self.find_route(model, called).await? {
                        continue;
                    }
                    self.refused(&refusal, called, texts).await
                }
                Err(Trouble::Refused(refusal)) => self.refused(&refusal, called, texts).await,
                Err(Trouble::Failed(failure)) => failure,
            };
            self.forget_bad_credentials(&failure).await;
            return Err(failure);
        }
    }

    async fn invoke(&self, model: &str, body: &str) -> Result<Vec<u8>, Trouble> {
        let Connection { client, place, .. } = self.connection().await?;
        let call = client.invoke_model().model_id(model).content_type("application/json").accept("application/json");
        let sent = timeout(self.idle, call.body(Blob::new(body)).send()).await;
        let sent = sent.map_err(|_| failure::silent(&place, None, self.idle))?;
        let profile = identity::profile(&self.config.credentials);
        Ok(sent.map_err(|error| failure::before_answer(&error, &place, profile))?.body.into_inner())
    }

    /// Whether there is an inference profile to call in place of the model.
    async fn find_route(&self, model: &str, called: &str) -> Result<bool, Failure> {
        let identity = self.connection().await?.identity;
        let found = catalogue::profile_for(&identity, &self.config, model).await?;
        let Some(found) = found.filter(|found| found != called) else { return Ok(false) };
        self.routes.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned(), found);
        Ok(true)
    }

    async fn refused(&self, refusal: &Refusal, called: &str, texts: &[String]) -> Failure {
        let place = self.connection().await.map_or_else(|_| "Amazon Bedrock".into(), |connection| connection.place);
        let signs_in = refusal.is_expired() && self.signs_in().await;
        let sent: Vec<&str> = texts.iter().map(String::as_str).collect();
        refusal.to_failure(&Subject {
            place: &place,
            profile: identity::profile(&self.config.credentials),
            signs_in,
            model: Some(called),
            action: "bedrock:InvokeModel",
            reach: self.config.reach,
            attachments: false,
            sent: &sent,
        })
    }
}

fn unknown_family(model: &str) -> Failure {
    Failure::permanent(
        Code::InvalidInput,
        format!("{model} is no model for embeddings that this program knows how to ask"),
        "Choose one of Amazon Titan Text Embeddings, Cohere Embed or Amazon Nova Multimodal Embeddings, for example amazon.titan-embed-text-v2:0.",
    )
}

fn no_vectors(model: &str) -> Failure {
    Failure::permanent(
        Code::RequestRefused,
        format!("{model} answered, but not with one vector for each text"),
        "Check the model's id and the endpoint address in the settings, or choose another model for embeddings.",
    )
}

#[cfg(test)]
mod tests {
    use super::Family;
    use rstest::rstest;

    #[rstest]
    #[case("amazon.titan-embed-text-v2:0", Some(Family::Titan2))]
    #[case("amazon.titan-embed-text-v1", Some(Family::Titan1))]
    #[case("amazon.titan-embed-g1-text-02", Some(Family::Titan1))]
    #[case("cohere.embed-multilingual-v3", Some(Family::Cohere3))]
    #[case("global.cohere.embed-v4:0", Some(Family::Cohere4))]
    #[case("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.cohere.embed-v4:0", Some(Family::Cohere4))]
    #[case("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-multimodal-embeddings-v1:0", Some(Family::Nova))]
    #[case("amazon.titan-embed-image-v1", None)]
    #[case("eu.anthropic.claude-x", None)]
    #[case("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", None)]
    #[case("", None)]
    fn a_family_is_told_by_the_id(#[case] id: &str, #[case] family: Option<Family>) {
        assert_eq!(Family::of(id), family);
    }
}
