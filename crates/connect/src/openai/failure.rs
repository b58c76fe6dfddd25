//! What every refusal of a server means to the person. Servers agree on neither status nor body, so the status, the
//! code in the body and the text are read together. No text is passed on unread (see [`crate::quote`]).

use super::Inner;
use super::refusal::Refusal;
use crate::quote::{content, quotable};
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::model::{Block, Feature, ModelRequest};

/// What was asked, of whom: what the words of a failure need.
pub(super) struct Asked<'a> {
    place: String,
    is_loopback: bool,
    key: Option<&'a str>,
    request: Option<&'a ModelRequest>,
    /// The model that was to make vectors, and the texts.
    texts: Option<(&'a str, &'a [String])>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(inner: &'a Inner, request: Option<&'a ModelRequest>) -> Self {
        Self {
            place: inner.address.place(),
            is_loopback: inner.address.is_loopback(),
            key: inner.key.as_ref().map(|key| key.expose().trim()),
            request,
            texts: None,
        }
    }

    pub(super) fn for_vectors(inner: &'a Inner, model: &'a str, texts: &'a [String]) -> Self {
        Self { texts: Some((model, texts)), ..Self::new(inner, None) }
    }

    fn model(&self) -> &str {
        let texts = || self.texts.map_or("the model", |(model, _)| model);
        self.request.map_or_else(texts, |request| &request.model_id)
    }

    /// What the server was asked for.
    fn wish(&self) -> &'static str {
        if self.texts.is_some() { "embeddings" } else { "chat" }
    }

    /// Whether images were sent.
    fn has_images(&self) -> bool {
        self.request.is_some_and(|request| {
            let mut blocks = request.turns.iter().flat_map(|turn| &turn.content);
            request.lessons.allows(Feature::Images) && blocks.any(|block| matches!(block, Block::Image { .. }))
        })
    }
}

/// The failure that `refusal` means.
pub(super) fn refused(refusal: &Refusal, asked: &Asked<'_>) -> Failure {
    tracing::debug!(status = refusal.status, marks = refusal.loggable(), "server refused");
    let (place, model) = (&asked.place, asked.model());
    let said = refusal.said();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let status = refusal.status;

    if asked.texts.is_some() && (status == 501 || says(&NO_VECTORS)) {
        return no_vectors(asked);
    }
    if status == 402 || says(&OUT_OF_CREDIT) {
        return Failure::permanent(
            Code::QuotaExceeded,
            format!("the account at {place} has no credit left"),
            "Check plan and billing at the provider, or choose another model.",
        );
    }
    if status != 429 && (says(&TOO_LONG) || status == 413 && !asked.has_images()) {
        return Failure::permanent(
            Code::ContextTooLong,
            format!("the conversation does not fit into {model}"),
            "Begin a new session, or choose a model with a larger context.",
        );
    }
    if asked.has_images() && (status == 413 || status < 500 && says(&["image", "vision", "multimodal"])) {
        return Failure::permanent(
            Code::AttachmentRefused,
            format!("{place} does not take an image of this conversation"),
            "Take the image out, or choose a model that sees images.",
        );
    }
    if says(&["content_filter", "content_policy_violation", "requires moderation"]) {
        return Failure::permanent(
            Code::ContentFiltered,
            format!("the filter of {place} stopped the answer"),
            "Say it in other words.",
        );
    }
    if says(&["loading model", "is loading", "currently loading", "model loading"]) {
        return Failure::passing(
            Code::ModelLoading,
            format!("{place} is still loading the model"),
            "Wait until it has, then try again.",
        )
        .after(refusal.retry_after);
    }
    let is_missing = said.contains("model") && (status == 404 || says(&["not found", "does not exist"]));
    if is_missing || says(&["model_not_found", "no models loaded", "is not a valid model id"]) {
        let hint = if asked.is_loopback {
            "Load the model into the server first (for Ollama: `ollama pull`, for others in their window), or choose one that it offers."
        } else {
            "Check the model's name, or choose one that the server offers."
        };
        return Failure::permanent(Code::ModelNotFound, format!("{place} does not have {model}"), hint);
    }
    by_status(refusal, asked)
}

/// OpenAI; OpenRouter, whose keys have limits of their own; DeepSeek.
const OUT_OF_CREDIT: [&str; 5] = [
    "insufficient_quota",
    "billing_hard_limit_reached",
    "insufficient_balance",
    "insufficient balance",
    "key limit exceeded",
];

/// llama.cpp without `--embeddings`, or with a model that does not sum up a text; Ollama and others with one that chats.
const NO_VECTORS: [&str; 5] = [
    "not support embedding",
    "not an embedding model",
    "does not support the embeddings",
    "pooling type",
    "embeddings is not supported",
];

