//! What lies in a bucket is opened without this program: by the `age` program that Debian has, and the steps of
//! `docs/sync-format.md`.

#![cfg(target_os = "linux")]

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

const KEYRING: &str = include_str!("../golden/keyring.txt");
const SEGMENT: &[u8] = include_bytes!("../golden/segment.bin");
const BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const END: &str = "-----END AGE ENCRYPTED FILE-----";

/// What the program says after a passphrase was typed, through a terminal because it takes none elsewhere.
fn age(folder: &Path, arguments: &str, typed: &str) {
    let mut command = Command::new("script");
    command.args(["-qec", &format!("age {arguments}"), "/dev/null"]).current_dir(folder);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(format!("{typed}\n").as_bytes()).unwrap();
    assert!(running.wait().unwrap().success(), "age {arguments}");
}

#[test]
fn the_age_program_and_the_documented_steps_open_keyring_and_segment() {
    if Command::new("age").arg("--version").output().is_err() {
        let words = "\nleft out: `age` does not open a keyring (it is not installed): run `cargo xtask test`\n";
        std::io::stderr().write_all(words.as_bytes()).unwrap();
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let folder = folder.path();
    for (name, part) in ["passphrase.age", "recovery.age", "keys.age"].iter().zip(KEYRING.split(BEGIN).skip(1)) {
        fs_err::write(folder.join(name), format!("{BEGIN}{}{END}\n", part.split(END).next().unwrap())).unwrap();
    }
    age(folder, "-d -o by-code.txt recovery.age", "0123-4567-89AB-CDEF-GHJK-MNPQ");
    age(folder, "-d -o owner.txt passphrase.age", "a passphrase");
    for owner in ["by-code.txt", "owner.txt"] {
        assert!(fs_err::read_to_string(folder.join(owner)).unwrap().starts_with("AGE-SECRET-KEY-1"));
        age(folder, &format!("-d -o keys-{owner} -i {owner} keys.age"), "");
    }
    let keys = fs_err::read_to_string(folder.join("keys-owner.txt")).unwrap();
    assert_eq!(keys, fs_err::read_to_string(folder.join("keys-by-code.txt")).unwrap());
    let keys: serde_json::Value = serde_json::from_str(keys.lines().next().unwrap()).unwrap();

    let (header, sealed) = SEGMENT.split_at(82);
    let (nonce, sealed) = sealed.split_at(24);
    let (vault, device) = (&header[6..22], &header[22..38]);
    let epoch = u32::from_le_bytes(header[46..50].try_into().unwrap());
    let root = hex(keys["epochs"][epoch as usize - 1].as_str().unwrap());
    let mut key = [0; 32];
    let info = [b"digital-twin/1 segment".as_slice(), device].concat();
    Hkdf::<Sha256>::new(Some(vault), &root).expand(&info, &mut key).unwrap();
    let cipher = XChaCha20Poly1305::new(&key.into());
    let nonce: [u8; 24] = nonce.try_into().unwrap();
    let packed = cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: header }).unwrap();
    let unpacked = zstd::decode_all(&packed[..]).unwrap();
    let said = br#"{"text":"hello"}"#;
    assert!(unpacked.windows(said.len()).any(|window| window == said));
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
