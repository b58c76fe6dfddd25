//! The walls between the rooms: every manifest is read, and the rule that broke is named.

use std::path::{Path, PathBuf};
use toml::Table;

const NO_IO: &[&str] = &["tokio", "rusqlite", "reqwest", "aws-", "tauri", "keyring", "notify", "fs-err", "axum"];
const NO_NETWORK: &[&str] = &["tokio", "reqwest", "aws-", "tauri", "keyring"];
const NO_STORE: &[&str] = &["rusqlite", "tauri"];
const NO_EFFECTS: &[&str] = &["rusqlite", "reqwest", "aws-", "tauri", "keyring"];

/// Crate, the rooms that it may know, what it may never import.
const RULES: &[(&str, &[&str], &[&str])] = &[
    ("crates/core", &[], NO_IO),
    ("crates/embed", &[], NO_IO),
    ("crates/store", &["twin-core"], NO_NETWORK),
    ("crates/mind", &["twin-core"], NO_IO),
    ("crates/sync", &["twin-core"], NO_IO),
    ("crates/connect", &["twin-core"], NO_STORE),
    ("crates/app", &["twin-core", "twin-store", "twin-mind", "twin-embed", "twin-connect", "twin-sync"], NO_EFFECTS),
    ("crates/cli", &["twin-core", "twin-app"], NO_EFFECTS),
    ("src-tauri", &["twin-core", "twin-app"], &["rusqlite", "reqwest", "aws-", "keyring"]),
    ("crates/xtask", &[], NO_EFFECTS),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest(folder: &str) -> Table {
    fs_err::read_to_string(root().join(folder).join("Cargo.toml")).unwrap().parse().unwrap()
}

#[test]
fn no_room_sees_another() {
    for (folder, rooms, forbidden) in RULES {
        let manifest = manifest(folder);
        let everywhere = manifest.get("dependencies").and_then(toml::Value::as_table).unwrap();
        // What is for one system alone stands apart.
        let systems = manifest.get("target").and_then(toml::Value::as_table).into_iter().flat_map(Table::values);
        let of_systems = systems.filter_map(|system| system.get("dependencies")?.as_table());
        for name in std::iter::once(everywhere).chain(of_systems).flat_map(Table::keys) {
            let broken =
                forbidden.iter().find(|rule| name == *rule || (rule.ends_with('-') && name.starts_with(**rule)));
            assert!(broken.is_none(), "{folder} may never import {name}");
            assert!(
                !name.starts_with("twin-") || rooms.contains(&name.as_str()),
                "{folder} may not know the room {name}"
            );
        }
    }
}

#[test]
fn every_member_has_its_rule() {
    let workspace = manifest(".");
    let members = workspace["workspace"]["members"].as_array().unwrap();
    for member in members.iter().filter_map(toml::Value::as_str).filter(|member| *member != "ui/e2e") {
        assert!(RULES.iter().any(|(folder, ..)| *folder == member), "{member} has no rule in this test");
    }
}

#[test]
fn every_room_has_its_sign() {
    for (folder, ..) in RULES {
        let Ok(text) = fs_err::read_to_string(root().join(folder).join("src/lib.rs")) else { continue };
        let signs: Vec<&str> = text.lines().take(3).collect();
        let begins = |line: usize, word: &str| signs.get(line).is_some_and(|sign| sign.starts_with(word));
        let whole = begins(0, "//! Knows ") && begins(1, "//! Never ") && begins(2, "//! Proof: ");
        assert!(whole, "{folder}/src/lib.rs opens with its sign: Knows …, Never …, Proof: …");
    }
}
