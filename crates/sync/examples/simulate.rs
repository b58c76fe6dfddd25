//! `cargo xtask simulate --seeds N`: many bad worlds, and what broke in them.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]

use std::process::ExitCode;
use twin_sync::sim::run;

/// Arguments: how many seeds, and the first.
fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(seeds)), Some(Ok(first))) = (numbers.next(), numbers.next()) else {
        println!("simulate SEEDS FIRST");
        return ExitCode::FAILURE;
    };
    let (mut steps, mut records, mut broken) = (0, 0, 0);
    for seed in first..first + seeds {
        match run(seed, None) {
            Ok(ran) => {
                steps += ran.steps;
                records += ran.records;
            }
            Err(why) => {
                broken += 1;
                println!("{why}");
            }
        }
    }
    println!("{seeds} worlds from seed {first}: {steps} steps, {records} records, {broken} broken");
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
