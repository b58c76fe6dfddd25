//! Arguments for the commands, made up: mostly such as their types in `ui/src/bindings.ts` ask for, so that they come far, and some
//! that are wrong in every way that JSON can be.

use crate::command;
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;

/// What a type of the bindings lets through.
#[derive(Debug, Clone)]
enum Shape {
    Text,
    Number,
    Truth,
    Nothing,
    Exactly(String),
    List(Box<Self>),
    Object(Vec<(String, bool, Self)>),
    Map(Box<Self>),
    One(Vec<Self>),
    Named(String),
    Channel,
}

/// Stand in a text for what `serde_json` does not write, and are replaced in what it wrote.
const RAW: [(&str, &str); 5] = [
    ("\"raw-half\"", "\"\\ud800\""),
    ("\"raw-other-half\"", "\"x\\udfffx\""),
    ("\"raw-huge\"", "1e999"),
    ("\"raw-long\"", "123456789012345678901234567890123456789012345678901234567890"),
    ("\"raw-twice\"", "{\"type\":\"session\",\"type\":\"file\",\"id\":1,\"id\":\"x\"}"),
];

/// What a text can be that somebody did not think of.
const TEXTS: [&str; 62] = [
    "",
    " ",
    "x",
    "NaN",
    "Infinity",
    "null",
    "undefined",
    "true",
    "0",
    "-1",
    "1e999",
    "\u{0}",
    "a\u{0}b",
    "\u{1}\u{2}\u{1b}[31m",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{202e}txt.exe",
    "\u{200b}",
    "\u{feff}x",
    "e\u{301}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{10ffff}",
    "\u{fffd}",
    "مرحبا بالعالم",
    "שלום",
    "世界",
    "ß",
    "İ",
    "ﬁ",
    "../../sentinel/secret.md",
    "..",
    "/",
    "\\",
    "C:\\x",
    "\\\\server\\share",
    "/dev/stdin",
    "summary.md",
    "facts.json",
    "private/diary.md",
    "notes.md",
    "cv.pdf",
    "{\"name\": \"Ada\"}",
    "# Title\n\nText.",
    "'; DROP TABLE record; --",
    "\"",
    "%s%n%x",
    "${HOME}",
    "$(true)",
    "<script>alert(1)</script>",
    "http://127.0.0.1:9/v1",
    "https://nobody.invalid",
    "javascript:alert(1)",
    "mailto:a@b",
    "2026-11-17T10:02:00Z",
    "-999999-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "openai@ollama:x",
    "bedrock:x.y",
    "offline",
    "aGVsbG8=",
    "Ctrl+Alt+Space",
];

/// Stands for a list in a list in a list.
const DEEP: &str = "raw-deep";

/// As many texts of answers are remembered, to be asked for again.
const MOST_KNOWN: usize = 400;

/// Makes arguments up; the same from the same seed and the same answers.
#[derive(Debug)]
pub struct Arguments {
    shapes: BTreeMap<String, Shape>,
    takes: BTreeMap<&'static str, Vec<(String, Shape)>>,
    state: u64,
    known: Vec<String>,
    folder: String,
}

impl Arguments {
    /// Paths that are made up lie below `folder`, or lead out of it.
    pub fn new(seed: u64, folder: &str) -> Self {
        let bindings = command::bindings();
        let shapes = declared(bindings);
        let takes = bindings.lines().filter(|line| line.contains("__TAURI_INVOKE<")).filter_map(signature).collect();
        Self { shapes, takes, state: seed | 1, known: Vec::new(), folder: folder.to_owned() }
    }

    /// Remembers texts of an answer: ids, names and hashes that there are.
    pub fn learn(&mut self, answer: &Value) {
        match answer {
            Value::String(text) if text.len() <= 200 && !text.starts_with('/') => {
                if self.known.len() < MOST_KNOWN {
                    self.known.push(text.clone());
                } else {
                    let at = self.below(MOST_KNOWN);
                    self.known[at].clone_from(text);
                }
            }
            Value::Array(all) => all.iter().take(20).for_each(|one| self.learn(one)),
            Value::Object(all) => all.values().for_each(|one| self.learn(one)),
            _ => {}
        }
    }

