//! `facts.json`: what is plainly so, with the line of every fact.

use super::text::{Lines, empty};
use super::{Fact, Flaw};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Lists of plain values stay on one line up to this many characters each.
const INLINE_CHARS: usize = 60;

/// The two names that a public facts file must give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) full: String,
    pub(super) short: String,
}

/// What a facts file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FactFile {
    /// None in a private file that does not repeat them.
    pub(super) names: Option<Names>,
    pub(super) facts: Vec<Fact>,
    pub(super) outline: String,
}

/// A value with the place of everything in it. What says nothing (null, blank text, empty lists) is left out.
enum Value {
    Plain(String),
    List(Vec<(u32, Value)>),
    Map(Vec<Member>),
}

struct Member {
    key: String,
    line: u32,
    value: Value,
}

/// The members of an object as they stand in the text, duplicates included. serde_json borrows them from its input,
/// so that their places can be told without a second JSON parser.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(PairsVisitor).map(Pairs)
    }
}

/// Reads a facts file. No facts: it cannot be used; the flaws say why. Facts and flaws: it can, but something in it is
/// not as its owner meant it. A public file must give both names.
pub(super) fn parse(json: &str, public: bool) -> (Option<FactFile>, Vec<Flaw>) {
    if json.trim().is_empty() {
        return (None, vec![empty()]);
    }
    let mut reader = Reader { json, lines: Lines::new(json), flaws: Vec::new() };
    // Proves the syntax, text escapes and the depth of nesting for the whole file; the reader then only walks.
    let root = serde_json::from_str::<serde_json::Value>(json).and_then(|_| serde_json::from_str::<&RawValue>(json));
    let root = match root {
        Ok(root) => root,
        Err(error) => return (None, vec![syntax_flaw(&error, &reader.lines)]),
    };
    let start = reader.lines.position(reader.offset(root));
    if !root.get().starts_with('{') {
        let message = format!("it holds {}, but a facts file is one object in braces", kind_of(root));
        return (None, vec![Flaw::new(message, "put everything between { and }, as \"key\": value").at(start)]);
    }
    let names = if public { reader.names(root, start) } else { Ok(None) };
    let value = reader.read(root);
    match (names, value) {
        (Ok(names), Ok(Some(value))) => {
            let mut facts = Vec::new();
            flatten("", 1, &value, &mut facts);
            let outline = outline(&value).join("\n");
            (Some(FactFile { names, facts, outline }), reader.flaws)
        }
        (Ok(_), Ok(None)) => {
            reader.flaws.push(Flaw::new("there are no facts in it", "add one, or delete the file").at(start));
            (None, reader.flaws)
        }
        (names, value) => {
            let mut flaws = names.err().unwrap_or_default();
            flaws.extend(value.err().map(|error| syntax_flaw(&error, &reader.lines)));
            flaws.append(&mut reader.flaws);
            (None, flaws)
        }
    }
}

struct Reader<'a> {
    json: &'a str,
    lines: Lines<'a>,
    flaws: Vec<Flaw>,
}

impl Reader<'_> {
    /// Where a value that was borrowed from the text stands in it.
    fn offset(&self, raw: &RawValue) -> usize {
        (raw.get().as_ptr() as usize).saturating_sub(self.json.as_ptr() as usize)
    }

    fn names(&self, root: &RawValue, start: (u32, u32)) -> Result<Option<Names>, Vec<Flaw>> {
        let pairs = serde_json::from_str::<Pairs<'_>>(root.get()).map(|pairs| pairs.0).unwrap_or_default();
        let name = |wanted: &str| {
            // The last one, as everywhere where a key is given twice.
            let found = pairs.iter().rev().find(|(key, _)| decoded(key) == wanted);
            let Some((key, value)) = found else {
                let hint = format!("add a line: \"{wanted}\": \"…\",");
                return Err(Flaw::new(format!("\"{wanted}\" is missing"), hint).at(start));
            };
            let place = self.lines.position(self.offset(key));
            let hint = format!("write the name in double quotes after \"{wanted}\":");
            if !value.get().starts_with('"') {
                let message = format!("\"{wanted}\" is {}, but it must be text in double quotes", kind_of(value));
                return Err(Flaw::new(message, hint).at(place));
            }
            let text = decoded(value).split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                return Err(Flaw::new(format!("\"{wanted}\" is empty"), hint).at(place));
            }
            Ok(text)
        };
        match (name("full_name"), name("name")) {
            (Ok(full), Ok(short)) => Ok(Some(Names { full, short })),
            (full, short) => Err(full.err().into_iter().chain(short.err()).collect()),
        }
    }

    fn read(&mut self, raw: &RawValue) -> Result<Option<Value>, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let members = self.members(serde_json::from_str::<Pairs<'_>>(text)?.0)?;
                (!members.is_empty()).then_some(Value::Map(members))
            }
            Some(b'[') => {
                let mut items = Vec::new();
                for item in serde_json::from_str::<Vec<&RawValue>>(text)? {
                    let (line, _) = self.lines.position(self.offset(item));
                    items.extend(self.read(item)?.map(|value| (line, value)));
                }
                (!items.is_empty()).then_some(Value::List(items))
            }
            Some(b'"') => {
                let text = serde_json::from_str::<String>(text)?;
                (!text.trim().is_empty()).then(|| Value::Plain(text.trim().to_owned()))
            }
            Some(b'n') => None,
            Some(b't') => Some(Value::Plain("yes".to_owned())),
            Some(b'f') => Some(Value::Plain("no".to_owned())),
            // Numbers as they were written: no digit is lost on the way through a float.
            _ => Some(Value::Plain(text.to_owned())),
        })
    }

    fn members(&mut self, pairs: Vec<(&RawValue, &RawValue)>) -> Result<Vec<Member>, serde_json::Error> {
        let mut members: Vec<Member> = Vec::new();
        let mut seen: std::collections::HashMap<String, u32> = std::collections::HashMap::new();
        for (raw_key, raw_value) in pairs {
            let key = decoded(raw_key);
            let place = self.lines.position(self.offset(raw_key));
            if let Some(first) = seen.insert(key.clone(), place.0) {
                let message = format!("\"{key}\" is given twice, first on line {first}; this one is used");
                self.flaws.push(Flaw::new(message, "keep one of the two, or make a list: [\"…\", \"…\"]").at(place));
                members.retain(|member| member.key != key);
            }
            if let Some(value) = self.read(raw_value)? {
                members.push(Member { key, line: place.0, value });
            }
        }
        Ok(members)
    }
}

