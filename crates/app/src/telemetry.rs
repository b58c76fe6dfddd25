//! What a program leaves behind of its running. Ids at info; what people say, never.

use crate::paths::{Paths, create_private_folder};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
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

/// The log, begun afresh before it is too large. Other processes of this home write to it as well.
struct Log {
    path: PathBuf,
    file: File,
    /// About so much is in it.
    bytes: u64,
    most: u64,
}

impl Log {
    fn open(path: PathBuf, most: u64) -> std::io::Result<Self> {
        let file = begin(&path, most)?;
        let bytes = file.metadata()?.len();
        Ok(Self { path, file, bytes, most })
    }
}

impl Write for Log {
    /// A line comes in one piece.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        if self.bytes > self.most {
            // Where it cannot be begun afresh, it goes on; and is not tried again with each line.
            self.bytes = 0;
            if let Ok(file) = begin(&self.path, self.most) {
                self.bytes = file.metadata()?.len();
                self.file = file;
            }
        }
        let written = self.file.write(line)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Opens the log, a new one where it is too large: another process may have begun one already.
fn begin(path: &Path, most: u64) -> std::io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if fs_err::metadata(path).is_ok_and(|meta| meta.len() > most) {
        fs_err::rename(path, path.with_extension("log.1"))?;
    }
    options.create(true).append(true).open(path)
}

fn open_log(paths: &Paths) -> Option<Log> {
    let folder = paths.logs();
    // This may be the first thing to make the home.
    create_private_folder(&folder).ok()?;
    Log::open(folder.join("twin.log"), MAX_LOG_BYTES).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_begun_afresh_while_the_program_runs_and_one_before_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.log");
        let mut log = Log::open(path.clone(), 100).unwrap();
        // Another process, with its own idea of how much there is.
        let mut other = Log::open(path.clone(), 100).unwrap();
        for number in 0..40 {
            let log = if number % 4 == 0 { &mut other } else { &mut log };
            log.write_all(format!("line {number:02}\n").as_bytes()).unwrap();
        }
        let lines = |name: &str| fs_err::read_to_string(folder.path().join(name)).unwrap();
        let (now, before) = (lines("twin.log"), lines("twin.log.1"));
        assert!(now.ends_with("line 39\n") || before.ends_with("line 39\n"));
        for text in [&now, &before] {
            assert!(text.len() <= 200, "{}", text.len());
            assert!(text.lines().all(|line| line.len() == 7), "whole lines: {text}");
        }
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 2);
    }
}
