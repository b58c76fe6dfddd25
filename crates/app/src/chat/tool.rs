//! The twin's own tools. They read what the conversation may hear anyway, and change nothing.

use super::recall::Asked;
use crate::App;
use twin_core::model::{ModelRef, Provider, ToolSpec, ToolUse};
use twin_core::report::Passage;
use twin_mind::recall::tool;

/// What a call gave.
pub(super) struct Outcome {
    pub(super) output: String,
    pub(super) is_error: bool,
    pub(super) passages: Vec<Passage>,
}

impl Outcome {
    pub(super) fn error(text: impl Into<String>) -> Self {
        Self { output: text.into(), is_error: true, passages: Vec::new() }
    }
}

impl App {
    /// What is offered to the model.
    pub(super) fn tools_for(&self, model: &ModelRef) -> Vec<ToolSpec> {
        let offers = self.settings().recall_tool && model.provider != Provider::Offline;
        if offers { vec![tool::spec()] } else { Vec::new() }
    }

    /// Runs what the model asked for. A mistake of the model's is told to the model.
    pub(super) async fn run_tool(&self, call: &ToolUse, asked: &Asked<'_>) -> Outcome {
        if call.name != tool::NAME {
            return Outcome::error(format!("There is no tool called {}.", call.name));
        }
        let wanted = match tool::parse(&call.input) {
            Ok(wanted) => wanted,
            Err(mistake) => return Outcome::error(mistake),
        };
        match self.recall(asked, &wanted.query, wanted.limit).await {
            Ok(passages) => {
                let output = tool::render(&passages, &self.now(), asked.audience);
                Outcome { output, is_error: false, passages }
            }
            Err(error) => Outcome::error(error.message),
        }
    }
}
