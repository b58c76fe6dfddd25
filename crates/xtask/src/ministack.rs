//! MiniStack, a Bedrock server that is not ours, and boto3, a Bedrock client that is not ours, in a Python environment of
//! their own outside the checkout.

use crate::command::{Outcome, cache, command, output, run};
use crate::say;
use std::path::PathBuf;

const VERSION: &str = "1.5.33";
const BOTO3: &str = "1.43.106";

/// The program, installed first if it is not there in this version.
pub(crate) fn program() -> Outcome<PathBuf> {
    let folder = folder()?;
    let python = python()?;
    let program = folder.join("bin/ministack");
    let ask = "import importlib.metadata as m; print(m.version('ministack'), m.version('boto3'))";
    let wanted = format!("{VERSION} {BOTO3}");
    if output(&python.to_string_lossy(), &["-c", ask]) == Some(wanted) && program.exists() {
        return Ok(program);
    }
    say(format_args!("MiniStack {VERSION} (stands in for Amazon Bedrock) goes to {}", folder.display()));
    // --clear: what an interrupted installation left behind is not worth mending.
    run(command("python3", &["-m", "venv", "--clear"]).arg(&folder))?;
    let packages = [format!("ministack=={VERSION}"), format!("boto3=={BOTO3}")];
    run(command(&python, &["-m", "pip", "install", "--quiet"]).args(packages))?;
    Ok(program)
}

/// Where the Python is that has both, once [`program`] has installed them.
pub(crate) fn python() -> Outcome<PathBuf> {
    Ok(folder()?.join("bin/python"))
}

fn folder() -> Outcome<PathBuf> {
    Ok(cache()?.join("ministack"))
}
