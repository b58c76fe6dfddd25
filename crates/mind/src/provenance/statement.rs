//! Which sentences of an answer claim something about the owner.
//!
//! The twin speaks as the owner, so what it says of itself it says of them. Not everything in the first person is a
//! claim, though: it also offers, advises, hopes, apologises, and says that it does not know.

use super::answer::Piece;
use super::word::{self, has_any, has_unspaced};
use crate::recall::utterance::{self, Utterance};
use crate::recall::words;
use std::collections::BTreeSet;
use std::ops::Range;
use twin_core::chat::Audience;

/// Judges the pieces of an answer in their order.
pub(super) struct Judge<'a> {
    pub(super) audience: Audience,
    /// Names of people and animals of the owner's world, in lower case.
    pub(super) names: &'a BTreeSet<String>,
    /// Whether the piece before was a claim: then "she" goes on with it.
    pub(super) goes_on: bool,
}

impl Judge<'_> {
    /// The part of the piece that states something, in bytes of its text, and whether that is about the owner; none if
    /// it states nothing.
    pub(super) fn statement(&mut self, piece: &Piece) -> Option<(Range<usize>, bool)> {
        let statement = self.stated(piece);
        self.goes_on = statement.as_ref().is_some_and(|(_, own)| *own) || self.goes_on && !piece.opens;
        statement
    }

    fn stated(&self, piece: &Piece) -> Option<(Range<usize>, bool)> {
        let text = piece.text.as_str();
        if utterance::is_question(text) || utterance::kind(text) == Utterance::Greeting || is_quoted(text) {
            return None;
        }
        let start = behind_hedge(text);
        let rest = &text[start..];
        if is_talk(rest) || is_ignorance(rest) || is_of_twin(rest) {
            return None;
        }
        let is_about_owner = word::is_own(rest)
            || self.is_to_owner(rest)
            || self.names_someone(rest)
            || self.goes_on && begins_with_pronoun(rest)
            || piece.lead.as_deref().is_some_and(|lead| self.is_own_lead(lead));
        Some((start..text.len(), is_about_owner))
    }

    /// "Your brother is Tom", not "you could try" and not "your question".
    fn is_to_owner(&self, text: &str) -> bool {
        let words = words(text);
        let is = |list: &word::List, word: &String| list.contains(word.as_str());
        let asks = words.windows(2).any(|pair| {
            is(&word::SECOND, &pair[0])
                && (is(&word::MODAL, &pair[1]) || is(&word::ASKING, &pair[1]) || is(&word::TOPIC, &pair[1]))
                || is(&word::MODAL, &pair[0]) && is(&word::SECOND, &pair[1])
        });
        let conditional = words
            .first()
            .is_some_and(|first| ["if", "when", "wenn", "falls", "si", "cuando", "as"].contains(&first.as_str()));
        !asks && !conditional && !text.starts_with(['如', '请']) && word::is_to_owner(text, self.audience)
    }

    /// Whether it begins with the name of somebody of the owner's world: "Tom lives in Oslo".
    fn names_someone(&self, text: &str) -> bool {
        let words = words(text);
        words.iter().take(3).any(|word| self.names.contains(word))
    }

    /// "Things I like:", "About me": its items need not say "I" again.
    fn is_own_lead(&self, lead: &str) -> bool {
        let is_own = word::is_own(lead) || self.is_to_owner(lead);
        is_own && !is_talk(lead) && !is_ignorance(lead) && !lead.ends_with(['?', '？'])
    }
}

/// Where the statement begins behind "I think that" and "Yes,".
fn behind_hedge(text: &str) -> usize {
    let mut start = text.find(char::is_alphanumeric).unwrap_or(0);
    for _ in 0..2 {
        let rest = &text[start..];
        for hedge in word::HEDGE.iter() {
            if let Some(length) = begins(rest, hedge) {
                start += length;
                break;
            }
        }
    }
    start
}

/// How long the beginning of `text` is that says the words of `phrase`; none if it begins otherwise.
fn begins(text: &str, phrase: &str) -> Option<usize> {
    let mut at = 0;
    for word in phrase.split(' ') {
        let rest = &text[at..];
        let skipped = rest.len() - rest.trim_start_matches(|character: char| !character.is_alphanumeric()).len();
        let rest = &rest[skipped..];
        let found = rest.get(..word.len()).filter(|found| found.to_lowercase() == *word);
        let found = found.filter(|_| !rest[word.len()..].starts_with(char::is_alphanumeric))?;
        at += skipped + found.len();
    }
    let rest = &text[at..];
    Some(at + (rest.len() - rest.trim_start_matches([' ', ',', ':']).len()))
}

/// Whether it helps, offers, advises or is polite. Looked for behind an opening ("Well, I could …").
fn is_talk(text: &str) -> bool {
    let openings = [
        "well",
        "yes",
        "no",
        "sure",
        "of course",
        "so",
        "and",
        "but",
        "also",
        "then",
        "ja",
        "nein",
        "klar",
        "sí",
        "claro",
    ];
    let start = openings.iter().find_map(|opening| begins(text, opening)).unwrap_or(0);
    let rest = &text[start..];
    word::TALK.iter().any(|talk| begins(rest, talk).is_some()) || has_unspaced(text) && has_any(text, &word::TALK_CJK)
}

/// "I have no record of that": the honest answer, which needs no source.
fn is_ignorance(text: &str) -> bool {
    let words = words(text);
    let denies = words.iter().position(|word| word::NEGATION.contains(word.as_str()));
    let knows = |at: usize| words[at..].iter().take(6).any(|word| word::IGNORANCE.contains(word.as_str()));
    let knows_how = words.windows(3).any(|three| three == ["know", "how", "to"]);
    denies.is_some_and(knows) && !knows_how || has_unspaced(text) && has_any(text, &word::IGNORANCE_CJK)
}

/// What it says of itself as a machine.
fn is_of_twin(text: &str) -> bool {
    words(text).iter().any(|word| word::TWIN.contains(word.as_str()))
        || has_unspaced(text) && has_any(text, &word::TWIN_CJK)
}

fn begins_with_pronoun(text: &str) -> bool {
    let first = words(text).into_iter().next();
    first.is_some_and(|word| word::THIRD.contains(word.as_str())) || text.starts_with(['他', '她', '它'])
}

fn is_quoted(text: &str) -> bool {
    text.starts_with(['"', '“', '„', '«', '「', '‘'])
        && text.trim_end_matches(['.', '。', ',']).ends_with(['"', '”', '“', '»', '」', '’'])
}

/// Whether the person wanted a text to be written: then "I" in it is somebody of the text.
pub(super) fn wants_text(question: &str) -> bool {
    let mut words = words(question).into_iter().take(4);
    words.any(|word| word::WRITE.contains(word.as_str()))
        || has_unspaced(question) && ["写", "翻译", "起草"].iter().any(|word| question.contains(word))
}
