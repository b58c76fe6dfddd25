//! The record log: every change that the owner would be sorry to lose, in the order in which this device made it.
//!
//! [`Kind`] is the one list of what syncs. Listed: appended to the log and projected. Not listed: local only.

use crate::id::DeviceId;
use crate::time::Hlc;
use serde::{Deserialize, Serialize};

/// What a record changes. The wire name is stored: do not rename a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A session was begun.
    SessionCreated,
    /// A session got a title.
    SessionRenamed,
    /// A session was deleted, or restored.
    SessionDeleted,
    /// The branch that a session shows was chosen.
    SessionHead,
    /// Who answers in a session was chosen.
    SessionModel,
    /// A session was put at the top of the list, or taken from there.
    SessionPinned,
    /// A session was taken out of the list, or put back.
    SessionArchived,
    /// A session got its tags: all of them.
    SessionTagged,
    /// A message was written.
    Message,
    /// A message, with all that follows it, was deleted, or restored.
    BranchDeleted,
    /// A file of a message was taken out of what models are sent, or put back.
    AttachmentLeftOut,
    /// Why an answer came out as it did.
    ContextReport,
    /// A setting that is not of one device.
    Setting,
    /// Something was learned, or what is remembered changed.
    Memory,
    /// A file of the persona was written, or taken away.
    PersonaFile,
    /// Something was forgotten for good: what is left of it.
    Forgotten,
    /// What was here was forgotten. Its number stays, so that the sequence has no hole.
    Erased,
}

impl Kind {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionCreated => "session_created",
            Self::SessionRenamed => "session_renamed",
            Self::SessionDeleted => "session_deleted",
            Self::SessionHead => "session_head",
            Self::SessionModel => "session_model",
            Self::SessionPinned => "session_pinned",
            Self::SessionArchived => "session_archived",
            Self::SessionTagged => "session_tagged",
            Self::Message => "message",
            Self::BranchDeleted => "branch_deleted",
            Self::AttachmentLeftOut => "attachment_left_out",
            Self::ContextReport => "context_report",
            Self::Setting => "setting",
            Self::Memory => "memory",
            Self::PersonaFile => "persona_file",
            Self::Forgotten => "forgotten",
            Self::Erased => "erased",
        }
    }

    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::SessionCreated,
        Self::SessionRenamed,
        Self::SessionDeleted,
        Self::SessionHead,
        Self::SessionModel,
        Self::SessionPinned,
        Self::SessionArchived,
        Self::SessionTagged,
        Self::Message,
        Self::BranchDeleted,
        Self::AttachmentLeftOut,
        Self::ContextReport,
        Self::Setting,
        Self::Memory,
        Self::PersonaFile,
        Self::Forgotten,
        Self::Erased,
    ];

    /// The kind with that name; none for a name of a newer version.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One line of the log, as it travels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The device that made it.
    pub device: DeviceId,
    /// Counted from 1 without a hole, for each device.
    pub seq: u64,
    /// Orders records of several devices.
    pub hlc: Hlc,
    /// What it changes, by the name of its [`Kind`]: one that only a newer program knows travels as well.
    pub kind: String,
    /// The version of the payload's format, counted from 1 for each kind.
    pub version: u16,
    /// JSON, kept to the byte.
    pub payload: String,
}
