//! What is known, sentence by sentence, and which of it bears out a claim.

use super::reading::{Reader, Sort, Token};
use super::word;
use crate::recall::{Unit, is_unspaced, words};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use twin_core::report::{Ground, Source};

/// Share of a claim's weight that has to be in its sources. Just above three quarters: of four equally rare words none may
/// be missing, because one is enough to say something else ("she left me her piano"); of five one may, which is how often
/// an answer adds a word of its own.
const COVERED: f32 = 0.76;
/// The same for scripts without spaces, where about half of the pairs of characters straddle two words.
const COVERED_UNSPACED: f32 = 0.5;
/// The same for a sentence that does not speak of the owner: it has to stand there nearly word for word.
const COVERED_OF_OTHERS: f32 = 0.85;
/// What a word weighs that could stand in any sentence.
const LIGHT: f32 = 0.15;
/// Sentences that are compared closely with a claim: the ones that share most with it.
const CANDIDATES: usize = 24;
/// Sentences that together may bear out one claim.
const TOGETHER: usize = 3;
/// Sources that are shown for one claim.
const SHOWN: usize = 3;
/// Characters of a source that are shown.
const EXCERPT: usize = 240;

/// A sentence that is known.
pub(super) struct Known {
    pub(super) text: String,
    pub(super) source: Source,
    /// What belongs together: sentences of one paragraph or message.
    pub(super) unit: usize,
    pub(super) heading: String,
    pub(super) language: Script,
}

/// What a text is written in, as far as its words show; short texts show nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Unspaced,
    Spaced(Option<crate::recall::Language>),
}

impl Script {
    pub(super) fn of(text: &str) -> Self {
        let unspaced = text.chars().filter(|character| is_unspaced(*character)).count();
        if unspaced * 4 > text.chars().filter(|character| character.is_alphabetic()).count() {
            return Self::Unspaced;
        }
        let language = crate::recall::Language::of(text);
        let shows = words(text).iter().any(|word| language.is_function_word(word));
        Self::Spaced(shows.then_some(language))
    }

    /// Whether words of the one can be words of the other.
    fn fits(self, other: Self) -> bool {
        match (self, other) {
            (Self::Spaced(one), Self::Spaced(other)) => one.is_none() || other.is_none() || one == other,
            (one, other) => one == other,
        }
    }
}

/// The sentences of the units. A fact is one sentence with its key.
pub(super) fn known(units: &[Unit]) -> Vec<Known> {
    let mut known = Vec::new();
    for (number, unit) in units.iter().enumerate() {
        let mut add = |text: String, heading: &str, line| {
            known.push(Known {
                language: Script::of(&text),
                text,
                source: unit.source_at(line),
                unit: number,
                heading: heading.to_owned(),
            });
        };
        if unit.kind == crate::recall::Kind::Fact {
            let quote = unit.quote(0, false);
            add(quote.text, "", quote.line);
        } else {
            for sentence in &unit.sentences {
                // "Do I live in Cork?" tells nothing.
                if !crate::recall::utterance::is_question(&sentence.text) {
                    add(sentence.text.clone(), &unit.heading, sentence.line);
                }
            }
        }
    }
    known
}

/// Names in what is known: words with a capital within a sentence. Of those the ones of people and animals.
pub(super) fn names(known: &[Known]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut all, mut people) = (BTreeSet::new(), BTreeSet::new());
    for sentence in known {
        if sentence.language == Script::Spaced(Some(crate::recall::Language::German)) {
            continue;
        }
        let words = spoken_words(&sentence.text);
        for (at, (word, begins)) in words.iter().enumerate() {
            let lower = word.to_lowercase();
            let is_capital = word.starts_with(char::is_uppercase) && word.chars().count() > 1;
            let is_plain = word::LIGHT.contains(lower.as_str())
                || word::OWN.contains(lower.as_str())
                || word::CONCEPT.contains_key(lower.as_str())
                || word::DATE.contains_key(lower.as_str())
                || word::NUMBER.contains_key(lower.as_str());
            if !is_capital || is_plain {
                continue;
            }
            let near = &words[at.saturating_sub(3)..(at + 5).min(words.len())];
            let is_someone = near.iter().any(|(word, _)| is_kin(word));
            if !begins {
                all.insert(lower.clone());
                if is_someone && !follows_place_word(&words, at) {
                    people.insert(lower);
                }
            } else if at > 0 && is_kin(words[at - 1].0) {
                // "Brother: Eivind", as a fact has it.
                all.insert(lower.clone());
                people.insert(lower);
            } else if is_someone && words.get(at + 1).is_some_and(|(next, _)| ["is", "was", "ist", "es"].contains(next))
            {
                all.insert(lower.clone());
                people.insert(lower);
            }
        }
    }
    (all, people)
}

