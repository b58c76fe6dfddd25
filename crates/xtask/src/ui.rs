//! The window's pages: their packages and their build.

use crate::command::{Outcome, command, root, run};
use crate::say;
use std::process::Command;

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
