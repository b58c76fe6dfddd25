//! Taking in what was exported, here or elsewhere: archives of this program, session files, and what ChatGPT and Claude give
//! their users. What a file is, it says itself; its name does not matter.

mod chatgpt;
mod claude;
mod dropped;
mod json;
mod tree;
mod watched;

pub use watched::ImportFolder;
pub(crate) use watched::watch;

use crate::archive::{self, Piece};
use crate::error::{WireError, invalid};
use crate::job::{self, CancelOnDrop, Job, Stop};
use crate::{App, persona, task};
use json::Items;
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use twin_core::chat::{Audience, Message, Role, Session, SessionChange, TitleBy};
use twin_core::event::Event;
use twin_core::id::{MessageId, SessionId};
use twin_core::record::Kind;
use twin_core::secret::Secret;
use twin_core::settings::{Scope, Settings};
use twin_core::time::Timestamp;
use twin_store::{Blob, CheckedRecord, Store, StoreError};

/// So many of what was skipped are named; the rest is counted.
const MOST_NAMED: usize = 200;

/// Ids that are looked for at once.
const BATCH: usize = 500;

/// So much of an archive is handed to the store at once, and so often before its reader waits.
const BYTES_AT_ONCE: usize = 64 << 10;
const READ_AHEAD: usize = 4;

/// More of an id than any has, for a report.
const MAX_ID_CHARS: usize = 64;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Everything of a home of this program.
    Archive,
    /// One conversation, as the first digital twin kept it.
    Seed,
    /// What ChatGPT exports, its ZIP or the `conversations.json` in it.
    Chatgpt,
    /// What Claude exports, its ZIP or the `conversations.json` in it.
    Claude,
}

/// Why something was not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It is not what should stand there, or has no id.
    Broken,
    /// The file ends here in the middle of something.
    CutOff,
    /// The file cannot be opened or read.
    Unreadable,
    /// No word was said in it.
    Empty,
    /// Nobody said it: what a tool gave, a model thought, or the service wrote for itself.
    NotSaid,
    /// A picture, a recording or a file, which is not in the export.
    Attachment,
    /// Part of the export, but no conversation.
    NoConversation,
    /// A file of the persona, where another one stands under that name. The one that was there stays.
    PersonaKept,
    /// A setting that belongs to one device.
    DeviceSetting,
    /// A record that stands here with another content: a copy of this home went on by itself. What is here stays.
    Elsewise,
}

/// Something that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Skipped {
    /// Where in the file: a path in it, by numbers and ids.
    pub place: String,
    /// Why.
    pub reason: SkipReason,
}

/// What was skipped: the first ones by name, all by number.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SkippedList {
    /// How many.
    pub count: u32,
    /// The first ones.
    pub named: Vec<Skipped>,
}

impl SkippedList {
    fn add(&mut self, place: impl Into<String>, reason: SkipReason) {
        self.count = self.count.saturating_add(1);
        if self.named.len() < MOST_NAMED {
            self.named.push(Skipped { place: place.into(), reason });
        }
    }

    fn extend(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        let room = MOST_NAMED.saturating_sub(self.named.len());
        self.named.extend(other.named.into_iter().take(room));
    }
}

/// What importing a file would bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportPreview {
    /// What it is.
    pub kind: ImportKind,
    /// Whether it can be looked into only with its passphrase, which was not given: then nothing else is known.
    pub locked: bool,
    /// Of an archive, when it was made.
    pub exported_at: Option<Timestamp>,
    /// Conversations in it.
    pub sessions: u32,
    /// How many of them are here, be they deleted.
    pub sessions_here: u32,
    /// Messages in it.
    pub messages: u32,
    /// How many of them are here, be they deleted.
    pub messages_here: u32,
    /// What would not be taken in.
    pub skipped: SkippedList,
}

/// What importing a file brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportReport {
    /// What it is.
    pub kind: ImportKind,
    /// Conversations that are new.
    pub sessions: u32,
    /// Messages that are new or came back.
    pub messages: u32,
    /// Records of an archive that are new, those of sessions and messages among them.
    pub records: u32,
    /// Attached files that are new.
    pub files: u32,
    /// Files of the persona that are new.
    pub persona: u32,
    /// Whether something came along that had been forgotten, and was left out again.
    pub forgotten: bool,
    /// What was not taken in.
    pub skipped: SkippedList,
}

impl ImportReport {
    fn new(kind: ImportKind) -> Self {
        Self {
            kind,
            sessions: 0,
            messages: 0,
            records: 0,
            files: 0,
            persona: 0,
            forgotten: false,
            skipped: SkippedList::default(),
        }
    }
}

