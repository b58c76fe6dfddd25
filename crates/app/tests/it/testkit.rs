//! A home in a temporary folder, a clock that stands still until it is moved, and a model that says what it is told.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::{Notify, mpsc};
use twin_app::chat::SendRequest;
use twin_app::credential::KeyRing;
use twin_app::error::WireError;
use twin_app::model::{ModelSource, Providers};
use twin_app::paths::Paths;
use twin_app::sync::{BucketSource, Buckets};
use twin_app::{App, Parts};
use twin_connect::keychain::SessionSecrets;
use twin_core::chat::{Audience, Message};
use twin_core::error::Failure;
use twin_core::event::ReplyEvent;
use twin_core::id::SessionId;
use twin_core::model::{ModelEvent, ModelRef, ModelRequest, Provider, StopReason};
use twin_core::port::{ChatModel, Clock, EmbedPurpose, ModelStream, Secrets, TextEmbedder, Vectors};
use twin_core::settings::{EmbedderChoice, Settings};
use twin_core::time::Timestamp;

/// 17 November 2026, 10:02 UTC.
const BEGINNING: i64 = 1_794_909_720_000;

pub(crate) struct FixedClock(AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        // Time passes between any two looks, so that ids and times have an order.
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// One scripted answer: its events, then it ends; `Hang` never ends, `Wait` until the test says so.
pub(crate) enum Line {
    Say(&'static str),
    Event(ModelEvent),
    Wait,
    End(StopReason),
    Fail(Failure),
    Hang,
}

#[derive(Default)]
pub(crate) struct Script {
    answers: Mutex<VecDeque<Vec<Line>>>,
    /// To those who ask for a title, which happens beside everything else.
    titles: Mutex<VecDeque<Vec<Line>>>,
    /// To those who ask what there is to remember. Without a script nothing is.
    lessons: Mutex<VecDeque<Vec<Line>>>,
    pub(crate) asked: Mutex<Vec<ModelRequest>>,
    pub(crate) go_on: Notify,
    /// What the next calls for vectors fail with; those behind them are answered.
    embedding_failures: Mutex<VecDeque<Failure>>,
    /// Every call for vectors, those that failed among them.
    pub(crate) embedded: Mutex<Vec<Embedded>>,
}

/// A call for vectors of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Embedded {
    pub(crate) choice: EmbedderChoice,
    pub(crate) texts: Vec<String>,
    pub(crate) purpose: EmbedPurpose,
}

struct ScriptedModels(Arc<Script>);

impl ModelSource for ScriptedModels {
    fn open(
        &self,
        model: &ModelRef,
        settings: &Settings,
        keys: &KeyRing,
        now: &jiff::Zoned,
    ) -> Result<Arc<dyn ChatModel>, Failure> {
        match model.provider {
            Provider::Offline => Arc::new(Providers::default()).open(model, settings, keys, now),
            Provider::Bedrock | Provider::Openai => Ok(Arc::new(ScriptedModel(Arc::clone(&self.0)))),
        }
    }

    fn embedder(&self, choice: &EmbedderChoice, _: &Settings, _: &KeyRing) -> Result<Arc<dyn TextEmbedder>, Failure> {
        Ok(Arc::new(ScriptedEmbedder(Arc::clone(&self.0), choice.clone())))
    }
}

struct ScriptedEmbedder(Arc<Script>, EmbedderChoice);

impl TextEmbedder for ScriptedEmbedder {
    fn embed(&self, texts: Vec<String>, purpose: EmbedPurpose) -> Vectors {
        let vectors = texts.iter().map(|text| vector_of(text, &self.1)).collect();
        self.0.embedded.lock().unwrap().push(Embedded { choice: self.1.clone(), texts, purpose });
        let failure = self.0.embedding_failures.lock().unwrap().pop_front();
        Box::pin(std::future::ready(failure.map_or(Ok(vectors), Err)))
    }
}

/// Texts that share words lie near each other: each word is a direction of its own, another one for each model.
fn vector_of(text: &str, choice: &EmbedderChoice) -> Vec<f32> {
    let mut vector = vec![0.0; 256];
    // No text is without a direction.
    vector[0] = 0.01;
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut hasher = DefaultHasher::new();
        (word, choice.to_string()).hash(&mut hasher);
        vector[usize::from(hasher.finish().to_le_bytes()[0])] += 1.0;
    }
    vector
}

