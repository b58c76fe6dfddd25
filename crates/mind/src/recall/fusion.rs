//! Sentences that have the question's words, and turns that are likely to tell what it asks, as one list.
//!
//! The scores of the two mean different things, so only their order counts: reciprocal ranks (Cormack, Clarke and Buettcher,
//! "Reciprocal Rank Fusion outperforms Condorcet", 2009).

use super::sentence::blocks;
use super::term;
use super::turn::{Question, Why};
use twin_core::report::{Passage, Signal, SignalKind, Source};

/// How little the first ranks stand out. The usual 60 is for lists of thousands.
const K: f32 = 10.0;

/// A turn that fits less by itself is passed over: what stands around it fits, and it says something else. Nineteen of
/// twenty answers in other words than the question's come as near as this, and a model reads past what is not to the point.
const FITS: f32 = 0.2;

/// From this cosine on a turn may be quoted as the answer to a question with which it shares no word: a quarter of the answers
/// in other words come so near, and of a hundred unrelated turns the nearest hardly does. Below, silence is better.
pub const SURELY_MEANS: f32 = 0.5;

/// A longer turn is quoted by its paragraph that has most of the question.
const WHOLE_TO: usize = 600;

/// A turn that was found, as a passage. None if it hardly fits by itself.
pub fn passage(question: &Question, text: &str, source: Source, why: &Why) -> Option<Passage> {
    let quote = || Passage { text: excerpt(question, text), source, score: why.score(), signals: why.signals() };
    (why.own() >= FITS).then(quote)
}

/// Both lists, best first, at most `limit`. What both have is there once, as the sentence: it says no more than is asked.
pub fn fuse(sentences: Vec<Passage>, turns: Vec<Passage>, limit: usize) -> Vec<Passage> {
    let mut fused: Vec<Passage> = sentences;
    for (place, passage) in fused.iter_mut().enumerate() {
        passage.score = reciprocal(place);
        passage.signals = vec![Signal { kind: SignalKind::Words, rank: rank(place) }];
    }
    let sentences = fused.len();
    for (place, turn) in turns.into_iter().enumerate() {
        match fused[..sentences].iter_mut().find(|sentence| says(&turn, sentence)) {
            Some(sentence) => {
                sentence.score += reciprocal(place);
                sentence.signals = turn.signals;
            }
            None => fused.push(Passage { score: reciprocal(place), ..turn }),
        }
    }
    // Stable: of equals the sentence.
    fused.sort_by(|one, other| other.score.total_cmp(&one.score));
    fused.truncate(limit);
    fused
}

#[expect(clippy::cast_precision_loss, reason = "a rank")]
fn reciprocal(place: usize) -> f32 {
    1.0 / (K + 1.0 + place as f32)
}

fn rank(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

/// Whether the turn is where the sentence stands.
fn says(turn: &Passage, sentence: &Passage) -> bool {
    match (&turn.source, &sentence.source) {
        (Source::Message { message_id: one, .. }, Source::Message { message_id: other, .. }) => one == other,
        (Source::Memory { id: one, .. }, Source::Memory { id: other, .. }) => one == other,
        (Source::File { path: one, .. }, Source::File { path: other, .. }) => {
            one == other && turn.text.contains(&sentence.text)
        }
        _ => false,
    }
}

fn excerpt(question: &Question, text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= WHOLE_TO {
        return text.to_owned();
    }
    let words = question.words();
    let has = |text: &str| term::query_terms(text).iter().filter(|word| words.contains(word)).count();
    // Of equals the first.
    let best = blocks(text).into_iter().map(|block| block.whole()).rev().max_by_key(|block| has(block));
    best.unwrap_or_else(|| text.to_owned()).chars().take(WHOLE_TO).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use twin_core::chat::{Audience, Role};
    use twin_core::time::Timestamp;

    fn said(number: u8, text: &str, kind: SignalKind) -> Passage {
        let id = format!("00000000-0000-7000-8000-0000000000{number:02}");
        let source = Source::Message {
            session_id: id.parse().unwrap(),
            message_id: id.parse().unwrap(),
            session_title: String::new(),
            role: Role::User,
            audience: Audience::Owner,
            at: Timestamp::from_millis(0),
        };
        Passage { text: text.to_owned(), source, score: 7.0, signals: vec![Signal { kind, rank: 1 }] }
    }

    #[test]
    fn what_both_lists_have_comes_first_and_once() {
        let sentences = vec![said(1, "a", SignalKind::Words), said(2, "b.", SignalKind::Words)];
        let turns = vec![said(3, "c", SignalKind::Meaning), said(2, "Well. b.", SignalKind::Meaning)];
        let fused = fuse(sentences, turns, 9);
        let texts: Vec<&str> = fused.iter().map(|passage| passage.text.as_str()).collect();
        assert_eq!(texts, ["b.", "a", "c"]);
        let kinds: Vec<SignalKind> = fused.iter().map(|passage| passage.signals[0].kind).collect();
        assert_eq!(kinds, [SignalKind::Meaning, SignalKind::Words, SignalKind::Meaning]);
    }

    #[test]
    fn the_limit_is_of_both() {
        let sentences = vec![said(1, "a", SignalKind::Words)];
        let fused = fuse(sentences, vec![said(2, "b", SignalKind::Meaning), said(3, "c", SignalKind::Meaning)], 2);
        assert_eq!(fused.len(), 2);
    }

    #[test]
    fn a_long_turn_is_quoted_by_its_paragraph_about_the_question() {
        let question = Question::new("Which violin?", &[], None);
        let text = format!("{}\n\nThe violin is red.\n\n{}", "Nothing. ".repeat(60), "Nothing. ".repeat(60));
        assert_eq!(excerpt(&question, &text), "The violin is red.");
        assert_eq!(excerpt(&question, &"x".repeat(900)).len(), WHOLE_TO);
    }
}
