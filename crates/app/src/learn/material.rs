//! What is learned from, fetched from the store.

use jiff::Zoned;
use std::collections::BTreeSet;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session};
use twin_core::id::{MemoryId, MessageId};
use twin_core::memory::{Evidence, Memory, Person};
use twin_core::model::{ModelRef, Provider};
use twin_mind::learn::{Batch, Summary, summary_id};
use twin_mind::recall::query_terms;
use twin_store::{Hearing, LearningBatch, Store, StoreError};

/// Memories that are shown: those near by their words, and those that were just learned here.
const NEAR: usize = 20;
const LATELY: usize = 8;

/// Messages before the first that waits, without which "yes, since May" says nothing.
const BEFORE: usize = 2;

/// A session is summed up after so many answers since the last time.
const SUMMED_UP_AFTER: usize = 6;
/// Messages that are shown for it.
const SUMMED_UP: usize = 24;

/// What one request is about.
pub(super) struct Material {
    /// Who is asked: who answered last.
    pub(super) model: ModelRef,
    session: Session,
    messages: Vec<Message>,
    context: usize,
    known: Vec<Memory>,
    people: Vec<Person>,
    is_summary_due: bool,
    summary: Option<Memory>,
}

impl Material {
    /// None if no language model answered.
    pub(super) fn gather(store: &Store, waiting: &LearningBatch) -> Result<Option<Self>, StoreError> {
        let session = store.session_get(waiting.session_id)?;
        let mut fresh: Vec<Message> = Vec::new();
        for answer in &waiting.messages {
            let answer = store.message_get(*answer)?;
            let question = answer.parent_id.filter(|id| fresh.iter().all(|message| message.id != *id));
            if let Some(question) = question {
                fresh.push(store.message_get(question)?);
            }
            fresh.push(answer);
        }
        let model = fresh.iter().rev().find_map(|message| message.model.clone());
        let (Some(model), Some(last)) = (model.filter(|model| model.provider != Provider::Offline), fresh.last())
        else {
            return Ok(None);
        };
        let hearing = Hearing { audience: session.audience, session: Some(session.id), ..Hearing::default() };

        let mut path = store.message_path(last.id)?;
        let summary = last_summary(store, &path, &hearing)?;
        let summed_up = summary.as_ref().and_then(through).and_then(|through| place(&path, through));
        let since = path.split_off(summed_up.map_or(0, |at| at + 1));
        let answers = since.iter().filter(|message| is_whole_answer(message)).count();
        let is_summary_due = answers >= SUMMED_UP_AFTER;
        let ids: BTreeSet<MessageId> = fresh.iter().map(|message| message.id).collect();
        let mut before = if is_summary_due { since } else { path.into_iter().chain(since).collect() };
        before.retain(|message| !ids.contains(&message.id));
        let shown = if is_summary_due { SUMMED_UP } else { BEFORE };
        let mut messages = before.split_off(before.len().saturating_sub(shown));
        let context = messages.len();
        messages.extend(fresh);

        Ok(Some(Self {
            known: known(store, &session, &messages[context..], &hearing)?,
            people: people(store, session.audience)?,
            model,
            session,
            messages,
            context,
            is_summary_due,
            summary,
        }))
    }

    pub(super) fn batch<'a>(&'a self, now: &'a Zoned) -> Batch<'a> {
        Batch {
            session: self.session.id,
            audience: self.session.audience,
            messages: &self.messages,
            context: self.context,
            known: &self.known,
            people: &self.people,
            summary: match &self.summary {
                _ if !self.is_summary_due => Summary::NotDue,
                None => Summary::First,
                Some(summary) => Summary::After(summary),
            },
            now,
        }
    }
}

/// A summary's id follows from the message up to which it goes.
fn last_summary(store: &Store, path: &[Message], hearing: &Hearing) -> Result<Option<Memory>, StoreError> {
    let ids: Vec<MemoryId> = path.iter().map(|message| summary_id(message.id)).collect();
    Ok(store.memory_heard(&ids, hearing)?.pop())
}

fn through(summary: &Memory) -> Option<MessageId> {
    summary.sources.iter().find_map(|source| match source {
        Evidence::Session { through, .. } => Some(*through),
        _ => None,
    })
}

fn place(path: &[Message], id: MessageId) -> Option<usize> {
    path.iter().position(|message| message.id == id)
}

fn is_whole_answer(message: &Message) -> bool {
    message.role == Role::Assistant && message.status == MessageStatus::Complete
}

/// What is near by its words, then what was learned in this session lately: a correction may have none of its words.
fn known(store: &Store, session: &Session, messages: &[Message], hearing: &Hearing) -> Result<Vec<Memory>, StoreError> {
    let said = messages.iter().filter(|message| message.role == Role::User);
    let terms = query_terms(&said.map(|message| message.content.as_str()).collect::<Vec<_>>().join("\n"));
    let near = store.memory_search(&terms, hearing, NEAR)?.into_iter().map(|hit| hit.memory);
    let here = store.memory_notices(session.id)?.into_iter().flat_map(|notice| notice.learned);
    let mut here: Vec<Memory> = here.filter(|memory| memory.ended_at.is_none()).collect();
    let mut known: Vec<Memory> = Vec::new();
    for memory in near.chain(here.split_off(here.len().saturating_sub(LATELY))) {
        if through(&memory).is_none() && known.iter().all(|other| other.id != memory.id) {
            known.push(memory);
        }
    }
    Ok(known)
}

/// Nobody in a visitor's session: whom the owner knows is the owner's alone.
pub(super) fn people(store: &Store, audience: Audience) -> Result<Vec<Person>, StoreError> {
    if audience == Audience::Visitor {
        return Ok(Vec::new());
    }
    let rows = store.person_list()?.into_iter();
    Ok(rows.flat_map(|row| std::iter::once(row.person).chain(row.merged)).collect())
}
