//! What is remembered: looked through, corrected, forgotten.

mod forget;
mod person;

use crate::error::{WireError, invalid};
use crate::recall::Wanted;
use crate::{App, task};
use twin_core::chat::Audience;
use twin_core::event::Event;
use twin_core::id::{MemoryId, SessionId};
use twin_core::memory::{
    Ending, Evidence, Memory, MemoryChange, MemoryDetail, MemoryKind, MemoryNotice, MemoryPage, MemoryQuery,
    MemoryStats, Teller,
};
use twin_core::report::Passage;
use twin_core::time::Timestamp;
use twin_store::Hearing;

/// A longer text is a message.
const MAX_TEXT_CHARS: usize = 300;

/// More at once than a screen shows.
const MOST: u32 = 200;

/// What the owner writes down themselves matters more than what was said by the way.
const TYPED_IMPORTANCE: u8 = 3;

impl App {
    /// A part of what is remembered.
    pub async fn memory_list(&self, query: MemoryQuery) -> Result<MemoryPage, WireError> {
        let query = MemoryQuery { limit: query.limit.clamp(1, MOST), ..query };
        let store = self.inner.store.clone();
        task::store(move || store.memory_list(&query)).await
    }

    /// One memory with its sources and its history.
    pub async fn memory_get(&self, id: MemoryId) -> Result<MemoryDetail, WireError> {
        let store = self.inner.store.clone();
        let mut detail = task::store(move || store.memory_get(id)).await?;
        let persona = self.persona();
        let versions = detail.history.iter_mut().flat_map(|version| &mut version.sources);
        for source in detail.sources.iter_mut().chain(versions) {
            if let Evidence::File { path, line } = &source.evidence {
                source.excerpt = persona.line(path, *line).unwrap_or_default().to_owned();
            }
        }
        Ok(detail)
    }