fn is_kin(word: &str) -> bool {
    word::CONCEPT.get(word.to_lowercase().as_str()).is_some_and(|(group, _)| word::KIN.contains(group))
}

/// "in Oslo" is no person, however near their brother stands.
fn follows_place_word(words: &[(&str, bool)], at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |before| words[before].0);
    ["in", "at", "from", "near", "to", "for", "of", "the", "en", "de", "aus", "bei"].contains(&before)
}

/// The words of a sentence, and whether each begins one.
fn spoken_words(text: &str) -> Vec<(&str, bool)> {
    use unicode_segmentation::UnicodeSegmentation as _;
    let mut end = 0;
    let mut words = Vec::new();
    for (at, segment) in text.unicode_word_indices() {
        let begins = words.is_empty() || text[end..at].contains(['.', ':', '!', '?', '|', '"', '“']);
        let word = segment.split(['\'', '’']).next().unwrap_or(segment);
        words.push((word, begins));
        end = at + segment.len();
    }
    words
}

/// One sentence that is known, as it is compared.
struct Read {
    denies: bool,
    /// Each key, to whether it was affirmed (1), denied (2) or both (3).
    keys: HashMap<String, u8>,
    concepts: BTreeSet<word::Concept>,
    /// What is counted, and how many.
    counts: Vec<(String, String)>,
}

/// What is known, read for claims of one language.
pub(super) struct Index<'a> {
    known: &'a [Known],
    read: Vec<Read>,
    places: HashMap<String, Vec<u32>>,
}

/// What is to be said of a claim.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// These sentences say it.
    Sourced(Vec<Ground>),
    /// Nothing does.
    Guess,
    /// It says nothing that can be checked, or what is known is written in another language.
    Open,
}

fn bit(token: &Token) -> u8 {
    if token.denied { 2 } else { 1 }
}

impl<'a> Index<'a> {
    pub(super) fn new(known: &'a [Known], reader: &Reader) -> Self {
        let mut places: HashMap<String, Vec<u32>> = HashMap::new();
        let mut read = Vec::with_capacity(known.len());
        for (at, sentence) in (0_u32..).zip(known) {
            let mut tokens = reader.read(&sentence.text);
            // A heading says what its sentences are about, and denies nothing for them.
            tokens.extend(reader.read(&sentence.heading).into_iter().map(|token| Token { denied: false, ..token }));
            let mut keys: HashMap<String, u8> = HashMap::new();
            for token in &tokens {
                for key in &token.keys {
                    *keys.entry(key.clone()).or_default() |= bit(token);
                }
            }
            for key in keys.keys() {
                places.entry(key.clone()).or_default().push(at);
            }
            let counts = tokens.iter().filter_map(|token| Some((token.keys.last()?.clone(), token.count.clone()?)));
            let counts = counts.collect();
            let concepts = tokens.iter().filter_map(|token| token.concept).collect();
            let denies = tokens.iter().any(|token| token.denied);
            read.push(Read { denies, keys, concepts, counts });
        }
        Self { known, read, places }
    }

    /// How rare a word is among what is known.
    #[expect(clippy::cast_precision_loss, reason = "counts of sentences, and only their ratio matters")]
    fn rarity(&self, token: &Token) -> f32 {
        let with = token.keys.iter().filter_map(|key| self.places.get(key)).map(Vec::len).max().unwrap_or(0) as f32;
        (1.0 + (self.known.len() as f32 - with + 0.5).max(0.5) / (with + 0.5)).ln()
    }

