//! When something was said, as words, and whether a text says when something was.

use crate::recall::term::{Analyzer, Language, Stem, is_unspaced};
use jiff::civil::Date;
use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Words that tell a time. One list for all languages: a text that is searched has no known one. Left out are words that are
/// something else as often ("may", "march", "fall").
static WHEN: LazyLock<FxHashSet<&str>> =
    LazyLock::new(|| include_str!("../words/when.txt").split_whitespace().collect());

/// The same for scripts without spaces.
const WHEN_CJK: &str = include_str!("../words/when_cjk.txt");

const MONTHS: &str = include_str!("../words/month.txt");

/// How many stems a day has.
pub(super) const STEMS: usize = 3;

/// The day of the month, the month and the year, in the form in which words are compared. Only English, German and Spanish
/// have the month's name.
pub(super) fn stems(day: Date, analyzer: &Analyzer) -> [Stem; STEMS] {
    let month = month(day.month(), analyzer.language()).unwrap_or_default();
    [day.day().to_string(), analyzer.stem(month), day.year().to_string()]
}

fn month(number: i8, language: Language) -> Option<&'static str> {
    let line = match language {
        Language::English => 0,
        Language::German => 1,
        Language::Spanish => 2,
    };
    MONTHS.lines().nth(line)?.split(' ').nth(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// Whether a word, or a run of a script without spaces, says when something was: "yesterday", "2019".
pub(super) fn tells_when(word: &str) -> bool {
    WHEN.contains(word)
        || is_year(word)
        || word.chars().any(is_unspaced) && WHEN_CJK.split_whitespace().any(|time| word.contains(time))
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}
