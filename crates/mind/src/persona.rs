//! The persona: a folder of plain files that says whose twin this is.
//!
//! Bytes come in, what they say goes out. A file that cannot be used never breaks the twin: what it said before stays
//! in use, and a [`Problem`] says what is wrong. **Who may see what is decided in this file only**, in
//! `Persona::visible`: whatever takes an [`Audience`] here is safe to show to it.

pub(crate) mod docx;
mod fact;
mod kind;
pub(crate) mod pdf;
mod template;
pub(crate) mod text;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use twin_core::chat::Audience;

use fact::FactFile;
use kind::{Class, Format, classify};
pub use kind::{MAX_BINARY_BYTES, MAX_TEXT_BYTES, is_private, is_wanted, max_bytes};
pub use template::template;
pub use view::{Fact, FileKind, MissingFile, PersonaFile, PersonaView, Problem};

/// What stands for both names until there is a `facts.json`.
pub const UNNAMED: &str = "your twin";

/// A file of the persona folder as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative to the folder, `/` between folders.
    pub path: String,
    /// What was in it.
    pub content: FileContent,
}

/// What reading a file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileContent {
    /// All of its bytes.
    Bytes(Vec<u8>),
    /// It could not or must not be read.
    Unreadable(Unreadable),
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// Larger than [`max_bytes`].
    TooLarge {
        /// Its size.
        bytes: u64,
    },
    /// The system does not let this user read it.
    PermissionDenied,
    /// A link whose target lies outside of the persona folder.
    LinkOutside,
    /// A folder or a device under a name that should be a file's.
    NotAFile,
    /// The system's own words.
    Other(String),
}

/// The text of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// Relative to the persona folder.
    pub path: &'a str,
    /// What it is used as: summary, style, CV or document.
    pub kind: FileKind,
    /// For the owner's eyes only.
    pub private: bool,
    /// Whether line numbers mean anything in it: true for text files, false for PDF and Word files. Lines are counted
    /// from 1 and end with `\n`.
    pub has_lines: bool,
    /// The text, never blank.
    pub text: &'a str,
}

/// What one facts file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactSheet<'a> {
    /// Relative to the persona folder.
    pub path: &'a str,
    /// For the owner's eyes only.
    pub private: bool,
    /// In the order of the file, flattened.
    pub facts: &'a [Fact],
    /// The same for a prompt: indented `key: value` lines, lists as items, underscores as spaces, ends without a
    /// newline.
    pub outline: &'a str,
}

/// The owner's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Avatar<'a> {
    /// Relative to the persona folder.
    pub path: &'a str,
    /// `image/png` or `image/jpeg`, by the first bytes and not by the name.
    pub media_type: &'static str,
    /// The picture.
    pub bytes: &'a [u8],
}

/// What is wrong with a file's content, before it is known which file that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Line and column, counted from 1.
    pub(crate) at: Option<(u32, u32)>,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Flaw {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { at: None, message: message.into(), hint: hint.into() }
    }

    fn at(self, position: (u32, u32)) -> Self {
        Self { at: Some(position), ..self }
    }

    fn into_problem(self, path: &str) -> Problem {
        let (line, column) = self.at.unzip();
        Problem { path: path.to_owned(), line, column, message: self.message, hint: self.hint }
    }
}

