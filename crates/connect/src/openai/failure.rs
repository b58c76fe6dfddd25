//! What every refusal of a server means to the person. Servers agree on neither status nor body, so the status, the
//! code in the body and the text are read together. No text is passed on unread (see [`crate::quote`]).

use super::Inner;
use crate::quote::{content, quotable};
use serde_json::Value;
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::model::ModelRequest;

/// What was asked, of whom: what the words of a failure need.
pub(super) struct Asked<'a> {
    place: String,
    is_loopback: bool,
    key: Option<&'a str>,
    request: Option<&'a ModelRequest>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(inner: &'a Inner, request: Option<&'a ModelRequest>) -> Self {
        Self {
            place: inner.address.place(),
            is_loopback: inner.address.is_loopback(),
            key: inner.key.as_ref().map(|key| key.expose().trim()),
            request,
        }
    }

    fn model(&self) -> &str {
        self.request.map_or("the model", |request| &request.model_id)
    }
}

/// The kinds of error body: `{"error":{"message","type","code"}}`, `{"error":"…"}`, `{"message"}`, `{"detail"}`, plain text.
struct Body {
    text: String,
    /// `code` and `type`.
    marks: String,
    /// Some gateways put the status there, and inside a stream there is no other.
    status: Option<u16>,
}

impl Body {
    fn parse(bytes: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else {
            return Self { text: String::from_utf8_lossy(bytes).into_owned(), marks: String::new(), status: None };
        };
        let error = value.get("error").filter(|error| !error.is_null()).unwrap_or(&value);
        let texts = [error, &error["message"], &error["detail"], &value["message"]];
        let text = texts.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned();
        let marks =
            [&error["code"], &error["type"]].into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
        let status = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        Self { text, marks, status }
    }
}

/// The text of an error body, whatever its kind.
pub(super) fn text(bytes: &[u8]) -> String {
    Body::parse(bytes).text
}

/// Whether a body is an error, whatever status it came with.
pub(super) fn is_error(body: &Value) -> bool {
    body.get("error").is_some_and(|error| !error.is_null())
}

/// `status` 0: inside a stream.
pub(super) fn refused(status: u16, body: &[u8], retry_after: Option<u64>, asked: &Asked<'_>) -> Failure {
    let body = Body::parse(body);
    let status = if (400..600).contains(&status) { status } else { body.status.unwrap_or(0) };
    tracing::debug!(status, marks = body.marks, "server refused");
    let (text, model) = (body.text.to_lowercase(), asked.model());
    let marked = |marks: &[&str]| marks.iter().any(|mark| body.marks.contains(mark));
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));

    if marked(&["insufficient_quota", "billing_hard_limit_reached", "insufficient_balance"]) || status == 402 {
        return Failure::permanent(
            Code::QuotaExceeded,
            format!("the account at {} has no credit left", asked.place),
            "Check plan and billing at the provider, or choose another model.",
        );
    }
    if marked(&["context_length_exceeded", "exceed_context_size"])
        || says(&[
            "context length",
            "context window",
            "context size",
            "maximum context",
            "prompt is too long",
            "too many tokens",
        ])
    {
        return Failure::permanent(
            Code::ContextTooLong,
            format!("the conversation does not fit into {model}"),
            "Begin a new session, or choose a model with a larger context.",
        );
    }
    if marked(&["content_filter", "content_policy_violation"]) {
        return Failure::permanent(
            Code::ContentFiltered,
            format!("the filter of {} stopped the answer", asked.place),
            "Say it in other words.",
        );
    }
    if marked(&["model_not_found"]) || (says(&["model"]) && (status == 404 || says(&["not found", "does not exist"]))) {
        let hint = if asked.is_loopback {
            "Load the model into the server first (for Ollama: `ollama pull`, for others in their window), or choose one that it offers."
        } else {
            "Check the model's name, or choose one that the server offers."
        };
        return Failure::permanent(Code::ModelNotFound, format!("{} does not have {model}", asked.place), hint);
    }
    by_status(status, &body.text, retry_after, asked)
}

fn by_status(status: u16, text: &str, retry_after: Option<u64>, asked: &Asked<'_>) -> Failure {
    let place = &asked.place;
    match status {
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
            format!("{place} has no chat at this address"),
            "Check the address in the settings: it usually ends with /v1.",
        ),
        408 | 504 => Failure::passing(Code::TimedOut, format!("{place} took too long for the answer"), "Try again."),
        429 => {
            let wait = retry_after.map_or("a moment".to_owned(), |seconds| format!("{seconds} s"));
            Failure::passing(
                Code::Throttled,
                format!("{place} takes no more requests at the moment"),
                format!("Wait {wait}, then try again."),
            )
        }
        503 if text.to_lowercase().contains("loading model") => Failure::passing(
            Code::ProviderFailed,
            format!("{place} is still loading the model"),
            "Wait until it has, then try again.",
        ),
        400..=499 => {
            let why = quote(text, asked).map_or(String::new(), |text| format!(": {text}"));
            Failure::permanent(
                Code::RequestRefused,
                format!("{place} refused the request with HTTP {status}{why}"),
                "Choose another model, or change what its answer names.",
            )
        }
        _ => {
            let why = quote(text, asked).map_or(String::new(), |text| format!(": {text}"));
            Failure::passing(Code::ProviderFailed, format!("{place} failed on its side{why}"), "Try again in a moment.")
        }
    }
}

fn quote(text: &str, asked: &Asked<'_>) -> Option<String> {
    let mut sent = asked.request.map_or_else(Vec::new, content);
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