/// The text of a JSON string that is known to be valid.
fn decoded(raw: &RawValue) -> String {
    serde_json::from_str(raw.get()).unwrap_or_default()
}

fn kind_of(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// A list of plain values as one line of text.
fn joined(items: &[(u32, Value)]) -> Option<String> {
    let words: Option<Vec<&str>> = items
        .iter()
        .map(|(_, item)| match item {
            Value::Plain(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    words.map(|words| words.join(", "))
}

fn flatten(key: &str, line: u32, value: &Value, facts: &mut Vec<Fact>) {
    let below = |part: &str| if key.is_empty() { part.to_owned() } else { format!("{key}.{part}") };
    match value {
        Value::Plain(text) => facts.push(Fact { key: key.to_owned(), value: text.clone(), line }),
        Value::List(items) => match joined(items) {
            Some(value) => facts.push(Fact { key: key.to_owned(), value, line }),
            None => {
                for (index, (line, item)) in items.iter().enumerate() {
                    flatten(&below(&(index + 1).to_string()), *line, item, facts);
                }
            }
        },
        Value::Map(members) => {
            for member in members {
                flatten(&below(&member.key), member.line, &member.value, facts);
            }
        }
    }
}

/// The value as lines for a prompt.
fn outline(value: &Value) -> Vec<String> {
    match value {
        Value::Plain(text) => text.lines().map(str::to_owned).collect(),
        Value::List(items) => items
            .iter()
            .flat_map(|(_, item)| {
                let mut lines = outline(item).into_iter();
                let first = lines.next().map(|line| format!("- {line}"));
                first.into_iter().chain(lines.map(|line| format!("  {line}"))).collect::<Vec<_>>()
            })
            .collect(),
        Value::Map(members) => members
            .iter()
            .flat_map(|member| {
                let label = member.key.replace('_', " ");
                match inline(&member.value) {
                    Some(text) => vec![format!("{label}: {text}")],
                    None => std::iter::once(format!("{label}:"))
                        .chain(outline(&member.value).into_iter().map(|line| format!("  {line}")))
                        .collect(),
                }
            })
            .collect(),
    }
}

/// The value as the rest of its key's line, if it fits there.
fn inline(value: &Value) -> Option<String> {
    let short = |text: &str| !text.contains([',', '\n']) && text.chars().count() <= INLINE_CHARS;
    match value {
        Value::Plain(text) => (!text.contains('\n')).then(|| text.clone()),
        Value::List(items) => {
            let all_short = items.iter().all(|(_, item)| matches!(item, Value::Plain(text) if short(text)));
            joined(items).filter(|_| all_short)
        }
        Value::Map(_) => None,
    }
}

/// What serde_json found, in plain words.
fn syntax_flaw(error: &serde_json::Error, lines: &Lines<'_>) -> Flaw {
    /// The beginning of serde_json's words, what they mean to a person, what to do.
    const WORDS: [(&str, &str, &str); 11] = [
        ("trailing comma", "there is a comma before a closing bracket", "remove the comma after the last entry"),
        (
            "expected `,` or",
            "a comma or a closing bracket is missing before this place",
            "put a comma after the entry before",
        ),
        ("expected `:`", "a colon is missing between a key and its value", "write \"key\": value"),
        (
            "key must be a string",
            "a key is not in double quotes",
            "write \"key\": value; comments are not possible here",
        ),
        (
            "EOF",
            "the file ends too early: a bracket or a quote was not closed",
            "close every { [ and \" that was opened",
        ),
        (
            "control character",
            "a text runs over the end of its line, or holds a tab",
            "close the quote; write \\n for a new line",
        ),
        ("invalid escape", "a backslash stands before a letter that gives it no meaning", "write \\\\ for a backslash"),
        ("trailing characters", "something follows after the end of the object", "remove what follows the last }"),
        (
            "expected",
            "a value is missing here, or is not one",
            "put text in double quotes; comments are not possible here",
        ),
        ("recursion limit", "brackets are nested too deeply", "make it flatter"),
        ("number out of range", "the number is too large", "put it in double quotes"),
    ];
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    let (message, hint) = WORDS
        .iter()
        .find(|(start, ..)| words.starts_with(start))
        .map_or((words, "compare the line with those around it"), |(_, message, hint)| (*message, *hint));
    Flaw::new(message, hint).at(lines.position_in_line(error.line(), error.column()))
}

#[cfg(test)]
mod tests;
