//! What a model is sent for one question, and the report that says so.
//!
//! Order of the system prompt: first what stays the same from turn to turn (identity and rules, facts, summary,
//! documents, style, formatting), then a cache point, then what changes (date and time, what is remembered).

mod attachment;
mod grant;
mod history;
mod material;
pub(crate) mod memory;
mod meter;
pub(crate) mod prompt;
mod share;

use crate::learn::Done;
use crate::persona::Persona;
use crate::recall::may_hear;
use grant::Grants;
use history::Exchange;
use jiff::Zoned;
use material::{Sent, materials};
use meter::{Meter, TURN_TOKENS};
use prompt::{as_line, fill};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use twin_core::chat::{Attachment, Audience, Message};
use twin_core::id::MessageId;
use twin_core::model::{Effort, Feature, Lessons, ModelRef, ModelRequest, Provider, SystemPart, ToolSpec};
use twin_core::report::{ContextReport, Fate, Part, PartKind, Passage, Source};
use twin_core::time::Timestamp;

/// Between the parts of the system prompt.
const BETWEEN: &str = "\n\n";

/// What the context is made of.
#[derive(Debug, Clone, Copy)]
pub struct ContextInput<'a> {
    /// Whose twin it is.
    pub persona: &'a Persona,
    /// Who is talking.
    pub audience: Audience,
    /// What was recalled for the question, best first.
    pub passages: &'a [Passage],
    /// The conversation from its first message, without the question.
    pub history: &'a [Message],
    /// What is asked; blank only where there are attachments.
    pub question: &'a str,
    /// The files of the question.
    pub attachments: &'a [Attachment],
    /// The files of question and history by their hash; one that is missing is gone and left out.
    pub files: &'a BTreeMap<String, File>,
    /// The present moment in the person's zone.
    pub now: &'a Zoned,
    /// Who will answer.
    pub model: &'a ModelRef,
    /// What is known of it.
    pub lessons: &'a Lessons,
    /// How much it should think.
    pub effort: Effort,
    /// What it may ask for.
    pub tools: &'a [ToolSpec],
    /// What the question asked of the memory, and what came of it.
    pub done: Option<&'a Done>,
    /// Answered as if it were then; none: now.
    pub as_of: Option<Timestamp>,
    /// How much may be sent.
    pub budget: Budget,
}

impl<'a> ContextInput<'a> {
    /// The tools, unless the model has refused to be offered any.
    fn offered(&self) -> &'a [ToolSpec] {
        if self.lessons.allows(Feature::Tools) { self.tools } else { &[] }
    }
}

/// What is in an attached file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// All of it.
    pub bytes: Arc<[u8]>,
    /// Its words, as [`document::text`](crate::document::text) finds them; empty for a picture.
    pub text: String,
}

/// How much a model takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Prompt and answer together, in tokens.
    pub context_tokens: u32,
    /// The answer's share of it.
    pub max_output_tokens: u32,
}

impl Budget {
    /// What the model's answers have taught of its limits, else what can be sent without asking the provider. A server
    /// behind the OpenAI protocol may run a small model with a small window and cuts silently what goes beyond, so it is
    /// taken at its smallest.
    ///
    /// The answer's share stays modest even where more is allowed: Bedrock's quotas reserve it at the start of every
    /// request, used or not. Thoughts count as part of the answer and get room of their own.
    pub fn for_model(model: &ModelRef, lessons: &Lessons, effort: Effort) -> Self {
        let (context_tokens, answer) = match model.provider {
            Provider::Bedrock => (100_000, 4_096),
            Provider::Openai => (8_192, lessons.context_tokens.map_or(1_024, |known| (known / 8).clamp(1_024, 4_096))),
            Provider::Offline => (1_000_000, 4_096),
        };
        let thoughts = match effort {
            // A model that was seen to think by itself needs room for it as well.
            Effort::Unset if lessons.reasons => 2_048,
            Effort::Unset => 0,
            Effort::Low => 2_048,
            Effort::Medium => 8_192,
            Effort::High => 16_384,
        };
        let context_tokens = lessons.context_tokens.unwrap_or(context_tokens);
        let max_output_tokens =
            (answer + thoughts).min(context_tokens / 2).min(lessons.max_output_tokens.unwrap_or(u32::MAX)).max(1);
        Self { context_tokens, max_output_tokens }
    }

    fn prompt_tokens(self) -> u32 {
        self.context_tokens.saturating_sub(self.max_output_tokens)
    }
}

/// A request and its report, without what only the answer can tell.
#[derive(Debug, Clone, PartialEq)]
pub struct Built {
    /// What to send.
    pub request: ModelRequest,
    /// What was sent, and why.
    pub report: ContextReport,
    /// How many messages of the conversation did not fit.
    pub messages_left_out: u32,
    /// Tokens of what is always sent.
    always: u32,
}