/// One conversation of another program, ready to be kept.
pub(crate) struct Conversation {
    session: Session,
    archived: bool,
    messages: Vec<Message>,
    files: Vec<Blob>,
    skipped: SkippedList,
}

/// What a file begins like.
enum Beginning {
    Archive { locked: bool },
    Zip,
    Json,
}

impl App {
    /// What importing it would bring. Nothing is changed. None: it was called off.
    pub async fn import_preview(
        &self,
        file: &Path,
        passphrase: Option<Secret<String>>,
        job: Job,
    ) -> Result<Option<ImportPreview>, WireError> {
        let _cancel = CancelOnDrop(job.clone());
        let (app, file) = (self.clone(), file.to_owned());
        let looked = task::blocking(move || app.preview(&file, passphrase.as_ref(), &job)).await?;
        job::outcome(looked)
    }

    /// Takes in a file. The same once more changes nothing. An archive comes in whole or not at all; of other files one
    /// conversation after the other, and what is wrong with one does not stop the next. None: it was called off: of an
    /// archive nothing came in then, of others the first conversations, and importing again goes on from there.
    pub async fn import(
        &self,
        file: &Path,
        passphrase: Option<Secret<String>>,
        job: Job,
    ) -> Result<Option<ImportReport>, WireError> {
        let _cancel = CancelOnDrop(job.clone());
        let (app, path) = (self.clone(), file.to_owned());
        let taken = task::blocking(move || app.take_in(&path, passphrase, &job)).await?;
        // Also where it was called off or failed: something may have come in before.
        self.settings_reload().await?;
        self.persona_reload().await?;
        self.tell(Event::ChangedElsewhere);
        job::outcome(taken)
    }

    fn preview(&self, file: &Path, passphrase: Option<&Secret<String>>, job: &Job) -> Result<ImportPreview, Stop> {
        let mut counted = Counted::new(self.inner.store.clone());
        let (mut kind, mut exported_at) = (ImportKind::Archive, None);
        let mut skipped = SkippedList::default();
        match begins(file)? {
            Beginning::Archive { locked: true } if passphrase.is_none() => {
                return Ok(counted.preview(kind, true, None, skipped));
            }
            Beginning::Archive { .. } => {
                let manifest = archive::walk(file, passphrase, job, &mut |piece| match piece {
                    Piece::Record(record) => counted.record(&record.kind, &record.payload),
                    Piece::File(_) | Piece::Persona { .. } => Ok(()),
                })?;
                exported_at = Some(manifest.exported_at);
            }
            beginning => match self.items(file, &beginning, job)? {
                Items::Seed => {
                    let (session, messages) = self.seed_ids(file)?;
                    kind = ImportKind::Seed;
                    counted.conversation(session, messages)?;
                }
                Items::Conversations(conversations) => {
                    (kind, skipped) = conversations.each(&mut |conversation| {
                        let messages = conversation.messages.iter().map(|message| message.id).collect();
                        counted.conversation(conversation.session.id, messages)
                    })?;
                }
            },
        }
        counted.flush()?;
        Ok(counted.preview(kind, false, exported_at, skipped))
    }

    fn take_in(&self, file: &Path, passphrase: Option<Secret<String>>, job: &Job) -> Result<ImportReport, Stop> {
        match begins(file)? {
            Beginning::Archive { .. } => self.take_in_archive(file, passphrase, job),
            beginning => match self.items(file, &beginning, job)? {
                Items::Seed => {
                    let imported = self.import_seed(file)?;
                    let mut report = ImportReport::new(ImportKind::Seed);
                    report.sessions = u32::from(imported.outcome == crate::session::ImportOutcome::Imported);
                    report.messages = number(imported.new_messages);
                    Ok(report)
                }
                Items::Conversations(conversations) => {
                    let mut report = ImportReport::new(ImportKind::Archive);
                    let (kind, skipped) = conversations.each(&mut |one| self.keep(&one, &mut report))?;
                    Ok(ImportReport { kind, skipped, ..report })
                }
            },
        }
    }

    fn keep(&self, one: &Conversation, report: &mut ImportReport) -> Result<(), Stop> {
        let store = &self.inner.store;
        let id = one.session.id;
        let (here, _) = store.known(&[id], &[])?;
        report.messages = report.messages.saturating_add(number(store.session_import(&one.session, &one.messages)?));
        if !one.files.is_empty() {
            store.blob_keep(&one.files)?;
        }
        if here == 0 {
            report.sessions += 1;
            if one.archived {
                store.session_change(&[id], &SessionChange::Archived { archived: true })?;
            }
        }
        Ok(())
    }

