//! Measures the model and the scan on this machine: `cargo run --release -p twin-embed --example measure -- TURNS QUESTIONS`.
//!
//! Both files hold a JSON object a line, with `text` or `question`, as `cargo xtask bench recall` takes them. All on one
//! thread; times are the least of many, because others use the machine as well.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]

use serde_json::Value;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use twin_embed::{DIMENSIONS, Embedder, Vector, scan};

/// Vectors that are searched.
const MANY: usize = 1_000_000;
const CANDIDATES: usize = 1_000;
const WANTED: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(turns), Some(questions)) = (arguments.next(), arguments.next()) else {
        return Err("usage: measure TURNS QUESTIONS".into());
    };
    let embedder = Embedder::embedded();

    let words = |text: &String| text.split_whitespace().count();
    let questions = read(Path::new(&questions), "question")?;
    let turns = read(Path::new(&turns), "text")?;
    let asked: Vec<&String> = questions.iter().filter(|text| (11..=13).contains(&words(text))).take(50).collect();
    let one = asked.iter().map(|text| least(20, || embedder.embed(&[text])));
    println!(
        "one question of 11 to 13 words: {:.2} ms (mean of {} questions)",
        one.sum::<f64>() / length(&asked),
        asked.len()
    );

    let said: Vec<&str> = turns.iter().filter(|text| (25..=35).contains(&words(text))).map(String::as_str).collect();
    let said = &said[..32];
    for batch in [1, 8, 32] {
        let time: f64 = said.chunks(batch).map(|texts| least(15, || embedder.embed(texts))).sum();
        println!("turns of 25 to 35 words, {batch} together: {:.0} a second", length(said) / time * 1000.0);
    }

    let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
    let turns = embedder.embed(&turns);
    let asked: Vec<Vector> = embedder.embed(&asked.iter().map(|text| text.as_str()).collect::<Vec<_>>());
    let all = mixtures(&turns);
    let signs: Vec<u64> = all.iter().flat_map(scan::signs).collect();
    println!(
        "first pass over {MANY}, {DIMENSIONS} numbers each: {:.1} ms",
        least(40, || scan::likely(&asked[0], &signs, CANDIDATES))
    );
    let candidates = scan::likely(&asked[0], &signs, CANDIDATES);
    let second = least(40, || scan::nearest(&asked[0], candidates.iter().map(|place| (*place, &all[*place])), WANTED));
    println!("second pass over {CANDIDATES}: {second:.2} ms");

    let mut found = 0;
    for query in &asked {
        let likely = scan::likely(query, &signs, CANDIDATES);
        let exact = scan::nearest(query, all.iter().enumerate(), WANTED);
        found += exact.iter().filter(|(place, _)| likely.contains(place)).count();
    }
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let share = found as f64 / WANTED as f64 / length(&asked);
    println!("of the {WANTED} nearest among {MANY}, {CANDIDATES} candidates hold {:.1} %", share * 100.0);
    Ok(())
}

fn read(path: &Path, name: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let lines = fs_err::read_to_string(path)?;
    let text = |line: &str| Ok(serde_json::from_str::<Value>(line)?[name].as_str().unwrap_or_default().to_owned());
    lines.lines().map(text).collect()
}

/// Milliseconds of the fastest of some runs.
fn least<T>(runs: usize, mut run: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let begin = Instant::now();
        black_box(run());
        begin.elapsed().as_secs_f64() * 1000.0
    };
    (0..runs).map(time).fold(f64::INFINITY, f64::min)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn length<T>(list: &[T]) -> f64 {
    list.len() as f64
}

/// A million directions of the kind that turns have: each lies between two turns, with some noise. (Directions by chance
/// have no near ones to find.)
fn mixtures(turns: &[Vector]) -> Vec<Vector> {
    let mut state = 1_u64;
    let mut chance = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut floats = [0.0; DIMENSIONS];
    let mut mixture = || {
        let mut pick = || &turns[usize::try_from(chance()).unwrap_or(0) % turns.len()];
        let (one, other) = (pick(), pick());
        let share = f32::from(u16::try_from(chance() % 1000).unwrap_or(0)) / 1000.0;
        for (float, (a, b)) in floats.iter_mut().zip(one.values.iter().zip(&other.values)) {
            let noise = f32::from(u16::try_from(chance() % 1000).unwrap_or(0)) / 1000.0 - 0.5;
            *float = share * f32::from(*a) * one.scale + (1.0 - share) * f32::from(*b) * other.scale + 0.04 * noise;
        }
        Vector::from_floats(&floats)
    };
    (0..MANY).map(|_| mixture()).collect()
}
