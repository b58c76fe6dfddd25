//! The summary of a session.

use super::super::{SUMMARY_MOST, Summary};
use super::{Judge, teller};
use crate::title::one_line;
use twin_core::id::{MemoryId, MessageId};
use twin_core::memory::{Ending, Evidence, Memory, MemoryChange, MemoryKind};

impl Judge<'_> {
    /// The session's summary, in place of the one before.
    pub(super) fn sum_up(&mut self, summary: Option<&str>) {
        let before = match self.batch.summary {
            Summary::NotDue => return,
            Summary::First => None,
            Summary::After(before) => Some(before),
        };
        let text = shortened(&one_line(summary.unwrap_or_default()));
        let Some(last) = self.batch.messages.last().filter(|_| !text.is_empty()) else { return };
        let memory = Memory {
            id: summary_id(last.id),
            kind: MemoryKind::Episodic,
            text,
            topic: String::new(),
            people: Vec::new(),
            audience: self.batch.audience,
            teller: teller(self.batch.audience),
            valid_from: None,
            valid_until: None,
            learned_at: self.now,
            ended_at: None,
            ending: None,
            contradicts: Vec::new(),
            importance: 2,
            pinned: false,
            sources: vec![Evidence::Session { session_id: self.batch.session, through: last.id }],
        };
        let by = memory.id;
        self.changes.push(MemoryChange::Learned { memory });
        if let Some(before) = before {
            let ending = Ending::Superseded { by };
            self.changes.push(MemoryChange::Ended { id: before.id, ending, at: self.now, said_in: None });
        }
    }
}

/// The id of the summary that goes up to this message.
pub fn summary_id(through: MessageId) -> MemoryId {
    MemoryId::derived(through.as_uuid(), b"summary")
}

/// To the last whole word that fits.
fn shortened(text: &str) -> String {
    if text.chars().count() <= SUMMARY_MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(SUMMARY_MOST - 1).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}
