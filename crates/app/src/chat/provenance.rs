//! Where what an answer says of the owner comes from: looked up once the answer is whole, and kept with its report.

use super::Turn;
use crate::{App, task};
use twin_core::chat::Message;
use twin_core::model::Provider;
use twin_core::report::{Claim, ContextReport, Source};
use twin_mind::provenance::{self, Basis};
use twin_mind::recall::Said;

impl App {
    /// The report with the claims of its answer. An offline answer is made of quotations that name their sources already.
    pub(super) async fn with_claims(&self, turn: &Turn, answer: &Message, report: ContextReport) -> ContextReport {
        if report.model.provider == Provider::Offline {
            return report;
        }
        let said = |message: &Message| Said {
            text: message.content.clone(),
            source: Source::Message {
                session_id: turn.session.id,
                message_id: message.id,
                session_title: turn.session.title.clone(),
                role: message.role,
                audience: turn.session.audience,
                at: message.created_at,
            },
        };
        let said: Vec<Said> = turn.history.iter().chain([&turn.question]).map(said).collect();
        let (persona, question, answer) = (self.persona(), turn.question.content.clone(), answer.content.clone());
        let (audience, passages) = (turn.session.audience, report.passages.clone());
        // Thousands of sentences may be known.
        let claims = task::blocking(move || {
            let basis = Basis { persona: &persona, audience, passages: &passages, said: &said, question: &question };
            provenance::claims(&answer, &basis)
        });
        let claims: Vec<Claim> = match claims.await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::warn!(id = %error.id, "the claims of an answer could not be looked up");
                Vec::new()
            }
        };
        ContextReport { claims, ..report }
    }
}
