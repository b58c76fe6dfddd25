//! The keyring: who opens it, who does not, and what the stock tool makes of it.

use std::io::Read;
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::time::Timestamp;
use twin_sync::error::SyncError;
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::{Keyring, NewDevice, Work};
use twin_sync::recovery::{new_code, parse_code};
use twin_sync::sim::Seeded;
use uuid::Uuid;

pub(crate) const WORK: Work = Work { passphrase: 2, recovery: 2 };

pub(crate) fn device(number: u128) -> DeviceId {
    DeviceId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn new(number: u128, keys: &DeviceKeys) -> NewDevice<'_> {
    NewDevice { name: "laptop", device: device(number), keys, now: Timestamp::from_millis(1_800_000_000_000) }
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[test]
fn passphrase_code_and_device_open_it_and_nothing_else_does() {
    let mut random = Seeded::new(1);
    let (keys, stranger) = (DeviceKeys::new(&mut random), DeviceKeys::new(&mut random));
    let code = new_code(&mut random);
    let made = Keyring::create(&new(1, &keys), &secret("a passphrase"), &code, WORK, &mut random).unwrap();
    let bytes = made.seal().unwrap();
    let typed = parse_code(&code.expose().to_lowercase()).unwrap();
    for opened in [
        Keyring::open(&bytes, &keys),
        Keyring::open_with_passphrase(&bytes, &secret("a passphrase")),
        Keyring::open_with_recovery_code(&bytes, &typed),
    ] {
        assert_eq!(opened.unwrap().check().unwrap(), made.check().unwrap());
    }
    assert_eq!(Keyring::open(&bytes, &stranger).unwrap_err(), SyncError::WrongKey);
    assert_eq!(Keyring::open_with_passphrase(&bytes, &secret("another")).unwrap_err(), SyncError::WrongKey);
    assert_eq!(Keyring::open_with_recovery_code(&bytes, &secret("another")).unwrap_err(), SyncError::WrongKey);
}

#[test]
fn after_a_removal_and_a_new_passphrase_the_old_ones_open_nothing() {
    let mut random = Seeded::new(2);
    let (keys, lost) = (DeviceKeys::new(&mut random), DeviceKeys::new(&mut random));
    let code = new_code(&mut random);
    let mut ring = Keyring::create(&new(1, &keys), &secret("old"), &code, WORK, &mut random).unwrap();
    ring.add_device(&new(2, &lost)).unwrap();
    let before = Keyring::open(&ring.seal().unwrap(), &lost).unwrap();
    ring.remove_device(device(2), std::collections::BTreeMap::new(), Timestamp::default(), &mut random).unwrap();
    ring.change_passphrase(&secret("new"), WORK).unwrap();
    let bytes = ring.seal().unwrap();
    assert_eq!(Keyring::open(&bytes, &lost).unwrap_err(), SyncError::WrongKey);
    assert_eq!(Keyring::open_with_passphrase(&bytes, &secret("old")).unwrap_err(), SyncError::WrongKey);
    let after = Keyring::open_with_passphrase(&bytes, &secret("new")).unwrap();
    assert_eq!((after.newest_epoch(), after.follows(&before)), (2, Ok(())));
    assert_eq!(before.follows(&after).unwrap_err(), SyncError::KeyringRolledBack);
}

#[test]
fn the_stock_library_opens_it_by_the_documented_steps() {
    let mut random = Seeded::new(3);
    let keys = DeviceKeys::new(&mut random);
    let code = new_code(&mut random);
    let ring = Keyring::create(&new(1, &keys), &secret("a passphrase"), &code, WORK, &mut random).unwrap();
    let text = String::from_utf8(ring.seal().unwrap()).unwrap();
    let begin = "-----BEGIN AGE ENCRYPTED FILE-----";
    let files: Vec<String> =
        text.split(begin).skip(1).map(|part| format!("{begin}{}", part.split("\n#").next().unwrap())).collect();
    for (file, passphrase) in [(&files[0], "a passphrase"), (&files[1], code.expose().as_str())] {
        let owner = age::decrypt(&age::scrypt::Identity::new(passphrase.to_owned().into()), file.as_bytes()).unwrap();
        let owner: age::x25519::Identity = String::from_utf8(owner).unwrap().parse().unwrap();
        let mut plain = String::new();
        let reader = age::armor::ArmoredReader::new(files[2].as_bytes());
        let decryptor = age::Decryptor::new_buffered(reader).unwrap();
        decryptor.decrypt(std::iter::once(&owner as &dyn age::Identity)).unwrap().read_to_string(&mut plain).unwrap();
        let body: serde_json::Value = serde_json::from_str(plain.lines().next().unwrap()).unwrap();
        assert_eq!(body["epochs"][0].as_str().unwrap().len(), 64);
        assert_eq!(body["vault"].as_str().unwrap(), ring.vault().to_string());
    }
}
