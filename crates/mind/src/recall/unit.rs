//! What can be quoted, and how much each kind of it is worth.

use super::query::{About, Query};
use super::sentence::{self, Sentence};
use super::utterance::{self, Utterance};
use super::{Said, term};
use crate::offline;
use crate::persona::{Fact, FileKind, Persona};
use twin_core::chat::{Audience, Role};
use twin_core::memory::Teller;
use twin_core::report::{Passage, Source};

/// A text up to this many characters is quoted whole.
const WHOLE_TO: usize = 240;
/// A sentence shorter than this takes its neighbour along.
const ALONE_FROM: usize = 60;

/// Who speaks in a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One entry of `facts.json`.
    Fact,
    /// The persona's texts.
    Text,
    /// The owner, in a conversation.
    Owner,
    /// A visitor, in a conversation.
    Visitor,
    /// The twin itself, in a conversation.
    Twin,
}

/// Sentences that belong together: a fact, a paragraph, a list or a message.
pub(crate) struct Unit {
    pub(crate) kind: Kind,
    pub(crate) source: Source,
    /// The heading above a text, the key of a fact; else empty.
    pub(crate) heading: String,
    pub(crate) sentences: Vec<Sentence>,
    /// All of it as it is quoted when it is short.
    whole: String,
    /// Whether it says who the person is.
    introduces: bool,
}

/// What is quoted.
pub(crate) struct Quote {
    pub(crate) text: String,
    pub(crate) line: u32,
}

impl Unit {
    /// Where a quotation comes from.
    pub(crate) fn source_at(&self, line: u32) -> Source {
        match &self.source {
            Source::File { path, .. } => Source::File { path: path.clone(), line },
            other @ (Source::Message { .. } | Source::Memory { .. }) => other.clone(),
        }
    }

    /// When it was said, in milliseconds since 1970; none for files.
    pub(crate) fn said_at(&self) -> Option<i64> {
        match &self.source {
            Source::Message { at, .. } | Source::Memory { at, .. } => Some(at.as_millis()),
            Source::File { .. } => None,
        }
    }

    /// Whether it only asks, or only greets and asks: quoting it would be no answer. "Did I say that Anna moved to
    /// Oslo?" tells something, unless that is what is asked now.
    pub(crate) fn only_asks(&self, query: &Query) -> bool {
        self.sentences.iter().map(|sentence| sentence.text.as_str()).all(|text| {
            utterance::asks_openly(text)
                || utterance::is_question(text) && query.has_every_word_of(text)
                || utterance::kind(text) == Utterance::Greeting
        })
    }

    /// Whether it is a mere title: a word or two, all of them the question's.
    pub(crate) fn only_names(&self, query: &Query) -> bool {
        self.kind != Kind::Fact && term::words(&self.whole).len() <= 2 && query.knows_every_word_of(&self.whole)
    }

    /// The sentence with what is needed to understand it.
    pub(crate) fn quote(&self, index: usize, with_heading: bool) -> Quote {
        let is_short = self.kind == Kind::Fact || self.whole.chars().count() <= WHOLE_TO;
        let first = if is_short { 0 } else { index };
        let mut text = if is_short { self.whole.clone() } else { self.sentences[index].text.clone() };
        if let Some(next) = self.sentences.get(index + 1)
            && !is_short
            && text.chars().count() < ALONE_FROM
        {
            text = format!("{text} {}", next.text);
        }
        if with_heading && self.kind != Kind::Fact {
            text = format!("{}: {text}", self.heading);
        }
        Quote { text, line: self.sentences[first].line }
    }

    /// How much more or less than its words this is worth as an answer.
    pub(crate) fn prior(&self, index: usize, query: &Query, audience: Audience, named: bool) -> f32 {
        let speaker = match (self.kind, query.about, audience) {
            // The twin's own words are second-hand.
            (Kind::Twin, _, _) => 0.5,
            // "my": what the one who asks has said. "your": the persona.
            (Kind::Owner, About::Speaker, _)
            | (Kind::Visitor, About::Speaker, Audience::Visitor)
            | (Kind::Fact | Kind::Text, About::Twin, _) => 1.3,
            // The owner is the persona as well; a visitor is not.
            (Kind::Fact | Kind::Text, About::Speaker, Audience::Owner) => 0.8,
            (Kind::Fact | Kind::Text | Kind::Visitor, About::Speaker, _) => 0.4,
            (Kind::Visitor, About::Twin, _) => 0.6,
            (Kind::Owner, About::Twin, _) | (_, About::Unsaid, _) => 1.0,
        };
        let key = if self.kind == Kind::Fact && named { 1.3 } else { 1.0 };
        let question = if utterance::is_question(&self.sentences[index].text) { 0.3 } else { 1.0 };
        let own = if is_own_statement(&self.sentences[index].text) { 1.1 } else { 1.0 };
        speaker * key * question * own
    }
}

fn is_own_statement(sentence: &str) -> bool {
    let own = ["i", "my", "mine", "me", "we", "our", "ich", "mein", "meine", "yo", "mi"];
    term::words(sentence).iter().any(|word| own.contains(&word.as_str()))
}

