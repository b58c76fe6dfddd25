//! The reply as it grows: every word goes to the window at once and to the disk a few times a second.

use super::closing::Closing;
use super::{Sink, Turn};
use crate::{App, task};
use futures_util::StreamExt as _;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use twin_core::chat::{Message, MessagePart, MessageStatus, Role};
use twin_core::error::{Code, Failure};
use twin_core::event::ReplyEvent;
use twin_core::id::MessageId;
use twin_core::model::{Block, Feature, Lessons, ModelEvent, ModelRef, Reasoning, StopReason, ToolUse, Usage};
use twin_core::port::ModelStream;
use twin_core::report::{ContextReport, Note, Passage};
use twin_mind::context::Built;
use twin_store::Store;

/// How much of a reply a crash may cost at most.
const COMMIT_EVERY: Duration = Duration::from_millis(250);

/// How a stream ended.
pub(super) enum End {
    Finished(StopReason),
    Stopped,
    Failed(Failure),
}

impl App {
    pub(super) async fn reply(&self, turn: Turn, sink: Sink) {
        let mut reply = Reply::new(self, &turn, &sink);
        if let Some(note) = turn.heeded.as_ref().and_then(|heeded| heeded.note.clone()) {
            reply.note(note);
        }
        let (end, next) = reply.answered_by_someone(&turn).await;
        reply.settle().await;
        let (status, failure) = match end {
            End::Finished(_) => (MessageStatus::Complete, None),
            End::Stopped => (MessageStatus::Stopped, None),
            End::Failed(failure) if reply.is_empty() => return self.give_up(turn, failure, next, sink).await,
            End::Failed(failure) => (MessageStatus::Interrupted, Some(failure)),
        };
        let (message, report) = reply.into_message(&turn, status, failure.clone());
        let report = match report {
            Some(report) => Some(self.with_claims(&turn, &message, report).await),
            None => None,
        };
        self.close(turn, Closing::Keep(Box::new((message, report))), failure.map(|failure| (failure, next)), sink)
            .await;
    }

    async fn give_up(&self, turn: Turn, failure: Failure, next: Option<ModelRef>, sink: Sink) {
        let closing = Closing::Discard(turn.draft.id);
        self.close(turn, closing, Some((failure, next)), sink).await;
    }
}

/// What has arrived of a reply, from however many requests.
pub(super) struct Reply<'a> {
    pub(super) app: &'a App,
    pub(super) sink: &'a Sink,
    pub(super) id: MessageId,
    /// Who is being asked.
    pub(super) model: ModelRef,
    pub(super) stop: watch::Receiver<bool>,
    /// Tools that the request under way asked for.
    pub(super) calls: Vec<ToolUse>,
    /// What the request under way taught.
    pub(super) learned: Option<Lessons>,
    pub(super) stop_reason: Option<StopReason>,
    store: Store,
    /// Of the request that was sent last.
    report: Option<ContextReport>,
    notes: Vec<Note>,
    usage: Option<Usage>,
    /// What tools found.
    passages: Vec<Passage>,
    text: String,
    parts: Vec<MessagePart>,
    /// Whether the last part is reasoning that still grows.
    thinking: bool,
    started: Instant,
    first_word: Option<Duration>,
    /// Whether words arrived that no commit has taken up.
    uncommitted: bool,
    commit: Option<(Instant, task::Task)>,
}

impl<'a> Reply<'a> {
    fn new(app: &'a App, turn: &Turn, sink: &'a Sink) -> Self {
        Self {
            app,
            sink,
            id: turn.draft.id,
            model: turn.draft.model.clone(),
            stop: turn.stop.clone(),
            calls: Vec::new(),
            learned: None,
            stop_reason: None,
            store: turn.store.clone(),
            report: None,
            notes: Vec::new(),
            usage: None,
            passages: Vec::new(),
            text: String::new(),
            parts: Vec::new(),
            thinking: false,
            started: Instant::now(),
            first_word: None,
            uncommitted: false,
            commit: None,
        }
    }

