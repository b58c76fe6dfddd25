//! The reply as it grows: every word goes to the window at once and to the disk a few times a second.

use super::{Sink, Turn};
use crate::{App, task};
use futures_util::StreamExt as _;
use std::time::{Duration, Instant};
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

impl App {
    pub(super) async fn reply(&self, turn: Turn, sink: Sink) {
        let started = Instant::now();
        let (stream, mut report) = match self.ask(&turn).await {
            Ok(asked) => asked,
            Err(failure) => return self.give_up(&turn, failure, sink).await,
        };
        let mut reply =
            Reply { app: self, id: turn.draft.id, text: String::new(), started, first_word: None, commit: None };
        let end = reply.follow(stream, turn.stop.clone(), &mut report, &sink).await;
        reply.settle().await;
        report.first_token_ms = reply.first_word.map(millis);
        report.total_ms = Some(millis(started.elapsed()));
        let text = std::mem::take(&mut reply.text);

        let (status, failure) = match end {
            End::Finished(reason) => {
                report.stop_reason = Some(reason.clone());
                match (text.trim().is_empty(), reason) {
                    (false, _) => (MessageStatus::Complete, None),
                    (true, StopReason::ContentFiltered) => return self.give_up(&turn, filtered(), sink).await,
                    (true, _) => return self.give_up(&turn, said_nothing(), sink).await,
                }
            }
            End::Stopped => (MessageStatus::Stopped, None),
            End::Failed(failure) if text.trim().is_empty() => return self.give_up(&turn, failure, sink).await,
            End::Failed(failure) => (MessageStatus::Interrupted, Some(failure)),
        };
        let message = Message {
            id: turn.draft.id,
            session_id: turn.session.id,
            parent_id: Some(turn.question.id),
            role: Role::Assistant,
            content: text,
            created_at: turn.draft.created_at,
            status,
            model: Some(turn.draft.model.clone()),
            usage: report.usage,
            failure: failure.clone(),
            imported: None,
        };
        let (store, kept) = (self.inner.store.clone(), message.clone());
        let saved = task::store(move || store.reply_finish(&kept, Some(&report))).await;
        let session_id = turn.session.id;
        drop(turn);
        sink(match (saved, failure) {
            (Ok(()), None) => ReplyEvent::Done { message },
            (Ok(()), Some(failure)) => ReplyEvent::Failed { message: Some(message), failure },
            // The words are still on the screen and in the draft row; the next start finds them there.
            (Err(error), _) => ReplyEvent::Failed { message: Some(message), failure: error.into() },
        });
        self.tell(Event::MessagesChanged { session_id });
    }

    async fn ask(&self, turn: &Turn) -> Result<(ModelStream, ContextReport), Failure> {
        let model = self.model_open(&turn.draft.model).await?;
        let (session, question) = (&turn.session, &turn.question);
        let built = self
            .context(Some(session.id), session.audience, &turn.history, &question.content, &turn.draft.model)
            .await?;
        Ok((model.stream(built.request), built.report))
    }

    /// Not a word arrived: the question stays, the empty reply goes.
    async fn give_up(&self, turn: &Turn, failure: Failure, sink: Sink) {
        let (store, id) = (self.inner.store.clone(), turn.draft.id);
        if let Err(error) = task::store(move || store.reply_discard(id)).await {
            tracing::warn!(id = %error.id, "an empty reply could not be removed");
        }
        sink(ReplyEvent::Failed { message: None, failure });
    }
}

struct Reply<'a> {
    app: &'a App,
    id: MessageId,
    text: String,
    started: Instant,
    first_word: Option<Duration>,
    commit: Option<(Instant, task::Task)>,
}

impl Reply<'_> {
    async fn follow(
        &mut self,
        mut stream: ModelStream,
        mut stop: tokio::sync::watch::Receiver<bool>,
        report: &mut ContextReport,
        sink: &Sink,
    ) -> End {
        loop {
            let event = tokio::select! {
                biased;
                _ = stop.wait_for(|stopped| *stopped) => return End::Stopped,
                event = stream.next() => event,
            };
            match event {
                Some(Ok(ModelEvent::Text(text))) => {
                    self.first_word.get_or_insert_with(|| self.started.elapsed());
                    self.text.push_str(&text);
                    sink(ReplyEvent::Delta { text });
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
