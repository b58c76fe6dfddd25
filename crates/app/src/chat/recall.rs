//! What is known that fits the question, and the prompt made of it.

use crate::error::WireError;
use crate::{App, task};
use twin_core::chat::{Audience, Message};
use twin_core::id::SessionId;
use twin_core::model::ModelRef;
use twin_core::report::{Passage, Source};
use twin_mind::context::{self, Budget, Built, ContextInput};
use twin_mind::recall::{self, Said};
use twin_store::SearchQuery;

/// Messages that the full-text search hands over for ranking by sentence.
const CANDIDATES: usize = 200;

/// Passages that go into the prompt at most; the token budget may cut further.
const PASSAGES: usize = 12;

impl App {
    /// The prompt for `question`: pure work on what was fetched first.
    pub(crate) async fn context(
        &self,
        session: Option<SessionId>,
        audience: Audience,
        history: &[Message],
        question: &str,
        model: &ModelRef,
    ) -> Result<Built, WireError> {
        let passages = self.recall(session, audience, question).await?;
        let (persona, now) = (self.persona(), self.now());
        let input = ContextInput {
            persona: &persona,
            audience,
            passages: &passages,
            history,
            question,
            now: &now,
            model,
            budget: Budget::for_model(model),
        };
        Ok(context::build(&input))
    }

    async fn recall(
        &self,
        session: Option<SessionId>,
        audience: Audience,
        question: &str,
    ) -> Result<Vec<Passage>, WireError> {
        let (store, persona) = (self.inner.store.clone(), self.persona());
        let question = question.to_owned();
        let passages = task::blocking(move || {
            let terms = recall::query_terms(&question);
            // The owner recalls from every session, a visitor from their own only.
            let session = session.filter(|_| audience == Audience::Visitor);
            let query = SearchQuery { terms, audience, session, limit: CANDIDATES };
            let hits = store.search(&query)?;
            let said: Vec<Said> = hits
                .into_iter()
                // The question itself was committed a moment ago.
                .filter(|hit| hit.message.content != question)
                .map(|hit| Said {
                    text: hit.message.content,
                    source: Source::Message {
                        session_id: hit.message.session_id,
                        message_id: hit.message.id,
                        session_title: hit.session_title,
                        role: hit.message.role,
                        audience: hit.session_audience,
                        at: hit.message.created_at,
                    },
                })
                .collect();
            Ok::<_, WireError>(recall::rank(&question, &persona, audience, &said, PASSAGES))
        });
        passages.await?
    }
}
