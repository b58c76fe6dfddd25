//! What a refusal teaches about the model: which part of the request to leave out from now on, and how much fits.
//!
//! The phrases are those that the servers named beside them were seen to send. A phrase that is missing costs a clear
//! failure; one that means too much would strip requests in silence, so each says what was refused and that it was.

use super::refusal::Refusal;
use twin_core::model::{Block, Effort, Feature, Lessons, ModelRequest};

/// What is known now, and what to do with it.
#[derive(Debug, PartialEq)]
pub(super) struct Lesson {
    pub(super) lessons: Lessons,
    pub(super) next: Next,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Ask again; the lessons change the request.
    Again,
    /// Ask again for an answer of at most so many tokens.
    Shorter(u32),
    /// It would be refused again.
    GiveUp,
}

/// An answer that has less room than this is not worth asking for.
const MIN_ROOM: u32 = 256;

/// The largest answer to ask for.
pub(super) fn answer_limit(request: &ModelRequest) -> u32 {
    request
        .lessons
        .max_output_tokens
        .map_or(request.max_output_tokens, |most| most.min(request.max_output_tokens))
        .max(1)
}

/// Whether the request is sent with `stream`.
pub(super) fn streams(request: &ModelRequest) -> bool {
    let lessons = &request.lessons;
    lessons.allows(Feature::Streaming) && (!offers_tools(request) || lessons.allows(Feature::ToolsWhileStreaming))
}

/// Whether the request is sent with `tools`.
pub(super) fn offers_tools(request: &ModelRequest) -> bool {
    !request.tools.is_empty() && request.lessons.allows(Feature::Tools)
}

/// What `refusal` teaches, if it is about something that was in the request as it was sent.
pub(super) fn learn(refusal: &Refusal, request: &ModelRequest) -> Option<Lesson> {
    // Keys, credit, pace and a server that is down say nothing about the model. llama.cpp answers 500 to what it cannot
    // do, OpenRouter 404.
    if !matches!(refusal.status, 0 | 400 | 404 | 413 | 415 | 422 | 500 | 501) {
        return None;
    }
    let said = words(refusal);
    let lessons = &request.lessons;
    if let Some(most) = output_limit(&said).filter(|&most| most < answer_limit(request)) {
        let lessons = Lessons { max_output_tokens: Some(most), ..lessons.clone() };
        return Some(Lesson { lessons, next: Next::Shorter(most) });
    }
    if let Some(context) = refusal.context.or_else(|| context_size(&said)) {
        let room = refusal.prompt.or_else(|| prompt_size(&said)).and_then(|prompt| context.checked_sub(prompt));
        let next = match room {
            Some(room) if room >= MIN_ROOM && room < answer_limit(request) => Next::Shorter(room),
            _ => Next::GiveUp,
        };
        return Some(Lesson { lessons: Lessons { context_tokens: Some(context), ..lessons.clone() }, next });
    }
    let feature = refused(&said, request)?;
    Some(Lesson { lessons: lessons.clone().without(feature), next: Next::Again })
}

/// What it says, without the quotes that each server sets differently.
fn words(refusal: &Refusal) -> String {
    let said = refusal.said().replace(['`', '\'', '"'], "");
    // Here it is the order of what follows that is wrong.
    said.replace("after the optional system message, conversation roles must alternate", "")
}

/// The part of the request, as it was sent, that the server does not take.
fn refused(said: &str, request: &ModelRequest) -> Option<Feature> {
    let has = |is: fn(&Block) -> bool| request.turns.iter().flat_map(|turn| &turn.content).any(is);
    let has_tools = offers_tools(request) || has(|block| matches!(block, Block::ToolUse(_) | Block::ToolResult { .. }));
    let sent: [(Feature, bool, &[&str]); 8] = [
        (Feature::Images, has(|block| matches!(block, Block::Image { .. })), &IMAGES),
        (Feature::ToolsWhileStreaming, offers_tools(request) && streams(request), &TOOLS_WHILE_STREAMING),
        (Feature::Tools, has_tools, &TOOLS),
        (Feature::ReasoningEffort, request.effort != Effort::Unset, &EFFORT),
        (Feature::StreamOptions, streams(request), &STREAM_OPTIONS),
        (Feature::Streaming, streams(request), &STREAMING),
        (Feature::System, !request.system.is_empty(), &SYSTEM),
        (Feature::MaxTokens, true, &MAX_TOKENS),
    ];
    let mut named = sent.into_iter().filter(|(feature, was_sent, phrases)| {
        *was_sent && request.lessons.allows(*feature) && phrases.iter().any(|phrase| matches(said, phrase))
    });
    named.next().map(|(feature, ..)| feature)
}

/// Whether all words of `phrase` that `…` parts are in `said`, in their order.
fn matches(said: &str, phrase: &str) -> bool {
    let mut rest = said;
    phrase.split('…').all(|words| match rest.find(words) {
        Some(at) => {
            rest = &rest[at + words.len()..];
            true
        }
        None => false,
    })
}