    /// The body of a call, as JSON, which may be broken.
    pub fn of(&mut self, command: &str) -> String {
        let mut body = if self.below(40) == 0 {
            self.anything(0)
        } else {
            let takes = self.takes[command].clone();
            let given = takes.into_iter().map(|(name, shape)| (name, self.value(&shape, 0)));
            Value::Object(given.collect())
        };
        if self.below(4) == 0 {
            self.spoil(&mut body);
        }
        let mut written = body.to_string();
        for (stands, raw) in RAW {
            written = written.replace(stands, raw);
        }
        // Written here: what is made of so many values, one in the other, could not be taken apart again.
        written = written.replace(&format!("\"{DEEP}\""), &format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)));
        match self.below(200) {
            0 => written.truncate(written.floor_char_boundary(written.len() / 2)),
            1 => written = format!("{}{}", "[".repeat(3_000), written),
            _ => {}
        }
        written
    }

    /// xorshift64*
    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % most.max(1)
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn value(&mut self, shape: &Shape, depth: usize) -> Value {
        if self.below(60) == 0 {
            return self.anything(0);
        }
        match shape {
            _ if depth > 8 => Value::Null,
            Shape::Text => Value::String(self.text()),
            Shape::Number => self.number(),
            Shape::Truth => json!(self.below(2) == 0),
            Shape::Nothing => Value::Null,
            Shape::Exactly(text) => json!(text),
            Shape::Channel => json!(format!("__CHANNEL__:{}", self.below(1 << 20))),
            Shape::List(of) => {
                let count = self.one(&[0, 1, 1, 2, 3, 7, 60]);
                (0..count).map(|_| self.value(of, depth + 1)).collect()
            }
            Shape::Map(of) => (0..self.below(4)).map(|_| (self.text(), self.value(of, depth + 1))).collect(),
            Shape::One(of) => {
                let shape = self.one(of);
                self.value(&shape, depth + 1)
            }
            Shape::Named(name) => match self.shapes.get(name).cloned() {
                Some(Shape::Text) | None => Value::String(self.id()),
                Some(shape) => self.value(&shape, depth + 1),
            },
            Shape::Object(fields) => {
                let mut object = Map::new();
                for (name, may_lack, shape) in fields {
                    if !may_lack || self.below(2) == 0 {
                        object.insert(name.clone(), self.value(shape, depth + 1));
                    }
                }
                Value::Object(object)
            }
        }
    }

    /// Takes something away, adds something, or puts something else in its place.
    fn spoil(&mut self, body: &mut Value) {
        let (what, other, name) = (self.below(4), self.anything(0), self.text());
        match body {
            Value::Object(fields) if !fields.is_empty() => {
                let names: Vec<String> = fields.keys().cloned().collect();
                let chosen = self.one(&names);
                match what {
                    0 => drop(fields.remove(&chosen)),
                    1 => drop(fields.insert(name, other)),
                    2 => drop(fields.insert(chosen, other)),
                    _ => fields.get_mut(&chosen).into_iter().for_each(|field| self.spoil(field)),
                }
            }
            Value::Array(all) if !all.is_empty() => {
                let at = self.below(all.len());
                self.spoil(&mut all[at]);
            }
            body => *body = other,
        }
    }

    fn anything(&mut self, depth: usize) -> Value {
        match self.below(if depth > 3 { 5 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => self.number(),
            3 => Value::String(self.text()),
            4 => {
                let raw = self.one(&RAW).0;
                json!(raw.trim_matches('"'))
            }
            5 => (0..self.below(4)).map(|_| self.anything(depth + 1)).collect(),
            6 => {
                let deep = self.one(&[0, 3, 100]);
                (0..deep).fold(json!(DEEP), |inner, _| json!([inner]))
            }
            _ => Value::Object((0..self.below(4)).map(|_| (self.text(), self.anything(depth + 1))).collect()),
        }
    }

    fn number(&mut self) -> Value {
        let whole =
            [0, 0, 1, 1, 2, 7, 50, 200, -1, 255, 65_536, 1_700_000_000_000, i64::from(u32::MAX), i64::MAX, i64::MIN];
        match self.below(10) {
            0 => json!(u64::MAX),
            1 => self.one(&[0.5, -0.0, 1e308, 5e-324, 1e21]).into(),
            _ => Value::Number(Number::from(self.one(&whole))),
        }
    }

    fn id(&mut self) -> String {
        match self.below(8) {
            0 => self.text(),
            1 => format!("{:08x}-0000-7000-8000-{:012x}", self.below(1 << 30), self.below(1 << 30)),
            2 => self
                .one(&["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{}"])
                .to_owned(),
            _ if self.known.is_empty() => self.text(),
            _ => {
                let ids: Vec<String> = self.known.iter().filter(|text| text.len() == 36).cloned().collect();
                if ids.is_empty() { self.text() } else { self.one(&ids) }
            }
        }
    }

    fn text(&mut self) -> String {
        match self.below(12) {
            0 => {
                let length = self.one(&[100, 1_000, 70_000]);
                self.one(&["a", "é", "\u{1f4a9}", "../", "a b ", "[", "\n"]).repeat(length / 2)
            }
            1 => (0..self.below(30))
                .filter_map(|_| char::from_u32(u32::try_from(self.next() % 0x11_0000).ok()?))
                .collect(),
            2 => {
                let name = self.one(&[
                    "",
                    "given",
                    "given/notes.md",
                    "given/session.json",
                    "new/x",
                    "pipe",
                    "linked/x.md",
                    "out.zip",
                    "../up",
                ]);
                format!("{}/{name}", self.folder)
            }
            3..6 if !self.known.is_empty() => {
                let known = self.known.clone();
                self.one(&known)
            }
            _ => self.one(&TEXTS).to_owned(),
        }
    }
}

