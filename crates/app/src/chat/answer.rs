//! Getting an answer: from the model that was chosen, again after what passes, and from the next of the owner's list
//! where it cannot. After a first word nothing is asked again.

use super::Turn;
use super::pause::Pauses;
use super::recall::Asked;
use super::reply::{End, Reply};
use super::tool::Outcome;
use std::collections::VecDeque;
use std::sync::Arc;
use twin_core::chat::Role;
use twin_core::error::{Code, Failure};
use twin_core::event::ReplyEvent;
use twin_core::model::{self, Block, Feature, Lessons, ModelRef, Provider, StopReason, ToolUse};
use twin_core::port::ChatModel;
use twin_core::report::Note;
use twin_mind::context::{Budget, Built};

/// How often one answer may look something up. A model that asks for more is told to answer with what it has.
const LOOKUPS: usize = 4;
/// After this many it is not asked any more.
const ROUNDS: usize = LOOKUPS + 2;

/// Whether another model might do what this one could not.
pub(super) fn another_may_answer(failure: &Failure) -> bool {
    matches!(
        failure.code,
        Code::CredentialsMissing
            | Code::CredentialsRejected
            | Code::SignInExpired
            | Code::AccessDenied
            | Code::KeychainLocked
            | Code::KeychainUnavailable
            | Code::ModelNotFound
            | Code::ModelLoading
            | Code::Throttled
            | Code::QuotaExceeded
            | Code::ContextTooLong
            | Code::AttachmentRefused
            | Code::RequestRefused
            | Code::Unreachable
            | Code::TimedOut
            | Code::StreamInterrupted
            | Code::ProviderFailed
    )
}

