//! Words of a text: which of them carry meaning, and in what form they are compared.

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

// Each word of what is ranked is looked for in them.
static STOP_EN: LazyLock<FxHashSet<&str>> = LazyLock::new(|| list(include_str!("words/stop_en.txt")));
static STOP_DE: LazyLock<FxHashSet<&str>> = LazyLock::new(|| list(include_str!("words/stop_de.txt")));
static STOP_ES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| list(include_str!("words/stop_es.txt")));

/// Forms that the stemmer does not bring together, to the first of them.
static IRREGULAR_EN: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let lines = include_str!("words/irregular_en.txt").lines();
    lines
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(base, forms)| forms.split(' ').map(move |form| (form, base)))
        .collect()
});

/// Function words of Chinese, Japanese and Korean, longest first: a run of such script is cut at them.
static STOP_CJK: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = include_str!("words/stop_cjk.txt").split_whitespace().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
});

fn list(text: &'static str) -> FxHashSet<&'static str> {
    text.split_whitespace().collect()
}

/// The language whose function words and endings are taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Also for every language without lists of its own.
    English,
    German,
    Spanish,
}

impl Language {
    /// The one with most of its function words in the text. One list for all would lose "war" and "die" from English.
    pub(crate) fn of(text: &str) -> Self {
        let words = words(text);
        let count = |stop: &FxHashSet<&str>| words.iter().filter(|word| stop.contains(word.as_str())).count();
        let (english, german, spanish) = (count(&STOP_EN), count(&STOP_DE), count(&STOP_ES));
        if german > english && german >= spanish {
            Self::German
        } else if spanish > english {
            Self::Spanish
        } else {
            Self::English
        }
    }

    /// "the", "und", "de".
    pub(crate) fn is_function_word(self, word: &str) -> bool {
        self.stop_words().contains(word)
    }

    fn stop_words(self) -> &'static FxHashSet<&'static str> {
        match self {
            Self::English => &STOP_EN,
            Self::German => &STOP_DE,
            Self::Spanish => &STOP_ES,
        }
    }
}

/// Which side of the comparison a text is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Question,
    Searched,
}

/// A word in the form in which it is compared.
pub(crate) type Stem = String;

/// Turns texts into stems, always in the language of the question, so that both sides are cut alike.
pub(crate) struct Analyzer {
    language: Language,
    stemmer: Stemmer,
    related: Vec<BTreeSet<Stem>>,
    weak: BTreeSet<Stem>,
}

impl Analyzer {
    pub(crate) fn new(language: Language) -> Self {
        let stemmer = Stemmer::create(match language {
            Language::English => Algorithm::English,
            Language::German => Algorithm::German,
            Language::Spanish => Algorithm::Spanish,
        });
        let stems = |text: &str| text.split_whitespace().map(|word| stemmer.stem(word).into_owned()).collect();
        let related = include_str!("words/related.txt").lines().map(stems).collect();
        let weak = stems(include_str!("words/weak.txt"));
        Self { language, stemmer, related, weak }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The stems of the content words, in the order of the text, repetitions included. Of scripts without spaces the
    /// pairs of characters; a text that is searched (not a question) gives its single characters as well.
    pub(crate) fn stems(&self, text: &str, side: Side) -> Vec<Stem> {
        self.stems_of(&words(text), side)
    }

    /// The same of a text that is cut into its words already.
    pub(crate) fn stems_of(&self, words: &[impl AsRef<str>], side: Side) -> Vec<Stem> {
        let mut stems = Vec::new();
        for word in words.iter().map(AsRef::as_ref) {
            if word.chars().any(is_unspaced) {
                stems.extend(grams(word, side));
            } else if !self.language.is_function_word(word) {
                stems.push(self.stem(word));
            }
        }
        stems
    }

    pub(crate) fn stem(&self, word: &str) -> Stem {
        self.stemmer.stem(self.base(word)).into_owned()
    }

    /// What an irregular form is a form of ("went": "go"), else the word itself.
    pub(crate) fn base<'a>(&self, word: &'a str) -> &'a str {
        let irregular = IRREGULAR_EN.get(word).filter(|_| self.language == Language::English);
        irregular.copied().unwrap_or(word)
    }

    /// What means nearly the same ("job" and "role"), by a short list of everyday words.
    pub(crate) fn related(&self, stem: &str) -> BTreeSet<Stem> {
        self.related.iter().filter(|group| group.contains(stem)).flatten().cloned().collect()
    }

    /// Whether the word names what is asked for more often than it stands in the answer: "How *old* is Tom?".
    pub(crate) fn is_weak(&self, stem: &str) -> bool {
        self.weak.contains(stem)
    }
}

