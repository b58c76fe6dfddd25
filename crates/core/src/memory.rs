//! What the twin knows: four kinds of memory in one form, each with where it comes from and who may hear it.
//!
//! Nothing is overwritten. A memory has two times (Snodgrass, "Developing Time-Oriented Database Applications in SQL",
//! 1999): when it was true in the world, and when it was learned and given up here. What replaces it closes it.

use crate::chat::Audience;
use crate::id::{MemoryId, MessageId, PersonId, ReceiptId, SessionId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which kind of memory (Tulving, "Episodic and semantic memory", 1972; procedural and social beside them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MemoryKind {
    /// What happened: what a conversation was about, an event.
    Episodic,
    /// A fact about the owner or their world.
    Semantic,
    /// How the owner does something, or wants it done: "when …, do …".
    Procedural,
    /// Something about another person, or said by one.
    Social,
}

/// Who vouches for a memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Teller {
    /// The owner said or wrote it.
    Owner,
    /// A visitor said it. It stays apart: it never replaces or contradicts what the owner said.
    Visitor,
}

/// Where a memory comes from. When the last of them is forgotten, the memory goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Evidence {
    /// A message.
    Message {
        /// Its session.
        session_id: SessionId,
        /// The message.
        message_id: MessageId,
    },
    /// A session up to a message: what a summary rests on.
    Session {
        /// The session.
        session_id: SessionId,
        /// The last message that was read.
        through: MessageId,
    },
    /// A line of a persona file.
    File {
        /// Relative to the persona folder, `/` between folders.
        path: String,
        /// Counted from 1; 0 where the format has no lines.
        line: u32,
    },
    /// The owner wrote it on the memory screen or the command line.
    Typed {
        /// When.
        at: Timestamp,
    },
}

/// Why a memory no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Ending {
    /// It was true until something newer was.
    Superseded {
        /// The newer memory.
        by: MemoryId,
    },
    /// It never was true; the other is what is.
    Corrected {
        /// The right one.
        by: MemoryId,
    },
    /// Another memory says the same.
    Merged {
        /// The one that stays.
        into: MemoryId,
    },
    /// It was taken back, and nothing stands in its place.
    Retracted,
}

/// One memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Memory {
    /// Its id.
    pub id: MemoryId,
    /// Which kind.
    pub kind: MemoryKind,
    /// One sentence or, of a session, a short summary. In the owner's language, about them in the third person or without
    /// a subject: "Lives at St James's Square".
    pub text: String,
    /// What it is about in a few words in small letters, "home": current memories of one topic, about the same people and
    /// by the same teller, may replace or contradict each other.
    pub topic: String,
    /// Whom it is about beside the owner.
    pub people: Vec<PersonId>,
    /// Who may hear it. `Owner`: the owner alone.
    pub audience: Audience,
    /// Who vouches for it.
    pub teller: Teller,
    /// Since when it is true; none: not known.
    pub valid_from: Option<Timestamp>,
    /// Until when it was true; none: it still is, as far as is known.
    pub valid_until: Option<Timestamp>,
    /// When it was learned.
    pub learned_at: Timestamp,
    /// When it was learned that it does not hold; none: it holds.
    pub ended_at: Option<Timestamp>,
    /// Why it does not hold; set exactly if `ended_at` is.
    pub ending: Option<Ending>,
    /// Memories that cannot be true at the same time, as long as nobody said which is.
    pub contradicts: Vec<MemoryId>,
    /// How much it matters for later, 1 (a detail) to 5 (who somebody is).
    pub importance: u8,
    /// The owner wants it always at hand.
    pub pinned: bool,
    /// Where it comes from; never empty.
    pub sources: Vec<Evidence>,
}

/// A person in the owner's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// How the owner calls them.
    pub name: String,
    /// Other names for them.
    pub aliases: Vec<String>,
    /// How they relate to the owner, "brother"; empty: not known.
    pub relation: String,
    /// The person that they were found to be; their memories are shown there. None: themselves.
    pub merged_into: Option<PersonId>,
    /// When they were first heard of.
    pub learned_at: Timestamp,
}

