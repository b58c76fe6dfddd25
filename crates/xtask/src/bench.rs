//! `cargo xtask bench`: ratios against bare references, measured interleaved in one run.

use crate::command::{Outcome, cargo, line, output, root, run};
use crate::window::{BARE, FEATURES, build_others, driver, prepare};
use crate::{say, system};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};

const COLUMNS: [&str; 8] = ["name", "ours", "reference", "unit", "ratio", "target", "met", "spread"];

/// The parts that need no window.
const CORE: &str = "core";
const MEMORY: &str = "memory";

/// Measures everything, or one part of it, in release builds, prints a table and keeps the figures as JSON. A missed target
/// is printed, not a failure: figures depend on the machine.
pub(crate) fn run_all(rounds: u32, only: Option<&str>) -> Outcome {
    let rows = rows(rounds, only)?;
    print(&rows);
    keep(&rows, only)
}

/// The rows of the table, measured now.
pub(crate) fn rows(rounds: u32, only: Option<&str>) -> Outcome<Vec<Value>> {
    let mut rows = Vec::new();
    if only.is_none_or(|only| ![CORE, MEMORY].contains(&only)) {
        system::packages(system::BENCH, "measure the window")?;
        prepare("release")?;
        build_others(&[BARE], "release")?;
        let mut window = driver("measure", "release")?;
        window.args(["--rounds", &rounds.to_string()]);
        window.args(only.map(|only| format!("--only={only}")));
        rows.extend(measured(&mut window)?);
    }
    for (part, argument) in [(CORE, None), (MEMORY, Some("--memory"))] {
        if only.is_none_or(|only| only == part) {
            rows.extend(measured(bench(CORE, &["--json"]).args(argument))?);
        }
    }
    Ok(rows)
}

/// One of the benchmarks without the window; with the features of everything else, so that nothing is compiled twice.
fn bench(name: &str, arguments: &[&str]) -> Command {
    let mut bench = cargo(&[&["bench", "--workspace", "--exclude", "xtask", "--bench", name], FEATURES].concat());
    bench.arg("--").args(arguments);
    bench
}

/// Asks the questions of each conversation in a home that holds only that one, in a release build.
pub(crate) fn recall(turns: &Path, questions: &Path, out: &Path) -> Outcome {
    let mut bench = bench("recall", &[]);
    for (name, file) in [("--turns", turns), ("--questions", questions), ("--out", out)] {
        // The benchmark runs in the folder of its crate.
        bench.arg(name).arg(std::path::absolute(file).map_err(|error| error.to_string())?);
    }
    run(&mut bench)
}

/// Runs a benchmark that prints its rows as one JSON array of `{name, ours, reference, unit, ratio, target, met, spread}`.
fn measured(benchmark: &mut Command) -> Outcome<Vec<Value>> {
    say(format_args!("measuring: {}", line(benchmark)));
    let output = benchmark.stderr(Stdio::inherit()).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("the benchmark failed ({})", output.status));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the benchmark did not print rows of JSON: {error}"))
}

fn print(rows: &[Value]) {
    let cell = |value: &Value| match value {
        Value::Number(number) => number.as_f64().map_or_else(String::new, |number| format!("{number:.3}")),
        Value::String(text) => text.clone(),
        Value::Bool(met) => if *met { "yes" } else { "NO" }.to_owned(),
        _ => String::new(),
    };
    let heading = COLUMNS.map(str::to_owned);
    let table: Vec<[String; 8]> =
        std::iter::once(heading).chain(rows.iter().map(|row| COLUMNS.map(|column| cell(&row[column])))).collect();
    println!();
    for row in &table {
        for (index, text) in row.iter().enumerate() {
            let width = table.iter().map(|row| row[index].chars().count()).max().unwrap_or(0);
            print!("{text:<width$}  ");
        }
        println!();
    }
    println!();
}

fn keep(rows: &[Value], only: Option<&str>) -> Outcome {
    let commit = output("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "uncommitted".to_owned());
    let folder = root().join("bench-results");
    fs_err::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // One part alone does not take the place of all.
    let part = only.map(|only| format!("-{only}")).unwrap_or_default();
    let file = folder.join(format!("{commit}{part}.json"));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    // What else ran on the machine is told with the figures.
    let load = fs_err::read_to_string("/proc/loadavg").unwrap_or_default();
    let kept = json!({
        "commit": commit, "system": std::env::consts::OS, "processors": processors, "load_at_the_end": load.trim(), "rows": rows,
    });
    fs_err::write(&file, format!("{kept:#}\n")).map_err(|error| error.to_string())?;
    say(format_args!("kept in {}", file.display()));
    Ok(())
}
