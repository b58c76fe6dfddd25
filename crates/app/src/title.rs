//! Titles by the model that answered: asked for once, in the background, after a session's first whole answer.
//!
//! Only a program that runs on does so, which the window is and one command is not.

use crate::{App, task};
use futures_util::StreamExt as _;
use std::time::Duration;
use tokio::sync::broadcast;
use twin_core::chat::{Message, MessageStatus, Role, Session, TitleBy};
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::SessionId;
use twin_core::model::{ModelEvent, ModelRef, Provider};
use twin_mind::title;
use twin_store::StoreError;

/// How many sessions may wait for a title. Those beyond keep how they begin.
pub(crate) const WAITING: usize = 16;

/// A title that comes later than this surprises more than it helps.
const PATIENCE: Duration = Duration::from_mins(1);

/// More than this is no title, whatever the limit was that the server was given.
const MOST_BYTES: usize = 16 * 1024;

/// A session whose first answer has just come.
#[derive(Clone)]
pub(crate) struct Untitled {
    session: SessionId,
    model: ModelRef,
    question: String,
    answer: String,
}

impl Untitled {
    /// None unless this is the first whole answer of a session that may get a title.
    pub(crate) fn new(session: &Session, history: &[Message], question: &Message, answer: &Message) -> Option<Self> {
        let model = answer.model.clone().filter(|model| model.provider != Provider::Offline)?;
        let is_open = session.title_by == TitleBy::Opening && !session.temporary;
        let is_first = is_whole_answer(answer) && !history.iter().any(is_whole_answer);
        (is_open && is_first).then(|| Self {
            session: session.id,
            model,
            question: question.content.clone(),
            answer: answer.content.clone(),
        })
    }
}

fn is_whole_answer(message: &Message) -> bool {
    message.role == Role::Assistant && message.status == MessageStatus::Complete
}

impl App {
    /// Finds titles for as long as it is polled.
    pub(crate) async fn find_titles(&self, mut untitled: broadcast::Receiver<Untitled>) {
        loop {
            match untitled.recv().await {
                Ok(of) => self.find_title(of).await,
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return,
            }
        }
    }

    /// Whatever goes wrong is not told: how the session begins is a title as well.
    async fn find_title(&self, of: Untitled) {
        let settings = self.settings();
        if !settings.titles_by_model || settings.background_paused || !self.is_first(of.session).await {
            return;
        }
        let asked = tokio::time::timeout(PATIENCE, self.ask_for_title(&of)).await;
        let answer = asked.unwrap_or_else(|_| Err(Failure::passing(Code::TimedOut, "no title came", "")));
        let title = match answer.as_deref().map(title::from_model) {
            Ok(Some(title)) => title,
            Ok(None) => return tracing::info!("a model gave no title"),
            Err(failure) => return tracing::info!(code = ?failure.code, "no title came"),
        };
        let (store, session) = (self.inner.store.clone(), of.session);
        let kept = task::store(move || match store.session_title_by_model(session, &title) {
            Err(StoreError::NotFound(_)) => Ok(false),
            kept => kept,
        });
        match kept.await {
            Ok(true) => self.tell(Event::SessionsChanged),
            // The owner was faster, or deleted it.
            Ok(false) => {}
            Err(error) => tracing::info!(id = %error.id, "a title could not be kept"),
        }
    }

    /// Whether one answer came and no more: a question that is asked again does not lead to a second attempt.
    async fn is_first(&self, session: SessionId) -> bool {
        let store = self.inner.store.clone();
        let messages = task::store(move || store.message_list(session)).await;
        messages.is_ok_and(|messages| messages.iter().filter(|message| is_whole_answer(message)).count() == 1)
    }

    async fn ask_for_title(&self, of: &Untitled) -> Result<String, Failure> {
        let request = title::request(&of.model, &self.lessons(&of.model), &of.question, &of.answer);
        let mut answer = self.model_open(&of.model).await?.stream(request);
        let mut text = String::new();
        while let Some(event) = answer.next().await {
            match event? {
                ModelEvent::Text(more) => text.push_str(&more),
                ModelEvent::Learned(lessons) => self.learn(&of.model, &lessons, true).await,
                ModelEvent::Finished(_) => return Ok(text),
                // What it thinks is not for anybody, and there is no message that its use could stand beside.
                ModelEvent::ReasoningText(_)
                | ModelEvent::Reasoning(_)
                | ModelEvent::ToolUse(_)
                | ModelEvent::Usage(_) => {}
            }
            if text.len() > MOST_BYTES {
                break;
            }
        }
        Err(Failure::passing(Code::StreamInterrupted, "the title broke off", ""))
    }
}
