//! Measures the built window against bare references, in turns and in one run. Prints rows of JSON.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(clippy::print_stderr, reason = "progress, beside the result")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be made must fail loudly, there and then")]

mod age;
mod find;
mod long;
mod probe;
mod row;
mod start;
mod stream;
mod travel;

use clap::{Parser, ValueEnum};
use serde_json::{Value, json};
use twin_e2e::World;

/// Elements that a page may have at most.
const ELEMENTS: f64 = 3_000.0;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    rounds: usize,
    /// Only this part.
    #[arg(long)]
    only: Option<Part>,
}

/// What is measured together, because it needs the same home.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Start-up and memory at rest.
    Start,
    /// Wake-ups when nothing happens.
    Idle,
    /// A long, fast answer.
    Stream,
    /// A conversation of 10,000 messages.
    Long,
    /// Search over 1,000,000 messages.
    Find,
    /// Memory after long use.
    Age,
    /// Records on their way to another home.
    Travel,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Arguments { rounds, only } = Arguments::parse();
    // Those that take minutes a round.
    let few = rounds.div_ceil(3);
    let mut rows = Vec::new();
    for part in Part::value_variants().iter().filter(|part| only.is_none_or(|only| only == **part)) {
        rows.extend(match part {
            Part::Start => start::rows(rounds).await,
            Part::Idle => start::idle_rows(few).await,
            Part::Stream => stream::rows(few).await,
            Part::Long => long::rows(rounds).await,
            Part::Find => find::rows(rounds).await,
            Part::Age => age::rows(few).await,
            Part::Travel => travel::rows(few).await,
        });
    }
    println!("{:#}", Value::Array(rows));
}

/// How many elements the page has now.
async fn elements(world: &World) -> f64 {
    let count = world.run("return document.querySelectorAll('*').length", vec![]).await;
    count.as_f64().expect("a number of elements")
}

/// The most that there were: this one is for always, not for the middle.
fn elements_row(name: &str, counts: &[f64]) -> Value {
    let most = counts.iter().copied().fold(0.0, f64::max);
    json!({
        "name": name, "ours": most, "reference": Value::Null, "unit": "", "ratio": Value::Null,
        "target": format!("≤ {ELEMENTS}"), "met": most <= ELEMENTS, "spread": format!("{} counts", counts.len()),
    })
}
