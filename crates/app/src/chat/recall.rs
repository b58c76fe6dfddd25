//! What is known that fits the question, and the prompt made of it.

use crate::error::WireError;
use crate::{App, task};
use twin_core::chat::{Attachment, Audience, Message};
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

/// What is asked, by whom, after what.
pub(super) struct Asked<'a> {
    pub(super) session: Option<SessionId>,
    pub(super) audience: Audience,
    /// Root to leaf, without the question.
    pub(super) history: &'a [Message],
    pub(super) question: &'a str,
    pub(super) attachments: &'a [Attachment],
}

impl App {
    /// The prompt: pure work on what was fetched first.
    pub(super) async fn context(
        &self,
        asked: &Asked<'_>,
        model: &ModelRef,
        budget: Budget,
    ) -> Result<Built, WireError> {
        let passages = self.recall(asked, asked.question, PASSAGES).await?;
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
            budget,
        };
        Ok(context::build(&input))
    }

    /// How much the model takes, as far as its answers or its provider's list say.
    pub(super) fn budget(&self, model: &ModelRef) -> Budget {
        let mut lessons = self.lessons(model);
        lessons.context_tokens = lessons.context_tokens.or_else(|| self.listed_context(model));
        Budget::for_model(model, &lessons, self.settings().effort)
    }

    /// What is known about `query`, best first, at most `limit`.
    pub(super) async fn recall(&self, asked: &Asked<'_>, query: &str, limit: usize) -> Result<Vec<Passage>, WireError> {
        let (store, persona) = (self.inner.store.clone(), self.persona());
        let temporary = asked.session.and_then(|session| self.temporary_store(session));
        let (query, question) = (query.to_owned(), asked.question.to_owned());
        let (session, audience) = (asked.session, asked.audience);
        let passages = task::blocking(move || {
            let terms = recall::query_terms(&query);
            let mut search = SearchQuery { terms, audience, session, limit: CANDIDATES };
            // What was said in a temporary session is recalled in that one only.
            let mut hits = temporary.map_or_else(|| Ok(Vec::new()), |temporary| temporary.search(&search))?;
            // The owner recalls from every session that is kept, a visitor from their own only.
            search.session = session.filter(|_| audience == Audience::Visitor);
            hits.extend(store.search(&search)?);
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
            Ok::<_, WireError>(recall::rank(&query, &persona, audience, &said, limit))
        });
        passages.await?
    }
}
