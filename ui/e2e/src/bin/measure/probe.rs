//! How long the main thread of the web view runs, seen from outside of it.
//!
//! The kernel counts how long each thread has been on a processor, and the first thread of WebKit's web process is the one
//! that runs scripts, computes style and layout and records what is painted. The page cannot notice that it is read, it is
//! not slowed down, and time that another program took from it is not counted. What is not seen: the threads beside it that
//! compile, collect garbage, decode pictures and put the layers together, and our own process, which sends the pieces
//! (`cargo xtask bench --only core` has that).
//!
//! The count is that of `perf_event_open`, which is exact at every reading. `/proc` brings a running thread's up to date at the
//! kernel's ticks only, every 4 ms: with it the work of one frame was counted for its neighbour.

use perf_event::events::Software;
use perf_event::{Builder, Counter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use twin_e2e::process::{descendants, program};

const EVERY: Duration = Duration::from_millis(1);

/// Begins to stamp the page's frames, each at the beginning of its rendering. An animation callback of its own is all that
/// it adds.
pub(crate) const STAMP_FRAMES: &str = "
    window.benchFrames = [];
    const stamp = () => { window.benchFrames?.push(Date.now()); if (window.benchFrames) requestAnimationFrame(stamp); };
    requestAnimationFrame(stamp);";
/// Ends it, and gives the stamps in milliseconds since 1970.
pub(crate) const TAKE_FRAMES: &str = "const frames = window.benchFrames; window.benchFrames = null; return frames;";

/// A reading a millisecond, until it is taken.
pub(crate) struct Probe {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Readings>,
}

impl Probe {
    /// Of the web view that `application` opened first.
    pub(crate) fn start(application: u32) -> Self {
        let mut time = time_of_main_thread(web_process(application));
        let done = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let done = Arc::clone(&done);
            move || {
                let mut readings = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let used = Duration::from_nanos(time.read().expect("the web process runs"));
                    readings.push((now(), used.as_secs_f64() * 1000.0));
                    std::thread::sleep(EVERY);
                }
                Readings(readings)
            }
        });
        Self { done, thread }
    }

    pub(crate) fn take(self) -> Readings {
        self.done.store(true, Ordering::Relaxed);
        self.thread.join().expect("the probe does not panic")
    }
}

/// When, in milliseconds since 1970, and how many milliseconds the thread had run by then.
pub(crate) struct Readings(Vec<(f64, f64)>);

impl Readings {
    /// Milliseconds that it ran in all.
    pub(crate) fn all(&self) -> f64 {
        self.at(f64::INFINITY) - self.at(0.0)
    }

    /// Milliseconds that it ran between two moments.
    pub(crate) fn between(&self, from: f64, to: f64) -> f64 {
        self.at(to) - self.at(from)
    }

    fn at(&self, moment: f64) -> f64 {
        let next = self.0.partition_point(|(at, _)| *at < moment).min(self.0.len() - 1);
        self.0[next].1
    }
}

/// Counts the nanoseconds that the first thread of a process runs from now on.
fn time_of_main_thread(process: u32) -> Counter {
    let thread = process.try_into().expect("processes have small numbers");
    let time = Builder::new(Software::TASK_CLOCK).observe_pid(thread).any_cpu().build();
    let mut time = time.expect("the kernel counts for us, as it does where `kernel.perf_event_paranoid` is 2 or less");
    time.enable().expect("a count can begin");
    time
}

/// The web process that was started first: that of the main window.
fn web_process(application: u32) -> u32 {
    let is_web = |process: &u32| program(*process).is_some_and(|program| program.ends_with("WebKitWebProcess"));
    descendants(application).into_iter().filter(is_web).min().expect("the window has a web process")
}

/// Milliseconds since 1970, as the page's `Date.now()` but finer.
#[expect(clippy::disallowed_methods, reason = "a reference without the product's crates has no app::clock to ask")]
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970").as_secs_f64() * 1000.0
}
