//! Measures the window against a bare one of the same build: start-up and memory at rest. Prints rows of JSON.

#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(clippy::print_stderr, reason = "progress, beside the result")]
#![expect(clippy::expect_used, reason = "a measurement that cannot be made must fail loudly, there and then")]

use clap::Parser;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use twin_e2e::process::{Running, descendants, proportional_set_size};
use twin_e2e::{World, given};

/// Messages in the large home, and how many share a session.
const MESSAGES: usize = 100_000;
const IN_A_SESSION: usize = 100;
/// Memory is read once it has changed by less than a hundredth over this time.
const SETTLE: Duration = Duration::from_secs(1);
const DEADLINE: Duration = Duration::from_mins(1);

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    rounds: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Arguments { rounds } = Arguments::parse();
    let empty = home(0).await;
    eprintln!("   importing {MESSAGES} messages");
    let full = home(MESSAGES).await;
    let subjects = [
        Subject::new(&empty, given::bare_window()),
        Subject::new(&empty, given::window()),
        Subject::new(&full, given::window()),
    ];

    let mut starts = [const { Vec::new() }; 3];
    let mut memory = [const { Vec::new() }; 3];
    // The first round warms the disk's cache and is not counted.
    for round in 0..=rounds {
        for (at, subject) in subjects.iter().enumerate() {
            let (running, start) = subject.start();
            if round > 0 {
                starts[at].push(start.as_secs_f64() * 1000.0);
                memory[at].push(at_rest(&running));
            }
        }
        eprintln!("   round {round} of {rounds}");
    }
    let [bare_start, empty_start, full_start] = &starts;
    let [bare_memory, empty_memory, _] = &memory;
    let rows = json!([
        row("window start to usable composer", empty_start, bare_start, "ms", 1.25),
        row("start with 100,000 messages against none", full_start, empty_start, "ms", 1.05),
        row("memory at rest (PSS, all processes)", empty_memory, bare_memory, "MiB", 1.25),
    ]);
    println!("{rows:#}");
}

/// A home past its first run, with that many messages.
async fn home(messages: usize) -> World {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.close().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let files: Vec<PathBuf> = (0..messages / IN_A_SESSION).map(|number| session_file(folder.path(), number)).collect();
    for files in files.chunks(100) {
        let mut arguments = vec!["session", "import"];
        arguments.extend(files.iter().filter_map(|file| file.to_str()));
        world.twin(&arguments);
    }
    world
}

/// One session in the format of `twin session import`.
fn session_file(folder: &Path, number: usize) -> PathBuf {
    let messages: Vec<Value> = (0..IN_A_SESSION)
        .map(|at| {
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            let content = format!("Message {at} of conversation {number}. {}", "It says something of a usual length. ".repeat(1 + at % 7));
            json!({ "role": role, "content": content, "timestamp": format!("2025-{:02}-{:02}T10:{:02}:00", 1 + number % 12, 1 + number % 28, at % 60) })
        })
        .collect();
    let file = folder.join(format!("00000000-0000-4000-8000-{number:012x}.json"));
    fs_err::write(&file, json!(messages).to_string()).expect("the temporary folder can be written");
    file
}

/// A program that opens a window on the desktop of a world.
struct Subject<'a> {
    world: &'a World,
    program: PathBuf,
}

impl<'a> Subject<'a> {
    fn new(world: &'a World, program: PathBuf) -> Self {
        Self { world, program }
    }

    /// Starts it; the time until it said that a person could type.
    fn start(&self) -> (Running, Duration) {
        let sign = self.world.home().join("ready");
        // An error means that there is none yet.
        let _ = fs_err::remove_file(&sign);
        let mut command = self.world.command(&self.program);
        command.env("TWIN_READY_FILE", &sign).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut running = Running::start(&mut command);
        while !sign.exists() {
            assert!(
                running.is_running() && start.elapsed() < DEADLINE,
                "{} never became usable",
                self.program.display()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        (running, start.elapsed())
    }
}

/// Memory of the program and all that it started, in MiB, once it no longer changes.
fn at_rest(running: &Running) -> f64 {
    let start = Instant::now();
    let mut before = memory(running);
    loop {
        std::thread::sleep(SETTLE);
        let now = memory(running);
        if (now - before).abs() < before / 100.0 || start.elapsed() > DEADLINE {
            return now;
        }
        before = now;
    }
}

fn memory(running: &Running) -> f64 {
    let processes = descendants(running.id()).into_iter().chain([running.id()]);
    let kibibytes: u64 = processes.filter_map(proportional_set_size).sum();
    f64::from(u32::try_from(kibibytes).unwrap_or(u32::MAX)) / 1024.0
}

fn row(name: &str, ours: &[f64], reference: &[f64], unit: &str, target: f64) -> Value {
    // Medians: one start that the machine was busy with something else does not move them.
    let (ours_median, reference_median) = (quantile(ours, 0.5), quantile(reference, 0.5));
    let ratio = ours_median / reference_median;
    let range = |values: &[f64]| format!("{:.0}–{:.0}", quantile(values, 0.1), quantile(values, 0.9));
    json!({
        "name": name, "ours": ours_median, "reference": reference_median, "unit": unit, "ratio": ratio,
        "target": format!("≤ {target}×"), "met": ratio <= target, "spread": format!("{} / {}", range(ours), range(reference)),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a short list"
)]
fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
