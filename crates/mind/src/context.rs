//! What a model is sent for one question, and the report that says so.
//!
//! Order of the system prompt: first what stays the same from turn to turn (identity and rules, facts, summary,
//! documents, style, formatting), then a cache point, then what changes (date and time, what is remembered).

mod history;
mod meter;
mod prompt;
mod share;

use crate::persona::{FileKind, Persona};
use crate::recall::{may_hear, origin};
use jiff::Zoned;
use meter::{Meter, TURN_TOKENS};
use prompt::{as_data, as_line, fill};
use share::Claim;
use std::collections::BTreeSet;
use twin_core::chat::{Audience, Message};
use twin_core::id::MessageId;
use twin_core::model::{ModelRef, ModelRequest, Provider, SystemPart};
use twin_core::report::{ContextReport, Fate, Part, PartKind, Passage, Source};

/// A part that would be cut below this many tokens is left out: a torn-off beginning says nothing.
const WORTH_SENDING: u32 = 40;
/// Stands where a text was cut.
const CUT: &str = "\n[The rest did not fit.]";
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
    /// What is asked; not blank.
    pub question: &'a str,
    /// The present moment in the person's zone.
    pub now: &'a Zoned,
    /// Who will answer.
    pub model: &'a ModelRef,
    /// How much may be sent.
    pub budget: Budget,
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
    /// What can be sent without asking the provider. A server behind the OpenAI protocol may run a small model with a
    /// small window and cuts silently what goes beyond, so it is taken at its smallest.
    pub fn for_model(model: &ModelRef) -> Self {
        match model.provider {
            Provider::Bedrock => Self { context_tokens: 100_000, max_output_tokens: 4_096 },
            Provider::Openai => Self { context_tokens: 8_192, max_output_tokens: 1_024 },
            Provider::Offline => Self { context_tokens: 1_000_000, max_output_tokens: 4_096 },
        }
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
}

/// Builds the request for one question.
///
/// Identity, rules, formatting, date and question are always sent; when they alone exceed the budget, the report's
/// estimate does as well. A visitor's request holds nothing private and nothing that was said to the owner.
pub fn build(input: &ContextInput<'_>) -> Built {
    let meter = Meter::for_model(input.model);
    let names = Names::of(input.persona);
    let identity = names.identity(input.audience);
    let formatting = fill(prompt::FORMATTING, &[]);
    let now = now(input.now);
    let always = [&identity, &formatting, &now].map(|text| meter.tokens(text)).iter().sum::<u32>()
        + meter.tokens(input.question)
        + TURN_TOKENS;

    let files = files(input, &names);
    let heard: Vec<&Passage> =
        input.passages.iter().filter(|passage| may_hear(input.audience, &passage.source)).collect();
    let exchanges = history::exchanges(input.history, meter);
    let room = input.budget.prompt_tokens().saturating_sub(always);
    let grants = Grants::new(room, &files, memory_need(&heard, input.now, meter), &exchanges, meter);

    let files: Vec<Sent<'_>> =
        files.into_iter().zip(&grants.files).map(|(file, granted)| file.fit(*granted, meter)).collect();
    let sent_exchanges = newest(&exchanges, grants.history);
    let remembered = if input.model.provider == Provider::Offline {
        heard
    } else {
        without_what_is_sent_anyway(heard, &files, sent_exchanges)
    };
    let (passages, memory) = memory(&remembered, grants.memory, input.now, meter);

    let mut stable = Section { meter, cacheable: true, texts: Vec::new(), parts: Vec::new() };
    stable.push(PartKind::Identity, "identity and rules", &identity, Fate::Whole);
    for file in &files {
        stable.push(file.kind, file.path, &file.text, file.fate);
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
    parts.extend(history_part(&exchanges, sent_exchanges));
    parts.push(Part {
        kind: PartKind::Question,
        name: "question".to_owned(),
        tokens: meter.tokens(input.question) + TURN_TOKENS,
        fate: Fate::Whole,
        cacheable: false,
    });
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
    };
    let request = ModelRequest {
        model_id: input.model.id.clone(),
        system,
        turns: history::turns(sent_exchanges, input.question),
        tools: Vec::new(),
        max_output_tokens: input.budget.max_output_tokens,
        passages,
    };
    Built { request, report }
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

/// A file of the persona as it would be sent whole.
struct File<'a> {
    kind: PartKind,
    /// Before a document: it is trimmed later.
    is_cv: bool,
    path: &'a str,
    body: String,
    before: String,
    after: String,
}