impl Built {
    /// The next smaller budget, after the provider said that this request is too long: its own count differs from the
    /// estimate, so what was sent is the measure and not the budget that it was made for. None when nothing is left
    /// that could be left out.
    pub fn tighter(&self) -> Option<Budget> {
        let sent = self.report.estimated_tokens;
        let max_output_tokens = self.request.max_output_tokens;
        // In this order, because the product of two large numbers would not fit.
        let prompt_tokens = sent - sent / 5 * 2;
        (sent > self.always)
            .then(|| Budget { context_tokens: prompt_tokens.saturating_add(max_output_tokens), max_output_tokens })
    }
}

/// Builds the request for one question.
///
/// Identity, rules, formatting, date, tools and question with its files are always sent; when they alone exceed the
/// budget, the report's estimate does as well. A visitor's request holds nothing private and nothing that was said to
/// the owner.
pub fn build(input: &ContextInput<'_>) -> Built {
    let meter = Meter::for_model(input.model);
    let names = Names::of(input.persona);
    let identity = names.identity(input.audience);
    let formatting = fill(prompt::FORMATTING, &[]);
    let mut now = now(input.now);
    if let Some(then) = input.as_of {
        now = [now, as_of(then, input.now)].join(BETWEEN);
    }
    if let Some(done) = input.done {
        now = [now, done.told()].join(BETWEEN);
    }
    let question = meter.tokens(input.question) + TURN_TOKENS;
    let tools = input.offered().iter().map(|tool| tool_tokens(tool, meter)).sum::<u32>();
    let always = [&identity, &formatting, &now].map(|text| meter.tokens(text)).iter().sum::<u32>()
        + attachment::all_tokens(input.attachments, input, meter)
        + question
        + tools;

    let materials = materials(input, &names);
    let heard: Vec<&Passage> =
        input.passages.iter().filter(|passage| may_hear(input.audience, &passage.source)).collect();
    let exchanges = history::exchanges(input, meter);
    let room = input.budget.prompt_tokens().saturating_sub(always);
    let grants = Grants::new(room, &materials, memory::need(&heard, input.now, meter), &exchanges, meter);

    let materials: Vec<Sent<'_>> =
        materials.into_iter().zip(&grants.materials).map(|(material, granted)| material.fit(*granted, meter)).collect();
    let (left_out, sent_exchanges) = exchanges.split_at(first_that_fits(&exchanges, grants.history));
    let remembered = if input.model.provider == Provider::Offline {
        heard
    } else {
        without_what_is_sent_anyway(heard, &materials, sent_exchanges)
    };
    let (passages, memory) = memory::fit(&remembered, grants.memory, input.now, meter);

    let mut stable = Section { meter, cacheable: true, texts: Vec::new(), parts: Vec::new() };
    stable.push(PartKind::Identity, "identity and rules", &identity, Fate::Whole);
    for material in &materials {
        stable.push(material.kind, material.path, &material.text, material.fate);
    }
    stable.push(PartKind::Formatting, "formatting", &formatting, Fate::Whole);
    let mut changing = Section { meter, cacheable: false, texts: Vec::new(), parts: Vec::new() };
    changing.push(PartKind::Now, "date and time", &now, Fate::Whole);
    if !remembered.is_empty() {
        let name = of_all(passages.len(), remembered.len(), "passage");
        changing.push(PartKind::Memory, &name, &memory, fate(passages.len(), remembered.len()));
    }

    let system = vec![
        SystemPart { text: stable.texts.join(BETWEEN), cache_point: true },
        SystemPart { text: changing.texts.join(BETWEEN), cache_point: false },
    ];
    let mut parts = [stable.parts, changing.parts].concat();
    parts.extend(history_part(left_out, sent_exchanges));
    for (exchanges, in_request) in [(left_out, false), (sent_exchanges, true)] {
        let files = exchanges.iter().flat_map(Exchange::attachments);
        parts.extend(files.flat_map(|files| attachment::parts(files, in_request, input, meter)));
    }
    parts.extend(attachment::parts(input.attachments, true, input, meter));
    let whole = |kind, name: &str, tokens, cacheable| {
        let name = name.to_owned();
        Part { kind, name, tokens, fate: Fate::Whole, cacheable }
    };
    parts.push(whole(PartKind::Question, "question", question, false));
    if !input.offered().is_empty() {
        let names: Vec<&str> = input.offered().iter().map(|tool| tool.name.as_str()).collect();
        // Providers put tools before the system prompt, so they lie before the cache point.
        parts.push(whole(PartKind::Tools, &names.join(", "), tools, true));
    }
    let report = ContextReport {
        audience: input.audience,
        model: input.model.clone(),
        estimated_tokens: parts.iter().map(|part| part.tokens).sum(),
        parts,
        passages: passages.clone(),
        budget_tokens: input.budget.prompt_tokens(),
        estimate_method: meter.method(),
        system_prompt: system.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(BETWEEN),
        first_token_ms: None,
        total_ms: None,
        usage: None,
        stop_reason: None,
        notes: Vec::new(),
        as_of: input.as_of,
        claims: Vec::new(),
    };
    let request = ModelRequest {
        model_id: input.model.id.clone(),
        system,
        turns: history::turns(sent_exchanges, history::asked(input.question, input.attachments, input)),
        tools: input.offered().to_vec(),
        max_output_tokens: input.budget.max_output_tokens,
        effort: input.effort,
        lessons: input.lessons.clone(),
        passages,
    };
    let messages_left_out = u32::try_from(left_out.iter().flat_map(Exchange::messages).count()).unwrap_or(u32::MAX);
    Built { request, report, messages_left_out, always }
}

