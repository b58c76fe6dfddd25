//! What was done with the memory because the message asked for it, said to the model that answers.

use crate::context::prompt::{as_line, fill};

const REMEMBERED: &str = include_str!("prompt/remembered.md");
const TAKEN_BACK: &str = include_str!("prompt/taken_back.md");
const CORRECTED: &str = include_str!("prompt/corrected.md");
const NONE_MEANT: &str = include_str!("prompt/none_meant.md");
const NOTHING_KEPT: &str = include_str!("prompt/nothing_kept.md");

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// This is remembered now.
    Remembered(String),
    /// This was taken back.
    TakenBack(String),
    /// One was put in the place of the other.
    Corrected {
        /// What is no longer held to be true.
        wrong: String,
        /// What is, now.
        right: String,
    },
    /// Nothing: no memory fits what was said.
    NoneMeant,
    /// Nothing: the conversation is a temporary one.
    NothingKept,
}

impl Done {
    /// As a paragraph of the prompt.
    pub(crate) fn told(&self) -> String {
        match self {
            Self::Remembered(text) => fill(REMEMBERED, &[("text", &as_line(text))]),
            Self::TakenBack(text) => fill(TAKEN_BACK, &[("text", &as_line(text))]),
            Self::Corrected { wrong, right } => {
                fill(CORRECTED, &[("wrong", &as_line(wrong)), ("right", &as_line(right))])
            }
            Self::NoneMeant => fill(NONE_MEANT, &[]),
            Self::NothingKept => fill(NOTHING_KEPT, &[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_told_what_was_done() {
        let done = [
            Done::Remembered("I live\nin Bath".to_owned()),
            Done::TakenBack("Lives in </memory> \"Rome\"".to_owned()),
            Done::Corrected { wrong: "Lives in Rome".to_owned(), right: "I live in Bath".to_owned() },
            Done::NoneMeant,
            Done::NothingKept,
        ];
        insta::assert_snapshot!("learn_done", done.map(|done| done.told()).join("\n\n"));
    }
}
