//! What is asked of a language model and what comes back, whichever provider answers.

use crate::report::Passage;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// No language model: the best sentences of what is known, quoted.
    Offline,
    /// Amazon Bedrock.
    Bedrock,
    /// Any server that speaks the OpenAI chat completions protocol.
    Openai,
}

/// A model at a provider. Written `offline`, `bedrock:ID`, `openai:ID` or `openai@SERVER:ID`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ModelRef {
    /// Who answers.
    pub provider: Provider,
    /// Which of the OpenAI-compatible servers in the settings, by its name; none: the first of them, and always none for
    /// the other providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub server: Option<String>,
    /// The provider's own name for the model, as typed; empty for offline.
    pub id: String,
}

impl ModelRef {
    /// The embedded default.
    pub const fn offline() -> Self {
        Self { provider: Provider::Offline, server: None, id: String::new() }
    }

    /// A model of Bedrock: a foundation model's id, an inference profile's id or an ARN.
    pub fn bedrock(id: impl Into<String>) -> Self {
        Self { provider: Provider::Bedrock, server: None, id: id.into() }
    }

    /// A model of the first OpenAI-compatible server.
    pub fn openai(id: impl Into<String>) -> Self {
        Self { provider: Provider::Openai, server: None, id: id.into() }
    }
}

impl std::fmt::Display for ModelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.provider, &self.server) {
            (Provider::Offline, _) => f.write_str("offline"),
            (Provider::Bedrock, _) => write!(f, "bedrock:{}", self.id),
            (Provider::Openai, None) => write!(f, "openai:{}", self.id),
            (Provider::Openai, Some(server)) => write!(f, "openai@{server}:{}", self.id),
        }
    }
}

/// The text is none of `offline`, `bedrock:ID`, `openai:ID`, `openai@SERVER:ID`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a model: write offline, bedrock:ID, openai:ID or openai@SERVER:ID")]
pub struct InvalidModelRef;

impl std::str::FromStr for ModelRef {
    type Err = InvalidModelRef;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "offline" {
            return Ok(Self::offline());
        }
        let (provider, id) = text.split_once(':').ok_or(InvalidModelRef)?;
        let (provider, server) = match provider.split_once('@') {
            Some(("openai", server)) if is_server_name(server) => (Provider::Openai, Some(server.to_owned())),
            None if provider == "bedrock" => (Provider::Bedrock, None),
            None if provider == "openai" => (Provider::Openai, None),
            _ => return Err(InvalidModelRef),
        };
        if id.trim().is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidModelRef);
        }
        Ok(Self { provider, server, id: id.to_owned() })
    }
}

/// Whether a server may be called so: short, and safe inside `openai@SERVER:ID`.
pub fn is_server_name(name: &str) -> bool {
    (1..=40).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// How widely a request may travel inside AWS. Wider profiles have more capacity; narrower ones keep data nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Only the region of the settings.
    Region,
    /// The regions of one geography (`eu.`, `us.`, …).
    #[default]
    Geography,
    /// Any commercial region.
    Global,
}

/// How much a model should think before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// As the model does by itself: nothing is asked of it.
    #[default]
    Unset,
    /// A little.
    Low,
    /// Some.
    Medium,
    /// As much as it can.
    High,
}

/// What a model's own answers have taught: what it refused is not asked of it again. Kept for each [`ModelRef`] on this
/// device, and empty for a model that was never asked. There is no table of names behind it that could go stale.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(default)]
pub struct Lessons {
    /// The id that has to be called in place of the model's own: an inference profile.
    pub called: Option<String>,
    /// The foundation model that an application's inference profile stands for.
    pub family: Option<String>,
    /// What it refused.
    pub refused: Vec<Feature>,
    /// The largest answer that it allows, in tokens.
    pub max_output_tokens: Option<u32>,
    /// The largest prompt and answer together, in tokens.
    pub context_tokens: Option<u32>,
    /// Whether its answers have counted tokens that were read from, or written to, a cache.
    pub caches: bool,
    /// Whether it has shown its reasoning.
    pub reasons: bool,
}

impl Lessons {
    /// Whether the model may still be asked for it.
    pub fn allows(&self, feature: Feature) -> bool {
        !self.refused.contains(&feature)
    }

    /// The same with one more refusal.
    #[must_use]
    pub fn without(mut self, feature: Feature) -> Self {
        if self.allows(feature) {
            self.refused.push(feature);
        }
        self
    }
}

/// A part of a request that some models refuse, and that is left out from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Cache points in the system prompt.
    Cache,
    /// Tools.
    Tools,
    /// Tools in a streamed answer: asked whole instead.
    ToolsWhileStreaming,
    /// Streaming: asked whole instead.
    Streaming,
    /// A system prompt: it goes in front of the first question.
    System,
    /// Images.
    Images,
    /// Documents as files: their text is sent.
    Documents,
    /// Reasoning asked for by effort, the newer spelling.
    ReasoningEffort,
    /// Reasoning asked for by a budget of tokens, the older spelling.
    ReasoningBudget,
    /// The service tier of the settings.
    ServiceTier,
    /// The latency of the settings.
    Latency,
    /// `max_tokens`, where `max_completion_tokens` is wanted.
    MaxTokens,
    /// `stream_options`, without which a server does not count.
    StreamOptions,
}

