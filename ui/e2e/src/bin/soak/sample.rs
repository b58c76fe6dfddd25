//! What the processes of the window hold when nothing happens, and whether it grew.

use crate::day::Day;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use twin_e2e::home::Home;
use twin_e2e::process::{allocated, descendants, open_files, program, thread_names, time_of_all_threads};
use twin_e2e::world::eventually;

/// Memory at the end, as a multiple of memory after the first part.
const MEMORY: f64 = 1.15;
/// How much a count may go up: pools of the web view and of the runtime that serve many at once end their threads, and close
/// what those wait on, some time after the last work, so that one or two more or fewer are there at any moment. What is left
/// behind once in a part, or once in a turn, is far above it at the end of a day.
const SLACK: usize = 2;
/// How many samples are looked at on each side: at most, and no more than a third of all.
const COMPARED: usize = 5;

/// At rest the processes use less than a tenth of a processor, and their memory changes by less than a hundredth, over each of
/// so many looks in a row. The web view collects what its page has let go of, and gives pages back, some time after.
const LOOKS: usize = 4;
const BETWEEN: Duration = Duration::from_millis(500);

/// Has the page's garbage collected, all of it: JavaScriptCore lets its heap grow to a multiple of what is in use before it looks
/// through what is old, and by when a sample is taken that says more of the collector than of the page. There is no call for it. What
/// is allocated makes it due: buffers that count and, never written to, take no memory. That it was done is seen by something
/// that had grown old and was let go of.
const COLLECT: &str = "
    const done = arguments[0];
    const turn = () => new Promise((next) => setTimeout(next, 0));
    const due = async (count) => {
        for (let at = 0; at < count; at++) {
            new ArrayBuffer(16 << 20);
            await turn();
        }
    };
    let gone = 0;
    const registry = new FinalizationRegistry(() => { gone += 1; });
    // Held by nothing else: a function that waits holds what it named.
    const held = [];
    const grow = () => {
        held.push({});
        registry.register(held[0], 'old');
    };
    const collected = async () => {
        const before = gone;
        grow();
        await due(20);
        held.length = 0;
        while (gone === before) await due(1);
    };
    // Twice: what the first one lets go of may have held others.
    collected().then(collected).then(() => done(registry != null));";

pub(crate) const HEADING: &str =
    "turns  switches  MiB allocated: all = each process          handles            threads            home in MiB";

/// One of the processes.
#[derive(Debug, Clone)]
struct Process {
    name: String,
    /// In KiB, without what files stand behind.
    memory: u64,
    /// What it holds open, by kind, and how many of each.
    handles: BTreeMap<String, usize>,
    /// By their names.
    threads: BTreeMap<String, usize>,
}

/// All of them, at one time; the window's own is the first.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    processes: Vec<Process>,
    /// In bytes.
    home: u64,
}

impl Sample {
    /// In a new chat, where there is as much to be seen each time, once nothing happens any more.
    pub(crate) async fn at_rest(day: &Day) -> Self {
        let world = &day.world;
        world.fresh().await;
        world.gone("toast").await;
        world.settled().await;
        world.client().execute_async(COLLECT, vec![]).await.expect("the page's garbage is collected");
        let (window, home) = (world.process(), Home::of(world));
        let mut quiet = 0;
        let mut before = (u64::MAX, Duration::ZERO);
        eventually("nothing happens any more", async || {
            let processes = all(window);
            let now = (
                processes.iter().copied().filter_map(allocated).sum::<u64>(),
                processes.iter().copied().map(time_of_all_threads).sum::<Duration>(),
            );
            let calm = now.1.saturating_sub(before.1) < BETWEEN / 10
                && now.0.abs_diff(before.0) < now.0 / 100
                && home.in_work() == 0;
            quiet = if calm { quiet + 1 } else { 0 };
            before = now;
            if quiet == LOOKS {
                return Some(());
            }
            tokio::time::sleep(BETWEEN).await;
            None
        })
        .await;
        Self { processes: all(window).into_iter().filter_map(Process::now).collect(), home: home.bytes() }
    }

