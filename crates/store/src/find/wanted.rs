//! What a person looks for: as an expression for the index, and as the places in a text.

use crate::word::{self, Word};
use std::ops::Range;

/// Shorter beginnings are looked for as words: nearly every message has a word that begins with an `a`.
const SHORTEST_BEGINNING: usize = 2;

/// One of the things that must all be there.
#[derive(Debug)]
struct Term {
    /// Of several, each follows the one before it.
    words: Vec<Word>,
    /// The stem, if words of other endings are as good.
    stem: Option<String>,
    /// Whether the last word may be the beginning of one.
    beginning: bool,
}

/// What must be there.
#[derive(Debug)]
pub(crate) struct Wanted(Vec<Term>);

impl Wanted {
    /// None if there is no word in `text`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut terms = Vec::new();
        for (index, part) in text.split('"').enumerate() {
            if index % 2 == 1 {
                terms.extend(Term::new(part, true));
            } else {
                terms.extend(part.split_whitespace().filter_map(|part| Term::new(part, false)));
            }
        }
        // Somebody who is still typing has not come to the end of the last word, unless it is quoted.
        if let Some(last) = terms.last_mut().filter(|_| !text.trim_end().ends_with('"')) {
            last.begin();
        }
        (!terms.is_empty()).then_some(Self(terms))
    }

    /// For FTS5. Nothing in it is what a person could have written as syntax: the words are letters and digits, in quotes.
    pub(crate) fn expression(&self) -> String {
        self.0.iter().map(|term| term.expression(None)).collect::<Vec<_>>().join(" AND ")
    }

    /// The word that is not written to its end, unless it is one of several that belong together.
    pub(super) fn beginning(&self) -> Option<&str> {
        let last = self.0.last().filter(|term| term.beginning && term.stem.is_some())?;
        Some(&last.words[0].folded)
    }

    /// As [`Self::expression`], with all `words` that begin like the one that is not written to its end.
    pub(super) fn expression_with(&self, words: &[String]) -> String {
        let last = self.0.len() - 1;
        let terms = self.0.iter().enumerate();
        terms.map(|(index, term)| term.expression((index == last).then_some(words))).collect::<Vec<_>>().join(" AND ")
    }

    /// The place of the first word of `words` on that is wanted, or of the phrase that begins with it.
    pub(super) fn at(&self, words: &[Word]) -> Option<Range<usize>> {
        let longest = self.0.iter().filter_map(|term| term.length_at(words)).max()?;
        Some(words[0].place.start..words[longest - 1].place.end)
    }

    /// Whether all of it is in `text`, as the index should find.
    #[cfg(test)]
    pub(super) fn all_in(&self, text: &str) -> bool {
        let words: Vec<Word> = word::words(text).collect();
        self.0.iter().all(|term| (0..words.len()).any(|start| term.length_at(&words[start..]).is_some()))
    }

    /// How many words the longest of them has.
    pub(super) fn longest(&self) -> usize {
        self.0.iter().map(|term| term.words.len()).max().unwrap_or(1)
    }
}

impl Term {
    /// None if there is no word in `text`. Several that are not set apart, as in `don't`, belong together.
    fn new(text: &str, quoted: bool) -> Option<Self> {
        let words: Vec<Word> = word::words(text).collect();
        let stem = match words.as_slice() {
            [] => return None,
            [word] if !quoted => Some(word.stem()),
            _ => None,
        };
        Some(Self { words, stem, beginning: false })
    }

    fn begin(&mut self) {
        let last = self.words.last().map_or(0, |word| word.folded.chars().count());
        self.beginning = last >= SHORTEST_BEGINNING;
    }

    /// `begun`: the words that begin like the last one, where they are known.
    fn expression(&self, begun: Option<&[String]>) -> String {
        let phrase = || word::phrase(self.words.iter().map(|word| word.folded.as_str()));
        match (&self.stem, self.beginning, begun) {
            (Some(_), false, _) => word::any_ending(&self.words[0]),
            (Some(_), true, Some(begun)) => {
                let words = begun.iter().map(|word| format!("\"{word}\""));
                let words: Vec<String> = std::iter::once(word::any_ending(&self.words[0])).chain(words).collect();
                format!("({})", words.join(" OR "))
            }
            (Some(_), true, None) => format!("({} OR {} *)", word::any_ending(&self.words[0]), phrase()),
            (None, false, _) => phrase(),
            (None, true, _) => format!("{} *", phrase()),
        }
    }

    /// How many words of the beginning of `text` this is; none if it is not there.
    fn length_at(&self, text: &[Word]) -> Option<usize> {
        let there = text.get(..self.words.len())?;
        let last = self.words.len() - 1;
        let mut pairs = there.iter().zip(&self.words).enumerate();
        let as_written = pairs.all(|(index, (word, wanted))| {
            word.folded == wanted.folded || self.beginning && index == last && word.folded.starts_with(&wanted.folded)
        });
        // No ending reaches the first letter, so that most words are told apart without their stem.
        let same_stem =
            |stem: &String| there[0].folded.chars().next() == stem.chars().next() && there[0].stem() == *stem;
        (as_written || self.stem.as_ref().is_some_and(same_stem)).then_some(there.len())
    }
}
