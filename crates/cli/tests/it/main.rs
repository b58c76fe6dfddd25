//! The headless door, as a script uses it: the real binary, a home of its own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod archive;
mod encryption;
mod filing;
mod memory;
mod model;
mod search;
mod sync;

use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

struct Twin {
    home: TempDir,
}

impl Twin {
    fn new() -> Self {
        Self { home: TempDir::new().unwrap() }
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twin"));
        // Nothing of the person who runs the tests: no keychain, no AWS account, no home.
        command.env_clear().env("TWIN_HOME", self.path()).env("HOME", self.path().join("user")).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(arguments)).unwrap()
    }

    /// Exit code and standard error.
    fn failure(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

#[test]
fn the_help_names_every_command() {
    let twin = Twin::new();
    for (name, arguments) in [
        ("twin", &["--help"][..]),
        ("chat", &["chat", "--help"]),
        ("context", &["context", "show", "--help"]),
        ("session", &["session", "--help"]),
        ("session_list", &["session", "list", "--help"]),
        ("session_tag", &["session", "tag", "--help"]),
        ("session_export", &["session", "export", "--help"]),
        ("export", &["export", "--help"]),
        ("import", &["import", "--help"]),
        ("import_watch", &["import", "watch", "--help"]),
        ("backup", &["backup", "--help"]),
        ("encryption", &["encryption", "--help"]),
        ("encryption_on", &["encryption", "on", "--help"]),
        ("search", &["search", "--help"]),
        ("memory", &["memory", "--help"]),
        ("memory_list", &["memory", "list", "--help"]),
        ("memory_search", &["memory", "search", "--help"]),
        ("memory_forget", &["memory", "forget", "--help"]),
        ("sync", &["sync", "--help"]),
        ("sync_init", &["sync", "init", "--help"]),
        ("sync_join", &["sync", "join", "--help"]),
        ("sync_versions", &["sync", "versions", "--help"]),
        ("model", &["model", "--help"]),
        ("model_list", &["model", "list", "--help"]),
        ("model_test", &["model", "test", "--help"]),
        ("usage", &["usage", "--help"]),
    ] {
        insta::assert_snapshot!(name, twin.text(arguments));
    }
}

#[test]
fn what_was_said_is_known_to_the_next_process() {
    let twin = Twin::new();
    twin.text(&["chat", "Hi! My name is Fred and I love Python"]);
    let reply = twin.json(&["chat", "--json", "What's my name and what do I love?"]);
    assert!(reply["reply"].as_str().unwrap().contains("Hi! My name is Fred and I love Python"), "{reply}");
    let keys: Vec<_> = reply.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["session_id", "message_id", "reply", "model", "context"] {
        assert!(keys.contains(&key), "{key} is missing of {keys:?}");
    }
    assert_eq!(reply["context"]["passages"][0]["source"]["kind"], "message");
}

#[test]
fn a_message_can_come_from_standard_input() {
    let twin = Twin::new();
    let mut child =
        twin.command(&["chat", "--json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("Line one\nLine two\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let reply: Value = serde_json::from_slice(&output.stdout).unwrap();
    let shown = twin.json(&["session", "show", "--json", reply["session_id"].as_str().unwrap()]);
    assert_eq!(shown["messages"][0]["content"], "Line one\nLine two");
}

#[test]
fn ids_from_outside_are_never_paths() {
    let twin = Twin::new();
    for id in ["../../etc/passwd", "", "x", "6f1c0e3e3b0e4a559c7c0d9f5f2b8a11"] {
        for arguments in [&["session", "show", id][..], &["session", "delete", id], &["chat", "--session", id, "hi"]] {
            assert_eq!(twin.failure(arguments).0, 2, "{arguments:?}");
        }
    }
    let (code, error) = twin.failure(&["session", "show", "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11"]);
    assert_eq!(code, 1);
    assert!(error.starts_with("error: ") && error.lines().count() == 2, "what failed, and what to do: {error}");
}

#[cfg(unix)]
#[test]
fn a_home_that_we_make_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let twin = Twin::new();
    let home = twin.path().join("new/home");
    twin.text(&["--home", home.to_str().unwrap(), "doctor"]);
    let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&home.join("twin.db")), 0o600);
    assert_eq!(mode(&home.join("logs/twin.log")), 0o600);
}