    fn memory(&self) -> f64 {
        mebibytes(self.processes.iter().map(|process| process.memory).sum::<u64>() * 1024)
    }

    /// A row of the table.
    pub(crate) fn row(&self, turns: usize, switches: usize) -> String {
        let list = |one: &dyn Fn(&Process) -> String| self.processes.iter().map(one).collect::<Vec<_>>().join(" + ");
        let counted = |counts: &BTreeMap<String, usize>| counts.values().sum::<usize>().to_string();
        format!(
            "{turns:>5}  {switches:>8}  {:>7.1} = {:<36}  {:<17}  {:<17}  {:.1}",
            self.memory(),
            list(&|process| format!("{:.1}", mebibytes(process.memory * 1024))),
            list(&|process| counted(&process.handles)),
            list(&|process| counted(&process.threads)),
            mebibytes(self.home),
        )
    }
}

impl Process {
    /// None if it has ended.
    fn now(process: u32) -> Option<Self> {
        let mut handles = BTreeMap::new();
        for file in open_files(process) {
            // `socket:[12345]`, `/tmp/xyz/twin.db`: the kind, or the file's name.
            let kind = file.split(['[', '(']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            *handles.entry(kind.trim().to_owned()).or_default() += 1;
        }
        let mut threads = BTreeMap::new();
        for name in thread_names(process) {
            *threads.entry(name).or_default() += 1;
        }
        Some(Self {
            name: program(process)?.file_name()?.to_string_lossy().into_owned(),
            memory: allocated(process)?,
            handles,
            threads,
        })
    }
}

/// What grew.
pub(crate) fn judge(samples: &[Sample]) -> Vec<String> {
    let mut faults = Vec::new();
    let [first, .., last] = samples else { return vec!["there is nothing to compare".to_owned()] };
    let times = last.memory() / first.memory();
    println!("Memory at the end is {times:.3} times that after the first part (at most {MEMORY}).");
    if times > MEMORY {
        faults.push(format!("memory grew from {:.1} to {:.1} MiB", first.memory(), last.memory()));
    }
    let side = (samples.len() / 3).clamp(1, COMPARED);
    let (early, late) = (&samples[..side], &samples[samples.len() - side..]);
    if samples.iter().any(|sample| sample.processes.len() != first.processes.len()) {
        faults.push("there are not as many processes all the time".to_owned());
        return faults;
    }
    for (at, process) in first.processes.iter().enumerate() {
        for (what, of) in [
            ("handles", (|process| &process.handles) as fn(&Process) -> &BTreeMap<String, usize>),
            ("threads", |process| &process.threads),
        ] {
            let counts = |side: &[Sample], of: &dyn Fn(&Process) -> usize| {
                median(side.iter().map(|sample| of(&sample.processes[at])).collect())
            };
            let all = |side| counts(side, &|process| of(process).values().sum());
            let (before, after) = (all(early), all(late));
            println!("{}: {before} {what} in the first {side} parts, {after} in the last", process.name);
            let names: BTreeSet<&String> = samples.iter().flat_map(|sample| of(&sample.processes[at]).keys()).collect();
            for name in names {
                let one = |side| counts(side, &|process| of(process).get(name).copied().unwrap_or(0));
                if one(early) != one(late) {
                    println!("    {name}: {} and {}", one(early), one(late));
                }
            }
            if after > before + SLACK {
                faults.push(format!("{} has {after} {what} and had {before}", process.name));
            }
        }
    }
    faults
}

fn all(window: u32) -> Vec<u32> {
    let mut all = descendants(window);
    all.sort_unstable();
    all.insert(0, window);
    all
}

fn median(mut counts: Vec<usize>) -> usize {
    counts.sort_unstable();
    counts[counts.len() / 2]
}

/// Of bytes.
fn mebibytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
