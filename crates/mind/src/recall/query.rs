//! What a question asks for.

use super::sentence;
use super::term::{Analyzer, Language, Side, Stem, is_unspaced, words};
use super::unit::Unit;
use super::utterance;
use std::collections::BTreeMap;

/// A related word counts this much of the word itself.
const RELATED: f32 = 0.6;
/// A word that names what is asked for counts this much of one that says about whom or what.
const WEAK: f32 = 0.35;

/// Whom a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// "my name": whoever speaks.
    Speaker,
    /// "your job": the person whose twin it is.
    Twin,
    Unsaid,
}

/// A question in stems.
pub(crate) struct Query {
    analyzer: Analyzer,
    terms: Vec<Stem>,
    /// Which terms each clause holds: "What's my name and what do I love?" has two, and a sentence may answer one.
    clauses: Vec<Vec<usize>>,
    /// Which terms a stem of a sentence hits, and how well.
    targets: BTreeMap<Stem, Vec<(usize, f32)>>,
    pub(crate) about: About,
    /// "Who are you?", "Tell me about yourself": no content word, and yet something to answer.
    pub(crate) asks_who: bool,
    pub(crate) is_unspaced: bool,
}

/// How a sentence fits.
pub(crate) struct Hits {
    /// For each term of the question from 0 (absent) to 1.
    pub(crate) terms: Vec<f32>,
    /// Whether the heading has something that the sentence lacks.
    pub(crate) by_heading: bool,
    /// Whether the heading has any of the terms.
    pub(crate) named: bool,
    /// Content words of the sentence.
    pub(crate) length: usize,
}

