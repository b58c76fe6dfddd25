//! Learning in the background: after a whole answer the model that gave it is asked what there is to remember, with what
//! else waits of the same conversation. One request for a turn at most.
//!
//! What waits is on disk. Only a program that runs on learns, which the window is and one command is not.

mod heed;
mod material;

pub(crate) use heed::Heeded;

use crate::error::WireError;
use crate::{App, task};
use futures_util::StreamExt as _;
use material::Material;
use std::time::Duration;
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::{MessageId, SessionId};
use twin_core::model::{Block, ModelEvent, ModelRequest, ToolUse, Usage};
use twin_mind::learn::{self, Proposal};
use twin_store::{LearningUse, StoreError};

/// Exchanges that are learned from at once. More would not fit into small models beside what is known.
const MOST: u32 = 8;

/// Nobody waits for it, and a small model on a small machine is slow.
const PATIENCE: Duration = Duration::from_mins(3);

/// After a failure it is tried again after this long, or when there is something new.
const AGAIN: Duration = Duration::from_mins(5);

/// More than this is no answer to what was asked, whatever the limit was that the server was given.
const MOST_BYTES: usize = 64 * 1024;

/// Characters of a token, where a provider does not count.
const TOKEN: usize = 4;

impl App {
    /// Lets the exchange that ends in this answer wait to be learned from.
    pub(crate) async fn learn_later(&self, session: SessionId, answer: MessageId) {
        if !self.settings().learn {
            return;
        }
        let store = self.inner.store.clone();
        match task::store(move || store.learning_wait(session, answer)).await {
            Ok(0) => {}
            Ok(dropped) => {
                tracing::warn!(dropped, "more waits to be learned from than is kept");
                self.tell(Event::MemoryChanged);
            }
            Err(error) => return tracing::warn!(id = %error.id, "an exchange will not be learned from"),
        }
        self.inner.learning.notify_one();
    }

    /// Learns for as long as it is polled: from what waits at the start, then whenever something new waits or the owner
    /// changes a setting, which may have kept it from learning.
    pub(crate) async fn learn_from_answers(&self) {
        let mut settings = self.inner.settings.subscribe();
        let mut failed = false;
        loop {
            // What failed together may be learned one by one: something among it was too much.
            let done = self.learn_once(if failed { 1 } else { MOST }).await;
            failed = done.unwrap_or_else(|error| {
                tracing::warn!(id = %error.id, "what waits could not be learned from");
                true
            });
            tokio::select! {
                () = self.inner.learning.notified() => {}
                _ = settings.changed() => {}
                () = tokio::time::sleep(AGAIN), if failed => {}
            }
        }
    }

    /// Asks once, if something waits and may be learned. True: it failed, and another time may be better.
    async fn learn_once(&self, most: u32) -> Result<bool, WireError> {
        let month = self.now().strftime("%Y-%m").to_string();
        if !self.may_learn(&month).await? {
            return Ok(false);
        }
        let store = self.inner.store.clone();
        let Some(waiting) = task::store(move || store.learning_next(most)).await? else { return Ok(false) };
        let (store, messages) = (self.inner.store.clone(), waiting.messages.clone());
        let Some(material) = task::store(move || Material::gather(&store, &waiting)).await? else {
            task::store({
                let store = self.inner.store.clone();
                move || store.learning_done(&messages, &[], None)
            })
            .await?;
            return Ok(false);
        };
        let now = self.now();
        let batch = material.batch(&now);
        let request = learn::request(&material.model, &self.lessons(&material.model), &batch);
        let mut answer = Answer::default();
        let asked = tokio::time::timeout(PATIENCE, self.ask_what_to_remember(&material, request, &mut answer)).await;
        let asked = asked.unwrap_or_else(|_| Err(Failure::passing(Code::TimedOut, "learning took too long", "")));
        let used = LearningUse { month, model: material.model.clone(), tokens: answer.tokens() };
        let (store, failed) = (self.inner.store.clone(), asked.is_err());
        match asked {
            Ok(()) => {
                let judged = learn::judge(&answer.proposal(), &batch);
                tracing::info!(changes = judged.changes.len(), dropped = ?judged.dropped, "learned");
                task::store(move || match store.learning_done(&messages, &judged.changes, Some(&used)) {
                    // What it is about was forgotten while the model was asked.
                    Err(StoreError::NotFound(_)) => store.learning_failed(&messages, Some(&used)).map(|_| false),
                    done => done,
                })
                .await?;
            }
            Err(failure) => {
                tracing::info!(code = ?failure.code, "nothing could be learned this time");
                task::store(move || store.learning_failed(&messages, Some(&used))).await?;
            }
        }
        self.tell(Event::MemoryChanged);
        Ok(failed)
    }

    async fn may_learn(&self, month: &str) -> Result<bool, WireError> {
        let settings = self.settings();
        if !settings.learn || settings.background_paused {
            return Ok(false);
        }
        let Some(most) = settings.learn_tokens_month else { return Ok(true) };
        let (store, month) = (self.inner.store.clone(), month.to_owned());
        Ok(task::store(move || store.learning_tokens(&month)).await? < most)
    }

    async fn ask_what_to_remember(
        &self,
        material: &Material,
        request: ModelRequest,
        answer: &mut Answer,
    ) -> Result<(), Failure> {
        let model = self.model_open(&material.model).await?;
        answer.asked = length(&request);
        let mut stream = model.stream(request);
        while let Some(event) = stream.next().await {
            match event? {
                ModelEvent::Text(more) => answer.text.push_str(&more),
                ModelEvent::ToolUse(call) => answer.calls.push(call),
                ModelEvent::Usage(usage) => answer.usage = Some(usage),
                ModelEvent::Learned(lessons) => self.learn(&material.model, &lessons, true).await,
                ModelEvent::Finished(_) => return Ok(()),
                ModelEvent::ReasoningText(_) | ModelEvent::Reasoning(_) => {}
            }
            if answer.text.len() > MOST_BYTES {
                break;
            }
        }
        Err(Failure::passing(Code::StreamInterrupted, "the answer broke off", ""))
    }
}

/// What a model said to what was asked.
#[derive(Default)]
struct Answer {
    text: String,
    calls: Vec<ToolUse>,
    usage: Option<Usage>,
    /// Characters that were sent.
    asked: usize,
}

impl Answer {
    /// What it calls, else what it writes: small models write what they should have called.
    fn proposal(&self) -> Proposal {
        let calls = self.calls.iter().filter(|call| call.name == learn::TOOL);
        let called = calls.map(|call| learn::parse(&call.input)).find(|proposal| *proposal != Proposal::default());
        called.unwrap_or_else(|| learn::from_text(&self.text))
    }

    /// As the provider counted, else estimated of what was sent and came.
    fn tokens(&self) -> u32 {
        let Usage { input, output, cache_read, cache_write } = self.usage.unwrap_or_default();
        let counted = [input, output, cache_read, cache_write].into_iter().fold(0, u32::saturating_add);
        let came = self.text.len() + self.calls.iter().map(|call| call.input.to_string().len()).sum::<usize>();
        match counted {
            0 => u32::try_from((self.asked + came) / TOKEN).unwrap_or(u32::MAX),
            counted => counted,
        }
    }
}

fn length(request: &ModelRequest) -> usize {
    let system = request.system.iter().map(|part| part.text.len());
    let tools = request.tools.iter().map(|tool| tool.input_schema.to_string().len());
    let blocks = request.turns.iter().flat_map(|turn| &turn.content);
    let turns = blocks.map(|block| if let Block::Text(text) = block { text.len() } else { 0 });
    system.chain(tools).chain(turns).sum()
}
