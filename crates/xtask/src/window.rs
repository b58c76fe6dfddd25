//! The tasks that need the built window: opening it, photographing it, killing it.

use crate::command::{Outcome, cargo, command, output, root, run, run_tests, target};
use crate::{ministack, say, system, ui};
use std::path::Path;
use std::process::Command;

/// The UI must be inside the binary; without this feature a debug build looks for Vite's development server.
pub(crate) const FEATURES: &[&str] = &["--features", "digital-twin/custom-protocol"];

/// Installs, builds and opens the window.
pub(crate) fn open(release: bool) -> Outcome {
    system::packages(system::WINDOW, "build and open the window")?;
    system::node()?;
    ui::install()?;
    ui::build()?;
    say("the first build takes some minutes, later ones seconds");
    let mut arguments = vec!["run", "-p", "digital-twin", "--features", "custom-protocol"];
    arguments.extend(release.then_some("--release"));
    run(&mut cargo(&arguments))
}

/// Builds the window and runs the window tests, or those whose names hold a text.
pub(crate) fn test(only: Option<&str>) -> Outcome {
    prepare("debug")?;
    build_others(&[BARE, UNDEFENDED], "debug")?;
    run_tests(&mut window_tests(only)?)
}

/// What runs them, once everything is built; with the features of everything else, so that nothing is compiled twice.
pub(crate) fn window_tests(only: Option<&str>) -> Outcome<Command> {
    let mut tests = cargo(&["test", "--workspace", "--exclude", "xtask", "--test", "window"]);
    tests.args(FEATURES).args(only);
    told(tests, "debug")
}

/// Photographs every screen.
pub(crate) fn screens() -> Outcome {
    prepare("debug")?;
    run(&mut driver("screens", "debug")?)
}

/// Cuts the program off again and again: `--rounds=N` kills it, `--cuts=N` cuts the power.
pub(crate) fn kills(how: &str, seed: Option<u64>, flow: Option<&str>, sync: bool, s3: Option<&str>) -> Outcome {
    prepare("debug")?;
    let mut kills = driver("kills", "debug")?;
    kills.arg(how);
    kills.args(seed.map(|seed| format!("--seed={seed}")));
    kills.args(flow.map(|flow| format!("--flow={flow}")));
    kills.args(sync.then_some("--sync"));
    kills.args(s3.map(|server| format!("--s3={server}")));
    run(&mut kills)
}

/// Uses the window for a day.
pub(crate) fn soak(turns: u32, release: bool) -> Outcome {
    let profile = if release { "release" } else { "debug" };
    prepare(profile)?;
    run(driver("soak", profile)?.args(["--turns", &turns.to_string()]))
}

/// Shows texts that attack, in a network namespace: whatever the window asks for is counted there, and reaches nobody.
pub(crate) fn attacks(payloads: Option<&Path>, only: Option<&str>) -> Outcome {
    system::packages(system::ATTACKS, "give the window a network of its own")?;
    prepare("debug")?;
    build_others(&[BARE, UNDEFENDED], "debug")?;
    // Its own mounts, too: it names its own server of names.
    let mut inside = unshared(&["--net", "--mount"], &driver("attacks", "debug")?);
    if let Some(file) = payloads {
        // It runs in the root of the repository.
        inside.arg("--payloads").arg(std::path::absolute(file).map_err(|error| error.to_string())?);
    }
    inside.args(only.map(|only| format!("--only={only}")));
    run(&mut inside)
}

/// Harms a home by damages, full disks and wrong clocks, with mounts of its own.
pub(crate) fn harms(rounds: u32, seed: Option<u64>, only: Option<&str>, one: Option<u32>) -> Outcome {
    system::packages(system::HARMS, "set the clock of one program")?;
    prepare("debug")?;
    let mut inside = unshared(&["--mount"], &driver("harms", "debug")?);
    inside.args(["--rounds", &rounds.to_string()]);
    inside.args(seed.map(|seed| format!("--seed={seed}")));
    inside.args(only.map(|only| format!("--only={only}")));
    inside.args(one.map(|one| format!("--one={one}")));
    run(&mut inside)
}

/// The command in namespaces of its own. Root is needed for them, or one more in which one is root.
pub(crate) fn unshared(namespaces: &[&str], program: &Command) -> Command {
    let root = output("id", &["-u"]).as_deref() == Some("0");
    let own: &[&str] = if root { &[] } else { &["--user", "--map-root-user"] };
    let mut inside = command("unshare", &[own, namespaces].concat());
    inside.arg(program.get_program()).args(program.get_args());
    inside.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    inside
}

/// Everything that must be there before the window can be driven.
pub(crate) fn prepare(profile: &str) -> Outcome {
    system::packages(&[system::WINDOW, system::TESTS].concat(), "build the window and drive it in tests")?;
    system::node()?;
    ui::install()?;
    ui::build()?;
    build(profile)
}

/// Builds every binary, in one go: one set of features, so that no dependency is compiled twice.
pub(crate) fn build(profile: &str) -> Outcome {
    let mut arguments = vec!["build", "--workspace", "--exclude", "xtask", "--bins"];
    arguments.extend(FEATURES);
    arguments.extend((profile == "release").then_some("--release"));
    run(&mut cargo(&arguments))
}

/// Builds windows that the product's is held against: one without any of it, one without its defences. With the features of
/// everything else: alone, the window's dependencies would be compiled once more.
pub(crate) fn build_others(windows: &[&str], profile: &str) -> Outcome {
    let mut arguments = vec!["build", "--workspace", "--exclude", "xtask"];
    arguments.extend(windows.iter().flat_map(|window| ["--example", window]));
    arguments.extend(FEATURES);
    arguments.extend((profile == "release").then_some("--release"));
    run(&mut cargo(&arguments))
}

/// In it, key to paint and the like are what the machine and the web view cost alone.
pub(crate) const BARE: &str = "bare_window";
/// In it, attacks must show, or their harness proves nothing.
pub(crate) const UNDEFENDED: &str = "undefended";

/// One of the programs of `twin-e2e`, already built.
pub(crate) fn driver(name: &str, profile: &str) -> Outcome<Command> {
    told(command(target(profile)?.join(name), &[]), profile)
}

/// Tells a command of `twin-e2e` where the binaries and the tools are.
fn told(mut command: Command, profile: &str) -> Outcome<Command> {
    let folder = target(profile)?;
    command
        .env("TWIN_E2E_WINDOW", folder.join("digital-twin"))
        .env("TWIN_E2E_TWIN", folder.join("twin"))
        .env("TWIN_E2E_BARE_WINDOW", folder.join("examples/bare_window"))
        .env("TWIN_E2E_UNDEFENDED", folder.join("examples/undefended"))
        .env("TWIN_E2E_MINISTACK", ministack::program()?)
        .env("TWIN_E2E_SCREENS", root().join("screens"));
    Ok(command)
}
