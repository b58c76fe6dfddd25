//! Sessions: list, rename, delete with undo, choose a branch, export and import.

mod seed;

pub use seed::{ImportOutcome, Imported};

use crate::error::{WireError, invalid};
use crate::{App, task};
use std::time::Duration;
use twin_core::chat::{Audience, Message, Session};
use twin_core::event::Event;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::ModelRef;
use twin_core::report::ContextReport;

/// A longer title is a text.
const MAX_TITLE_CHARS: usize = 200;

/// How soon the window notices what another process of this home wrote.
const ELSEWHERE_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// The sessions of an audience, or of all; the newest first.
    pub async fn session_list(&self, audience: Option<Audience>) -> Result<Vec<Session>, WireError> {
        let store = self.inner.store.clone();
        let mut sessions = task::store(move || store.session_list()).await?;
        sessions.retain(|session| audience.is_none_or(|audience| session.audience == audience));
        Ok(sessions)
    }

    /// One session.
    pub async fn session_get(&self, id: SessionId) -> Result<Session, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.session_get(id)).await
    }

    /// All messages of a session, every branch, the oldest first.
    pub async fn session_messages(&self, id: SessionId) -> Result<Vec<Message>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || {
            store.session_get(id)?;
            store.message_list(id)
        })
        .await
    }

    /// Gives a title.
    pub async fn session_rename(&self, id: SessionId, title: &str) -> Result<(), WireError> {
        let title = title.replace(steers, " ").split_whitespace().collect::<Vec<_>>().join(" ");
        if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS {
            return Err(invalid(
                format!("a title has between 1 and {MAX_TITLE_CHARS} characters"),
                "Choose a shorter one, or press Esc to keep the old one.",
            ));
        }
        let store = self.inner.store.clone();
        task::store(move || store.session_rename(id, &title)).await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Deletes a session; [`App::session_restore`] brings it back.
    pub async fn session_delete(&self, id: SessionId) -> Result<(), WireError> {
        // What is still being written in it must not bring it back half.
        self.chat_stop(id);
        let store = self.inner.store.clone();
        task::store(move || store.session_delete(id)).await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Undoes [`App::session_delete`].
    pub async fn session_restore(&self, id: SessionId) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.session_restore(id)).await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Chooses the branch that a session shows.
    pub async fn session_set_head(&self, id: SessionId, head: MessageId) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.session_set_head(id, head)).await?;
        self.tell(Event::MessagesChanged { session_id: id });
        Ok(())
    }

    /// Chooses who answers in a session from now on; none: the model of the settings.
    pub async fn session_set_model(&self, id: SessionId, model: Option<ModelRef>) -> Result<(), WireError> {
        let model = model.map(|model| self.with_server(model));
        let (store, chosen) = (self.inner.store.clone(), model.clone());
        task::store(move || store.session_set_model(id, chosen.as_ref())).await?;
        self.tell(Event::SessionsChanged);
        match model {
            Some(model) => self.model_chosen(&model).await,
            None => Ok(()),
        }
    }

    /// Why an answer came out as it did; none for messages that have no report.
    pub async fn context_report(&self, message: MessageId) -> Result<Option<ContextReport>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.context_report(message)).await
    }
}

/// Characters that steer a terminal or turn the direction of what stands beside them.
fn steers(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Tells the window when another process wrote something: the command line in this home (or was killed while it wrote),
/// or AWS's tools in their files.
pub(crate) async fn watch_elsewhere(app: &App) {
    let mut ticks = tokio::time::interval(ELSEWHERE_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut aws_files = None;
    loop {
        ticks.tick().await;
        app.notice_aws_files(&mut aws_files).await;
        let store = app.inner.store.clone();
        let changed = task::store(move || Ok(store.recover_interrupted()? | store.changes_elsewhere()?));
        match changed.await {
            Ok(false) => {}
            Ok(true) => {
                if let Err(error) = app.settings_reload().await {
                    tracing::warn!(id = %error.id, "the settings could not be read again");
                }
                app.tell(Event::ChangedElsewhere);
            }
            Err(error) => tracing::warn!(id = %error.id, "the store could not be asked for changes"),
        }
    }
}
