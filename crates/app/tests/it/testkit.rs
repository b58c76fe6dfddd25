//! A home in a temporary folder, a clock that stands still until it is moved, and a model that says what it is told.

use std::collections::VecDeque;
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
use twin_app::{App, Parts};
use twin_connect::keychain::SessionSecrets;
use twin_core::chat::{Audience, Message};
use twin_core::error::Failure;
use twin_core::event::ReplyEvent;
use twin_core::id::SessionId;
use twin_core::model::{ModelEvent, ModelRef, ModelRequest, Provider, StopReason};
use twin_core::port::{ChatModel, Clock, ModelStream, Secrets};
use twin_core::settings::Settings;
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
    pub(crate) asked: Mutex<Vec<ModelRequest>>,
    pub(crate) go_on: Notify,
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
}

struct ScriptedModel(Arc<Script>);

/// Nothing else is asked without a word on whose twin answers.
fn asks_for_title(request: &ModelRequest) -> bool {
    request.system.is_empty()
}

impl ChatModel for ScriptedModel {
    fn stream(&self, request: ModelRequest) -> ModelStream {
        let answers = if asks_for_title(&request) { &self.0.titles } else { &self.0.answers };
        self.0.asked.lock().unwrap().push(request);
        let lines = answers.lock().unwrap().pop_front().unwrap();
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
        App::open(Parts {
            paths: Paths::resolve(Some(self.path().to_owned())).unwrap(),
            clock: self.clock.clone(),
            zone: jiff::tz::TimeZone::UTC,
            secrets: Arc::clone(&self.secrets),
            models: Box::new(ScriptedModels(Arc::clone(&self.script))),
            providers: Arc::default(),
        })
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

    /// Every time that a title was asked for.
    pub(crate) fn title_requests(&self) -> Vec<ModelRequest> {
        let mut asked = self.script.asked.lock().unwrap().clone();
        asked.retain(asks_for_title);
        asked
    }

    pub(crate) fn last_request(&self) -> ModelRequest {
        self.script.asked.lock().unwrap().last().unwrap().clone()
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