    /// Whether the person has seen nothing of it.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.parts.iter().all(|part| matches!(part, MessagePart::Text { .. }))
    }

    /// How much there is: it only grows.
    pub(super) fn extent(&self) -> usize {
        self.parts.len()
    }

    /// Tells something that did not go as asked, once; of several sums the last one counts.
    pub(super) fn note(&mut self, note: Note) {
        if matches!(note, Note::HistoryTrimmed { .. } | Note::AskedAgain { .. }) {
            self.notes.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&note));
        }
        if !self.notes.contains(&note) {
            (self.sink)(ReplyEvent::Noted { note: note.clone() });
            self.notes.push(note);
        }
    }

    pub(super) fn asked_again(&mut self, failure: Failure) {
        let times = self.notes.iter().find_map(|note| match note {
            Note::AskedAgain { times, .. } => Some(*times),
            _ => None,
        });
        self.note(Note::AskedAgain { times: times.unwrap_or(0) + 1, failure });
    }

    /// A request is about to be sent.
    pub(super) fn sent(&mut self, built: &Built, model: &ModelRef) {
        let lessons = self.app.lessons(model);
        let asked = built.request.turns.last().map_or(&[][..], |turn| &turn.content);
        if !lessons.allows(Feature::Images) && asked.iter().any(|block| matches!(block, Block::Image { .. })) {
            self.note(Note::LeftOut { feature: Feature::Images });
        }
        self.report = Some(built.report.clone());
    }

    /// What the model said since then, its `calls` among it, to be given back to it.
    pub(super) fn blocks_since(&self, before: usize, calls: &[ToolUse]) -> Vec<Block> {
        let parts = self.parts.iter().skip(before);
        let block = |part: &MessagePart| match part.clone() {
            MessagePart::Text { text } => Some(Block::Text(text)),
            MessagePart::Reasoning { text, signature, redacted } => {
                Some(Block::Reasoning(Reasoning { text, signature, redacted }))
            }
            MessagePart::Tool { id, .. } => calls.iter().find(|call| call.id == id).cloned().map(Block::ToolUse),
        };
        parts.filter_map(block).collect()
    }

    pub(super) fn tool_ended(&mut self, id: &str, output: &str, is_error: bool, passages: Vec<Passage>) {
        for part in &mut self.parts {
            if let MessagePart::Tool { id: known, output: slot @ None, is_error: failed, .. } = part
                && known == id
            {
                *slot = Some(output.to_owned());
                *failed = is_error;
            }
        }
        self.passages.extend(passages);
        (self.sink)(ReplyEvent::ToolEnded { id: id.to_owned(), output: output.to_owned(), is_error });
    }

    /// Whether the provider counted tokens of its cache.
    pub(super) fn has_cached(&self) -> bool {
        self.usage.is_some_and(|usage| usage.cache_read > 0 || usage.cache_write > 0)
    }

    pub(super) fn has_reasoned(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, MessagePart::Reasoning { .. }))
    }

    /// Asks another model from now on; the one before. What that one used was for nothing and is not the other's, and neither
    /// are the blanks that may be all it said.
    pub(super) fn go_on_with(&mut self, next: ModelRef) -> ModelRef {
        self.text.clear();
        self.parts.clear();
        self.first_word = None;
        self.usage = None;
        self.stop_reason = None;
        std::mem::replace(&mut self.model, next)
    }

    /// Whether the limit of the answer was reached before its first word.
    pub(super) fn ran_out(&self, reason: &StopReason) -> bool {
        *reason == StopReason::MaxTokens && self.text.trim().is_empty()
    }

    /// Why an answer that ended without a word did so; none if it has words.
    pub(super) fn silence(&self, reason: &StopReason) -> Option<Failure> {
        if !self.text.trim().is_empty() {
            return None;
        }
        Some(match reason {
            StopReason::ContentFiltered => filtered(),
            StopReason::MaxTokens => thought_too_long(),
            _ => said_nothing(),
        })
    }

    fn into_message(
        self,
        turn: &Turn,
        status: MessageStatus,
        failure: Option<Failure>,
    ) -> (Message, Option<ContextReport>) {
        let parts = self.parts_beyond_text();
        let asked = &turn.draft.model;
        let message = Message {
            id: self.id,
            session_id: turn.session.id,
            parent_id: Some(turn.question.id),
            role: Role::Assistant,
            content: self.text,
            parts,
            attachments: Vec::new(),
            created_at: turn.draft.created_at,
            status,
            instead_of: (self.model != *asked).then(|| asked.clone()),
            model: Some(self.model),
            usage: self.usage,
            failure,
            imported: None,
        };
        let report = self.report.map(|report| ContextReport {
            passages: [report.passages, self.passages].concat(),
            first_token_ms: self.first_word.map(millis),
            total_ms: Some(millis(self.started.elapsed())),
            usage: self.usage,
            stop_reason: self.stop_reason,
            notes: self.notes,
            ..report
        });
        (message, report)
    }

    /// Nothing for a reply that is text and no more.
    fn parts_beyond_text(&self) -> Vec<MessagePart> {
        let only_text = self.parts.iter().all(|part| matches!(part, MessagePart::Text { .. }));
        if only_text { Vec::new() } else { self.parts.clone() }
    }

    pub(super) async fn follow(&mut self, mut stream: ModelStream) -> End {
        let mut stop = self.stop.clone();
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
                Some(Ok(ModelEvent::Finished(reason))) => return End::Finished(reason),
                Some(Ok(event)) => self.take(event),
                Some(Err(failure)) => return End::Failed(failure),
                None => return End::Failed(cut_off()),
            }
        }
    }

    fn take(&mut self, event: ModelEvent) {
        match event {
            ModelEvent::Text(text) => self.grow_text(text),
            ModelEvent::ReasoningText(text) => self.grow_reasoning(text),
            ModelEvent::Reasoning(block) => self.end_reasoning(block),
            ModelEvent::ToolUse(call) => {
                self.thinking = false;
                self.parts.push(MessagePart::Tool {
                    id: call.id.clone(),
                    name: call.name.clone(),
                    input: call.input.to_string(),
                    output: None,
                    is_error: false,
                });
                self.calls.push(call);
                self.uncommitted = true;
            }
            ModelEvent::Usage(usage) => {
                let before = self.usage.unwrap_or_default();
                self.usage = Some(Usage {
                    input: before.input.saturating_add(usage.input),
                    output: before.output.saturating_add(usage.output),
                    cache_read: before.cache_read.saturating_add(usage.cache_read),
                    cache_write: before.cache_write.saturating_add(usage.cache_write),
                });
            }
            ModelEvent::Learned(lessons) => self.learned = Some(lessons),
            // The caller's.
            ModelEvent::Finished(_) => {}
        }
    }

    fn grow_text(&mut self, mut text: String) {
        if text.is_empty() {
            return;
        }
        self.thinking = false;
        self.first_word.get_or_insert_with(|| self.started.elapsed());
        if let Some(MessagePart::Text { text: grown }) = self.parts.last_mut() {
            grown.push_str(&text);
        } else {
            // After a look into the memory the model begins anew: a paragraph of its own.
            if !self.text.is_empty() {
                text.insert_str(0, "\n\n");
            }
            self.parts.push(MessagePart::Text { text: text.clone() });
        }
        self.text.push_str(&text);
        (self.sink)(ReplyEvent::Delta { text });
        self.uncommitted = true;
        self.commit_now_and_then();
    }

    fn grow_reasoning(&mut self, text: String) {
        match self.parts.last_mut() {
            Some(MessagePart::Reasoning { text: grown, .. }) if self.thinking => grown.push_str(&text),
            _ => {
                self.thinking = true;
                self.parts.push(MessagePart::Reasoning { text: text.clone(), signature: None, redacted: None });
            }
        }
        (self.sink)(ReplyEvent::Reasoning { text });
        self.uncommitted = true;
        self.commit_now_and_then();
    }

    /// The block as a whole is what the model wants back; its words were shown already.
    fn end_reasoning(&mut self, block: Reasoning) {
        let Reasoning { text, signature, redacted } = block;
        if self.thinking {
            self.parts.pop();
        }
        self.thinking = false;
        self.parts.push(MessagePart::Reasoning { text, signature, redacted });
        self.uncommitted = true;
    }

    /// The first words at once, then a few times a second, never two commits at a time.
    fn commit_now_and_then(&mut self) {
        if self.commit.as_ref().is_some_and(|(at, task)| at.elapsed() < COMMIT_EVERY || !task.is_finished()) {
            return;
        }
        self.uncommitted = false;
        let (store, id, text, parts) = (self.store.clone(), self.id, self.text.clone(), self.parts_beyond_text());
        let task = task::spawn("grow reply", async move {
            if let Err(error) = task::store(move || store.reply_grow(id, &text, &parts)).await {
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

pub(super) fn said_nothing() -> Failure {
    Failure::passing(
        Code::ProviderFailed,
        "the model ended its answer without a word",
        "Try again, or choose another model.",
    )
}

fn thought_too_long() -> Failure {
    Failure::passing(
        Code::ProviderFailed,
        "the model used up its whole answer without saying anything",
        "Try again, ask it to think less (Settings, Models), or choose another model.",
    )
}

fn filtered() -> Failure {
    Failure::permanent(Code::ContentFiltered, "the provider's filter stopped the answer", "Say it in other words.")
}
