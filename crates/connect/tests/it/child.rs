//! Tests that need an environment of their own run themselves again in a child process: the environment of a process
//! is shared by all its threads, so it cannot be changed under the other tests.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

const MARK: &str = "TWIN_CONNECT_CHILD";

/// Whether this process is such a child, and for which case.
pub(crate) fn case() -> Option<String> {
    std::env::var_os(MARK).map(|case| case.into_string().unwrap())
}

/// The command that runs `test` again as the child for `case`, with nothing in its environment but `PATH` and a home.
pub(crate) fn command(prefix: &[&str], test: &str, case: &str, home: &std::path::Path) -> Command {
    let this = std::env::current_exe().unwrap();
    let words: Vec<&OsStr> = prefix.iter().map(OsStr::new).chain([this.as_os_str()]).collect();
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env(MARK, case)
        .stdin(Stdio::null());
    command
}

/// Runs the child and fails with its words if it failed, or if it found no such test to run.
pub(crate) fn pass(mut command: Command) {
    let output = command.output().unwrap();
    let words = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && words.contains("1 passed"), "the child failed:\n{words}");
}
