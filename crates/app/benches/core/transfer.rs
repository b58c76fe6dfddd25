//! Everything out of a large home and into an empty one, against what SQLite does at the least: a copy without holes that is
//! compressed, and rows of text taken in by the `sqlite3` shell with an index of the same kind.

#![expect(clippy::print_stderr, reason = "what takes minutes says how far it is; the rows go to standard output")]

use super::{Error, open, row};
use rusqlite::Connection;
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;
use twin_app::App;
use twin_app::job::Job;

/// Once each: both read or write everything that there is.
pub(super) fn rows(app: &App, runtime: &tokio::runtime::Runtime, home: &Path) -> Result<Vec<Value>, Error> {
    let folder = tempfile::TempDir::new()?;
    let archive = folder.path().join("everything.twin");
    let start = Instant::now();
    runtime.block_on(app.archive_export(&archive, None, Job::quiet()))?;
    let export = start.elapsed().as_secs_f64() * 1_000.0;
    let copy = copied(home, folder.path())?;
    eprintln!("   archive written in {export:.0} ms, a copy in {copy:.0} ms");

    let (empty, _runtime) = open(&folder.path().join("empty"), "http://127.0.0.1:1/v1")?;
    let start = Instant::now();
    runtime.block_on(empty.import(&archive, None, Job::quiet()))?;
    let import = start.elapsed().as_secs_f64() * 1_000.0;
    let bare = in_the_shell(home, folder.path())?;
    eprintln!("   archive taken in in {import:.0} ms, by the shell in {bare:.0} ms");
    Ok(vec![
        row("archive of everything / VACUUM INTO and zstd", vec![export], vec![copy], 2.0),
        row("archive into an empty home / .import and index in the sqlite3 shell", vec![import], vec![bare], 1.3),
    ])
}

/// Milliseconds of a copy, compressed as an archive is.
fn copied(home: &Path, folder: &Path) -> Result<f64, Error> {
    let (plain, compressed) = (folder.join("copy.db"), folder.join("copy.db.zst"));
    let start = Instant::now();
    let database = Connection::open(home.join("twin.db"))?;
    database.execute("VACUUM INTO ?1", [plain.to_string_lossy()])?;
    let mut to = zstd::Encoder::new(fs_err::File::create(&compressed)?, zstd::DEFAULT_COMPRESSION_LEVEL)?;
    std::io::copy(&mut fs_err::File::open(&plain)?, &mut to)?;
    to.finish()?.sync_all()?;
    let elapsed = start.elapsed().as_secs_f64() * 1_000.0;
    fs_err::remove_file(plain)?;
    Ok(elapsed)
}

/// Milliseconds of the same messages from a file of values into a table, and of an index of words over them.
fn in_the_shell(home: &Path, folder: &Path) -> Result<f64, Error> {
    let values = folder.join("messages.csv");
    let shell = |database: &Path, script: &str| -> Result<(), Error> {
        let mut shell = Command::new("sqlite3").arg(database).stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        shell.stdin.take().ok_or("the shell takes no input")?.write_all(script.as_bytes())?;
        if shell.wait()?.success() { Ok(()) } else { Err("the shell failed".into()) }
    };
    let out = format!(
        ".mode csv\n.output {}\nSELECT number, hex(id), hex(session_id), hex(parent_id), role, created_at, content FROM message;\n",
        values.display()
    );
    shell(&home.join("twin.db"), &out)?;
    let bare = "PRAGMA journal_mode = wal;
CREATE TABLE message (number INTEGER PRIMARY KEY, id, session_id, parent_id, role, created_at, content);
CREATE VIRTUAL TABLE words USING fts5 (content, content = '', tokenize = 'porter ascii', prefix = '2 3');";
    let fill = "INSERT INTO words (rowid, content) SELECT number, content FROM message;";
    let script = format!("{bare}\n.mode csv\n.import {} message\n{fill}\n", values.display());
    let start = Instant::now();
    shell(&folder.join("bare.db"), &script)?;
    Ok(start.elapsed().as_secs_f64() * 1_000.0)
}
