//! The phrases, in five languages, one a line, in small letters and without accents. Longer ones stand before those that
//! begin them.

use crate::recall::is_unspaced;

/// What may stand before a phrase.
const OPENING: &str = include_str!("../words/opening.txt");

pub(super) const REMEMBER: &str = include_str!("../words/remember.txt");

pub(super) const FORGET: &str = include_str!("../words/forget.txt");

pub(super) const WRONG: &str = include_str!("../words/wrong.txt");

/// What stands between the phrase and what is to be kept.
pub(super) const THAT: &str = include_str!("../words/that.txt");

/// "Remember when we met", "remember me": nothing is to be kept.
pub(super) const LOOKS_BACK: &str = include_str!("../words/looks_back.txt");

/// "Remember that day".
pub(super) const TIMES: &str = include_str!("../words/times.txt");

/// How a rule begins.
pub(super) const IMPERATIVE: &str = include_str!("../words/imperative.txt");

/// After "that is wrong": the rest is what is right.
pub(super) const NOT_THE_END: [char; 13] = [',', '.', '!', ':', ';', '—', '–', '，', '。', '！', '：', '；', '،'];

/// The rest of `text` after the first phrase of a list that it begins with.
pub(super) fn after_any<'a>(text: &'a str, list: &str) -> Option<&'a str> {
    list.lines().find_map(|phrase| after(text, phrase))
}

/// The rest of `text` after a phrase that it begins with; none if it does not, or if its word goes on.
fn after<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut wanted = phrase.chars().peekable();
    for (at, char) in text.char_indices() {
        if is_accent(char) {
            continue;
        }
        if wanted.peek().is_none() {
            let goes_on = char.is_alphanumeric() && !is_unspaced(char);
            return (!goes_on).then(|| &text[at..]);
        }
        for plain in char.to_lowercase().map(plain) {
            wanted.next_if_eq(&plain)?;
        }
    }
    wanted.peek().is_none().then_some("")
}

/// What follows "please", "no," and the like; none if the sentence does not begin so.
pub(super) fn after_opening(sentence: &str) -> Option<&str> {
    let rest = after_any(sentence, OPENING)?;
    Some(super::trimmed(rest).trim_start_matches(['!', '.', '！', '。']).trim_start()).filter(|rest| !rest.is_empty())
}

/// The letter without its accent, as the phrases have it.
fn plain(char: char) -> char {
    match char {
        'á' => 'a',
        'é' => 'e',
        'í' => 'i',
        'ó' => 'o',
        'ú' => 'u',
        '’' | 'ʼ' => '\'',
        'أ' | 'إ' | 'آ' => 'ا',
        other => other,
    }
}

/// What Arabic writes above and below its letters, or leaves out.
fn is_accent(char: char) -> bool {
    matches!(char, '\u{610}'..='\u{61a}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}
