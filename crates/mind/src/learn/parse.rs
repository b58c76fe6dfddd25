//! Reads what a model proposed, whatever it is: a part that cannot be read is passed over, the rest is kept.

use serde_json::{Map, Value};
use twin_core::memory::MemoryKind;

/// Operations of one answer; those beyond are passed over.
const MOST: usize = 12;
/// People of one operation.
const PEOPLE: usize = 5;

/// What a model proposed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proposal {
    /// In order.
    pub operations: Vec<Operation>,
    /// The session in a few sentences.
    pub summary: Option<String>,
}

/// One thing to do. Messages and memories are numbered from 1, as the request showed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What.
    pub act: Act,
    /// The message that says so.
    pub message: usize,
    /// The words in it that do; empty if none were given.
    pub quote: String,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Something new.
    Add(Statement),
    /// It changed.
    Supersede(usize, Statement),
    /// It never was so.
    Correct(usize, Statement),
    /// It does not fit, and nobody said which is right.
    Contradict(usize, Statement),
    /// It was taken back.
    Retract(usize),
    /// It was said again.
    Confirm(usize),
}

/// Something to remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Of which kind.
    pub kind: MemoryKind,
    /// In words.
    pub text: String,
    /// What it is about.
    pub topic: String,
    /// Whom it is about.
    pub people: Vec<Named>,
    /// 1 to 5.
    pub importance: u8,
    /// A date as written.
    pub valid_from: Option<String>,
    /// A date as written.
    pub valid_until: Option<String>,
    /// How it was said; none: the model did not say, or said something else.
    pub basis: Option<Basis>,
}

/// A person as a model names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// How they relate to the owner; empty: not known.
    pub relation: String,
}

/// How something was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The speaker says it of themself or their world.
    Stated,
    /// They repeat what somebody else says or thinks.
    Quoted,
    /// They jest.
    Joking,
    /// They ask.
    Asked,
    /// It stands in something that they show.
    Document,
}

/// The arguments of the tool.
pub fn parse(input: &Value) -> Proposal {
    // Some models write the arguments, or the list in them, as a text once more.
    if let Value::String(text) = input {
        return serde_json::from_str::<Value>(text)
            .ok()
            .filter(|value| !value.is_string())
            .as_ref()
            .map(parse)
            .unwrap_or_default();
    }
    let list = match input.get("operations") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(list) => list.clone(),
        None => input.clone(),
    };
    let operations = match &list {
        Value::Array(list) => list.iter().filter_map(operation).take(MOST).collect(),
        single => operation(single).into_iter().collect(),
    };
    let summary = Some(input).and_then(Value::as_object).map(|input| text(input, "summary"));
    Proposal { operations, summary: summary.filter(|summary| !summary.is_empty()) }
}

/// The arguments as a model that calls no tools writes them into its answer: the outermost JSON in it.
pub fn from_text(answer: &str) -> Proposal {
    let starts = answer.char_indices().filter(|(_, char)| matches!(char, '{' | '[')).map(|(at, _)| at);
    // Prose may have brackets before it.
    for start in starts.take(MOST) {
        let mut values = serde_json::Deserializer::from_str(&answer[start..]).into_iter::<Value>();
        let proposal = values.next().and_then(Result::ok).as_ref().map(parse).unwrap_or_default();
        if proposal != Proposal::default() {
            return proposal;
        }
    }
    Proposal::default()
}

fn operation(value: &Value) -> Option<Operation> {
    let value = value.as_object()?;
    let memory = || number(value, "memory");
    let statement = || statement(value);
    let act = match text(value, "op").to_lowercase().as_str() {
        "add" => Act::Add(statement()?),
        "supersede" => Act::Supersede(memory()?, statement()?),
        "correct" => Act::Correct(memory()?, statement()?),
        "contradict" => Act::Contradict(memory()?, statement()?),
        "retract" => Act::Retract(memory()?),
        "confirm" => Act::Confirm(memory()?),
        _ => return None,
    };
    Some(Operation { act, message: number(value, "message")?, quote: text(value, "quote") })
}

fn statement(value: &Map<String, Value>) -> Option<Statement> {
    let kind = match text(value, "kind").to_lowercase().as_str() {
        "episodic" => MemoryKind::Episodic,
        "semantic" => MemoryKind::Semantic,
        "procedural" => MemoryKind::Procedural,
        "social" => MemoryKind::Social,
        _ => return None,
    };
    let basis = match text(value, "basis").to_lowercase().as_str() {
        "stated" => Some(Basis::Stated),
        "quoted" => Some(Basis::Quoted),
        "joking" => Some(Basis::Joking),
        "asked" => Some(Basis::Asked),
        "document" => Some(Basis::Document),
        _ => None,
    };
    let people = match value.get("people") {
        Some(Value::Array(people)) => people.iter().filter_map(named).take(PEOPLE).collect(),
        Some(person) => named(person).into_iter().collect(),
        None => Vec::new(),
    };
    let date = |name| Some(text(value, name)).filter(|date| !date.is_empty());
    let importance = number(value, "importance").and_then(|number| u8::try_from(number).ok());
    Some(Statement {
        kind,
        text: text(value, "text"),
        topic: text(value, "topic"),
        people,
        importance: importance.unwrap_or(2).clamp(1, 5),
        valid_from: date("valid_from"),
        valid_until: date("valid_until"),
        basis,
    })
}

fn named(value: &Value) -> Option<Named> {
    let (name, relation) = match value {
        Value::String(name) => (name.trim().to_owned(), String::new()),
        Value::Object(person) => (text(person, "name"), text(person, "relation")),
        _ => return None,
    };
    (!name.is_empty()).then_some(Named { name, relation })
}

/// Empty where there is none.
fn text(value: &Map<String, Value>, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
}

/// Small models write numbers as texts, and whole ones with a point.
fn number(value: &Map<String, Value>, name: &str) -> Option<usize> {
    let number = match value.get(name)? {
        Value::String(text) => text.trim().trim_start_matches(['#', 'm', '[']).trim_end_matches(']').parse().ok()?,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates, and judged later")]
        Value::Number(number) => {
            number.as_u64().or_else(|| number.as_f64().filter(|number| *number >= 0.0).map(|number| number as u64))?
        }
        _ => return None,
    };
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests;