    /// What would be recalled for a question, best first, from everything that the audience may hear, as it was known at
    /// `as_of`.
    pub async fn memory_search(
        &self,
        query: &str,
        audience: Audience,
        as_of: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Passage>, WireError> {
        let hearing = Hearing { audience, as_of, ..Hearing::default() };
        let limit = usize::try_from(limit.clamp(1, MOST)).unwrap_or(usize::MAX);
        self.recall_passages(Wanted { query, hearing, said: None, quoted: false, limit }).await
    }

    /// How much is remembered.
    pub async fn memory_stats(&self) -> Result<MemoryStats, WireError> {
        let embedder = self.settings().embedder.to_string();
        let month = self.now().strftime("%Y-%m").to_string();
        let store = self.inner.store.clone();
        task::store(move || store.memory_stats(&embedder, &month)).await
    }

    /// Remembers what the owner wrote.
    pub async fn memory_add(&self, kind: MemoryKind, text: &str, audience: Audience) -> Result<Memory, WireError> {
        let now = self.inner.clock.now();
        let memory = Memory {
            id: MemoryId::new(now),
            kind,
            text: checked(text)?,
            topic: String::new(),
            people: Vec::new(),
            audience,
            teller: Teller::Owner,
            valid_from: None,
            valid_until: None,
            learned_at: now,
            ended_at: None,
            ending: None,
            contradicts: Vec::new(),
            importance: TYPED_IMPORTANCE,
            pinned: false,
            sources: vec![Evidence::Typed { at: now }],
        };
        self.memory_change(vec![MemoryChange::Learned { memory: memory.clone() }]).await?;
        Ok(memory)
    }

    /// Says it in other words; `was_wrong`: it never was true, else it was until now. The old one stays in the history.
    pub async fn memory_correct(&self, id: MemoryId, text: &str, was_wrong: bool) -> Result<Memory, WireError> {
        let text = checked(text)?;
        let old = self.memory_holding(id).await?;
        let now = self.inner.clock.now();
        let by = MemoryId::new(now);
        let ending = if was_wrong { Ending::Corrected { by } } else { Ending::Superseded { by } };
        let memory = Memory {
            id: by,
            text,
            // What a visitor said may be heard by visitors; what the owner makes of it may not, until they say so.
            audience: if old.teller == Teller::Owner { old.audience } else { Audience::Owner },
            teller: Teller::Owner,
            valid_from: if was_wrong { old.valid_from } else { Some(now) },
            learned_at: now,
            contradicts: Vec::new(),
            sources: vec![Evidence::Typed { at: now }],
            ..old
        };
        let ended = MemoryChange::Ended { id, ending, at: now, said_in: None };
        self.memory_change(vec![MemoryChange::Learned { memory: memory.clone() }, ended]).await?;
        Ok(memory)
    }

    /// Takes it back, or brings it back.
    pub async fn memory_retract(&self, id: MemoryId, retracted: bool) -> Result<(), WireError> {
        let change = if retracted {
            let id = self.memory_holding(id).await?.id;
            MemoryChange::Ended { id, ending: Ending::Retracted, at: self.inner.clock.now(), said_in: None }
        } else {
            MemoryChange::Restored { id }
        };
        self.memory_change(vec![change]).await
    }

    /// As if it had not been learned, or again as if it had.
    pub async fn memory_undo(&self, id: MemoryId, undone: bool) -> Result<(), WireError> {
        self.memory_change(vec![MemoryChange::Undone { id, undone }]).await
    }

    /// Keeps it at hand, or no longer.
    pub async fn memory_pin(&self, id: MemoryId, pinned: bool) -> Result<(), WireError> {
        self.memory_change(vec![MemoryChange::Pinned { id, pinned }]).await
    }

    /// Decides who may hear it.
    pub async fn memory_share(&self, id: MemoryId, audience: Audience) -> Result<(), WireError> {
        self.memory_change(vec![MemoryChange::Shared { id, audience }]).await
    }

    /// Says that `keep` holds and the others do not: they say the same (`same`), or contradict it and are wrong.
    pub async fn memory_settle(&self, keep: MemoryId, others: Vec<MemoryId>, same: bool) -> Result<(), WireError> {
        let kept = self.memory_holding(keep).await?;
        let at = self.inner.clock.now();
        let mut changes = Vec::new();
        for id in others {
            if id == keep {
                return Err(invalid("a memory cannot take its own place", "Choose the others."));
            }
            let other = self.memory_holding(id).await?;
            let ending = if same { Ending::Merged { into: keep } } else { Ending::Corrected { by: keep } };
            changes.push(MemoryChange::Ended { id, ending, at, said_in: None });
            // What visitors said stays apart: each of them hears what rests on their own session only.
            if same && (kept.teller, other.teller) == (Teller::Owner, Teller::Owner) {
                changes.extend(other.sources.into_iter().map(|source| MemoryChange::Confirmed { id: keep, source }));
            }
        }
        self.memory_change(changes).await
    }

    /// What was learned from the messages of a session; of a temporary one nothing is.
    pub async fn memory_notices(&self, session_id: SessionId) -> Result<Vec<MemoryNotice>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.memory_notices(session_id)).await
    }

    /// Makes the changes, all or none, and tells.
    pub(crate) async fn memory_change(&self, changes: Vec<MemoryChange>) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.memory_change(&changes)).await?;
        self.tell(Event::MemoryChanged);
        Ok(())
    }

    /// A memory, which must hold.
    async fn memory_holding(&self, id: MemoryId) -> Result<Memory, WireError> {
        let store = self.inner.store.clone();
        let memory = task::store(move || store.memory_get(id).map(|detail| detail.memory)).await?;
        if memory.ended_at.is_some() {
            return Err(invalid("this memory no longer holds", "Bring it back first, or choose the one in its place."));
        }
        Ok(memory)
    }
}

/// A text as it is kept: one line.
fn checked(text: &str) -> Result<String, WireError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_TEXT_CHARS || text.chars().any(char::is_control) {
        return Err(invalid(
            format!("a memory has between 1 and {MAX_TEXT_CHARS} characters, on one line"),
            "Write it as one short sentence; what needs more room belongs into a file of the persona.",
        ));
    }
    Ok(text.to_owned())
}
