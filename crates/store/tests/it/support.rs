//! A clock that stands still between calls, and short ways to write a conversation.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use twin_core::chat::{
    Attachment, Audience, Message, MessagePart, MessageStatus, Role, Session, SessionChange, TitleBy,
};
use twin_core::id::{AttachmentId, MemoryId, MessageId, PersonId, SessionId};
use twin_core::memory::{Evidence, Memory, MemoryChange, MemoryKind, Person, Teller};
use twin_core::model::{ModelRef, StopReason, Usage};
use twin_core::port::Clock;
use twin_core::report::{ContextReport, Fate, Part, PartKind, Passage, Source};
use twin_core::time::Timestamp;
use twin_store::{Blob, ReplyDraft, Store, StoreError, TurnBegin};

/// 2026-11-21T08:16:40Z, and a millisecond later at every look.
pub(crate) struct StepClock(AtomicI64);

impl StepClock {
    pub(crate) fn at(millis: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(millis)))
    }

    pub(crate) fn new() -> Arc<Self> {
        Self::at(1_795_249_000_000)
    }

    pub(crate) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::SeqCst);
    }
}

impl Clock for StepClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A store in a home of its own, and the means to write a conversation into it.
pub(crate) struct Fixture {
    pub(crate) home: TempDir,
    pub(crate) clock: Arc<StepClock>,
    pub(crate) store: Store,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let clock = StepClock::new();
        let store = Store::open(home.path(), clock.clone()).unwrap();
        Self { home, clock, store }
    }

    /// Another store on the same home, as another process has it.
    pub(crate) fn open_again(&self) -> Store {
        Store::open(self.home.path(), self.clock.clone()).unwrap()
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(self) -> Self {
        let Self { home, clock, store } = self;
        drop(store);
        let store = Store::open(home.path(), clock.clone()).unwrap();
        Self { home, clock, store }
    }

    /// A connection of nobody's, to look behind the scenes.
    pub(crate) fn raw(&self) -> Connection {
        Connection::open(self.home.path().join("twin.db")).unwrap()
    }

    pub(crate) fn session(&self, title: &str, audience: Audience) -> Session {
        new_session(self.clock.as_ref(), title, audience)
    }

    pub(crate) fn user(&self, session: SessionId, parent: Option<MessageId>, text: &str) -> Message {
        user_message(self.clock.as_ref(), session, parent, text)
    }

    pub(crate) fn draft(&self, parent: &Message) -> ReplyDraft {
        reply_draft(self.clock.as_ref(), parent)
    }

    /// A whole turn: the question and the finished answer. Begins the session if it is given.
    pub(crate) fn turn(&self, session: &Session, begin: bool, question: &str, answer: &str) -> (Message, Message) {
        let question = self.next_question(session, begin, question);
        let draft = self.draft(&question);
        let begin = begin.then(|| session.clone());
        self.store
            .turn_begin(&TurnBegin {
                session: begin,
                user_message: Some(question.clone()),
                blobs: Vec::new(),
                reply: draft.clone(),
            })
            .unwrap();
        let answer = finished(&draft, answer);
        self.store.reply_finish(&answer, Some(&report(&answer))).unwrap();
        (question, answer)
    }

    /// A whole turn that follows `parent`.
    pub(crate) fn turn_in(
        &self,
        session: &Session,
        parent: Option<MessageId>,
        question: &str,
        answer: &str,
    ) -> (Message, Message) {
        let question = self.user(session.id, parent, question);
        let reply = self.draft(&question);
        let answer = finished(&reply, answer);
        let turn = TurnBegin { session: None, user_message: Some(question.clone()), blobs: Vec::new(), reply };
        self.store.turn_begin(&turn).unwrap();
        self.store.reply_finish(&answer, None).unwrap();
        (question, answer)
    }

    /// A whole turn with a file, parts, and an answer from another model than the one that was asked.
    pub(crate) fn rich_turn(
        &self,
        session: &Session,
        begin: bool,
        question: &str,
        answer: &str,
    ) -> (Message, Message, Blob) {
        let question = self.next_question(session, begin, question);
        let (question, blob) = attached(self.clock.as_ref(), question, b"a small picture");
        let reply = self.draft(&question);
        let answer = Message {
            parts: parts(answer),
            instead_of: Some(ModelRef::bedrock("some.model-v1:0")),
            ..finished(&reply, answer)
        };
        let (session, user_message) = (begin.then(|| session.clone()), Some(question.clone()));
        self.store.turn_begin(&TurnBegin { session, user_message, blobs: vec![blob.clone()], reply }).unwrap();
        self.store.reply_finish(&answer, Some(&report(&answer))).unwrap();
        (question, answer, blob)
    }

    /// Deletes a session, or brings it back.
    pub(crate) fn set_deleted(&self, session: SessionId, deleted: bool) -> Result<(), StoreError> {
        self.store.session_change(&[session], &SessionChange::Deleted { deleted })
    }

    /// Remembers something that was said in a message.
    pub(crate) fn learn(&self, said: &Message, text: &str) -> Memory {
        let memory = memory(self.clock.as_ref(), said, text);
        self.store.memory_change(&[MemoryChange::Learned { memory: memory.clone() }]).unwrap();
        memory
    }

    /// Somebody whom the owner knows.
    pub(crate) fn person(&self, name: &str) -> Person {
        let now = self.clock.now();
        let person = Person {
            id: PersonId::new(now),
            name: name.to_owned(),
            aliases: Vec::new(),
            relation: String::new(),
            merged_into: None,
            learned_at: now,
        };
        self.store.memory_change(&[MemoryChange::Person { person: person.clone() }]).unwrap();
        person
    }

    fn next_question(&self, session: &Session, begin: bool, text: &str) -> Message {
        let parent = if begin { None } else { self.store.session_get(session.id).unwrap().head };
        self.user(session.id, parent, text)
    }
}

