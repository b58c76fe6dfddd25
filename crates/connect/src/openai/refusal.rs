//! What a server says when it does not answer: `{"error":{"message","type","code","param"}}`, `{"error":"…"}`,
//! `{"object":"error","message"}` (vLLM), `{"detail":…}` (FastAPI, Mistral), a web page.

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;
use std::time::Duration;

/// A refusal, whatever its kind.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// 0 where neither the response nor the body tells one.
    pub(super) status: u16,
    /// The server's own words.
    pub(super) text: String,
    /// `code`, `type` and `param`, in lower case.
    pub(super) marks: String,
    /// Seconds until it may be asked again.
    pub(super) retry_after: Option<u32>,
    /// Tokens of context and of the prompt, where the body has them apart from the text (llama.cpp).
    pub(super) context: Option<u32>,
    pub(super) prompt: Option<u32>,
}

impl Refusal {
    /// `status` 0: inside a stream, or with a good status.
    pub(super) fn parse(status: u16, retry_after: Option<u32>, body: &[u8]) -> Self {
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Self { status, retry_after, text: String::from_utf8_lossy(body).into_owned(), ..Self::default() };
        };
        let mut refusal = Self::of(&value);
        if (400..600).contains(&status) {
            refusal.status = status;
        }
        refusal.retry_after = retry_after.or(refusal.retry_after);
        refusal
    }

    /// The refusal in a body or an event, whatever status that came with.
    pub(super) fn of(value: &Value) -> Self {
        // Gemini wraps it into a list.
        let value = value.get(0).unwrap_or(value);
        let candidates = [&value["error"], &value["choices"][0]["error"], value];
        let error = candidates.into_iter().find(|error| !error.is_null()).unwrap_or(value);
        // OpenRouter hides the provider's answer behind a sentence that says nothing.
        if let Some(raw) = error["metadata"]["raw"].as_str() {
            let inner = Self::parse(0, None, raw.as_bytes());
            let status = number(&error["code"]).and_then(|code| u16::try_from(code).ok()).unwrap_or(inner.status);
            return Self { status, ..inner };
        }
        let texts = [error, &error["message"], &error["detail"], &value["message"], &value["detail"]];
        let text = texts.into_iter().map(words).find(|text| !text.is_empty()).unwrap_or_default();
        let marks = [&error["code"], &error["type"], &error["param"]].into_iter().filter_map(Value::as_str);
        Self {
            status: number(&error["code"]).and_then(|code| u16::try_from(code).ok()).unwrap_or(0),
            text,
            marks: marks.collect::<Vec<_>>().join(" ").to_lowercase(),
            // Hugging Face says so while it loads a model.
            retry_after: value["estimated_time"].as_f64().and_then(whole_seconds),
            context: number(&error["n_ctx"]),
            prompt: number(&error["n_prompt_tokens"]),
        }
    }

    /// Everything that it says, in lower case, to look for words in.
    pub(super) fn said(&self) -> String {
        format!("{} {}", self.text, self.marks).to_lowercase()
    }

    /// Of the marks what is a name of a kind of error, as `insufficient_quota`: servers quote there, too, what they were sent.
    pub(super) fn loggable(&self) -> String {
        let is_name = |mark: &&str| {
            mark.len() <= 40 && mark.contains('_') && mark.chars().all(|char| char == '_' || char.is_ascii_lowercase())
        };
        self.marks.split(' ').filter(is_name).collect::<Vec<_>>().join(" ")
    }
}

/// Whether a body is an error, whatever status it came with.
pub(super) fn is_refusal(body: &Value) -> bool {
    !body["error"].is_null() || !body["choices"][0]["error"].is_null() || body["object"] == "error"
}

/// The words of a text, or of FastAPI's list, of which `input` is left aside: it is what was sent.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let place = |item: &Value| {
                item["loc"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(".")
            };
            let item = |item: &Value| format!("{}: {}", place(item), item["msg"].as_str().unwrap_or_default());
            items.iter().map(item).collect::<Vec<_>>().join("; ")
        }
        Value::Object(fields) => fields.get("detail").map(words).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Some servers put numbers into strings.
fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).or_else(|| value.as_str()?.parse().ok())
}

/// Seconds to wait, from a number or from a date. A date is compared with the server's own clock, which the response
/// carries: the clock of this machine may be wrong.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let wait = header(RETRY_AFTER)?;
    // RFC 9110 has whole seconds; some gateways send fractions.
    if let Ok(seconds) = wait.trim().parse() {
        return whole_seconds(seconds);
    }
    let until = httpdate::parse_http_date(wait).ok()?;
    let now = httpdate::parse_http_date(header(DATE)?).ok()?;
    u32::try_from(until.duration_since(now).unwrap_or_default().as_secs()).ok()
}

/// At least as long.
fn whole_seconds(seconds: f64) -> Option<u32> {
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    u32::try_from(wait.as_secs()).ok()?.checked_add(u32::from(wait.subsec_nanos() > 0))
}