    /// Judges a claim by its words.
    pub(super) fn judge(&self, claim: &[Token], language: Script, is_own: bool) -> Verdict {
        let weights: Vec<f32> = claim.iter().map(|token| self.weight(token)).collect();
        let asks = Asks {
            claim,
            weights: &weights,
            covered: if language == Script::Unspaced { COVERED_UNSPACED } else { COVERED },
        };
        let says = claim.iter().filter(|token| token.sort != Sort::Light).count();
        // A sentence of general knowledge may share a few words with what is known.
        if says == 0 || !is_own && says < 3 {
            return Verdict::Open;
        }
        let asks = if is_own { asks } else { Asks { covered: COVERED_OF_OTHERS, ..asks } };
        let candidates = self.candidates(&asks);
        let (same, other): (Vec<u32>, Vec<u32>) =
            candidates.into_iter().partition(|at| self.known[*at as usize].language.fits(language));
        let mut found = self.alone(&asks, &same);
        if is_own {
            found = found.or_else(|| self.in_parts(&asks, &same)).or_else(|| self.together(&asks, &same));
            found = found.or_else(|| self.translated(&asks, &other));
        }
        match found {
            Some(found) => Verdict::Sourced(self.grounds(found)),
            None if self.is_readable(claim, language, &same) => Verdict::Guess,
            None => Verdict::Open,
        }
    }

    /// Whether a claim that nothing bears out is a guess. Where most of what is known is in another language, only if
    /// something in its own language tells of the same, or if it has a figure, or nothing but names, known nowhere.
    fn is_readable(&self, claim: &[Token], language: Script, same: &[u32]) -> bool {
        let readable = self.known.iter().filter(|known| known.language.fits(language)).count();
        let spoken = |at: &&u32| self.known[**at as usize].language != Script::Spaced(None);
        let is_near = same.iter().filter(spoken).any(|at| {
            let mut telling = claim.iter().filter(|token| token.sort != Sort::Light || token.concept.is_some());
            telling.any(|token| self.has(*at, &Token { denied: false, ..token.clone() }))
        });
        let is_unknown = |token: &&Token| !token.keys.iter().any(|key| self.places.contains_key(key));
        let mut names = claim.iter().filter(|token| token.sort == Sort::Name).peekable();
        let has_unknown_figure =
            claim.iter().filter(|token| token.sort == Sort::Figure).any(|token| is_unknown(&token));
        let has_unknown_names = names.peek().is_some() && names.all(|token| is_unknown(&token));
        readable * 5 >= self.known.len() || is_near || has_unknown_figure || has_unknown_names
    }

    fn weight(&self, token: &Token) -> f32 {
        let share = match token.sort {
            Sort::Light => LIGHT,
            Sort::Plain | Sort::Figure | Sort::Name => 1.0,
        };
        share * self.rarity(token)
    }

    /// The sentences that share most with the claim, best first.
    fn candidates(&self, asks: &Asks<'_>) -> Vec<u32> {
        let mut shared: BTreeMap<u32, f32> = BTreeMap::new();
        for (token, weight) in asks.claim.iter().zip(asks.weights) {
            let places: BTreeSet<u32> =
                token.keys.iter().filter_map(|key| self.places.get(key)).flatten().copied().collect();
            for at in places {
                *shared.entry(at).or_default() += weight;
            }
        }
        let mut best: Vec<(u32, f32)> = shared.into_iter().collect();
        best.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        best.into_iter().take(CANDIDATES).map(|(at, _)| at).collect()
    }

    /// Whether the sentence has the word, and denies it if the claim does. Where both deny something, how far each "not"
    /// reaches is not known well enough to compare: "I dislike coriander, small talk and air travel".
    fn has(&self, at: u32, token: &Token) -> bool {
        let read = &self.read[at as usize];
        let wanted = match token.denied {
            _ if token.sort == Sort::Name || token.may_deny && read.denies => 3,
            true => 2,
            false => 1,
        };
        token.keys.iter().any(|key| read.keys.get(key).is_some_and(|known| known & wanted != 0))
    }

    /// Whether the sentence says something else of the kind: another number of the same things, the sister and not the
    /// brother.
    fn contradicts(&self, at: u32, claim: &[Token]) -> bool {
        let read = &self.read[at as usize];
        let of_claim: BTreeSet<word::Concept> = claim.iter().filter_map(|token| token.concept).collect();
        let differs = of_claim.iter().any(|(group, member)| {
            !read.concepts.contains(&(*group, *member))
                && read.concepts.iter().any(|(known, other)| known == group && !of_claim.contains(&(*known, *other)))
        });
        let miscounts = claim.iter().any(|token| {
            let Some(count) = &token.count else { return false };
            let mut of_same = read.counts.iter().filter(|(counted, _)| token.keys.contains(counted)).peekable();
            of_same.peek().is_some() && of_same.all(|(_, known)| known != count)
        });
        differs || miscounts
    }

