//! A question as it is compared with turns: without the names of those who speak, and with whom it is about.

use crate::recall::query;
use crate::recall::term::{self, Analyzer, Language, Side, Stem, is_unspaced};
use unicode_segmentation::UnicodeSegmentation;

/// What is asked, of conversations between certain people.
pub struct Question {
    pub(super) analyzer: Analyzer,
    /// Each once.
    pub(super) terms: Vec<Stem>,
    /// The one speaker whom the question is about.
    pub(super) speaker: Option<String>,
    text: String,
}

impl Question {
    /// `speakers` are all whose turns may be found, `asker` is the one of them who asks: "I" in the question.
    ///
    /// A name of a speaker says who spoke, and hardly stands in what they said, so it is taken out of what is looked for. A
    /// question of nothing but a name keeps it.
    pub fn new(text: &str, speakers: &[&str], asker: Option<&str>) -> Self {
        let analyzer = Analyzer::new(Language::of(text));
        let (nameless, mut named) = without_names(text, speakers, analyzer.language());
        if let Some(asker) = asker.filter(|asker| query::is_of_asker(text) && !named.contains(asker)) {
            named.push(asker);
        }
        let has_words = !analyzer.stems(&nameless, Side::Question).is_empty();
        let text = if has_words { nameless } else { text.to_owned() };
        let mut terms: Vec<Stem> = Vec::new();
        for stem in analyzer.stems(&text, Side::Question) {
            if !terms.contains(&stem) {
                terms.push(stem);
            }
        }
        // A function word, unless it is written as the month.
        if analyzer.language() == Language::English && text.unicode_words().any(|word| word == "May") {
            terms.push(analyzer.stem("may"));
        }
        let speaker = match named.as_slice() {
            [speaker] => Some((*speaker).to_owned()),
            _ => None,
        };
        Self { analyzer, terms, speaker, text }
    }

    /// What to compare with the meaning of turns.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What to look for in the full-text index.
    pub fn words(&self) -> Vec<String> {
        term::query_terms(&self.text)
    }
}

/// The text without the speakers' names, and the speakers who are named.
fn without_names<'a>(text: &str, speakers: &[&'a str], language: Language) -> (String, Vec<&'a str>) {
    let mut named: Vec<&str> = Vec::new();
    let mut rest = text.to_owned();
    for speaker in speakers.iter().filter(|speaker| speaker.chars().any(is_unspaced) && text.contains(**speaker)) {
        rest = rest.replace(speaker, " ");
        named.push(speaker);
    }
    let mut kept = String::with_capacity(rest.len());
    for piece in rest.split_word_bounds() {
        let bare = piece.trim_end_matches(['\'', '’', 's']);
        let is_name = |name: &str| is_name(piece, name, language) || is_name(bare, name, language);
        let bears = |speaker: &str| speaker.split_whitespace().any(|name| name.chars().count() > 1 && is_name(name));
        let bearers: Vec<&str> = speakers.iter().copied().filter(|speaker| bears(speaker)).collect();
        if bearers.is_empty() {
            kept.push_str(piece);
        }
        for speaker in bearers {
            if !named.contains(&speaker) {
                named.push(speaker);
            }
        }
    }
    (kept.split_whitespace().collect::<Vec<_>>().join(" "), named)
}

/// People write names in small letters, but "will" is then no name.
fn is_name(word: &str, name: &str, language: Language) -> bool {
    let lower = word.to_lowercase();
    word == name || lower == name.to_lowercase() && !language.is_function_word(&lower)
}