    fn take_in_archive(
        &self,
        file: &Path,
        passphrase: Option<Secret<String>>,
        job: &Job,
    ) -> Result<ImportReport, Stop> {
        let (file, job) = (file.to_owned(), job.clone());
        let before = self.inner.store.log_size()?;
        // The manifest comes last: until then nothing is committed, and an error takes everything back.
        let (read, merged) = self.inner.store.log_merge(move |merge| {
            std::thread::scope(|scope| {
                let (send, pieces) = mpsc::sync_channel(READ_AHEAD);
                let (its_job, passphrase) = (job.clone(), passphrase.as_ref());
                let reading = scope.spawn(move || read_archive(&file, passphrase, &its_job, &send));
                for piece in pieces.into_iter().flatten() {
                    match piece {
                        ForStore::Record(record) => merge.record(*record)?,
                        ForStore::File(blob) => merge.file(&blob).map_err(not_ours)?,
                    }
                }
                let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                job.step(job::Stage::Finishing, 0, 1)?;
                Ok::<_, Stop>(read)
            })
        })?;
        let ReadArchive { mut skipped, files } = read;
        for _ in 0..merged.elsewise {
            skipped.add("records", SkipReason::Elsewise);
        }
        let taken = persona::take_in(&self.persona_folder(), files)?;
        for path in taken.kept {
            skipped.add(format!("persona/{path}"), SkipReason::PersonaKept);
        }
        let after = self.inner.store.log_size()?;
        Ok(ImportReport {
            sessions: number(after.sessions.saturating_sub(before.sessions)),
            messages: number(after.messages.saturating_sub(before.messages)),
            records: number(merged.records),
            files: number(merged.files),
            persona: taken.written,
            forgotten: merged.forgotten,
            skipped,
            ..ImportReport::new(ImportKind::Archive)
        })
    }

    /// The conversations in a file that is not an archive.
    fn items<'a>(&'a self, file: &Path, beginning: &Beginning, job: &'a Job) -> Result<Items<'a>, Stop> {
        json::items(file, matches!(beginning, Beginning::Zip), self.inner.clock.now(), job)
    }
}

/// What goes from an archive into the store.
enum ForStore {
    Record(Box<CheckedRecord>),
    File(Blob),
}

/// What else is in it.
#[derive(Default)]
struct ReadArchive {
    skipped: SkippedList,
    /// Of the persona, by their paths.
    files: Vec<(String, Vec<u8>)>,
}

/// Reads an archive while another thread takes in what was read.
fn read_archive(
    file: &Path,
    passphrase: Option<&Secret<String>>,
    job: &Job,
    send: &mpsc::SyncSender<Vec<ForStore>>,
) -> Result<ReadArchive, Stop> {
    // Whoever takes no more says why.
    let hand_over = |pieces| send.send(pieces).map_err(|_| Stop::Cancelled);
    let (mut read, mut persona_bytes) = (ReadArchive::default(), 0);
    let (mut ready, mut bytes) = (Vec::new(), 0);
    archive::walk(file, passphrase, job, &mut |piece| {
        match piece {
            Piece::Record(record) if is_of_one_device(&record.kind, &record.payload) => {
                read.skipped.add(format!("records/{}/{}", record.device, record.seq), SkipReason::DeviceSetting);
            }
            Piece::Record(record) => {
                bytes += record.payload.len();
                ready.push(ForStore::Record(Box::new(CheckedRecord::new(record).map_err(not_ours)?)));
            }
            Piece::File(blob) => {
                bytes += blob.bytes.len();
                ready.push(ForStore::File(blob));
            }
            Piece::Persona { path, bytes } => {
                persona_bytes += bytes.len() as u64;
                if read.files.len() < persona::MAX_FILES && persona_bytes <= persona::MAX_BYTES {
                    read.files.push((path, bytes));
                } else {
                    read.skipped.add(format!("persona/{path}"), SkipReason::Broken);
                }
            }
        }
        if bytes >= BYTES_AT_ONCE {
            hand_over(std::mem::take(&mut ready))?;
            bytes = 0;
        }
        Ok(())
    })?;
    hand_over(ready)?;
    Ok(read)
}

/// What the store would not take in: the sums that show why come later.
fn not_ours(error: StoreError) -> Stop {
    match error {
        StoreError::InvalidInput(_) => archive::refuse(
            "a record in the archive cannot be read",
            "Nothing was taken in. Try another copy of the file.",
        ),
        error => error.into(),
    }
}

