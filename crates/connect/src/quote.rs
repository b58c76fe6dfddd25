//! A provider's own words, when they are safe to repeat.

use twin_core::model::{Block, ModelRequest};

/// Longer words are explanations for developers, and the longer they are the likelier they repeat the request.
const MAX_CHARS: usize = 240;
/// A shared run of this many bytes is content; shorter ones are language.
const RUN: usize = 12;

/// `text` on one line, or nothing where it is empty, long, or repeats something that was sent: some servers answer a
/// request that they do not like with the request itself, and a failure is kept, shown and logged.
pub(crate) fn quotable(text: &str, sent: &[&str]) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = line.trim_end_matches('.');
    if line.is_empty() || line.chars().count() > MAX_CHARS || sent.iter().any(|sent| shares_run(line, sent)) {
        return None;
    }
    Some(line.to_owned())
}

fn shares_run(line: &str, sent: &str) -> bool {
    // Escapes and line breaks differ between what was sent and how it is repeated, so whole words are compared.
    let sent = sent.split_whitespace().collect::<Vec<_>>().join(" ");
    let (line, sent) = (line.as_bytes(), sent.as_bytes());
    let run = RUN.min(sent.len());
    // A message of one or two characters occurs in any sentence and gives nothing away.
    run > 2 && line.windows(run).any(|piece| sent.windows(run).any(|other| other == piece))
}

/// Everything of a request that is somebody's words.
pub(crate) fn content(request: &ModelRequest) -> Vec<&str> {
    let system = request.system.iter().map(|part| part.text.as_str());
    let turns = request.turns.iter().flat_map(|turn| &turn.content).filter_map(|block| match block {
        Block::Text(text) | Block::Document { text, .. } => Some(text.as_str()),
        Block::ToolResult { content, .. } => Some(content.as_str()),
        Block::Reasoning(reasoning) => Some(reasoning.text.as_str()),
        Block::Image { .. } | Block::ToolUse(_) => None,
    });
    system.chain(turns).collect()
}

#[cfg(test)]
mod tests {
    use super::quotable;

    #[test]
    fn words_that_repeat_what_was_sent_are_not_quoted() {
        let sent = ["My sister's  birthday\nis in May, tell nobody.", "hunter2"];
        assert_eq!(
            quotable("temperature is deprecated for this model.", &sent).unwrap(),
            "temperature is deprecated for this model"
        );
        assert_eq!(quotable("bad input: \"sister's birthday is in\"", &sent), None);
        assert_eq!(quotable("bad input: hunter2", &sent), None);
        assert_eq!(quotable(&"long ".repeat(100), &sent), None);
        assert_eq!(quotable(" \n ", &sent), None);
    }
}
