//! What a refusal teaches about a model. Only what was really sent can have been refused, so each lesson is learned
//! once: a request without the part cannot be refused for it again.

use super::refusal::{Refusal, is_too_long};
use twin_core::model::Feature;

/// What to do otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lesson {
    /// Leave the part out, now and later.
    Without(Feature),
    /// Ask for no longer answers, now and later. In tokens.
    OutputLimit(u32),
    /// Prompt and answer together may have `limit` tokens; the prompt alone had `prompt`, where that was told.
    ContextLimit { limit: u32, prompt: Option<u32> },
    /// Leave out earlier thoughts: they are another model's, or were made in another conversation.
    WithoutThoughts,
}

/// What the refusal of `sent` teaches; none: nothing that this program knows of.
pub(super) fn lesson(refusal: &Refusal, sent: &[Feature], thoughts: bool) -> Option<Lesson> {
    // Some say with 403 that they do not cache.
    if !matches!(refusal.code.as_str(), "ValidationException" | "AccessDeniedException" | "") {
        return None;
    }
    let text = refusal.words();
    if let Some(lesson) = limit(&text) {
        return Some(lesson);
    }
    if is_too_long(&text) {
        return None;
    }
    if thoughts && is_about_earlier_thoughts(&text) {
        return Some(Lesson::WithoutThoughts);
    }
    let is_denied = refusal.code == "AccessDeniedException";
    let may_teach = |feature: &Feature| !is_denied || *feature == Feature::Cache;
    sent.iter().copied().filter(may_teach).find(|feature| refuses(&text, *feature)).map(Lesson::Without)
}

fn limit(text: &str) -> Option<Lesson> {
    let after = |sign: &str| text.split_once(sign).map(|(_, rest)| numbers(rest));
    if let Some([prompt, _, limit, ..]) = after("exceed context limit").as_deref() {
        return Some(Lesson::ContextLimit { limit: *limit, prompt: Some(*prompt) });
    }
    if let Some([prompt, limit, ..]) = after("prompt is too long").as_deref() {
        return Some(Lesson::ContextLimit { limit: *limit, prompt: Some(*prompt) });
    }
    if let Some([limit, ..]) = after("maximum context length is").as_deref() {
        return Some(Lesson::ContextLimit { limit: *limit, prompt: None });
    }
    if let Some([limit, ..]) = after("exceeds the model limit of").as_deref() {
        return Some(Lesson::OutputLimit(*limit));
    }
    // "max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens for …"
    let is_output = text.contains("maximum allowed number of output tokens");
    match after("max_tokens").as_deref() {
        Some([_, limit, ..]) if is_output => Some(Lesson::OutputLimit(*limit)),
        _ => None,
    }
}

/// `8,192` is one number; one that no model could work with is none.
fn numbers(text: &str) -> Vec<u32> {
    let words = text.split(|c: char| !(c.is_ascii_digit() || c == ',')).map(|word| word.trim_matches(','));
    words.filter_map(|digits| digits.replace(',', "").parse().ok()).filter(|number| *number >= FEWEST_TOKENS).collect()
}

const FEWEST_TOKENS: u32 = 64;

fn is_about_earlier_thoughts(text: &str) -> bool {
    const SIGNS: [&str; 6] = [
        "`signature` in `thinking`",
        "reasoning content",
        "reasoningcontent",
        "`thinking` block",
        "`thinking` or `redacted_thinking`",
        "thinking blocks",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

fn refuses(text: &str, feature: Feature) -> bool {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // "Unsupported image format" is the image's fault, "doesn't support images" the model's way.
    let lacks = has(&["doesn't support", "does not support", "don't support", "do not support"]);
    match feature {
        Feature::Cache => has(&["cachepoint", "cache point", "cache_point", "cache_control", "prompt caching"]),
        Feature::ToolsWhileStreaming => {
            has(&["tool use in streaming", "tools in streaming", "toolconfig in streaming"])
        }
        Feature::Streaming => {
            has(&["unsupported for streaming", "streaming is not supported", "not supported for streaming"])
                || lacks && has(&["support streaming", "support response streaming"])
        }
        Feature::Tools => !has(&["in streaming"]) && (lacks && has(&["tool"]) || has(&["tool use is not supported"])),
        Feature::System => lacks && has(&["system message", "system prompt", "system instruction", "system field"]),
        Feature::Images => lacks && has(&["image"]),
        Feature::Documents => lacks && has(&["document"]),
        Feature::ReasoningEffort | Feature::ReasoningBudget => {
            has(&["thinking", "effort", "output_config", "reasoning"])
        }
        Feature::ServiceTier => has(&["service tier", "servicetier", "service_tier"]),
        Feature::Latency => has(&["latency", "performanceconfig", "performance config"]),
        Feature::MaxTokens | Feature::StreamOptions => false,
    }
}