/// What is sent of it.
struct Sent<'a> {
    kind: PartKind,
    path: &'a str,
    text: String,
    fate: Fate,
}

/// Everything of the persona that this audience may see, in the order of the prompt.
fn files<'a>(input: &ContextInput<'a>, names: &Names) -> Vec<File<'a>> {
    let file = |kind, template, path: &'a str, text: &str, is_cv| {
        // Filled without its text first, so that a cut can be made within the text.
        const TEXT: &str = "\u{0}";
        let frame = names.fill(template, &[("file", &as_line(path)), ("text", TEXT)]);
        let (before, after) = frame.split_once(TEXT).unwrap_or((&frame, ""));
        File { kind, is_cv, path, body: as_data(text), before: before.to_owned(), after: after.to_owned() }
    };
    let facts = input.persona.facts(input.audience);
    let facts = facts.map(|sheet| file(PartKind::Facts, prompt::FACTS, sheet.path, sheet.outline, false));
    let texts = input.persona.texts(input.audience).filter_map(|text| {
        let (kind, template) = match text.kind {
            FileKind::Summary => (PartKind::Summary, prompt::SUMMARY),
            FileKind::Style => (PartKind::Style, prompt::STYLE),
            FileKind::Cv | FileKind::Document => (PartKind::Document, prompt::DOCUMENT),
            FileKind::Facts | FileKind::Avatar => return None,
        };
        Some(file(kind, template, text.path, text.text, text.kind == FileKind::Cv))
    });
    let mut files: Vec<File<'a>> = facts.chain(texts).collect();
    files.sort_by_key(|file| (order(file.kind), !file.is_cv));
    files
}

/// Where a kind of file stands in the prompt.
fn order(kind: PartKind) -> u8 {
    match kind {
        PartKind::Facts => 0,
        PartKind::Summary => 1,
        PartKind::Document => 2,
        _ => 3,
    }
}

impl<'a> File<'a> {
    fn whole(&self) -> String {
        [self.before.as_str(), &self.body, &self.after].concat()
    }

    fn fit(self, granted: u32, meter: Meter) -> Sent<'a> {
        let whole = self.whole();
        let sent = |text, fate| Sent { kind: self.kind, path: self.path, text, fate };
        if meter.tokens(&whole) <= granted {
            return sent(whole, Fate::Whole);
        }
        let frame = meter.tokens(&[self.before.as_str(), CUT, &self.after].concat());
        // One less, because rounding up twice may give one more.
        let body = meter.beginning(&self.body, granted.saturating_sub(frame + 1));
        if meter.tokens(body) < WORTH_SENDING {
            return sent(String::new(), Fate::Omitted);
        }
        sent([self.before.as_str(), body, CUT, &self.after].concat(), Fate::Trimmed)
    }
}

/// Who gets how many tokens.
struct Grants {
    /// In the order of the files.
    files: Vec<u32>,
    memory: u32,
    history: u32,
}

