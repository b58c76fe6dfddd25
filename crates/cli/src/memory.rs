//! `twin memory …`.

mod forget;

use crate::output::{Output, remark};
use crate::session::word;
use crate::{Failed, audience, date};
use clap::{Args, Subcommand, ValueEnum};
use twin_app::App;
use twin_core::chat::Audience;
use twin_core::id::{MemoryId, PersonId};
use twin_core::memory::{
    Evidence, EvidenceView, Memory, MemoryDetail, MemoryKind, MemoryPage, MemoryQuery, MemoryRow, Teller,
};
use twin_core::report::{Passage, Source};
use twin_core::time::Timestamp;

/// Progress is told after so many messages.
const TOLD_EVERY: usize = 512;

#[derive(Subcommand)]
pub(crate) enum MemoryCommand {
    /// What would be recalled for a question, the best first
    Search {
        /// The question
        query: String,
        /// Who asks
        #[arg(long, value_parser = audience, default_value = "owner", value_name = "owner|visitor")]
        audience: Audience,
        /// As it was known on this day, as 2026-11-21, or at this time, as 2026-11-21T08:15:00Z
        #[arg(long, value_name = "DATE", value_parser = date)]
        as_of: Option<Timestamp>,
        /// Print so many at most
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List what is remembered: the pinned first, then what was learned last
    List(List),
    /// Print a memory with its history and where it comes from
    Show {
        /// Its id
        id: MemoryId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List what was known at a time in the past
    AsOf {
        /// The day, as 2026-11-21, or the time, as 2026-11-21T08:15:00Z
        #[arg(value_name = "DATE", value_parser = date)]
        date: Timestamp,
        /// Print so many at most
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make everything searchable by what it means, as the window does in the background
    Index,
    /// Forget something for good: shows what it reaches, and asks
    Forget(forget::Forget),
    /// How much is remembered
    Stats {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
pub(crate) struct List {
    /// Only with all of these words
    #[arg(default_value = "")]
    text: String,
    /// Only of this kind
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// Only about this person
    #[arg(long, value_name = "ID")]
    person: Option<PersonId>,
    /// Those that no longer hold as well
    #[arg(long)]
    ended: bool,
    /// Only those that contradict another
    #[arg(long)]
    contradicted: bool,
    /// Print so many at most
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Episodic,
    Semantic,
    Procedural,
    Social,
}

pub(crate) async fn run(app: &App, command: MemoryCommand, output: &Output) -> Result<(), Failed> {
    match command {
        MemoryCommand::Search { query, audience, as_of, limit, json } => {
            let passages = app.memory_search(&query, audience, as_of, limit).await?;
            if json {
                output.json(&passages);
            } else if passages.is_empty() {
                output.line("Nothing was found.");
            }
            for passage in passages.iter().filter(|_| !json) {
                output.line(&found(passage));
            }
        }
        MemoryCommand::List(list) => {
            let kind = list.kind.map(|kind| match kind {
                Kind::Episodic => MemoryKind::Episodic,
                Kind::Semantic => MemoryKind::Semantic,
                Kind::Procedural => MemoryKind::Procedural,
                Kind::Social => MemoryKind::Social,
            });
            let List { text, person, ended, contradicted, limit, .. } = list;
            let query = MemoryQuery { kind, text, person, ended, contradicted, limit, ..MemoryQuery::default() };
            page(&app.memory_list(query).await?, list.json, output);
        }
        MemoryCommand::AsOf { date, limit, json } => {
            let query = MemoryQuery { as_of: Some(date), limit, ..MemoryQuery::default() };
            page(&app.memory_list(query).await?, json, output);
        }
        MemoryCommand::Show { id, json } => {
            let detail = app.memory_get(id).await?;
            if json { output.json(&detail) } else { show(&detail, output) }
        }
        MemoryCommand::Index => {
            let done = app.memory_index(|done| {
                if done % TOLD_EVERY == 0 {
                    remark(&format!("{done} done"));
                }
            });
            output.line(&format!("{} made searchable", done.await?));
        }
        MemoryCommand::Forget(forget) => forget::run(app, forget, output).await?,
        MemoryCommand::Stats { json } => {
            let stats = app.memory_stats().await?;
            if json {
                output.json(&stats);
                return Ok(());
            }
            for (name, count) in [
                ("episodic", stats.episodic),
                ("semantic", stats.semantic),
                ("procedural", stats.procedural),
                ("social", stats.social),
                ("people", stats.people),
                ("contradicted", stats.contradicted),
                ("messages", stats.messages),
                ("with a vector", stats.embedded),
                ("waiting to be learned from", stats.waiting),
                ("tokens of learning this month", stats.tokens_month),
            ] {
                output.line(&format!("{count:>9}  {name}"));
            }
        }
    }
    Ok(())
}

fn page(page: &MemoryPage, json: bool, output: &Output) {
    if json {
        return output.json(page);
    }
    if page.memories.is_empty() {
        output.line("Nothing of that is remembered.");
    }
    for row in &page.memories {
        output.line(&line(row));
    }
    if usize::try_from(page.total).is_ok_and(|total| total > page.memories.len()) {
        remark(&format!("There are {}: raise --limit, or say more of what you look for.", page.total));
    }
}

fn line(row: &MemoryRow) -> String {
    let before = row.before.as_ref().map(|before| format!("  (before: {before})")).unwrap_or_default();
    let people: Vec<String> = row.people.iter().map(|person| format!("  @{}", person.name)).collect();
    format!("{}{before}{}", summary(&row.memory), people.concat())
}

fn summary(memory: &Memory) -> String {
    let marks = [
        (memory.pinned, "  (pinned)"),
        (memory.audience == Audience::Visitor, "  (for visitors)"),
        (memory.teller == Teller::Visitor, "  (a visitor said)"),
        (!memory.contradicts.is_empty(), "  (contradicted)"),
        (memory.ended_at.is_some(), "  (ended)"),
    ];
    let marks: String = marks.iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| *mark).collect();
    format!("{}  {}  {:<10}  {}{marks}", memory.id, memory.learned_at, word(&memory.kind), memory.text)
}

fn show(detail: &MemoryDetail, output: &Output) {
    for version in &detail.history {
        output.line(&summary(&version.memory));
        for source in &version.sources {
            output.line(&format!("    {}", place(source)));
        }
    }
    for other in &detail.contradicts {
        output.line(&format!("against it:\n{}", summary(other)));
    }
    for person in &detail.people {
        output.line(&format!("about {}  {}", person.id, person.name));
    }
    output.line(&format!("given to {} answers", detail.used));
}

fn place(source: &EvidenceView) -> String {
    let gone = if source.title.is_empty() && source.excerpt.is_empty() { "  (gone)" } else { "" };
    match &source.evidence {
        Evidence::Message { session_id, .. } => {
            format!("session {session_id}  {}: {}{gone}", source.title, source.excerpt)
        }
        Evidence::Session { session_id, .. } => format!("session {session_id}  {}{gone}", source.title),
        Evidence::File { path, line } => format!("{path}:{line}  {}", source.excerpt),
        Evidence::Typed { at } => format!("typed {at}"),
    }
}

fn found(passage: &Passage) -> String {
    let place = match &passage.source {
        Source::Message { session_id, session_title, at, .. } => format!("session {session_id}  {at}  {session_title}"),
        Source::File { path, line } => format!("{path}:{line}"),
        Source::Memory { id, at, .. } => format!("memory {id}  {at}"),
    };
    let signals: Vec<String> =
        passage.signals.iter().map(|signal| format!("{} {}", word(&signal.kind), signal.rank)).collect();
    format!("{place}  [{}]\n    {}", signals.join(", "), passage.text)
}
