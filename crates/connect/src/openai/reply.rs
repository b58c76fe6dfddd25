//! From a server's chunks to the words of `core`.

use super::failure::{self, Asked};
use super::thought::{Piece, Tags};
use serde_json::Value;
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, Reasoning, StopReason, ToolUse, Usage};

/// The fields in which servers send what the model thinks: DeepSeek, llama.cpp and LM Studio the first, Ollama, vLLM,
/// Groq and OpenRouter the second.
pub(super) const REASONING_FIELDS: [&str; 2] = ["reasoning_content", "reasoning"];

/// What has arrived of one answer.
#[derive(Default)]
pub(super) struct Reply {
    tags: Tags,
    thought: Option<Thought>,
    calls: Vec<Call>,
    usage: Option<Usage>,
    reason: Option<String>,
    /// Whether the server said `[DONE]`, or answered whole.
    pub(super) is_done: bool,
}

#[derive(Default)]
struct Thought {
    text: String,
    field: Option<&'static str>,
    /// OpenRouter's own form, with the seals of the providers behind it.
    details: Vec<Value>,
}

#[derive(Default)]
struct Call {
    index: Option<u64>,
    id: String,
    name: String,
    /// Not JSON before the answer's end.
    arguments: String,
}

impl Reply {
    pub(super) const fn has_stopped(&self) -> bool {
        self.reason.is_some()
    }

    /// What `chunk` adds. What is not known or not understood adds nothing.
    pub(super) fn take(&mut self, chunk: &Value) -> Vec<ModelEvent> {
        let choice = &chunk["choices"][0];
        // Moonshot and Groq have places of their own for it.
        let usage = [&chunk["usage"], &choice["usage"], &chunk["x_groq"]["usage"]];
        if let Some(usage) = usage.into_iter().find(|usage| usage.is_object()) {
            self.usage = Some(counted(usage));
        }
        let message = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
        let mut events = Vec::new();
        self.take_thought(message, &mut events);
        self.take_content(&message["content"], &mut events);
        if let Some(text) = message["refusal"].as_str() {
            self.say(text, &mut events);
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            self.end_thought(&mut events);
            self.take_call(call);
        }
        if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
            self.reason = Some(reason.to_lowercase());
        }
        events
    }

    /// An answer that came as one body.
    pub(super) fn take_whole(&mut self, body: &Value) -> Vec<ModelEvent> {
        self.is_done = true;
        let events = self.take(body);
        // Whole it is, whether or not the server says why it ended.
        self.reason.get_or_insert_with(|| "stop".to_owned());
        events
    }

    fn take_thought(&mut self, message: &Value, events: &mut Vec<ModelEvent>) {
        let words = |field: &&str| message[*field].as_str().is_some_and(|text| !text.is_empty());
        let field = REASONING_FIELDS.into_iter().find(words);
        let details = message["reasoning_details"].as_array().map_or(&[][..], Vec::as_slice);
        if field.is_none() && details.is_empty() {
            return;
        }
        // OpenRouter sends the same words in both places.
        let text = field.map_or_else(
            || details.iter().filter_map(|detail| detail["text"].as_str().or(detail["summary"].as_str())).collect(),
            |field| message[field].as_str().unwrap_or_default().to_owned(),
        );
        let thought = self.thought.get_or_insert_default();
        thought.field = thought.field.or(field);
        for detail in details {
            merge(&mut thought.details, detail);
        }
        self.think(&text, events);
    }

    /// Text, or Mistral's parts, of which some are thoughts.
    fn take_content(&mut self, content: &Value, events: &mut Vec<ModelEvent>) {
        match content {
            Value::String(text) => {
                for piece in self.tags.feed(text) {
                    self.take_piece(piece, events);
                }
            }
            Value::Array(parts) => {
                for part in parts {
                    match &part["thinking"] {
                        Value::Array(thoughts) => {
                            let text: String = thoughts.iter().filter_map(|part| part["text"].as_str()).collect();
                            self.think(&text, events);
                        }
                        _ => self.say(part["text"].as_str().unwrap_or_default(), events),
                    }
                }
            }
            _ => {}
        }
    }

    fn take_piece(&mut self, piece: Piece, events: &mut Vec<ModelEvent>) {
        match piece {
            Piece::Thought(text) => self.think(&text, events),
            Piece::Answer(text) => self.say(&text, events),
        }
    }

    fn think(&mut self, text: &str, events: &mut Vec<ModelEvent>) {
        let thought = self.thought.get_or_insert_default();
        // Models that do not think send blank thoughts.
        let text = if thought.text.is_empty() { text.trim_start() } else { text };
        if !text.is_empty() {
            thought.text.push_str(text);
            events.push(ModelEvent::ReasoningText(text.to_owned()));
        }
    }

    fn say(&mut self, text: &str, events: &mut Vec<ModelEvent>) {
        if !text.is_empty() {
            self.end_thought(events);
            events.push(ModelEvent::Text(text.to_owned()));
        }
    }

    fn end_thought(&mut self, events: &mut Vec<ModelEvent>) {
        if let Some(thought) = self.thought.take().and_then(Thought::into_reasoning) {
            events.push(ModelEvent::Reasoning(thought));
        }
    }

    fn take_call(&mut self, delta: &Value) {
        let index = delta["index"].as_u64();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (id, name) = (text(&delta["id"]), text(&delta["function"]["name"]));
        // Pieces belong to the call of the same index. Servers that count all calls as 0 give a new id, those that do
        // not count at all a new name; some repeat the name with every piece.
        let repeats = |call: &Call| call.name == name && (index.is_some() || (!id.is_empty() && call.id == id));
        let same = |call: &Call| {
            call.index == index
                && (id.is_empty() || call.id.is_empty() || call.id == id)
                && (name.is_empty() || call.name.is_empty() || repeats(call))
        };
        let place = self.calls.iter().rposition(same).unwrap_or(self.calls.len());
        if place == self.calls.len() {
            self.calls.push(Call { index, ..Call::default() });
        }
        let call = &mut self.calls[place];
        if call.id.is_empty() {
            call.id = id;
        }
        if call.name.is_empty() {
            call.name = name;
        }
        match &delta["function"]["arguments"] {
            Value::String(piece) => call.arguments.push_str(piece),
            whole @ Value::Object(_) => call.arguments = whole.to_string(),
            _ => {}
        }
    }

    /// What the end of the stream completes: thoughts, tool calls, usage, and the reason.
    pub(super) fn into_end(mut self, asked: &Asked<'_>) -> Result<Vec<ModelEvent>, Failure> {
        let mut events = Vec::new();
        if let Some(piece) = self.tags.end() {
            self.take_piece(piece, &mut events);
        }
        self.end_thought(&mut events);
        let stop = match self.reason.as_deref() {
            // NVIDIA's servers end tool calls without a reason. The sign of the end says that nothing is missing.
            None if self.is_done && !self.calls.is_empty() => StopReason::ToolUse,
            None => return Err(failure::interrupted(asked)),
            // OpenRouter, Zhipu and DeepSeek say so where the provider behind them broke.
            Some("error" | "network_error" | "insufficient_system_resource") => {
                return Err(failure::broken(asked));
            }
            Some(reason) => stop_reason(reason, !self.calls.is_empty()),
        };
        for (number, call) in self.calls.into_iter().enumerate() {
            match call.parse(number) {
                Ok(tool) => events.push(ModelEvent::ToolUse(tool)),
                // A call that the limit cut in two is simply not made: the stop reason says why.
                Err(_) if stop != StopReason::ToolUse => {}
                Err(failure) => return Err(failure),
            }
        }
        events.extend(self.usage.map(ModelEvent::Usage));
        events.push(ModelEvent::Finished(stop));
        Ok(events)
    }
}

