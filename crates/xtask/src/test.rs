//! `cargo xtask test`: every check there is, one after the other, and a table at the end.

use crate::command::{Outcome, cargo, command, output, root, run, run_tests};
use crate::window::{BARE, FEATURES, UNDEFENDED, build, build_others, driver, window_tests};
use crate::{deny, ministack, say, supply, system, ui};
use std::time::{Duration, Instant};

/// How often the short loop kills the program; `cargo xtask kills` is the long one.
const KILLS: &str = "20";

/// How often it cuts the power, one cut for each flow and some on a disk that lies; `cargo xtask cuts` is the long one.
const CUTS: &str = "60";

/// Where the inputs of property tests are drawn from, unless the environment says otherwise: what turns red is what was changed.
/// `cargo nextest run` alone draws others each time.
const INPUTS: (&str, &str) = ("PROPTEST_RNG_SEED", "20261122");

/// The targets of `fuzz/` that need all of the program, which the others are built without.
const PROGRAM: [&str; 2] = ["import", "stream"];

/// Worlds from seeds, by the crate itself: this one imports nothing of the product.
pub(crate) fn simulate(seeds: u64, from: u64) -> Outcome {
    let mut worlds = cargo(&["run", "--package", "twin-sync", "--example", "simulate", "--"]);
    run(worlds.args([seeds.to_string(), from.to_string()]))
}

/// One of the parsers that `fuzz/` feeds. Without sanitizers: our own code is safe Rust, and what is looked for are panics.
pub(crate) fn fuzz(target: &str, minutes: u64) -> Outcome {
    let folder = |name: &str| format!("fuzz/{name}/{target}");
    fs_err::create_dir_all(root().join(folder("corpus"))).map_err(|error| error.to_string())?;
    let mut fuzz = command("rustup", &["run", "nightly", "cargo", "fuzz", "run", "--sanitizer=none"]);
    if PROGRAM.contains(&target) {
        fuzz.args(["--features", "program"]);
    }
    fuzz.args([target, &folder("corpus"), &folder("seeds"), "--"]);
    run(fuzz.args([
        format!("-max_total_time={}", minutes * 60),
        "-timeout=30".to_owned(),
        "-rss_limit_mb=4096".to_owned(),
    ]))
}

/// Runs every check, also after one has failed, except those that have nothing left to stand on.
pub(crate) fn run_all(quick: bool) -> Outcome {
    let mut steps = Steps::default();
    let ready = steps.run("system packages", || {
        system::packages(&[system::WINDOW, system::TESTS].concat(), "build the window and test it")?;
        system::node()
    });
    if !ready {
        return steps.finish();
    }
    let tools = quick || steps.run("MiniStack", || ministack::program().map(drop));

    steps.run("format", || run(&mut cargo(&["fmt", "--all", "--check"])));
    if steps.run("UI packages", ui::install) {
        steps.run("UI lint", || run(&mut ui::npm(&["run", "lint"])));
        steps.run("UI tests", || run_tests(&mut ui::npm(&["test"])));
        // Before any Rust: the built pages are compiled into the window.
        steps.run("UI build", ui::build);
        steps.run("supply", supply::write);
        steps.run_if_possible("advisories of packages", || {
            ui::audit().map(|done| if done { Reach::All } else { Reach::Nothing("the registry keeps none") })
        });
    }
    steps.run("crates", deny::check);
    steps.run_if_possible("advisories of crates", || {
        deny::advisories()
            .map(|done| if done { Reach::All } else { Reach::Nothing("RustSec's database cannot be fetched here") })
    });
    steps.run("clippy", || {
        run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]))
    });
    if !quick {
        steps.run("documentation", || {
            let mut doc = cargo(&["doc", "--workspace", "--no-deps", "--all-features"]);
            run(doc.env("RUSTDOCFLAGS", "-D warnings"))
        });
    }
    steps.run("Rust tests", || rust_tests(quick));
    if quick {
        return steps.finish();
    }
    if !cfg!(target_os = "linux") {
        say("the window tests are left out: only WebKitGTK's driver, on Linux, can drive the window");
        return steps.finish();
    }
    if steps.run("window build", || build("debug").and_then(|()| build_others(&[BARE, UNDEFENDED], "debug"))) && tools {
        steps.run_if_possible("kills and power cuts", || {
            run_tests(driver("kills", "debug")?.args(["--rounds", KILLS, "--cuts", CUTS]))?;
            // Without strace it kills at random moments alone.
            Ok(if system::traces() {
                Reach::All
            } else {
                Reach::Nothing("named calls and power cuts: strace may watch nothing here")
            })
        });
        for place in [None, Some("--s3=ministack"), Some("--s3=moto")] {
            let mut arguments = vec!["--sync", "--rounds", KILLS];
            arguments.extend(place);
            steps.run("kills of syncing", || run_tests(driver("kills", "debug")?.args(&arguments)));
        }
        steps.run("window tests", || run_tests(&mut window_tests(None)?));
    }
    steps.finish()
}

