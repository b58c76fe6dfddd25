//! I13: whatever is done to objects is found, and the rest stays readable.

use crate::keyring::{WORK, device, new};
use std::collections::BTreeMap;
use twin_core::secret::Secret;
use twin_core::sync::{Amendment, Content, Digest, Heads, Seen, Waiting};
use twin_core::time::{Hlc, Timestamp};
use twin_sync::blob::{open, seal};
use twin_sync::error::SyncError;
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::Keyring;
use twin_sync::segment::{Place, Segment};
use twin_sync::sim::Seeded;

fn waiting(seq: u64) -> Waiting {
    let payload = format!("{{\"text\":\"record {seq}\"}}").into_bytes();
    let content = Content { kind: "message".to_owned(), version: 1, payload };
    Waiting { seq, hlc: Hlc { wall: 1_000, counter: 0 }, seen: Seen::default(), content }
}

struct Vault {
    ring: Keyring,
    keys: DeviceKeys,
    random: Seeded,
}

impl Vault {
    fn new(seed: u64) -> Self {
        let mut random = Seeded::new(seed);
        let keys = DeviceKeys::new(&mut random);
        let passphrase = Secret::new("a passphrase".to_owned());
        let mut ring = Keyring::create(&new(1, &keys), &passphrase, &passphrase, WORK, &mut random).unwrap();
        ring.add_device(&new(2, &DeviceKeys::new(&mut random))).unwrap();
        Self { ring, keys, random }
    }

    /// Six segments of three records, with their places.
    fn segments(&mut self) -> Vec<(Place, Vec<u8>)> {
        let (mut previous, mut order) = (Digest::default(), Hlc::default());
        let mut made = Vec::new();
        for number in 1..=6 {
            let first = 3 * number - 2;
            let place = Place { vault: self.ring.vault(), device: device(1), number, previous, first };
            let records: Vec<Waiting> = (first..first + 3).map(waiting).collect();
            let reference = Some(Timestamp::from_millis(5_000));
            let mut segment =
                Segment::new(place, &records, order, reference, Heads::new(), &self.keys, &mut self.random).unwrap();
            (previous, order) = (segment.digest(), segment.last_order());
            made.push((place, segment.seal(&self.ring, (device(1), &self.keys), &mut self.random).unwrap()));
        }
        made
    }
}

#[test]
fn ten_thousand_changed_objects_are_found_and_the_others_read() {
    let mut vault = Vault::new(11);
    let segments = vault.segments();
    let elsewhere = Vault::new(12).segments();
    let mut random = Seeded::new(13);
    for round in 0..10_000 {
        let at = random.index(segments.len());
        let (place, whole) = &segments[at];
        let other = &segments[(at + 1 + random.index(segments.len() - 1)) % segments.len()].1;
        let mut bytes = whole.clone();
        let cut = random.index(whole.len());
        match random.below(6) {
            0 | 1 => bytes[cut] ^= 1 << random.below(8),
            2 => bytes.truncate(cut),
            // Exchanged, put in another order, or an old one played back.
            3 => bytes.clone_from(other),
            // One half of one and one half of another.
            4 => bytes = [&whole[..cut], &other[cut.min(other.len())..]].concat(),
            _ => bytes.clone_from(&elsewhere[at].1),
        }
        if bytes != *whole {
            assert!(Segment::open(&bytes, place, &vault.ring).is_err(), "round {round}");
        }
        if round % 500 == 0 {
            assert!(segments.iter().all(|(place, bytes)| Segment::open(bytes, place, &vault.ring).is_ok()));
        }
    }
}

#[test]
fn a_changed_keyring_is_found() {
    let vault = Vault::new(21);
    let bytes = vault.ring.seal().unwrap();
    let mut random = Seeded::new(22);
    for _ in 0..500 {
        let mut changed = bytes.clone();
        let at = random.index(bytes.len());
        if random.chance(50) {
            changed[at] ^= 1 << random.below(8);
        } else {
            changed.truncate(at);
        }
        assert!(Keyring::open(&changed, &vault.keys).is_err(), "{at}");
    }
}

#[test]
fn what_is_forgotten_leaves_the_segment_and_its_chain_holds() {
    let mut vault = Vault::new(31);
    let segments = vault.segments();
    let (place, bytes) = &segments[1];
    let mut segment = Segment::open(bytes, place, &vault.ring).unwrap();
    let shorter = Content { kind: "message".to_owned(), version: 1, payload: b"{}".to_vec() };
    let amendments = BTreeMap::from([(4, Amendment::Erased), (5, Amendment::Shortened(shorter.clone()))]);
    assert!(segment.amend(&amendments).unwrap());
    assert!(!segment.amend(&amendments).unwrap(), "a second time there is nothing to do");
    let sealed = segment.seal(&vault.ring, (device(1), &vault.keys), &mut vault.random).unwrap();
    let again = Segment::open(&sealed, place, &vault.ring).unwrap();
    let contents: Vec<Content> = again.entries().into_iter().map(|entry| entry.content).collect();
    assert_eq!(contents, [Content::erased(), shorter, waiting(6).content]);
    assert_eq!(again.digest(), segments[2].0.previous);
    assert!(Segment::open(&segments[2].1, &segments[2].0, &vault.ring).is_ok());
}

#[test]
fn a_blob_is_bound_to_its_name_and_its_vault() {
    let mut vault = Vault::new(41);
    let bytes = seal("one", b"a picture", &vault.ring, &mut vault.random).unwrap();
    assert_eq!(open("one", &bytes, &vault.ring).unwrap(), b"a picture");
    assert_eq!(open("two", &bytes, &vault.ring), Err(SyncError::SealBroken));
    assert_eq!(open("one", &bytes, &Vault::new(42).ring), Err(SyncError::SealBroken));
    let mut newer = bytes;
    newer[4] = 2;
    assert_eq!(open("one", &newer, &vault.ring), Err(SyncError::NewerFormat));
}
