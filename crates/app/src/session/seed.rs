//! The session file of seed one: `<uuid>.json`, a pretty-printed array of `{role, content, timestamp?}`, to
//! which a `speaker` may be added: the name of whoever spoke in a conversation that was not with the twin.
//!
//! Importing is idempotent: a message that the session's tree already holds at that place is recognised, and what is
//! new gets an id derived from its place and content, so that two imports at once make nothing twice, and one that was
//! imported before and then deleted is met by its id and comes back.

use crate::error::{WireError, invalid};
use crate::{App, task};
use std::path::Path;
use twin_core::chat::{self, Audience, Message, MessageStatus, Role, SeedMessage, Session, TitleBy};
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::{MessageId, SessionId};
use twin_core::time::Timestamp;
use twin_store::{ForgottenIds, StoreError};

/// A session file larger than this is something else.
const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// The session is new here.
    Imported,
    /// The session was here; some messages were new or came back.
    Extended,
    /// Everything was here already.
    Unchanged,
}

/// One imported file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// The session, by the name of the file.
    pub session_id: SessionId,
    /// What became of it.
    pub outcome: ImportOutcome,
    /// How many messages were new or came back.
    pub new_messages: u64,
}

impl App {
    /// Imports one session file; its name is the session's id.
    pub async fn session_import_seed(&self, file: &Path) -> Result<Imported, WireError> {
        let (app, file) = (self.clone(), file.to_owned());
        let imported = task::blocking(move || app.import_seed(&file)).await??;
        if imported.outcome != ImportOutcome::Unchanged {
            self.tell(Event::SessionsChanged);
            self.tell(Event::MessagesChanged { session_id: imported.session_id });
        }
        Ok(imported)
    }

    /// What a session file holds: the session, and the messages, known and new. Nothing is changed.
    pub(crate) fn seed_ids(&self, file: &Path) -> Result<(SessionId, Vec<MessageId>), WireError> {
        let (id, seed) = (session_of(file)?, read(file)?);
        let known = self.inner.store.message_list_anyway(id)?;
        let new = missing(id, &known, &seed, self.inner.clock.now(), &self.inner.zone);
        let here = seed.len().saturating_sub(new.len());
        let ids = known.iter().map(|message| message.id).take(here).chain(new.iter().map(|message| message.id));
        Ok((id, ids.collect()))
    }

    pub(crate) fn import_seed(&self, file: &Path) -> Result<Imported, WireError> {
        let id = session_of(file)?;
        let seed = read(file)?;
        let store = &self.inner.store;
        let here = store.session_get(id).is_ok();
        // With its messages a deleted session comes back, at once or not at all: that is what importing its file asks for.
        let known = store.message_list_anyway(id)?;
        let (session, new) = self.seed_session(id, &seed, &known);
        let new_messages = store.session_import(&session, &new)?;
        let outcome = match (here, new_messages) {
            (false, _) => ImportOutcome::Imported,
            (true, 0) => ImportOutcome::Unchanged,
            (true, _) => ImportOutcome::Extended,
        };
        Ok(Imported { session_id: id, outcome, new_messages })
    }

