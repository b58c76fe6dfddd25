//! Where what an answer says of the owner comes from.
//!
//! A model is told to invent nothing, and does so most of the time. Here each statement about the owner is laid beside
//! everything that is known: what their files say, what they told, what is remembered. What is borne out gets its
//! sources, the rest is a guess. Words are compared and not meanings, so a true statement in other words may be called
//! a guess; that errs on the side of doubt. Everything is computed from the words alone, the same each time.

mod answer;
mod evidence;
mod reading;
mod statement;
mod word;

use crate::persona::Persona;
use crate::recall::{Kind, Language, Said, may_hear, of_persona, of_said};
use evidence::{Index, Script, Verdict};
use reading::Reader;
use statement::{Judge, wants_text};
use twin_core::chat::Audience;
use twin_core::report::{Claim, Passage};

/// What an answer may rest on.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// Whose twin answers.
    pub persona: &'a Persona,
    /// Who was talking: nothing that they may not hear is a source.
    pub audience: Audience,
    /// What was recalled for the answer.
    pub passages: &'a [Passage],
    /// What was said in the conversation, the question included. Only what the owner said counts: the twin's own words
    /// are second-hand, and a visitor does not know the owner's life.
    pub said: &'a [Said],
    /// What was asked.
    pub question: &'a str,
}

/// The statements of an answer about the owner, in its order, each with what bears it out.
pub fn claims(answer: &str, basis: &Basis<'_>) -> Vec<Claim> {
    let mut units = of_persona(basis.persona, basis.audience);
    let recalled =
        basis.passages.iter().map(|passage| Said { text: passage.text.clone(), source: passage.source.clone() });
    let recalled: Vec<Said> = recalled.collect();
    let said = recalled.iter().chain(basis.said).filter(|said| may_hear(basis.audience, &said.source));
    // A passage of a file is among the persona's sentences already, with its line.
    let told = said.map(of_said).filter(|unit| unit.kind == Kind::Owner);
    units.extend(told);
    let known = evidence::known(&units);
    let (mut names, people) = evidence::names(&known);
    names.extend(people.iter().cloned());

    let mut judge = Judge { audience: basis.audience, names: &people, goes_on: false };
    let keeps_guesses = !wants_text(basis.question);
    let mut read: Vec<(Language, Reader, Index<'_>)> = Vec::new();
    let mut places = Utf16::new(answer);
    let mut claims = Vec::new();
    for piece in answer::pieces(answer) {
        let Some((part, is_own)) = judge.statement(&piece) else { continue };
        let text = &piece.text[part];
        let language = Language::of(text);
        let at = read.iter().position(|(known, ..)| *known == language).unwrap_or_else(|| {
            let reader = Reader::new(language, names.iter().cloned());
            let index = Index::new(&known, &reader);
            read.push((language, reader, index));
            read.len() - 1
        });
        let (_, reader, index) = &read[at];
        // What does not speak of the owner may be from their files all the same, or else is no claim.
        let grounds = match index.judge(&reader.read(text), Script::of(text), is_own) {
            Verdict::Sourced(grounds) => grounds,
            Verdict::Guess if keeps_guesses && is_own => Vec::new(),
            Verdict::Guess | Verdict::Open => continue,
        };
        claims.push(Claim { start: places.at(piece.place.start), end: places.at(piece.place.end), grounds });
    }
    claims
}

/// Counts UTF-16 units up to places that only grow.
struct Utf16<'a> {
    text: &'a str,
    byte: usize,
    units: usize,
}

impl<'a> Utf16<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, byte: 0, units: 0 }
    }

    fn at(&mut self, byte: usize) -> u32 {
        if byte < self.byte {
            (self.byte, self.units) = (0, 0);
        }
        self.units += self.text[self.byte..byte].encode_utf16().count();
        self.byte = byte;
        u32::try_from(self.units).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
