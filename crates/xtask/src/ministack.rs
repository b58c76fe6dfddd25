//! MiniStack, a Bedrock server that is not ours, in a Python environment of its own outside the checkout.

use crate::command::{Outcome, cache, command, output, run};
use crate::say;
use std::path::PathBuf;

const VERSION: &str = "1.5.33";

/// The program, installed first if it is not there in this version.
pub(crate) fn program() -> Outcome<PathBuf> {
    let folder = cache()?.join("ministack");
    let python = folder.join("bin/python");
    let program = folder.join("bin/ministack");
    let ask = "import importlib.metadata as m; print(m.version('ministack'))";
    if output(&python.to_string_lossy(), &["-c", ask]).as_deref() == Some(VERSION) && program.exists() {
        return Ok(program);
    }
    say(format_args!("MiniStack {VERSION} (stands in for Amazon Bedrock) goes to {}", folder.display()));
    // --clear: what an interrupted installation left behind is not worth mending.
    run(command("python3", &["-m", "venv", "--clear"]).arg(&folder))?;
    run(&mut command(&python, &["-m", "pip", "install", "--quiet", &format!("ministack=={VERSION}")]))?;
    Ok(program)
}