/// A change of what is remembered: the payload of a record. What is in one list is done in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MemoryChange {
    /// Something new; it holds. An id that is already there is passed over.
    Learned {
        /// The memory.
        memory: Memory,
    },
    /// It does not hold, and why. What is superseded and had no `valid_until` gets `valid_from` of what supersedes it, else
    /// `at`.
    Ended {
        /// Which.
        id: MemoryId,
        /// Why.
        ending: Ending,
        /// When that was learned.
        at: Timestamp,
        /// The message that said so; none: the owner did it on the memory screen or the command line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said_in: Option<MessageId>,
    },
    /// It had ended, and holds again.
    Restored {
        /// Which.
        id: MemoryId,
    },
    /// As if it had never been learned (`undone`), or again as if it had: what it had ended holds again, and back. A
    /// memory that is undone is in no list.
    Undone {
        /// Which.
        id: MemoryId,
        /// Whether.
        undone: bool,
    },
    /// Kept at hand, or no longer.
    Pinned {
        /// Which.
        id: MemoryId,
        /// Whether.
        pinned: bool,
    },
    /// Who may hear it. Only the owner decides that something may be heard by others.
    Shared {
        /// Which.
        id: MemoryId,
        /// With whom.
        audience: Audience,
    },
    /// A further place says the same.
    Confirmed {
        /// Which.
        id: MemoryId,
        /// The place.
        source: Evidence,
    },
    /// A person was heard of, or their name, aliases or relation changed: all three as they are now.
    Person {
        /// The person; `merged_into` is none.
        person: Person,
    },
    /// Two are one, or after all are not.
    PersonMerged {
        /// Who is shown as the other.
        id: PersonId,
        /// The other; none: no longer.
        into: Option<PersonId>,
    },
}

/// Which memories to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryQuery {
    /// Only this kind.
    pub kind: Option<MemoryKind>,
    /// Only those about this person, or about one who was merged into them.
    pub person: Option<PersonId>,
    /// What this audience may hear: `Visitor` leaves out what is the owner's alone.
    pub audience: Audience,
    /// Only what was known then; none: what is known now.
    pub as_of: Option<Timestamp>,
    /// Those that no longer hold as well.
    pub ended: bool,
    /// Only those that contradict another.
    pub contradicted: bool,
    /// Words that must be there, as in finding messages; empty: any.
    pub text: String,
    /// Only those learned at this time or later.
    pub from: Option<Timestamp>,
    /// Only those learned before.
    pub before: Option<Timestamp>,
    /// Pass over so many.
    pub offset: u32,
    /// At most so many.
    pub limit: u32,
}

/// A part of what is remembered, the pinned first, then the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryPage {
    /// In order.
    pub memories: Vec<MemoryRow>,
    /// How many there are in all.
    pub total: u32,
}

/// A memory as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryRow {
    /// The memory. With `as_of`, as it stood then.
    pub memory: Memory,
    /// What it replaced last, if it replaced something: struck through beside it.
    pub before: Option<String>,
    /// The names of the people that it is about, those merged under their common name.
    pub people: Vec<Person>,
}

/// Where a memory comes from, to be shown and opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct EvidenceView {
    /// The place.
    pub evidence: Evidence,
    /// The session's title or the file's name; empty where it is gone.
    pub title: String,
    /// How the message or the line begins; empty where it is gone.
    pub excerpt: String,
    /// When it was said; none of a file.
    pub at: Option<Timestamp>,
    /// It came from an imported conversation.
    pub imported: bool,
}

