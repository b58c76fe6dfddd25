//! Pinned, archived, tagged.

use crate::Twin;
use serde_json::Value;

fn begin(twin: &Twin, text: &str) -> String {
    twin.json(&["chat", "--json", text])["session_id"].as_str().unwrap().to_owned()
}

fn titles(twin: &Twin, options: &[&str]) -> Vec<String> {
    let list = twin.json(&[&["session", "list", "--json"], options].concat());
    list.as_array().unwrap().iter().map(|session| session["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn conversations_are_pinned_archived_and_tagged_and_listed_so() {
    let twin = Twin::new();
    let [old, _, gone] = ["The old one", "The new one", "The archived one"].map(|text| begin(&twin, text));
    assert!(twin.text(&["session", "pin", &old]).ends_with("The old one  (pinned)\n"));
    assert_eq!(twin.json(&["session", "archive", "--json", &gone])["archived"], true);
    twin.text(&["session", "tag", &old, "work"]);
    twin.text(&["session", "tag", &old, "engines"]);

    assert_eq!(titles(&twin, &[]), ["The old one", "The new one"]);
    assert_eq!(titles(&twin, &["--archived"]), ["The archived one"]);
    assert_eq!(titles(&twin, &["--tag", "work"]), ["The old one"]);
    let listed = twin.text(&["session", "list"]);
    assert!(listed.lines().next().unwrap().ends_with("The old one  (pinned)  [engines]  [work]"), "{listed}");

    assert_eq!(twin.json(&["session", "pin", "--off", "--json", &old])["pinned"], false);
    assert_eq!(twin.json(&["session", "tag", "--off", "--json", &old, "work"])["tags"], serde_json::json!(["engines"]));
    twin.text(&["session", "archive", "--off", &gone]);
    assert_eq!(titles(&twin, &[]), ["The archived one", "The new one", "The old one"]);
    assert_eq!(twin.text(&["session", "list", "--tag", "work"]), "There is no such conversation.\n");
}

#[test]
fn what_cannot_be_filed_is_told() {
    let twin = Twin::new();
    let id = begin(&twin, "Hello");
    let nobody = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
    for arguments in
        [&["session", "pin", nobody][..], &["session", "tag", &id, ""], &["session", "tag", &id, &"x".repeat(41)]]
    {
        let (code, error) = twin.failure(arguments);
        assert!(code == 1 && error.starts_with("error: ") && error.lines().count() == 2, "{arguments:?}: {error}");
    }
    assert_eq!(twin.json(&["session", "show", "--json", &id])["session"]["tags"], Value::Array(Vec::new()));
}
