//! Vectors of texts, by `POST /embeddings`.
//!
//! Source: <https://platform.openai.com/docs/api-reference/embeddings>; where a server differs, its name stands beside the
//! line.

use super::failure::{self, Asked};
use super::refusal::{Refusal, is_refusal};
use super::{Inner, OpenaiModel};
use crate::embedding::{self, Size};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use twin_core::error::Failure;
use twin_core::port::{EmbedPurpose, TextEmbedder, Vectors};

/// Text Embeddings Inference takes no more texts at a time unless it is told to, Mistral 16,384 tokens, OpenAI 8,192 of
/// one text. Models on this machine often read 512 or 2,048: some cut what is longer, others refuse it and get less.
const SIZE: Size = Size { texts: 32, chars: 32_000, text_chars: 8_000 };

/// A model of an OpenAI-compatible server as a [`TextEmbedder`]. A cheap clone; its connections are those of the
/// [`OpenaiModel`] that it was made of.
#[derive(Debug, Clone)]
pub struct OpenaiEmbedder {
    inner: Arc<Inner>,
    model: Arc<str>,
}

impl OpenaiModel {
    /// The model of that name as something that makes vectors.
    pub fn embedder(&self, model: &str) -> OpenaiEmbedder {
        OpenaiEmbedder { inner: Arc::clone(&self.0), model: model.trim().into() }
    }
}

impl TextEmbedder for OpenaiEmbedder {
    fn embed(&self, texts: Vec<String>, purpose: EmbedPurpose) -> Vectors {
        let Self { inner, model } = self.clone();
        Box::pin(async move {
            let (inner, model) = (&inner, &model);
            embedding::ask(
                &texts,
                SIZE,
                purpose,
                model,
                |texts| async move { inner.vectors(model, &texts, purpose).await },
            )
            .await
        })
    }
}

/// What some models want to read before a text, by their own descriptions; nobody else puts it there. It would be the
/// owner's to know, and no server tells it.
fn prefix(model: &str, purpose: EmbedPurpose) -> &'static str {
    const PASSAGES: &str = "Represent this sentence for searching relevant passages: ";
    let model = model.to_lowercase();
    let is = |name: &str| model.contains(name);
    match purpose {
        EmbedPurpose::Stored if is("nomic-embed-text") => "search_document: ",
        EmbedPurpose::Question if is("nomic-embed-text") => "search_query: ",
        // Not the E5 that is told its task in words.
        EmbedPurpose::Stored if is("e5-") && !is("instruct") => "passage: ",
        EmbedPurpose::Question if is("e5-") && !is("instruct") => "query: ",
        EmbedPurpose::Question if is("mxbai-embed-large") => PASSAGES,
        EmbedPurpose::Stored | EmbedPurpose::Question => "",
    }
}

#[derive(Deserialize)]
struct Answer {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    /// Some gateways leave it out; then the order is that of the texts.
    index: Option<usize>,
    embedding: Numbers,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Numbers {
    Floats(Vec<f32>),
    /// Little end first: what OpenAI's own libraries ask for, and some gateways give to everybody.
    Base64(String),
}

impl Numbers {
    fn into_floats(self) -> Option<Vec<f32>> {
        match self {
            Self::Floats(floats) => Some(floats),
            Self::Base64(text) => {
                let bytes = STANDARD.decode(text).ok()?;
                let (numbers, rest) = bytes.as_chunks();
                rest.is_empty().then(|| numbers.iter().copied().map(f32::from_le_bytes).collect())
            }
        }
    }
}

/// The vectors in the order of the texts, if there is one for each.
fn read(answer: Value, texts: usize) -> Option<Vec<Vec<f32>>> {
    let mut items = serde_json::from_value::<Answer>(answer).ok()?.data;
    if items.iter().any(|item| item.index.is_some()) {
        items.sort_by_key(|item| item.index);
        // Two of one text and none of another are as many.
        let is_place = |(place, item): (usize, &Item)| item.index == Some(place);
        items.iter().enumerate().all(is_place).then_some(())?;
    }
    let vectors = items.into_iter().map(|item| item.embedding.into_floats()).collect::<Option<Vec<_>>>()?;
    embedding::are_whole(&vectors, texts).then_some(vectors)
}

impl Inner {
    /// One request.
    async fn vectors(&self, model: &str, texts: &[String], purpose: EmbedPurpose) -> Result<Vec<Vec<f32>>, Failure> {
        let asked = Asked::for_vectors(self, model, texts);
        let prefix = prefix(model, purpose);
        let input: Vec<String> = texts.iter().map(|text| format!("{prefix}{text}")).collect();
        // No wish for a number of dimensions: most servers refuse it, and all give their model's own.
        let body = json!({ "model": model, "input": input, "encoding_format": "float" });
        let call = self.http.post(self.address.join("embeddings")).header(ACCEPT, "application/json");
        let response = self.send(call.json(&body), &asked).await?;
        if response.status() != StatusCode::OK {
            return Err(failure::refused(&self.refusal(response, &asked).await?, &asked));
        }
        let answer: Value =
            serde_json::from_slice(&self.body(response, &asked).await?).map_err(|_| failure::other_protocol(&asked))?;
        if is_refusal(&answer) {
            return Err(failure::refused(&Refusal::of(&answer), &asked));
        }
        read(answer, texts.len()).ok_or_else(|| failure::no_vectors(&asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_are_put_in_the_order_of_the_texts() {
        let vectors = Some(vec![vec![1.0], vec![2.0]]);
        assert_eq!(read(json!({"data": [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]}), 2), vectors);
        assert_eq!(read(json!({"data": [{"embedding": [1]}, {"embedding": [2]}]}), 2), vectors);
        assert_eq!(read(json!({"data": [{"embedding": "AACAPw=="}, {"embedding": "AAAAQA=="}]}), 2), vectors);
        for bad in [
            json!({"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [2]}]}),
            json!({"data": [{"index": 0, "embedding": [1]}, {"embedding": [2]}]}),
            json!({"data": [{"embedding": [1]}]}),
            json!({"data": [{"embedding": [1]}, {"embedding": [1, 2]}]}),
            json!({"data": [{"embedding": [1]}, {"embedding": [null]}]}),
            json!({"data": [{"embedding": [1]}, {"embedding": [1e300]}]}),
            json!({"data": [{"embedding": [1]}, {"embedding": "AACA"}]}),
            json!({"data": {}}),
        ] {
            assert_eq!(read(bad.clone(), 2), None, "{bad}");
        }
    }

    #[test]
    fn a_question_differs_from_what_answers_it_where_the_model_wants_it() {
        let both = |model| (prefix(model, EmbedPurpose::Stored), prefix(model, EmbedPurpose::Question));
        assert_eq!(both("nomic-embed-text:latest"), ("search_document: ", "search_query: "));
        assert_eq!(both("text-embedding-nomic-embed-text-v1.5"), ("search_document: ", "search_query: "));
        assert_eq!(both("intfloat/multilingual-e5-large"), ("passage: ", "query: "));
        assert_eq!(both("mxbai-embed-large").0, "");
        assert!(both("mxbai-embed-large").1.ends_with("passages: "));
        assert_eq!(both("text-embedding-3-small"), ("", ""));
        assert_eq!(both("intfloat/multilingual-e5-large-instruct"), ("", ""));
    }
}