/// Facts, paragraphs and lists of everything that the audience may see.
pub(crate) fn of_persona(persona: &Persona, audience: Audience) -> Vec<Unit> {
    let mut units = Vec::new();
    for sheet in persona.facts(audience) {
        let members =
            sheet.facts.chunk_by(|one, other| member(&one.key).is_some() && member(&one.key) == member(&other.key));
        units.extend(members.map(|facts| of_facts(sheet.path, facts)));
    }
    for text in persona.texts(audience) {
        for (index, mut block) in sentence::blocks(text.text).into_iter().enumerate() {
            if !text.has_lines {
                block.sentences.iter_mut().for_each(|sentence| sentence.line = 0);
            }
            units.push(Unit {
                kind: Kind::Text,
                source: Source::File { path: text.path.to_owned(), line: 0 },
                whole: block.whole(),
                heading: block.heading.unwrap_or_default(),
                sentences: block.sentences,
                introduces: text.kind == FileKind::Summary && index == 0,
            });
        }
    }
    units
}

/// The member of a list that a fact belongs to: `education.1` of `education.1.school`.
fn member(key: &str) -> Option<&str> {
    let (member, _) = key.rsplit_once('.')?;
    member.rsplit('.').next()?.parse::<u32>().ok().map(|_| member)
}

/// A paragraph, a list or a fact of the persona, to be ranked beside turns.
#[derive(Debug, Clone, PartialEq)]
pub struct Paragraph {
    /// With the heading above it.
    pub text: String,
    /// Its file and first line.
    pub source: Source,
}

/// All that the audience may see of the persona, in order, file after file.
pub fn paragraphs(persona: &Persona, audience: Audience) -> Vec<Paragraph> {
    let units = of_persona(persona, audience).into_iter().filter(|unit| !unit.whole.is_empty());
    let paragraph = |unit: Unit| {
        let source = unit.source_at(unit.sentences.first().map_or(0, |sentence| sentence.line));
        let heading = if unit.kind == Kind::Text && !unit.heading.is_empty() {
            format!("{}: ", unit.heading)
        } else {
            String::new()
        };
        Paragraph { text: heading + &unit.whole, source }
    };
    units.map(paragraph).collect()
}

/// One fact, or all that is said of one member of a list.
fn of_facts(path: &str, facts: &[Fact]) -> Unit {
    let line = facts.first().map_or(0, |fact| fact.line);
    let sentences = facts.iter().map(|fact| Sentence { text: fact.value.clone(), line: fact.line }).collect();
    let whole = if let [fact] = facts {
        format!("{}: {}", label(&fact.key), fact.value)
    } else {
        let name = |fact: &Fact| fact.key.rsplit('.').next().unwrap_or_default().replace('_', " ");
        let entries: Vec<String> = facts.iter().map(|fact| format!("{} {}", name(fact), fact.value)).collect();
        let list = facts.first().and_then(|fact| member(&fact.key)).unwrap_or_default();
        format!("{}: {}", label(list), entries.join("; "))
    };
    Unit {
        kind: Kind::Fact,
        source: Source::File { path: path.to_owned(), line },
        heading: facts.iter().map(|fact| label(&fact.key)).collect::<Vec<_>>().join(" "),
        introduces: facts.iter().any(|fact| fact.key == "full_name"),
        sentences,
        whole,
    }
}

/// A message. Quotations in the twin's answers, and the fixed sentences of the offline twin, are not its own words.
pub(crate) fn of_said(said: &Said) -> Unit {
    let kind = match &said.source {
        Source::File { .. } => Kind::Text,
        Source::Message { role: Role::Assistant, .. } => Kind::Twin,
        Source::Message { audience: Audience::Owner, .. } | Source::Memory { teller: Teller::Owner, .. } => Kind::Owner,
        Source::Message { audience: Audience::Visitor, .. } | Source::Memory { teller: Teller::Visitor, .. } => {
            Kind::Visitor
        }
    };
    let is_own = |line: &&str| kind != Kind::Twin || !(line.trim_start().starts_with('>') || offline::is_fixed(line));
    let text = said.text.trim().lines().filter(is_own).collect::<Vec<_>>().join("\n");
    let sentences = sentence::blocks(&text).into_iter().flat_map(|block| block.sentences).collect();
    Unit { kind, source: said.source.clone(), heading: String::new(), sentences, whole: text, introduces: false }
}

/// The answer to "Who are you?": the name and how the summary begins.
pub(crate) fn introduction(units: &[Unit], limit: usize) -> Vec<Passage> {
    let quotes = units.iter().filter(|unit| unit.introduces).take(limit).map(|unit| (unit, unit.quote(0, false)));
    quotes
        .map(|(unit, quote)| Passage {
            source: unit.source_at(quote.line),
            text: quote.text,
            score: 1.0,
            signals: Vec::new(),
        })
        .collect()
}

/// `current_role` as a person would write it: `Current role`.
fn label(key: &str) -> String {
    // Members of a list are numbered: `education.1.school`.
    let names: Vec<String> =
        key.split('.').filter(|name| name.parse::<u32>().is_err()).map(|name| name.replace('_', " ")).collect();
    let words = names.join(", ");
    let mut characters = words.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
