//! A turn: commit what the person said, recall, think, stream, commit what was answered.

mod answer;
mod closing;
mod pause;
mod provenance;
mod recall;
mod reply;
mod tool;

use crate::error::{WireError, invalid};
use crate::learn::Heeded;
use crate::{App, task};
use recall::Asked;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use twin_core::chat::{Attachment, Audience, Message, MessageStatus, Role, Session, TitleBy};
use twin_core::error::{Code, Failure};
use twin_core::event::{Event, ReplyEvent};
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::time::Timestamp;
use twin_mind::context::Built;
use twin_store::{ReplyDraft, Store, StoreError, TurnBegin};

/// A longer message is a document, not a question.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;

/// A reply that was stopped is stored well before.
const STOPPING: Duration = Duration::from_secs(5);

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
    /// The message of which this is another version: it takes the same place. Then `parent_id` is not looked at, and
    /// files of that message may be among `attachments`.
    pub edits: Option<MessageId>,
    /// A new session is held in memory only.
    pub temporary: bool,
    /// Answer from what was known then; none: from what is known now.
    pub as_of: Option<Timestamp>,
}

/// A reply that was accepted: what is known of it before the model is asked.
struct Turn {
    session: Session,
    question: Message,
    /// Root to leaf, without the question.
    history: Vec<Message>,
    /// What it asked of the memory, which was done before.
    heeded: Option<Heeded>,
    /// From what was known when it is answered; none: now.
    as_of: Option<Timestamp>,
    draft: ReplyDraft,
    stop: watch::Receiver<bool>,
    /// Held to the end, also when the session is closed or gone by then.
    store: Store,
    _running: Running,
}

/// A reply that is being written.
pub(crate) struct Growing {
    reply: MessageId,
    stop: watch::Sender<bool>,
}

/// Where a new message goes.
#[derive(Default)]
struct Place {
    /// None: a new one.
    session: Option<Session>,
    /// Root to leaf.
    history: Vec<Message>,
    /// Those of the message that is being changed.
    files: Vec<Attachment>,
}