/// `name: (a: A, b: B) => __TAURI_INVOKE<…>("name"…`
fn signature(line: &'static str) -> Option<(&'static str, Vec<(String, Shape)>)> {
    let (_, rest) = line.split_once(": (")?;
    let (arguments, call) = rest.split_once(") => __TAURI_INVOKE<")?;
    let mut reader = Reader(arguments);
    let mut takes = Vec::new();
    while let Some(name) = reader.word() {
        assert!(reader.takes(":"), "{line}");
        takes.push((name.to_owned(), reader.union()));
        reader.takes(",");
    }
    Some((command::name(call)?, takes))
}

/// Every `export type`.
fn declared(bindings: &str) -> BTreeMap<String, Shape> {
    let mut text = String::new();
    let mut rest = bindings;
    while let Some((before, comment)) = rest.split_once("/*") {
        text.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let types = text.split("\nexport type ").skip(1).filter_map(|declared| {
        let (name, shape) = declared.split_once(" =")?;
        Some((name.to_owned(), Reader(shape).union()))
    });
    types.collect()
}

/// As much of TypeScript as the bindings are written in.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn takes(&mut self, token: &str) -> bool {
        let rest = self.0.trim_start().strip_prefix(token);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn word(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        self.0 = &text[end..];
        (end > 0).then(|| &text[..end])
    }

    fn union(&mut self) -> Shape {
        self.takes("|");
        let mut all = vec![self.listed()];
        while self.takes("|") {
            all.push(self.listed());
        }
        if all.len() == 1 { all.remove(0) } else { Shape::One(all) }
    }

    fn listed(&mut self) -> Shape {
        let mut shape = self.single();
        while self.takes("[]") {
            shape = Shape::List(Box::new(shape));
        }
        shape
    }

    fn single(&mut self) -> Shape {
        if self.takes("(") {
            let inner = self.union();
            self.takes(")");
            return inner;
        }
        if self.takes("\"") {
            let (text, rest) = self.0.split_once('"').expect("a text ends");
            self.0 = rest;
            return Shape::Exactly(text.to_owned());
        }
        if self.takes("{") {
            let mut fields = Vec::new();
            if self.takes("[key in string]:") {
                let of = self.union();
                self.takes("}");
                return Shape::Map(Box::new(of));
            }
            while !self.takes("}") {
                let quoted = self.takes("\"");
                let name = self.word().unwrap_or_else(|| panic!("a field has a name: {:.60}", self.0)).to_owned();
                let _ = quoted && self.takes("\"");
                let may_lack = self.takes("?");
                assert!(self.takes(":"), "a field has a type: {name} {:.60}", self.0);
                fields.push((name, may_lack, self.union()));
                let _ = self.takes(",") || self.takes(";");
            }
            return Shape::Object(fields);
        }
        let name = self.word().unwrap_or_else(|| panic!("that is no type: {:.60}", self.0));
        if self.takes("<") {
            self.union();
            self.takes(">");
        }
        match name {
            "string" => Shape::Text,
            "number" => Shape::Number,
            "boolean" => Shape::Truth,
            "null" => Shape::Nothing,
            "Channel" => Shape::Channel,
            name => Shape::Named(name.to_owned()),
        }
    }
}
