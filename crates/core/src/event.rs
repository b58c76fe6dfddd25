//! What the window is told. Each event names the caches that it makes stale, so that the front end never guesses.

use crate::error::Failure;
use crate::id::{MessageId, SessionId};
use serde::{Deserialize, Serialize};

/// A query of the front end that may be cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Cache {
    /// The list of sessions.
    Sessions,
    /// The messages of a session.
    Messages,
    /// The persona and its problems.
    Persona,
    /// Settings and what follows from them.
    Settings,
}

/// Something happened that a window may want to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The persona folder was read again.
    PersonaReloaded {
        /// Files that changed, relative to the folder.
        files: Vec<String>,
        /// How many problems there are now.
        problems: u32,
    },
    /// A session was made, renamed, deleted or restored.
    SessionsChanged,
    /// A session's messages changed outside of a stream that the window follows.
    MessagesChanged {
        /// Which session.
        session_id: SessionId,
    },
    /// A setting changed.
    SettingsChanged,
    /// Another process of this home wrote something: nobody says what.
    ChangedElsewhere,
}

impl Event {
    /// What the front end must ask for again.
    pub fn stale(&self) -> &'static [Cache] {
        match self {
            Self::PersonaReloaded { .. } => &[Cache::Persona],
            Self::SessionsChanged => &[Cache::Sessions],
            Self::MessagesChanged { .. } => &[Cache::Messages, Cache::Sessions],
            Self::SettingsChanged => &[Cache::Settings],
            Self::ChangedElsewhere => &[Cache::Sessions, Cache::Messages, Cache::Settings],
        }
    }
}

/// An [`Event`] as it travels to the window, with the caches that it makes stale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Notice {
    /// What happened.
    pub event: Event,
    /// What to ask for again.
    pub stale: Vec<Cache>,
}

impl From<Event> for Notice {
    fn from(event: Event) -> Self {
        let stale = event.stale().to_vec();
        Self { event, stale }
    }
}

/// How a reply grows, in order: `Accepted`, any number of `Delta`, then exactly one of `Done` or `Failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ReplyEvent {
    /// The person's message is safe on disk; the reply has begun.
    Accepted {
        /// The session, new or given.
        session_id: SessionId,
        /// The person's message; none when an answer is being regenerated.
        user_message: Option<crate::chat::Message>,
        /// The id that the reply will have.
        reply_id: MessageId,
    },
    /// More text.
    Delta {
        /// What to append.
        text: String,
    },
    /// The reply is whole, or stopped by the person, and safe on disk.
    Done {
        /// The reply.
        message: crate::chat::Message,
    },
    /// The reply failed or broke off; what had arrived is safe on disk.
    Failed {
        /// The reply, if a word of it had arrived.
        message: Option<crate::chat::Message>,
        /// Why.
        failure: Failure,
    },
}
