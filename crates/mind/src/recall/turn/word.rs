//! How much of a question's words a turn has.

use super::Turn;
use super::day;
use super::question::Question;
use crate::recall::term::{Side, words};
use std::collections::{BTreeMap, HashMap};

/// BM25's saturation of repetition: its usual value.
const K1: f32 = 1.2;
/// BM25's weight of length: small, because a turn is short and is about one thing.
const B: f32 = 0.3;

/// How many turns there are, and how many have each word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// All that could have been candidates.
    pub turns: usize,
    /// By the words of [`Question::words`].
    pub with: BTreeMap<String, usize>,
}

/// What a turn has of the question.
pub(super) struct Matched {
    /// How often each term of the question stands in the turn, or in the date of it.
    times: Vec<f32>,
    /// Content words.
    length: f32,
    pub(super) tells_when: bool,
}

/// What a word is to the question.
struct Word {
    /// Its stems: one, none of a function word, several of a script without spaces.
    stems: usize,
    /// The terms of the question that it hits.
    terms: Vec<usize>,
    tells_when: bool,
}

impl Word {
    fn new(word: &str, question: &Question) -> Self {
        let stems = question.analyzer.stems_of(&[word], Side::Searched);
        let terms = stems.iter().filter_map(|stem| question.terms.iter().position(|term| term == stem)).collect();
        Self { stems: stems.len(), terms, tells_when: day::tells_when(word) }
    }
}

/// Words come again and again: each is looked at once, which makes the ranking several times faster.
#[expect(clippy::cast_precision_loss, reason = "counts of words")]
pub(super) fn matched(question: &Question, turns: &[Turn<'_>]) -> Vec<Matched> {
    let mut known: HashMap<String, Word> = HashMap::new();
    let mut match_one = |turn: &Turn<'_>| {
        let (mut times, mut length, mut tells_when) = (vec![0.0; question.terms.len()], 0, false);
        for word in words(turn.text) {
            let word = known.entry(word).or_insert_with_key(|word| Word::new(word, question));
            word.terms.iter().for_each(|term| times[*term] += 1.0);
            length += word.stems;
            tells_when |= word.tells_when;
        }
        for stem in turn.day.into_iter().flat_map(|day| day::stems(day, &question.analyzer)) {
            length += 1;
            question.terms.iter().position(|term| *term == stem).into_iter().for_each(|term| times[term] += 1.0);
        }
        Matched { times, length: length as f32, tells_when }
    };
    turns.iter().map(&mut match_one).collect()
}

/// For each turn BM25 (Robertson and Zaragoza, 2009) as a share of the weight of all the question's words: about 1 for a turn
/// that has each once. A share and not the bare sum, so that it can be added to a similarity.
#[expect(clippy::cast_precision_loss, reason = "counts of turns, and only their ratio matters")]
pub(super) fn shares(question: &Question, matched: &[Matched], counts: Option<&Counts>) -> Vec<f32> {
    let turns = counts.map_or(matched.len(), |counts| counts.turns) as f32;
    let rarity: Vec<f32> = (0..question.terms.len())
        .map(|term| {
            let among = matched.iter().filter(|turn| turn.times[term] > 0.0).count();
            let with = counts.and_then(|counts| known(question, counts, term)).unwrap_or(0).max(among) as f32;
            (1.0 + (turns - with + 0.5).max(0.5) / (with + 0.5)).ln()
        })
        .collect();
    let all: f32 = rarity.iter().sum();
    let mean = matched.iter().map(|turn| turn.length).sum::<f32>() / matched.len().max(1) as f32;
    let share = |turn: &Matched| {
        let norm = K1 * (1.0 - B + B * turn.length / mean.max(1.0));
        let weight = |(times, rarity): (&f32, &f32)| rarity * times * (K1 + 1.0) / (times + norm);
        turn.times.iter().zip(&rarity).map(weight).sum::<f32>() / all.max(f32::MIN_POSITIVE)
    };
    matched.iter().map(share).collect()
}

/// What the index counted of the words with this stem.
fn known(question: &Question, counts: &Counts, term: usize) -> Option<usize> {
    let is_term = |word: &&String| question.analyzer.stems(word, Side::Question).contains(&question.terms[term]);
    counts.with.iter().filter(|(word, _)| is_term(word)).map(|(_, with)| *with).max()
}
