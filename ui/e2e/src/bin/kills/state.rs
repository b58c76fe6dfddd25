//! What a home holds, in lines that are the same after every run of the same command, and what is wrong with what was found.

use crate::flow::Step;
use crate::scene::Scene;
use rusqlite::{Connection, OpenFlags};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// What each line of the table is made of. No ids and no times: a command that is run again gives others.
const LINES: [&str; 9] = [
    "SELECT 'session', title, audience, deleted, pinned, archived, coalesce(tags, '') FROM session",
    "SELECT 'message', s.title, m.role, m.status, coalesce(p.content, ''), m.content, m.hidden, m.deleted,
            coalesce(json_array_length(m.attachments), 0)
     FROM message m JOIN session s ON s.id = m.session_id LEFT JOIN message p ON p.id = m.parent_id",
    "SELECT 'memory', kind, text, pinned, undone, ended_at IS NULL, coalesce(ending, '') FROM memory",
    "SELECT 'person', name, relation FROM person",
    "SELECT 'receipt', scope FROM receipt",
    "SELECT 'setting', key, value FROM setting",
    "SELECT 'device setting', key, value FROM device_setting",
    "SELECT 'blob', sha256 FROM blob",
    "SELECT 'exported', path, what FROM export",
];

/// Between the fields of a line.
const FIELD: char = '\u{1f}';

/// One of each thing that is there, as often as it is there.
pub(crate) type Lines = Vec<String>;

pub(crate) enum Fault {
    /// What was acknowledged is not there.
    Lost(String),
    /// What is there is not what it should be, or cannot be used.
    Damaged(String),
}

/// What the program had told before its end.
pub(crate) struct Told<'a> {
    pub(crate) printed: &'a [u8],
    /// It ended by itself, well.
    pub(crate) done: bool,
}

impl Told<'_> {
    pub(crate) fn acknowledges(&self) -> bool {
        self.done || !self.printed.is_empty()
    }
}

/// What is in the first homes, and in the files that went out; an error in words if something of it is broken.
pub(crate) fn lines(scene: &Scene, homes: usize) -> Result<Lines, String> {
    let mut lines = Vec::new();
    for home in 0..homes {
        let folder = scene.home(home);
        if !folder.join("twin.db").exists() {
            continue;
        }
        let encrypted = [vec![folder.join("twin.db")], copies(&folder)].map(|files| encrypted(&files));
        let legible = if encrypted == ["no", "no"] { folder.clone() } else { scene.decrypted(home)? };
        let mut found = of_database(&legible.join("twin.db"))?;
        found.push(line(&["encrypted", encrypted[0], "copies", encrypted[1]]));
        found.extend(of_copies(&legible)?);
        of_files(&folder.join("persona"), "persona", &mut found);
        lines.extend(found.into_iter().map(|line| if home == 0 { line } else { format!("other {line}") }));
    }
    for entry in fs_err::read_dir(scene.beside("files")).map_err(|error| error.to_string())?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(kind) = name.strip_prefix("out.") {
            // An archive is opened by the program, since the times in it differ: when it was made, among them.
            let whole = if kind == "twin" {
                let looked = scene.ask(0, &["import", "--preview", "--json", &entry.path().display().to_string()])?;
                let mut looked: serde_json::Value = serde_json::from_str(&looked).map_err(|error| error.to_string())?;
                looked["exported_at"] = serde_json::Value::Null;
                looked.to_string()
            } else {
                hash(&fs_err::read(entry.path()).map_err(|error| error.to_string())?)
            };
            lines.push(line(&["out", &name, &whole]));
        }
    }
    lines.sort();
    Ok(lines)
}

fn line(fields: &[&str]) -> String {
    fields.join(&FIELD.to_string())
}