const TOO_LONG: [&str; 14] = [
    "context_length_exceeded",
    "exceed_context_size",
    "context length",
    "context window",
    "context size",
    "maximum context",
    "maximum allowed length",
    "n_ctx",
    "prompt is too long",
    "prompt too long",
    "input is too long",
    "too many tokens",
    // llama.cpp and Text Embeddings Inference, of a text for embeddings.
    "too large to process",
    "must have less than",
];

fn by_status(refusal: &Refusal, asked: &Asked<'_>) -> Failure {
    let place = &asked.place;
    let why = || quote(&refusal.text, asked).map_or(String::new(), |text| format!(": {text}"));
    match refusal.status {
        401 if asked.key.is_none() => Failure::permanent(
            Code::CredentialsMissing,
            format!("{place} asks for a key"),
            "Enter the key in the settings.",
        ),
        401 => Failure::permanent(
            Code::CredentialsRejected,
            format!("{place} does not accept the key"),
            "Enter the key again, or make a new one at the provider.",
        ),
        403 => Failure::permanent(
            Code::AccessDenied,
            format!("{place} does not let this account use {}", asked.model()),
            "Check at the provider what the key may do, or choose another model.",
        ),
        404 | 405 => Failure::permanent(
            Code::RequestRefused,
            format!("{place} has no {} at this address", asked.wish()),
            "Check the address in the settings: it usually ends with /v1.",
        ),
        408 | 504 => Failure::passing(Code::TimedOut, format!("{place} took too long for the answer"), "Try again."),
        // 529: overloaded.
        429 | 529 => {
            let wait = refusal.retry_after.map_or("a moment".to_owned(), |seconds| format!("{seconds} s"));
            Failure::passing(
                Code::Throttled,
                format!("{place} takes no more requests at the moment"),
                format!("Wait {wait}, then try again."),
            )
            .after(refusal.retry_after)
        }
        400..=499 => Failure::permanent(
            Code::RequestRefused,
            format!("{place} refused the request with HTTP {}{}", refusal.status, why()),
            "Choose another model, or change what its answer names.",
        ),
        _ => Failure::passing(
            Code::ProviderFailed,
            format!("{place} failed on its side{}", why()),
            "Try again in a moment.",
        )
        .after(refusal.retry_after),
    }
}

fn quote(text: &str, asked: &Asked<'_>) -> Option<String> {
    let mut sent = asked.request.map_or_else(Vec::new, content);
    sent.extend(asked.texts.into_iter().flat_map(|(_, texts)| texts).map(String::as_str));
    sent.extend(asked.key);
    // A page of a web server or a proxy explains nothing.
    quotable(text, &sent).filter(|text| !text.starts_with('<'))
}

pub(super) fn interrupted(asked: &Asked<'_>) -> Failure {
    Failure::passing(
        Code::StreamInterrupted,
        format!("the answer from {} broke off", asked.place),
        "Try again; what had arrived is kept.",
    )
}

/// The server itself says that what stands behind it broke.
pub(super) fn broken(asked: &Asked<'_>) -> Failure {
    Failure::passing(
        Code::ProviderFailed,
        format!("the model behind {} broke off its answer", asked.place),
        "Try again; what had arrived is kept.",
    )
}

pub(super) fn silent(asked: &Asked<'_>, limit: Duration) -> Failure {
    let hint = if asked.is_loopback {
        "Check what the server is doing: a large model may need longer than that to begin."
    } else {
        "Check the internet connection, then try again."
    };
    Failure::passing(Code::TimedOut, format!("{} sent nothing for {} s", asked.place, limit.as_secs()), hint)
}

pub(super) fn other_protocol(asked: &Asked<'_>) -> Failure {
    Failure::permanent(
        Code::RequestRefused,
        format!("{} answers, but not as an OpenAI-compatible server does", asked.place),
        "Check the address in the settings: it usually ends with /v1.",
    )
}

/// Neither now nor later.
pub(super) fn no_vectors(asked: &Asked<'_>) -> Failure {
    Failure::permanent(
        Code::RequestRefused,
        format!("{} gives no embeddings with {}", asked.place, asked.model()),
        "Choose a model that is made for embeddings, for example nomic-embed-text; llama.cpp has to be started with --embeddings.",
    )
}

pub(super) fn redirected(asked: &Asked<'_>, to: Option<&str>) -> Failure {
    let to = to.and_then(|to| reqwest::Url::parse(to).ok()).map(|to| to.origin().ascii_serialization());
    Failure::permanent(
        Code::RequestRefused,
        format!(
            "{} sends requests on to {}, and neither the conversation nor the key follows",
            asked.place,
            to.as_deref().unwrap_or("another address")
        ),
        "If you trust it, enter that address in the settings.",
    )
}