impl Reply<'_> {
    /// Asks the chosen model and, where it cannot and the owner said so, the next of their list. How it ended, who was
    /// asked last, and who could be asked next.
    pub(super) async fn answered_by_someone(&mut self, turn: &Turn) -> (End, Option<ModelRef>) {
        let settings = self.app.settings();
        let mut others: VecDeque<ModelRef> =
            settings.fallback.into_iter().filter(|other| *other != turn.draft.model).collect();
        loop {
            // On the heap: whatever awaits this would otherwise carry all of it.
            let mut end = Box::pin(self.answered(turn)).await;
            if let End::Finished(reason) = &end {
                self.stop_reason = Some(reason.clone());
                if let Some(silence) = self.silence(reason) {
                    end = End::Failed(silence);
                } else if *reason == StopReason::MaxTokens {
                    self.note(Note::CutShort);
                }
            }
            let End::Failed(failure) = &end else { return (end, None) };
            if !another_may_answer(failure) {
                return (end, None);
            }
            if !(settings.fallback_by_itself && self.is_empty()) {
                return (end, others.pop_front());
            }
            let Some(next) = others.pop_front() else { return (end, None) };
            let from = self.go_on_with(next);
            self.note(Note::FellBack { from, failure: failure.clone() });
        }
    }

    /// Asks one model until it has answered or there is nothing left to try.
    async fn answered(&mut self, turn: &Turn) -> End {
        let model = self.model.clone();
        (self.sink)(ReplyEvent::Asking { model: model.clone() });
        let asked = Asked {
            session: Some(turn.session.id),
            audience: turn.session.audience,
            history: &turn.history,
            question: &turn.question.content,
            attachments: &turn.question.attachments,
            done: turn.heeded.as_ref().map(|heeded| &heeded.done),
            as_of: turn.as_of,
        };
        let mut budget = self.app.budget(&model);
        let mut pauses = Pauses::default();
        let mut looked_up = Vec::new();
        loop {
            let (client, built) = match self.unless_stopped(self.prepare(&asked, &model, budget)).await {
                None => return End::Stopped,
                Some(Err(failure)) => return End::Failed(failure),
                Some(Ok(prepared)) => prepared,
            };
            self.sent(&built, &model);
            let mut request = built.request;
            request.turns.extend(looked_up.iter().cloned());
            let (before, known) = (self.extent(), request.lessons.clone());
            let end = self.follow(client.stream(request)).await;
            self.learn(&known, &model, &end, !turn.session.temporary).await;
            match end {
                End::Finished(StopReason::ToolUse) if looked_up.len() / 2 < ROUNDS => {
                    let calls = std::mem::take(&mut self.calls);
                    if calls.is_empty() {
                        return End::Finished(StopReason::EndTurn);
                    }
                    looked_up.extend(self.look_up(calls, &asked, before, looked_up.len() / 2).await);
                }
                End::Failed(failure) if self.extent() == before => {
                    match self.another_attempt(failure, &mut pauses, &mut budget, &asked, &model).await {
                        None => {}
                        Some(end) => return end,
                    }
                }
                end => return end,
            }
        }
    }

    async fn prepare(
        &self,
        asked: &Asked<'_>,
        model: &ModelRef,
        budget: Budget,
    ) -> Result<(Arc<dyn ChatModel>, Built), Failure> {
        let (client, built) = tokio::join!(self.app.model_open(model), self.app.context(asked, model, budget));
        Ok((client?, built?))
    }

    /// None: ask again. What did not fit is made smaller, what passes is waited for.
    async fn another_attempt(
        &mut self,
        failure: Failure,
        pauses: &mut Pauses,
        budget: &mut Budget,
        asked: &Asked<'_>,
        model: &ModelRef,
    ) -> Option<End> {
        if failure.code == Code::ContextTooLong {
            return match self.smaller(*budget, asked, model).await {
                Some(smaller) => {
                    *budget = smaller;
                    None
                }
                None => Some(End::Failed(failure)),
            };
        }
        let Some(pause) = pauses.next(&failure, self.dice()) else { return Some(End::Failed(failure)) };
        let seconds = u32::try_from(pause.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        (self.sink)(ReplyEvent::Waiting { seconds, attempt: pauses.times + 1, failure: failure.clone() });
        if self.unless_stopped(tokio::time::sleep(pause)).await.is_none() {
            return Some(End::Stopped);
        }
        (self.sink)(ReplyEvent::Asking { model: model.clone() });
        self.asked_again(failure);
        None
    }

    /// The next budget that sends less than what was refused; none when only the question is left.
    async fn smaller(&mut self, budget: Budget, asked: &Asked<'_>, model: &ModelRef) -> Option<Budget> {
        let mut built = self.app.context(asked, model, budget).await.ok()?;
        let refused = built.report.estimated_tokens;
        // What the refusal taught may already be less.
        let learned = self.app.budget(model);
        let mut next = if learned.context_tokens < budget.context_tokens { Some(learned) } else { built.tighter() };
        while let Some(smaller) = next {
            built = self.app.context(asked, model, smaller).await.ok()?;
            if built.report.estimated_tokens < refused {
                self.note(Note::HistoryTrimmed { messages: built.messages_left_out });
                return Some(smaller);
            }
            next = built.tighter();
        }
        None
    }

    /// Runs the tools that were asked for: the model's turn as it said it, and the results.
    async fn look_up(
        &mut self,
        calls: Vec<ToolUse>,
        asked: &Asked<'_>,
        before: usize,
        round: usize,
    ) -> [model::Turn; 2] {
        let said = self.blocks_since(before, &calls);
        let mut results = Vec::new();
        for call in calls {
            (self.sink)(ReplyEvent::ToolStarted {
                id: call.id.clone(),
                name: call.name.clone(),
                input: call.input.to_string(),
            });
            let outcome = if round >= LOOKUPS {
                Outcome::error("That was looked up often enough. Answer with what you have.")
            } else {
                self.app.run_tool(&call, asked).await
            };
            let Outcome { output, is_error, passages } = outcome;
            self.tool_ended(&call.id, &output, is_error, passages);
            results.push(Block::ToolResult { id: call.id, content: output, is_error });
        }
        [model::Turn { role: Role::Assistant, content: said }, model::Turn { role: Role::User, content: results }]
    }

    /// Keeps what the answer taught, and tells what was left out for it.
    async fn learn(&mut self, known: &Lessons, model: &ModelRef, end: &End, keep: bool) {
        let mut learned = self.learned.take().unwrap_or_else(|| known.clone());
        learned.caches |= self.has_cached();
        // A model that thinks in secret uses up its answer without a word: it needs the room all the same.
        learned.reasons |= self.has_reasoned() || matches!(end, End::Finished(reason) if self.ran_out(reason));
        if is_application_profile(model) && learned.family.is_none() {
            learned.family = self.family(model).await;
        }
        if learned == *known {
            return;
        }
        for feature in learned.refused.iter().filter(|feature| known.allows(**feature)) {
            if is_missed(*feature) {
                self.note(Note::LeftOut { feature: *feature });
            }
        }
        if let Some(id) = learned.called.as_ref().filter(|id| known.called.as_ref() != Some(id)) {
            self.note(Note::Profile { id: id.clone() });
        }
        self.app.learn(model, &learned, keep).await;
    }

    /// Which model an application's profile stands for: its ARN does not say, and its price is that model's.
    async fn family(&self, model: &ModelRef) -> Option<String> {
        let client = self.app.bedrock_client().await.ok()?;
        // Without the permission to ask, the price stays unknown.
        client.model_behind(&model.id).await.ok().flatten()
    }

    /// The work's result; none if the person stopped the reply first.
    async fn unless_stopped<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            // It fails only when the turn is over.
            _ = stop.wait_for(|stopped| *stopped) => None,
            result = work => Some(result),
        }
    }

    /// A number that differs from reply to reply: the random end of its id.
    fn dice(&self) -> u8 {
        self.id.as_uuid().as_bytes()[15]
    }
}

fn is_application_profile(model: &ModelRef) -> bool {
    model.provider == Provider::Bedrock && model.id.contains(":application-inference-profile/")
}

/// Whether the person would want to know that it was left out.
fn is_missed(feature: Feature) -> bool {
    match feature {
        Feature::Tools
        | Feature::Images
        | Feature::Documents
        | Feature::ReasoningBudget
        | Feature::ServiceTier
        | Feature::Latency => true,
        // Spelling, or done in another way.
        Feature::Cache
        | Feature::ToolsWhileStreaming
        | Feature::Streaming
        | Feature::System
        | Feature::ReasoningEffort
        | Feature::MaxTokens
        | Feature::StreamOptions => false,
    }
}