fn of_database(path: &Path) -> Result<Lines, String> {
    let failed = |error: rusqlite::Error| format!("{}: {error}", path.display());
    let database = Connection::open(path).map_err(failed)?;
    is_sound(&database, path)?;
    let mut lines = Vec::new();
    for sql in LINES {
        let mut statement = database.prepare(sql).map_err(failed)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let fields: rusqlite::Result<Vec<String>> = (0..columns)
                .map(|column| {
                    Ok(match row.get_ref(column)? {
                        rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                        rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                        other => format!("{other:?}"),
                    })
                })
                .collect();
            Ok(fields?.join(&FIELD.to_string()))
        });
        lines.extend(rows.and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>).map_err(failed)?);
    }
    let drafts: i64 = one(&database, "SELECT count(*) FROM reply_draft").map_err(failed)?;
    // The numbers of each device's records have no gap, and none comes twice.
    let gaps =
        "SELECT count(*) FROM (SELECT 1 FROM record GROUP BY device HAVING min(seq) <> 1 OR max(seq) <> count(*))";
    let gaps: i64 = one(&database, gaps).map_err(failed)?;
    if drafts + gaps > 0 {
        return Err(format!("{drafts} replies are neither kept nor gone, {gaps} devices have gaps in their records"));
    }
    Ok(lines)
}

fn one<T: rusqlite::types::FromSql>(database: &Connection, sql: &str) -> rusqlite::Result<T> {
    database.query_row(sql, [], |row| row.get(0))
}

fn is_sound(database: &Connection, path: &Path) -> Result<(), String> {
    let sound: Result<String, _> = one(database, "PRAGMA integrity_check");
    let strays = database.prepare("PRAGMA foreign_key_check").and_then(|mut check| check.exists([]));
    match (sound.as_deref(), strays) {
        (Ok("ok"), Ok(false)) => Ok(()),
        found => Err(format!("{} is damaged: {found:?}", path.display())),
    }
}

/// Copies of the database.
fn copies(home: &Path) -> Vec<PathBuf> {
    let mut copies = Vec::new();
    for folder in [home.to_owned(), home.join("backups")] {
        for entry in fs_err::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_copy = folder != *home || name.starts_with("twin.db.before-");
            if is_copy && !name.contains(".partial") && name != "twin.key" {
                copies.push(entry.path());
            }
        }
    }
    copies
}

/// Whether none of them, all or some can be read without a key.
fn encrypted(databases: &[PathBuf]) -> &'static str {
    let is_plain = |path: &PathBuf| fs_err::read(path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3\0"));
    match databases.iter().filter(|path| !is_plain(path)).count() {
        0 => "no",
        some if some == databases.len() => "yes",
        _ => "in part",
    }
}

/// Copies of the database, each looked at.
fn of_copies(home: &Path) -> Result<Lines, String> {
    let mut lines = Vec::new();
    for path in copies(home) {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let failed = |error: rusqlite::Error| format!("{}: {error}", path.display());
        let uri = format!("file:{}?immutable=1", path.display());
        let copy = Connection::open_with_flags(uri, flags).map_err(failed)?;
        is_sound(&copy, &path)?;
        let messages: i64 = one(&copy, "SELECT count(*) FROM message").map_err(failed)?;
        let sessions: i64 = one(&copy, "SELECT count(*) FROM session").map_err(failed)?;
        // Without the time in its name.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = name.split(|letter: char| letter.is_ascii_digit()).next().unwrap_or_default();
        lines.push(line(&["copy", kind, &sessions.to_string(), &messages.to_string()]));
    }
    Ok(lines)
}

fn of_files(folder: &Path, path: &str, lines: &mut Lines) {
    for entry in fs_err::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            of_files(&entry.path(), &name, lines);
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            lines.push(line(&["file", &name, &hash(&fs_err::read(entry.path()).unwrap_or_default())]));
        }
    }
}

fn hash(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{} bytes, {:x}", bytes.len(), hasher.finish())
}

/// What belongs together is there wholly or wholly not.
fn key(line: &str, whole: bool) -> &str {
    let mut fields = line.split(FIELD);
    match (fields.next().unwrap_or_default(), whole) {
        ("copy" | "out" | "exported", _) => line,
        (kind @ ("file" | "memory" | "person"), false) => kind,
        ("file", true) => "file",
        ("session" | "message", false) => fields.next().unwrap_or_default(),
        (_, true) => "the database",
        (_, false) => line,
    }
}

