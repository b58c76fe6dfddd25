//! `cargo xtask figures`: writes `docs/figures.md`, where each figure stands beside the command that gives it, the day, the
//! machine and what else it was doing. What misses its target is written down as what is met.

use crate::bench;
use crate::command::{Outcome, cargo, line, output, root};
use crate::say;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const HEAD: &str = "# Figures\n\nWritten by `cargo xtask figures`; nothing in it by hand. Each part says by which command, of \
                    which commit, when, on what machine and beside what load it was made, and `cargo xtask figures --only NAME` \
                    makes one anew. A ratio compares with the reference in the same run: figures of other machines do not.\n";

/// A part of the page.
struct Part {
    name: &'static str,
    heading: &'static str,
    /// As after `cargo xtask`.
    arguments: &'static [&'static str],
}

/// In the order of the page: what is measured against a bare reference, then what is counted.
const BENCHES: [(&str, &str); 9] = [
    ("start", "Starting, and at rest"),
    ("idle", "When nothing happens"),
    ("stream", "A long, fast answer"),
    ("long", "A conversation of 10,000 messages"),
    ("find", "Search over 1,000,000 messages"),
    ("age", "After long use"),
    ("travel", "Records on their way to another home"),
    ("core", "Without the window"),
    ("memory", "Memory, export and import with 1,000,000 messages"),
];
const ATTACKS: &str = "attacks";
const HARNESSES: [Part; 8] = [
    Part { name: "kills", heading: "Killed", arguments: &["kills", "--rounds", "2500"] },
    Part { name: "sync-kills", heading: "Killed while it syncs", arguments: &["kills", "--sync", "--rounds", "500"] },
    Part { name: "cuts", heading: "Power cuts", arguments: &["cuts"] },
    Part { name: "harms", heading: "Damaged files, full disks, wrong clocks", arguments: &["harms"] },
    Part { name: "simulate", heading: "Syncing in bad worlds", arguments: &["simulate"] },
    Part { name: ATTACKS, heading: "Texts that attack", arguments: &[ATTACKS] },
    Part { name: "bundle", heading: "Packages", arguments: &["bundle"] },
    Part { name: "soak", heading: "A day of use", arguments: &["soak", "--release"] },
];

/// The names that `--only` takes.
pub(crate) fn names() -> Vec<&'static str> {
    BENCHES.iter().map(|(name, _)| *name).chain(HARNESSES.iter().map(|part| part.name)).collect()
}