    /// [`App::import_seed`] without the owner's asking: nothing that was deleted or forgotten comes back by it, and a file
    /// without a word makes no session. None: not while a reply is written in the session. What was forgotten is read where
    /// it is needed.
    pub(crate) fn follow_seed(
        &self,
        file: &Path,
        forgotten: &mut Option<ForgottenIds>,
    ) -> Result<Option<Imported>, WireError> {
        let id = session_of(file)?;
        let seed = read(file)?;
        let store = &self.inner.store;
        let here = store.session_get(id).is_ok();
        let known = if here { store.message_list(id)? } else { Vec::new() };
        let (session, new) = self.seed_session(id, &seed, &known);
        let new_messages = loop {
            if new.is_empty() {
                break 0;
            }
            let ids = match forgotten {
                Some(ids) => ids,
                None => forgotten.insert(store.forgotten_ids()?),
            };
            match store.session_follow(&session, &new, ids) {
                Ok(Some(new_messages)) => break new_messages,
                Ok(None) => *forgotten = None,
                Err(StoreError::ReplyGrowing) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        };
        let outcome = match (here, new_messages) {
            (_, 0) => ImportOutcome::Unchanged,
            (false, _) => ImportOutcome::Imported,
            (true, _) => ImportOutcome::Extended,
        };
        Ok(Some(Imported { session_id: id, outcome, new_messages }))
    }

    /// The session as it would begin here, and the messages that it lacks.
    fn seed_session(&self, id: SessionId, seed: &[SeedMessage], known: &[Message]) -> (Session, Vec<Message>) {
        let now = self.inner.clock.now();
        let new = missing(id, known, seed, now, &self.inner.zone);
        let begun = new.first().map_or(now, |message| message.created_at);
        let title = seed.iter().find(|message| message.role == Role::User).or(seed.first());
        let session = Session {
            id,
            title: title.map_or_else(String::new, |message| twin_mind::title::from_first_message(&message.content)),
            audience: Audience::Owner,
            created_at: begun,
            updated_at: new.last().map_or(begun, |message| message.created_at),
            head: new.last().map(|message| message.id),
            model: None,
            title_by: TitleBy::Opening,
            pinned: false,
            archived: false,
            tags: Vec::new(),
            forked_from: None,
            temporary: false,
        };
        (session, new)
    }
}

/// A branch as a session file.
pub(super) fn to_file(path: Vec<Message>) -> Result<String, WireError> {
    let messages: Vec<SeedMessage> = path.into_iter().map(to_seed).collect();
    let mut text = serde_json::to_string_pretty(&messages)
        .map_err(|_| crate::error::internal("the session could not be written as JSON"))?;
    text.push('\n');
    Ok(text)
}

fn session_of(file: &Path) -> Result<SessionId, WireError> {
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name.parse().map_err(|_| {
        invalid("the file's name is not a session id", "Name it like 6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json.")
    })
}

fn to_seed(message: Message) -> SeedMessage {
    let (timestamp, speaker) = match message.imported {
        Some(chat::Imported { timestamp, speaker }) => (timestamp, speaker),
        None => (Some(message.created_at.to_string()), None),
    };
    SeedMessage { role: message.role, content: message.content, timestamp, speaker }
}

/// The messages of the file that the tree does not hold, chained to those that it does.
fn missing(
    session: SessionId,
    known: &[Message],
    seed: &[SeedMessage],
    now: Timestamp,
    zone: &jiff::tz::TimeZone,
) -> Vec<Message> {
    let mut parent: Option<MessageId> = None;
    let mut latest = None;
    let mut new = Vec::new();
    for entry in seed {
        let here = known.iter().find(|message| {
            message.parent_id == parent && message.role == entry.role && message.content == entry.content
        });
        if let Some(message) = here.filter(|_| new.is_empty()) {
            parent = Some(message.id);
            latest = Some(message.created_at);
            continue;
        }
        let place = parent.map_or_else(|| *session.as_uuid(), |parent| *parent.as_uuid());
        let id = MessageId::derived(&place, format!("{:?} {}", entry.role, entry.content).as_bytes());
        // A file without times still has an order.
        let created_at = entry.timestamp.as_deref().and_then(|text| parse_time(text, zone)).or(latest).unwrap_or(now);
        latest = Some(created_at);
        new.push(Message {
            id,
            session_id: session,
            parent_id: parent,
            role: entry.role,
            content: entry.content.clone(),
            parts: Vec::new(),
            attachments: Vec::new(),
            created_at,
            status: MessageStatus::Complete,
            model: None,
            instead_of: None,
            usage: None,
            failure: None,
            imported: Some(chat::Imported { timestamp: entry.timestamp.clone(), speaker: entry.speaker.clone() }),
        });
        parent = Some(id);
    }
    new
}

/// ISO 8601 with a zone, or without: then it is the owner's.
fn parse_time(text: &str, zone: &jiff::tz::TimeZone) -> Option<Timestamp> {
    let with_zone = text.parse::<jiff::Timestamp>().ok();
    let local = || text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(zone.clone()).ok().map(|time| time.timestamp());
    with_zone.or_else(local).map(Timestamp::from)
}

fn read(file: &Path) -> Result<Vec<SeedMessage>, WireError> {
    let refuse = |why: String, hint: &str| WireError::from(Failure::permanent(Code::ImportInvalid, why, hint));
    let unreadable = |error: &std::io::Error| {
        refuse(format!("the file cannot be read: {}", error.kind()), "Check the path and that you may read it.")
    };
    let meta = fs_err::metadata(file).map_err(|error| unreadable(&error))?;
    if !meta.is_file() || meta.len() > MAX_FILE_BYTES {
        return Err(refuse(
            "that is not a session file".to_owned(),
            "Choose a file named like a session id, ending in .json.",
        ));
    }
    let bytes = fs_err::read(file).map_err(|error| unreadable(&error))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let seed: Vec<SeedMessage> = serde_json::from_slice(bytes).map_err(|error| {
        refuse(
            // Line and column, never what stands there.
            format!("the file is not a session file: line {}, column {}", error.line(), error.column()),
            "It must be a list of {\"role\": \"user\" or \"assistant\", \"content\": text}.",
        )
    })?;
    Ok(seed)
}
