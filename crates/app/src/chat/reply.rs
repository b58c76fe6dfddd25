//! The reply as it grows: every word goes to the window at once and to the disk a few times a second.

use super::{Sink, Turn};
use crate::error::WireError;
use crate::{App, task};
use futures_util::StreamExt as _;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use twin_core::chat::{Message, MessageStatus, Role};
use twin_core::error::{Code, Failure};
use twin_core::event::{Event, ReplyEvent};
use twin_core::id::MessageId;
use twin_core::model::{ModelEvent, StopReason};
use twin_core::port::ModelStream;
use twin_core::report::ContextReport;

/// How much of a reply a crash may cost at most.
const COMMIT_EVERY: Duration = Duration::from_millis(250);

/// How a stream ended.
enum End {
    Finished(StopReason),
    Stopped,
    Failed(Failure),
}

/// How a turn is closed on disk.
#[derive(Clone)]
enum Closing {
    /// With what arrived, and why it came out so; no report if the model was never asked.
    Keep(Box<(Message, Option<ContextReport>)>),
    /// Not a word arrived: the question stays, the empty reply goes.
    Discard(MessageId),
}

/// A close that failed is tried again after this long, then after twice as long, and so on.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);

impl App {
    pub(super) async fn reply(&self, turn: Turn, sink: Sink) {
        let started = Instant::now();
        let mut stop = turn.stop.clone();
        let asked = tokio::select! {
            asked = self.ask(&turn) => asked,
            () = stopped(&mut stop) => {
                let message = turn.message(String::new(), MessageStatus::Stopped);
                return self.close(turn, Closing::Keep(Box::new((message, None))), None, sink).await;
            }
        };
        let (stream, mut report) = match asked {
            Ok(asked) => asked,
            Err(failure) => return self.give_up(turn, failure, sink).await,
        };
        let mut reply = Reply {
            app: self,
            id: turn.draft.id,
            text: String::new(),
            started,
            first_word: None,
            uncommitted: false,
            commit: None,
        };
        let end = reply.follow(stream, stop, &mut report, &sink).await;
        reply.settle().await;
        report.first_token_ms = reply.first_word.map(millis);
        report.total_ms = Some(millis(started.elapsed()));
        let text = std::mem::take(&mut reply.text);

        let (status, failure) = match end {
            End::Finished(reason) => {
                report.stop_reason = Some(reason.clone());
                match (text.trim().is_empty(), reason) {
                    (false, _) => (MessageStatus::Complete, None),
                    (true, StopReason::ContentFiltered) => return self.give_up(turn, filtered(), sink).await,
                    (true, _) => return self.give_up(turn, said_nothing(), sink).await,
                }
            }
            End::Stopped => (MessageStatus::Stopped, None),
            End::Failed(failure) if text.trim().is_empty() => return self.give_up(turn, failure, sink).await,
            End::Failed(failure) => (MessageStatus::Interrupted, Some(failure)),
        };
        let message = Message { usage: report.usage, failure: failure.clone(), ..turn.message(text, status) };
        self.close(turn, Closing::Keep(Box::new((message, Some(report)))), failure, sink).await;
    }

    async fn ask(&self, turn: &Turn) -> Result<(ModelStream, ContextReport), Failure> {
        let (session, question, model) = (&turn.session, &turn.question, &turn.draft.model);
        let context = self.context(Some(session.id), session.audience, &turn.history, &question.content, model);
        let (model, built) = tokio::join!(self.model_open(model), context);
        let (model, built) = (model?, built?);
        Ok((model.stream(built.request), built.report))
    }

    async fn give_up(&self, turn: Turn, failure: Failure, sink: Sink) {
        let closing = Closing::Discard(turn.draft.id);
        self.close(turn, closing, Some(failure), sink).await;
    }

    /// Commits the end of the reply and tells the window. A disk that is full or held by another is told at once, and
    /// tried again for as long as the program runs: the words are in memory, and only here.
    async fn close(&self, turn: Turn, closing: Closing, failure: Option<Failure>, sink: Sink) {
        let session_id = turn.session.id;
        let message = match &closing {
            Closing::Keep(kept) => Some(kept.0.clone()),
            Closing::Discard(_) => None,
        };
        let saved = self.commit(&closing).await;
        let retry = saved.as_ref().is_err_and(|error| error.retryable);
        sink(match (saved, failure, message) {
            (Ok(()), None, Some(message)) => ReplyEvent::Done { message },
            (Ok(()), failure, message) => ReplyEvent::Failed { message, failure: failure.unwrap_or_else(said_nothing) },
            (Err(error), _, message) => ReplyEvent::Failed { message, failure: error.into() },
        });
        if retry {
            return self.try_again(turn, closing);
        }
        drop(turn);
        self.tell(Event::MessagesChanged { session_id });
    }

