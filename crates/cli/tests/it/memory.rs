//! `twin memory`.

use crate::Twin;
use std::io::Write as _;
use std::process::Stdio;

#[test]
fn a_conversation_is_forgotten_after_the_plan_was_shown_and_agreed_to() {
    let twin = Twin::new();
    let said = twin.json(&["chat", "--json", "My greyhound is called Eustace"]);
    let session = said["session_id"].as_str().unwrap();
    twin.text(&["chat", "I like rain"]);
    let forget = ["memory", "forget", "--session", session];

    let (code, told) = twin.failure(&forget);
    assert_eq!(code, 1);
    assert!(told.contains("1  conversations") && told.contains("2  messages"), "{told}");
    assert!(told.contains("cannot be undone") && told.contains("Nothing was forgotten."), "{told}");
    assert!(twin.text(&["search", "eustace"]).contains("Eustace"));

    let mut asked =
        twin.command(&forget).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    asked.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let done = asked.wait_with_output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert!(String::from_utf8(done.stdout).unwrap().starts_with("Forgotten. Receipt "));
    assert_eq!(twin.text(&["search", "eustace"]), "Nothing was found.\n");
    assert_eq!(twin.text(&["memory", "list"]), "Nothing of that is remembered.\n");

    let (code, told) = twin.failure(&["memory", "forget", "--yes", "--session", session]);
    assert_eq!(code, 1, "{told}");
    let receipt = twin.json(&["memory", "forget", "--yes", "--json", "--from", "2020-01-01", "--before", "2100-01-01"]);
    assert_eq!((&receipt["scope"], &receipt["reach"]["messages"]), (&"span".into(), &2.into()));
}

#[test]
fn forgetting_needs_one_thing_to_forget() {
    let twin = Twin::new();
    for arguments in [
        &["memory", "forget"][..],
        &["memory", "forget", "--file", "cv.md", "--from", "2020-01-01", "--before", "2021-01-01"],
        &["memory", "forget", "--from", "2020-01-01"],
        &["memory", "forget", "--file", "cv.md", "--history"],
    ] {
        assert_eq!(twin.failure(arguments).0, 2, "{arguments:?}");
    }
    let stats = twin.json(&["memory", "stats", "--json"]);
    assert_eq!((&stats["semantic"], &stats["messages"]), (&0.into(), &0.into()));
    assert!(twin.text(&["memory", "as-of", "2026-01-01"]).contains("Nothing"));
    let id = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
    assert!(twin.failure(&["memory", "show", id]).1.contains("no such memory"));
}

#[test]
fn what_was_said_becomes_searchable_by_its_meaning() {
    let twin = Twin::new();
    twin.text(&["chat", "My daughter gets hay fever every April."]);
    let search = &["memory", "search", "--json", "Does the little one suffer from anything in spring?"];
    let found = |twin: &Twin| twin.json(search).to_string().contains("hay fever");
    assert!(!found(&twin));
    assert!(twin.text(&["memory", "index"]).contains("2 made searchable"));
    assert!(found(&twin));
}
