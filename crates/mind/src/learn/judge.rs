//! Decides what is kept of a model's proposal. Nothing here asks anybody, and the same proposal gives the same ids: done
//! twice, it is done once.

mod person;
mod summary;

pub use summary::summary_id;

use super::own::{Own, Place, fold};
use super::parse::{Act, Basis, Operation, Proposal, Statement};
use super::same::{adds_nothing, same};
use super::{Batch, TEXT_MOST};
use crate::recall::utterance::is_question;
use crate::title::one_line;
use jiff::civil::Date;
use twin_core::chat::{Audience, Message, Role};
use twin_core::id::MemoryId;
use twin_core::memory::{Ending, Evidence, Memory, MemoryChange, MemoryKind, Person, Teller};
use twin_core::time::Timestamp;

const TOPIC_MOST: usize = 40;

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judged {
    /// To be done in this order, all or nothing.
    pub changes: Vec<MemoryChange>,
    /// Why operations were dropped, in order.
    pub dropped: Vec<Dropped>,
}

/// Why an operation was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// There is no such message, the twin wrote it, or it was learned from before.
    Message,
    /// There is no such memory, or it has ended.
    Memory,
    /// The person did not write these words, or wrote them in a quotation block or in code.
    NotSaid,
    /// It is a joke, a question or a part of a document, or the model did not say what it is.
    Basis,
    /// Words of somebody who is not named, or repeated by a visitor.
    Quoted,
    /// Too long, or empty.
    Text,
    /// None of its words are the person's.
    Ungrounded,
    /// How things are done is learned only from what the owner typed.
    Procedure,
    /// A visitor cannot change what the owner said.
    Visitor,
    /// It was learned from this message before.
    Known,
}

/// Judges a proposal. The changes are in the order in which they are to be done.
pub fn judge(proposal: &Proposal, batch: &Batch<'_>) -> Judged {
    let mut judge = Judge {
        batch,
        now: batch.now.timestamp().into(),
        current: batch.known.iter().cloned().map(Some).collect(),
        people: batch.people.to_vec(),
        changes: Vec::new(),
    };
    let judged = proposal.operations.iter().map(|operation| judge.operation(operation));
    let dropped = judged.filter_map(Result::err).collect();
    judge.sum_up(proposal.summary.as_deref());
    Judged { changes: judge.changes, dropped }
}

struct Judge<'a> {
    batch: &'a Batch<'a>,
    now: Timestamp,
    /// Those of the batch in its order, then what was learned; none: it has ended.
    current: Vec<Option<Memory>>,
    people: Vec<Person>,
    changes: Vec<MemoryChange>,
}

/// The memory that a statement is about, and how it ends it; none: it contradicts it.
type Target<'a> = (&'a Memory, Option<fn(MemoryId) -> Ending>);

