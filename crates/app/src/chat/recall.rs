//! What is known that fits the question, and the prompt made of it.

use crate::App;
use crate::error::WireError;
use crate::recall::Wanted;
use twin_core::chat::{Attachment, Audience, Message};
use twin_core::id::SessionId;
use twin_core::model::{ModelRef, Provider};
use twin_core::report::Passage;
use twin_core::time::Timestamp;
use twin_mind::context::{self, Budget, Built, ContextInput};
use twin_mind::learn::Done;
use twin_store::Hearing;

/// Passages that go into the prompt at most; the token budget may cut further.
const PASSAGES: usize = 12;

/// What is asked, by whom, after what.
pub(super) struct Asked<'a> {
    pub(super) session: Option<SessionId>,
    pub(super) audience: Audience,
    /// Root to leaf, without the question.
    pub(super) history: &'a [Message],
    pub(super) question: &'a str,
    pub(super) attachments: &'a [Attachment],
    /// What it asked of the memory, and what came of it.
    pub(super) done: Option<&'a Done>,
    /// Answered from what was known then; none: from what is known now.
    pub(super) as_of: Option<Timestamp>,
}

impl Asked<'_> {
    fn hearing(&self) -> Hearing {
        Hearing { audience: self.audience, session: self.session, as_of: self.as_of, ended: false }
    }
}

impl App {
    /// The prompt: pure work on what was fetched first.
    pub(super) async fn context(
        &self,
        asked: &Asked<'_>,
        model: &ModelRef,
        budget: Budget,
    ) -> Result<Built, WireError> {
        let passages = self.given(asked, model).await?;
        let attachments = asked.history.iter().flat_map(|message| &message.attachments).chain(asked.attachments);
        let files = self.files_of(asked.session, attachments).await?;
        let (persona, now) = (self.persona(), self.now());
        let input = ContextInput {
            persona: &persona,
            audience: asked.audience,
            passages: &passages,
            history: asked.history,
            question: asked.question,
            attachments: asked.attachments,
            files: &files,
            now: &now,
            model,
            lessons: &self.lessons(model),
            effort: self.settings().effort,
            tools: &self.tools_for(model),
            done: asked.done,
            as_of: asked.as_of,
            budget,
        };
        Ok(context::build(&input))
    }

    /// What comes with a question: what fits it, and to a language model what the owner pinned. The offline twin quotes.
    async fn given(&self, asked: &Asked<'_>, model: &ModelRef) -> Result<Vec<Passage>, WireError> {
        let quoted = model.provider == Provider::Offline;
        let (query, said) = (asked.question, Some(asked.question));
        let wanted = Wanted { query, hearing: asked.hearing(), said, quoted, limit: PASSAGES };
        let mut passages = self.recall_passages(wanted).await?;
        if !quoted {
            let pinned = self.recall_pinned(asked.hearing()).await?;
            let is_there = |pinned: &Passage| passages.iter().any(|passage| passage.source == pinned.source);
            let pinned: Vec<Passage> = pinned.into_iter().filter(|pinned| !is_there(pinned)).collect();
            passages.splice(0..0, pinned);
        }
        Ok(passages)
    }

    /// How much the model takes, as far as its answers or its provider's list say.
    pub(super) fn budget(&self, model: &ModelRef) -> Budget {
        let mut lessons = self.lessons(model);
        lessons.context_tokens = lessons.context_tokens.or_else(|| self.listed_context(model));
        Budget::for_model(model, &lessons, self.settings().effort)
    }

    /// What is known about `query`, best first, at most `limit`.
    pub(super) async fn recall(&self, asked: &Asked<'_>, query: &str, limit: usize) -> Result<Vec<Passage>, WireError> {
        let said = Some(asked.question);
        self.recall_passages(Wanted { query, hearing: asked.hearing(), said, quoted: false, limit }).await
    }
}
