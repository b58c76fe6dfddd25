//! The keychain against a real gnome-keyring on a session bus of its own.

#![cfg(target_os = "linux")]

use crate::child;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;
use twin_connect::keychain::Keychain;
use twin_core::error::Code;
use twin_core::port::{Secrets as _, SecretsStatus};
use twin_core::secret::Secret;

const BUS: &str = "dbus-run-session";
/// Unlocks the login keychain of `$HOME`, making it first if there is none, then becomes the command after it.
const UNLOCKED: [&str; 4] =
    ["bash", "-c", "printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec \"$@\"", "-"];
/// A bus on which nothing can be started.
const EMPTY_BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#;

fn keychain() -> Keychain {
    Keychain::new("digital-twin-test")
}

fn key() -> Secret<String> {
    Secret::new("SECRET-KEY".to_owned())
}

fn command(prefix: &[&str], test: &str, case: &str, home: &Path) -> Command {
    let runtime = home.join("run");
    fs_err::create_dir_all(&runtime).unwrap();
    fs_err::set_permissions(&runtime, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = child::command(prefix, &format!("keychain::{test}"), case, home);
    command.env("XDG_RUNTIME_DIR", &runtime).env("XDG_DATA_HOME", home.join("data"));
    command
}

fn unlocked(test: &str, case: &str, home: &Path) {
    let prefix: Vec<_> = [BUS, "--"].into_iter().chain(UNLOCKED).collect();
    child::pass(command(&prefix, test, case, home));
}

#[test]
fn a_key_is_kept_across_restarts_and_forgotten_on_demand() {
    let test = "a_key_is_kept_across_restarts_and_forgotten_on_demand";
    let keychain = keychain();
    match child::case().as_deref() {
        None => {
            let home = TempDir::new().unwrap();
            unlocked(test, "keep", home.path());
            unlocked(test, "find and forget", home.path());
        }
        Some("keep") => {
            assert_eq!(keychain.status(), SecretsStatus::Keychain);
            assert_eq!(keychain.get("openai").unwrap(), None);
            keychain.set("openai", &Secret::new("first".to_owned())).unwrap();
            keychain.set("openai", &key()).unwrap();
            keychain.set("bedrock", &Secret::new("other".to_owned())).unwrap();
            assert_eq!(keychain.get("openai").unwrap(), Some(key()));
        }
        Some(_) => {
            assert_eq!(keychain.get("openai").unwrap(), Some(key()));
            assert_eq!(Keychain::new("another program").get("openai").unwrap(), None);
            keychain.delete("openai").unwrap();
            keychain.delete("openai").unwrap();
            assert_eq!(keychain.get("openai").unwrap(), None);
            assert_eq!(keychain.get("bedrock").unwrap(), Some(Secret::new("other".to_owned())));
        }
    }
}

#[test]
fn a_locked_keychain_says_so_and_is_used_again_once_unlocked() {
    let test = "a_locked_keychain_says_so_and_is_used_again_once_unlocked";
    let keychain = keychain();
    match child::case().as_deref() {
        None => {
            let home = TempDir::new().unwrap();
            unlocked(test, "keep", home.path());
            // The bus starts the daemon by itself, and nobody gives it the password.
            child::pass(command(&[BUS, "--"], test, "locked", home.path()));
        }
        Some("keep") => keychain.set("openai", &key()).unwrap(),
        Some(_) => {
            assert_eq!(keychain.status(), SecretsStatus::Locked);
            for failure in [
                keychain.get("openai").unwrap_err(),
                keychain.set("openai", &key()).unwrap_err(),
                keychain.set("new", &key()).unwrap_err(),
                keychain.delete("openai").unwrap_err(),
            ] {
                assert_eq!((failure.code, failure.retryable), (Code::KeychainLocked, true), "{failure:?}");
                assert!(failure.hint.contains("nlock the"), "{failure:?}");
            }
            // The same object, after the person has unlocked it.
            let unlock = "printf pass | gnome-keyring-daemon --replace --unlock --components=secrets >/dev/null";
            assert!(Command::new("bash").args(["-c", unlock]).status().unwrap().success());
            // The new daemon takes over from the old one in its own time.
            assert!((0..1000).any(|_| keychain.status() == SecretsStatus::Keychain));
            assert_eq!(keychain.get("openai").unwrap(), Some(key()));
        }
    }
}

#[test]
fn a_keychain_that_was_never_set_up_counts_as_locked() {
    let test = "a_keychain_that_was_never_set_up_counts_as_locked";
    if child::case().is_none() {
        let home = TempDir::new().unwrap();
        return child::pass(command(&[BUS, "--"], test, "child", home.path()));
    }
    let keychain = keychain();
    assert_eq!(keychain.status(), SecretsStatus::Locked);
    assert_eq!(keychain.get("openai").unwrap(), None);
    assert_eq!(keychain.set("openai", &key()).unwrap_err().code, Code::KeychainLocked);
    assert_eq!(keychain.get("openai").unwrap(), None);
}

#[test]
fn without_a_keychain_the_failure_says_what_to_start() {
    let test = "without_a_keychain_the_failure_says_what_to_start";
    if child::case().is_none() {
        let home = TempDir::new().unwrap();
        child::pass(command(&[], test, "no bus", home.path()));
        let configuration = home.path().join("empty.conf");
        fs_err::write(&configuration, EMPTY_BUS).unwrap();
        let prefix = [BUS, "--config-file", configuration.to_str().unwrap(), "--"];
        return child::pass(command(&prefix, test, "no service", home.path()));
    }
    let keychain = keychain();
    assert_eq!(keychain.status(), SecretsStatus::SessionOnly);
    for failure in [
        keychain.get("openai").unwrap_err(),
        keychain.set("openai", &key()).unwrap_err(),
        keychain.delete("openai").unwrap_err(),
    ] {
        assert_eq!((failure.code, failure.retryable), (Code::KeychainUnavailable, true), "{failure:?}");
        assert!(failure.hint.contains("session only"), "{failure:?}");
    }
}
