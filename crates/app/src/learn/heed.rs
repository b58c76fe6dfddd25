//! "Remember …", "forget that …", "that is wrong, …": done at once and without a model, before the answer is asked for.

use super::material::people;
use crate::error::WireError;
use crate::{App, task};
use twin_core::chat::{Audience, Message, Role, Session};
use twin_core::event::Event;
use twin_core::memory::{Ending, Memory, MemoryChange, Teller};
use twin_core::report::Note;
use twin_core::time::Timestamp;
use twin_mind::learn::spoken::{Spoken, covering, meant, remembered, spoken};
use twin_mind::learn::{Done, same};
use twin_mind::recall::query_terms;
use twin_store::{Hearing, Store, StoreError};

/// Memories among which the one is looked for that somebody wants forgotten.
const CANDIDATES: usize = 100;

/// What was done because somebody asked for it aloud.
pub(crate) struct Heeded {
    /// For the model that answers.
    pub(crate) done: Done,
    /// For the person, where no notice under their message says it.
    pub(crate) note: Option<Note>,
}

impl App {
    /// Does what the message asks of the memory; none if it asks nothing, or it could not be done.
    pub(crate) async fn heed(&self, session: &Session, question: &Message, history: &[Message]) -> Option<Heeded> {
        let spoken = spoken(&question.content)?;
        // Answers are called wrong that no memory is behind. That is between the two who talk.
        let may_mean_another = matches!(spoken, Spoken::Wrong { .. });
        if session.temporary {
            let heeded = Heeded { done: Done::NothingKept, note: Some(Note::NothingKept) };
            return (!may_mean_another).then_some(heeded);
        }
        match self.do_as_said(spoken, session, question, history).await {
            Ok(Some(done)) => {
                self.tell(Event::MemoryChanged);
                Some(Heeded { done, note: None })
            }
            Ok(None) if may_mean_another => None,
            Ok(None) => Some(Heeded { done: Done::NoneMeant, note: Some(Note::NoMemoryMeant) }),
            Err(error) => {
                // The answer comes all the same; that nothing was done is seen by there being no notice.
                tracing::warn!(id = %error.id, "what was asked of the memory could not be done");
                None
            }
        }
    }

    /// None if there is no memory that is meant.
    async fn do_as_said(
        &self,
        spoken: Spoken,
        session: &Session,
        question: &Message,
        history: &[Message],
    ) -> Result<Option<Done>, WireError> {
        let (store, now) = (self.inner.store.clone(), self.inner.clock.now());
        let (audience, question) = (session.audience, question.clone());
        let answer = history.iter().rev().find(|message| message.role == Role::Assistant).cloned();
        task::store(move || {
            let of = Of { store: &store, audience, question: &question, now };
            match spoken {
                Spoken::Remember { text, kind } => {
                    let memory = remembered(&text, kind, &question, audience, &people(&store, audience)?, now);
                    of.remember(memory).map(Some)
                }
                Spoken::Forget { what } => of.forget(&what),
                Spoken::Wrong { right } => answer.map_or(Ok(None), |answer| of.correct(&answer, right)),
            }
        })
        .await
    }
}

struct Of<'a> {
    store: &'a Store,
    audience: Audience,
    question: &'a Message,
    now: Timestamp,
}

impl Of<'_> {
    fn hearing(&self) -> Hearing {
        Hearing { audience: self.audience, session: Some(self.question.session_id), ..Hearing::default() }
    }

    fn remember(&self, memory: Memory) -> Result<Done, StoreError> {
        let near = self.store.memory_search(&query_terms(&memory.text), &self.hearing(), CANDIDATES)?;
        let known =
            near.into_iter().map(|hit| hit.memory).find(|known| known.teller == memory.teller && same(known, &memory));
        let done = Done::Remembered(memory.text.clone());
        let change = match known {
            Some(known) => MemoryChange::Confirmed { id: known.id, source: memory.sources[0].clone() },
            None => MemoryChange::Learned { memory },
        };
        self.store.memory_change(&[change])?;
        Ok(done)
    }

    fn forget(&self, what: &str) -> Result<Option<Done>, StoreError> {
        let hits = self.store.memory_search(&query_terms(what), &self.hearing(), CANDIDATES)?;
        let candidates: Vec<Memory> =
            hits.into_iter().map(|hit| hit.memory).filter(|memory| self.may_end(memory)).collect();
        let Some(memory) = covering(what, &candidates) else { return Ok(None) };
        self.store.memory_change(&[self.end(memory, Ending::Retracted)])?;
        Ok(Some(Done::TakenBack(memory.text.clone())))
    }

    fn correct(&self, answer: &Message, right: Option<String>) -> Result<Option<Done>, StoreError> {
        let report = self.store.context_report(answer.id)?;
        let given = report.map_or_else(Vec::new, |report| report.passages);
        let Some(id) = meant(&answer.content, &given, right.as_deref()) else { return Ok(None) };
        let current = self.store.memory_heard(&[id], &self.hearing())?;
        let Some(wrong) = current.into_iter().find(|memory| self.may_end(memory)) else { return Ok(None) };
        let Some(right) = right else {
            self.store.memory_change(&[self.end(&wrong, Ending::Retracted)])?;
            return Ok(Some(Done::TakenBack(wrong.text)));
        };
        let said =
            remembered(&right, wrong.kind, self.question, self.audience, &people(self.store, self.audience)?, self.now);
        let memory = Memory { topic: wrong.topic.clone(), pinned: wrong.pinned, importance: wrong.importance, ..said };
        let (by, text) = (memory.id, memory.text.clone());
        let ended = self.end(&wrong, Ending::Corrected { by });
        self.store.memory_change(&[MemoryChange::Learned { memory }, ended])?;
        Ok(Some(Done::Corrected { wrong: wrong.text, right: text }))
    }

    /// A visitor takes back nothing that the owner said.
    fn may_end(&self, memory: &Memory) -> bool {
        self.audience == Audience::Owner || memory.teller == Teller::Visitor
    }

    fn end(&self, memory: &Memory, ending: Ending) -> MemoryChange {
        MemoryChange::Ended { id: memory.id, ending, at: self.now, said_in: Some(self.question.id) }
    }
}