/// What a file says, once it was understood.
#[derive(Debug, PartialEq, Eq)]
enum Content {
    Facts(FactFile),
    Text(String),
    Picture { media_type: &'static str, bytes: Vec<u8> },
}

impl Content {
    /// What it gives to a prompt.
    fn text(&self) -> &str {
        match self {
            Self::Facts(facts) => &facts.outline,
            Self::Text(text) => text,
            Self::Picture { .. } => "",
        }
    }
}

/// One file of the folder.
#[derive(Debug, Clone)]
struct Entry {
    path: String,
    class: Class,
    /// What it is used as: differs from what its name says when another file has the better name.
    kind: FileKind,
    /// Of the bytes that were last looked at; none when they could not be read.
    fingerprint: Option<u64>,
    /// The last version that could be understood.
    good: Option<Arc<Content>>,
    /// What is wrong with the version that is there now.
    flaw: Option<Flaw>,
    /// What is wrong with it beside its neighbours: told anew at every load.
    remark: Option<Flaw>,
    /// Whether `good` is older than the file.
    stale: bool,
    /// Whether another file of the same meaning is used in its place.
    shadowed: bool,
    editable: bool,
}

impl Entry {
    fn read(file: SourceFile, class: Class, previous: Option<&Self>) -> Self {
        let mut entry = Self {
            path: file.path,
            class,
            kind: class.kind,
            fingerprint: None,
            good: None,
            flaw: None,
            remark: None,
            stale: false,
            shadowed: false,
            editable: false,
        };
        let flaws = match file.content {
            FileContent::Unreadable(reason) => vec![unreadable(&reason, class.format)],
            FileContent::Bytes(bytes) => {
                let fingerprint = fingerprint(&bytes);
                if let Some(previous) = previous.filter(|previous| previous.fingerprint == Some(fingerprint)) {
                    return Self { kind: class.kind, shadowed: false, remark: None, ..previous.clone() };
                }
                entry.fingerprint = Some(fingerprint);
                entry.editable = class.format.is_text() && std::str::from_utf8(&bytes).is_ok();
                let (content, flaws) = understand(class, bytes);
                entry.good = content.map(Arc::new);
                flaws
            }
        };
        if entry.good.is_none() {
            entry.good = previous.and_then(|previous| previous.good.clone());
            entry.stale = entry.good.is_some();
        }
        entry.flaw = flaws.into_iter().next();
        entry
    }

    /// What is in use of it.
    fn content(&self) -> Option<&Content> {
        self.good.as_deref().filter(|_| !self.shadowed)
    }

    /// A fault of the file itself is more urgent than one beside its neighbours.
    fn problem(&self) -> Option<Problem> {
        self.flaw.as_ref().or(self.remark.as_ref()).map(|flaw| flaw.clone().into_problem(&self.path))
    }

    fn view(&self) -> PersonaFile {
        let content = self.content();
        let text = content.map_or("", Content::text);
        PersonaFile {
            path: self.path.clone(),
            kind: self.kind,
            private: self.class.private,
            editable: self.editable,
            words: count(text.split_whitespace().count()),
            tokens: count(text.chars().count().div_ceil(4)),
            excerpt: text::excerpt(text),
            facts: match content {
                Some(Content::Facts(facts)) => facts.facts.clone(),
                _ => Vec::new(),
            },
            problem: self.problem(),
            last_good_in_use: self.stale && content.is_some(),
        }
    }
}

/// Whose twin this is. Cheap to clone; the default is the twin of nobody yet.
#[derive(Debug, Clone, Default)]
pub struct Persona {
    /// Public files first, then by kind, then by path: a prompt made of them keeps its beginning when a private or a
    /// further file changes, which is what a provider's cache rewards.
    entries: Arc<[Entry]>,
}

impl Persona {
    /// Reads a whole folder. Files with the same bytes as in `previous` are not parsed again, broken ones keep what
    /// they said there, files that are not in `files` are gone.
    pub fn load(previous: Option<&Self>, files: Vec<SourceFile>) -> Self {
        let before: HashMap<&str, &Entry> = previous
            .map(|persona| persona.entries.iter().map(|entry| (entry.path.as_str(), entry)).collect())
            .unwrap_or_default();
        let mut seen = BTreeSet::new();
        let mut entries: Vec<Entry> = files
            .into_iter()
            .filter(|file| seen.insert(file.path.clone()))
            .filter_map(|file| {
                let class = classify(&file.path)?;
                let previous = before.get(file.path.as_str()).copied();
                Some(Entry::read(file, class, previous))
            })
            .collect();
        settle_names(&mut entries);
        entries.sort_by(|a, b| (a.class.private, a.kind, &a.path).cmp(&(b.class.private, b.kind, &b.path)));
        Self { entries: entries.into() }
    }

    /// The wall. Everything that leaves this type for an audience passes here.
    fn visible(&self, audience: Audience) -> impl Iterator<Item = (&Entry, &Content)> {
        self.entries
            .iter()
            .filter(move |entry| match audience {
                Audience::Owner => true,
                Audience::Visitor => !entry.class.private,
            })
            .filter_map(|entry| Some((entry, entry.content()?)))
    }

    /// What the facts files say: the public one, then (for the owner) the private one.
    pub fn facts(&self, audience: Audience) -> impl Iterator<Item = FactSheet<'_>> {
        self.visible(audience).filter_map(|(entry, content)| match content {
            Content::Facts(FactFile { facts, outline, .. }) => {
                Some(FactSheet { path: &entry.path, private: entry.class.private, facts, outline })
            }
            _ => None,
        })
    }

