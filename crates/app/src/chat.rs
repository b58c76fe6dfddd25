//! A turn: commit what the person said, recall, think, stream, commit what was answered.

mod answer;
mod closing;
mod pause;
mod recall;
mod reply;
mod tool;

use crate::error::{WireError, internal, invalid};
use crate::{App, task};
use recall::Asked;
use serde::Deserialize;
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session};
use twin_core::error::{Code, Failure};
use twin_core::event::{Event, ReplyEvent};
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_mind::context::Built;
use twin_store::{ReplyDraft, StoreError, TurnBegin};

/// A longer message is a document, not a question.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// Something to say to the twin.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SendRequest {
    /// The session; none begins a new one.
    pub session_id: Option<SessionId>,
    /// Who is talking. Must be the session's audience.
    pub audience: Audience,
    /// What they say.
    pub text: String,
    /// The message that this one follows; none: the last of the branch that the session shows.
    pub parent_id: Option<MessageId>,
    /// Files that were added before, in order.
    pub attachments: Vec<AttachmentId>,
    /// Who is to answer; none: who was chosen in the session, else in the settings.
    pub model: Option<ModelRef>,
}

/// A reply that was accepted: what is known of it before the model is asked.
struct Turn {
    session: Session,
    question: Message,
    /// Root to leaf, without the question.
    history: Vec<Message>,
    draft: ReplyDraft,
    stop: watch::Receiver<bool>,
    _running: Running,
}

/// Holds a session's place among the running replies.
struct Running {
    app: App,
    session: SessionId,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.app.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.session);
    }
}

/// Where the events of a reply go.
pub type Sink = Arc<dyn Fn(ReplyEvent) + Send + Sync>;

impl App {
    /// Says something and streams the reply. Fails only while nothing is stored yet; from `Accepted` on, everything
    /// (failures included) is told through `sink`.
    pub async fn chat_send(&self, request: SendRequest, sink: Sink) -> Result<(), WireError> {
        if request.text.trim().is_empty() && request.attachments.is_empty() {
            return Err(invalid("there is nothing to send", "Write something first."));
        }
        if request.text.len() > MAX_MESSAGE_BYTES {
            return Err(invalid(
                "the message is longer than a megabyte",
                "Put the text into a document of the persona.",
            ));
        }
        let (attachments, blobs) = self.attachments_waiting(&request.attachments)?;
        let now = self.inner.clock.now();
        let (session, history, is_new) = if let Some(id) = request.session_id {
            let session = self.session_for(id, request.audience).await?;
            let history = self.history(&session, request.parent_id).await?;
            (session, history, false)
        } else {
            let title = if request.text.trim().is_empty() {
                attachments.first().map_or("", |file| file.name.as_str())
            } else {
                request.text.as_str()
            };
            (self.new_session(request.audience, title, request.model.clone()), Vec::new(), true)
        };
        let (running, stop) = self.start_running(session.id)?;
        let question = Message {
            id: MessageId::new(now),
            session_id: session.id,
            parent_id: history.last().map(|message| message.id),
            role: Role::User,
            content: request.text,
            parts: Vec::new(),
            attachments,
            created_at: now,
            status: MessageStatus::Complete,
            model: None,
            instead_of: None,
            usage: None,
            failure: None,
            imported: None,
        };
        let draft = self.draft(&session, &question, request.model.clone());
        let begin = TurnBegin {
            session: is_new.then(|| session.clone()),
            user_message: Some(question.clone()),
            blobs,
            reply: draft.clone(),
        };
        self.begin(begin).await?;
        self.attachments_sent(&request.attachments);
        if request.model.is_some() {
            self.note_choice(&draft.model).await;
        }
        self.tell(Event::SessionsChanged);
        sink(ReplyEvent::Accepted { session_id: session.id, user_message: Some(question.clone()), reply_id: draft.id });
        let turn = Turn { session, question, history, draft, stop, _running: running };
        self.reply(turn, sink).await;
        Ok(())
    }

