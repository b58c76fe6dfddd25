//! How much of a question's words a turn has.

use super::Turn;
use super::day;
use super::question::Question;
use crate::recall::term::{Analyzer, Side, Stem, each_word, is_unspaced};
use jiff::civil::Date;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

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
        let (analyzer, terms) = (&question.analyzer, question.terms.as_slice());
        let tells_when = day::tells_when(word);
        if word.chars().any(is_unspaced) {
            let grams = analyzer.stems_of(&[word], Side::Searched);
            let hit = grams.iter().filter_map(|gram| place(terms, gram)).collect();
            return Self { stems: grams.len(), terms: hit, tells_when };
        }
        let content = !analyzer.language().is_function_word(word);
        let hit = if content { hit(word, analyzer, terms) } else { None };
        Self { stems: usize::from(content), terms: hit.into_iter().collect(), tells_when }
    }
}

/// The term that the word is a form of. Stemming is most of the work of a ranking, and most words begin unlike every term.
pub(super) fn hit(word: &str, analyzer: &Analyzer, terms: &[Stem]) -> Option<usize> {
    let base = analyzer.base(word);
    if terms.iter().any(|term| may_stem_to(base, term)) { place(terms, &analyzer.stem(base)) } else { None }
}

/// Whether a stemmer could make that of the word. It takes endings off, and of what stays it changes accents, and in English the
/// second letter ("dying", "die").
fn may_stem_to(word: &str, stem: &str) -> bool {
    match (word.as_bytes(), stem.as_bytes()) {
        ([first, second, ..], [same, next, ..]) if first.is_ascii() && second.is_ascii() => {
            first == same && (second == next || *second == b'y')
        }
        _ => true,
    }
}

fn place(terms: &[Stem], stem: &str) -> Option<usize> {
    terms.iter().position(|term| term == stem)
}

/// Words and days come again and again: each is looked at once, which makes the ranking several times faster.
#[expect(clippy::cast_precision_loss, reason = "counts of words")]
pub(super) fn matched(question: &Question, turns: &[Turn<'_>]) -> Vec<Matched> {
    let mut known: FxHashMap<String, Word> = FxHashMap::default();
    let mut days: FxHashMap<Date, Vec<usize>> = FxHashMap::default();
    let mut match_one = |turn: &Turn<'_>| {
        let (mut times, mut length, mut tells_when) = (vec![0.0; question.terms.len()], 0, false);
        each_word(turn.text, |text| {
            let mut count = |word: &Word| {
                word.terms.iter().for_each(|term| times[*term] += 1.0);
                length += word.stems;
                tells_when |= word.tells_when;
            };
            if let Some(word) = known.get(text) {
                count(word);
            } else {
                count(known.entry(text.to_owned()).or_insert(Word::new(text, question)));
            }
        });
        if let Some(day) = turn.day {
            let stems = || day::stems(day, &question.analyzer);
            let terms = days
                .entry(day)
                .or_insert_with(|| stems().iter().filter_map(|stem| place(&question.terms, stem)).collect());
            for term in terms.iter() {
                times[*term] += 1.0;
            }
            length += day::STEMS;
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
