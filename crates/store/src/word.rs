//! How a text is cut into words for finding, and which words count as the same. The index holds what comes out of here, and
//! so does the search for what to mark in a message: the two cannot disagree.

mod stem;

use std::collections::BTreeSet;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands before a stem in the index. A noncharacter, which is in no word: a stem is no beginning of a word.
const STEM: char = '\u{FDD0}';

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Where it stands, in bytes.
    pub(crate) place: Range<usize>,
    /// In small letters without accents. Letters and digits only.
    pub(crate) folded: String,
}

impl Word {
    /// Without its ending: what words have in common that count as the same.
    pub(crate) fn stem(&self) -> String {
        stem::stem(&self.folded).unwrap_or_else(|| self.folded.clone())
    }
}

/// For FTS5: a word with whatever ending, several as a phrase. None if there is no word in `text`. Nothing in it is what a
/// person could have written as syntax: words are letters and digits, here in quotes.
pub(crate) fn expression(text: &str) -> Option<String> {
    let words: Vec<Word> = words(text).collect();
    match words.as_slice() {
        [] => None,
        [word] => Some(any_ending(word)),
        words => Some(phrase(words.iter().map(|word| word.folded.as_str()))),
    }
}

/// For FTS5: any of the terms. None if no term has a word.
pub(crate) fn any_of(terms: &[String]) -> Option<String> {
    let terms: Vec<String> = terms.iter().filter_map(|term| expression(term)).collect();
    (!terms.is_empty()).then(|| terms.join(" OR "))
}

/// For FTS5: the word, and all that have the same stem.
pub(crate) fn any_ending(word: &Word) -> String {
    let (word, stem) = (&word.folded, word.stem());
    // A stem may be a word with an ending of its own, and then stands for others.
    let other = *word != stem && stem::stem(&stem).is_none();
    let bare = if other { format!(" OR \"{stem}\"") } else { String::new() };
    format!("(\"{word}\"{bare} OR \"{STEM}{stem}\")")
}

/// For FTS5: the words one after the other.
pub(crate) fn phrase<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("\"{}\"", words.collect::<Vec<_>>().join(" "))
}

/// The words of `text`, in its order. A script that puts no spaces between words gives each character as one, with the
/// marks that are written apart from it; what is looked for in it is then a phrase of them.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = rest.find(|(_, letter)| is_of_word(*letter))?;
            let mut end = start + first.len_utf8();
            let alone = stands_alone(first);
            let goes_on = |letter: char| {
                if letter.is_ascii() {
                    return !alone && is_of_word(letter);
                }
                let marks = is_combining_mark(letter) || !alone && is_of_word(letter);
                alone && is_voicing(letter) || marks && !stands_alone(letter)
            };
            while let Some((index, letter)) = rest.next_if(|(_, letter)| goes_on(*letter)) {
                end = index + letter.len_utf8();
            }
            let folded = fold(&text[start..end]);
            // A lone accent is no word.
            if !folded.is_empty() {
                return Some(Word { place: start..end, folded });
            }
        }
    })
}

/// What the index holds of `text`: its words in their order, then the stems that are other words, each once.
pub(crate) fn indexed(text: &str) -> String {
    let mut indexed = String::with_capacity(text.len() * 3 / 2);
    let mut stems = BTreeSet::new();
    for word in words(text) {
        stems.extend(stem::stem(&word.folded));
        indexed.push_str(&word.folded);
        indexed.push(' ');
    }
    for stem in stems {
        indexed.push(STEM);
        indexed.push_str(&stem);
        indexed.push(' ');
    }
    indexed
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || !letter.is_ascii() && is_combining_mark(letter)
}

/// Of a script that is written without spaces: Chinese, Japanese, Thai, Lao, Burmese, Khmer.
fn stands_alone(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{2E80}'..='\u{2FDF}'
        | '\u{3005}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// What makes another syllable of the Japanese one before it, where the two are not one character: names of files on a Mac,
/// and letters of half the width.
fn is_voicing(letter: char) -> bool {
    matches!(letter, '\u{3099}' | '\u{309A}' | '\u{FF9E}' | '\u{FF9F}')
}

fn fold(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    let bare = word.nfkd().filter(|letter| is_of_word(*letter) && !is_accent(*letter));
    let folded: String = bare.flat_map(char::to_lowercase).nfc().collect();
    folded.replace('ß', "ss").replace('ς', "σ")
}

/// What is written above and below letters and may as well be left out. Not the vowels of Indian scripts, and not what makes
/// another syllable of a Japanese one.
fn is_accent(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{640}'
        | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6ED}' | '\u{1AB0}'..='\u{1AFF}'
        | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE2F}')
}

#[cfg(test)]
mod tests;
