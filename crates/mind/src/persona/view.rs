//! The persona as the screen and the scripts see it.

use serde::{Deserialize, Serialize};

/// Something that is wrong with a file, in words that its owner can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Problem {
    /// Relative to the persona folder, `/` between folders.
    pub path: String,
    /// Counted from 1; none where the file has no lines or the problem is the file's as a whole.
    pub line: Option<u32>,
    /// In characters, counted from 1.
    pub column: Option<u32>,
    /// What is wrong: one sentence, lower case, no full stop.
    pub message: String,
    /// What to do, as an imperative.
    pub hint: String,
}

/// What a file is for, decided by its name alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// `facts.json`: structured facts.
    Facts,
    /// `summary.txt` or `.md`: who I am, in prose.
    Summary,
    /// `style.txt` or `.md`: how I communicate.
    Style,
    /// `linkedin.*`, `cv.*` or `resume.*`: a career.
    Cv,
    /// Any other text, PDF or Word file.
    Document,
    /// `avatar.png` or `.jpg`.
    Avatar,
}

/// One fact of `facts.json`; nested values are flattened: `interests.music`, `education.1.school`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Fact {
    /// The keys on the way to it, joined by dots; members of a list are counted from 1.
    pub key: String,
    /// The value as a person would write it; a list of plain values is joined by commas.
    pub value: String,
    /// The line of its key (or of the list's member), counted from 1.
    pub line: u32,
}

/// One file as the Persona screen shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PersonaFile {
    /// Relative to the persona folder, `/` between folders.
    pub path: String,
    /// What it is used as.
    pub kind: FileKind,
    /// For the owner's eyes only.
    pub private: bool,
    /// Whether it can be edited as text in the application.
    pub editable: bool,
    /// Words in use.
    pub words: u32,
    /// Estimated tokens in use, at four characters a token.
    pub tokens: u32,
    /// The first lines of what is in use.
    pub excerpt: String,
    /// What a facts file says; empty for others.
    pub facts: Vec<Fact>,
    /// What is wrong with the file as it is now.
    pub problem: Option<Problem>,
    /// The file is broken, and what it said before is still in use.
    pub last_good_in_use: bool,
}

/// A file that most twins have and this one does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MissingFile {
    /// The name to give it.
    pub path: String,
    /// What the twin gains by it: one sentence.
    pub purpose: String,
}

/// The whole persona for its owner's screen. It shows private files: never send it to a visitor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PersonaView {
    /// Where the files are. Empty as it leaves this room: only the caller knows.
    pub folder: String,
    /// The short name, or a stand-in.
    pub name: String,
    /// The full name, or a stand-in.
    pub full_name: String,
    /// Every file that was found, those in use first for each kind.
    pub files: Vec<PersonaFile>,
    /// What could be added.
    pub missing: Vec<MissingFile>,
    /// The picture as a `data:` URL. None as it leaves this room: see [`Persona::avatar`](super::Persona::avatar).
    pub avatar: Option<String>,
}
