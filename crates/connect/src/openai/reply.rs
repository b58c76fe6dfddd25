//! From a server's chunks to the words of `core`.

use super::failure::{self, Asked};
use serde_json::Value;
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, StopReason, ToolUse, Usage};

/// What has arrived of one answer.
#[derive(Default)]
pub(super) struct Reply {
    calls: Vec<Call>,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    /// Whether the server said `[DONE]`.
    pub(super) is_done: bool,
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
        self.stop.is_some()
    }

    /// The text that the event `data` adds. What is not known or not understood adds nothing.
    pub(super) fn take(&mut self, data: &str, asked: &Asked<'_>) -> Result<Option<ModelEvent>, Failure> {
        if data.trim() == "[DONE]" {
            self.is_done = true;
            return Ok(None);
        }
        let Ok(chunk) = serde_json::from_str::<Value>(data) else { return Err(failure::other_protocol(asked)) };
        if failure::is_error(&chunk) {
            return Err(failure::refused(0, data.as_bytes(), None, asked));
        }
        if let Some(usage) = chunk.get("usage").filter(|usage| usage.is_object()) {
            self.usage = Some(counted(usage));
        }
        let choice = &chunk["choices"][0];
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            self.take_call(call);
        }
        if let Some(reason) = choice["finish_reason"].as_str().filter(|reason| !reason.is_empty()) {
            self.stop = Some(self.reason(reason));
        }
        let delta = &choice["delta"];
        let text =
            [&delta["content"], &delta["refusal"]].into_iter().filter_map(Value::as_str).find(|text| !text.is_empty());
        Ok(text.map(|text| ModelEvent::Text(text.to_owned())))
    }

    fn take_call(&mut self, delta: &Value) {
        let index = delta["index"].as_u64();
        let id = delta["id"].as_str().unwrap_or("");
        // Pieces belong to the call of the same index; servers that count all calls as 0, or not at all, give a new id.
        let same = |call: &Call| call.index == index && (id.is_empty() || call.id.is_empty() || call.id == id);
        let place = self.calls.iter().rposition(same).unwrap_or(self.calls.len());
        if place == self.calls.len() {
            self.calls.push(Call { index, id: id.to_owned(), ..Call::default() });
        }
        let call = &mut self.calls[place];
        call.name.push_str(delta["function"]["name"].as_str().unwrap_or(""));
        call.arguments.push_str(delta["function"]["arguments"].as_str().unwrap_or(""));
    }

    fn reason(&self, reason: &str) -> StopReason {
        match reason {
            // Some servers end with "stop" although they ask for a tool.
            "stop" if !self.calls.is_empty() => StopReason::ToolUse,
            "stop" => StopReason::EndTurn,
            "length" => StopReason::MaxTokens,
            "tool_calls" | "function_call" => StopReason::ToolUse,
            "content_filter" => StopReason::ContentFiltered,
            other => StopReason::Other(other.to_owned()),
        }
    }

    /// What the end of the stream completes: tool calls, usage, and the reason.
    pub(super) fn into_end(self, asked: &Asked<'_>) -> Result<Vec<ModelEvent>, Failure> {
        let stop = self.stop.ok_or_else(|| failure::interrupted(asked))?;
        let mut events = Vec::new();
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
    let count = |value: &Value| value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or(0);
    let cache_read = count(&usage["prompt_tokens_details"]["cached_tokens"]);
    Usage {
        input: count(&usage["prompt_tokens"]).saturating_sub(cache_read),
        output: count(&usage["completion_tokens"]),
        cache_read,
        cache_write: 0,
    }
}