/// Words to look for in the full-text index: content words in lower case, each once, in the order of the question.
///
/// Related words are left out on purpose: of common words the index hands over only the newest matches, and an old answer
/// would not be among them. Text in scripts without spaces is given as its runs and their pairs of characters, which the
/// index finds wherever they stand.
pub(crate) fn query_terms(question: &str) -> Vec<String> {
    let stop = Language::of(question).stop_words();
    let mut terms: Vec<String> = Vec::new();
    let mut push = |term: String| {
        if !terms.contains(&term) {
            terms.push(term);
        }
    };
    for word in words(question) {
        if word.chars().any(is_unspaced) {
            let pairs = grams(&word, Side::Question);
            push(word);
            pairs.into_iter().for_each(&mut push);
        } else if !stop.contains(word.as_str()) {
            push(word);
        }
    }
    terms
}

/// The words of a text in lower case, as [`each_word`] gives them.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word| words.push(word.to_owned()));
    words
}

/// Gives each word of a text, in lower case. Words are cut at apostrophes ("what's" is "what" and "s"); neighbouring words in
/// scripts without spaces come as one run, because Unicode's word boundaries know no dictionary.
pub(crate) fn each_word(text: &str, mut give: impl FnMut(&str)) {
    if text.is_ascii() { each_ascii_word(text, &mut give) } else { each_unicode_word(text, &mut give) }
}

/// The same words several times faster: of the characters on which Unicode joins words, only those between digits are not cut at.
fn each_ascii_word(text: &str, give: &mut impl FnMut(&str)) {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let joins = |at: usize| matches!(bytes[at], b',' | b';') && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    let mut lower = String::new();
    let mut begin = None;
    for at in 0..=bytes.len() {
        let within = bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || joins(at));
        match (begin, within) {
            (None, true) => begin = Some(at),
            (Some(from), false) => {
                lower.clear();
                lower.push_str(&text[from..at]);
                lower.make_ascii_lowercase();
                give(&lower);
                begin = None;
            }
            _ => {}
        }
    }
}

fn each_unicode_word(text: &str, give: &mut impl FnMut(&str)) {
    // Begin and end of a run that may go on.
    let mut run: Option<(usize, usize)> = None;
    for (at, segment) in text.unicode_word_indices() {
        let end = at + segment.len();
        let unspaced = segment.chars().any(is_unspaced);
        match run.take() {
            Some((begin, until)) if unspaced && until == at => {
                run = Some((begin, end));
                continue;
            }
            Some((begin, until)) => give(&text[begin..until]),
            None => {}
        }
        if unspaced {
            run = Some((at, end));
            continue;
        }
        for piece in segment.split(['\'', '’', '_', '.', ':']).filter(|piece| !piece.is_empty()) {
            give(&piece.to_lowercase());
        }
    }
    if let Some((begin, end)) = run {
        give(&text[begin..end]);
    }
}

/// Whether the character belongs to a script that is written without spaces, or (Korean) glues its particles on.
pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF          // Thai, Lao
        | 0x1100..=0x11FF        // Hangul Jamo
        | 0x3040..=0x30FF        // Hiragana, Katakana
        | 0x3130..=0x318F        // Hangul compatibility Jamo
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF // Han
        | 0xAC00..=0xD7AF        // Hangul syllables
    )
}

/// What can be compared of a run without spaces: its function words are cut out, the rest is taken in overlapping
/// pairs of characters (the usual way without a dictionary). A single character between function words is a word of
/// the question; the searched side offers all of its single characters to match it.
fn grams(run: &str, side: Side) -> Vec<Stem> {
    let mut pieces = vec![run.to_owned()];
    for stop in STOP_CJK.iter().filter(|stop| run.contains(**stop)) {
        pieces = pieces.iter().flat_map(|piece| piece.split(stop)).map(str::to_owned).collect();
    }
    let mut grams = Vec::new();
    for piece in pieces {
        let characters: Vec<char> = piece.chars().collect();
        if side == Side::Searched || characters.len() == 1 {
            grams.extend(characters.iter().map(char::to_string));
        }
        grams.extend(characters.windows(2).map(String::from_iter));
    }
    grams
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_fast_way_cuts_as_unicode_does(text in "[a-zA-C0-9 ,;.:'_\"\\-/()\n\t@#$%&*+=<>?!~`^|]{0,24}") {
            let (mut fast, mut whole) = (Vec::new(), Vec::new());
            each_ascii_word(&text, &mut |word: &str| fast.push(word.to_owned()));
            each_unicode_word(&text, &mut |word: &str| whole.push(word.to_owned()));
            prop_assert_eq!(fast, whole);
        }
    }
}
