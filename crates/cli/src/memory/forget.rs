//! `twin memory forget`.

use crate::output::{Output, remark};
use crate::{Failed, date};
use clap::Args;
use std::io::BufRead as _;
use twin_app::App;
use twin_core::id::{MemoryId, MessageId, PersonId, SessionId};
use twin_core::memory::{ForgetReach, ForgetScope};
use twin_core::time::Timestamp;

#[derive(Args)]
pub(crate) struct Forget {
    #[command(flatten)]
    what: What,
    /// With a memory, all that it came from as well
    #[arg(long, requires = "memory", conflicts_with_all = ["person", "session", "message", "file", "from"])]
    history: bool,
    /// With a day to begin from, the first that stays
    #[arg(long, value_name = "DATE", value_parser = date, requires = "from")]
    before: Option<Timestamp>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A memory; the messages that it comes from stay
    #[arg(long, value_name = "ID")]
    memory: Option<MemoryId>,
    /// A person: every memory about them, and their name
    #[arg(long, value_name = "ID")]
    person: Option<PersonId>,
    /// A conversation, with what was learned from it
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
    /// A message and all that follows it, with what was learned from them
    #[arg(long, value_name = "ID")]
    message: Option<MessageId>,
    /// What was learned from a file of the persona, by its path in that folder
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// Everything said or learned from this day on, as 2026-11-21, or this time, as 2026-11-21T08:15:00Z
    #[arg(long, value_name = "DATE", value_parser = date, requires = "before")]
    from: Option<Timestamp>,
}

pub(super) async fn run(app: &App, forget: Forget, output: &Output) -> Result<(), Failed> {
    let Forget { what, history, before, yes, json } = forget;
    let Some(scope) = scope(what, history, before) else {
        return Err(Failed::Told); // there is one, or the arguments were refused
    };
    let plan = app.forget_plan(scope.clone()).await?;
    if !yes {
        for line in reach(&plan) {
            remark(&line);
        }
        remark(
            "This cannot be undone. What other conversations repeat of it in their own words stays. Type yes to forget:",
        );
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        if read.is_err() || answer.trim() != "yes" {
            remark("Nothing was forgotten.");
            return Err(Failed::Told);
        }
    }
    let receipt = app.forget(scope).await?;
    if json {
        output.json(&receipt);
        return Ok(());
    }
    output.line(&format!("Forgotten. Receipt {}", receipt.id));
    for line in reach(&receipt.reach) {
        output.line(&line);
    }
    Ok(())
}

fn scope(what: What, history: bool, before: Option<Timestamp>) -> Option<ForgetScope> {
    let What { memory, person, session, message, file, from } = what;
    memory
        .map(|id| ForgetScope::Memory { id, history })
        .or(person.map(|id| ForgetScope::Person { id }))
        .or(session.map(|id| ForgetScope::Session { id }))
        .or(message.map(|id| ForgetScope::Message { id }))
        .or(file.map(|path| ForgetScope::File { path }))
        .or(from.zip(before).map(|(from, before)| ForgetScope::Span { from, before }))
}

fn reach(reach: &ForgetReach) -> Vec<String> {
    let counts = [
        ("conversations", reach.sessions),
        ("messages", reach.messages),
        ("of the messages, copies in conversations that were forked", reach.copies),
        ("memories", reach.memories),
        ("summaries", reach.summaries),
        ("people", reach.people),
        ("vectors", reach.vectors),
        ("reports of what was sent for an answer", reach.reports),
        ("attached files", reach.files),
        ("copies of the database, deleted", reach.backups),
        ("records, emptied or shortened", reach.records),
        ("exported files that may hold it and stay: delete them yourself", reach.exports),
        ("messages that quote it and stay: forget them by themselves", reach.quotes),
    ];
    counts.iter().map(|(name, count)| format!("{count:>9}  {name}")).collect()
}
