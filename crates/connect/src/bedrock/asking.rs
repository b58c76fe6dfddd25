//! One question to Bedrock, from the first attempt to the one that is answered: what a refusal teaches is applied and
//! the same is asked again, but only before the first word of an answer.

use super::failure::{self, Trouble};
use super::lesson::{Lesson, lesson};
use super::refusal::{Refusal, Subject, plain};
use super::reply::Reply;
use super::request::{Bounds, prepare};
use super::{BedrockConfig, Connection, Inner, catalogue, identity, reach_of};
use crate::quote::content;
use aws_sdk_bedrockruntime::operation::RequestId as _;
use aws_sdk_bedrockruntime::primitives::event_stream::EventReceiver;
use aws_sdk_bedrockruntime::types::ConverseStreamOutput;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use std::time::Duration;
use tokio::time::timeout;
use twin_core::error::Failure;
use twin_core::model::{Effort, Feature, Lessons, ModelEvent, ModelRequest};

/// The usage follows the end of the answer at once; an answer that is whole does not wait longer for it.
const USAGE_GRACE: Duration = Duration::from_secs(5);
/// An answer that has room for fewer tokens is none.
const LEAST_ANSWER: u32 = 256;

/// The question and what was done to it so far.
pub(super) struct Asking {
    request: ModelRequest,
    bounds: Bounds,
    /// What the last attempt carried that a model may refuse, and whether earlier thoughts were among it.
    sent: Vec<Feature>,
    sent_thoughts: bool,
    /// Whether the credentials were already fetched again.
    is_reconnected: bool,
    /// Whether an inference profile was already looked for.
    is_routed: bool,
    place: String,
    request_id: Option<String>,
}

/// What follows from trouble.
pub(super) enum Next {
    /// Ask again; what was learned is told before, if anything was.
    Again(Option<Lessons>),
    /// Give up, and tell what was learned all the same.
    GiveUp(Option<Lessons>, Failure),
}

/// An answer that is arriving.
pub(super) struct Answer {
    /// None where the answer came whole.
    events: Option<EventReceiver<ConverseStreamOutput, ConverseStreamOutputError>>,
    reply: Reply,
    idle: Duration,
    is_finished: bool,
}

impl Asking {
    pub(super) fn new(request: ModelRequest, config: &BedrockConfig) -> Self {
        // It was found under settings that may have allowed more than today's.
        let profile = request.lessons.called.as_ref().filter(|id| reach_of(id) <= config.reach);
        let called = profile.unwrap_or(&request.model_id).clone();
        let allowed = request.lessons.max_output_tokens.unwrap_or(u32::MAX);
        let output_tokens = request.max_output_tokens.min(allowed);
        Self {
            request,
            bounds: Bounds { called, output_tokens, thoughts: true },
            sent: Vec::new(),
            sent_thoughts: false,
            is_reconnected: false,
            is_routed: false,
            place: String::new(),
            request_id: None,
        }
    }

    /// Sends the question as far as it is known how.
    pub(super) async fn ask(&mut self, inner: &Inner) -> Result<Answer, Trouble> {
        let Connection { client, place, .. } = inner.connection().await?;
        self.place = place.to_string();
        let prepared = prepare(&self.request, &inner.config, &self.bounds)?;
        self.sent.clone_from(&prepared.carries);
        self.sent_thoughts = prepared.thoughts;
        let profile = identity::profile(&inner.config.credentials);
        let mut answer =
            Answer { events: None, reply: Reply::default(), idle: self.patience(inner.idle), is_finished: false };
        let silent = |_| failure::silent(&place, None, answer.idle);
        if prepared.streams() {
            let output = timeout(answer.idle, prepared.stream(&client).send()).await.map_err(silent)?;
            let output = output.map_err(|error| failure::before_answer(&error, &place, profile))?;
            self.request_id = output.request_id().map(str::to_owned);
            answer.events = Some(output.stream);
        } else {
            let output = timeout(answer.idle, prepared.whole(&client).send()).await.map_err(silent)?;
            let output = output.map_err(|error| failure::before_answer(&error, &place, profile))?;
            self.request_id = output.request_id().map(str::to_owned);
            answer.reply.take_whole(output)?;
        }
        tracing::debug!(model = self.bounds.called, request_id = plain(self.id()), "bedrock answers");
        Ok(answer)
    }

    fn id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// A model that thinks, or that answers all at once, is silent for longer without being dead.
    fn patience(&self, idle: Duration) -> Duration {
        let thinks = self.request.effort != Effort::Unset || self.request.lessons.reasons;
        if thinks || !self.sent.contains(&Feature::Streaming) { idle * 5 / 2 } else { idle }
    }

    /// What an answer teaches by the way.
    pub(super) fn learn_from(&mut self, event: &ModelEvent) -> Option<Lessons> {
        let lessons = &mut self.request.lessons;
        let before = (lessons.caches, lessons.reasons);
        match event {
            ModelEvent::Usage(usage) => lessons.caches |= usage.cache_read > 0 || usage.cache_write > 0,
            ModelEvent::Reasoning(_) | ModelEvent::ReasoningText(_) => lessons.reasons = true,
            _ => {}
        }
        (before != (lessons.caches, lessons.reasons)).then(|| lessons.clone())
    }