/// One memory with all that there is to know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryDetail {
    /// The memory.
    pub memory: Memory,
    /// Its sources, in order.
    pub sources: Vec<EvidenceView>,
    /// It and those that it came from or that came from it, the newest first, each with its sources.
    pub history: Vec<MemoryVersion>,
    /// Those that cannot be true with it.
    pub contradicts: Vec<Memory>,
    /// The people that it is about.
    pub people: Vec<Person>,
    /// How many answers were given it.
    pub used: u32,
    /// When the last of them was given.
    pub used_at: Option<Timestamp>,
}

/// One step of how a memory came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryVersion {
    /// As it was.
    pub memory: Memory,
    /// Where it came from.
    pub sources: Vec<EvidenceView>,
}

/// How much is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryStats {
    /// Of what happened.
    pub episodic: u32,
    /// Facts.
    pub semantic: u32,
    /// How things are done.
    pub procedural: u32,
    /// About others.
    pub social: u32,
    /// People.
    pub people: u32,
    /// Memories that contradict another.
    pub contradicted: u32,
    /// Messages.
    pub messages: u32,
    /// Messages that have a vector of the model in use.
    pub embedded: u32,
    /// Exchanges that wait to be learned from.
    pub waiting: u32,
    /// Tokens that learning used this month.
    pub tokens_month: u32,
}

/// What to forget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ForgetScope {
    /// One memory and, with `history`, all that it came from. The messages stay.
    Memory {
        /// Which.
        id: MemoryId,
        /// Its history as well.
        history: bool,
    },
    /// A person: every memory about them, and their name. Messages stay.
    Person {
        /// Who.
        id: PersonId,
    },
    /// A conversation, with its messages.
    Session {
        /// Which.
        id: SessionId,
    },
    /// One message and what follows it on its branches.
    Message {
        /// Which.
        id: MessageId,
    },
    /// What was learned from a persona file. The file itself is the owner's and stays.
    File {
        /// Relative to the persona folder.
        path: String,
    },
    /// Everything that was said or learned from `from` up to, not including, `before`.
    Span {
        /// From this time on.
        from: Timestamp,
        /// Before this time.
        before: Timestamp,
    },
}

/// What was typed and is not sent yet, as the window keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Unsent {
    /// What was typed.
    pub text: String,
    /// The message that it is to take the place of.
    pub edits: Option<MessageId>,
}

/// What forgetting reaches, or has reached: counts, never content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ForgetReach {
    /// Conversations that go as a whole.
    pub sessions: u32,
    /// Messages.
    pub messages: u32,
    /// Memories of all kinds but summaries, derived ones included.
    pub memories: u32,
    /// Summaries of conversations.
    pub summaries: u32,
    /// People.
    pub people: u32,
    /// Vectors.
    pub vectors: u32,
    /// Reports of what was sent for an answer.
    pub reports: u32,
    /// Attached files that nothing else holds.
    pub files: u32,
    /// Backups that this program made, which are rewritten or deleted.
    pub backups: u32,
    /// Records whose payload is erased.
    pub records: u32,
    /// Files that were exported, are still there and may hold it: they are the owner's, and stay.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub exports: u32,
    /// Messages among them that are copies in chats that were forked, or follow one there.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub copies: u32,
    /// Messages that have the words of the one that was asked for, and stay.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub quotes: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What is left of what was forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// When.
    pub at: Timestamp,
    /// What was asked for, without content: `memory`, `person`, `session`, `message`, `file`, `span`.
    pub scope: String,
    /// What it reached.
    pub reach: ForgetReach,
}

/// What was learned from one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MemoryNotice {
    /// The message.
    pub message_id: MessageId,
    /// What was learned from it and was not undone, in order.
    pub learned: Vec<Memory>,
    /// What was taken back because of it.
    pub ended: Vec<Memory>,
}

/// A person as a list shows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PersonRow {
    /// The person; never one who was merged into another.
    pub person: Person,
    /// Those who were merged into them.
    pub merged: Vec<Person>,
    /// How many memories are about them.
    pub memories: u32,
}
