//! Shows texts that attack in every place where the window shows texts from outside, and counts what comes of them: scripts
//! that run, connections, navigations, calls of commands, elements that our page does not make. In a network of its own.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(clippy::print_stderr, reason = "progress, beside the result")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be made must fail loudly, there and then")]

mod link;
mod plain;
mod sink;
mod wire;

use clap::Parser;
use plain::Plain;
use sink::{Bench, Sink};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use twin_e2e::attack;
use twin_e2e::watch::Seen;
use wire::Wire;

/// Lines of the table that are no places in the window.
const PAGE: &str = "page";
const LINKS: &str = "links";
const CONTROL: &str = "control";
/// The control must count more scripts than that.
const ENOUGH: u64 = 100;
/// After this long without anything to do, whatever was begun has been counted.
const AFTERWARDS: Duration = Duration::from_secs(1);

#[derive(Parser)]
struct Arguments {
    /// Public payloads: a JSON list of texts.
    #[arg(long)]
    payloads: Option<PathBuf>,
    /// Only this line of the table.
    #[arg(long)]
    only: Option<String>,
}

/// A line of the table.
struct Row {
    name: String,
    payloads: usize,
    shown: usize,
    seen: Seen,
    connections: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Arguments { payloads, only }: Arguments) -> Result<ExitCode, String> {
    let texts = texts(payloads)?;
    let wire = Wire::open()?;
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only == name);
    let mut rows = Vec::new();
    for sink in Sink::ALL.into_iter().filter(|sink| wanted(sink.name())) {
        rows.push(shown(sink, &texts, &wire).await);
    }
    if wanted(PAGE) {
        rows.push(exported(&texts, &wire).await);
    }
    if wanted(LINKS) {
        rows.push(link::followed(&wire).await);
    }
    print(&rows);
    let through = rows.iter().filter(|row| !row.is_clean()).count();
    if wanted(CONTROL) {
        let controls = control(&texts, &wire).await;
        print(&controls);
        let ran: u64 = controls.iter().map(|row| row.seen.scripts.values().sum::<u64>()).sum();
        println!("Without defences {ran} scripts ran.");
        if ran <= ENOUGH {
            println!("That is not more than {ENOUGH}: zeros prove nothing.");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("{through} of {} places let something through.", rows.len());
    Ok(if through == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn texts(payloads: Option<PathBuf>) -> Result<Vec<String>, String> {
    let mut texts = attack::all();
    println!(
        "Our own set: {} scripts, {} ways to tell somebody, {} links.",
        attack::scripts().len(),
        attack::leaks(&attack::ADDRESSES).len(),
        attack::links().len()
    );
    match payloads {
        Some(file) if file.exists() => {
            let read = fs_err::read(&file).map_err(|error| error.to_string())?;
            let mut public: Vec<String> =
                serde_json::from_slice(&read).map_err(|error| format!("{}: {error}", file.display()))?;
            // What is blank is no message, and is nowhere shown.
            public.retain(|text| !text.trim().is_empty());
            println!("And {} of {}.", public.len(), file.file_name().unwrap_or_default().display());
            texts.extend(public);
        }
        Some(file) => println!("{} is not there: only our own set is used.", file.display()),
        None => println!("No --payloads FILE was given: only our own set is used."),
    }
    Ok(texts)
}

/// The same, with texts that do nothing: what the window does by itself is not held against it.
async fn shown(sink: Sink, texts: &[String], wire: &Wire) -> Row {
    eprintln!("   {}", sink.name());
    let mut bench = Bench::open().await;
    let harmless: Vec<String> = (1..=3).map(|number| format!("Harmless text {number}.")).collect();
    let (_, usual, asked) = watched(&mut bench, sink, &harmless, wire).await;
    let (shown, mut seen, mut connections) = watched(&mut bench, sink, texts, wire).await;
    seen.calls.retain(|name, _| !usual.calls.contains_key(name));
    seen.made.retain(|name, _| !usual.made.contains_key(name));
    connections.retain(|target| !asked.contains(target));
    Row { name: sink.name().to_owned(), payloads: texts.len(), shown, seen, connections }
}

async fn watched(bench: &mut Bench, sink: Sink, texts: &[String], wire: &Wire) -> (usize, Seen, Vec<String>) {
    let before = wire.attempts();
    bench.world.watch().await;
    let shown = bench.show(sink, texts).await;
    tokio::time::sleep(AFTERWARDS).await;
    (shown, bench.world.seen().await, wire.since(&before))
}

async fn exported(texts: &[String], wire: &Wire) -> Row {
    eprintln!("   exported page");
    let mut bench = Bench::open().await;
    let pages = bench.exported(texts);
    let plain = Plain::open().await;
    let before = wire.attempts();
    let (mut seen, mut shown) = (Seen::default(), 0);
    for (file, messages) in pages {
        let (one, drawn) = plain.exported(&file).await;
        seen.add(one);
        shown += drawn.min(messages);
    }
    tokio::time::sleep(AFTERWARDS).await;
    Row { name: PAGE.to_owned(), payloads: texts.len(), shown, seen, connections: wire.since(&before) }
}

async fn control(texts: &[String], wire: &Wire) -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, streamed) in
        [("control: whole", Some(false)), ("control: by character", Some(true)), ("control: page", None)]
    {
        eprintln!("   {name}");
        // Every beginning of a text is drawn anew, so our own are enough.
        let texts = if streamed == Some(true) { attack::all() } else { texts.to_vec() };
        let mut plain = Plain::open().await;
        let before = wire.attempts();
        let seen = match streamed {
            Some(streamed) => plain.unguarded(&texts, streamed).await,
            None => plain.careless(&texts).await,
        };
        tokio::time::sleep(AFTERWARDS).await;
        let (count, connections) = (texts.len(), wire.since(&before));
        rows.push(Row { name: name.to_owned(), payloads: count, shown: count, seen, connections });
    }
    rows
}

impl Row {
    fn is_clean(&self) -> bool {
        let Seen { scripts, navigations, calls, made, .. } = &self.seen;
        let none = [scripts, calls, made].iter().all(|counts| counts.is_empty());
        none && *navigations == 0 && self.connections.is_empty() && self.shown > 0
    }
}

fn print(rows: &[Row]) {
    let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    println!(
        "\n{:<24}{:>9}{:>9}{:>9}{:>13}{:>13}{:>7}{:>10}{:>9}",
        "place", "payloads", "shown", "scripts", "connections", "navigations", "calls", "elements", "stopped"
    );
    for row in rows {
        let Seen { scripts, navigations, calls, made, stopped } = &row.seen;
        println!(
            "{:<24}{:>9}{:>9}{:>9}{:>13}{:>13}{:>7}{:>10}{:>9}",
            row.name,
            row.payloads,
            row.shown,
            sum(scripts),
            row.connections.len(),
            navigations,
            sum(calls),
            sum(made),
            sum(stopped),
        );
        for (what, counts) in [("scripts", scripts), ("calls", calls), ("elements", made), ("stopped", stopped)] {
            if !counts.is_empty() {
                println!("    {what}: {counts:?}");
            }
        }
        if !row.connections.is_empty() {
            let few: Vec<&String> = row.connections.iter().take(10).collect();
            println!("    connections: {few:?} …");
        }
    }
}
