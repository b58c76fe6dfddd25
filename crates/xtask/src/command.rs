//! Running other programs, and where things lie.

use crate::say;
use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// What a task gives back: an error is one sentence for the person who ran it.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// A program with its arguments, working in the root of the repository.
pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// The cargo that runs us, so that the whole run uses one toolchain. It is not told about the crate that we are: build scripts
/// that look at that (ring's does) would run anew, and all that needs them, after each build without us.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = command(environment("CARGO").unwrap_or_else(|| "cargo".into()), arguments);
    let ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(ours)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Runs it in front of the person and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = line(command);
    say(&line);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed ({status})")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// Lines at the end of what tests print: the names of those that failed stand there.
const TOLD_LAST: usize = 40;

/// Runs tests as [`run`] does; if they fail, the error ends with what they said last, which by the end of a long run has scrolled
/// far away.
pub(crate) fn run_tests(command: &mut Command) -> Outcome {
    let line = line(command);
    say(&line);
    let not_started = |error| format!("`{line}` could not be started: {error}");
    let (told, tell) = std::io::pipe().map_err(not_started)?;
    command.stdout(tell.try_clone().map_err(not_started)?).stderr(tell);
    let mut tests = command.spawn().map_err(not_started)?;
    // Our own ends of the pipe, or it would never end.
    command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
    let (give, last) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(told).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).into_owned();
            println!("{line}");
            // Nobody listens any more once the tests have ended.
            let _ = give.send(line);
        }
    });
    let mut kept = VecDeque::new();
    let mut keep = |line| {
        kept.push_back(line);
        if kept.len() > TOLD_LAST {
            kept.pop_front();
        }
    };
    // What the tests started may live on and hold the pipe open, so its end is not what is waited for.
    let status = loop {
        match last.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => keep(line),
            Err(RecvTimeoutError::Disconnected) => break tests.wait().map_err(not_started)?,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = tests.try_wait().map_err(not_started)? {
                    break status;
                }
            }
        }
    };
    last.try_iter().for_each(keep);
    let said = kept.into_iter().collect::<Vec<_>>().join("\n");
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status}):\n{said}")) }
}

/// Runs it quietly; its standard output if it succeeded, nothing otherwise.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = command(program, arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// An environment variable. This tool has no `app::paths` to ask.
pub(crate) fn environment(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    // Asked at run time: compiled in, it would be wrong once the target folder is shared by two checkouts.
    let manifest = environment("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.ancestors().nth(2).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where large things lie that a fresh checkout should not have to fetch again.
pub(crate) fn cache() -> Outcome<PathBuf> {
    let base = environment("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cache")))
        .ok_or("neither XDG_CACHE_HOME nor HOME is set: nowhere to keep the test tools")?;
    Ok(base.join("digital-twin"))
}

/// The folder of cargo's results for a profile (`debug` or `release`).
pub(crate) fn target(profile: &str) -> Outcome<PathBuf> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .map_err(|error| format!("`cargo metadata` could not be started: {error}"))?;
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout)
        .map_err(|error| format!("`cargo metadata` did not answer in JSON: {error}"))?;
    let folder = metadata["target_directory"].as_str().ok_or("`cargo metadata` names no target folder")?;
    Ok(Path::new(folder).join(profile))
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command.get_args().map(OsStr::to_string_lossy);
    std::iter::once(program).chain(arguments).collect::<Vec<_>>().join(" ")
}
