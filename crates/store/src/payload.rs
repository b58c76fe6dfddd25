//! What the records say, as JSON. A golden test below holds every byte. Fields may be added to a version as long as it
//! was not released (none was yet), absent where they have nothing to say; afterwards the next version is added.

use crate::error::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use twin_core::chat::{Attachment, Audience, Imported, Message, MessagePart, MessageStatus, Role, Session, TitleBy};
use twin_core::error::Failure;
use twin_core::id::{AttachmentId, MemoryId, MessageId, PersonId, SessionId};
use twin_core::memory::{MemoryChange, Receipt};
use twin_core::model::{ModelRef, Usage};
use twin_core::record::Kind;
use twin_core::time::Timestamp;

/// The version of every format in this file.
pub(crate) const VERSION: u16 = 1;

/// One change, as a record carries it.
#[derive(Debug)]
pub(crate) enum Change {
    SessionCreated(SessionCreated),
    SessionRenamed(SessionRenamed),
    SessionDeleted(SessionDeleted),
    SessionHead(SessionHead),
    SessionModel(SessionModel),
    SessionPinned(SessionPinned),
    SessionArchived(SessionArchived),
    SessionTagged(SessionTagged),
    Message(Box<MessageWritten>),
    BranchDeleted(BranchDeleted),
    AttachmentLeftOut(AttachmentLeftOut),
    ContextReport(ReportKept),
    Setting(SettingPut),
    Memory(Box<MemoryChange>),
    PersonaFile(PersonaFilePut),
    Forgotten(Box<Forgotten>),
    Erased(Erased),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionCreated {
    pub(crate) id: SessionId,
    pub(crate) title: String,
    pub(crate) audience: Audience,
    pub(crate) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<ModelRef>,
    #[serde(default, skip_serializing_if = "is_opening")]
    pub(crate) title_by: TitleBy,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forked_from: Option<MessageId>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionRenamed {
    pub(crate) id: SessionId,
    pub(crate) title: String,
    /// Absent: the owner, who alone gave titles at first.
    #[serde(default = "owner", skip_serializing_if = "is_owner")]
    pub(crate) by: TitleBy,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionDeleted {
    pub(crate) id: SessionId,
    /// False: restored.
    pub(crate) deleted: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionHead {
    pub(crate) id: SessionId,
    /// None: no message is left to show.
    pub(crate) head: Option<MessageId>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionModel {
    pub(crate) id: SessionId,
    /// None: the model of the settings.
    pub(crate) model: Option<ModelRef>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionPinned {
    pub(crate) id: SessionId,
    pub(crate) pinned: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionArchived {
    pub(crate) id: SessionId,
    pub(crate) archived: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionTagged {
    pub(crate) id: SessionId,
    /// All of them.
    pub(crate) tags: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MessageWritten {
    pub(crate) id: MessageId,
    pub(crate) session_id: SessionId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<MessageId>,
    pub(crate) role: Role,
    pub(crate) content: String,
    pub(crate) created_at: Timestamp,
    pub(crate) status: MessageStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<ModelRef>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imported: Option<Imported>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<MessagePart>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) instead_of: Option<ModelRef>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BranchDeleted {
    pub(crate) message_id: MessageId,
    /// False: restored.
    pub(crate) deleted: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AttachmentLeftOut {
    pub(crate) message_id: MessageId,
    pub(crate) attachment_id: AttachmentId,
    /// False: put back.
    pub(crate) left_out: bool,
}

/// The report passes through as text: it is shown, never searched, and core may add to it without a new version here.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReportKept {
    pub(crate) message_id: MessageId,
    pub(crate) report: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SettingPut {
    pub(crate) key: String,
    /// `value` is then null. A flag of its own, for null is a value that a setting may have.
    pub(crate) removed: bool,
    pub(crate) value: Box<RawValue>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PersonaFilePut {
    /// Inside of the persona folder.
    pub(crate) path: String,
    /// Its content, by hash; absent: it was taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
}

/// The receipt, and by id what went: another device finds there what it has to erase as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Forgotten {
    pub(crate) receipt: Receipt,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sessions: Vec<SessionId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<MessageId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) memories: Vec<MemoryId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) people: Vec<PersonId>,
    /// Sessions that stay, but whose title may have been made of what went: also one that another device gives it without
    /// knowing of this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) untitled: Vec<SessionId>,
    /// Sessions that stay, but lost something: a summary that another device makes of one without knowing of this covers that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cut: Vec<SessionId>,
    /// Where the summaries ended that covered something that went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) covered: Vec<MessageId>,
    /// The persona file whose words went from the reports of answers: the hash of its path, for a path may say something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path_sha256: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Erased {}

fn owner() -> TitleBy {
    TitleBy::Owner
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_owner(by: &TitleBy) -> bool {
    *by == TitleBy::Owner
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_opening(by: &TitleBy) -> bool {
    *by == TitleBy::Opening
}

impl From<&Session> for Change {
    fn from(session: &Session) -> Self {
        Self::SessionCreated(SessionCreated {
            id: session.id,
            title: session.title.clone(),
            audience: session.audience,
            created_at: session.created_at,
            model: session.model.clone(),
            title_by: session.title_by,
            tags: session.tags.clone(),
            forked_from: session.forked_from,
        })
    }
}

impl From<&Message> for Change {
    fn from(message: &Message) -> Self {
        Self::Message(Box::new(MessageWritten {
            id: message.id,
            session_id: message.session_id,
            parent_id: message.parent_id,
            role: message.role,
            content: message.content.clone(),
            created_at: message.created_at,
            status: message.status,
            model: message.model.clone(),
            usage: message.usage,
            failure: message.failure.clone(),
            imported: message.imported.clone(),
            parts: message.parts.clone(),
            attachments: message.attachments.clone(),
            instead_of: message.instead_of.clone(),
        }))
    }
}

impl Change {
    /// The kind, the version and the JSON.
    pub(crate) fn encode(&self) -> Result<(Kind, u16, String), StoreError> {
        let (kind, payload) = match self {
            Self::SessionCreated(payload) => (Kind::SessionCreated, serde_json::to_string(payload)),
            Self::SessionRenamed(payload) => (Kind::SessionRenamed, serde_json::to_string(payload)),
            Self::SessionDeleted(payload) => (Kind::SessionDeleted, serde_json::to_string(payload)),
            Self::SessionHead(payload) => (Kind::SessionHead, serde_json::to_string(payload)),
            Self::SessionModel(payload) => (Kind::SessionModel, serde_json::to_string(payload)),
            Self::SessionPinned(payload) => (Kind::SessionPinned, serde_json::to_string(payload)),
            Self::SessionArchived(payload) => (Kind::SessionArchived, serde_json::to_string(payload)),
            Self::SessionTagged(payload) => (Kind::SessionTagged, serde_json::to_string(payload)),
            Self::Message(payload) => (Kind::Message, serde_json::to_string(payload)),
            Self::BranchDeleted(payload) => (Kind::BranchDeleted, serde_json::to_string(payload)),
            Self::AttachmentLeftOut(payload) => (Kind::AttachmentLeftOut, serde_json::to_string(payload)),
            Self::ContextReport(payload) => (Kind::ContextReport, serde_json::to_string(payload)),
            Self::Setting(payload) => (Kind::Setting, serde_json::to_string(payload)),
            Self::Memory(payload) => (Kind::Memory, serde_json::to_string(payload)),
            Self::PersonaFile(payload) => (Kind::PersonaFile, serde_json::to_string(payload)),
            Self::Forgotten(payload) => (Kind::Forgotten, serde_json::to_string(payload)),
            Self::Erased(payload) => (Kind::Erased, serde_json::to_string(payload)),
        };
        Ok((kind, VERSION, payload?))
    }

    /// None for a version that only a newer program understands.
    pub(crate) fn decode(kind: Kind, version: u16, payload: &str) -> Result<Option<Self>, StoreError> {
        if version != VERSION {
            return Ok(None);
        }
        let change = match kind {
            Kind::SessionCreated => serde_json::from_str(payload).map(Self::SessionCreated),
            Kind::SessionRenamed => serde_json::from_str(payload).map(Self::SessionRenamed),
            Kind::SessionDeleted => serde_json::from_str(payload).map(Self::SessionDeleted),
            Kind::SessionHead => serde_json::from_str(payload).map(Self::SessionHead),
            Kind::SessionModel => serde_json::from_str(payload).map(Self::SessionModel),
            Kind::SessionPinned => serde_json::from_str(payload).map(Self::SessionPinned),
            Kind::SessionArchived => serde_json::from_str(payload).map(Self::SessionArchived),
            Kind::SessionTagged => serde_json::from_str(payload).map(Self::SessionTagged),
            Kind::Message => serde_json::from_str(payload).map(Self::Message),
            Kind::BranchDeleted => serde_json::from_str(payload).map(Self::BranchDeleted),
            Kind::AttachmentLeftOut => serde_json::from_str(payload).map(Self::AttachmentLeftOut),
            Kind::ContextReport => serde_json::from_str(payload).map(Self::ContextReport),
            Kind::Setting => serde_json::from_str(payload).map(Self::Setting),
            Kind::Memory => serde_json::from_str(payload).map(Self::Memory),
            Kind::PersonaFile => serde_json::from_str(payload).map(Self::PersonaFile),
            Kind::Forgotten => serde_json::from_str(payload).map(Self::Forgotten),
            Kind::Erased => serde_json::from_str(payload).map(Self::Erased),
        };
        // The parser's own words may quote what was said.
        change.map(Some).map_err(|_| StoreError::Damaged(format!("a record of kind {} cannot be read", kind.as_str())))
    }
}

/// What a record of the log says; none for what only a newer program understands.
pub(crate) fn decode(kind: &str, version: u16, payload: &str) -> Result<Option<Change>, StoreError> {
    match Kind::parse(kind) {
        Some(kind) => Change::decode(kind, version, payload),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
