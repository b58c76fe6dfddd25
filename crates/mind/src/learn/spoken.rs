//! Words that a person says to have something remembered, forgotten or corrected. They work without any model.

mod effect;
mod phrase;

pub use effect::{covering, meant, remembered};

use super::TEXT_MOST;
use super::own::{typed, without_blocks};
use crate::recall::utterance::is_question;
use crate::recall::{blocks, is_unspaced, words};
use phrase::{FORGET, IMPERATIVE, LOOKS_BACK, NOT_THE_END, REMEMBER, THAT, TIMES, WRONG, after_any};
use twin_core::memory::MemoryKind;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// "Remember that …"
    Remember {
        /// The rest of the sentence, as they said it.
        text: String,
        /// `Procedural` for "when …, …", "always …" and "never …", else `Semantic`.
        kind: MemoryKind,
    },
    /// "Forget that …"
    Forget {
        /// The rest of the sentence.
        what: String,
    },
    /// "That is wrong, …": what the last answer said.
    Wrong {
        /// What is right, if they said it.
        right: Option<String>,
    },
}

/// What somebody says before it and means nothing by: "Thanks!", "Oh no."
const BEFORE: usize = 3;

/// What is asked for in a message, in English, German, Spanish, Chinese or Arabic; none if nothing is. It has to open the
/// message, and to be the person's own words: a document may say "remember" as well.
pub fn spoken(message: &str) -> Option<Spoken> {
    let blocks = blocks(&typed(&without_blocks(message)));
    let sentences: Vec<&str> =
        blocks.iter().flat_map(|block| &block.sentences).map(|sentence| sentence.text.as_str()).collect();
    let first = match sentences.as_slice() {
        [_] => 0,
        [opening, ..] if asked(opening).is_none() && words(opening).len() <= BEFORE => 1,
        [_, ..] => 0,
        [] => return None,
    };
    let sentence = sentences[first];
    if is_question(sentence) {
        return None;
    }
    let (asked, rest) = asked(sentence)?;
    match asked {
        Asked::Remember => {
            let kind =
                if after_any(rest, IMPERATIVE).is_some() { MemoryKind::Procedural } else { MemoryKind::Semantic };
            Some(Spoken::Remember { text: said(rest)?, kind })
        }
        Asked::Forget => Some(Spoken::Forget { what: said(rest)? }),
        Asked::Wrong => {
            // "That is wrong. I live in Bath."
            let next = sentences.get(first + 1).filter(|next| !is_question(next));
            Some(Spoken::Wrong { right: said(rest).or_else(|| said(next?)) })
        }
    }
}

enum Asked {
    Remember,
    Forget,
    Wrong,
}

/// What a sentence asks for, and the rest of it.
fn asked(sentence: &str) -> Option<(Asked, &str)> {
    let mut rest = sentence;
    loop {
        match asked_at_once(rest) {
            Heard::Asked(asked, rest) => return Some((asked, rest)),
            Heard::SoundsLikeIt => return None,
            Heard::Nothing => rest = phrase::after_opening(rest)?,
        }
    }
}

/// What is heard at the beginning of a sentence.
enum Heard<'a> {
    Asked(Asked, &'a str),
    SoundsLikeIt,
    Nothing,
}

/// The same without "please" and the like before it.
fn asked_at_once(sentence: &str) -> Heard<'_> {
    // "Do not forget" before "forget".
    if let Some(rest) = after_any(sentence, REMEMBER) {
        // "Remember when we were young" and "remember that day" look back, "remember: when …" does not.
        let looks_back = after_any(rest.trim_start(), LOOKS_BACK).is_some();
        let rest = trimmed(rest);
        let content = after_any(rest, THAT).map(trimmed);
        let looks_back = looks_back || content.is_some_and(|content| after_any(content, TIMES).is_some());
        return if looks_back { Heard::SoundsLikeIt } else { Heard::Asked(Asked::Remember, content.unwrap_or(rest)) };
    }
    if let Some(rest) = after_any(sentence, WRONG) {
        // "That is wrong-headed", "that is not right for me": it goes on.
        let goes_on = !rest.is_empty() && !rest.starts_with(NOT_THE_END);
        return if goes_on { Heard::SoundsLikeIt } else { Heard::Asked(Asked::Wrong, trimmed(rest)) };
    }
    let Some(rest) = after_any(sentence, FORGET).map(trimmed) else { return Heard::Nothing };
    Heard::Asked(Asked::Forget, after_any(rest, THAT).map_or(rest, trimmed))
}

fn trimmed(text: &str) -> &str {
    text.trim_start_matches(|char: char| char.is_whitespace() || ",:;—–-，：、；،".contains(char))
}

/// A rest that says something, without the stop at its end.
fn said(rest: &str) -> Option<String> {
    let text = trimmed(rest).trim_end_matches(|char: char| char.is_whitespace() || ".!。！".contains(char));
    let says = words(text).len() >= 2 || text.chars().filter(|char| is_unspaced(*char)).count() >= 3;
    (says && text.chars().count() <= TEXT_MOST).then(|| capitalised(text))
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

#[cfg(test)]
mod tests;
