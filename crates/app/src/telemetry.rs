//! What a program leaves behind of its running. Ids at info; what people say, never.

use crate::paths::{Paths, create_private_folder};
use std::sync::Mutex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// How much is logged: `error`, `warn`, `info`, `debug`, `trace` or `off`.
pub const LOG_VARIABLE: &str = "TWIN_LOG";

/// Larger logs are started afresh: one previous file is kept.
const MAX_LOG_BYTES: u64 = 5 * 1024 * 1024;

/// Starts logging into `logs/twin.log` of the home. Called once, by the binaries. A log that cannot be written is no
/// reason not to start.
pub fn start(paths: &Paths) {
    no_core_dumps();
    // A panic's message may quote what was being read; the place is what a report needs.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a fault of this program");
    }));
    let Some(file) = open_log(paths) else { return };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter())
        .with_ansi(false)
        .with_writer(BoxMakeWriter::new(Mutex::new(file)))
        .try_init();
    // A second start in one process (tests) keeps the first.
    drop(started);
}

/// What is in memory is what was said, and keys: no crash may have the system write it to a file. Programs that this one starts
/// (the web view's) inherit it.
#[cfg(unix)]
fn no_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // To allow less than before is never refused.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

#[cfg(not(unix))]
fn no_core_dumps() {}

/// Only our own crates speak: what others log at their finest level is requests and answers, which is content.
fn filter() -> EnvFilter {
    let level = std::env::var_os(LOG_VARIABLE)
        .and_then(|level| level.to_str()?.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO);
    let ours = ["twin_app", "twin_connect", "twin_store", "digital_twin"];
    EnvFilter::new(ours.map(|name| format!("{name}={level}")).join(","))
}

fn open_log(paths: &Paths) -> Option<std::fs::File> {
    let folder = paths.logs();
    // This may be the first thing to make the home.
    create_private_folder(&folder).ok()?;
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let path = folder.join("twin.log");
    if fs_err::metadata(&path).is_ok_and(|meta| meta.len() > MAX_LOG_BYTES) {
        fs_err::rename(&path, folder.join("twin.log.1")).ok()?;
    }
    options.create(true).append(true).open(path).ok()
}
