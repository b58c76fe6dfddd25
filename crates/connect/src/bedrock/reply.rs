//! From Converse's answers, streamed or whole, to the words of `core`.

use super::content::value;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ContentBlockDelta, ContentBlockStart, ConverseOutput as Output, ConverseStreamOutput,
    ReasoningContentBlock, ReasoningContentBlockDelta as ReasoningDelta, StopReason as Reason, TokenUsage,
};
use aws_smithy_types::base64;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use twin_core::error::{Code, Failure};
use twin_core::model::{ModelEvent, Reasoning, StopReason, ToolUse, Usage};

/// What has arrived of one answer. Blocks are told apart by their index alone: they may interleave, and text and
/// thoughts have no start event.
#[derive(Default)]
pub(super) struct Reply {
    /// What has arrived and was not handed on yet.
    pub(super) ready: VecDeque<ModelEvent>,
    tools: BTreeMap<i32, Pending>,
    thoughts: BTreeMap<i32, Thought>,
    /// The name of a tool whose arguments are not JSON: it must not be run.
    broken: Option<String>,
    stop: Option<StopReason>,
    is_counted: bool,
}

struct Pending {
    id: String,
    name: String,
    /// Not JSON before the block's end.
    input: String,
}

#[derive(Default)]
struct Thought {
    text: String,
    signature: String,
    redacted: Vec<u8>,
}

impl Reply {
    /// Whether the model has said that it is done.
    pub(super) const fn has_stopped(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether nothing more is worth waiting for.
    pub(super) const fn is_whole(&self) -> bool {
        self.stop.is_some() && self.is_counted
    }

    /// Why the model stopped, once.
    pub(super) fn take_stop(&mut self) -> Option<StopReason> {
        self.stop.take()
    }

    /// Takes one event of a stream. Events and members that this version does not know add nothing.
    pub(super) fn take(&mut self, event: ConverseStreamOutput) -> Result<(), Failure> {
        match event {
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let Some(ContentBlockStart::ToolUse(start)) = event.start {
                    let pending = Pending { id: start.tool_use_id, name: start.name, input: String::new() };
                    self.tools.insert(event.content_block_index, pending);
                }
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                if let Some(delta) = event.delta {
                    self.delta(event.content_block_index, delta);
                }
            }
            ConverseStreamOutput::ContentBlockStop(event) => {
                if let Some(thought) = self.thoughts.remove(&event.content_block_index) {
                    self.thought(thought);
                }
                if let Some(pending) = self.tools.remove(&event.content_block_index) {
                    self.call(pending);
                }
            }
            ConverseStreamOutput::MessageStop(event) => self.end(event.stop_reason)?,
            ConverseStreamOutput::Metadata(event) => self.count(event.usage.as_ref()),
            _ => {}
        }
        Ok(())
    }

    /// Takes the answer of a model that was asked for all of it at once.
    pub(super) fn take_whole(&mut self, answer: ConverseOutput) -> Result<(), Failure> {
        let blocks = match answer.output {
            Some(Output::Message(message)) => message.content,
            _ => Vec::new(),
        };
        for block in blocks {
            match block {
                ContentBlock::Text(text) => self.text(text),
                ContentBlock::ToolUse(tool) => {
                    let input = value(&tool.input).to_string();
                    self.call(Pending { id: tool.tool_use_id, name: tool.name, input });
                }
                ContentBlock::ReasoningContent(ReasoningContentBlock::ReasoningText(thought)) => {
                    if !thought.text.is_empty() {
                        self.ready.push_back(ModelEvent::ReasoningText(thought.text.clone()));
                    }
                    let signature = thought.signature.unwrap_or_default();
                    self.thought(Thought { text: thought.text, signature, redacted: Vec::new() });
                }
                ContentBlock::ReasoningContent(ReasoningContentBlock::RedactedContent(sealed)) => {
                    self.thought(Thought { redacted: sealed.into_inner(), ..Thought::default() });
                }
                _ => {}
            }
        }
        self.count(answer.usage.as_ref());
        self.is_counted = true;
        self.end(answer.stop_reason)
    }

    fn delta(&mut self, index: i32, delta: ContentBlockDelta) {
        match delta {
            ContentBlockDelta::Text(text) => self.text(text),
            ContentBlockDelta::ToolUse(delta) => {
                if let Some(pending) = self.tools.get_mut(&index) {
                    pending.input.push_str(&delta.input);
                }
            }
            ContentBlockDelta::ReasoningContent(delta) => {
                let thought = self.thoughts.entry(index).or_default();
                match delta {
                    ReasoningDelta::Text(text) if !text.is_empty() => {
                        thought.text.push_str(&text);
                        self.ready.push_back(ModelEvent::ReasoningText(text));
                    }
                    ReasoningDelta::Signature(signature) => thought.signature.push_str(&signature),
                    ReasoningDelta::RedactedContent(sealed) => thought.redacted.extend(sealed.into_inner()),
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: String) {
        if !text.is_empty() {
            self.ready.push_back(ModelEvent::Text(text));
        }
    }

    fn thought(&mut self, thought: Thought) {
        let Thought { text, signature, redacted } = thought;
        if text.is_empty() && signature.is_empty() && redacted.is_empty() {
            return;
        }
        let signature = Some(signature).filter(|signature| !signature.is_empty());
        let redacted = (!redacted.is_empty()).then(|| base64::encode(redacted));
        self.ready.push_back(ModelEvent::Reasoning(Reasoning { text, signature, redacted }));
    }

    fn call(&mut self, pending: Pending) {
        let Pending { id, name, input } = pending;
        let input = if input.trim().is_empty() { "{}" } else { &input };
        match serde_json::from_str(input) {
            Ok(input @ Value::Object(_)) => self.ready.push_back(ModelEvent::ToolUse(ToolUse { id, name, input })),
            _ => self.broken = Some(name),
        }
    }

    fn count(&mut self, usage: Option<&TokenUsage>) {
        if let Some(usage) = usage {
            self.ready.push_back(ModelEvent::Usage(counted(usage)));
            self.is_counted = true;
        }
    }

    fn end(&mut self, reason: Reason) -> Result<(), Failure> {
        for thought in std::mem::take(&mut self.thoughts).into_values() {
            self.thought(thought);
        }
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