/// What `message` is with a file, and the file.
pub(crate) fn attached(clock: &dyn Clock, message: Message, bytes: &[u8]) -> (Message, Blob) {
    let blob = Blob::new(bytes.to_vec());
    let attachment = Attachment {
        id: AttachmentId::new(clock.now()),
        name: "cat \"the\" first.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: u32::try_from(bytes.len()).unwrap(),
        sha256: blob.sha256.clone(),
        left_out: false,
    };
    (Message { attachments: vec![attachment], ..message }, blob)
}

/// Of every kind one, around `text`.
pub(crate) fn parts(text: &str) -> Vec<MessagePart> {
    vec![
        MessagePart::Reasoning { text: String::new(), signature: None, redacted: Some("c2VhbGVk".to_owned()) },
        MessagePart::Reasoning {
            text: "Hm \"hm\".".to_owned(),
            signature: Some("c2VhbA==".to_owned()),
            redacted: None,
        },
        MessagePart::Tool {
            id: "call_1".to_owned(),
            name: "recall".to_owned(),
            input: r#"{"query": "Fred"}"#.to_owned(),
            output: None,
            is_error: false,
        },
        MessagePart::Text { text: text.to_owned() },
    ]
}

/// What can be learned from a message of the owner's.
pub(crate) fn memory(clock: &dyn Clock, said: &Message, text: &str) -> Memory {
    let now = clock.now();
    Memory {
        id: MemoryId::new(now),
        kind: MemoryKind::Semantic,
        text: text.to_owned(),
        topic: String::new(),
        people: Vec::new(),
        audience: Audience::Owner,
        teller: Teller::Owner,
        valid_from: None,
        valid_until: None,
        learned_at: now,
        ended_at: None,
        ending: None,
        contradicts: Vec::new(),
        importance: 2,
        pinned: false,
        sources: vec![Evidence::Message { session_id: said.session_id, message_id: said.id }],
    }
}

pub(crate) fn new_session(clock: &dyn Clock, title: &str, audience: Audience) -> Session {
    let now = clock.now();
    Session {
        id: SessionId::new(now),
        title: title.to_owned(),
        audience,
        created_at: now,
        updated_at: now,
        head: None,
        model: None,
        title_by: TitleBy::Opening,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    }
}