/// Holds a session's place among the running replies.
struct Running {
    app: App,
    session: SessionId,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.inner.running.send_modify(|running| drop(running.remove(&self.session)));
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
        let Place { session, history, files } = self.place(&request).await?;
        let (attachments, blobs) = self.attachments_waiting(&request.attachments, &files)?;
        let is_new = session.is_none();
        let session = session.unwrap_or_else(|| self.new_session(&request, &attachments));
        let now = self.inner.clock.now();
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
        let (running, stop) = self.start_running(&draft)?;
        let begin = TurnBegin {
            session: is_new.then(|| session.clone()),
            user_message: Some(question.clone()),
            blobs,
            reply: draft.clone(),
        };
        let store = if is_new && session.temporary {
            let store = self.temporary_store_new().await?;
            self.begin(&store, begin).await?;
            self.temporary_hold(session.id, store.clone());
            store
        } else {
            let store = self.store_of(session.id);
            self.begin(&store, begin).await?;
            store
        };
        self.attachments_sent(&request.attachments);
        if request.model.is_some() {
            self.note_choice(&session, &draft.model).await;
        }
        self.tell(Event::SessionsChanged);
        sink(ReplyEvent::Accepted { session_id: session.id, user_message: Some(question.clone()), reply_id: draft.id });
        let heeded = self.heed(&session, &question, &history).await;
        let as_of = request.as_of;
        let turn = Turn { session, question, history, heeded, as_of, draft, stop, store, _running: running };
        // On the heap: whatever awaits this would otherwise carry all of it.
        Box::pin(self.reply(turn, sink)).await;
        Ok(())
    }

    /// Answers a message once more, as of a time in the past if one is given; the earlier answers stay beside the new one.
    pub async fn chat_regenerate(
        &self,
        session_id: SessionId,
        message_id: MessageId,
        model: Option<ModelRef>,
        as_of: Option<Timestamp>,
        sink: Sink,
    ) -> Result<(), WireError> {
        let session = self.session_get(session_id).await?;
        let (history, question) = self.said_by_person(&session, message_id).await?.ok_or_else(|| {
            invalid("only a message of yours can be answered again", "Choose the message above the answer.")
        })?;
        let chosen = model.is_some();
        let draft = self.draft(&session, &question, model);
        let (running, stop) = self.start_running(&draft)?;
        let begin = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: draft.clone() };
        let store = self.store_of(session_id);
        self.begin(&store, begin).await?;
        if chosen {
            self.note_choice(&session, &draft.model).await;
        }
        sink(ReplyEvent::Accepted { session_id, user_message: None, reply_id: draft.id });
        let turn = Turn { session, question, history, heeded: None, as_of, draft, stop, store, _running: running };
        Box::pin(self.reply(turn, sink)).await;
        Ok(())
    }

    /// Where a new message goes.
    async fn place(&self, request: &SendRequest) -> Result<Place, WireError> {
        let Some(id) = request.session_id else {
            return match request.edits {
                None => Ok(Place::default()),
                Some(_) => Err(invalid("a message can be changed only where it was said", "Open its conversation.")),
            };
        };
        let session = self.session_for(id, request.audience).await?;
        let Some(edited) = request.edits else {
            let history = self.history(&session, request.parent_id).await?;
            return Ok(Place { session: Some(session), history, files: Vec::new() });
        };
        let (history, before) = self
            .said_by_person(&session, edited)
            .await?
            .ok_or_else(|| invalid("only a message of yours can be changed", "Choose a message that you wrote."))?;
        Ok(Place { session: Some(session), history, files: before.attachments })
    }

    /// A message of the person's, and what went before it; none if it is not theirs.
    async fn said_by_person(
        &self,
        session: &Session,
        message: MessageId,
    ) -> Result<Option<(Vec<Message>, Message)>, WireError> {
        let mut history = self.history(session, Some(message)).await?;
        let said = history.pop().filter(|message| message.role == Role::User);
        Ok(said.map(|said| (history, said)))
    }

    /// The message is stored by now: a list of recent models that cannot be kept must not stop its answer.
    async fn note_choice(&self, session: &Session, model: &ModelRef) {
        if session.temporary {
            return;
        }
        if let Err(error) = self.model_chosen(model).await {
            tracing::warn!(id = %error.id, "the model could not be put among the recent ones");
        }
    }

    /// Stops the reply that this process is writing in that session; what had arrived is kept.
    pub fn chat_stop(&self, session_id: SessionId) {
        if let Some(growing) = self.inner.running.borrow().get(&session_id) {
            growing.stop.send_replace(true);
        }
    }

    /// [`App::chat_stop`], if the reply follows that message or is itself meant, and waits until it is stored.
    pub(crate) async fn chat_stop_under(&self, session_id: SessionId, message: MessageId) {
        let growing = self.inner.running.borrow().get(&session_id).map(|growing| (growing.reply, growing.stop.clone()));
        let Some((reply, stop)) = growing else { return };
        let store = self.store_of(session_id);
        // One that is just being begun is not there yet, and follows nothing that anybody sees.
        let path = task::store(move || store.message_path(reply)).await.unwrap_or_default();
        if path.iter().any(|above| above.id == message) {
            stop.send_replace(true);
            // A disk that is full keeps it from being stored.
            drop(tokio::time::timeout(STOPPING, stop.closed()).await);
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
        let asked = Asked {
            session: session_id,
            audience,
            history: &history,
            question: text,
            attachments: &[],
            done: None,
            as_of: None,
        };
        self.context(&asked, &model, self.budget(&model)).await
    }

    async fn begin(&self, store: &Store, begin: TurnBegin) -> Result<(), WireError> {
        let store = store.clone();
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
        let session = self.session_get(id).await?;
        if session.audience != audience {
            return Err(invalid(
                "this conversation was begun for another audience",
                "Start a new chat: what was said to one audience is never shown to the other.",
            ));
        }
        Ok(session)
    }

    /// Root to `leaf` (none: to the end of what the session shows).
    pub(crate) async fn history(&self, session: &Session, leaf: Option<MessageId>) -> Result<Vec<Message>, WireError> {
        let (store, id) = (self.store_of(session.id), session.id);
        let path = task::store(move || {
            let leaf = leaf.map_or_else(|| store.session_leaf(id), |leaf| Ok(Some(leaf)))?;
            leaf.map_or(Ok(Vec::new()), |leaf| store.message_path(leaf))
        })
        .await?;
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

    fn new_session(&self, request: &SendRequest, attachments: &[Attachment]) -> Session {
        let now = self.inner.clock.now();
        let opening = if request.text.trim().is_empty() {
            attachments.first().map_or("", |file| file.name.as_str())
        } else {
            request.text.as_str()
        };
        Session {
            id: SessionId::new(now),
            title: twin_mind::title::from_first_message(opening),
            audience: request.audience,
            created_at: now,
            updated_at: now,
            head: None,
            model: request.model.clone().map(|model| self.with_server(model)),
            title_by: TitleBy::Opening,
            pinned: false,
            archived: false,
            tags: Vec::new(),
            forked_from: None,
            temporary: request.temporary,
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

    fn start_running(&self, draft: &ReplyDraft) -> Result<(Running, watch::Receiver<bool>), WireError> {
        let (sender, receiver) = watch::channel(false);
        let begun = self.inner.running.send_if_modified(|running| {
            let is_free = !running.contains_key(&draft.session_id);
            if is_free {
                running.insert(draft.session_id, Growing { reply: draft.id, stop: sender });
            }
            is_free
        });
        if !begun {
            return Err(invalid("a reply is still being written here", "Wait for it, or stop it first."));
        }
        Ok((Running { app: self.clone(), session: draft.session_id }, receiver))
    }

    /// Waits until this process writes no reply.
    pub(crate) async fn all_replied(&self) {
        // An error would say that nobody sends any more; this does, for as long as it is there.
        drop(self.inner.running.subscribe().wait_for(HashMap::is_empty).await);
    }
}
