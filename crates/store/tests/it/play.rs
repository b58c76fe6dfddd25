//! What a person may do with a store, at random.

use crate::support::{Fixture, attached, finished, memory, parts, report};
use proptest::prelude::*;
use serde_json::json;
use twin_core::chat::{Audience, Imported, Message, MessageStatus, Session, SessionChange};
use twin_core::id::{MemoryId, MessageId, PersonId};
use twin_core::memory::{Ending, Evidence, ForgetScope, MemoryChange, Teller};
use twin_core::model::{Lessons, ModelRef};
use twin_core::port::Clock as _;
use twin_core::settings::Scope;
use twin_core::time::Timestamp;
use twin_store::{NewVector, ReplyDraft, Subject, TurnBegin};
use uuid::Uuid;

/// What a person may do. Numbers choose among what is there.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Begin { title: String, visitor: bool, text: String },
    Ask { session: usize, parent: usize, text: String, file: bool },
    AnswerAgain { session: usize, parent: usize },
    Grow { draft: usize, text: String },
    Finish { draft: usize, stopped: bool, reported: bool, rich: bool, text: String },
    Discard { draft: usize },
    Rename { session: usize, title: String },
    TitleByModel { session: usize, title: String },
    Change { sessions: Vec<usize>, change: SessionChange },
    DeleteBranch { session: usize, message: usize, deleted: bool },
    Fork { session: usize, message: usize },
    Choose { session: usize, message: usize },
    ChooseModel { session: usize, model: Option<bool> },
    LeaveOut { message: usize, left_out: bool },
    Learn { caches: bool },
    Import { title: String, texts: Vec<String> },
    Put { key: u8, value: Option<f64>, synced: bool },
    Remember { message: usize, visitor: bool, about: usize, against: usize, text: String },
    Revise { memory: usize, other: usize, how: u8, yes: bool },
    Meet { name: String },
    Merge { person: usize, into: Option<usize> },
    Embed { message: usize },
    Forget { which: usize, what: u8 },
    SetClock { millis: i64 },
    Reopen,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let text = || "[a-zäß\u{1F980}\"\\PC]{0,12}";
    prop_oneof![
        3 => (text(), any::<bool>(), text()).prop_map(|(title, visitor, text)| Step::Begin { title, visitor, text }),
        5 => (any::<usize>(), any::<usize>(), text(), any::<bool>())
            .prop_map(|(session, parent, text, file)| Step::Ask { session, parent, text, file }),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(session, parent)| Step::AnswerAgain { session, parent }),
        2 => (any::<usize>(), text()).prop_map(|(draft, text)| Step::Grow { draft, text }),
        6 => (any::<usize>(), any::<bool>(), any::<bool>(), any::<bool>(), text())
            .prop_map(|(draft, stopped, reported, rich, text)| Step::Finish { draft, stopped, reported, rich, text }),
        1 => any::<usize>().prop_map(|draft| Step::Discard { draft }),
        2 => (any::<usize>(), text()).prop_map(|(session, title)| Step::Rename { session, title }),
        1 => (any::<usize>(), text()).prop_map(|(session, title)| Step::TitleByModel { session, title }),
        6 => (prop::collection::vec(any::<usize>(), 0..3), change())
            .prop_map(|(sessions, change)| Step::Change { sessions, change }),
        4 => (any::<usize>(), any::<usize>(), any::<bool>())
            .prop_map(|(session, message, deleted)| Step::DeleteBranch { session, message, deleted }),
        1 => (any::<usize>(), any::<usize>()).prop_map(|(session, message)| Step::Fork { session, message }),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(session, message)| Step::Choose { session, message }),
        2 => (any::<usize>(), any::<Option<bool>>())
            .prop_map(|(session, model)| Step::ChooseModel { session, model }),
        3 => (any::<usize>(), any::<bool>()).prop_map(|(message, left_out)| Step::LeaveOut { message, left_out }),
        1 => any::<bool>().prop_map(|caches| Step::Learn { caches }),
        2 => (text(), prop::collection::vec(text(), 0..4)).prop_map(|(title, texts)| Step::Import { title, texts }),
        2 => (0..3_u8, any::<Option<f64>>(), any::<bool>())
            .prop_map(|(key, value, synced)| Step::Put { key, value, synced }),
        4 => (any::<usize>(), any::<bool>(), any::<usize>(), any::<usize>(), text()).prop_map(
            |(message, visitor, about, against, text)| Step::Remember { message, visitor, about, against, text }
        ),
        4 => (any::<usize>(), any::<usize>(), 0..9_u8, any::<bool>())
            .prop_map(|(memory, other, how, yes)| Step::Revise { memory, other, how, yes }),
        2 => text().prop_map(|name| Step::Meet { name }),
        2 => (any::<usize>(), any::<Option<usize>>()).prop_map(|(person, into)| Step::Merge { person, into }),
        2 => any::<usize>().prop_map(|message| Step::Embed { message }),
        2 => (any::<usize>(), 0..6_u8).prop_map(|(which, what)| Step::Forget { which, what }),
        1 => (0..4_000_000_000_000_i64).prop_map(|millis| Step::SetClock { millis }),
        1 => Just(Step::Reopen),
    ]
}