    /// Answers a message once more; the earlier answers stay beside the new one.
    pub async fn chat_regenerate(
        &self,
        session_id: SessionId,
        message_id: MessageId,
        model: Option<ModelRef>,
        sink: Sink,
    ) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        let session = task::store(move || store.session_get(session_id)).await?;
        let mut history = self.history(&session, Some(message_id)).await?;
        let question = history.pop().filter(|message| message.role == Role::User).ok_or_else(|| {
            invalid("only a message of yours can be answered again", "Choose the message above the answer.")
        })?;
        let (running, stop) = self.start_running(session.id)?;
        let chosen = model.is_some();
        let draft = self.draft(&session, &question, model);
        let begin = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: draft.clone() };
        self.begin(begin).await?;
        if chosen {
            self.note_choice(&draft.model).await;
        }
        sink(ReplyEvent::Accepted { session_id, user_message: None, reply_id: draft.id });
        let turn = Turn { session, question, history, draft, stop, _running: running };
        self.reply(turn, sink).await;
        Ok(())
    }

    /// The message is stored by now: a list of recent models that cannot be kept must not stop its answer.
    async fn note_choice(&self, model: &ModelRef) {
        if let Err(error) = self.model_chosen(model).await {
            tracing::warn!(id = %error.id, "the model could not be put among the recent ones");
        }
    }

    /// Stops the reply that this process is writing in that session; what had arrived is kept.
    pub fn chat_stop(&self, session_id: SessionId) {
        let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = running.get(&session_id) {
            stop.send_replace(true);
        }
    }

    /// Exactly what would be sent for `text`, and the report; nothing is stored and nobody is asked.
    pub async fn context_preview(
        &self,
        session_id: Option<SessionId>,
        audience: Audience,
        text: &str,
        model: Option<ModelRef>,
    ) -> Result<Built, WireError> {
        let (history, chosen) = match session_id {
            Some(id) => {
                let session = self.session_for(id, audience).await?;
                (self.history(&session, None).await?, session.model)
            }
            None => (Vec::new(), None),
        };
        let model = self.with_server(model.or(chosen).unwrap_or_else(|| self.model_default()));
        let asked = Asked { session: session_id, audience, history: &history, question: text, attachments: &[] };
        self.context(&asked, &model, self.budget(&model)).await
    }

    async fn begin(&self, begin: TurnBegin) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || match store.turn_begin(&begin) {
            // Perhaps by a process that is gone: then its reply is cut off and this one may begin.
            Err(StoreError::ReplyGrowing) => {
                store.recover_interrupted()?;
                store.turn_begin(&begin)
            }
            other => other,
        })
        .await
    }

    async fn session_for(&self, id: SessionId, audience: Audience) -> Result<Session, WireError> {
        let store = self.inner.store.clone();
        let session = task::store(move || store.session_get(id)).await?;
        if session.audience != audience {
            return Err(invalid(
                "this conversation was begun for another audience",
                "Start a new chat: what was said to one audience is never shown to the other.",
            ));
        }
        Ok(session)
    }

    /// Root to `leaf` (none: to the session's head).
    async fn history(&self, session: &Session, leaf: Option<MessageId>) -> Result<Vec<Message>, WireError> {
        let Some(leaf) = leaf.or(session.head) else { return Ok(Vec::new()) };
        let store = self.inner.store.clone();
        let path = task::store(move || store.message_path(leaf)).await?;
        if path.iter().any(|message| message.session_id != session.id) {
            return Err(Failure::permanent(
                Code::NotFound,
                "that message is not part of this conversation",
                "Open the conversation again.",
            )
            .into());
        }
        Ok(path)
    }

    fn new_session(&self, audience: Audience, text: &str, model: Option<ModelRef>) -> Session {
        let now = self.inner.clock.now();
        Session {
            id: SessionId::new(now),
            title: twin_mind::title::from_first_message(text),
            audience,
            created_at: now,
            updated_at: now,
            head: None,
            model: model.map(|model| self.with_server(model)),
        }
    }

    fn draft(&self, session: &Session, question: &Message, model: Option<ModelRef>) -> ReplyDraft {
        let now = self.inner.clock.now();
        ReplyDraft {
            id: MessageId::new(now),
            session_id: session.id,
            parent_id: question.id,
            model: self.with_server(model.or_else(|| session.model.clone()).unwrap_or_else(|| self.model_default())),
            created_at: now,
        }
    }

    fn start_running(&self, session: SessionId) -> Result<(Running, watch::Receiver<bool>), WireError> {
        let mut running = self.inner.running.lock().map_err(|_| internal("the list of running replies broke"))?;
        if running.contains_key(&session) {
            return Err(invalid("a reply is still being written here", "Wait for it, or stop it first."));
        }
        let (sender, receiver) = watch::channel(false);
        running.insert(session, sender);
        Ok((Running { app: self.clone(), session }, receiver))
    }
}