    fn try_again(&self, turn: Turn, closing: Closing) {
        let app = self.clone();
        let work = async move {
            let mut pause = FIRST_RETRY;
            loop {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LAST_RETRY);
                match app.commit(&closing).await {
                    Err(error) if error.retryable => {}
                    // Saved, or never to be: the session was erased meanwhile.
                    Ok(()) | Err(_) => break,
                }
            }
            let session_id = turn.session.id;
            drop(turn);
            app.tell(Event::MessagesChanged { session_id });
        };
        let mut saving = self.inner.saving.lock().unwrap_or_else(PoisonError::into_inner);
        saving.retain(|task| !task.is_finished());
        saving.push(task::spawn("save reply", work));
    }

    async fn commit(&self, closing: &Closing) -> Result<(), WireError> {
        let (store, closing) = (self.inner.store.clone(), closing.clone());
        task::store(move || match closing {
            Closing::Keep(kept) => store.reply_finish(&kept.0, kept.1.as_ref()),
            Closing::Discard(id) => store.reply_discard(id),
        })
        .await
    }
}

impl Turn {
    fn message(&self, content: String, status: MessageStatus) -> Message {
        Message {
            id: self.draft.id,
            session_id: self.session.id,
            parent_id: Some(self.question.id),
            role: Role::Assistant,
            content,
            created_at: self.draft.created_at,
            status,
            model: Some(self.draft.model.clone()),
            usage: None,
            failure: None,
            imported: None,
        }
    }
}

struct Reply<'a> {
    app: &'a App,
    id: MessageId,
    text: String,
    started: Instant,
    first_word: Option<Duration>,
    /// Whether words arrived that no commit has taken up.
    uncommitted: bool,
    commit: Option<(Instant, task::Task)>,
}

impl Reply<'_> {
    async fn follow(
        &mut self,
        mut stream: ModelStream,
        mut stop: watch::Receiver<bool>,
        report: &mut ContextReport,
        sink: &Sink,
    ) -> End {
        loop {
            let event = tokio::select! {
                biased;
                () = stopped(&mut stop) => return End::Stopped,
                event = stream.next() => event,
                // The stream pauses: what is on the screen goes to the disk all the same.
                () = tokio::time::sleep(COMMIT_EVERY), if self.uncommitted => {
                    self.commit_now_and_then();
                    continue;
                }
            };
            match event {
                Some(Ok(ModelEvent::Text(text))) => {
                    self.first_word.get_or_insert_with(|| self.started.elapsed());
                    self.text.push_str(&text);
                    sink(ReplyEvent::Delta { text });
                    self.uncommitted = true;
                    self.commit_now_and_then();
                }
                Some(Ok(ModelEvent::Usage(usage))) => report.usage = Some(usage),
                // No tool is offered yet, so none can be asked for; a model that does so anyway is not obeyed.
                Some(Ok(ModelEvent::ToolUse(_))) => {}
                Some(Ok(ModelEvent::Finished(reason))) => return End::Finished(reason),
                Some(Err(failure)) => return End::Failed(failure),
                None => return End::Failed(cut_off()),
            }
        }
    }

    /// The first words at once, then a few times a second, never two commits at a time.
    fn commit_now_and_then(&mut self) {
        if self.commit.as_ref().is_some_and(|(at, task)| at.elapsed() < COMMIT_EVERY || !task.is_finished()) {
            return;
        }
        self.uncommitted = false;
        let (store, id, text) = (self.app.inner.store.clone(), self.id, self.text.clone());
        let task = task::spawn("grow reply", async move {
            if let Err(error) = task::store(move || store.reply_grow(id, &text)).await {
                tracing::warn!(id = %error.id, "a growing reply could not be committed");
            }
        });
        self.commit = Some((Instant::now(), task));
    }

    /// Waits for a commit under way, so that it cannot come after the last one.
    async fn settle(&mut self) {
        if let Some((_, task)) = self.commit.take() {
            task.finished().await;
        }
    }
}

/// Until the person stops the reply.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // It fails only when the turn is over.
    drop(stop.wait_for(|stopped| *stopped).await);
}

fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

fn cut_off() -> Failure {
    Failure::passing(Code::StreamInterrupted, "the answer broke off", "Try again; what had arrived is kept.")
}

fn said_nothing() -> Failure {
    Failure::passing(
        Code::ProviderFailed,
        "the model ended its answer without a word",
        "Try again, or choose another model.",
    )
}

fn filtered() -> Failure {
    Failure::permanent(Code::ContentFiltered, "the provider's filter stopped the answer", "Say it in other words.")
}
