//! The window's pages: their packages and their build.

use crate::command::{Outcome, command, root, run};
use crate::say;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

/// npm is a script on Windows, which is started only by its full name.
pub(crate) const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// npm with these arguments, in `ui/`.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut npm = command(NPM, arguments);
    npm.current_dir(root().join("ui"));
    npm
}

/// Installs the packages, but only when the lock file is not the one that was installed last.
pub(crate) fn install() -> Outcome {
    let lock = fs_err::read(root().join("ui/package-lock.json")).map_err(|error| error.to_string())?;
    // A copy of the lock file, inside what it describes: removing node_modules removes the stamp as well.
    let stamp = root().join("ui/node_modules/.installed-package-lock.json");
    if fs_err::read(&stamp).is_ok_and(|installed| installed == lock) {
        say("the UI's packages are up to date");
        return Ok(());
    }
    run(&mut npm(&["ci"]))?;
    fs_err::write(stamp, lock).map_err(|error| error.to_string())
}

/// Known holes in the packages, also in those that only build and test; `false` if the registry does not answer that question.
pub(crate) fn audit() -> Outcome<bool> {
    let answer =
        npm(&["audit", "--json"]).output().map_err(|error| format!("`npm audit` could not be started: {error}"))?;
    let report: Value = serde_json::from_slice(&answer.stdout).unwrap_or_default();
    let Some(found) = report["vulnerabilities"].as_object() else {
        say(format_args!("npm audit: {}", report["message"].as_str().unwrap_or("no answer that could be read")));
        return Ok(false);
    };
    if found.is_empty() {
        return Ok(true);
    }
    let found =
        found.iter().map(|(name, about)| format!("{name} ({})", about["severity"].as_str().unwrap_or("unknown")));
    Err(format!("packages of the page with known holes, see `npm audit`: {}", found.collect::<Vec<_>>().join(", ")))
}

/// All that `npm run build` reads, to build or to check.
const SOURCES: [&str; 7] =
    ["index.html", "package-lock.json", "package.json", "src", "test", "tsconfig.json", "vite.config.ts"];

/// Builds the pages, unless they are built from what is there now: new files, even with the same content, make cargo link
/// the window again, which takes minutes in a release.
pub(crate) fn build() -> Outcome {
    let folder = root().join("ui");
    let sources = state(&folder)?;
    let stamp = folder.join("dist.stamp");
    let built = fs_err::read_to_string(&stamp).is_ok_and(|built| built == sources);
    if built && folder.join("dist/index.html").exists() {
        say("the UI's pages are up to date");
        return Ok(());
    }
    // A build that breaks off must not count. An error means that there was none.
    let _ = fs_err::remove_file(&stamp);
    run(&mut npm(&["run", "build"]))?;
    fs_err::write(stamp, sources).map_err(|error| error.to_string())
}

/// Each file of the sources with its length and when it was changed. What is edited while the pages are built differs from
/// what was seen before.
fn state(folder: &Path) -> Outcome<String> {
    let mut files: Vec<PathBuf> = SOURCES.map(|source| folder.join(source)).into();
    let mut lines = Vec::new();
    while let Some(path) = files.pop() {
        let about = fs_err::metadata(&path).map_err(|error| error.to_string())?;
        if about.is_dir() {
            for entry in fs_err::read_dir(&path).map_err(|error| error.to_string())? {
                files.push(entry.map_err(|error| error.to_string())?.path());
            }
        } else {
            let changed = about.modified().map_err(|error| error.to_string())?;
            let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
            lines.push(format!("{changed} {} {}\n", about.len(), path.display()));
        }
    }
    lines.sort();
    Ok(lines.concat())
}
