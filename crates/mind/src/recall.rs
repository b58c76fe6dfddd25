//! Finds what is known that fits a question: sentences of the persona and of what was said.
//!
//! Ranking is BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) over sentences instead of
//! documents, with soft priors for who speaks and who is asked about. It compares words, not meanings: beyond a short
//! list of related everyday words, a question in other words than the answer finds nothing here. [`turn`] and [`fusion`]
//! add what comes near in meaning.

pub mod fusion;
pub(crate) mod origin;
mod query;
mod sentence;
mod term;
pub mod tool;
pub mod turn;
mod unit;
pub(crate) mod utterance;

use crate::persona::Persona;
use query::Query;
pub(crate) use sentence::{blocks, split};
use std::cmp::Ordering;
pub(crate) use term::{Analyzer, Language, Side, is_unspaced, words};
use twin_core::chat::Audience;
use twin_core::report::{Passage, Source};
pub(crate) use unit::{Kind, Unit, of_persona, of_said};
pub use unit::{Paragraph, paragraphs};

/// Share of the question's weight that a passage must cover. Below it, silence is better than a quotation. Just under
/// a half: of two equally rare words one is enough, but not when the other is known nowhere ("the capital of Mongolia").
const MIN_COVERAGE: f32 = 0.48;
/// The same for scripts without spaces, where about half of the pairs of characters straddle two words.
const MIN_COVERAGE_UNSPACED: f32 = 0.3;
/// BM25's saturation of repetition.
const K1: f32 = 1.2;
/// BM25's weight of length: small, because sentences are all short.
const B: f32 = 0.3;

/// Something that was said in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The message.
    pub text: String,
    /// Where and when it was said, and by whom.
    pub source: Source,
}

/// Words to look for in the full-text index: content words in lower case, each once, in the order of the question.
/// Empty when the question has none ("Who are you?").
pub fn query_terms(question: &str) -> Vec<String> {
    term::query_terms(question)
}

/// The passages that fit the question best, best first; none when nothing fits.
///
/// A visitor gets nothing from private files and nothing that was said to the owner, whatever is in `said`.
pub fn rank(question: &str, persona: &Persona, audience: Audience, said: &[Said], limit: usize) -> Vec<Passage> {
    let query = Query::new(question);
    let mut units = unit::of_persona(persona, audience);
    if query.is_empty() {
        return if query.asks_who { unit::introduction(&units, limit) } else { Vec::new() };
    }
    units.extend(said.iter().filter(|said| may_hear(audience, &said.source)).map(unit::of_said));

    let mut found = score(&query, &units, audience);
    found.sort_by(|one, other| other.score.partial_cmp(&one.score).unwrap_or(Ordering::Equal));
    without_repetitions(found, limit)
}

/// Whether this audience may be told something from this source. Private files never come this far for a visitor
/// (`Persona::texts` leaves them out); the check is made again because a mistake here cannot be taken back.
pub(crate) fn may_hear(audience: Audience, source: &Source) -> bool {
    match (audience, source) {
        (Audience::Owner, _) => true,
        (Audience::Visitor, Source::Message { audience, .. } | Source::Memory { audience, .. }) => {
            *audience == Audience::Visitor
        }
        (Audience::Visitor, Source::File { path, .. }) => !crate::persona::is_private(path),
    }
}

/// A sentence that fits, and how well.
struct Found<'a> {
    unit: &'a Unit,
    text: String,
    line: u32,
    score: f32,
}

fn score<'a>(query: &Query, units: &'a [Unit], audience: Audience) -> Vec<Found<'a>> {
    let sentences = units.iter().flat_map(|unit| (0..unit.sentences.len()).map(move |index| (unit, index)));
    let matched: Vec<_> = sentences.map(|(unit, index)| (unit, index, query.matches(unit, index))).collect();

    #[expect(clippy::cast_precision_loss, reason = "counts of sentences, and only their ratio matters")]
    let idf: Vec<f32> = (0..query.len())
        .map(|term| {
            let with = matched.iter().filter(|(_, _, hits)| hits.terms[term] > 0.0).count() as f32;
            (1.0 + (matched.len() as f32 - with + 0.5) / (with + 0.5)).ln()
        })
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a mean length in words")]
    let mean_length =
        matched.iter().map(|(_, _, hits)| hits.length).sum::<usize>() as f32 / matched.len().max(1) as f32;
    let newest = units.iter().filter_map(Unit::said_at).max();
    let oldest = units.iter().filter_map(Unit::said_at).min();

    let mut found = Vec::new();
    for (unit, index, hits) in &matched {
        let threshold = if query.is_unspaced { MIN_COVERAGE_UNSPACED } else { MIN_COVERAGE };
        if query.coverage(&idf, &hits.terms) < threshold || unit.only_asks(query) || unit.only_names(query) {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a length in words")]
        let length = 1.0 - B + B * hits.length as f32 / mean_length.max(1.0);
        let relevance: f32 = (0..query.len())
            .map(|term| {
                let frequency = hits.terms[term];
                idf[term] * frequency * (K1 + 1.0) / (frequency + K1 * length)
            })
            .sum();
        let recency = match (unit.said_at(), oldest, newest) {
            #[expect(clippy::cast_precision_loss, reason = "a share of a span of time")]
            (Some(at), Some(oldest), Some(newest)) if newest > oldest => {
                1.0 + 0.1 * (at - oldest) as f32 / (newest - oldest) as f32
            }
            _ => 1.0,
        };
        let quote = unit.quote(*index, hits.by_heading);
        let prior = unit.prior(*index, query, audience, hits.named);
        found.push(Found { unit, text: quote.text, line: quote.line, score: relevance * recency * prior });
    }
    found
}

/// Takes the best, without those that say again what a better one says, and without the twin's own words where they
/// only repeat somebody's.
fn without_repetitions(found: Vec<Found<'_>>, limit: usize) -> Vec<Passage> {
    let originals: Vec<String> =
        found.iter().filter(|found| found.unit.kind != Kind::Twin).map(|found| plain(&found.text)).collect();
    let mut kept: Vec<String> = Vec::new();
    let mut passages = Vec::new();
    for candidate in found {
        let text = plain(&candidate.text);
        let is_echo = candidate.unit.kind == Kind::Twin && originals.iter().any(|original| text.contains(original));
        if is_echo || kept.iter().any(|better| better.contains(&text)) {
            continue;
        }
        if passages.len() == limit {
            break;
        }
        kept.push(text);
        let source = candidate.unit.source_at(candidate.line);
        passages.push(Passage { text: candidate.text, source, score: candidate.score, signals: Vec::new() });
    }
    passages
}

/// The words alone, to see whether two texts say the same.
fn plain(text: &str) -> String {
    term::words(text).join(" ")
}

#[cfg(test)]
mod tests;
