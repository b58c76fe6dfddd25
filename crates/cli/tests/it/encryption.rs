//! `twin encryption`, where there is no keychain.

use crate::Twin;
use std::io::Write as _;
use std::process::{Output, Stdio};

const PASSPHRASE: &str = "four words of mine";

fn with_input(twin: &Twin, arguments: &[&str], input: &str) -> Output {
    let mut command = twin.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn unlocked(twin: &Twin, passphrase: &str, arguments: &[&str]) -> Output {
    twin.command(arguments).env("TWIN_PASSPHRASE", passphrase).stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn legible(twin: &Twin) -> bool {
    let bytes = fs_err::read(twin.path().join("twin.db")).unwrap();
    bytes.windows(10).any(|part| part == b"kingfisher")
}

#[test]
fn a_home_is_encrypted_opened_with_its_passphrase_or_its_code_and_decrypted() {
    let twin = Twin::new();
    twin.text(&["chat", "I saw a kingfisher"]);
    twin.text(&["backup", "now"]);
    assert_eq!(twin.json(&["encryption", "status", "--json"])["state"], "off");
    assert!(legible(&twin));
    let (code, told) = twin.failure(&["encryption", "on"]);
    assert!(code == 1 && told.contains("keychain"), "{told}");
    twin.text(&["session", "list"]);

    let on = ["encryption", "on", "--passphrase", "--passphrase-stdin"];
    let code = said(&with_input(&twin, &on, &format!("{PASSPHRASE}\n")));
    assert_eq!(code.trim().len(), 34);
    assert!(!legible(&twin));
    assert_eq!(twin.json(&["encryption", "status", "--json"])["state"], "passphrase");
    let (failed, told) = twin.failure(&["chat", "Where did I see it?"]);
    assert!(failed == 1 && told.contains("TWIN_PASSPHRASE"), "{told}");
    let wrong = unlocked(&twin, "four words of hers", &["session", "list"]);
    assert!(!wrong.status.success());
    assert!(said(&unlocked(&twin, PASSPHRASE, &["search", "kingfisher"])).contains("kingfisher"));
    said(&unlocked(&twin, PASSPHRASE, &["backup", "restore"]));
    assert!(said(&unlocked(&twin, PASSPHRASE, &["doctor"])).contains("ok      store"));

    let unlock = ["encryption", "unlock", "--code-stdin"];
    said(&with_input(&twin, &unlock, &format!("{}\nanother four of them\n", code.trim())));
    assert!(!unlocked(&twin, PASSPHRASE, &["session", "list"]).status.success());
    said(&unlocked(&twin, "another four of them", &["encryption", "off", "--yes"]));
    assert!(legible(&twin));
    assert!(twin.text(&["search", "kingfisher"]).contains("kingfisher"));
}