impl Judge<'_> {
    fn operation(&mut self, operation: &Operation) -> Result<(), Dropped> {
        let message = at(self.batch.messages, operation.message).filter(|message| message.role == Role::User);
        let message = message.filter(|_| operation.message > self.batch.context).ok_or(Dropped::Message)?;
        let own = Own::of(&message.content);
        match &operation.act {
            Act::Add(statement) => self.learn(message, &own, operation, statement, None),
            Act::Supersede(number, statement) => {
                let target = self.target(*number)?;
                let end: fn(MemoryId) -> Ending = |by| Ending::Superseded { by };
                self.learn(message, &own, operation, statement, Some((&target, Some(end))))
            }
            Act::Correct(number, statement) => {
                let target = self.target(*number)?;
                let end: fn(MemoryId) -> Ending = |by| Ending::Corrected { by };
                self.learn(message, &own, operation, statement, Some((&target, Some(end))))
            }
            Act::Contradict(number, statement) => {
                // What a visitor says against the owner's word is kept, beside it and without touching it.
                let target = match self.target(*number) {
                    Err(Dropped::Visitor) => None,
                    target => Some(target?),
                };
                self.learn(message, &own, operation, statement, target.as_ref().map(|target| (target, None)))
            }
            Act::Retract(number) => {
                let target = self.target(*number)?;
                if own.place(&operation.quote) != Place::Own {
                    return Err(Dropped::NotSaid);
                }
                if target.kind == MemoryKind::Procedural && !own.is_typed(&operation.quote, &operation.quote) {
                    return Err(Dropped::Procedure);
                }
                self.end(&target, Ending::Retracted, message);
                Ok(())
            }
            Act::Confirm(number) => {
                let target = self.target(*number)?;
                if !own.shares(&target.text) {
                    return Err(Dropped::Ungrounded);
                }
                self.confirm(&target, message)
            }
        }
    }

    /// Keeps a statement. With a target it ends that one, or (no ending) contradicts it.
    fn learn(
        &mut self,
        message: &Message,
        own: &Own,
        operation: &Operation,
        statement: &Statement,
        target: Option<Target<'_>>,
    ) -> Result<(), Dropped> {
        let is_quoted = is_quoted(own.place(&operation.quote), statement, &operation.quote)?;
        if is_quoted && self.batch.audience == Audience::Visitor {
            return Err(Dropped::Quoted);
        }
        let text = one_line(&statement.text);
        if text.is_empty() || text.chars().count() > TEXT_MOST {
            return Err(Dropped::Text);
        }
        if !own.shares(&text) {
            return Err(Dropped::Ungrounded);
        }
        let kind = if is_quoted { MemoryKind::Social } else { statement.kind };
        // What somebody else thinks changes only what is known of others.
        let target = target.filter(|(target, _)| !is_quoted || target.kind == MemoryKind::Social);
        let is_procedure =
            kind == MemoryKind::Procedural || target.is_some_and(|(target, _)| target.kind == MemoryKind::Procedural);
        if is_procedure && !(self.batch.audience == Audience::Owner && own.is_typed(&operation.quote, &text)) {
            return Err(Dropped::Procedure);
        }
        let (people, heard_of) = self.people(&statement.people, own, message);
        if is_quoted && people.is_empty() {
            return Err(Dropped::Quoted);
        }
        let (valid_from, valid_until) = self.valid(statement);
        let memory = Memory {
            id: MemoryId::derived(message.id.as_uuid(), fold(&text).as_bytes()),
            kind,
            text,
            topic: one_line(&statement.topic).to_lowercase().chars().take(TOPIC_MOST).collect(),
            people,
            audience: self.batch.audience,
            teller: teller(self.batch.audience),
            valid_from,
            valid_until,
            learned_at: self.now,
            ended_at: None,
            ending: None,
            contradicts: Vec::new(),
            importance: statement.importance,
            pinned: false,
            sources: vec![self.evidence(message)],
        };
        if let Some(same) = self.current.iter().flatten().find(|known| is_same(&memory, known)).cloned() {
            return match target {
                Some((target, Some(end))) if target.id != same.id => {
                    self.end(target, end(same.id), message);
                    self.confirm(&same, message)
                }
                _ => self.confirm(&same, message),
            };
        }
        let contradicts = match target {
            Some((target, None)) => vec![target.id],
            _ => Vec::new(),
        };
        let memory = Memory { contradicts, ..memory };
        self.changes.extend(heard_of.iter().cloned().map(|person| MemoryChange::Person { person }));
        for person in heard_of {
            self.people.retain(|known| known.id != person.id);
            self.people.push(person);
        }
        self.changes.push(MemoryChange::Learned { memory: memory.clone() });
        if let Some((target, Some(end))) = target {
            self.end(target, end(memory.id), message);
        }
        self.current.push(Some(memory));
        Ok(())
    }

    fn target(&self, number: usize) -> Result<Memory, Dropped> {
        let is_shown = number <= self.batch.known.len();
        let target = at(&self.current, number).cloned().flatten().filter(|_| is_shown).ok_or(Dropped::Memory)?;
        if self.batch.audience == Audience::Visitor && target.teller == Teller::Owner {
            return Err(Dropped::Visitor);
        }
        Ok(target)
    }

    fn end(&mut self, target: &Memory, ending: Ending, message: &Message) {
        self.changes.push(MemoryChange::Ended { id: target.id, ending, at: self.now, said_in: Some(message.id) });
        for slot in &mut self.current {
            slot.take_if(|known| known.id == target.id);
        }
    }

    fn confirm(&mut self, target: &Memory, message: &Message) -> Result<(), Dropped> {
        let source = self.evidence(message);
        let known = self.current.iter_mut().flatten().find(|known| known.id == target.id).ok_or(Dropped::Memory)?;
        if known.sources.contains(&source) {
            return Err(Dropped::Known);
        }
        known.sources.push(source.clone());
        self.changes.push(MemoryChange::Confirmed { id: target.id, source });
        Ok(())
    }

    fn valid(&self, statement: &Statement) -> (Option<Timestamp>, Option<Timestamp>) {
        let date = |text: &Option<String>| text.as_deref().and_then(|text| self.date(text));
        let (from, until) = (date(&statement.valid_from), date(&statement.valid_until));
        (from, until.filter(|until| from.is_none_or(|from| from < *until)))
    }

    /// The beginning of a day, a month or a year.
    fn date(&self, text: &str) -> Option<Timestamp> {
        let day = text.get(..10).unwrap_or(text);
        let spelled = match day.len() {
            4 => format!("{day}-01-01"),
            7 => format!("{day}-01"),
            _ => day.to_owned(),
        };
        let date: Date = spelled.parse().ok()?;
        Some(date.to_zoned(self.batch.now.time_zone().clone()).ok()?.timestamp().into())
    }

    fn evidence(&self, message: &Message) -> Evidence {
        Evidence::Message { session_id: self.batch.session, message_id: message.id }
    }
}

/// Whether the words are somebody else's; why they are dropped, if they are.
fn is_quoted(place: Place, statement: &Statement, quote: &str) -> Result<bool, Dropped> {
    // "Give me short answers" asks for something, too, and is a rule.
    let asks = quote.ends_with(['?', '？', '؟']) || statement.kind != MemoryKind::Procedural && is_question(quote);
    match (place, statement.basis) {
        (Place::Nowhere, _) => Err(Dropped::NotSaid),
        (_, None | Some(Basis::Joking | Basis::Asked | Basis::Document)) => Err(Dropped::Basis),
        _ if asks => Err(Dropped::Basis),
        (Place::InMarks, _) | (_, Some(Basis::Quoted)) => Ok(true),
        (Place::Own, Some(Basis::Stated)) => Ok(false),
    }
}

/// Whether `known` says it already: somebody has the same remembered by word of mouth, or it is about the same and has all
/// that the new one has.
fn is_same(new: &Memory, known: &Memory) -> bool {
    let is_about_the_same = !new.topic.is_empty() && new.topic == known.topic && new.people == known.people;
    let is_from_the_same = known.sources.iter().any(|source| new.sources.contains(source));
    new.teller == known.teller
        && (same(new, known)
            || (is_about_the_same && new.kind == known.kind || is_from_the_same)
                && adds_nothing(&new.text, &known.text))
}

fn teller(audience: Audience) -> Teller {
    match audience {
        Audience::Owner => Teller::Owner,
        Audience::Visitor => Teller::Visitor,
    }
}

/// Counted from 1.
fn at<T>(list: &[T], number: usize) -> Option<&T> {
    number.checked_sub(1).and_then(|index| list.get(index))
}

#[cfg(test)]
pub(super) mod tests;
