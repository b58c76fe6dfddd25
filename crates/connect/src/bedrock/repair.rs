//! Makes any list of turns one that Bedrock takes. A block that is blank or broken would otherwise be refused with 400
//! now and with every later request, and so spoil its conversation for good.
//!
//! What is held afterwards, each rule once a frequent 400:
//! - the first and the last turn are the user's, roles alternate, no turn is empty, no text is blank;
//! - every tool use has exactly one result, at the front of the very next turn, and there are no other results;
//! - the ids of tool uses are unique and, as their names, of the characters allowed; arguments are an object;
//! - there are no tool blocks where no tools are on offer;
//! - thoughts stand in the twin's own turns, sealed, before any tool use and never at the end;
//! - files stand in the user's turns.
//!
//! A list that holds all this is left as it is.

use std::collections::HashSet;
use twin_core::chat::Role;
use twin_core::model::{Block, Reasoning, ToolUse, Turn};

/// Said for somebody who said nothing where the order of turns needs a word.
const FILLER: &str = "…";
/// After an answer that is the last turn and yet not the last word: it broke off.
const GO_ON: &str = "Go on.";
/// The result of a tool that was never run to its end: stopped, or its program was.
const NOT_RUN: &str = "The tool was not run to its end.";
/// What a tool gave that gave nothing: a blank text is refused.
const NOTHING: &str = "(nothing)";
/// Ids and names may be that long.
const MAX_CHARS: usize = 64;

/// `turns`, mended. `tools`: whether tools are on offer.
pub(super) fn repaired(turns: &[Turn], tools: bool) -> Vec<Turn> {
    let mut list = List::default();
    for turn in turns {
        for block in &turn.content {
            match turn.role {
                Role::User => list.user(block, tools),
                Role::Assistant => list.assistant(block, tools),
            }
        }
        list.drop_trailing_thoughts();
    }
    list.finish()
}

/// The mended turns so far.
#[derive(Default)]
struct List {
    turns: Vec<Turn>,
    /// Tool uses of the last assistant turn that still want a result: the id that they came with and the one given.
    open: Vec<(String, String)>,
    ids: HashSet<String>,
}

impl List {
    fn user(&mut self, block: &Block, tools: bool) {
        let block = match block {
            Block::Text(text) if is_blank(text) => return,
            Block::ToolResult { id, content, is_error } => {
                let Some(place) = self.open.iter().position(|(came, _)| tools && came == id) else { return };
                let (_, id) = self.open.remove(place);
                let content = if is_blank(content) { NOTHING } else { content }.to_owned();
                return self.result(Block::ToolResult { id, content, is_error: *is_error });
            }
            Block::ToolUse(_) | Block::Reasoning(_) => return,
            Block::Text(_) | Block::Image { .. } | Block::Document { .. } => block.clone(),
        };
        self.turn(Role::User).push(block);
    }

    fn assistant(&mut self, block: &Block, tools: bool) {
        let is_kept = match block {
            Block::Text(text) => !is_blank(text),
            Block::Reasoning(thought) => is_sealed(thought) && !self.uses_tools(),
            Block::ToolUse(_) => tools,
            Block::ToolResult { .. } | Block::Image { .. } | Block::Document { .. } => false,
        };
        if !is_kept {
            return;
        }
        self.begin_answer();
        let block = match block {
            Block::ToolUse(tool) => {
                let mended = self.mended(tool);
                self.open.push((tool.id.clone(), mended.id.clone()));
                Block::ToolUse(mended)
            }
            other => other.clone(),
        };
        self.turn(Role::Assistant).push(block);
    }

    /// The content of the last turn, which is made if somebody else spoke last.
    fn turn(&mut self, role: Role) -> &mut Vec<Block> {
        if self.last() != Some(role) {
            self.turns.push(Turn { role, content: Vec::new() });
        }
        let last = self.turns.len() - 1;
        &mut self.turns[last].content
    }

    fn last(&self) -> Option<Role> {
        self.turns.last().map(|turn| turn.role)
    }

    /// Whether the assistant speaks and has asked for a tool.
    fn uses_tools(&self) -> bool {
        self.turns.last().is_some_and(|turn| {
            turn.role == Role::Assistant && turn.content.iter().any(|block| matches!(block, Block::ToolUse(_)))
        })
    }

    /// Results come before whatever else the user says.
    fn result(&mut self, block: Block) {
        let content = self.turn(Role::User);
        let place = content.iter().take_while(|block| matches!(block, Block::ToolResult { .. })).count();
        content.insert(place, block);
    }

    /// Before an answer there is a word of the user's, and every tool of the answer before that has its result.
    fn begin_answer(&mut self) {
        match self.last() {
            Some(Role::Assistant) => {}
            Some(Role::User) => self.close(),
            None => self.turn(Role::User).push(Block::Text(FILLER.to_owned())),
        }
    }

    fn close(&mut self) {
        for (_, id) in std::mem::take(&mut self.open) {
            self.result(Block::ToolResult { id, content: NOT_RUN.to_owned(), is_error: true });
        }
    }

    fn mended(&mut self, tool: &ToolUse) -> ToolUse {
        let mut id = tool.id.clone();
        let mut number = self.ids.len();
        while !is_legal(&id, "-_.:") || !self.ids.insert(id.clone()) {
            number += 1;
            id = format!("call-{number}");
        }
        let name = if is_legal(&tool.name, "-_") { tool.name.clone() } else { legal_name(&tool.name) };
        let input = if tool.input.is_object() { tool.input.clone() } else { serde_json::json!({}) };
        ToolUse { id, name, input }
    }

    /// An answer that broke off while it was thought over: thoughts alone are no answer.
    fn drop_trailing_thoughts(&mut self) {
        let Some(turn) = self.turns.last_mut() else { return };
        while matches!(turn.content.last(), Some(Block::Reasoning(_))) {
            turn.content.pop();
        }
        if turn.content.is_empty() {
            self.turns.pop();
        }
    }

    fn finish(mut self) -> Vec<Turn> {
        self.close();
        match self.last() {
            Some(Role::User) => {}
            Some(Role::Assistant) => self.turn(Role::User).push(Block::Text(GO_ON.to_owned())),
            None => self.turn(Role::User).push(Block::Text(FILLER.to_owned())),
        }
        self.turns
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// Thoughts without a seal are those of models that do not take them back.
fn is_sealed(thought: &Reasoning) -> bool {
    let is_given = |seal: &Option<String>| seal.as_ref().is_some_and(|seal| !is_blank(seal));
    is_given(&thought.signature) || is_given(&thought.redacted)
}

fn is_legal(word: &str, signs: &str) -> bool {
    (1..=MAX_CHARS).contains(&word.len()) && word.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
}

fn legal_name(name: &str) -> String {
    let name: String = name
        .chars()
        .take(MAX_CHARS)
        .map(|c| if is_legal(c.encode_utf8(&mut [0; 4]), "-_") { c } else { '_' })
        .collect();
    if name.is_empty() { "tool".to_owned() } else { name }
}

#[cfg(test)]
mod tests;
