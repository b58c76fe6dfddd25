//! Sessions: list, file, delete with undo, read a branch or choose another, copy, export and import.

mod document;
mod export;
mod seed;

pub use document::SessionFormat;
pub use seed::{ImportOutcome, Imported};

use crate::error::{WireError, invalid};
use crate::{App, task};
use twin_core::chat::{Audience, Message, PathPage, PathPlace, Session, SessionChange};
use twin_core::event::Event;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::report::{Claim, ContextReport};

/// A longer title is a text.
pub(crate) const MAX_TITLE_CHARS: usize = 200;

/// More at once than a window shows.
const MOST_MESSAGES: u32 = 1_000;

impl App {
    /// The sessions of an audience, or of all; the newest first. Temporary ones are not among them.
    pub async fn session_list(&self, audience: Option<Audience>) -> Result<Vec<Session>, WireError> {
        let store = self.inner.store.clone();
        let mut sessions = task::store(move || store.session_list()).await?;
        sessions.retain(|session| audience.is_none_or(|audience| session.audience == audience));
        Ok(sessions)
    }

    /// One session.
    pub async fn session_get(&self, id: SessionId) -> Result<Session, WireError> {
        let store = self.store_of(id);
        task::store(move || store.session_get(id)).await
    }

    /// A part of the branch that a session shows, `count` messages at most.
    pub async fn session_path(&self, id: SessionId, place: PathPlace, count: u32) -> Result<PathPage, WireError> {
        let store = self.store_of(id);
        let path = task::store(move || store.session_path(id, &place, count.clamp(1, MOST_MESSAGES))).await?;
        let messages = self.with_spend(path.messages).await?;
        Ok(PathPage { leaf: path.leaf, total: path.total, start: path.start, messages })
    }

    /// All messages of a session, every branch, the oldest first.
    pub async fn session_messages(&self, id: SessionId) -> Result<Vec<Message>, WireError> {
        let store = self.store_of(id);
        task::store(move || store.message_list(id)).await
    }

    /// Gives a title.
    pub async fn session_rename(&self, id: SessionId, title: &str) -> Result<(), WireError> {
        let title = twin_mind::title::one_line(title);
        if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS {
            return Err(invalid(
                format!("a title has between 1 and {MAX_TITLE_CHARS} characters"),
                "Choose a shorter one, or press Esc to keep the old one.",
            ));
        }
        let store = self.store_of(id);
        task::store(move || store.session_rename(id, &title)).await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Does the same to several sessions; to all of them or to none, save that each temporary one is on its own.
    pub async fn session_change(&self, ids: Vec<SessionId>, change: SessionChange) -> Result<(), WireError> {
        if change == (SessionChange::Deleted { deleted: true }) {
            // What is still being written in them must not bring them back half.
            for id in &ids {
                self.chat_stop(*id);
            }
        }
        let (temporary, kept): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| self.temporary_store(*id).is_some());
        let mut work = vec![(self.inner.store.clone(), kept)];
        work.extend(temporary.into_iter().map(|id| (self.store_of(id), vec![id])));
        task::store(move || {
            for (store, ids) in work.iter().filter(|(_, ids)| !ids.is_empty()) {
                store.session_change(ids, &change)?;
            }
            Ok(())
        })
        .await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Shows the branch that a message is on, to its newest end.
    pub async fn session_show(&self, id: SessionId, message: MessageId) -> Result<(), WireError> {
        let store = self.store_of(id);
        task::store(move || store.session_show(id, message)).await?;
        self.tell(Event::MessagesChanged { session_id: id });
        Ok(())
    }

    /// A new session with a copy of the branch up to that message; of a temporary one it is temporary, too.
    pub async fn session_fork(&self, id: SessionId, message: MessageId) -> Result<Session, WireError> {
        let temporary = self.temporary_store(id);
        let store = self.store_of(id);
        let session = task::store(move || store.session_fork(id, message)).await?;
        if let Some(store) = temporary {
            self.temporary_hold(session.id, store);
        }
        self.tell(Event::SessionsChanged);
        Ok(session)
    }

    /// Deletes a message with all that follows it, or brings them back.
    pub async fn branch_delete(&self, id: SessionId, message: MessageId, deleted: bool) -> Result<(), WireError> {
        if deleted {
            self.chat_stop_under(id, message).await;
        }
        let store = self.store_of(id);
        task::store(move || store.branch_delete(id, message, deleted)).await?;
        self.tell(Event::MessagesChanged { session_id: id });
        Ok(())
    }

    /// Chooses who answers in a session from now on; none: the model of the settings.
    pub async fn session_set_model(&self, id: SessionId, model: Option<ModelRef>) -> Result<(), WireError> {
        let model = model.map(|model| self.with_server(model));
        let (store, chosen) = (self.store_of(id), model.clone());
        task::store(move || store.session_set_model(id, chosen.as_ref())).await?;
        self.tell(Event::SessionsChanged);
        match model {
            Some(model) if self.temporary_store(id).is_none() => self.model_chosen(&model).await,
            _ => Ok(()),
        }
    }

    /// What an answer says of the owner, and what bears it out: of its report only this, which is shown with every answer.
    pub async fn context_claims(&self, message: MessageId) -> Result<Vec<Claim>, WireError> {
        Ok(self.context_report(message).await?.map_or_else(Vec::new, |report| report.claims))
    }

    /// Why an answer came out as it did; none for messages that have no report.
    pub async fn context_report(&self, message: MessageId) -> Result<Option<ContextReport>, WireError> {
        let stores = self.stores();
        task::store(move || {
            let found =
                stores.iter().map(|store| store.context_report(message)).find(|report| !matches!(report, Ok(None)));
            found.unwrap_or(Ok(None))
        })
        .await
    }
}
