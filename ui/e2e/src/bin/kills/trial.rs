//! One flow, run once to know what is right, then cut off again and again.

use crate::disk::{self, Disk};
use crate::flow::{Flow, Step};
use crate::scene::Scene;
use crate::state::{Fault, Lines, Told, judge, lines};
use crate::trace::{self, Call};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use twin_e2e::random::Random;

/// Of three kills so many are at a named call, the others at a random moment.
const NAMED: (usize, usize) = (2, 3);

/// A flow whose right outcome is known.
pub(crate) struct Trial<'a> {
    name: &'static str,
    scene: &'a Scene,
    steps: Vec<Known>,
}

/// A command, what is there before and after it, and how it goes when nothing cuts it off.
struct Known {
    step: Step,
    kept: String,
    before: Lines,
    after: Lines,
    /// After what is to be run once more.
    settled: Lines,
    calls: Vec<Call>,
    took: Duration,
}

/// A line of the table.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Kinds of calls, each as often as it is made: where a kill can land by name.
    pub(crate) points: usize,
    pub(crate) named: usize,
    pub(crate) random: usize,
    /// Ended before the kill.
    pub(crate) ended: usize,
    /// The command itself was acknowledged.
    pub(crate) acknowledged: usize,
    /// What had to be there in all: acknowledged before the command, or by it.
    pub(crate) things: usize,
    pub(crate) lost: usize,
    pub(crate) damaged: usize,
    pub(crate) faults: BTreeSet<String>,
}

impl<'a> Trial<'a> {
    /// Runs it once. `traced`: strace may watch.
    pub(crate) fn new(flow: &Flow, scene: &'a Scene, traced: bool) -> Self {
        scene.empty();
        (flow.prepare)(scene);
        let steps = flow.steps.iter().enumerate();
        let steps = steps.map(|(number, step)| known(scene, step(scene), number, traced)).collect();
        Self { name: flow.name, scene, steps }
    }

    /// Kills it that often.
    pub(crate) fn kill(&self, kills: usize, random: &mut Random) -> Row {
        let points: Vec<(usize, String, u32)> = self
            .steps
            .iter()
            .enumerate()
            .flat_map(|(step, known)| trace::points(&known.calls).into_iter().map(move |(name, at)| (step, name, at)))
            .collect();
        let named = if points.is_empty() { 0 } else { kills * NAMED.0 / NAMED.1 };
        let mut row = Row { name: self.name.to_owned(), points: points.len(), ..Row::default() };
        // Where there are more points than kills they are spread; otherwise each is taken, and the rest are random moments.
        let taken = named.min(points.len());
        for number in 0..taken {
            let (step, name, at) = &points[(number * points.len() + random.below(points.len())) / taken % points.len()];
            let known = &self.steps[*step];
            self.scene.back(&known.kept);
            let twin = self.scene.twin(0, &known.step.arguments);
            let place = format!("killed at {name} {at}");
            if self.killed(known, trace::killed_at(&twin, name, *at), None, &place, &mut row) {
                row.named += 1;
            }
        }
        // A random moment may come too late.
        for _ in 0..kills * 4 {
            if row.named + row.random >= kills {
                break;
            }
            let known = &self.steps[random.below(self.steps.len())];
            self.scene.back(&known.kept);
            let micros = usize::try_from(known.took.as_micros()).unwrap_or(usize::MAX);
            let delay = Duration::from_micros(random.below(micros) as u64);
            let twin = self.scene.twin(0, &known.step.arguments);
            if self.killed(known, twin, Some(delay), &format!("killed after {delay:?}"), &mut row) {
                row.random += 1;
            }
        }
        row
    }

    /// Whether the kill came before the end.
    fn killed(&self, known: &Known, mut command: Command, delay: Option<Duration>, place: &str, row: &mut Row) -> bool {
        let start = Instant::now();
        // Beside strace it would read nothing.
        command.stdin(self.scene.typed(&known.step.arguments));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("`twin` can be started");
        let mut stdout = child.stdout.take().expect("standard output was asked for");
        let reading = std::thread::spawn(move || {
            let mut printed = Vec::new();
            // A pipe whose writer was killed ends; it does not fail.
            let _ = stdout.read_to_end(&mut printed);
            printed
        });
        if let Some(delay) = delay {
            // The random moment is the point: nothing is waited for here.
            std::thread::sleep(delay.saturating_sub(start.elapsed()));
            child.kill().expect("the program can be killed");
        }
        let status = child.wait().expect("the program can be waited for");
        let printed = reading.join().expect("reading does not panic");
        if status.code().is_some_and(|code| code != 0) {
            row.damaged += 1;
            row.faults.insert(format!("{place}: it failed by itself ({status})"));
        }
        let told = Told { printed: &printed, done: status.success() };
        row.ended += usize::from(status.code().is_some());
        self.look(known, &told, place, row);
        status.code().is_none()
    }