struct ScriptedModel(Arc<Script>);

/// Nothing else is asked without a word on whose twin answers.
fn asks_for_title(request: &ModelRequest) -> bool {
    request.system.is_empty()
}

pub(crate) fn asks_what_to_remember(request: &ModelRequest) -> bool {
    request.tools.iter().any(|tool| tool.name == "remember")
}

impl ChatModel for ScriptedModel {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let learns = asks_what_to_remember(&request);
        let answers = if asks_for_title(&request) {
            &self.0.titles
        } else if learns {
            &self.0.lessons
        } else {
            &self.0.answers
        };
        self.0.asked.lock().unwrap().push(request);
        let lines = answers.lock().unwrap().pop_front();
        let lines = if learns { lines.unwrap_or_else(|| whole("Nothing.")) } else { lines.unwrap() };
        let script = Arc::clone(&self.0);
        Box::pin(async_stream::stream! {
            for line in lines {
                match line {
                    Line::Say(text) => yield Ok(ModelEvent::Text(text.to_owned())),
                    Line::Event(event) => yield Ok(event),
                    Line::End(reason) => yield Ok(ModelEvent::Finished(reason)),
                    Line::Fail(failure) => yield Err(failure),
                    Line::Wait => script.go_on.notified().await,
                    Line::Hang => std::future::pending().await,
                }
            }
        })
    }
}

pub(crate) struct Home {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) script: Arc<Script>,
    pub(crate) secrets: Arc<dyn Secrets>,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            clock: Arc::new(FixedClock(AtomicI64::new(BEGINNING))),
            script: Arc::default(),
            secrets: Arc::new(SessionSecrets::default()),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the home, as a start of the program does.
    pub(crate) fn open(&self) -> App {
        self.try_open().unwrap()
    }

    pub(crate) fn try_open(&self) -> Result<App, WireError> {
        App::open(self.parts(Box::new(Buckets)))
    }

    /// Opens the home, whose bucket is another one.
    pub(crate) fn open_with(&self, buckets: Box<dyn BucketSource>) -> App {
        App::open(self.parts(buckets)).unwrap()
    }

    fn parts(&self, buckets: Box<dyn BucketSource>) -> Parts {
        Parts {
            paths: Paths::resolve(Some(self.path().to_owned())).unwrap(),
            clock: self.clock.clone(),
            zone: jiff::tz::TimeZone::UTC,
            secrets: Arc::clone(&self.secrets),
            models: Box::new(ScriptedModels(Arc::clone(&self.script))),
            providers: Arc::default(),
            buckets,
        }
    }

    pub(crate) fn pass(&self, hours: i64) {
        self.clock.0.fetch_add(hours * 3_600_000, Ordering::SeqCst);
    }

    pub(crate) fn answer(&self, lines: Vec<Line>) {
        self.script.answers.lock().unwrap().push_back(lines);
    }

    pub(crate) fn title(&self, lines: Vec<Line>) {
        self.script.titles.lock().unwrap().push_back(lines);
    }

    pub(crate) fn lesson(&self, lines: Vec<Line>) {
        self.script.lessons.lock().unwrap().push_back(lines);
    }

    /// The next call for vectors fails.
    pub(crate) fn embedding_fails(&self, failure: Failure) {
        self.script.embedding_failures.lock().unwrap().push_back(failure);
    }

    /// Every call for vectors.
    pub(crate) fn embedded(&self) -> Vec<Embedded> {
        self.script.embedded.lock().unwrap().clone()
    }

    /// Every time that it was asked what there is to remember.
    pub(crate) fn lesson_requests(&self) -> Vec<ModelRequest> {
        let mut asked = self.script.asked.lock().unwrap().clone();
        asked.retain(asks_what_to_remember);
        asked
    }

    /// Every time that a title was asked for.
    pub(crate) fn title_requests(&self) -> Vec<ModelRequest> {
        let mut asked = self.script.asked.lock().unwrap().clone();
        asked.retain(asks_for_title);
        asked
    }

    /// The last question that was asked for its answer.
    pub(crate) fn last_request(&self) -> ModelRequest {
        let asked = self.script.asked.lock().unwrap();
        asked.iter().rev().find(|request| !asks_what_to_remember(request)).unwrap().clone()
    }
}

