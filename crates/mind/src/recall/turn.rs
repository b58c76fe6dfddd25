//! Ranks turns: whole messages of conversations, and beside them memories and paragraphs of the persona, by how likely each
//! tells what a question asks for.
//!
//! Two signals say that a turn itself fits: its words and its meaning. A conversation spreads what it says over turns ("What
//! did you buy?" "Two lamps."), so a turn gets some of what its neighbour and its session have. Who speaks, whether the turn
//! only asks, and whether it tells a time then raise or lower the whole. The weights are round numbers on purpose: what each
//! adds, and how little its exact value matters, is measured in `docs/decisions/0019-recall.md`.
//!
//! All of it is computed from the candidates alone, which the full-text index and the vectors gave for one audience: nothing
//! that this audience may not hear comes this far.

mod day;
mod question;
mod word;

use jiff::civil::Date;
pub use question::Question;
use rustc_hash::FxHashMap;
use twin_core::report::{self, SignalKind};
pub use word::Counts;

/// What a turn gets of its better neighbour.
const NEIGHBOUR: f32 = 0.5;
/// What a turn gets of the mean of the best turns of its session.
const SESSION: f32 = 0.5;
/// How many turns show that a session is about the question. One may do so by chance.
const SESSION_BEST: usize = 3;
/// For turns of the one speaker whom the question names. Never a filter: what is asked may have been told by the other.
const NAMED: f32 = 1.5;
/// For turns that end as a question: they have its words, and not its answer.
const ASKS: f32 = 0.8;
/// For turns that tell a time: something happened, which is what is asked for more often than a remark.
const TELLS_WHEN: f32 = 1.1;
/// For the newest of the candidates, fading to nothing for the oldest: of two that fit alike, what was said last.
const RECENT: f32 = 0.02;
/// For each step by which a memory matters more or less than most do. Beside its factor it has what a turn has of its
/// session: a memory is what is left of one.
const IMPORTANT: f32 = 0.1;
/// How much most memories matter, of 1 to 5.
const MOST_MATTER: f32 = 3.0;

/// A turn that may fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn<'a> {
    /// What was said.
    pub text: &'a str,
    /// Who said it, by one of the names given to [`Question::new`].
    pub speaker: &'a str,
    /// When, where the owner is; none of a file.
    pub day: Option<Date>,
    /// In which conversation or file.
    pub group: u32,
    /// Which turn of it, counted along the branch.
    pub place: u32,
    /// How much it matters, 1 to 5, where that was judged: of a memory.
    pub importance: Option<u8>,
    /// Cosine between its meaning and the question's, where it has a vector.
    pub similarity: Option<f32>,
}

/// One of the signals that look at a turn itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// From 0; about 1 for a turn that says just this.
    pub value: f32,
    /// The turn's place among the candidates by this signal alone, from 1. None where it says nothing.
    pub rank: Option<usize>,
}

/// Why a turn stands where it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Why {
    /// Share of the question's words.
    pub words: Signal,
    /// Nearness in meaning.
    pub meaning: Signal,
    /// What the turn before or after adds.
    pub neighbour: Signal,
    /// What the session adds.
    pub session: Signal,
    /// Said by the one whom the question names.
    pub named: bool,
    /// Ends as a question.
    pub asks: bool,
    /// Tells a time.
    pub tells_when: bool,
    /// From 0 for the oldest of the candidates to 1 for the newest.
    pub recency: Signal,
    /// By how much it matters more or less than most memories; 0 of what is none.
    pub importance: f32,
}

impl Why {
    /// The sum of what speaks for the turn, times what is known about such turns.
    pub fn score(&self) -> f32 {
        let factor = |holds: bool, factor: f32| if holds { factor } else { 1.0 };
        (self.words.value + self.meaning.value + self.neighbour.value + self.session.value)
            * (1.0 + RECENT * self.recency.value)
            * (1.0 + IMPORTANT * self.importance)
            * factor(self.named, NAMED)
            * factor(self.asks, ASKS)
            * factor(self.tells_when, TELLS_WHEN)
    }

    /// How well the turn fits by itself, whatever stands around it: about 1 for a turn that says just this.
    pub fn own(&self) -> f32 {
        self.words.value + self.meaning.value
    }

    /// The reasons, the strongest first, as they are shown.
    pub fn signals(&self) -> Vec<report::Signal> {
        let said_by = Signal { value: NAMED - 1.0, rank: self.named.then_some(1) };
        let matters = Signal { value: IMPORTANT * self.importance, rank: (self.importance > 0.0).then_some(1) };
        let recent = Signal { value: RECENT * self.recency.value, rank: self.recency.rank };
        let mut reasons = [
            (SignalKind::Words, self.words),
            (SignalKind::Meaning, self.meaning),
            (SignalKind::Neighbour, self.neighbour),
            (SignalKind::Session, self.session),
            (SignalKind::Speaker, said_by),
            (SignalKind::Importance, matters),
            (SignalKind::Recency, recent),
        ];
        reasons.sort_by(|(_, one), (_, other)| other.value.total_cmp(&one.value));
        let ranked = |(kind, signal): (SignalKind, Signal)| {
            signal.rank.map(|rank| report::Signal { kind, rank: u32::try_from(rank).unwrap_or(u32::MAX) })
        };
        reasons.into_iter().filter_map(ranked).collect()
    }
}