const IMAGES: [&str; 16] = [
    "image input is not supported",               // llama.cpp, Mistral
    "support image input",                        // OpenRouter: "No endpoints found that …", others: "does not …"
    "does not support image",                     // LM Studio
    "missing data required for image input",      // Ollama
    "is not a multimodal model",                  // vLLM
    "does not support multimodal",                // vLLM, newer
    "at most 0 image",                            // vLLM
    "unsupported content part type…image_url",    // llama.cpp, older
    "image_url is only supported by",             // OpenAI
    "unknown variant image_url",                  // DeepSeek
    "untagged enum chatcompletionrequestcontent", // DeepSeek, older
    "invalid type: sequence, expected a string",  // DeepSeek, oldest: only images make a list of the content
    "content must be a string",                   // Groq: the same
    "image input modality is not enabled",        // Gemini
    "does not support vision",                    // gateways
    "vision is not supported",
];

const TOOLS_WHILE_STREAMING: [&str; 2] = [
    "tools with stream",          // llama.cpp, older
    "tool use in streaming mode", // gateways before Bedrock: "This model doesn't support …"
];

const TOOLS: [&str; 12] = [
    "does not support tool",                 // Ollama
    "support tool use",                      // OpenRouter: "No endpoints found that …"
    "tools param requires",                  // llama.cpp without --jinja
    "tool choice requires",                  // vLLM without --enable-auto-tool-choice
    "body.tools: extra",                     // Mistral, FastAPI
    "unsupported parameter: tools",          // OpenAI
    "argument supplied: tools",              // OpenAI, older models
    "does not support parameters…tools",     // litellm
    "only user, system and assistant roles", // a template that knows no results of tools
    "does not support function",             // gateways
    "function calling is not",
    "tool calling is not supported",
];

const EFFORT: [&str; 4] = [
    "reasoning_effort",          // OpenAI, SGLang, FastAPI: no text names it that does not refuse it
    "reasoningeffort",           // xAI
    "reasoning.effort",          // OpenAI
    "does not support thinking", // Ollama
];

const STREAM_OPTIONS: [&str; 2] = ["stream_options", "include_usage"];

const STREAMING: [&str; 6] = [
    "verified to stream",                 // OpenAI
    "stream does not support",            // OpenAI: "… true with this model"
    "does not support parameters…stream", // litellm
    "body.stream: extra",                 // FastAPI
    "streaming is not supported",         // gateways
    "does not support stream",
];

const SYSTEM: [&str; 6] = [
    "system role not supported",            // the templates of Gemma
    "role does not support system",         // OpenAI
    "developer instruction is not enabled", // Gemini
    "only user and assistant roles",        // the templates of Mistral
    "roles must alternate",                 // the same: behind a system message the question comes second
    "incompatible with system messages",    // Groq, with images
];

const MAX_TOKENS: [&str; 2] = [
    "unsupported parameter: max_tokens",        // OpenAI
    "max_tokens…max_completion_tokens instead", // OpenAI, gateways
];

/// The largest answer, in tokens.
fn output_limit(said: &str) -> Option<u32> {
    let phrases = [
        "this model supports at most ",          // OpenAI
        "valid range of max_tokens is [1, ",     // DeepSeek
        "expected a value <= ",                  // Volcano Engine
        "tokens must be less than or equal to ", // Groq
    ];
    // Anthropic, behind OpenRouter: "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens".
    let anthropic = said.contains("maximum allowed number of output tokens").then(|| after(said, " > ")).flatten();
    phrases.into_iter().find_map(|phrase| after(said, phrase)).or(anthropic).filter(|&most| most > 0)
}

/// The largest prompt and answer together, in tokens.
fn context_size(said: &str) -> Option<u32> {
    let phrases = [
        "maximum context length is ", // OpenAI, vLLM, OpenRouter, DeepSeek
        "maximum context length of ", // SGLang
        "maximum allowed length (",   // SGLang
        "models context length (",    // SGLang: "The input (61709 tokens) is longer than the …"
        "available context size (",   // llama.cpp
        "context length of only ",    // LM Studio
        ">= n_ctx (",                 // LM Studio, newer
        "exceed context window of ",  // llama-cpp-python
        "context window of ",         // gateways
    ];
    // Anthropic, behind OpenRouter: "prompt is too long: 208310 tokens > 200000 maximum".
    let anthropic = said.contains("prompt is too long").then(|| after(said, "tokens > ")).flatten();
    phrases.into_iter().find_map(|phrase| after(said, phrase)).or(anthropic).filter(|&size| size > 0)
}

/// The tokens of the prompt.
fn prompt_size(said: &str) -> Option<u32> {
    let behind = ["your request has ", "prompt contains at least ", "messages resulted in "];
    let before = [" in the messages", " of text input", " tokens from the input messages"];
    let number_before = |phrase: &str| {
        let text = &said[..said.find(phrase)?];
        let start = text.rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |at| at + 1);
        text[start..].parse().ok()
    };
    behind.into_iter().find_map(|phrase| after(said, phrase)).or_else(|| before.into_iter().find_map(number_before))
}

/// The number behind `phrase`.
fn after(said: &str, phrase: &str) -> Option<u32> {
    let rest = said.split_once(phrase)?.1;
    let digits: String =
        rest.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}
