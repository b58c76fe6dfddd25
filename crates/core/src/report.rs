//! Why an answer came out as it did: kept with every reply and shown beside it.

use crate::chat::{Audience, Role};
use crate::error::Failure;
use crate::id::{MemoryId, MessageId, SessionId};
use crate::memory::{MemoryKind, Teller};
use crate::model::{Feature, ModelRef, StopReason, Usage};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where something known comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// Something said in a conversation.
    Message {
        /// The conversation.
        session_id: SessionId,
        /// The message.
        message_id: MessageId,
        /// The conversation's title when it was recalled.
        session_title: String,
        /// Who said it.
        role: Role,
        /// Who was talking in that conversation.
        audience: Audience,
        /// When.
        at: Timestamp,
    },
    /// A file of the persona.
    File {
        /// Relative to the persona folder, `/` between folders.
        path: String,
        /// Counted from 1; 0 where the format has no lines (PDF, DOCX).
        line: u32,
    },
    /// Something remembered.
    Memory {
        /// Which.
        id: MemoryId,
        /// Of which kind.
        memory: MemoryKind,
        /// Who vouches for it.
        teller: Teller,
        /// Who may hear it.
        audience: Audience,
        /// When it was learned.
        at: Timestamp,
    },
}

/// What spoke for a passage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SignalKind {
    /// The question's words are in it.
    Words,
    /// It means something alike.
    Meaning,
    /// What was said just before or after it fits.
    Neighbour,
    /// It is in a conversation that fits.
    Session,
    /// Who said it, or whom it is about.
    Speaker,
    /// It is recent.
    Recency,
    /// It matters, or is pinned.
    Importance,
}

/// One reason for which a passage was recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Signal {
    /// Which.
    pub kind: SignalKind,
    /// Its place among all candidates by this signal alone, counted from 1.
    pub rank: u32,
}

/// Something recalled for a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Passage {
    /// The words themselves.
    pub text: String,
    /// Where they come from.
    pub source: Source,
    /// How well they fit the question; higher is better, comparable within one answer only.
    pub score: f32,
    /// Why they were recalled, the strongest reason first.
    #[serde(default)]
    pub signals: Vec<Signal>,
}

/// Which part of the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum PartKind {
    /// Whose twin this is, who is talking, and the rules.
    Identity,
    /// `facts.json`.
    Facts,
    /// `summary`.
    Summary,
    /// `linkedin.pdf` or CV, and further documents.
    Document,
    /// `style`.
    Style,
    /// How to format.
    Formatting,
    /// Date, time and zone.
    Now,
    /// What was recalled.
    Memory,
    /// The conversation so far, without its files.
    History,
    /// A file that was sent with the question or with a message of the conversation.
    Attachment,
    /// The question itself.
    Question,
    /// What the model may ask for while it answers.
    Tools,
}

/// What became of a part when the budget was tight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Sent whole.
    Whole,
    /// Sent shortened.
    Trimmed,
    /// Left out.
    Omitted,
}

/// One part of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Part {
    /// Which.
    pub kind: PartKind,
    /// The file or thing, for the eye: `facts.json`, `12 messages`.
    pub name: String,
    /// Estimated tokens that were sent.
    pub tokens: u32,
    /// Whether it was sent whole.
    pub fate: Fate,
    /// Whether it lies before the cache point.
    pub cacheable: bool,
}

/// Something that the person should know about how the answer came to be, because it is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Note {
    /// The conversation did not fit into the model, and was sent again without its oldest messages.
    HistoryTrimmed {
        /// How many messages were left out.
        messages: u32,
    },
    /// The model can be called only through an inference profile, which was called in its place.
    Profile {
        /// The profile.
        id: String,
    },
    /// The model refused a part of the request, and was asked again without it.
    LeftOut {
        /// The part.
        feature: Feature,
    },
    /// The request was sent again after a failure that passes.
    AskedAgain {
        /// How often.
        times: u32,
        /// The last failure.
        failure: Failure,
    },
    /// The answer reached the limit of its length.
    CutShort,
    /// Something was to be remembered, forgotten or corrected, in a conversation that is held in memory only.
    NothingKept,
    /// Something was to be forgotten or corrected, but no memory fits the words.
    NoMemoryMeant,
    /// Another model of the list answered, because this one could not.
    FellBack {
        /// The one that could not.
        from: ModelRef,
        /// Why.
        failure: Failure,
    },
}

/// What says what an answer claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Ground {
    /// The words that say it, shortened where they are long.
    pub text: String,
    /// Where they stand.
    pub source: Source,
}

/// A statement about the owner in an answer, and what bears it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Claim {
    /// Where it begins in the message's content, in UTF-16 units, as the page counts.
    pub start: u32,
    /// Behind its last character, in the same units.
    pub end: u32,
    /// The best first; none: nothing that is known says it, so it is a guess.
    pub grounds: Vec<Ground>,
}

/// Everything about how one answer came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ContextReport {
    /// Who was talking.
    pub audience: Audience,
    /// Who answered.
    pub model: ModelRef,
    /// What was sent, in order.
    pub parts: Vec<Part>,
    /// What was recalled and sent, best first. For an offline answer the first `quoted` of them are the answer.
    pub passages: Vec<Passage>,
    /// The token budget for the whole prompt.
    pub budget_tokens: u32,
    /// The estimate of what was sent.
    pub estimated_tokens: u32,
    /// How the estimate was made, in words: `4 characters a token (Claude)`.
    pub estimate_method: String,
    /// The system prompt as it was sent.
    pub system_prompt: String,
    /// Milliseconds from the request to the first word; none when no word came.
    pub first_token_ms: Option<u32>,
    /// Milliseconds from the request to the end.
    pub total_ms: Option<u32>,
    /// As the provider counted.
    pub usage: Option<Usage>,
    /// Why the answer ended; none when it was cut off.
    pub stop_reason: Option<StopReason>,
    /// What did not go as asked.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Answered from what was known then; none: from what was known when it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub as_of: Option<Timestamp>,
    /// What the answer says about the owner, in its order. Empty in reports of before there were claims, too.
    #[serde(default)]
    pub claims: Vec<Claim>,
}
