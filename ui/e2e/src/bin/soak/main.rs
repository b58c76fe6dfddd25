//! Uses the real window for a day: turns, changes of the chat, finding, settings, edits of the persona on disk, and another
//! device that syncs with it. Counts memory, handles and threads of all its processes at rest, and says whether they grew.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be made must fail loudly, there and then")]

mod day;
mod sample;

use clap::Parser;
use day::Day;
use sample::Sample;
use std::process::ExitCode;

#[derive(Parser)]
struct Arguments {
    /// Rounded up to whole parts of the day, which are alike.
    #[arg(long, default_value_t = 500)]
    turns: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Arguments { turns } = Arguments::parse();
    // The first part warms up: by its end everything that there is to do was done once. Two are the least to compare.
    let parts = turns.div_ceil(day::TURNS).max(2);
    let mut day = Day::begin().await;
    println!("{}", sample::HEADING);
    let mut samples = Vec::new();
    for part in 1..=parts {
        day.part(part).await;
        let sample = Sample::at_rest(&day).await;
        println!("{}", sample.row(part * day::TURNS, part * day::SWITCHES));
        samples.push(sample);
    }
    let faults = sample::judge(&samples);
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