/// A turn that fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Which of the candidates.
    pub turn: usize,
    /// Its score, in parts.
    pub why: Why,
}

/// The turns that fit best, best first, at most `limit`. Of equals the one that was given first.
///
/// `counts` says how common the question's words are where the candidates are not all there is.
pub fn rank(question: &Question, turns: &[Turn<'_>], counts: Option<&Counts>, limit: usize) -> Vec<Hit> {
    let matched = word::matched(question, turns);
    let words = signals(word::shares(question, &matched, counts));
    let meaning = signals(turns.iter().map(|turn| turn.similarity.unwrap_or(0.0).max(0.0)).collect());
    let own: Vec<f32> = words.iter().zip(&meaning).map(|(words, meaning)| words.value + meaning.value).collect();
    let neighbour = signals(of_neighbours(turns, &own));
    let both: Vec<f32> = own.iter().zip(&neighbour).map(|(own, neighbour)| own + neighbour.value).collect();
    let session = signals(of_sessions(turns, &both));
    let recency = signals(recency(turns));

    let mut hits: Vec<(Hit, f32)> = (0..turns.len())
        .map(|turn| {
            let why = Why {
                words: words[turn],
                meaning: meaning[turn],
                neighbour: neighbour[turn],
                session: session[turn],
                named: question.speaker.as_deref() == Some(turns[turn].speaker),
                asks: turns[turn].text.trim_end().ends_with(['?', '？', '؟']),
                tells_when: matched[turn].tells_when,
                recency: recency[turn],
                importance: turns[turn].importance.map_or(0.0, |importance| f32::from(importance) - MOST_MATTER),
            };
            (Hit { turn, why }, why.score())
        })
        .filter(|(_, score)| *score > 0.0)
        .collect();
    hits.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    hits.into_iter().take(limit).map(|(hit, _)| hit).collect()
}

fn signals(values: Vec<f32>) -> Vec<Signal> {
    let mut order: Vec<usize> = (0..values.len()).filter(|turn| values[*turn] > 0.0).collect();
    order.sort_by(|one, other| values[*other].total_cmp(&values[*one]));
    let mut signals: Vec<Signal> = values.into_iter().map(|value| Signal { value, rank: None }).collect();
    for (place, turn) in order.into_iter().enumerate() {
        signals[turn].rank = Some(place + 1);
    }
    signals
}

/// Two versions of a message share a place; the better one counts.
fn of_neighbours(turns: &[Turn<'_>], own: &[f32]) -> Vec<f32> {
    let mut best: FxHashMap<(u32, u32), f32> = FxHashMap::default();
    for (turn, own) in turns.iter().zip(own) {
        let best = best.entry((turn.group, turn.place)).or_default();
        *best = best.max(*own);
    }
    let at = |group, place: Option<u32>| place.and_then(|place| best.get(&(group, place))).copied().unwrap_or(0.0);
    let better =
        |turn: &Turn<'_>| at(turn.group, turn.place.checked_sub(1)).max(at(turn.group, turn.place.checked_add(1)));
    turns.iter().map(|turn| NEIGHBOUR * better(turn)).collect()
}

/// A session with fewer turns than are looked at gets less; a memory is a whole one.
#[expect(clippy::cast_precision_loss, reason = "a small constant")]
fn of_sessions(turns: &[Turn<'_>], scores: &[f32]) -> Vec<f32> {
    let mut of: FxHashMap<u32, Vec<f32>> = FxHashMap::default();
    for (turn, score) in turns.iter().zip(scores) {
        of.entry(turn.group).or_default().push(*score);
    }
    for scores in of.values_mut() {
        scores.sort_by(|one, other| other.total_cmp(one));
        scores.truncate(SESSION_BEST);
    }
    let mean = |turn: &Turn<'_>| of[&turn.group].iter().sum::<f32>() / SESSION_BEST as f32;
    let whole = |turn: &Turn<'_>, score: f32| if turn.importance.is_some() { score } else { mean(turn) };
    turns.iter().zip(scores).map(|(turn, score)| SESSION * whole(turn, *score)).collect()
}

/// What has no day is neither old nor new.
#[expect(clippy::cast_precision_loss, reason = "days, and only their ratio matters")]
fn recency(turns: &[Turn<'_>]) -> Vec<f32> {
    let days = || turns.iter().filter_map(|turn| turn.day);
    let (Some(oldest), Some(newest)) = (days().min(), days().max()) else { return vec![0.0; turns.len()] };
    let since = |day: Date| (day.duration_since(oldest).as_hours() / 24) as f32;
    let all = since(newest).max(1.0);
    turns.iter().map(|turn| turn.day.map_or(0.0, |day| since(day) / all)).collect()
}

#[cfg(test)]
mod tests;