impl Grants {
    /// Most useful first: facts, summary, style, what is remembered, the conversation, the CV, documents. Where it is
    /// tight, documents therefore go first (their best sentences are still recalled), then the CV, then the oldest of
    /// the conversation, and so on.
    fn new(room: u32, files: &[File<'_>], memory: u32, exchanges: &[history::Exchange], meter: Meter) -> Self {
        let conversation = exchanges.iter().map(|exchange| exchange.tokens).sum();
        // (usefulness, what, claim)
        let mut claims: Vec<(u8, Claimant, Claim)> = vec![
            (3, Claimant::Memory, Claim { need: memory, floor: 15, divisible: true }),
            (4, Claimant::History, Claim { need: conversation, floor: 25, divisible: true }),
        ];
        for (index, file) in files.iter().enumerate() {
            let (usefulness, floor, divisible) = match file.kind {
                PartKind::Facts => (0, 30, true),
                PartKind::Summary => (1, 20, true),
                PartKind::Style => (2, 10, true),
                _ if file.is_cv => (5, 0, true),
                _ => (6, 0, false),
            };
            let need = meter.tokens(&file.whole());
            claims.push((usefulness, Claimant::File(index), Claim { need, floor, divisible }));
        }
        claims.sort_by_key(|(usefulness, _, _)| *usefulness);
        let granted = share::grant(room, &claims.iter().map(|(_, _, claim)| *claim).collect::<Vec<_>>());

        let mut grants = Self { files: vec![0; files.len()], memory: 0, history: 0 };
        for ((_, claimant, _), tokens) in claims.iter().zip(granted) {
            match claimant {
                Claimant::Memory => grants.memory = tokens,
                Claimant::History => grants.history = tokens,
                Claimant::File(index) => grants.files[*index] = tokens,
            }
        }
        grants
    }
}

enum Claimant {
    Memory,
    History,
    File(usize),
}

/// The newest exchanges that fit.
fn newest(exchanges: &[history::Exchange], mut granted: u32) -> &[history::Exchange] {
    let mut from = exchanges.len();
    while let Some(left) = from.checked_sub(1).and_then(|index| granted.checked_sub(exchanges[index].tokens)) {
        granted = left;
        from -= 1;
    }
    &exchanges[from..]
}

fn history_part(all: &[history::Exchange], sent: &[history::Exchange]) -> Option<Part> {
    let count = |exchanges: &[history::Exchange]| exchanges.iter().flat_map(history::Exchange::messages).count();
    (!all.is_empty()).then(|| Part {
        kind: PartKind::History,
        name: of_all(count(sent), count(all), "message"),
        tokens: sent.iter().map(|exchange| exchange.tokens).sum(),
        fate: fate(sent.len(), all.len()),
        cacheable: false,
    })
}

/// A language model needs nothing twice: not the sentences of a file that it gets whole, not a message that stands in
/// the conversation.
fn without_what_is_sent_anyway<'a>(
    passages: Vec<&'a Passage>,
    files: &[Sent<'_>],
    exchanges: &[history::Exchange],
) -> Vec<&'a Passage> {
    let messages: BTreeSet<MessageId> = exchanges.iter().flat_map(history::Exchange::messages).collect();
    let whole: BTreeSet<&str> = files.iter().filter(|file| file.fate == Fate::Whole).map(|file| file.path).collect();
    let is_new = |source: &Source| match source {
        Source::File { path, .. } => !whole.contains(path.as_str()),
        Source::Message { message_id, .. } => !messages.contains(message_id),
    };
    passages.into_iter().filter(|passage| is_new(&passage.source)).collect()
}

fn memory_need(passages: &[&Passage], now: &Zoned, meter: Meter) -> u32 {
    let lines = passages.iter().map(|passage| meter.tokens(&passage_line(passage, now)));
    lines.sum::<u32>() + meter.tokens(prompt::MEMORY)
}

/// The passages that fit, best first, and the text that holds them.
fn memory(passages: &[&Passage], granted: u32, now: &Zoned, meter: Meter) -> (Vec<Passage>, String) {
    let mut left = granted.saturating_sub(meter.tokens(prompt::MEMORY));
    let mut sent = Vec::new();
    let mut text = String::new();
    for passage in passages {
        let line = passage_line(passage, now);
        if let Some(rest) = left.checked_sub(meter.tokens(&line)) {
            left = rest;
            text.push_str(&line);
            sent.push((*passage).clone());
        }
    }
    let text = if sent.is_empty() { text } else { fill(prompt::MEMORY, &[("passages", text.trim_end())]) };
    (sent, text)
}

fn passage_line(passage: &Passage, now: &Zoned) -> String {
    let source = as_line(&origin::for_model(&passage.source, now));
    // Further lines are indented, so that nothing in the text can look like the next entry.
    let text = as_data(&passage.text).replace('\n', "\n  ");
    format!("{}\n", fill(prompt::PASSAGE, &[("source", &source), ("text", &text)]))
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