    /// Every text: summary, style, CVs and documents, public ones first, in an order that does not change by itself.
    pub fn texts(&self, audience: Audience) -> impl Iterator<Item = Text<'_>> {
        self.visible(audience).filter_map(|(entry, content)| match content {
            Content::Text(text) => Some(Text {
                path: &entry.path,
                kind: entry.kind,
                private: entry.class.private,
                has_lines: entry.class.format.is_text(),
                text,
            }),
            _ => None,
        })
    }

    /// A line of a text file, counted from 1, as it is now; none where there is no such line or the format has none.
    pub fn line(&self, path: &str, line: u32) -> Option<&str> {
        let text = self.texts(Audience::Owner).find(|text| text.path == path && text.has_lines)?;
        text.text.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?).map(str::trim)
    }

    /// The owner's picture, which is public.
    pub fn avatar(&self) -> Option<Avatar<'_>> {
        self.visible(Audience::Visitor).find_map(|(entry, content)| match content {
            Content::Picture { media_type, bytes } => Some(Avatar { path: &entry.path, media_type, bytes }),
            _ => None,
        })
    }

    /// The two names of the public facts file.
    fn names(&self) -> Option<&fact::Names> {
        self.visible(Audience::Visitor).find_map(|(_, content)| match content {
            Content::Facts(facts) => facts.names.as_ref(),
            _ => None,
        })
    }

    /// Whether the twin knows whose it is; until then both names are [`UNNAMED`].
    pub fn is_named(&self) -> bool {
        self.names().is_some()
    }

    /// The short name: `name` of the public `facts.json`.
    pub fn first_name(&self) -> &str {
        self.names().map_or(UNNAMED, |names| &names.short)
    }

    /// The full name: `full_name` of the public `facts.json`.
    pub fn full_name(&self) -> &str {
        self.names().map_or(UNNAMED, |names| &names.full)
    }

    /// Everything, for the owner's screen.
    pub fn view(&self) -> PersonaView {
        PersonaView {
            folder: String::new(),
            name: self.first_name().to_owned(),
            full_name: self.full_name().to_owned(),
            files: self.entries.iter().map(Entry::view).collect(),
            missing: self.missing(),
            avatar: None,
        }
    }

    /// What is wrong with the folder as it is now.
    pub fn problems(&self) -> Vec<Problem> {
        self.entries.iter().filter_map(Entry::problem).collect()
    }

    /// The paths of files that came, went or changed, sorted.
    pub fn changed_since(&self, previous: &Self) -> Vec<String> {
        let state = |persona: &Self| -> BTreeMap<String, (Option<u64>, FileKind, Option<Problem>)> {
            let states = persona.entries.iter();
            states.map(|entry| (entry.path.clone(), (entry.fingerprint, entry.kind, entry.problem()))).collect()
        };
        let (before, now) = (state(previous), state(self));
        let paths: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
        paths.into_iter().filter(|path| before.get(*path) != now.get(*path)).cloned().collect()
    }

    fn missing(&self) -> Vec<MissingFile> {
        let wanted = [
            (FileKind::Facts, "facts.json", "Your name and what is plainly so: role, place, skills."),
            (
                FileKind::Summary,
                "summary.md",
                "Who you are, in your own words: what your twin says when asked about you.",
            ),
            (FileKind::Style, "style.md", "How you talk and write, so that your twin sounds like you."),
            (FileKind::Cv, "linkedin.pdf", "Your career: a CV, or your LinkedIn profile saved as a PDF."),
        ];
        wanted
            .into_iter()
            .filter(|(kind, ..)| !self.entries.iter().any(|entry| !entry.class.private && entry.class.kind == *kind))
            .map(|(_, path, purpose)| MissingFile { path: path.to_owned(), purpose: purpose.to_owned() })
            .collect()
    }
}

/// Everything that is wrong with a text that is being edited. Empty: it can be saved and used as it is. A text with
/// problems may still load (a key given twice): [`loads`] tells.
pub fn check_text(path: &str, text: &str) -> Vec<Problem> {
    check(path, text).1
}

/// Whether a text would be used if it were saved under that path.
pub fn loads(path: &str, text: &str) -> bool {
    check(path, text).0
}

fn check(path: &str, text: &str) -> (bool, Vec<Problem>) {
    let Some(class) = classify(path).filter(|class| class.format.is_text()) else {
        let flaw = Flaw::new(
            "a file of this name is not a text file of a persona",
            "name it facts.json, or end its name in .md or .txt",
        );
        return (false, vec![flaw.into_problem(path)]);
    };
    let (content, flaws) = understand(class, text.as_bytes().to_vec());
    (content.is_some(), flaws.into_iter().map(|flaw| flaw.into_problem(path)).collect())
}

