//! `twin sync …` without a keychain: what a script sees of it.

use crate::Twin;
use serde_json::Value;
use std::io::Write as _;
use std::process::{Output, Stdio};

fn with_input(twin: &Twin, arguments: &[&str], input: &str) -> Output {
    let mut command = twin.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn without_syncing_every_command_says_so() {
    let twin = Twin::new();
    assert_eq!(twin.json(&["sync", "status", "--json"])["state"], "off");
    assert_eq!(twin.text(&["sync", "status"]).trim(), "off");
    assert_eq!(twin.json(&["sync", "devices", "--json"]), Value::Array(Vec::new()));
    for arguments in [&["sync", "now"][..], &["sync", "pause"], &["sync", "verify"], &["sync", "rotate"]] {
        let (code, error) = twin.failure(arguments);
        assert_eq!(code, 1, "{arguments:?}");
        assert!(error.starts_with("error: ") && error.lines().count() == 2, "{arguments:?}: {error}");
    }
    let refused = with_input(&twin, &["sync", "access-key", "AKIA", "--secret-stdin"], "a secret\n");
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(error.contains("does not sync by access keys") && !error.contains("a secret"), "{error}");
}

#[test]
fn a_policy_is_printed_for_a_bucket_that_nobody_set_up() {
    let twin = Twin::new();
    let policy = twin.json(&["sync", "policy", "--bucket", "attic", "--prefix", "twin"]);
    assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:s3:::attic/twin/*");
}

#[test]
fn keys_are_never_kept_in_a_file_where_there_is_no_keychain() {
    let twin = Twin::new();
    let folder = twin.path().join("meeting");
    fs_err::create_dir(&folder).unwrap();
    let init = ["sync", "init", "--folder", folder.to_str().unwrap(), "--name", "Desk", "--passphrase-stdin"];
    let refused = with_input(&twin, &init, "four words and a harp\n");
    let error = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(error.contains("keychain") && !error.contains("four words"), "{error}");
    assert_eq!(refused.stdout, b"", "no recovery code of what there is not");
    assert_eq!(twin.json(&["sync", "status", "--json"])["state"], "off");
    let left: Vec<_> = fs_err::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_str().unwrap().len() == 32), "no vault: {left:?}");
    let empty = with_input(&twin, &init, "");
    assert_eq!(empty.status.code(), Some(1));
}
