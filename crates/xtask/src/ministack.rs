//! Programs that judge ours and are not ours, in a Python environment of their own outside the checkout: MiniStack, a server
//! of Bedrock and S3; moto, another server of S3; boto3, a client of Bedrock.

use crate::command::{Outcome, cache, command, output, run};
use crate::say;
use std::path::PathBuf;

/// Each with its version. What moto itself says that its server needs is for every service of AWS, and 300 MB.
const PACKAGES: [(&str, &str); 5] = [
    ("ministack", "1.5.33"),
    ("boto3", "1.43.106"),
    ("moto[s3]", "5.2.5"),
    ("flask", "3.1.3"),
    ("flask-cors", "6.0.5"),
];

/// The program, installed first if it is not there in this version.
pub(crate) fn program() -> Outcome<PathBuf> {
    let folder = folder()?;
    let python = python()?;
    let program = folder.join("bin/ministack");
    let wanted = PACKAGES.map(|(_, version)| version).join(" ");
    let names = PACKAGES.map(|(name, _)| format!("'{}'", name.trim_end_matches("[s3]"))).join(", ");
    let ask = format!("import importlib.metadata as m; print(*(m.version(name) for name in ({names})))");
    if output(&python.to_string_lossy(), &["-c", &ask]) == Some(wanted) && program.exists() {
        return Ok(program);
    }
    say(format_args!("MiniStack and moto (they stand in for Amazon's servers) go to {}", folder.display()));
    // --clear: what an interrupted installation left behind is not worth mending.
    run(command("python3", &["-m", "venv", "--clear"]).arg(&folder))?;
    let packages = PACKAGES.map(|(name, version)| format!("{name}=={version}"));
    run(command(&python, &["-m", "pip", "install", "--quiet"]).args(packages))?;
    Ok(program)
}

/// Where the Python is that has them, once [`program`] has installed them.
pub(crate) fn python() -> Outcome<PathBuf> {
    Ok(folder()?.join("bin/python"))
}

fn folder() -> Outcome<PathBuf> {
    Ok(cache()?.join("ministack"))
}
