//! The conversation so far, in the form that models accept: roles alternate, the user is first and last, nothing is
//! blank, every tool call is followed by its result.

use super::meter::{Meter, TURN_TOKENS};
use super::{ContextInput, attachment, prompt};
use serde_json::{Value, json};
use std::mem::take;
use twin_core::chat::{Attachment, Message, MessagePart, Role};
use twin_core::id::MessageId;
use twin_core::model::{Block, Reasoning, ToolUse, Turn};

/// A question and what was answered; the answer may be missing.
#[derive(Default)]
pub(crate) struct Exchange<'a> {
    turns: Vec<Turn>,
    messages: Vec<&'a Message>,
    /// Estimated, without files.
    pub(crate) words: u32,
    /// Estimated, with files.
    pub(crate) tokens: u32,
}

impl<'a> Exchange<'a> {
    /// The messages that it is made of.
    pub(crate) fn messages(&self) -> impl Iterator<Item = MessageId> + '_ {
        self.messages.iter().map(|message| message.id)
    }

    /// Their files.
    pub(crate) fn attachments(&self) -> impl Iterator<Item = &'a [Attachment]> + '_ {
        self.messages.iter().map(|message| message.attachments.as_slice())
    }
}

/// Sorts messages into exchanges, oldest first. Messages without anything to send (a reply that was cut off before its
/// first word) and answers that follow no question are left out.
pub(crate) fn exchanges<'a>(input: &ContextInput<'a>, meter: Meter) -> Vec<Exchange<'a>> {
    let mut exchanges: Vec<Exchange<'a>> = Vec::new();
    let mut before = Role::Assistant;
    let thoughts_from = thoughts_from(input);
    for (index, message) in input.history.iter().enumerate() {
        let turns = match message.role {
            Role::User => Vec::from_iter(asked(&message.content, &message.attachments, input)),
            Role::Assistant => answered(message, index >= thoughts_from, input),
        };
        if turns.is_empty() {
            continue;
        }
        if (message.role, before) == (Role::User, Role::Assistant) {
            exchanges.push(Exchange::default());
        }
        let Some(exchange) = exchanges.last_mut() else { continue };
        for turn in turns {
            join(&mut exchange.turns, turn);
        }
        exchange.messages.push(message);
        before = message.role;
    }
    for exchange in &mut exchanges {
        exchange.words = exchange.turns.iter().map(|turn| words(turn, meter)).sum();
        let files = exchange.attachments().map(|files| attachment::all_tokens(files, input, meter)).sum::<u32>();
        exchange.tokens = exchange.words + files;
    }
    exchanges
}

/// The turns to send. A question that was never answered becomes one turn with the one that is asked now, and so do
/// the results of tools after which nothing was said.
pub(crate) fn turns(exchanges: &[Exchange<'_>], question: Option<Turn>) -> Vec<Turn> {
    let mut turns = Vec::new();
    for turn in exchanges.iter().flat_map(|exchange| &exchange.turns).cloned().chain(question) {
        join(&mut turns, turn);
    }
    attachment::number(turns.iter_mut().flat_map(|turn| &mut turn.content));
    turns
}

/// What the person said: the files, then the words. None: nothing.
pub(crate) fn asked<'a>(text: &str, attachments: &'a [Attachment], input: &ContextInput<'a>) -> Option<Turn> {
    let mut content: Vec<Block> = attachment::blocks(attachments, input).collect();
    if !text.trim().is_empty() {
        content.push(Block::Text(text.to_owned()));
    } else if content.is_empty() && !attachments.is_empty() {
        // Without a word about it, the answer that follows would be one to nothing.
        content.push(Block::Text(prompt::FILE_GONE.trim_end().to_owned()));
    }
    (!content.is_empty()).then_some(Turn { role: Role::User, content })
}

/// Whether the model that is asked now has said this itself.
fn is_own(message: &Message, input: &ContextInput<'_>) -> bool {
    message.model.as_ref() == Some(input.model) && !message.parts.is_empty()
}