impl Query {
    pub(crate) fn new(question: &str) -> Self {
        let analyzer = Analyzer::new(Language::of(question));
        let clauses = clauses(question);
        let mut terms: Vec<Stem> = Vec::new();
        let clauses = clauses.iter().map(|clause| {
            let mut indexes: Vec<usize> = Vec::new();
            for stem in analyzer.stems(without_idiom(clause), Side::Question) {
                let index = terms.iter().position(|term| *term == stem).unwrap_or_else(|| {
                    terms.push(stem);
                    terms.len() - 1
                });
                if !indexes.contains(&index) {
                    indexes.push(index);
                }
            }
            indexes
        });
        let clauses = clauses.filter(|clause| !clause.is_empty()).collect();
        let mut targets: BTreeMap<Stem, Vec<(usize, f32)>> = BTreeMap::new();
        for (index, term) in terms.iter().enumerate() {
            targets.entry(term.clone()).or_default().push((index, 1.0));
            for related in analyzer.related(term) {
                targets.entry(related).or_default().push((index, RELATED));
            }
        }
        let is_unspaced = question.chars().any(is_unspaced);
        Self { analyzer, terms, clauses, targets, about: about(question), asks_who: asks_who(question), is_unspaced }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// How much it matters that a term is absent, beside its rarity.
    fn weight(&self, term: usize) -> f32 {
        if self.analyzer.is_weak(&self.terms[term]) { WEAK } else { 1.0 }
    }

    pub(crate) fn matches(&self, unit: &Unit, index: usize) -> Hits {
        let mut terms = vec![0.0_f32; self.len()];
        let stems = self.analyzer.stems(&unit.sentences[index].text, Side::Searched);
        self.hit(&mut terms, &stems);
        let mut heading = vec![0.0_f32; self.len()];
        self.hit(&mut heading, &self.analyzer.stems(&unit.heading, Side::Searched));
        let by_heading = heading.iter().zip(&terms).any(|(heading, sentence)| heading > sentence);
        let named = heading.iter().any(|hit| *hit > 0.0);
        let terms = heading.iter().zip(&terms).map(|(heading, sentence)| heading.max(*sentence)).collect();
        Hits { terms, by_heading, named, length: stems.len() }
    }

    fn hit(&self, terms: &mut [f32], stems: &[Stem]) {
        for (index, weight) in stems.iter().filter_map(|stem| self.targets.get(stem)).flatten() {
            terms[*index] = terms[*index].max(*weight);
        }
    }

    /// Share of the best covered clause, by the terms' rarity and weight, from 0 to 1.
    pub(crate) fn coverage(&self, idf: &[f32], hits: &[f32]) -> f32 {
        let share = |clause: &Vec<usize>| {
            let weight = |term: &usize| self.weight(*term) * idf[*term];
            let all: f32 = clause.iter().map(weight).sum();
            clause.iter().map(|term| weight(term) * hits[*term]).sum::<f32>() / all
        };
        self.clauses.iter().map(share).fold(0.0, f32::max)
    }

    /// Whether a text has no content word beyond the question's.
    pub(crate) fn has_every_word_of(&self, text: &str) -> bool {
        self.analyzer.stems(text, Side::Question).iter().all(|stem| self.terms.contains(stem))
    }

    /// The same, with related words counted in.
    pub(crate) fn knows_every_word_of(&self, text: &str) -> bool {
        self.analyzer.stems(text, Side::Searched).iter().all(|stem| self.targets.contains_key(stem))
    }
}

/// The parts of a message that ask; all of it when nothing does.
fn clauses(message: &str) -> Vec<String> {
    let sentences: Vec<String> =
        sentence::blocks(message).into_iter().flat_map(|block| block.sentences).map(|sentence| sentence.text).collect();
    let questions: Vec<&String> = sentences.iter().filter(|sentence| utterance::is_question(sentence)).collect();
    let asking = if questions.is_empty() { sentences.iter().collect() } else { questions };
    let mut clauses = Vec::new();
    for sentence in asking {
        let mut clause = String::new();
        for word in sentence.split_whitespace() {
            let ends_clause = clause.ends_with([',', ';']) || clause.rsplit(' ').next().is_some_and(is_conjunction);
            if ends_clause && utterance::is_question(word) {
                clauses.push(std::mem::take(&mut clause));
            }
            clause.push(' ');
            clause.push_str(word);
        }
        clauses.push(clause);
    }
    clauses
}

/// Everyday questions that ask for something without one word of it.
fn without_idiom(clause: &str) -> &str {
    let words = words(clause).join(" ");
    let ends = |idioms: &[&str]| idioms.iter().any(|idiom| words.ends_with(idiom));
    if words.contains("for a living") || ends(&["what do you do", "what do i do"]) {
        "job"
    } else if ends(&["where are you from", "where do you come from", "where am i from"]) {
        "home"
    } else {
        clause
    }
}

fn is_conjunction(word: &str) -> bool {
    ["and", "or", "und", "oder", "y", "o", "&"].contains(&word.to_lowercase().as_str())
}

/// "I", "my": whether whoever asks is in the question.
pub(super) fn is_of_asker(question: &str) -> bool {
    let own = ["i", "my", "mine", "myself", "we", "our", "ich", "mein", "meine", "meinen", "yo", "mi", "mis"];
    words(question).iter().any(|word| own.contains(&word.as_str()))
        || ["我", "私", "僕", "내 ", "제 "].iter().any(|word| question.contains(word))
}

fn about(question: &str) -> About {
    let words = words(question);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let contains = |list: &[&str]| list.iter().any(|word| question.contains(word));
    let twin = ["you", "your", "yours", "yourself", "du", "dein", "deine", "ihr", "euer", "tu", "tú", "tus"];
    if is_of_asker(question) {
        About::Speaker
    } else if has(&twin) || contains(&["你", "您", "あなた", "너"]) {
        About::Twin
    } else if has(&["me", "mich", "mir"]) {
        About::Speaker
    } else {
        About::Unsaid
    }
}

fn asks_who(question: &str) -> bool {
    let words = words(question);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    has(&["who", "yourself", "wer", "quién", "谁", "誰"])
        || has(&["about"]) && has(&["you", "me"])
        || question.contains("谁")
        || question.contains('誰')
        || question.contains("누구")
}