#[test]
fn wrong_usage_exits_with_two() {
    let twin = Twin::new();
    for arguments in [
        &[][..],
        &["chat"],
        &["chat", "--model", "gemini:x", "hi"],
        &["chat", "--audience", "nobody", "hi"],
        &["session", "export", "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11"],
        &["session", "import"],
        &["export"],
        &["import"],
        &["import", "watch", "/f", "--off"],
        &["backup"],
        &["backup", "restore", "one", "two"],
        &["session", "tag", "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11"],
        &["search"],
        &["sync"],
        &["sync", "init", "--name", "Desk"],
        &["sync", "init", "--name", "Desk", "--folder", "/f", "--bucket", "b"],
        &["sync", "policy", "--folder", "/f", "--prefix", "p"],
        &["sync", "revoke", "../../etc/passwd"],
        &["search", "--from", "yesterday", "x"],
        &["search", "--limit", "0", "x"],
        &["search", "--session", "../../etc/passwd", "x"],
    ] {
        assert_eq!(twin.failure(arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn a_session_is_imported_exported_renamed_and_deleted() {
    let twin = Twin::new();
    let id = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
    let file = twin.path().join(format!("{id}.json"));
    let seed = "[\n  {\n    \"role\": \"user\",\n    \"content\": \"Hello\",\n    \"timestamp\": \"2025-10-02T09:15:00\"\n  }\n]\n";
    fs_err::write(&file, seed).unwrap();
    let bad = twin.path().join("bad.json");
    fs_err::write(&bad, seed).unwrap();

    let output = twin.run(&["session", "import", "--json", bad.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "one of the two was no session file");
    let imported: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&imported[0]["session_id"], &imported[0]["outcome"]),
        (&id.into(), &"imported".into()),
        "the other came in"
    );
    let again = twin.json(&["session", "import", "--json", file.to_str().unwrap()]);
    assert_eq!(again[0]["outcome"], "unchanged");

    assert_eq!(twin.text(&["session", "export", id, "--format", "seed"]), seed);
    twin.text(&["session", "rename", id, "Another title"]);
    assert_eq!(twin.json(&["session", "list", "--json"])[0]["title"], "Another title");
    twin.text(&["session", "delete", id]);
    assert_eq!(twin.json(&["session", "list", "--json"]), Value::Array(Vec::new()));
}

#[test]
fn the_context_of_a_visitor_holds_nothing_private() {
    let twin = Twin::new();
    twin.text(&["doctor", "--json"]);
    fs_err::write(twin.path().join("persona/private/diary.md"), "The canary CANARY sings of engines.").unwrap();
    let show = |audience| {
        twin.text(&["context", "show", "--json", "--audience", audience, "--model", "bedrock:x", "canary engines"])
    };
    assert!(show("owner").contains("CANARY"));
    let visitor = show("visitor");
    assert!(!visitor.contains("CANARY") && !visitor.contains("private/"), "{visitor}");
    assert_eq!(twin.json(&["session", "list", "--json"]), Value::Array(Vec::new()), "looking stores nothing");
}

#[test]
fn a_broken_persona_is_told_with_line_and_column() {
    let twin = Twin::new();
    let folder = twin.path().join("mine");
    fs_err::create_dir(&folder).unwrap();
    fs_err::write(folder.join("facts.json"), "{\n  \"name\": oops\n}").unwrap();
    let output = twin.run(&["persona", "check", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("line 2, column 11"), "{text}");
    assert!(!twin.path().join("twin.db").exists(), "judging a folder needs no home");
    assert_eq!(twin.failure(&["persona", "check", "/nowhere/at/all"]).0, 1);
}

#[test]
fn the_doctor_finds_a_damaged_store_and_leaves_it_alone() {
    let twin = Twin::new();
    assert_eq!(twin.run(&["doctor"]).status.code(), Some(0), "a fresh home is in order");
    let database = twin.path().join("twin.db");
    let garbage = vec![0x42; 8192];
    fs_err::write(&database, &garbage).unwrap();
    for side in ["twin.db-wal", "twin.db-shm"] {
        drop(fs_err::remove_file(twin.path().join(side)));
    }
    let output = twin.run(&["doctor", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let store = checks.as_array().unwrap().iter().find(|check| check["name"] == "store").unwrap();
    assert_eq!(store["health"], "failed");
    assert!(!store["hint"].as_str().unwrap().is_empty());
    assert_eq!(fs_err::read(&database).unwrap(), garbage);
}

#[test]
fn bedrock_without_an_account_says_what_is_missing_and_keeps_the_message() {
    let twin = Twin::new();
    let arguments = ["chat", "--json", "--model", "bedrock:anthropic.claude-x", "Are you there?"];
    let output = twin.command(&arguments).env("AWS_EC2_METADATA_DISABLED", "true").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("region"));
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["failure"]["code"], "invalid_input");
    let shown = twin.json(&["session", "show", "--json", printed["session_id"].as_str().unwrap()]);
    assert_eq!(shown["messages"][0]["content"], "Are you there?");
}

#[test]
fn a_reader_that_goes_away_is_no_error_worth_a_message() {
    let twin = Twin::new();
    let mut child = twin
        .command(&["chat", "Tell me everything about engines"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
