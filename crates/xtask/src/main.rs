//! Knows how to set up, run, test and measure the project on a clean machine: `cargo xtask …`.
//! Never imports a crate of the product: it must compile in seconds, before anything else does.
//! Proof: `Cargo.toml` beside it names three small dependencies.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool talks to the person in front of it"
)]

mod bench;
mod bill;
mod bundle;
mod command;
mod deny;
mod figures;
mod ministack;
mod notice;
mod package;
mod supply;
mod system;
mod test;
mod ui;
mod window;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Everything that is done to this project, as commands. `app` and `test` are the two that people need.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build and open the window.
    App {
        /// Optimised: slower to build, faster to run.
        #[arg(long)]
        release: bool,
    },
    /// Set up and run every check: lints, Rust tests, UI tests, window tests.
    Test {
        /// Leave out the documentation, the window tests and the kill loop.
        #[arg(long)]
        quick: bool,
    },
    /// Build the window and run the tests that use it as a person would.
    Window {
        /// Only those whose names hold this text.
        only: Option<String>,
    },
    /// Kill the program at named calls and random moments of all that it does, and count what was acknowledged and lost.
    Kills {
        /// How many kills.
        #[arg(long, default_value_t = 200)]
        rounds: u32,
        /// Where the random moments start from; printed, so that a failure can be run again.
        #[arg(long)]
        seed: Option<u64>,
        /// Only one line of the table, by its name.
        #[arg(long, value_name = "FLOW", conflicts_with = "sync")]
        flow: Option<String>,
        /// Kill syncing between three homes instead, and compare what they hold in the end.
        #[arg(long)]
        sync: bool,
        /// With `--sync`: in a bucket of that server (`ministack` or `moto`), over a line that loses answers, and not in a
        /// folder.
        #[arg(long, requires = "sync", value_name = "SERVER")]
        s3: Option<String>,
    },
    /// Cut the power in the middle of all that the program does: of what it had not synced by then any part may be gone.
    Cuts {
        /// How many power cuts.
        #[arg(long, default_value_t = 1_000)]
        rounds: u32,
        /// Where the random moments start from; printed.
        #[arg(long)]
        seed: Option<u64>,
        /// Only one line of the table, by its name.
        #[arg(long, value_name = "FLOW")]
        flow: Option<String>,
    },
    /// Run syncing in bad worlds: lost answers, crashes, copied disks, wrong clocks, forgers.
    Simulate {
        /// How many worlds.
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// The first one, to see a failure again.
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// Harm a home as disks and clocks do: damages to the file, no room at every step, read-only, gone, wrong clocks.
    Harms {
        /// How many damages.
        #[arg(long, default_value_t = 100)]
        rounds: u32,
        /// Where the random places start from; printed, so that a failure can be run again.
        #[arg(long)]
        seed: Option<u64>,
        /// Only one part: damage, full or place.
        #[arg(long, value_name = "PART")]
        only: Option<String>,
        /// Only the damage of this number, as it is among all of them.
        #[arg(long, value_name = "N")]
        one: Option<u32>,
    },
    /// Feed what libFuzzer makes up to a parser of what others wrote, by the nightly compiler and cargo-fuzz.
    Fuzz {
        /// One of `fuzz/fuzz_targets/`: persona, document, sealed, import, stream.
        target: String,
        /// For how long.
        #[arg(long, default_value_t = 60)]
        minutes: u64,
    },
    /// Show texts that attack in every place of the window, in a network of their own, and count what comes of them.
    Attacks {
        /// Public payloads beside our own: a JSON list of texts.
        #[arg(long, value_name = "FILE")]
        payloads: Option<PathBuf>,
        /// Only one line of the table, by its name; `control` is the page without defences.
        #[arg(long, value_name = "PLACE")]
        only: Option<String>,
    },
    /// Photograph every screen of the real window into `screens/`, light and dark, in two sizes.
    Screens,
    /// Write what goes with the program into `supply/`: the bill of its materials and the notices of others' work in it.
    Supply,
    /// Build the packages that people install; install, use and remove each, below a folder of its own.
    Bundle,
    /// Use the real window for a day, and see whether memory, handles or threads grow.
    Soak {
        /// How many turns, and 2 changes of the chat for each 5 of them.
        #[arg(long, default_value_t = 500)]
        turns: u32,
        /// Optimised, as people get it.
        #[arg(long)]
        release: bool,
    },
    /// Measure the window and the core against bare references; table and JSON into `bench-results/`.
    Bench {
        /// How many interleaved rounds of each start-up measurement; a third of them where a round takes minutes.
        #[arg(long, default_value_t = 10)]
        rounds: u32,
        /// Only one part: start, idle, stream, long, find, age or travel, in the window; or core or memory, without it.
        #[arg(long)]
        only: Option<String>,
        #[command(subcommand)]
        what: Option<Benched>,
    },
    /// Make every figure and write them into `docs/figures.md`. Takes hours on a quiet machine.
    Figures {
        /// Only one part; the others stay as they are in the page.
        #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(figures::names()))]
        only: Option<String>,
        /// As of `bench`.
        #[arg(long, default_value_t = 10)]
        rounds: u32,
        /// As of `attacks`.
        #[arg(long, value_name = "FILE")]
        payloads: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Benched {
    /// How well turns are recalled: for each question the best 50 of its conversation.
    Recall {
        /// Lines of {conv, dia_id, session, date, speaker, text, caption}.
        #[arg(long)]
        turns: PathBuf,
        /// Lines of {qid, conv, question}.
        #[arg(long)]
        questions: PathBuf,
        /// Where lines of {qid, ranked, ms} are written.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::App { release } => window::open(release),
        Task::Test { quick } => test::run_all(quick),
        Task::Window { only } => window::test(only.as_deref()),
        Task::Kills { rounds, seed, flow, sync, s3 } => {
            window::kills(&format!("--rounds={rounds}"), seed, flow.as_deref(), sync, s3.as_deref())
        }
        Task::Cuts { rounds, seed, flow } => {
            window::kills(&format!("--cuts={rounds}"), seed, flow.as_deref(), false, None)
        }
        Task::Simulate { seeds, from } => test::simulate(seeds, from),
        Task::Harms { rounds, seed, only, one } => window::harms(rounds, seed, only.as_deref(), one),
        Task::Fuzz { target, minutes } => test::fuzz(&target, minutes),
        Task::Attacks { payloads, only } => window::attacks(payloads.as_deref(), only.as_deref()),
        Task::Screens => window::screens(),
        Task::Supply => supply::prepare(),
        Task::Bundle => bundle::make(),
        Task::Soak { turns, release } => window::soak(turns, release),
        Task::Bench { what: Some(Benched::Recall { turns, questions, out }), .. } => {
            bench::recall(&turns, &questions, &out)
        }
        Task::Figures { only, rounds, payloads } => figures::write(only.as_deref(), rounds, payloads.as_deref()),
        Task::Bench { rounds, only, what: None } => bench::run_all(rounds, only.as_deref()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Tells the person what is about to happen.
fn say(what: impl std::fmt::Display) {
    println!("── {what}");
}
