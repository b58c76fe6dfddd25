//! What the window is told. Each event names the caches that it makes stale, so that the front end never guesses.

use crate::error::Failure;
use crate::id::{MessageId, SessionId};
use crate::model::ModelRef;
use crate::report::Note;
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
    /// The models on offer.
    Models,
    /// Whose credentials are used, and until when they are good.
    Credentials,
    /// What is remembered.
    Memory,
    /// How syncing stands.
    Sync,
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
    /// The AWS files changed, or somebody signed in.
    CredentialsChanged,
    /// The models on offer changed, or something was learned of one.
    ModelsChanged,
    /// Something was learned, changed or made searchable.
    MemoryChanged,
    /// Something was forgotten for good, wherever it was.
    Forgotten,
    /// Another process of this home, or another device, wrote something: nobody says what.
    ChangedElsewhere,
    /// Syncing began, ended, went on, or found something to tell.
    SyncChanged,
    /// The folder that is watched for session files went or came back, or holds something that cannot come in.
    ImportFolderChanged,
}

impl Event {
    /// What the front end must ask for again.
    pub fn stale(&self) -> &'static [Cache] {
        match self {
            Self::PersonaReloaded { .. } => &[Cache::Persona],
            Self::SessionsChanged => &[Cache::Sessions],
            Self::MessagesChanged { .. } => &[Cache::Messages, Cache::Sessions],
            Self::SettingsChanged => &[Cache::Settings, Cache::Models, Cache::Credentials],
            Self::CredentialsChanged => &[Cache::Credentials, Cache::Models],
            Self::ModelsChanged => &[Cache::Models],
            Self::MemoryChanged => &[Cache::Memory],
            Self::Forgotten => &[Cache::Sessions, Cache::Messages, Cache::Memory],
            Self::ChangedElsewhere => &[Cache::Sessions, Cache::Messages, Cache::Settings, Cache::Memory],
            Self::SyncChanged => &[Cache::Sync],
            // Which folder it is stands in the settings, and what becomes of it is asked for with them.
            Self::ImportFolderChanged => &[Cache::Settings],
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

/// How a reply grows, in order: `Accepted`, then for each time that a model is asked `Asking` and what comes of it, then
/// exactly one of `Done` or `Failed`. Nothing that was shown is taken back: after a first word no model is asked again.
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
    /// A model is being asked.
    Asking {
        /// Which.
        model: ModelRef,
    },
    /// A failure that passes: the same model is asked again after a pause, which stopping the reply ends.
    Waiting {
        /// How long, in seconds.
        seconds: u32,
        /// Which attempt follows, counted from 2.
        attempt: u32,
        /// Why.
        failure: Failure,
    },
    /// Something did not go as asked; it also stands in the report.
    Noted {
        /// What.
        note: Note,
    },
    /// More text.
    Delta {
        /// What to append.
        text: String,
    },
    /// More of what the model thinks.
    Reasoning {
        /// What to append.
        text: String,
    },
    /// The model asked for a tool, which is running.
    ToolStarted {
        /// The provider's id of the call.
        id: String,
        /// The tool.
        name: String,
        /// The arguments as JSON.
        input: String,
    },
    /// The tool is done, and the model goes on.
    ToolEnded {
        /// The provider's id of the call.
        id: String,
        /// What it gave.
        output: String,
        /// Whether it failed.
        is_error: bool,
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
        /// Another model that could answer instead, if the owner listed one.
        next: Option<ModelRef>,
    },
}