fn change() -> impl Strategy<Value = SessionChange> {
    prop_oneof![
        any::<bool>().prop_map(|pinned| SessionChange::Pinned { pinned }),
        any::<bool>().prop_map(|archived| SessionChange::Archived { archived }),
        ("[a-c\u{1F980}\"]{0,2}", any::<bool>()).prop_map(|(tag, tagged)| SessionChange::Tagged { tag, tagged }),
        any::<bool>().prop_map(|deleted| SessionChange::Deleted { deleted }),
    ]
}

/// Plays steps, remembering what there is to choose from. A step that is refused is as good as one that is not.
pub(crate) struct Play {
    fixture: Option<Fixture>,
    sessions: Vec<Session>,
    messages: Vec<MessageId>,
    /// The messages with files among them.
    files: Vec<Message>,
    pub(crate) drafts: Vec<ReplyDraft>,
    memories: Vec<MemoryId>,
    people: Vec<PersonId>,
}

fn pick<T: Clone>(among: &[T], number: usize) -> Option<T> {
    (!among.is_empty()).then(|| among[number % among.len()].clone())
}

impl Play {
    pub(crate) fn new() -> Self {
        Self {
            fixture: Some(Fixture::new()),
            sessions: Vec::new(),
            messages: Vec::new(),
            files: Vec::new(),
            drafts: Vec::new(),
            memories: Vec::new(),
            people: Vec::new(),
        }
    }

    /// From now on there is everything to choose from that is in the store, whoever wrote it.
    pub(crate) fn look(&mut self) {
        let raw = self.fixture().raw();
        let ids = |table: &str| -> Vec<Uuid> {
            let mut ids = raw.prepare(&format!("SELECT id FROM {table} ORDER BY 1")).unwrap();
            ids.query_map([], |row| row.get::<_, [u8; 16]>(0))
                .unwrap()
                .map(|id| Uuid::from_bytes(id.unwrap()))
                .collect()
        };
        self.messages = ids("message").into_iter().map(MessageId::from_uuid).collect();
        self.memories = ids("memory").into_iter().map(MemoryId::from_uuid).collect();
        self.people = ids("person").into_iter().map(PersonId::from_uuid).collect();
        self.sessions = self.fixture().store.session_list().unwrap();
        let messages = self.messages.iter().filter_map(|id| self.fixture().store.message_get(*id).ok());
        self.files = messages.filter(|message| !message.attachments.is_empty()).collect();
    }

    pub(crate) fn fixture(&self) -> &Fixture {
        self.fixture.as_ref().unwrap()
    }

    fn begin(&mut self, turn: &TurnBegin) {
        if self.fixture().store.turn_begin(turn).is_ok() {
            self.sessions.extend(turn.session.clone());
            self.messages.extend(turn.user_message.as_ref().map(|message| message.id));
            self.files.extend(turn.user_message.clone().filter(|message| !message.attachments.is_empty()));
            self.drafts.push(turn.reply.clone());
        }
    }

    fn remember(&mut self, said: &Message, visitor: bool, about: usize, against: usize, text: &str) {
        let fixture = self.fixture();
        let mut new = memory(fixture.clock.as_ref(), said, text);
        new.people = pick(&self.people, about).into_iter().collect();
        new.contradicts = pick(&self.memories, against).into_iter().collect();
        if visitor {
            (new.audience, new.teller) = (Audience::Visitor, Teller::Visitor);
            new.sources.push(Evidence::Session { session_id: said.session_id, through: said.id });
        }
        match about % 4 {
            0 => new.sources = vec![Evidence::File { path: "facts.json".to_owned(), line: 1 }],
            1 => new.sources.push(Evidence::File { path: "facts.json".to_owned(), line: 2 }),
            2 => new.sources.push(Evidence::Typed { at: fixture.clock.now() }),
            _ => {}
        }
        let id = new.id;
        fixture.store.memory_change(&[MemoryChange::Learned { memory: new }]).unwrap();
        self.memories.push(id);
    }

