//! Sessions and messages.

use crate::error::Failure;
use crate::id::{AttachmentId, MessageId, SessionId};
use crate::model::{ModelRef, Usage};
use crate::time::Timestamp;
use crate::usage::Spend;
use serde::{Deserialize, Serialize};

/// Who is talking to the twin. A session has one audience for its whole life: what an owner said can therefore never
/// be part of the history that a visitor's model sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The person whose twin it is: everything.
    #[default]
    Owner,
    /// Somebody whom the owner lets talk to the twin: only what is public.
    Visitor,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The person in front of the window.
    User,
    /// The twin.
    Assistant,
}

/// How far a message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Whole.
    Complete,
    /// Still growing.
    Streaming,
    /// Stopped by the person; what had arrived is kept.
    Stopped,
    /// Cut off by a crash, a kill or a broken connection; what had arrived (perhaps nothing) is kept.
    Interrupted,
}

/// What an imported message was in the file that it came from, so that exporting it again gives the same file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Imported {
    /// The time as the file had it, often without zone; none where the file had none.
    pub timestamp: Option<String>,
    /// Who said it, where the file names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "specta", specta(optional))]
    pub speaker: Option<String>,
}

/// A file that was sent with a message. Its bytes are kept once, under their hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// As the person's file was called; never sent to a model.
    pub name: String,
    /// `image/png`, `application/pdf`, `text/plain`, …
    pub media_type: String,
    /// Size as it is sent.
    pub bytes: u32,
    /// SHA-256 of the bytes, in hexadecimal.
    pub sha256: String,
    /// Taken out: it stays beside the message, but no model is sent it any more.
    pub left_out: bool,
}

/// A piece of a reply, in the order in which it came. Kept so that it can be shown and given back to the same model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MessagePart {
    /// Words to the person.
    Text {
        /// Markdown.
        text: String,
    },
    /// What the model thought.
    Reasoning {
        /// The words; may be empty.
        text: String,
        /// The provider's seal over them.
        signature: Option<String>,
        /// Thoughts that the provider gives only sealed, as base64.
        redacted: Option<String>,
    },
    /// A tool that the model asked for.
    Tool {
        /// The provider's id of the call.
        id: String,
        /// The tool.
        name: String,
        /// The arguments as JSON.
        input: String,
        /// What it gave; none when it was not run to its end.
        output: Option<String>,
        /// Whether it failed.
        is_error: bool,
    },
}

/// One message. Messages of a session form a tree by `parent_id`: regenerating keeps both answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The session that it belongs to.
    pub session_id: SessionId,
    /// The message that it follows; none for the first.
    pub parent_id: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// The text, Markdown.
    pub content: String,
    /// What a reply is made of, if it is more than its text: then the texts in here, joined, are `content`.
    pub parts: Vec<MessagePart>,
    /// Files that were sent with it.
    pub attachments: Vec<Attachment>,
    /// When it was written (for a reply: begun).
    pub created_at: Timestamp,
    /// How far it got.
    pub status: MessageStatus,
    /// Which model answered; none for the person's own.
    pub model: Option<ModelRef>,
    /// The model that was asked first, if `model` answered in its place.
    pub instead_of: Option<ModelRef>,
    /// What the answer used; none where the provider did not say.
    pub usage: Option<Usage>,
    /// Why it broke off, if it did and the reason is known.
    pub failure: Option<Failure>,
    /// Set on messages from an imported file.
    pub imported: Option<Imported>,
}

/// Who gave a session its title. A title of the owner's is never replaced by another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum TitleBy {
    /// Nobody: it is how the first message begins.
    #[default]
    Opening,
    /// The model that answered.
    Model,
    /// The owner.
    Owner,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Shown in the list; empty until the first message or a rename gives one.
    pub title: String,
    /// Who talks in it.
    pub audience: Audience,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its last message was written.
    pub updated_at: Timestamp,
    /// The last message of the branch that is shown.
    pub head: Option<MessageId>,
    /// Who answers here; none: the model of the settings.
    pub model: Option<ModelRef>,
    /// Who gave the title.
    pub title_by: TitleBy,
    /// Kept at the top of the list.
    pub pinned: bool,
    /// Out of the list, and still found.
    pub archived: bool,
    /// The owner's own words for it, sorted, each once.
    pub tags: Vec<String>,
    /// The message, in another session, up to which this one is a copy.
    pub forked_from: Option<MessageId>,
    /// Held in memory only: never written to disk, gone when it is closed or the program ends.
    pub temporary: bool,
}

/// What may be done to several sessions at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionChange {
    /// Keep at the top of the list, or no longer.
    Pinned {
        /// Whether.
        pinned: bool,
    },
    /// Take out of the list, or put back.
    Archived {
        /// Whether.
        archived: bool,
    },
    /// Put a tag on, or take it off.
    Tagged {
        /// The tag: 1 to 40 characters.
        tag: String,
        /// Whether.
        tagged: bool,
    },
    /// Delete, or bring back whole.
    Deleted {
        /// Whether.
        deleted: bool,
    },
}

/// A message on the branch that a session shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PathMessage {
    /// The message.
    pub message: Message,
    /// It and those that stand in the same place, oldest first. Attempts that brought no word are not among them.
    pub versions: Vec<MessageId>,
    /// What it used; none for what no model wrote.
    pub spend: Option<Spend>,
}

/// Which part of a branch to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PathPlace {
    /// The last messages.
    End,
    /// Those from that place on, counted from 0 at the first message of the branch.
    From {
        /// The place.
        index: u32,
    },
    /// Those around a message. One that is on another branch is not found.
    Around {
        /// The message.
        message: MessageId,
    },
}

/// Some neighbouring messages of the branch that a session shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct PathPage {
    /// The last message of the branch: while it stays the same, so does every place in it. None in an empty session.
    pub leaf: Option<MessageId>,
    /// How many messages the whole branch has.
    pub total: u32,
    /// The place of the first of `messages`.
    pub start: u32,
    /// In the order of the conversation.
    pub messages: Vec<PathMessage>,
}

/// One message of the session file of seed one: `<uuid>.json`, a pretty-printed array of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeedMessage {
    /// `user` or `assistant`.
    pub role: Role,
    /// The text.
    pub content: String,
    /// ISO 8601, often without zone; kept as it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// Who said it, where that is more than the role says. Ours: seed one wrote no such field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
}
