//! Harms a home as disks and clocks do, and looks whether the real `twin` notices, says so, and loses nothing that it need not.
//!
//! Three parts: damages to the file, a disk that is full at every possible place, and a home that is read-only, gone, or
//! under a clock that is wrong. The last two need mounts of their own: `cargo xtask harms` runs this in such a namespace.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]
#![expect(clippy::expect_used, reason = "a test harness: what breaks must fail loudly, there and then")]

mod damage;
mod full;
mod home;
mod place;

use clap::Parser;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::process::ExitCode;
use twin_e2e::random::Random;

#[derive(Parser)]
struct Arguments {
    /// How many damages.
    #[arg(long, default_value_t = 100)]
    rounds: u32,
    #[arg(long)]
    seed: Option<u64>,
    /// Only this part.
    #[arg(long)]
    only: Option<Part>,
    /// Only the damage of this number, as it is among all of them.
    #[arg(long)]
    one: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Damage,
    Full,
    Place,
}

fn main() -> ExitCode {
    let Arguments { rounds, seed, only, one } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let wanted = |part: Part| only.or(one.map(|_| Part::Damage)).is_none_or(|only| only == part);
    let mut faults = BTreeSet::new();
    if wanted(Part::Damage) {
        println!("{rounds} damages, seed {seed}");
        damage::run(rounds, one, Random(seed), &mut faults);
    }
    if wanted(Part::Full) {
        full::run(&mut faults);
    }
    if wanted(Part::Place) {
        place::run(&mut faults);
    }
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    println!("{} faults", faults.len());
    if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
