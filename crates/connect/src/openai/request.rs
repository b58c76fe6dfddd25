//! From the words of `core` to a chat completions request.
//!
//! Servers are strict about the order of messages, and each in its own way, so what is sent is always repaired: nothing
//! blank, no two of one voice in a row, and every call of a tool directly followed by its answer.

use super::lesson::{answer_limit, offers_tools, streams};
use super::reply::REASONING_FIELDS;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use twin_core::chat::Role;
use twin_core::model::{Block, Effort, Feature, Lessons, ModelRequest, Reasoning, ToolSpec, ToolUse, Turn};

pub(super) fn body(request: &ModelRequest) -> Value {
    let lessons = &request.lessons;
    let limit = if lessons.allows(Feature::MaxTokens) { "max_tokens" } else { "max_completion_tokens" };
    let mut body = json!({
        "model": request.model_id,
        "messages": messages(request),
        "stream": streams(request),
        limit: answer_limit(request),
    });
    if streams(request) && lessons.allows(Feature::StreamOptions) {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if let Some(effort) = effort(request.effort).filter(|_| lessons.allows(Feature::ReasoningEffort)) {
        body["reasoning_effort"] = effort.into();
    }
    if offers_tools(request) {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

const fn effort(effort: Effort) -> Option<&'static str> {
    match effort {
        Effort::Unset => None,
        Effort::Low => Some("low"),
        Effort::Medium => Some("medium"),
        Effort::High => Some("high"),
    }
}

/// A message with its parts apart, so that two can be joined.
struct Message {
    role: &'static str,
    parts: Vec<Value>,
    calls: Vec<Value>,
    /// What else it carries.
    fields: Vec<(String, Value)>,
}

impl Message {
    const fn of(role: &'static str, parts: Vec<Value>) -> Self {
        Self { role, parts, calls: Vec::new(), fields: Vec::new() }
    }

    fn is_blank(&self) -> bool {
        self.parts.is_empty() && self.calls.is_empty()
    }

    /// Plain text where there is nothing else: small servers know no parts.
    fn into_value(self) -> Value {
        let texts: Option<Vec<_>> = self.parts.iter().map(|part| part["text"].as_str()).collect();
        let content = texts.map_or_else(|| Value::Array(self.parts.clone()), |texts| texts.join("\n\n").into());
        let mut message = json!({ "role": self.role, "content": content });
        if !self.calls.is_empty() {
            message["tool_calls"] = self.calls.into();
        }
        for (name, value) in self.fields {
            message[name] = value;
        }
        message
    }
}

fn messages(request: &ModelRequest) -> Vec<Value> {
    let lessons = &request.lessons;
    let system: Vec<_> =
        request.system.iter().map(|part| part.text.trim_end()).filter(|text| !text.is_empty()).collect();
    let system = (!system.is_empty()).then(|| text(&system.join("\n\n")));
    let mut messages: Vec<Message> = Vec::new();
    for (place, turn) in request.turns.iter().enumerate() {
        let turns = match turn.role {
            Role::Assistant => assistant(turn, request.turns.get(place + 1), lessons),
            Role::User => user(turn, place.checked_sub(1).and_then(|before| request.turns.get(before)), lessons),
        };
        for message in turns.into_iter().filter(|message| !message.is_blank()) {
            match messages.last_mut() {
                Some(last) if last.role == message.role && last.role != "tool" && last.calls.is_empty() => {
                    last.parts.extend(message.parts);
                    last.calls = message.calls;
                    last.fields.extend(message.fields);
                }
                _ => messages.push(message),
            }
        }
    }
    // Trimming may have left an answer without its question.
    let first = messages.iter().position(|message| message.role == "user").unwrap_or(messages.len());
    messages.drain(..first);
    if lessons.allows(Feature::System) {
        messages.splice(0..0, system.map(|part| Message::of("system", vec![part])));
    } else if let Some(question) = messages.first_mut() {
        question.parts.splice(0..0, system);
    }
    messages.into_iter().map(Message::into_value).collect()
}

/// The calls of an assistant's turn that the next turn answers, with their results. Both turns are written from these
/// pairs, so that neither can stand without the other.
fn answered<'a>(asks: &'a Turn, answers: &'a Turn) -> Vec<(&'a ToolUse, String)> {
    let result = |call: &str| {
        answers.content.iter().find_map(|block| match block {
            Block::ToolResult { id, content, is_error } if id == call => Some(result(content, *is_error)),
            _ => None,
        })
    };
    let mut pairs: Vec<(&ToolUse, String)> = Vec::new();
    for block in &asks.content {
        if let Block::ToolUse(call) = block
            && pairs.iter().all(|(before, _)| before.id != call.id)
            && let Some(result) = result(&call.id)
        {
            pairs.push((call, result));
        }
    }
    pairs
}

/// The protocol has no sign for a failed tool, and some servers take no blank result: the words must tell.
fn result(content: &str, is_error: bool) -> String {
    match (content.trim().is_empty(), is_error) {
        (true, false) => "(nothing)".to_owned(),
        (true, true) => "Error".to_owned(),
        (false, false) => content.to_owned(),
        (false, true) => format!("Error: {content}"),
    }
}

fn assistant(turn: &Turn, next: Option<&Turn>, lessons: &Lessons) -> Vec<Message> {
    let texts = turn.content.iter().filter_map(|block| match block {
        Block::Text(words) if !words.trim().is_empty() => Some(text(words)),
        _ => None,
    });
    let mut message = Message::of("assistant", texts.collect());
    if let Some(next) = next.filter(|_| lessons.allows(Feature::Tools)) {
        message.calls = answered(turn, next).into_iter().map(|(tool, _)| call(tool)).collect();
    }
    if !message.calls.is_empty() {
        message.fields = thoughts(turn);
    }
    vec![message]
}

/// What the model thought, in the form in which it came. Only with its calls of tools: there DeepSeek refuses a request
/// without it (400), and OpenRouter, Ollama and llama.cpp take it so that the model can go on where it was; elsewhere
/// DeepSeek ignores it (its older models refuse it), and it would only cost tokens.
/// Source: <https://api-docs.deepseek.com/guides/thinking_mode>, <https://openrouter.ai/docs/use-cases/reasoning-tokens>.
fn thoughts(turn: &Turn) -> Vec<(String, Value)> {
    let mut details = Vec::new();
    let mut fields: Vec<(String, Value)> = Vec::new();
    for block in &turn.content {
        let Block::Reasoning(Reasoning { text, signature: Some(seal), .. }) = block else { continue };
        if REASONING_FIELDS.contains(&seal.as_str()) {
            fields.push((seal.clone(), text.as_str().into()));
        } else if let Ok(Value::Array(more)) = serde_json::from_str(seal) {
            details.extend(more);
        }
    }
    if !details.is_empty() {
        fields.push(("reasoning_details".to_owned(), details.into()));
    }
    fields
}

fn user(turn: &Turn, before: Option<&Turn>, lessons: &Lessons) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut parts = Vec::new();
    for (tool, result) in before.map(|before| answered(before, turn)).unwrap_or_default() {
        if lessons.allows(Feature::Tools) {
            let mut message = Message::of("tool", vec![text(&result)]);
            message.fields.push(("tool_call_id".to_owned(), tool.id.as_str().into()));
            messages.push(message);
        } else {
            parts.push(text(&format!("Result of the tool {}:\n\n{result}", tool.name)));
        }
    }
    parts.extend(turn.content.iter().filter_map(|block| match block {
        Block::Text(words) if words.trim().is_empty() => None,
        Block::Text(words) => Some(text(words)),
        Block::Image { .. } if !lessons.allows(Feature::Images) => {
            Some(text("(Here is an image, which you cannot see.)"))
        }
        Block::Image { media_type, bytes } => Some(json!({
            "type": "image_url",
            "image_url": { "url": format!("data:{media_type};base64,{}", STANDARD.encode(bytes)) },
        })),
        Block::Document { name, text: words, .. } if words.trim().is_empty() => {
            Some(text(&format!("(Here is {name}, in which there is no text.)")))
        }
        Block::Document { name, text: words, .. } => {
            Some(text(&format!("Text of {name}:\n\n{words}\n\nEnd of {name}.")))
        }
        Block::Reasoning(_) | Block::ToolUse(_) | Block::ToolResult { .. } => None,
    }));
    messages.push(Message::of("user", parts));
    messages
}

fn text(words: &str) -> Value {
    json!({ "type": "text", "text": words })
}

fn call(tool: &ToolUse) -> Value {
    json!({
        "id": tool.id,
        "type": "function",
        "function": { "name": tool.name, "arguments": tool.input.to_string() },
    })
}

fn tool(tool: &ToolSpec) -> Value {
    json!({
        "type": "function",
        "function": { "name": tool.name, "description": tool.description, "parameters": tool.input_schema },
    })
}