fn rust_tests(quick: bool) -> Outcome {
    let rooms = [&["--workspace", "--exclude", "twin-e2e"], FEATURES].concat();
    let has_nextest = output("cargo", &["nextest", "--version"]).is_some();
    let first: &[&str] = if has_nextest { &["nextest", "run", "--no-fail-fast"] } else { &["test"] };
    let mut tests = cargo(&[first, &rooms[..]].concat());
    if !quick {
        tests.env("TWIN_TEST_PYTHON", ministack::python()?);
    }
    if std::env::var_os(INPUTS.0).is_none() {
        tests.env(INPUTS.0, INPUTS.1);
    }
    run_tests(&mut tests)?;
    if !has_nextest {
        return Ok(());
    }
    // nextest does not run the examples in the documentation.
    run_tests(&mut cargo(&[&["test", "--doc"], &rooms[..]].concat()))
}

/// How far a check came that did not fail.
enum Reach {
    All,
    /// Nothing was checked, for this reason, which is no fault of the project.
    Nothing(&'static str),
}

/// What was run, how long it took, and why it failed.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration, Outcome<Reach>)>);

impl Steps {
    /// Runs one and remembers it; whether it succeeded.
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Outcome) -> bool {
        self.run_if_possible(name, || step().map(|()| Reach::All))
    }

    /// As [`run`](Self::run), for what depends on a service that not every machine reaches.
    fn run_if_possible(&mut self, name: &'static str, step: impl FnOnce() -> Outcome<Reach>) -> bool {
        say(format_args!("{name} ─────────────────────────────"));
        let start = Instant::now();
        let outcome = step();
        if outcome.is_err() {
            say(format_args!("FAILED: {name}"));
        }
        self.0.push((name, start.elapsed(), outcome));
        self.0.last().is_some_and(|(_, _, outcome)| outcome.is_ok())
    }

    /// Prints the table; an error if any step failed.
    fn finish(self) -> Outcome {
        say("summary ─────────────────────────────");
        for (name, took, outcome) in &self.0 {
            let (mark, reason) = match outcome {
                Ok(Reach::All) => ("ok         ", String::new()),
                Ok(Reach::Nothing(reason)) => ("NOT CHECKED", format!(": {reason}")),
                Err(_) => ("FAILED     ", String::new()),
            };
            say(format_args!("{mark} {:>7.1} s  {name}{reason}", took.as_secs_f64()));
        }
        for (name, error) in self.0.iter().filter_map(|(name, _, outcome)| Some((name, outcome.as_ref().err()?))) {
            say(format_args!("{name}: {error}"));
        }
        let failed: Vec<_> = self.0.iter().filter(|(_, _, outcome)| outcome.is_err()).map(|(name, ..)| *name).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
    }
}
