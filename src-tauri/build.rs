//! Tauri's code generation, with a permission for the commands: while an application declares none, every window that shows a page
//! of its own may call all of them, whatever it is called.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script has no app::paths to ask, and names its one file itself"
)]

use std::error::Error;
use std::path::PathBuf;
use tauri_build::{AppManifest, Attributes};

/// Where the commands are listed, and between what.
const LIST: &str = "src/lib.rs";
const BEGIN: &str = "collect_commands![";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={LIST}");
    let file = PathBuf::from(std::env::var("OUT_DIR")?).join("permissions/command.toml");
    let (source, folder) = (std::fs::read_to_string(LIST)?, file.parent().ok_or("there is no folder")?);
    let listed = source.split_once(BEGIN).and_then(|(_, rest)| rest.split_once(']'));
    let (listed, _) = listed.ok_or("the list of commands was not found")?;
    let names = listed.split(',').filter_map(|path| Some(path.trim().rsplit("::").next()?.trim()));
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let written = format!(
        "[[permission]]\nidentifier = \"every-command\"\ndescription = \"Every command of the program.\"\n\
         commands.allow = {names:?}\n"
    );
    std::fs::create_dir_all(folder)?;
    // Written only if it is another: its time is watched.
    if std::fs::read_to_string(&file).ok().as_ref() != Some(&written) {
        std::fs::write(&file, written)?;
    }
    let pattern: &'static str = Box::leak(file.display().to_string().into_boxed_str());
    let manifest = AppManifest::new().permissions_path_pattern(pattern);
    tauri_build::try_build(Attributes::new().app_manifest(manifest))?;
    Ok(())
}
