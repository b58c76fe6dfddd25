//! What is asked of a language model and what comes back, whichever provider answers.

use crate::report::Passage;
use serde::{Deserialize, Serialize};

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// A model at a provider. Written `offline`, `bedrock:ID` or `openai:ID`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ModelRef {
    /// Who answers.
    pub provider: Provider,
    /// The provider's own name for the model, as typed; empty for offline.
    pub id: String,
}

impl ModelRef {
    /// The embedded default.
    pub const fn offline() -> Self {
        Self { provider: Provider::Offline, id: String::new() }
    }
}

impl std::fmt::Display for ModelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.provider {
            Provider::Offline => f.write_str("offline"),
            Provider::Bedrock => write!(f, "bedrock:{}", self.id),
            Provider::Openai => write!(f, "openai:{}", self.id),
        }
    }
}

/// The text is none of `offline`, `bedrock:ID`, `openai:ID`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a model: write offline, bedrock:ID or openai:ID")]
pub struct InvalidModelRef;

impl std::str::FromStr for ModelRef {
    type Err = InvalidModelRef;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "offline" {
            return Ok(Self::offline());
        }
        let (provider, id) = text.split_once(':').ok_or(InvalidModelRef)?;
        let provider = match provider {
            "bedrock" => Provider::Bedrock,
            "openai" => Provider::Openai,
            _ => return Err(InvalidModelRef),
        };
        if id.trim().is_empty() || id.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidModelRef);
        }
        Ok(Self { provider, id: id.to_owned() })
    }
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
    /// What was recalled for this question, best first, already limited to the audience. A language model finds it in
    /// the system prompt; the offline model answers from it.
    pub passages: Vec<Passage>,
}

/// What a model sends while it answers, in order: any number of deltas and tool uses, at most one usage, and as the
/// last event of a whole answer exactly one `Finished`. A stream that ends without it was cut off.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// More text.
    Text(String),
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
        for text in ["offline", "bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "openai:llama3.2:3b"] {
            assert_eq!(text.parse::<ModelRef>().unwrap().to_string(), text);
        }
        for bad in ["", "bedrock", "bedrock:", "bedrock: ", "gemini:x", "openai:a b", "OFFLINE"] {
            assert_eq!(bad.parse::<ModelRef>(), Err(InvalidModelRef), "{bad}");
        }
    }
}
