//! cargo-deny, which judges the crates by `deny.toml`, outside the checkout and in one version.

use crate::command::{Outcome, cache, cargo, command, output, run};
use crate::say;
use std::path::PathBuf;
use std::process::Command;

const VERSION: &str = "0.20.2";

/// Licences, banned crates and where crates come from. Needs no more than the lock file and the crates themselves.
pub(crate) fn check() -> Outcome {
    // Versions that are there twice are in the tree of others; all of them, each time, would bury what counts.
    run(&mut deny(&["--locked", "check", "--allow", "duplicate", "licenses", "bans", "sources"])?)
}

/// Known holes, abandoned crates and withdrawn versions; `false` if the database of them cannot be had.
pub(crate) fn advisories() -> Outcome<bool> {
    if run(&mut deny(&["--locked", "fetch", "db"])?).is_err() {
        return Ok(false);
    }
    run(&mut deny(&["--locked", "check", "advisories"])?).map(|()| true)
}

fn deny(arguments: &[&str]) -> Outcome<Command> {
    Ok(command(program()?, arguments))
}

/// The program, built first if it is not there in this version.
fn program() -> Outcome<PathBuf> {
    let folder = cache()?.join("cargo-deny");
    let program = folder.join("bin").join(if cfg!(windows) { "cargo-deny.exe" } else { "cargo-deny" });
    if output(&program.to_string_lossy(), &["--version"]) == Some(format!("cargo-deny {VERSION}")) {
        return Ok(program);
    }
    say(format_args!("cargo-deny (it judges licences and sources of crates) is built once, into {}", folder.display()));
    // Not optimised: that takes several times as long, and saves seconds of a run.
    let mut install =
        cargo(&["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--force", "--root"]);
    // Its own temporary target folder, because in ours its hundred megabytes would stay.
    install.arg(&folder).env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "0");
    run(&mut install)?;
    Ok(program)
}