fn tool_tokens(tool: &ToolSpec, meter: Meter) -> u32 {
    let schema = tool.input_schema.to_string();
    [&tool.name, &tool.description, &schema].map(|text| meter.tokens(text)).iter().sum()
}

/// The person's names as the prompt uses them.
struct Names {
    full: String,
    first: String,
}

impl Names {
    fn of(persona: &Persona) -> Self {
        if persona.is_named() {
            Self { full: as_line(persona.full_name()), first: as_line(persona.first_name()) }
        } else {
            // No facts.json yet: the twin of somebody who has not said their name.
            Self { full: "the owner of this application".to_owned(), first: "the owner".to_owned() }
        }
    }

    fn fill(&self, template: &str, more: &[(&str, &str)]) -> String {
        fill(template, &[&[("full_name", self.full.as_str()), ("first_name", &self.first)], more].concat())
    }

    fn identity(&self, audience: Audience) -> String {
        let who = match audience {
            Audience::Owner => prompt::IDENTITY_OWNER,
            Audience::Visitor => prompt::IDENTITY_VISITOR,
        };
        [self.fill(who, &[]), self.fill(prompt::RULES, &[])].join(BETWEEN)
    }
}

fn as_of(then: Timestamp, now: &Zoned) -> String {
    let then = then.to_jiff().to_zoned(now.time_zone().clone());
    fill(prompt::AS_OF, &[("date", &then.strftime("%-d %B %Y").to_string())])
}

fn now(now: &Zoned) -> String {
    let zone = now.time_zone().iana_name().map(|name| format!("{name}, ")).unwrap_or_default();
    let text = |format: &str| now.strftime(format).to_string();
    fill(
        prompt::NOW,
        &[
            ("weekday", &text("%A")),
            ("date", &text("%-d %B %Y")),
            ("time", &text("%H:%M")),
            ("zone", &format!("{zone}UTC{}", text("%:z"))),
        ],
    )
}

/// Where the newest exchanges that fit begin.
fn first_that_fits(exchanges: &[Exchange<'_>], mut granted: u32) -> usize {
    let mut from = exchanges.len();
    while let Some(left) = from.checked_sub(1).and_then(|index| granted.checked_sub(exchanges[index].tokens)) {
        granted = left;
        from -= 1;
    }
    from
}

fn history_part(left_out: &[Exchange<'_>], sent: &[Exchange<'_>]) -> Option<Part> {
    let count = |exchanges: &[Exchange<'_>]| exchanges.iter().flat_map(Exchange::messages).count();
    let all = left_out.len() + sent.len();
    (all > 0).then(|| Part {
        kind: PartKind::History,
        name: of_all(count(sent), count(left_out) + count(sent), "message"),
        tokens: sent.iter().map(|exchange| exchange.words).sum(),
        fate: fate(sent.len(), all),
        cacheable: false,
    })
}

/// A language model needs nothing twice: not the sentences of a file that it gets whole, not a message that stands in
/// the conversation.
fn without_what_is_sent_anyway<'a>(
    passages: Vec<&'a Passage>,
    materials: &[Sent<'_>],
    exchanges: &[Exchange<'_>],
) -> Vec<&'a Passage> {
    let messages: BTreeSet<MessageId> = exchanges.iter().flat_map(Exchange::messages).collect();
    let whole = materials.iter().filter(|material| material.fate == Fate::Whole);
    let whole: BTreeSet<&str> = whole.map(|material| material.path).collect();
    let is_new = |source: &Source| match source {
        Source::File { path, .. } => !whole.contains(path.as_str()),
        Source::Message { message_id, .. } => !messages.contains(message_id),
        Source::Memory { .. } => true,
    };
    passages.into_iter().filter(|passage| is_new(&passage.source)).collect()
}

/// One section of the system prompt with the parts that it is made of.
struct Section {
    meter: Meter,
    cacheable: bool,
    texts: Vec<String>,
    parts: Vec<Part>,
}

impl Section {
    fn push(&mut self, kind: PartKind, name: &str, text: &str, fate: Fate) {
        if !text.is_empty() {
            self.texts.push(text.to_owned());
        }
        let tokens = self.meter.tokens(text);
        self.parts.push(Part { kind, name: name.to_owned(), tokens, fate, cacheable: self.cacheable });
    }
}

/// `12 messages`, or `8 of 12 messages` when some were left out.
fn of_all(sent: usize, all: usize, what: &str) -> String {
    let plural = if all == 1 { "" } else { "s" };
    if sent == all { format!("{all} {what}{plural}") } else { format!("{sent} of {all} {what}{plural}") }
}

fn fate(sent: usize, all: usize) -> Fate {
    match sent {
        0 => Fate::Omitted,
        _ if sent == all => Fate::Whole,
        _ => Fate::Trimmed,
    }
}

#[cfg(test)]
mod tests;