/// What the bytes say, and what is wrong with them. No content: they cannot be used.
fn understand(class: Class, bytes: Vec<u8>) -> (Option<Content>, Vec<Flaw>) {
    let size = bytes.len() as u64;
    if size > class.format.max_bytes() {
        return (None, vec![unreadable(&Unreadable::TooLarge { bytes: size }, class.format)]);
    }
    let understood = match class.format {
        Format::Json => text::decode(&bytes).map(|json| {
            let (facts, flaws) = fact::parse(&json, !class.private);
            (facts.map(Content::Facts), flaws)
        }),
        Format::Text => text::plain(&bytes).map(|text| (Some(Content::Text(text)), Vec::new())),
        Format::Markdown => text::markdown(&bytes).map(|text| (Some(Content::Text(text)), Vec::new())),
        Format::Pdf => pdf::text(&bytes)
            .map(|(text, flaw)| (Some(text).filter(|text| !text.is_empty()).map(Content::Text), Vec::from_iter(flaw))),
        Format::Docx => docx::text(&bytes).map(|text| (Some(Content::Text(text)), Vec::new())),
        Format::Picture => picture(bytes).map(|picture| (Some(picture), Vec::new())),
    };
    understood.unwrap_or_else(|flaw| (None, vec![flaw]))
}

fn picture(bytes: Vec<u8>) -> Result<Content, Flaw> {
    let media_type = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        "image/png"
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        "image/jpeg"
    } else {
        return Err(Flaw::new("it is not a PNG or JPEG picture", "save the picture again as PNG or JPEG"));
    };
    Ok(Content::Picture { media_type, bytes })
}

/// Gives each meaning to one file. Where two files have the name of the same meaning (`summary.txt` and
/// `summary.md`), `.txt` goes before `.md` and all-lower-case before other spellings, then the alphabet decides.
fn settle_names(entries: &mut [Entry]) {
    let rank = |entry: &Entry| {
        let lower = entry.path.to_lowercase();
        (entry.class.format == Format::Markdown, entry.path != lower, entry.path.clone())
    };
    let mut first: BTreeMap<(bool, FileKind), usize> = BTreeMap::new();
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_key(|&index| rank(&entries[index]));
    for index in order {
        let kind = entries[index].class.kind;
        let meaning = match kind {
            FileKind::Facts | FileKind::Summary | FileKind::Style | FileKind::Avatar => {
                (entries[index].class.private, kind)
            }
            // Several of them are fine.
            FileKind::Cv | FileKind::Document => continue,
        };
        let Some(&winner) = first.get(&meaning) else {
            first.insert(meaning, index);
            continue;
        };
        let winner = entries[winner].path.clone();
        let loser = &mut entries[index];
        let (becomes, hint) = match kind {
            FileKind::Summary | FileKind::Style => {
                loser.kind = FileKind::Document;
                ("this one is read as a further document", "put both into one file, or give this one another name")
            }
            _ => {
                loser.shadowed = true;
                ("this one is not used", "keep one of the two")
            }
        };
        loser.remark = Some(Flaw::new(format!("{winner} has the same meaning and goes first; {becomes}"), hint));
    }
}

fn unreadable(reason: &Unreadable, format: Format) -> Flaw {
    match reason {
        Unreadable::TooLarge { bytes } => Flaw::new(
            format!("the file has {}; at most {} are read", megabytes(*bytes), megabytes(format.max_bytes())),
            "keep only what your twin should know, or split it into several files",
        ),
        Unreadable::PermissionDenied => {
            Flaw::new("there is no permission to read the file", "let your user read it, in the file's properties")
        }
        Unreadable::LinkOutside => Flaw::new(
            "it is a link to a place outside of the persona folder, which is not followed",
            "put the file itself into the folder",
        ),
        Unreadable::NotAFile => Flaw::new(
            "a file was expected here, but this is a folder or a device",
            "rename it, or put a file in its place",
        ),
        Unreadable::Other(words) => {
            Flaw::new(format!("the file cannot be read: {words}"), "check that it opens in another program")
        }
    }
}

fn megabytes(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    format!("{} MB", bytes.div_ceil(MEGABYTE))
}

/// Tells versions of a file apart within one run of the program; never stored.
fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Numbers for the screen; no file that is read comes near the limit.
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