/// One answer, whole.
pub(crate) fn whole(text: &'static str) -> Vec<Line> {
    vec![Line::Say(text), Line::End(StopReason::EndTurn)]
}

/// Any model that the script stands in for.
pub(crate) fn scripted() -> ModelRef {
    "openai@ollama:scripted".parse().unwrap()
}

pub(crate) fn request(session_id: Option<SessionId>, audience: Audience, text: &str) -> SendRequest {
    SendRequest {
        session_id,
        audience,
        text: text.to_owned(),
        parent_id: None,
        attachments: Vec::new(),
        model: None,
        edits: None,
        temporary: false,
        as_of: None,
    }
}

/// The owner asks the scripted model in a new session.
pub(crate) fn asking(text: &str) -> SendRequest {
    SendRequest { model: Some(scripted()), ..request(None, Audience::Owner, text) }
}

/// What a turn told the window.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) session: SessionId,
    pub(crate) question: Option<Message>,
    pub(crate) deltas: String,
    pub(crate) reply: Option<Message>,
    pub(crate) failure: Option<Failure>,
    /// Who could answer instead.
    pub(crate) next: Option<ModelRef>,
    /// Everything else, in order.
    pub(crate) others: Vec<ReplyEvent>,
}

/// Says something as the owner and waits for the end of the reply.
pub(crate) async fn say(app: &App, session: Option<SessionId>, text: &str, model: impl Into<Option<ModelRef>>) -> Told {
    send(app, request(session, Audience::Owner, text), model).await.unwrap()
}

pub(crate) async fn send(
    app: &App,
    request: SendRequest,
    model: impl Into<Option<ModelRef>>,
) -> Result<Told, WireError> {
    let (sink, events) = collecting();
    app.chat_send(SendRequest { model: model.into(), ..request }, sink).await?;
    Ok(told(events).await)
}

pub(crate) fn collecting() -> (twin_app::chat::Sink, mpsc::UnboundedReceiver<ReplyEvent>) {
    let (sender, events) = mpsc::unbounded_channel();
    (Arc::new(move |event| drop(sender.send(event))), events)
}

pub(crate) async fn told(mut events: mpsc::UnboundedReceiver<ReplyEvent>) -> Told {
    let Some(ReplyEvent::Accepted { session_id, user_message, .. }) = events.recv().await else {
        panic!("the first event is that the message was accepted");
    };
    let mut told = Told {
        session: session_id,
        question: user_message,
        deltas: String::new(),
        reply: None,
        failure: None,
        next: None,
        others: Vec::new(),
    };
    while let Some(event) = events.recv().await {
        match event {
            ReplyEvent::Accepted { .. } => panic!("accepted twice"),
            ReplyEvent::Delta { text } => told.deltas.push_str(&text),
            ReplyEvent::Done { message } => told.reply = Some(message),
            ReplyEvent::Failed { message, failure, next } => {
                told.reply = message;
                told.failure = Some(failure);
                told.next = next;
            }
            other => told.others.push(other),
        }
    }
    told
}

/// Files below `folder` in which `needle` stands.
pub(crate) fn holding(folder: &Path, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, needle));
        } else if fs_err::read(&path).unwrap().windows(needle.len()).any(|window| window == needle) {
            found.push(path.display().to_string());
        }
    }
    found
}