    /// Sentences each of which bears out the claim, the one that covers it best first.
    fn alone(&self, asks: &Asks<'_>, candidates: &[u32]) -> Option<Vec<u32>> {
        let mut found: Vec<(u32, f32)> = Vec::new();
        for at in candidates.iter().filter(|at| !self.contradicts(**at, asks.claim)) {
            let has: Vec<bool> = asks.claim.iter().map(|token| self.has(*at, token)).collect();
            if asks.is_met(&has) {
                found.push((*at, asks.share(&has)));
            }
        }
        found.sort_by(|one, other| {
            other
                .1
                .total_cmp(&one.1)
                .then_with(|| self.order(one.0).cmp(&self.order(other.0)))
                .then(one.0.cmp(&other.0))
        });
        (!found.is_empty()).then(|| found.into_iter().map(|(at, _)| at).collect())
    }

    /// What is written down comes before what was remembered, and that before what was said.
    fn order(&self, at: u32) -> u8 {
        match self.known[at as usize].source {
            Source::File { .. } => 0,
            Source::Memory { .. } => 1,
            Source::Message { .. } => 2,
        }
    }

    /// Each member of a list, or each clause, by a sentence of its own: "I love tea, chess and sailing".
    fn in_parts(&self, asks: &Asks<'_>, candidates: &[u32]) -> Option<Vec<u32>> {
        let by_part = self.pieces(asks, candidates, |token| token.part);
        by_part.or_else(|| self.pieces(asks, candidates, |token| token.clause))
    }

    fn pieces(&self, asks: &Asks<'_>, candidates: &[u32], of: impl Fn(&Token) -> usize) -> Option<Vec<u32>> {
        let parts: BTreeSet<usize> = asks.claim.iter().map(&of).collect();
        if parts.len() < 2 {
            return None;
        }
        let first = asks.claim.iter().filter(|token| of(token) == asks.claim.first().map_or(0, &of));
        let lead: Vec<&Token> = first.collect();
        let mut found: Vec<u32> = Vec::new();
        let mut checked = 0;
        for part in parts {
            let (claim, weights): (Vec<Token>, Vec<f32>) = asks
                .claim
                .iter()
                .zip(asks.weights)
                .filter(|(token, _)| of(token) == part)
                .map(|(token, weight)| (token.clone(), *weight))
                .unzip();
            let piece = Asks { claim: &claim, weights: &weights, ..*asks };
            if !piece.is_checkable() {
                continue;
            }
            checked += 1;
            let mut alone = self.alone(&piece, candidates)?;
            // One word is found in many a sentence: it has to be said of the same thing.
            if claim.iter().filter(|token| token.sort != Sort::Light).count() < 2 {
                alone.retain(|at| {
                    lead.iter().any(|token| self.has(*at, token)) && !self.contradicts(*at, asks.claim)
                        || found.contains(at)
                });
            }
            let best = alone.iter().find(|at| found.contains(at)).or(alone.first())?;
            if !found.contains(best) {
                found.push(*best);
            }
        }
        (checked > 1).then_some(found)
    }

    /// Up to three sentences that belong together, by what they tell of or because they stand together.
    fn together(&self, asks: &Asks<'_>, candidates: &[u32]) -> Option<Vec<u32>> {
        let usable: Vec<u32> = candidates.iter().copied().filter(|at| !self.contradicts(*at, asks.claim)).collect();
        for first in usable.iter().take(6) {
            let mut chosen = vec![*first];
            let mut has: Vec<bool> = asks.claim.iter().map(|token| self.has(*first, token)).collect();
            while chosen.len() < TOGETHER {
                let gain = |at: &u32| -> f32 {
                    let new = asks
                        .claim
                        .iter()
                        .zip(asks.weights)
                        .zip(&has)
                        .filter(|((token, _), has)| !**has && self.has(*at, token));
                    new.map(|((_, weight), _)| weight).sum()
                };
                let linked = usable.iter().filter(|at| !chosen.contains(at) && self.are_linked(&chosen, **at, asks));
                let next = linked.map(|at| (*at, gain(at))).filter(|(_, gain)| *gain > 0.5);
                let Some((next, _)) = next.max_by(|one, other| one.1.total_cmp(&other.1).then(other.0.cmp(&one.0)))
                else {
                    break;
                };
                for (token, has) in asks.claim.iter().zip(&mut has) {
                    *has |= self.has(next, token);
                }
                chosen.push(next);
                if asks.is_met(&has) && self.figures_fit(&chosen, asks.claim) {
                    return Some(chosen);
                }
            }
        }
        None
    }

