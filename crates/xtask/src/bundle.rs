//! `cargo xtask bundle`: the packages that people install, and whether they can be installed, used and removed.

use crate::command::{Outcome, cache, command, output, run, target};
use crate::ui::NPM;
use crate::window::{driver, prepare, unshared};
use crate::{say, supply, system};
use std::path::{Path, PathBuf};

/// Tauri's own, fetched when it is needed. No package of `ui/`: a lock file would need its builds for every system, of which a
/// registry may keep some only.
const BUNDLER: &str = "--package=@tauri-apps/cli@2.12.5";

/// What stands for an application on Electron: Chromium as Debian has it.
const CHROMIUM: [&str; 2] = ["chromium", "chromium-common"];
/// The share of it that an installation may have.
const TARGET: f64 = 0.15;

/// A format of packages, its commands working below a folder that stands for `/`. Both formats' own lists lie in `LISTS` there.
struct Format {
    name: &'static str,
    install: &'static [&'static str],
    /// Followed by the package's name, which `ask` prints.
    remove: &'static [&'static str],
    ask: &'static [&'static str],
    /// Kibibytes.
    size: fn(&str) -> Option<f64>,
}

const LISTS: &str = "var/lib";

/// Without what they need: that is of the machine, which runs the program, and not in the folder.
const FORMATS: [Format; 2] = [
    Format {
        name: "deb",
        install: &["dpkg", "--root=/", "--force-depends", "--log=/dev/null", "--install"],
        remove: &["dpkg", "--root=/", "--log=/dev/null", "--purge"],
        ask: &["dpkg-deb", "--show", "--showformat=${Package}"],
        size: |file| output("dpkg-deb", &["--show", "--showformat=${Installed-Size}", file])?.parse().ok(),
    },
    Format {
        name: "rpm",
        install: &["rpm", "--root=/", "--dbpath=/var/lib/rpm", "--nodeps", "--install"],
        remove: &["rpm", "--root=/", "--dbpath=/var/lib/rpm", "--nodeps", "--erase"],
        ask: &["rpm", "--query", "--package", "--queryformat=%{NAME}"],
        size: |file| {
            let bytes: f64 =
                output("rpm", &["--query", "--package", "--queryformat=%{LONGSIZE}", file])?.parse().ok()?;
            Some(bytes / 1024.0)
        },
    },
];

/// Builds the packages, and tries each.
pub(crate) fn make() -> Outcome {
    let needed = [system::WINDOW, system::TESTS, system::BUNDLES].concat();
    system::packages(&needed, "build packages and try them")?;
    prepare("release")?;
    supply::prepare()?;
    let folder = target("release")?.join("bundle");
    if folder.exists() {
        fs_err::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    run(&mut command(NPM, &["exec", "--yes", BUNDLER, "--", "tauri", "bundle", "--bundles", "deb,rpm"]))?;
    let chromium = chromium();
    for format in &FORMATS {
        let file = only_file(&folder.join(format.name), format.name)?;
        let told = tried(format, &file)?;
        let size = (format.size)(&file.to_string_lossy()).ok_or("the package does not tell its size")?;
        let share = chromium.map_or_else(
            || "no Chromium to compare with".to_owned(),
            |chromium| {
                let met = if size / chromium <= TARGET { "met" } else { "missed" };
                format!("{:.3} of Debian's Chromium, {TARGET} is {met}", size / chromium)
            },
        );
        println!("{}: {:.1} MiB installed, {share}; {told}", format.name, size / 1024.0);
        say(format_args!("it lies in {}", file.display()));
    }
    Ok(())
}

fn chromium() -> Option<f64> {
    let sizes = CHROMIUM.map(|package| {
        let told = output("apt-cache", &["show", "--no-all-versions", package])?;
        told.lines().find_map(|line| line.strip_prefix("Installed-Size: ")?.parse::<f64>().ok())
    });
    sizes.into_iter().sum()
}

/// The package in a folder that holds one.
fn only_file(folder: &Path, extension: &str) -> Outcome<PathBuf> {
    let entries = fs_err::read_dir(folder).map_err(|error| error.to_string())?.flatten();
    let mut files =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|has| has == extension));
    files.next().ok_or_else(|| format!("no package was written to {}", folder.display()))
}

/// Installs it below a folder, uses the program as on the first day, and removes it again. Nothing outside of the folder is
/// written: neither package has a script of its own.
fn tried(format: &Format, file: &Path) -> Outcome<String> {
    let top = cache()?.join("installed");
    let clear = || if top.exists() { fs_err::remove_dir_all(&top).map_err(|error| error.to_string()) } else { Ok(()) };
    clear()?;
    for folder in ["dpkg/info", "dpkg/updates", "dpkg/triggers", "rpm"] {
        fs_err::create_dir_all(top.join(LISTS).join(folder)).map_err(|error| error.to_string())?;
    }
    fs_err::write(top.join(LISTS).join("dpkg/status"), "").map_err(|error| error.to_string())?;
    let below = |arguments: &[&str], last: &str| {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| argument.replace("--root=/", &format!("--root={}", top.display())))
            .collect();
        let mut command = command(&arguments[0], &[]);
        command.args(&arguments[1..]).arg(last);
        run(&mut unshared(&["--mount"], &command))
    };
    let shown = file.to_string_lossy();
    let name =
        output(format.ask[0], &[&format.ask[1..], &[&shown]].concat()).ok_or("the package does not tell its name")?;
    if format.name == "deb" {
        run(&mut command("apt-get", &["install", "--simulate", "--quiet", &shown]))?;
    }
    below(format.install, &shown)?;
    run(driver("first_day", "release")?.arg(top.join("usr/bin/digital-twin")))?;
    below(format.remove, &name)?;
    let left = files(&top)?;
    let left: Vec<_> =
        left.iter().filter_map(|path| path.strip_prefix(&top).ok()).filter(|path| !path.starts_with(LISTS)).collect();
    if !left.is_empty() {
        return Err(format!("removing the {} leaves {left:?}", format.name));
    }
    clear()?;
    say(format_args!("the {} was installed, used and removed", format.name));
    Ok("installed, used and removed, nothing left".to_owned())
}

fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).map_err(|error| error.to_string())? {
            let path = entry.map_err(|error| error.to_string())?.path();
            if path.is_dir() && !path.is_symlink() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}
