//! Finding what was said.

use crate::chat::{Audience, Role};
use crate::id::{MessageId, SessionId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which of the messages that were found come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum FindOrder {
    /// The newest.
    #[default]
    Newest,
    /// Those that fit best, of the newest few thousand.
    Best,
    /// The oldest, as one reads a conversation.
    Oldest,
}

/// What to look for. Every word must be there, in any order, whatever its ending, case and accents; the last one may be
/// the beginning of a word. Words in double quotes are a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FindQuery {
    /// As a person types it: nothing in it is syntax but double quotes.
    pub text: String,
    /// Whose sessions are looked through.
    pub audience: Audience,
    /// Only in this session.
    pub session: Option<SessionId>,
    /// Only what they said.
    pub role: Option<Role>,
    /// Only what was written at this time or later.
    pub from: Option<Timestamp>,
    /// Only what was written before.
    pub before: Option<Timestamp>,
    /// Which come first.
    pub order: FindOrder,
    /// At most so many.
    pub limit: u32,
}

/// A piece of a message, as text: nothing in it is markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SnippetPiece {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub hit: bool,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct FindHit {
    /// Its session.
    pub session_id: SessionId,
    /// That session's title.
    pub session_title: String,
    /// Whether that session is archived.
    pub archived: bool,
    /// The message.
    pub message_id: MessageId,
    /// Who wrote it.
    pub role: Role,
    /// When.
    pub created_at: Timestamp,
    /// The part of it around the first match, on one line.
    pub snippet: Vec<SnippetPiece>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Found {
    /// At most as many as were asked for.
    pub hits: Vec<FindHit>,
    /// Whether there are more.
    pub more: bool,
}
