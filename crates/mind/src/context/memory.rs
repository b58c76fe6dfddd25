//! What was recalled, as lines of a prompt.

use super::meter::Meter;
use super::prompt::{self, as_data, as_line, fill};
use crate::recall::origin;
use jiff::Zoned;
use twin_core::report::Passage;

pub(super) fn need(passages: &[&Passage], now: &Zoned, meter: Meter) -> u32 {
    let lines = passages.iter().map(|passage| meter.tokens(&line(passage, now)));
    lines.sum::<u32>() + meter.tokens(prompt::MEMORY)
}

/// The passages that fit, best first, and the text that holds them.
pub(super) fn fit(passages: &[&Passage], granted: u32, now: &Zoned, meter: Meter) -> (Vec<Passage>, String) {
    let mut left = granted.saturating_sub(meter.tokens(prompt::MEMORY));
    let mut sent = Vec::new();
    let mut text = String::new();
    for passage in passages {
        let line = line(passage, now);
        if let Some(rest) = left.checked_sub(meter.tokens(&line)) {
            left = rest;
            text.push_str(&line);
            sent.push((*passage).clone());
        }
    }
    let text = if sent.is_empty() { text } else { fill(prompt::MEMORY, &[("passages", text.trim_end())]) };
    (sent, text)
}

pub(crate) fn line(passage: &Passage, now: &Zoned) -> String {
    let source = as_line(&origin::for_model(&passage.source, now));
    // Further lines are indented, so that nothing in the text can look like the next entry.
    let text = as_data(&passage.text).replace('\n', "\n  ");
    format!("{}\n", fill(prompt::PASSAGE, &[("source", &source), ("text", &text)]))
}