/// The first message from which on thoughts are given back. Newer models chain the seals of their thoughts: a gap makes
/// every later one invalid, while the oldest may go. So where an answer has to be sent without what it was made of, no
/// thoughts are sent up to there.
fn thoughts_from(input: &ContextInput<'_>) -> usize {
    let has_gap = |message: &Message| {
        let used_tools = message.parts.iter().any(|part| matches!(part, MessagePart::Tool { output: Some(_), .. }));
        is_own(message, input) && used_tools && input.offered().is_empty()
    };
    input.history.iter().rposition(has_gap).map_or(0, |gap| gap + 1)
}

/// What the twin said. To the model that said it, with everything that it was made of: its thoughts as they came (it
/// refuses them changed), the tools that it asked for and what they gave. To any other model, the words.
fn answered(message: &Message, with_thoughts: bool, input: &ContextInput<'_>) -> Vec<Turn> {
    let words = [MessagePart::Text { text: message.content.clone() }];
    let mut replay = Replay::default();
    for part in if is_own(message, input) { &message.parts } else { &words[..] } {
        match part {
            MessagePart::Text { text } if text.trim().is_empty() => {}
            MessagePart::Text { text } => replay.say(Block::Text(text.clone())),
            // Thoughts without a seal were cut off, or are of a model that does not ask to have them back.
            MessagePart::Reasoning { signature: None, redacted: None, .. } => {}
            MessagePart::Reasoning { text, signature, redacted } if with_thoughts => {
                replay.say(Block::Reasoning(Reasoning {
                    text: text.clone(),
                    signature: signature.clone(),
                    redacted: redacted.clone(),
                }));
            }
            MessagePart::Tool { id, name, input: arguments, output: Some(output), is_error }
                if !input.offered().is_empty() =>
            {
                replay.call(id, name, arguments, output, *is_error);
            }
            MessagePart::Reasoning { .. } | MessagePart::Tool { .. } => {}
        }
    }
    replay.close();
    replay.turns
}

/// An answer as it went: said and asked for, then the results, then said again.
#[derive(Default)]
struct Replay {
    turns: Vec<Turn>,
    said: Vec<Block>,
    results: Vec<Block>,
}

impl Replay {
    fn say(&mut self, block: Block) {
        if !self.results.is_empty() {
            self.close();
        }
        self.said.push(block);
    }

    fn call(&mut self, id: &str, name: &str, arguments: &str, output: &str, is_error: bool) {
        // What broke off inside its arguments was answered with an error; models insist on an object all the same.
        let arguments = serde_json::from_str(arguments).ok().filter(Value::is_object).unwrap_or_else(|| json!({}));
        self.said.push(Block::ToolUse(ToolUse { id: id.to_owned(), name: name.to_owned(), input: arguments }));
        let content = if output.trim().is_empty() { prompt::NO_OUTPUT.trim_end() } else { output };
        self.results.push(Block::ToolResult { id: id.to_owned(), content: content.to_owned(), is_error });
    }

    fn close(&mut self) {
        let (said, results) = (take(&mut self.said), take(&mut self.results));
        // Thoughts alone are no answer, and models refuse them as one.
        if said.iter().any(|block| !matches!(block, Block::Reasoning(_))) {
            self.turns.push(Turn { role: Role::Assistant, content: said });
        }
        if !results.is_empty() {
            self.turns.push(Turn { role: Role::User, content: results });
        }
    }
}

/// Adds a turn, or its content to the last turn if that is of the same role; neighbouring texts become one.
fn join(turns: &mut Vec<Turn>, turn: Turn) {
    let Some(last) = turns.last_mut().filter(|last| last.role == turn.role) else { return turns.push(turn) };
    for block in turn.content {
        match (last.content.last_mut(), block) {
            (Some(Block::Text(text)), Block::Text(more)) => *text = format!("{text}\n\n{more}"),
            (_, block) => last.content.push(block),
        }
    }
}

/// What a turn takes, without its files.
fn words(turn: &Turn, meter: Meter) -> u32 {
    let block = |block: &Block| match block {
        Block::Text(text) | Block::ToolResult { content: text, .. } => meter.tokens(text),
        Block::Reasoning(Reasoning { text, redacted, .. }) => {
            meter.tokens(text) + redacted.as_deref().map_or(0, |sealed| meter.tokens(sealed))
        }
        Block::ToolUse(call) => meter.tokens(&call.name) + meter.tokens(&call.input.to_string()),
        Block::Image { .. } | Block::Document { .. } => 0,
    };
    turn.content.iter().map(block).sum::<u32>() + TURN_TOKENS
}
