//! Everything out and in, and backups, as a script does them.

use crate::Twin;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Output, Stdio};

/// With a line on standard input.
fn told(twin: &Twin, arguments: &[&str], line: &str) -> Output {
    let mut command = twin.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{line}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_home_moves_to_another_machine_under_a_passphrase() {
    let (from, to) = (Twin::new(), Twin::new());
    from.text(&["chat", "Hi! My name is Fred and I love Python"]);
    let file = from.path().join("all.twin");
    let file = file.to_str().unwrap();
    let export = ["export", "--archive", file, "--passphrase-stdin"];
    assert!(told(&from, &export, "correct horse").status.success());
    assert_eq!(from.failure(&["export", "--archive", file]).0, 1, "a file that is there is not replaced");
    assert_eq!(to.json(&["import", "--preview", "--json", file])["locked"], true);
    let wrong = told(&to, &["import", file, "--passphrase-stdin"], "wrong horse");
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("passphrase"));
    let import = told(&to, &["import", file, "--passphrase-stdin", "--json"], "correct horse");
    let report: Value = serde_json::from_slice(&import.stdout).unwrap();
    assert_eq!((&report["kind"], &report["sessions"], &report["messages"]), (&"archive".into(), &1.into(), &2.into()));
    let reply = to.json(&["chat", "--json", "What's my name and what do I love?"]);
    assert!(reply["reply"].as_str().unwrap().contains("Fred"), "{reply}");
}

#[test]
fn a_backup_is_made_listed_and_put_back_even_over_a_damaged_database() {
    let twin = Twin::new();
    twin.text(&["chat", "Before"]);
    let name = twin.json(&["backup", "now", "--json"])["name"].as_str().unwrap().to_owned();
    twin.text(&["chat", "After"]);
    let restored = twin.json(&["backup", "restore", "--json", &name]);
    assert_eq!(restored["aside"]["reason"], "before_restore");
    assert_eq!(twin.json(&["session", "list", "--json"]).as_array().unwrap().len(), 1);
    for side in ["twin.db-wal", "twin.db-shm"] {
        drop(fs_err::remove_file(twin.path().join(side)));
    }
    fs_err::write(twin.path().join("twin.db"), vec![0x42; 8192]).unwrap();
    assert_eq!(twin.json(&["backup", "list", "--json"]).as_array().unwrap().len(), 2);
    twin.text(&["backup", "restore", &name]);
    assert_eq!(twin.json(&["session", "list", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(twin.failure(&["backup", "restore", "../twin.db"]).0, 1);
}

#[test]
fn a_folder_is_chosen_looked_through_and_let_go() {
    let twin = Twin::new();
    let folder = twin.path().join("older");
    fs_err::create_dir(&folder).unwrap();
    let seed = r#"[{"role": "user", "content": "From the first program"}]"#;
    fs_err::write(folder.join("6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json"), seed).unwrap();
    fs_err::write(folder.join("holiday.json"), seed).unwrap();
    assert_eq!(twin.text(&["import", "watch"]), "No folder is watched.\n");
    let folder = folder.to_str().unwrap();
    let told = twin.text(&["import", "watch", folder]);
    assert!(told.contains("1 new conversations") && told.contains("holiday.json  broken"), "{told}");
    assert_eq!(twin.json(&["session", "list", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(twin.json(&["import", "watch", "--json"])["path"], folder);
    assert_eq!(twin.text(&["import", "watch", "--off"]), "No folder is watched.\n");
    assert_eq!(twin.json(&["session", "list", "--json"]).as_array().unwrap().len(), 1);
    assert_eq!(twin.failure(&["import", "watch", "/nowhere/at/all"]).0, 1);
}

#[test]
fn conversations_are_written_in_every_form() {
    let twin = Twin::new();
    let first = twin.json(&["chat", "--json", "Engines?"])["session_id"].as_str().unwrap().to_owned();
    let second = twin.json(&["chat", "--json", "Walruses?"])["session_id"].as_str().unwrap().to_owned();
    for (format, begins) in
        [("seed", "["), ("json", "{"), ("markdown", "# Engines"), ("html", "<!DOCTYPE html>"), ("text", "Engines")]
    {
        assert!(twin.text(&["session", "export", &first, "--format", format]).starts_with(begins), "{format}");
    }
    let both = ["session", "export", first.as_str(), second.as_str(), "--format", "markdown"];
    assert_eq!(twin.failure(&both).0, 1);
    let file = twin.path().join("both.zip");
    twin.text(&[&both[..], &["--output", file.to_str().unwrap()]].concat());
    assert!(fs_err::read(&file).unwrap().starts_with(b"PK"));
    let missing = twin.failure(&["import", "/nowhere/at/all"]);
    assert!(missing.0 == 1 && missing.1.lines().count() == 2, "{missing:?}");
}