/// Settings of one device mean nothing on another, and an archive may not set them: an address for one, to which everything
/// would be sent. One that only a newer program knows is kept.
fn is_of_one_device(kind: &str, payload: &str) -> bool {
    #[derive(Deserialize)]
    struct Put {
        key: String,
    }
    if kind != Kind::Setting.as_str() {
        return false;
    }
    let Ok(Put { key }) = serde_json::from_str::<Put>(payload) else { return false };
    let known = || serde_json::to_value(Settings::default()).is_ok_and(|known| known.get(&key).is_some());
    Settings::scope(&key) == Scope::Device && known()
}

fn begins(file: &Path) -> Result<Beginning, Stop> {
    let unreadable = |error: std::io::Error| archive::unreadable(&error);
    if !fs_err::metadata(file).map_err(unreadable)?.is_file() {
        return Err(Stop::Failed(invalid("that is not a file", "Choose a file that was exported.")));
    }
    let mut beginning = Vec::new();
    fs_err::File::open(file).map_err(unreadable)?.take(64).read_to_end(&mut beginning).map_err(unreadable)?;
    Ok(match beginning.as_slice() {
        locked if archive::is_locked(locked) => Beginning::Archive { locked: true },
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Beginning::Archive { locked: false },
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Beginning::Zip,
        _ => Beginning::Json,
    })
}

/// Counts what is in a file, and what of it is here.
struct Counted {
    store: Store,
    sessions: Vec<SessionId>,
    messages: Vec<MessageId>,
    all: (u64, u64),
    here: (u64, u64),
}

impl Counted {
    fn new(store: Store) -> Self {
        Self { store, sessions: Vec::new(), messages: Vec::new(), all: (0, 0), here: (0, 0) }
    }

    fn record(&mut self, kind: &str, payload: &str) -> Result<(), Stop> {
        #[derive(Deserialize)]
        struct Named<T> {
            id: T,
        }
        match Kind::parse(kind) {
            Some(Kind::SessionCreated) => {
                self.sessions.extend(serde_json::from_str::<Named<SessionId>>(payload).map(|named| named.id).ok());
            }
            Some(Kind::Message) => {
                self.messages.extend(serde_json::from_str::<Named<MessageId>>(payload).map(|named| named.id).ok());
            }
            _ => {}
        }
        self.flush_full()
    }

    fn conversation(&mut self, session: SessionId, messages: Vec<MessageId>) -> Result<(), Stop> {
        self.sessions.push(session);
        self.messages.extend(messages);
        self.flush_full()
    }

    fn flush_full(&mut self) -> Result<(), Stop> {
        if self.sessions.len() + self.messages.len() < BATCH { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        let (sessions, messages) = (std::mem::take(&mut self.sessions), std::mem::take(&mut self.messages));
        let here = self.store.known(&sessions, &messages)?;
        self.all = (self.all.0 + sessions.len() as u64, self.all.1 + messages.len() as u64);
        self.here = (self.here.0 + here.0, self.here.1 + here.1);
        Ok(())
    }

    fn preview(
        &self,
        kind: ImportKind,
        locked: bool,
        exported_at: Option<Timestamp>,
        skipped: SkippedList,
    ) -> ImportPreview {
        ImportPreview {
            kind,
            locked,
            exported_at,
            sessions: number(self.all.0),
            sessions_here: number(self.here.0),
            messages: number(self.all.1),
            messages_here: number(self.here.1),
            skipped,
        }
    }
}

fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The path, as it is told in a report.
fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(PathBuf::new, PathBuf::from).display().to_string()
}

/// An id of another program's, as it is told in a report.
fn shown(id: &str) -> String {
    id.chars().filter(|char| !char.is_control()).take(MAX_ID_CHARS).collect()
}

/// A conversation of another program. Its title is the other program's, which had it from a model or from its owner.
fn session(
    id: SessionId,
    title: Option<&str>,
    begun: Timestamp,
    head: Option<MessageId>,
    messages: &[Message],
) -> Session {
    let title = twin_mind::title::one_line(title.unwrap_or_default());
    let first = || messages.iter().find(|message| message.role == Role::User).or(messages.first());
    let opening = || first().map(|message| twin_mind::title::from_first_message(&message.content));
    Session {
        id,
        title_by: if title.is_empty() { TitleBy::Opening } else { TitleBy::Model },
        title: if title.is_empty() {
            opening().unwrap_or_default()
        } else {
            title.chars().take(crate::session::MAX_TITLE_CHARS).collect()
        },
        audience: Audience::Owner,
        created_at: begun,
        updated_at: messages.iter().map(|message| message.created_at).max().unwrap_or(begun),
        head,
        model: None,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    }
}
