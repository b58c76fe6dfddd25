//! From ConverseStream's events to the words of `core`.

use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockStart, ConverseStreamOutput, StopReason as Reason, TokenUsage,
};
use serde_json::Value;
use std::collections::BTreeMap;
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, StopReason, ToolUse, Usage};

/// What has arrived of one answer. Blocks are told apart by their index alone: they may interleave, and text has no
/// start event.
#[derive(Default)]
pub(super) struct Reply {
    tools: BTreeMap<i32, Pending>,
    /// The name of a tool whose arguments are not JSON: it must not be run.
    broken: Option<String>,
    stop: Option<StopReason>,
}

struct Pending {
    id: String,
    name: String,
    /// Not JSON before the block's end.
    input: String,
}

impl Reply {
    pub(super) const fn stop(&self) -> Option<&StopReason> {
        self.stop.as_ref()
    }

    pub(super) fn into_stop(self) -> Option<StopReason> {
        self.stop
    }

    /// What `event` adds. Events and members that this version does not know add nothing.
    pub(super) fn take(&mut self, event: ConverseStreamOutput) -> Result<Option<ModelEvent>, Failure> {
        Ok(match event {
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let Some(ContentBlockStart::ToolUse(start)) = event.start {
                    let pending = Pending { id: start.tool_use_id, name: start.name, input: String::new() };
                    self.tools.insert(event.content_block_index, pending);
                }
                None
            }
            ConverseStreamOutput::ContentBlockDelta(event) => match event.delta {
                Some(ContentBlockDelta::Text(text)) if !text.is_empty() => Some(ModelEvent::Text(text)),
                Some(ContentBlockDelta::ToolUse(delta)) => {
                    if let Some(pending) = self.tools.get_mut(&event.content_block_index) {
                        pending.input.push_str(&delta.input);
                    }
                    None
                }
                _ => None,
            },
            ConverseStreamOutput::ContentBlockStop(event) => {
                self.tools.remove(&event.content_block_index).and_then(|pending| self.parse(pending))
            }
            ConverseStreamOutput::MessageStop(event) => {
                self.end(event.stop_reason)?;
                None
            }
            ConverseStreamOutput::Metadata(event) => event.usage.map(|usage| ModelEvent::Usage(counted(&usage))),
            _ => None,
        })
    }

    fn parse(&mut self, pending: Pending) -> Option<ModelEvent> {
        let Pending { id, name, input } = pending;
        let input = if input.trim().is_empty() { "{}" } else { &input };
        let Ok(input @ Value::Object(_)) = serde_json::from_str(input) else {
            self.broken = Some(name);
            return None;
        };
        Some(ModelEvent::ToolUse(ToolUse { id, name, input }))
    }

    fn end(&mut self, reason: Reason) -> Result<(), Failure> {
        // A call that the limit cut in two is simply not made: the stop reason says why. One that the model meant to be
        // run and cannot be is a failure.
        let cut = self.tools.pop_first().map(|(_, pending)| pending.name);
        if let (Reason::ToolUse, Some(name)) = (&reason, self.broken.take().or(cut)) {
            return Err(Failure::passing(
                Code::ProviderFailed,
                format!("the model asked for the tool {name} with arguments that cannot be read"),
                "Try again.",
            ));
        }
        self.stop = Some(match reason {
            Reason::EndTurn => StopReason::EndTurn,
            Reason::MaxTokens => StopReason::MaxTokens,
            Reason::StopSequence => StopReason::StopSequence,
            Reason::ToolUse => StopReason::ToolUse,
            Reason::ContentFiltered | Reason::GuardrailIntervened => StopReason::ContentFiltered,
            other => StopReason::Other(other.as_str().to_owned()),
        });
        Ok(())
    }
}

/// Bedrock's `inputTokens` excludes the cached ones, as `core`'s does.
fn counted(usage: &TokenUsage) -> Usage {
    let count = |tokens: i32| u32::try_from(tokens).unwrap_or(0);
    Usage {
        input: count(usage.input_tokens),
        output: count(usage.output_tokens),
        cache_read: count(usage.cache_read_input_tokens.unwrap_or(0)),
        cache_write: count(usage.cache_write_input_tokens.unwrap_or(0)),
    }
}