    /// What to do now that nothing was answered yet.
    pub(super) async fn next(&mut self, inner: &Inner, trouble: Trouble) -> Next {
        let refusal = match trouble {
            Trouble::Failed(failure) => return Next::GiveUp(None, failure),
            Trouble::Refused(refusal) => refusal,
        };
        if refusal.is_expired() && !self.is_reconnected {
            self.is_reconnected = true;
            inner.disconnect().await;
            return Next::Again(None);
        }
        if refusal.wants_profile() && !self.is_routed {
            self.is_routed = true;
            return match self.profile(inner).await {
                Ok(true) => Next::Again(Some(self.request.lessons.clone())),
                Ok(false) => Next::GiveUp(None, self.failure(inner, &refusal).await),
                Err(failure) => Next::GiveUp(None, failure),
            };
        }
        let before = self.request.lessons.clone();
        let asks_again = match lesson(&refusal, &self.sent, self.sent_thoughts) {
            Some(lesson) => self.apply(lesson),
            None => refusal.is_unknown_model() && self.forget_profile(),
        };
        let learned = Some(&self.request.lessons).filter(|lessons| **lessons != before).cloned();
        if asks_again {
            tracing::debug!(model = self.request.model_id, lessons = ?learned, "bedrock is asked otherwise");
            return Next::Again(learned);
        }
        Next::GiveUp(learned, self.failure(inner, &refusal).await)
    }

    /// The failure to tell once nothing more is tried.
    pub(super) async fn failure(&self, inner: &Inner, refusal: &Refusal) -> Failure {
        let signs_in = refusal.is_expired() && inner.signs_in().await;
        let sent = content(&self.request);
        refusal.to_failure(&Subject {
            place: &self.place,
            profile: identity::profile(&inner.config.credentials),
            signs_in,
            model: Some(&self.bounds.called),
            action: "bedrock:InvokeModelWithResponseStream",
            reach: inner.config.reach,
            attachments: self.sent.iter().any(|part| matches!(part, Feature::Images | Feature::Documents)),
            sent: &sent,
        })
    }

    /// Whether the question is asked otherwise now.
    fn apply(&mut self, lesson: Lesson) -> bool {
        let lessons = &mut self.request.lessons;
        match lesson {
            Lesson::Without(feature) => {
                *lessons = std::mem::take(lessons).without(feature);
                true
            }
            Lesson::OutputLimit(limit) => {
                lessons.max_output_tokens = Some(limit);
                let is_less = limit < self.bounds.output_tokens;
                self.bounds.output_tokens = self.bounds.output_tokens.min(limit);
                is_less
            }
            Lesson::ContextLimit { limit, prompt } => {
                lessons.context_tokens = Some(limit);
                let room = prompt.map_or(0, |prompt| limit.saturating_sub(prompt));
                let fits = (LEAST_ANSWER..self.bounds.output_tokens).contains(&room);
                if fits {
                    self.bounds.output_tokens = room;
                }
                fits
            }
            Lesson::WithoutThoughts => {
                self.bounds.thoughts = false;
                true
            }
        }
    }

    /// The profile was found when another region was asked, or it is no longer there. Whether there was one.
    fn forget_profile(&mut self) -> bool {
        let was_called = self.bounds.called != self.request.model_id;
        self.bounds.called.clone_from(&self.request.model_id);
        self.request.lessons.called = None;
        was_called
    }

    /// Whether there is an inference profile to call in place of the model.
    async fn profile(&mut self, inner: &Inner) -> Result<bool, Failure> {
        let Connection { identity, .. } = inner.connection().await?;
        let found = catalogue::profile_for(&identity, &inner.config, &self.request.model_id).await?;
        let Some(found) = found.filter(|found| *found != self.bounds.called) else { return Ok(false) };
        self.bounds.called.clone_from(&found);
        self.request.lessons.called = Some(found);
        Ok(true)
    }
}

impl Answer {
    /// The next event; none after the last.
    pub(super) async fn next(&mut self, asking: &Asking) -> Result<Option<ModelEvent>, Trouble> {
        loop {
            if let Some(event) = self.reply.ready.pop_front() {
                return Ok(Some(event));
            }
            if self.is_finished {
                return Ok(None);
            }
            let events = self.events.as_mut().filter(|_| !self.reply.is_whole());
            let Some(events) = events else { return self.finish(asking) };
            let limit = if self.reply.has_stopped() { USAGE_GRACE } else { self.idle };
            match timeout(limit, events.recv()).await {
                Ok(Ok(Some(event))) => self.reply.take(event)?,
                Ok(Ok(None)) => return self.finish(asking),
                // What comes after the end of the answer cannot make it less whole.
                _ if self.reply.has_stopped() => return self.finish(asking),
                Ok(Err(error)) => return Err(failure::in_stream(&error, &asking.place, asking.id())),
                Err(_) => return Err(failure::silent(&asking.place, asking.id(), self.idle).into()),
            }
        }
    }

    /// A connection that was cut cleanly looks like an end: only the model's own word is one.
    fn finish(&mut self, asking: &Asking) -> Result<Option<ModelEvent>, Trouble> {
        self.is_finished = true;
        let stop = self.reply.take_stop().ok_or_else(|| failure::interrupted(&asking.place, asking.id()))?;
        Ok(Some(ModelEvent::Finished(stop)))
    }

    /// Reads to the end, so that the connection can serve the next request.
    pub(super) async fn drain(self) {
        let Some(mut events) = self.events else { return };
        while let Ok(Ok(Some(_))) = timeout(USAGE_GRACE, events.recv()).await {}
    }
}
