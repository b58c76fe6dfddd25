//! Start-up, memory and wake-ups of the window, against a bare one of the same build.

use crate::row::{Target, row};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};
use twin_e2e::history::session_file;
use twin_e2e::process::{Running, descendants, proportional_set_size, wake_ups};
use twin_e2e::{World, given};

/// Messages in the large home, and how many share a session.
const MESSAGES: usize = 100_000;
const IN_A_SESSION: usize = 100;
/// Memory is read once it has changed by less than a hundredth over this time.
const SETTLE: Duration = Duration::from_secs(1);
/// Wake-ups are counted after that time, over that one.
const CALM: Duration = Duration::from_secs(10);
const COUNTED: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
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
                memory[at].push(at_rest(running.id()));
            }
        }
        eprintln!("   start {round} of {rounds}");
    }
    let [bare_start, empty_start, full_start] = &starts;
    let [bare_memory, empty_memory, _] = &memory;
    vec![
        row("window start to usable composer", empty_start, bare_start, "ms", Target::Times(1.25)),
        row("start with 100,000 messages against none", full_start, empty_start, "ms", Target::Times(1.05)),
        row("memory at rest (PSS, all processes)", empty_memory, bare_memory, "MiB", Target::Times(1.25)),
    ]
}

/// Wake-ups a second of a window in which nothing happens, its caret in the composer: our process with all of its threads, then
/// the web view's processes as well. The bare window is the reference: its caret blinks, as everywhere else, and WebKit draws
/// at the rate of the screen for as long as one does.
pub(crate) async fn idle_rows(rounds: usize) -> Vec<Value> {
    let home = home(0).await;
    let subjects = [Subject::new(&home, given::window()), Subject::new(&home, given::bare_window())];
    let mut own = [const { Vec::new() }; 2];
    let mut all = [const { Vec::new() }; 2];
    for round in 1..=rounds {
        for (at, subject) in subjects.iter().enumerate() {
            let (running, _) = subject.start();
            std::thread::sleep(CALM);
            let count = || {
                let others = descendants(running.id()).into_iter().flat_map(wake_ups).collect();
                [wake_ups(running.id()), others]
            };
            let before = count();
            std::thread::sleep(COUNTED);
            let after = count();
            let [ours, others] = [0, 1].map(|of| a_second(&before[of], &after[of]));
            own[at].push(ours);
            all[at].push(ours + others);
        }
        eprintln!("   idle {round} of {rounds}");
    }
    let name = |whose| format!("wake-ups when idle, {whose}");
    vec![
        row(&name("our process"), &own[0], &own[1], "a second", Target::AtMost(2.0)),
        row(&name("with the web view's"), &all[0], &all[1], "a second", Target::AtMost(2.0)),
    ]
}

/// Of threads that are still there: how often they slept before is in no difference, so that one that has ended takes nothing off.
fn a_second(before: &BTreeMap<PathBuf, u64>, after: &BTreeMap<PathBuf, u64>) -> f64 {
    let times = after.iter().map(|(thread, count)| count.saturating_sub(before.get(thread).copied().unwrap_or(0)));
    f64::from(u32::try_from(times.sum::<u64>()).unwrap_or(u32::MAX)) / COUNTED.as_secs_f64()
}

/// A home past its first run, with that many messages.
async fn home(messages: usize) -> World {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.close().await;
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let files: Vec<PathBuf> = (0..messages / IN_A_SESSION)
        .map(|number| session_file(folder.path(), "Conversation", number, IN_A_SESSION))
        .collect();
    for files in files.chunks(100) {
        let mut arguments = vec!["session", "import"];
        arguments.extend(files.iter().filter_map(|file| file.to_str()));
        world.twin(&arguments);
    }
    world
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
pub(crate) fn at_rest(process: u32) -> f64 {
    let start = Instant::now();
    let mut before = memory(process);
    loop {
        std::thread::sleep(SETTLE);
        let now = memory(process);
        if (now - before).abs() < before / 100.0 || start.elapsed() > DEADLINE {
            return now;
        }
        before = now;
    }
}

fn memory(process: u32) -> f64 {
    let processes = descendants(process).into_iter().chain([process]);
    let kibibytes: u64 = processes.filter_map(proportional_set_size).sum();
    f64::from(u32::try_from(kibibytes).unwrap_or(u32::MAX)) / 1024.0
}
