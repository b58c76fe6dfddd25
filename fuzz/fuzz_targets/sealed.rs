//! What lies in the bucket: keyrings, segments of the log and files, made up from nothing or changed from ones that were sealed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::sync::{Content, Digest, Heads, Seen, Waiting};
use twin_core::time::{Hlc, Timestamp};
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::{Keyring, NewDevice, Work};
use twin_sync::segment::{Place, Segment};
use twin_sync::sim::Seeded;
use twin_sync::{blob, recovery};
use uuid::Uuid;

struct Vault {
    ring: Keyring,
    keys: DeviceKeys,
    place: Place,
    objects: [Vec<u8>; 3],
}

static VAULT: LazyLock<Vault> = LazyLock::new(|| {
    let mut random = Seeded::new(1);
    let keys = DeviceKeys::new(&mut random);
    let device = DeviceId::from_uuid(Uuid::from_u128(1));
    let (secret, work) = (Secret::new("a passphrase".to_owned()), Work { passphrase: 1, recovery: 1 });
    let new = NewDevice { name: "laptop", device, keys: &keys, now: Timestamp::from_millis(1_800_000_000_000) };
    let ring = Keyring::create(&new, &secret, &secret, work, &mut random).expect("a keyring can be made");
    let place = Place { vault: ring.vault(), device, number: 1, previous: Digest::default(), first: 1 };
    let content = |seq| Content {
        kind: "message".to_owned(),
        version: 1,
        payload: format!("{{\"text\":\"{seq}\"}}").into_bytes(),
    };
    let records: Vec<Waiting> = (1..4)
        .map(|seq| Waiting { seq, hlc: Hlc { wall: 1_000, counter: 0 }, seen: Seen::default(), content: content(seq) })
        .collect();
    let mut segment =
        Segment::new(place, &records, Hlc::default(), None, Heads::new(), &keys, &mut random).expect("records fit");
    let segment = segment.seal(&ring, (device, &keys), &mut random).expect("a segment can be sealed");
    let file = blob::seal("a file", b"What it holds.", &ring, &mut random).expect("a file can be sealed");
    let objects = [ring.seal().expect("a keyring can be sealed"), segment, file];
    Vault { ring, keys, place, objects }
});

fuzz_target!(|data: &[u8]| {
    let Vault { ring, keys, place, objects } = &*VAULT;
    let Some((first, rest)) = data.split_first() else { return };
    let mut bytes = rest.to_vec();
    if let Some(object) = objects.get(usize::from(*first)) {
        // Two bytes say where, one says how.
        bytes.clone_from(object);
        for change in rest.chunks_exact(3) {
            let at = usize::from(change[0]) << 8 | usize::from(change[1]);
            let length = bytes.len();
            match change[2] {
                0 => bytes.truncate(at % length.max(1)),
                how if length > 0 => bytes[at % length] ^= how,
                _ => {}
            }
        }
        let changed = bytes != *object;
        // Whatever was changed, in any byte, is found.
        assert!(!changed || *first != 1 || Segment::open(&bytes, place, ring).is_err());
        assert!(!changed || *first != 2 || blob::open("a file", &bytes, ring).is_err());
    }
    let _ = Keyring::open(&bytes, keys);
    let _ = Segment::open(&bytes, place, ring);
    let _ = Segment::open_alone(&bytes, place.device, 1, ring);
    let _ = blob::open("a file", &bytes, ring);
    if let Ok(text) = std::str::from_utf8(&bytes) {
        let _ = recovery::parse_code(text);
    }
});