fn groups(lines: &[String], whole: bool) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        groups.entry(key(line, whole)).or_default().push(line);
    }
    groups
}

/// What is wrong with what was found after the command was cut off, or had ended.
pub(crate) fn judge(step: &Step, before: &[String], after: &[String], found: &[String], told: &Told<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let [was, will, is] = [before, after, found].map(|lines| groups(lines, step.whole));
    let keys: BTreeSet<&str> = was.keys().chain(will.keys()).chain(is.keys()).copied().collect();
    let units = String::from_utf8_lossy(told.printed).matches('\n').count();
    let promised = |key: &str| {
        told.done
            || match step.units.iter().position(|unit| unit == key) {
                Some(unit) => unit < units,
                None => step.units.is_empty() && told.acknowledges(),
            }
    };
    let none = Vec::new();
    for key in keys {
        let [was, will, is] = [&was, &will, &is].map(|groups| groups.get(key).unwrap_or(&none));
        if is == will || !told.done && is_cut_off(is, will) {
            continue;
        }
        if is == was {
            if promised(key) {
                faults.push(Fault::Lost(format!("{}: as it was before", short(key))));
            }
        } else if was.iter().any(|line| will.contains(line) && !is.contains(line)) {
            faults.push(Fault::Lost(format!("{}: {}", short(key), difference(is, will))));
        } else {
            faults.push(Fault::Damaged(format!("{}: {}", short(key), difference(is, will))));
        }
    }
    for kind in ["session", "message", "memory", "copy", "file"] {
        let count = |lines: &[String]| lines.iter().filter(|line| line.split(FIELD).next() == Some(kind)).count();
        if count(found) < count(before).min(count(after)) {
            faults.push(Fault::Lost(format!("there are {} of {kind}, and never were so few", count(found))));
        }
    }
    if let Some(first) = step.first {
        let is_first = |line: &&String| line.starts_with(first);
        let begun = found.iter().any(|line| key(line, step.whole) == "the database") && {
            let database = |lines: &[String]| -> Lines {
                lines.iter().filter(|line| key(line, step.whole) == "the database").cloned().collect()
            };
            database(found) == database(after) && database(before) != database(after)
        };
        if begun && found.iter().filter(is_first).count() < after.iter().filter(is_first).count() {
            faults.push(Fault::Lost("what was there before was replaced, and no copy of it is there".to_owned()));
        }
    }
    faults
}

/// Whether nothing but a reply is missing, from some letter on, and is marked so.
fn is_cut_off(is: &[&str], will: &[&str]) -> bool {
    let whole = |line: &str| -> String {
        let fields: Vec<&str> = line.split(FIELD).collect();
        let ["message", title, "assistant", "interrupted", parent, content, ..] = fields[..] else {
            return line.to_owned();
        };
        let found = will.iter().find_map(|line| {
            let fields: Vec<&str> = line.split(FIELD).collect();
            let ["message", its, "assistant", "complete", of, text, ..] = fields[..] else { return None };
            (its == title && of == parent && text.starts_with(content)).then(|| (*line).to_owned())
        });
        found.unwrap_or_else(|| line.to_owned())
    };
    let mut restored: Vec<String> = is.iter().map(|line| whole(line)).collect();
    restored.sort();
    restored.iter().map(String::as_str).eq(will.iter().copied())
}

fn difference(is: &[&str], will: &[&str]) -> String {
    let missing: Vec<String> = will.iter().filter(|line| !is.contains(line)).map(|line| short(line)).take(3).collect();
    let more: Vec<String> = is.iter().filter(|line| !will.contains(line)).map(|line| short(line)).take(3).collect();
    format!("{} lines instead of {}; missing {missing:?}, instead {more:?}", is.len(), will.len())
}

fn short(line: &str) -> String {
    line.replace(FIELD, " | ").chars().take(160).collect()
}