pub(crate) fn user_message(clock: &dyn Clock, session: SessionId, parent: Option<MessageId>, text: &str) -> Message {
    let now = clock.now();
    Message {
        id: MessageId::new(now),
        session_id: session,
        parent_id: parent,
        role: Role::User,
        content: text.to_owned(),
        created_at: now,
        status: MessageStatus::Complete,
        model: None,
        usage: None,
        failure: None,
        imported: None,
        parts: Vec::new(),
        attachments: Vec::new(),
        instead_of: None,
    }
}

pub(crate) fn model() -> ModelRef {
    ModelRef::openai("llama3.2:3b")
}

pub(crate) fn reply_draft(clock: &dyn Clock, parent: &Message) -> ReplyDraft {
    let now = clock.now();
    ReplyDraft {
        id: MessageId::new(now),
        session_id: parent.session_id,
        parent_id: parent.id,
        model: model(),
        created_at: now,
    }
}

/// The message that `draft` becomes.
pub(crate) fn finished(draft: &ReplyDraft, text: &str) -> Message {
    Message {
        id: draft.id,
        session_id: draft.session_id,
        parent_id: Some(draft.parent_id),
        role: Role::Assistant,
        content: text.to_owned(),
        created_at: draft.created_at,
        status: MessageStatus::Complete,
        model: Some(draft.model.clone()),
        usage: Some(Usage { input: 12, output: 7, cache_read: 0, cache_write: 3 }),
        failure: None,
        imported: None,
        parts: Vec::new(),
        attachments: Vec::new(),
        instead_of: None,
    }
}

pub(crate) fn report(reply: &Message) -> ContextReport {
    ContextReport {
        audience: Audience::Owner,
        model: model(),
        parts: vec![Part {
            kind: PartKind::Facts,
            name: "facts.json".to_owned(),
            tokens: 120,
            fate: Fate::Trimmed,
            cacheable: true,
        }],
        passages: vec![Passage {
            text: "I love Python".to_owned(),
            source: Source::Message {
                session_id: reply.session_id,
                message_id: reply.id,
                session_title: "First".to_owned(),
                role: Role::User,
                audience: Audience::Owner,
                at: reply.created_at,
            },
            score: 0.1,
            signals: Vec::new(),
        }],
        budget_tokens: 8_000,
        estimated_tokens: 333,
        estimate_method: "4 characters a token".to_owned(),
        system_prompt: "You are Ada's twin.".to_owned(),
        first_token_ms: Some(210),
        total_ms: None,
        usage: None,
        stop_reason: Some(StopReason::Other("odd \"reason\"".to_owned())),
        notes: Vec::new(),
        as_of: None,
        claims: Vec::new(),
    }
}

/// Every row of `tables`, with every byte of every column. Rows that count are counted anew: what is forgotten leaves a gap.
pub(crate) fn dump(connection: &Connection, tables: &[&str]) -> String {
    let mut text = String::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let counts = statement.column_name(0).unwrap() == "number";
        let mut rows = statement.query([]).unwrap();
        let mut place = 0;
        while let Some(row) = rows.next().unwrap() {
            place += 1;
            let mut values: Vec<_> = (0..columns).map(|column| row.get_ref(column).unwrap()).collect();
            if counts {
                values[0] = ValueRef::Integer(place);
            }
            writeln!(text, "{table}: {values:?}").unwrap();
        }
    }
    text
}

pub(crate) const PROJECTIONS: [&str; 12] = [
    "persona_file",
    "session",
    "message",
    "context_report",
    "setting",
    "memory",
    "memory_source",
    "memory_person",
    "memory_contradiction",
    "memory_use",
    "person",
    "receipt",
];

/// Path and content of every file below `folder`, the locks apart.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() {
            files.push((name, fs_err::read(&path).unwrap()));
        } else if name != "locks" {
            files.extend(self::files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        }
    }
    files.sort();
    files
}