    fn revise(&self, memory: usize, other: usize, how: u8, yes: bool) -> Option<()> {
        let (id, other) = (pick(&self.memories, memory)?, pick(&self.memories, other)?);
        let said_in = pick(&self.messages, memory).filter(|_| yes);
        let at = Timestamp::from_millis(1_795_249_000_000);
        let ended = |ending| MemoryChange::Ended { id, ending, at, said_in };
        let change = match how {
            0 => ended(Ending::Superseded { by: other }),
            1 => ended(Ending::Corrected { by: other }),
            2 => ended(Ending::Merged { into: other }),
            3 => ended(Ending::Retracted),
            4 => MemoryChange::Restored { id },
            5 => MemoryChange::Undone { id, undone: yes },
            6 => MemoryChange::Pinned { id, pinned: yes },
            7 => MemoryChange::Shared { id, audience: if yes { Audience::Visitor } else { Audience::Owner } },
            _ => {
                let said = self.fixture().store.message_get(said_in?).ok()?;
                let source = Evidence::Message { session_id: said.session_id, message_id: said.id };
                MemoryChange::Confirmed { id, source }
            }
        };
        self.fixture().store.memory_change(&[change]).ok()
    }

    fn scope(&self, which: usize, what: u8) -> Option<ForgetScope> {
        Some(match what {
            0 => ForgetScope::Memory { id: pick(&self.memories, which)?, history: which.is_multiple_of(2) },
            1 => ForgetScope::Person { id: pick(&self.people, which)? },
            2 => ForgetScope::Session { id: pick(&self.sessions, which)?.id },
            3 => ForgetScope::Message { id: pick(&self.messages, which)? },
            // As the reports name it.
            4 => ForgetScope::File { path: "facts.json".to_owned() },
            _ => {
                let from = self.fixture().store.message_get(pick(&self.messages, which)?).ok()?.created_at;
                // Short ones leave what followed alone.
                let millis = if which.is_multiple_of(2) { 20 } else { 1 };
                ForgetScope::Span { from, before: Timestamp::from_millis(from.as_millis() + millis) }
            }
        })
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each step")]
    pub(crate) fn play(&mut self, step: Step) -> Option<()> {
        let fixture = self.fixture();
        let store = fixture.store.clone();
        match step {
            Step::Begin { title, visitor, text } => {
                let session = fixture.session(&title, if visitor { Audience::Visitor } else { Audience::Owner });
                let question = fixture.user(session.id, None, &text);
                let reply = fixture.draft(&question);
                self.begin(&TurnBegin {
                    session: Some(session),
                    user_message: Some(question),
                    blobs: Vec::new(),
                    reply,
                });
            }
            Step::Ask { session, parent, text, file } => {
                let session = pick(&self.sessions, session)?;
                let parent = pick(&store.message_list(session.id).ok()?, parent).map(|message| message.id);
                let mut question = fixture.user(session.id, parent, &text);
                let mut blobs = Vec::new();
                if file {
                    let (with_file, blob) = attached(fixture.clock.as_ref(), question, text.as_bytes());
                    question = with_file;
                    blobs.push(blob);
                }
                let reply = fixture.draft(&question);
                self.begin(&TurnBegin { session: None, user_message: Some(question), blobs, reply });
            }
            Step::AnswerAgain { session, parent } => {
                let session = pick(&self.sessions, session)?;
                let parent = pick(&store.message_list(session.id).ok()?, parent)?;
                let reply = fixture.draft(&parent);
                self.begin(&TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply });
            }
            Step::Grow { draft, text } => store.reply_grow(pick(&self.drafts, draft)?.id, &text, &parts(&text)).ok()?,
            Step::Finish { draft, stopped, reported, rich, text } => {
                let mut reply = finished(&pick(&self.drafts, draft)?, &text);
                if stopped {
                    reply.status = MessageStatus::Stopped;
                }
                if rich {
                    reply.parts = parts(&text);
                    reply.instead_of = Some(ModelRef::offline());
                }
                store.reply_finish(&reply, reported.then(|| report(&reply)).as_ref()).ok()?;
                self.messages.push(reply.id);
            }
            Step::Discard { draft } => store.reply_discard(pick(&self.drafts, draft)?.id).ok()?,
            Step::Rename { session, title } => store.session_rename(pick(&self.sessions, session)?.id, &title).ok()?,
            Step::TitleByModel { session, title } => {
                store.session_title_by_model(pick(&self.sessions, session)?.id, &title).ok()?;
            }
            Step::Change { sessions, change } => {
                let sessions: Vec<_> =
                    sessions.into_iter().filter_map(|session| Some(pick(&self.sessions, session)?.id)).collect();
                store.session_change(&sessions, &change).ok()?;
            }
            Step::DeleteBranch { session, message, deleted } => {
                let (session, message) = (pick(&self.sessions, session)?, pick(&self.messages, message)?);
                store.branch_delete(session.id, message, deleted).ok()?;
            }
            Step::Fork { session, message } => {
                let session = pick(&self.sessions, session)?;
                let message = pick(&store.message_list(session.id).ok()?, message)?;
                let fork = store.session_fork(session.id, message.id).ok()?;
                self.messages.extend(store.message_list(fork.id).unwrap().iter().map(|message| message.id));
                self.sessions.push(fork);
            }
            Step::Choose { session, message } => {
                store.session_show(pick(&self.sessions, session)?.id, pick(&self.messages, message)?).ok()?;
            }
            Step::ChooseModel { session, model } => {
                let model = model.map(|ours| if ours { crate::support::model() } else { ModelRef::offline() });
                store.session_set_model(pick(&self.sessions, session)?.id, model.as_ref()).ok()?;
            }
            Step::LeaveOut { message, left_out } => {
                let message = pick(&self.files, message)?;
                store.attachment_leave_out(message.id, message.attachments[0].id, left_out).ok()?;
            }
            Step::Learn { caches } => {
                store.lessons_put(&ModelRef::offline(), &Lessons { caches, ..Lessons::default() }).unwrap();
            }
            Step::Import { title, texts } => {
                let session = fixture.session(&title, Audience::Owner);
                let mut messages = Vec::new();
                for text in &texts {
                    let mut message = fixture.user(session.id, self.messages.last().copied(), text);
                    message.parent_id = messages.last().map(|last: &Message| last.id);
                    message.imported = Some(Imported { timestamp: Some(text.clone()), speaker: Some(text.clone()) });
                    messages.push(message);
                }
                store.session_import(&session, &messages).unwrap();
                self.messages.extend(messages.iter().map(|message| message.id));
                self.sessions.push(session);
            }
            Step::Put { key, value, synced } => {
                let scope = if synced { Scope::Synced } else { Scope::Device };
                store.setting_put(&format!("key {key}"), value.map(|value| json!(value)).as_ref(), scope).unwrap();
            }
            Step::Remember { message, visitor, about, against, text } => {
                let said = store.message_get(pick(&self.messages, message)?).ok()?;
                self.remember(&said, visitor, about, against, &text);
            }
            Step::Revise { memory, other, how, yes } => self.revise(memory, other, how, yes)?,
            Step::Meet { name } => {
                let met = fixture.person(&name).id;
                self.people.push(met);
            }
            Step::Merge { person, into } => {
                let id = pick(&self.people, person)?;
                let into = into.and_then(|into| pick(&self.people, into));
                store.memory_change(&[MemoryChange::PersonMerged { id, into }]).ok()?;
            }
            Step::Embed { message } => {
                let subject = Subject::Message(pick(&self.messages, message)?);
                store.vector_put("a", vec![NewVector { subject, bits: vec![1], vector: vec![2] }]).unwrap();
            }
            Step::Forget { which, what } => {
                let scope = self.scope(which, what)?;
                let plan = store.forget_plan(&scope).ok()?;
                if let Ok(receipt) = store.forget(&scope) {
                    assert_eq!(receipt.reach, plan, "what was shown is what was done");
                }
            }
            Step::SetClock { millis } => fixture.clock.set(millis),
            Step::Reopen => {
                drop(store);
                self.fixture = self.fixture.take().map(Fixture::reopen);
            }
        }
        Some(())
    }
}