    /// Whether a sentence goes on with the others: it stands beside one of them, or tells of the same rare thing.
    fn are_linked(&self, chosen: &[u32], at: u32, asks: &Asks<'_>) -> bool {
        chosen.iter().any(|one| {
            let beside = self.known[*one as usize].unit == self.known[at as usize].unit && one.abs_diff(at) <= 2;
            let rare = self.known.len() / 20 + 3;
            beside
                || asks.claim.iter().any(|token| {
                    let places =
                        token.keys.iter().filter_map(|key| self.places.get(key)).map(Vec::len).max().unwrap_or(0);
                    let is_link = token.sort == Sort::Name
                        || token.concept.is_some()
                        || token.sort == Sort::Plain && places <= rare;
                    is_link && self.has(*one, token) && self.has(at, token)
                })
        })
    }

    /// A number has to come from a sentence that tells of what it counts in the claim.
    fn figures_fit(&self, chosen: &[u32], claim: &[Token]) -> bool {
        claim.iter().filter(|token| token.sort == Sort::Figure).all(|figure| {
            let mut beside = claim
                .iter()
                .filter(|token| token.clause == figure.clause && matches!(token.sort, Sort::Plain | Sort::Name))
                .peekable();
            beside.peek().is_none()
                || beside.any(|token| chosen.iter().any(|at| self.has(*at, figure) && self.has(*at, token)))
        })
    }

    /// By names and figures alone, which are the same in every language. Two of them, so that one name that is in many
    /// sentences proves nothing.
    fn translated(&self, asks: &Asks<'_>, candidates: &[u32]) -> Option<Vec<u32>> {
        let firm: Vec<&Token> = asks.claim.iter().filter(|token| is_firm(token) || token.concept.is_some()).collect();
        if firm.len() < 2 || !firm.iter().any(|token| is_firm(token)) {
            return None;
        }
        let says = |at: &&u32| {
            firm.iter().all(|token| {
                let denies = self.read[**at as usize].keys.values().any(|bits| bits & 2 != 0);
                self.has(**at, &Token { denied: false, ..(*token).clone() })
                    && denies == asks.claim.iter().any(|token| token.denied)
            }) && !self.contradicts(**at, asks.claim)
        };
        candidates.iter().find(says).map(|at| vec![*at])
    }

    fn grounds(&self, found: Vec<u32>) -> Vec<Ground> {
        let mut grounds: Vec<Ground> = Vec::new();
        for at in found {
            let known = &self.known[at as usize];
            let is_new = !grounds.iter().any(|ground| ground.source == known.source);
            if is_new && grounds.len() < SHOWN {
                grounds.push(Ground { text: excerpt(&known.text), source: known.source.clone() });
            }
        }
        grounds
    }
}

/// Names and figures are the same in every language, and another one is another claim.
fn is_firm(token: &Token) -> bool {
    matches!(token.sort, Sort::Figure | Sort::Name)
}

/// What a claim wants to have borne out.
#[derive(Clone, Copy)]
struct Asks<'a> {
    claim: &'a [Token],
    weights: &'a [f32],
    covered: f32,
}

impl Asks<'_> {
    /// Whether it says more than could be said of anybody.
    fn is_checkable(&self) -> bool {
        self.claim.iter().any(|token| token.sort != Sort::Light)
    }

    fn share(&self, has: &[bool]) -> f32 {
        let all: f32 = self.weights.iter().sum();
        let covered: f32 = self.weights.iter().zip(has).filter(|(_, has)| **has).map(|(weight, _)| weight).sum();
        covered / all.max(f32::EPSILON)
    }

    /// Every name and figure is there, and enough of the rest.
    fn is_met(&self, has: &[bool]) -> bool {
        let firm = self.claim.iter().zip(has).filter(|(token, _)| is_firm(token)).all(|(_, has)| *has);
        let says = self.claim.iter().zip(has).any(|(token, has)| *has && token.sort != Sort::Light);
        firm && says && self.share(has) >= self.covered
    }
}

/// The beginning of a long text, up to a word's end.
fn excerpt(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(EXCERPT) else { return text.to_owned() };
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", text[..cut].trim_end())
}