fn stop_reason(reason: &str, has_calls: bool) -> StopReason {
    match reason {
        // Some servers end with "stop" although they ask for a tool.
        "stop" | "eos" | "eos_token" | "end_turn" if has_calls => StopReason::ToolUse,
        "stop" | "eos" | "eos_token" | "end_turn" => StopReason::EndTurn,
        "stop_sequence" => StopReason::StopSequence,
        "length" | "max_tokens" => StopReason::MaxTokens,
        "tool_calls" | "tool_use" | "function_call" => StopReason::ToolUse,
        "content_filter" | "sensitive" => StopReason::ContentFiltered,
        other => StopReason::Other(other.to_owned()),
    }
}

impl Thought {
    /// The signature says how the server wants the thoughts back: its details word for word, or the name of the field in
    /// which they came. None for those between tags, which nobody wants back.
    fn into_reasoning(self) -> Option<Reasoning> {
        let signature = if self.details.is_empty() {
            self.field.map(str::to_owned)
        } else {
            Some(Value::Array(self.details).to_string())
        };
        let is_something = !self.text.is_empty() || signature.as_deref().is_some_and(|seal| seal.starts_with('['));
        is_something.then_some(Reasoning { text: self.text, signature, redacted: None })
    }
}

/// Pieces of one detail are told by their type and index; their texts are joined, everything else comes once.
fn merge(details: &mut Vec<Value>, piece: &Value) {
    let same = |detail: &&mut Value| detail["type"] == piece["type"] && detail["index"] == piece["index"];
    let Some(detail) = details.last_mut().filter(same) else {
        details.push(piece.clone());
        return;
    };
    for (key, value) in piece.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        match (key.as_str(), detail[key].as_str(), value.as_str()) {
            ("text" | "summary" | "data", Some(before), Some(more)) => detail[key] = format!("{before}{more}").into(),
            _ => detail[key] = value.clone(),
        }
    }
}

impl Call {
    fn parse(self, number: usize) -> Result<ToolUse, Failure> {
        let arguments = if self.arguments.trim().is_empty() { "{}" } else { &self.arguments };
        let Ok(input @ Value::Object(_)) = serde_json::from_str(arguments) else {
            return Err(Failure::passing(
                Code::ProviderFailed,
                format!("the model asked for the tool {} with arguments that cannot be read", self.name),
                "Try again.",
            ));
        };
        let id = if self.id.is_empty() { format!("call_{number}") } else { self.id };
        Ok(ToolUse { id, name: self.name, input })
    }
}

/// `prompt_tokens` includes the cached ones; `core`'s input does not.
fn counted(usage: &Value) -> Usage {
    let count = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok());
    let prompt = count(&usage["prompt_tokens"]).unwrap_or(0);
    let completion = count(&usage["completion_tokens"]).unwrap_or(0);
    // xAI and Gemini leave the thoughts, which are paid for, out of the completion but not out of the total.
    let output = count(&usage["total_tokens"]).map_or(completion, |total| completion.max(total.saturating_sub(prompt)));
    let details = &usage["prompt_tokens_details"];
    // OpenAI and most others; DeepSeek; Moonshot.
    let read = [&details["cached_tokens"], &usage["prompt_cache_hit_tokens"], &usage["cached_tokens"]];
    let cache_read = read.into_iter().find_map(count).unwrap_or(0);
    let cache_write = count(&details["cache_write_tokens"]).unwrap_or(0);
    Usage { input: prompt.saturating_sub(cache_read.saturating_add(cache_write)), output, cache_read, cache_write }
}