/// Makes them all, or one, and leaves the other parts of the page as they are. What fails is written down, too, and is an
/// error in the end.
/// `payloads`: a public list of attacks, beside our own.
pub(crate) fn write(only: Option<&str>, rounds: u32, payloads: Option<&Path>) -> Outcome {
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    let mut failed = Vec::new();
    for (name, heading) in BENCHES.into_iter().filter(|(name, _)| wanted(name)) {
        let made =
            Made::now(|| Ok((format!("cargo xtask bench --only {name}"), table(&bench::rows(rounds, Some(name))?))));
        failed.extend(made.keep(heading)?.then_some(name));
    }
    for Part { name, heading, arguments } in HARNESSES.iter().filter(|part| wanted(part.name)) {
        let mut harness = cargo(&[&["xtask"], *arguments].concat());
        if let Some(file) = payloads.filter(|_| *name == ATTACKS) {
            harness.arg("--payloads").arg(std::path::absolute(file).map_err(|error| error.to_string())?);
        }
        let made = Made::now(|| Ok((format!("cargo xtask {}", arguments.join(" ")), said(&mut harness)?)));
        failed.extend(made.keep(heading)?.then_some(*name));
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// What a harness printed as its result.
fn said(harness: &mut Command) -> Outcome<String> {
    say(line(harness));
    let output = harness.stderr(Stdio::inherit()).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    // What this tool says of its own steps is no figure.
    let result: Vec<&str> = said.lines().filter(|line| !line.starts_with("── ")).collect();
    let ended = if output.status.success() { String::new() } else { format!("It ended with {}.\n\n", output.status) };
    Ok(format!("{ended}```text\n{}\n```\n", result.join("\n").trim()))
}

fn table(rows: &[Value]) -> String {
    let mut table =
        String::from("| | ours | reference | ratio | target | met | spread |\n|---|---|---|---|---|---|---|\n");
    for row in rows {
        let figure = |name: &str| {
            let number = row[name].as_f64()?;
            let places = if number.abs() < 10.0 { 2 } else { usize::from(number.abs() < 1_000.0) };
            Some(format!("{number:.places$}"))
        };
        let word = |name: &str| row[name].as_str().unwrap_or_default();
        let with_unit = |name| figure(name).map(|figure| format!("{figure} {}", word("unit"))).unwrap_or_default();
        let met = match &row["met"] {
            Value::Bool(true) => "yes",
            Value::Bool(false) => "**no**",
            _ => "",
        };
        let cells = [
            word("name").to_owned(),
            with_unit("ours"),
            with_unit("reference"),
            figure("ratio").unwrap_or_default(),
            row["target"].as_f64().map_or_else(|| word("target").to_owned(), |target| format!("≤ {target}×")),
            met.to_owned(),
            word("spread").to_owned(),
        ];
        let _ = writeln!(table, "| {} |", cells.map(|cell| cell.trim().replace('|', "\\|")).join(" | "));
    }
    table
}

/// A part as it was made.
struct Made {
    outcome: Outcome<(String, String)>,
    begun: String,
    load: String,
    took: Duration,
}

impl Made {
    fn now(make: impl FnOnce() -> Outcome<(String, String)>) -> Self {
        let begun = output("date", &["-u", "+%Y-%m-%d %H:%M UTC"]).unwrap_or_default();
        let (load, start) = (load(), Instant::now());
        let outcome = make();
        Self { outcome, begun, load, took: start.elapsed() }
    }

    /// Puts it into the page; whether it failed.
    fn keep(self, heading: &str) -> Outcome<bool> {
        let (begun, minutes) = (&self.begun, self.took.as_secs_f64() / 60.0);
        let (body, failed) = match &self.outcome {
            Ok((command, result)) => {
                (format!("`{command}`, {begun}, {minutes:.1} min. {}\n\n{result}", machine(&self.load)), false)
            }
            Err(error) => (format!("{begun}: could not be made. {error}\n"), true),
        };
        let page = page();
        let old = fs_err::read_to_string(&page).unwrap_or_default();
        let headings = BENCHES.iter().map(|(_, heading)| *heading).chain(HARNESSES.iter().map(|part| part.heading));
        let mut text = String::from(HEAD);
        for one in headings {
            let kept = if one == heading { Some(body.as_str()) } else { part(&old, one) };
            if let Some(kept) = kept {
                let _ = write!(text, "\n## {one}\n\n{}\n", kept.trim());
            }
        }
        fs_err::write(&page, text).map_err(|error| error.to_string())?;
        say(format_args!("kept in {}", page.display()));
        Ok(failed)
    }
}

fn page() -> PathBuf {
    root().join("docs/figures.md")
}

/// What stands under a heading of the page.
fn part<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let (_, from) = page.split_once(&format!("\n## {heading}\n"))?;
    Some(from.split("\n## ").next().unwrap_or(from))
}

/// Commit, machine and load, in a sentence.
fn machine(load_before: &str) -> String {
    let commit = output("git", &["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "nothing committed".to_owned());
    let changed = output("git", &["status", "--porcelain", "--untracked-files=no"])
        .is_some_and(|changes| changes.lines().any(|change| !change.ends_with("docs/figures.md")));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let information = |file: &str, name: &str| {
        let text = fs_err::read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = information("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = information("/proc/meminfo", "MemTotal")
        .and_then(|memory| memory.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(String::new, |memory| format!(", {:.0} GB", memory / f64::from(1 << 20)));
    let system = output("uname", &["-sr"]).unwrap_or_else(|| std::env::consts::OS.to_owned());
    let built: Vec<String> = std::env::vars()
        .filter(|(name, _)| name.starts_with("CARGO_PROFILE_"))
        .map(|(name, value)| format!(", {name}={value}"))
        .collect();
    format!(
        "Commit {commit}{}{}; {processors} × {model}{memory}, {system}; load {load_before} before, {} after.",
        if changed { " with changes" } else { "" },
        built.concat(),
        load(),
    )
}

/// How many wanted to run at once, in the last minute.
fn load() -> String {
    let loads = fs_err::read_to_string("/proc/loadavg").unwrap_or_default();
    loads.split(' ').next().unwrap_or_default().to_owned()
}
