//! `recall` as a tool that a language model may ask for: what came with the question was found by the question as
//! it was asked, and the model may know better words.

use super::may_hear;
use crate::context::{memory, prompt::fill};
use jiff::Zoned;
use serde_json::{Value, json};
use twin_core::chat::Audience;
use twin_core::model::ToolSpec;
use twin_core::report::Passage;

/// What the model calls it.
pub const NAME: &str = "recall";

const DESCRIPTION: &str = include_str!("prompt/tool.md");
const FOUND: &str = include_str!("prompt/found.md");
const NOTHING: &str = include_str!("prompt/nothing.md");

/// Passages when the model does not say how many.
const USUAL: usize = 8;
/// Most passages of one call: more would push the conversation out of small models.
const MOST: usize = 20;

/// What the model asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecallCall {
    /// What to look for; not blank.
    pub query: String,
    /// How many passages at most, 1 to 20.
    pub limit: usize,
}

/// The tool as it is offered.
pub fn spec() -> ToolSpec {
    ToolSpec {
        name: NAME.to_owned(),
        description: DESCRIPTION.trim_end().to_owned(),
        input_schema: json!({
            "type": "object",
            "properties": {
                "query": {
                    "type": "string",
                    "description": "The words to look for: names, things, places. A question works as well."
                },
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST,
                    "description": format!("How many passages at most; {USUAL} if left out.")
                }
            },
            "required": ["query"]
        }),
    }
}

/// Reads the model's arguments. The error is for the model: it may call again. A limit that is too high is lowered and
/// not refused, because what it gets is still what it asked for, only less.
pub fn parse(input: &Value) -> Result<RecallCall, String> {
    let Some(query) = input.get("query") else { return Err("`query` is missing: say what to look for".to_owned()) };
    let query = query.as_str().map(str::trim).filter(|query| !query.is_empty());
    let query = query.ok_or("`query` must be a text that is not empty")?;
    let limit = match input.get("limit") {
        None | Some(Value::Null) => USUAL,
        Some(limit) => {
            let limit = limit.as_u64().filter(|limit| *limit > 0);
            let limit = limit.ok_or(format!("`limit` must be a whole number from 1 to {MOST}"))?;
            usize::try_from(limit).unwrap_or(MOST).min(MOST)
        }
    };
    Ok(RecallCall { query: query.to_owned(), limit })
}

/// What the tool gives: the lines that the system prompt would have for these passages, with times in the zone of
/// `now`. A visitor's model gets nothing that only the owner may hear, whatever is in `passages`.
pub fn render(passages: &[Passage], now: &Zoned, audience: Audience) -> String {
    let heard = passages.iter().filter(|passage| may_hear(audience, &passage.source));
    let lines: String = heard.map(|passage| memory::line(passage, now)).collect();
    if lines.is_empty() { NOTHING.trim_end().to_owned() } else { fill(FOUND, &[("passages", lines.trim_end())]) }
}

#[cfg(test)]
mod tests;