    /// Cuts the power that often, each time somewhere else. `lies`: on a disk that never wrote what it was to sync.
    pub(crate) fn cut(&self, cuts: usize, lies: bool, random: &mut Random) -> Row {
        let mut row = Row { name: self.name.to_owned(), ..Row::default() };
        for _ in 0..cuts {
            let known = &self.steps[random.below(self.steps.len())];
            let told_at: Vec<usize> = known.calls.iter().filter(|call| call.tells()).map(|call| call.begin).collect();
            let call = &known.calls[random.below(known.calls.len())];
            let moment = match random.below(4) {
                // All that was promised, and nothing of it done.
                _ if lies => None,
                // Just after something was told, which is when most is promised and least was done since.
                0 if !told_at.is_empty() => Some(told_at[random.below(told_at.len())]),
                1 => None,
                _ => Some(call.end),
            };
            self.scene.back(&known.kept);
            let mut disk = Disk::of(&self.scene.root(), lies);
            disk.replay(&known.calls, moment);
            disk.cut(random);
            row.named += 1;
            let told = Told { printed: &disk.told, done: moment.is_none() };
            let place = moment.map_or("cut after the end".to_owned(), |at| format!("cut at line {at} ({})", call.name));
            self.look(known, &told, &place, &mut row);
        }
        row
    }

    fn look(&self, known: &Known, told: &Told<'_>, place: &str, row: &mut Row) {
        row.acknowledged += usize::from(told.acknowledges());
        let stays = known.before.iter().filter(|line| known.after.contains(line));
        row.things += if told.done { known.after.len() } else { stays.count() };
        let faults = self.faults(known, told);
        row.lost += usize::from(faults.iter().any(|fault| matches!(fault, Fault::Lost(_))));
        row.damaged += usize::from(faults.iter().any(|fault| matches!(fault, Fault::Damaged(_))));
        let command = known.step.arguments.iter().take(2).cloned().collect::<Vec<_>>().join(" ");
        for fault in faults {
            let (kind, what) = match fault {
                Fault::Lost(what) => ("LOST", what),
                Fault::Damaged(what) => ("DAMAGED", what),
            };
            row.faults.insert(format!("{kind}: {}, twin {command}, {place}: {what}", self.name));
        }
    }

    fn faults(&self, known: &Known, told: &Told<'_>) -> Vec<Fault> {
        // Whoever opens the home next clears up.
        let found = self.scene.ask(0, &["session", "list", "--json"]).and_then(|_| lines(self.scene, 1));
        let mut faults = match found {
            Ok(found) => judge(&known.step, &known.before, &known.after, &found, told),
            Err(error) => vec![Fault::Damaged(error)],
        };
        let mut reached = !(known.step.reaches && told.acknowledges());
        for (home, arguments) in &known.step.again {
            let settled = self.scene.ask(*home, arguments).and_then(|_| lines(self.scene, 2));
            match settled {
                Ok(settled) if !reached => {
                    reached = true;
                    let other = |lines: &Lines| -> Lines {
                        lines.iter().filter(|line| line.starts_with("other ")).cloned().collect()
                    };
                    if other(&settled) != other(&known.settled) {
                        faults.push(Fault::Lost("it had not reached the other home".to_owned()));
                    }
                }
                Ok(_) => {}
                Err(error) => faults.push(Fault::Damaged(error)),
            }
        }
        if !known.step.again.is_empty() {
            match lines(self.scene, 2) {
                Ok(settled) if settled == known.settled => {}
                Ok(settled) => {
                    let missing = known.settled.iter().find(|line| !settled.contains(line));
                    let more = settled.iter().find(|line| !known.settled.contains(line));
                    faults.push(Fault::Damaged(format!("run again: without {missing:?}, with {more:?}")));
                }
                Err(error) => faults.push(Fault::Damaged(error)),
            }
        }
        faults
    }
}

/// Runs a command as it should go, and leaves the scene as it is afterwards.
fn known(scene: &Scene, step: Step, number: usize, traced: bool) -> Known {
    let read = || lines(scene, 1).unwrap_or_else(|error| panic!("{error}"));
    let before = if step.unread { Lines::new() } else { read() };
    let kept = format!("before-{number}");
    scene.keep(&kept);
    let twin = scene.twin(0, &step.arguments);
    let file = scene.outside("calls");
    let mut command = if traced { trace::recorded(&twin, &file) } else { twin };
    command.stdin(scene.typed(&step.arguments));
    let start = Instant::now();
    let output = command.output().expect("`twin` can be started");
    let took = start.elapsed();
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    let calls = if traced { trace::read(&file) } else { Vec::new() };
    // Looking has traces of its own.
    scene.keep("after");
    let after = read();
    let before = if step.unread { after.clone() } else { before };
    if traced {
        scene.back(&kept);
        let mut disk = Disk::of(&scene.root(), false);
        disk.replay(&calls, None);
        let (seen, is) = (disk.seen(), files(scene));
        for path in seen.keys().chain(is.keys()) {
            let (seen, is) = (seen.get(path), is.get(path));
            assert!(seen == is, "{}: what was recorded is not what is there", path.display());
        }
        assert_eq!(disk.told, output.stdout, "what was recorded is not what was told");
        scene.back("after");
    }
    for (home, arguments) in &step.again {
        scene.run(*home, arguments);
    }
    let settled = if step.again.is_empty() { Lines::new() } else { lines(scene, 2).unwrap_or_default() };
    scene.back("after");
    Known { step, kept, before, after, settled, calls, took }
}

/// Every file as it was kept after the command.
fn files(scene: &Scene) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = Disk::of(&scene.outside("after"), false).seen();
    found.retain(|path, _| !disk::is_shared(path));
    found
}
