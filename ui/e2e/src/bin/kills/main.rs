//! Cuts the program off while it sends, streams, edits, imports, remembers, forgets, migrates, syncs and makes copies, and looks
//! afterwards whether everything that was acknowledged is there, and nothing is there in part.
//!
//! By kills, at named calls of the system and at random moments; and by power cuts: all that it wrote and synced was recorded,
//! and each cut leaves of it what a disk may have left. With `--sync` it kills `twin sync now` of three homes instead, for long.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]
#![expect(clippy::expect_used, reason = "a test harness: what breaks must fail loudly, there and then")]

mod disk;
mod flow;
mod scene;
mod state;
mod sync;
mod trace;
mod trial;

use clap::Parser;
use flow::FLOWS;
use scene::Scene;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::process::ExitCode;
use trial::{Row, Trial};
use twin_e2e::random::Random;

/// For so many cuts one more is made on a disk that lies.
const CONTROLS: usize = 5;

#[derive(Parser)]
struct Arguments {
    /// So many kills, over all flows.
    #[arg(long, default_value_t = 0)]
    rounds: usize,
    /// So many power cuts, over all flows.
    #[arg(long, default_value_t = 0)]
    cuts: usize,
    /// Only this line of the table.
    #[arg(long)]
    flow: Option<String>,
    #[arg(long)]
    seed: Option<u64>,
    #[arg(long)]
    sync: bool,
    /// With `--sync`: in a bucket of that server and not in a folder.
    #[arg(long, requires = "sync")]
    s3: Option<sync::Server>,
}

fn main() -> ExitCode {
    let Arguments { rounds, cuts, flow, seed, sync, s3 } = Arguments::parse();
    let seed = seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{rounds} kills, {cuts} power cuts, seed {seed}");
    if sync {
        return sync::run(rounds, Random(seed), s3);
    }
    let traced = trace::is_possible();
    if !traced {
        println!("NOT CHECKED: kills at named calls and power cuts, because strace may not watch a program here");
    }
    let cuts = if traced { cuts } else { 0 };
    let scene = Scene::new();
    let chosen: Vec<_> = FLOWS.iter().filter(|known| flow.as_ref().is_none_or(|flow| flow == known.name)).collect();
    let (mut killed, mut cut, mut lying) = (Vec::new(), Vec::new(), Vec::new());
    for (number, flow) in chosen.iter().enumerate() {
        // Each its own, so that one alone does what it does among the others.
        let mut random = Random(seed);
        let share = |all: usize| all / chosen.len() + usize::from(number < all % chosen.len());
        let trial = Trial::new(flow, &scene, traced);
        killed.push(trial.kill(share(rounds), &mut random));
        cut.push(trial.cut(share(cuts), false, &mut random));
        lying.push(trial.cut(share(cuts.div_ceil(CONTROLS)), true, &mut random));
        println!("   {}", flow.name);
    }
    let mut is_sound = !killed.is_empty();
    if rounds > 0 {
        print("kills", &killed);
    }
    if cuts > 0 {
        print("power cuts", &cut);
        let all: usize = lying.iter().map(|row| row.named).sum();
        let caught: usize = lying.iter().map(|row| row.lost.max(row.damaged)).sum();
        println!(
            "On a disk that lies about what it synced {caught} of {all} cuts were seen to lose or damage something."
        );
        if caught == 0 {
            println!("Zeros prove nothing.");
            is_sound = false;
        }
    }
    for row in killed.iter().chain(&cut) {
        for fault in &row.faults {
            println!("{fault}");
        }
        is_sound &= row.faults.is_empty();
    }
    if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print(what: &str, rows: &[Row]) {
    let line = |row: &Row| {
        println!(
            "{:<12}{:>8}{:>8}{:>8}{:>8}{:>14}{:>9}{:>8}{:>9}",
            row.name,
            row.named + row.random,
            row.named,
            row.points,
            row.ended,
            row.acknowledged,
            row.things,
            row.lost,
            row.damaged
        );
    };
    println!(
        "\n{:<12}{:>8}{:>8}{:>8}{:>8}{:>14}{:>9}{:>8}{:>9}",
        what, "all", "named", "of", "ended", "acknowledged", "things", "lost", "damaged"
    );
    let mut sum = Row { name: "sum".to_owned(), ..Row::default() };
    for row in rows {
        line(row);
        sum.points += row.points;
        sum.named += row.named;
        sum.random += row.random;
        sum.ended += row.ended;
        sum.acknowledged += row.acknowledged;
        sum.things += row.things;
        sum.lost += row.lost;
        sum.damaged += row.damaged;
    }
    line(&sum);
}