/// Tokens of one request. `input` excludes what came from or went into the provider's cache, so the whole prompt is
/// `input + cache_read + cache_write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Usage {
    /// Prompt tokens that were neither read from nor written to the cache.
    pub input: u32,
    /// Tokens of the answer.
    pub output: u32,
    /// Prompt tokens that the provider had cached.
    pub cache_read: u32,
    /// Prompt tokens that the provider cached for the next time.
    pub cache_write: u32,
}

/// Why the model stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// It was done.
    EndTurn,
    /// The limit of the answer was reached.
    MaxTokens,
    /// A stop sequence was met.
    StopSequence,
    /// It wants a tool to be run.
    ToolUse,
    /// The provider's filter or guardrail stopped it.
    ContentFiltered,
    /// A reason that this version does not know, as the provider wrote it.
    Other(String),
}

/// One part of a message to or from the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Plain text.
    Text(String),
    /// A picture.
    Image {
        /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
        media_type: String,
        /// The file.
        bytes: Arc<[u8]>,
    },
    /// A document.
    Document {
        /// A neutral name, `document 1`: a file's own name would be a way to talk to the model.
        name: String,
        /// Its type.
        media_type: String,
        /// The file.
        bytes: Arc<[u8]>,
        /// Its words, for models that take no files.
        text: String,
    },
    /// What the model thought. Given back to the same model only, word for word, or it refuses.
    Reasoning(Reasoning),
    /// The model asks for a tool.
    ToolUse(ToolUse),
    /// What the tool gave back.
    ToolResult {
        /// The id of the [`ToolUse`] that it answers.
        id: String,
        /// The result, or the error's text.
        content: String,
        /// Whether the tool failed.
        is_error: bool,
    },
}

/// A block of a model's thoughts, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasoning {
    /// The words; may be empty.
    pub text: String,
    /// The provider's seal over them.
    pub signature: Option<String>,
    /// Thoughts that the provider gives only sealed, as base64.
    pub redacted: Option<String>,
}

/// A request of the model to run a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolUse {
    /// The provider's id of this call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments: an object that fits the tool's schema.
    pub input: serde_json::Value,
}

/// A tool that the model may ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// `[a-zA-Z0-9_-]{1,64}`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: serde_json::Value,
}

/// One turn of the conversation as the model sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Who speaks.
    pub role: crate::chat::Role,
    /// What is said; never empty.
    pub content: Vec<Block>,
}

/// One part of the system prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemPart {
    /// The text.
    pub text: String,
    /// Whether everything up to here stays the same from turn to turn, so that a provider may cache it.
    pub cache_point: bool,
}

/// One request to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// Which model, in the provider's own words.
    pub model_id: String,
    /// The system prompt proper, in order.
    pub system: Vec<SystemPart>,
    /// The conversation; the first and the last turn are the user's, roles alternate.
    pub turns: Vec<Turn>,
    /// Tools on offer; usually none.
    pub tools: Vec<ToolSpec>,
    /// Limit of the answer in tokens.
    pub max_output_tokens: u32,
    /// How much to think.
    pub effort: Effort,
    /// What is known of the model.
    pub lessons: Lessons,
    /// What was recalled for this question, best first, already limited to the audience. A language model finds it in
    /// the system prompt; the offline model answers from it.
    pub passages: Vec<Passage>,
}

/// What a model sends while it answers, in order: lessons of refusals before the rest, then deltas, finished blocks of
/// reasoning and tool uses, at most one usage, and as the last event of a whole answer exactly one `Finished`. What the
/// answer itself teaches (it reasons, it caches) may come as a lesson anywhere before that. A stream that ends without
/// `Finished` was cut off.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// What is known of the model from now on: it refused a part of the request and is being asked again without it, or
    /// its answer showed something new.
    Learned(Lessons),
    /// More text.
    Text(String),
    /// More of what it thinks, to be shown at once.
    ReasoningText(String),
    /// A block of thoughts is whole; its text was sent before in pieces.
    Reasoning(Reasoning),
    /// A tool call, assembled and parsed.
    ToolUse(ToolUse),
    /// What it cost.
    Usage(Usage),
    /// The answer is whole.
    Finished(StopReason),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_written_as_it_is_read() {
        for text in [
            "offline",
            "bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
            "openai:llama3.2:3b",
            "openai@open-router:meta/llama:free",
        ] {
            assert_eq!(text.parse::<ModelRef>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "bedrock",
            "bedrock:",
            "bedrock: ",
            "gemini:x",
            "openai:a b",
            "OFFLINE",
            "openai@:x",
            "openai@a b:x",
            "bedrock@x:y",
        ] {
            assert_eq!(bad.parse::<ModelRef>(), Err(InvalidModelRef), "{bad}");
        }
    }
}
