//! The end of a turn: committed, told, and tried again for as long as it must be.

use super::{Sink, Turn};
use crate::error::WireError;
use crate::title::Untitled;
use crate::{App, task};
use std::sync::PoisonError;
use std::time::Duration;
use twin_core::chat::{Message, MessageStatus};
use twin_core::error::Failure;
use twin_core::event::{Event, ReplyEvent};
use twin_core::id::MessageId;
use twin_core::model::{ModelRef, Provider};
use twin_core::report::ContextReport;
use twin_mind::learn::Done;
use twin_store::Store;

/// How a turn is closed on disk.
#[derive(Clone)]
pub(super) enum Closing {
    /// With what arrived, and why it came out so; no report if the model was never asked.
    Keep(Box<(Message, Option<ContextReport>)>),
    /// Not a word arrived: the question stays, the empty reply goes.
    Discard(MessageId),
}

/// A close that failed is tried again after this long, then after twice as long, and so on.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

impl App {
    /// Commits the end of the reply and tells the window. A disk that is full or held by another is told at once, and
    /// tried again for as long as the program runs: the words are in memory, and only here.
    pub(super) async fn close(
        &self,
        turn: Turn,
        closing: Closing,
        failure: Option<(Failure, Option<ModelRef>)>,
        sink: Sink,
    ) {
        let message = match &closing {
            Closing::Keep(kept) => Some(kept.0.clone()),
            Closing::Discard(_) => None,
        };
        let saved = commit(&turn.store, &closing).await;
        let retry = saved.as_ref().is_err_and(|error| error.retryable);
        let is_saved = saved.is_ok();
        sink(match (saved, failure, message) {
            (Ok(()), None, Some(message)) => ReplyEvent::Done { message },
            (Ok(()), failure, message) => {
                let (failure, next) = failure.unwrap_or_else(|| (super::reply::said_nothing(), None));
                ReplyEvent::Failed { message, failure, next }
            }
            (Err(error), _, message) => ReplyEvent::Failed { message, failure: error.into(), next: None },
        });
        if retry {
            return self.try_again(turn, closing);
        }
        self.closed(turn, closing, is_saved).await;
    }

    /// The session is free again; what is on the disk now gets its title, and is learned from.
    async fn closed(&self, turn: Turn, closing: Closing, is_saved: bool) {
        let session_id = turn.session.id;
        let answer = match closing {
            Closing::Keep(kept) if is_saved => Some(kept.0),
            Closing::Keep(_) | Closing::Discard(_) => None,
        };
        let untitled =
            answer.as_ref().and_then(|answer| Untitled::new(&turn.session, &turn.history, &turn.question, answer));
        let taught = answer.filter(|answer| may_be_learned_from(&turn, answer));
        drop(turn);
        self.tell(Event::MessagesChanged { session_id });
        if let Some(untitled) = untitled {
            // Nobody listens in a program that ends with its one command.
            drop(self.inner.untitled.send(untitled));
        }
        if let Some(answer) = taught {
            self.learn_later(session_id, answer.id).await;
        }
    }

    fn try_again(&self, turn: Turn, closing: Closing) {
        let app = self.clone();
        let work = async move {
            let mut pause = FIRST_RETRY;
            let is_saved = loop {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
                match commit(&turn.store, &closing).await {
                    Err(error) if error.retryable => {}
                    // Never to be, where the session was erased meanwhile.
                    result => break result.is_ok(),
                }
            };
            app.closed(turn, closing, is_saved).await;
        };
        let mut saving = self.inner.saving.lock().unwrap_or_else(PoisonError::into_inner);
        saving.retain(|task| !task.is_finished());
        saving.push(task::spawn("save reply", work));
    }
}

/// A whole answer of a language model, in a conversation that is kept. Words that were to be forgotten are not learned.
fn may_be_learned_from(turn: &Turn, answer: &Message) -> bool {
    let is_of_a_model = answer.model.as_ref().is_some_and(|model| model.provider != Provider::Offline);
    let was_taken_back = turn.heeded.as_ref().is_some_and(|heeded| matches!(heeded.done, Done::TakenBack(_)));
    answer.status == MessageStatus::Complete && is_of_a_model && !turn.session.temporary && !was_taken_back
}

async fn commit(store: &Store, closing: &Closing) -> Result<(), WireError> {
    let (store, closing) = (store.clone(), closing.clone());
    task::store(move || match closing {
        Closing::Keep(kept) => store.reply_finish(&kept.0, kept.1.as_ref()),
        Closing::Discard(id) => store.reply_discard(id),
    })
    .await
}
