//! From the words of `core` to a chat completions request.

use serde_json::{Value, json};
use twin_core::chat::Role;
use twin_core::model::{Block, ModelRequest, ToolSpec, Turn};

/// How a server wants the request spelled. All begin with the spelling that most understand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Dialect {
    /// OpenAI's reasoning models refuse `max_tokens`; most other servers know nothing else.
    pub(super) completion_tokens: bool,
    /// Some servers refuse `stream_options`; without it there is no usage.
    pub(super) no_stream_options: bool,
}

impl Dialect {
    /// The spelling to try next, if `refusal` (the text of a 400) is about the spelling.
    pub(super) fn after(self, refusal: &str) -> Option<Self> {
        if !self.completion_tokens && refusal.contains("max_completion_tokens") {
            return Some(Self { completion_tokens: true, ..self });
        }
        if !self.no_stream_options && (refusal.contains("stream_options") || refusal.contains("include_usage")) {
            return Some(Self { no_stream_options: true, ..self });
        }
        None
    }
}

pub(super) fn body(request: &ModelRequest, dialect: Dialect) -> Value {
    let system = request.system.iter().map(|part| part.text.as_str()).filter(|text| !text.trim().is_empty());
    let system = system.collect::<Vec<_>>().join("\n\n");
    let mut messages = Vec::new();
    if !system.is_empty() {
        messages.push(json!({ "role": "system", "content": system }));
    }
    messages.extend(request.turns.iter().flat_map(turn));

    let limit = if dialect.completion_tokens { "max_completion_tokens" } else { "max_tokens" };
    let mut body = json!({
        "model": request.model_id,
        "messages": messages,
        "stream": true,
        limit: request.max_output_tokens.max(1),
    });
    if !dialect.no_stream_options {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

/// One message, or, as each result of a tool is a message of its own, several.
fn turn(turn: &Turn) -> Vec<Value> {
    let mut text = Vec::new();
    let mut calls = Vec::new();
    let mut messages = Vec::new();
    for block in &turn.content {
        match block {
            Block::Text(words) => text.push(words.as_str()),
            Block::ToolUse(tool) => calls.push(json!({
                "id": tool.id,
                "type": "function",
                "function": { "name": tool.name, "arguments": tool.input.to_string() },
            })),
            // The protocol has no sign for a failed tool: the words must tell.
            Block::ToolResult { id, content, is_error } => messages.push(json!({
                "role": "tool",
                "tool_call_id": id,
                "content": if *is_error { format!("Error: {content}") } else { content.clone() },
            })),
        }
    }
    let role = match turn.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    if !text.is_empty() || !calls.is_empty() {
        let mut message = json!({ "role": role, "content": text.join("\n\n") });
        if !calls.is_empty() {
            message["tool_calls"] = calls.into();
        }
        messages.push(message);
    }
    messages
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": { "name": tool.name, "description": tool.description, "parameters": tool.input_schema },
    })
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn each_spelling_is_tried_once() {
        let first = Dialect::default();
        let second = first.after("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.").unwrap();
        let third = second.after("Unrecognized request argument: stream_options").unwrap();
        assert_eq!(third, Dialect { completion_tokens: true, no_stream_options: true });
        assert_eq!(third.after("stream_options max_completion_tokens"), None);
        assert_eq!(first.after("something else"), None);
    }
}
