//! The frozen formats. Do not modify: neither these files nor what is asserted of them. Somebody's bucket is full of these.

use crate::keyring::device;
use twin_core::secret::Secret;
use twin_core::sync::{Content, Digest, Heads, Seen, Waiting};
use twin_core::time::{Hlc, Timestamp};
use twin_sync::blob;
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::Keyring;
use twin_sync::name;
use twin_sync::segment::{Place, Segment};
use twin_sync::sim::Seeded;

const KEYRING: &[u8] = include_bytes!("../golden/keyring.txt");
const SEGMENT: &[u8] = include_bytes!("../golden/segment.bin");
const BLOB: &[u8] = include_bytes!("../golden/blob.bin");
const KEYS: &str = include_str!("../golden/device.txt");
const VAULT: &str = "712e3d25c4fbb4683d89458dace2a3a7";
const CHECK: &str = "55dcbffa39fe5886";
const DIGEST: &str = "13b49fa06e19714f81f4acc9a4d06aee2ba76b2f342b7f522bfe4416dca69306";
const BLOB_NAME: &str = "31a9ef438f47aefcb1347c820024ab72";
const CODE: &str = "0123-4567-89AB-CDEF-GHJK-MNPQ";

/// The header and the nonce: what does not rest on how well zstd packs.
const OPEN: usize = 82 + 24;

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn waiting() -> Vec<Waiting> {
    let record = |seq, kind: &str, payload: &[u8], heads: Heads| Waiting {
        seq,
        hlc: Hlc { wall: 1_800_000_000_000, counter: 1 },
        seen: Seen { heads, order: Hlc { wall: 5, counter: 2 } },
        content: Content { kind: kind.to_owned(), version: 3, payload: payload.to_vec() },
    };
    vec![
        record(1, "message", br#"{"text":"hello"}"#, Heads::new()),
        record(2, "title", b"{}", Heads::from([(device(2), 7)])),
    ]
}

fn made(ring: &Keyring, keys: &DeviceKeys) -> (Place, Segment, Vec<u8>) {
    let mut random = Seeded::new(1);
    let place = Place { vault: ring.vault(), device: device(1), number: 1, previous: Digest::default(), first: 1 };
    let reference = Some(Timestamp::from_millis(1_799_000_000_000));
    let heads = Heads::from([(device(2), 9)]);
    let mut segment = Segment::new(place, &waiting(), Hlc::default(), reference, heads, keys, &mut random).unwrap();
    let bytes = segment.seal(ring, (device(1), keys), &mut random).unwrap();
    (place, segment, bytes)
}

#[test]
fn a_keyring_of_the_first_version_opens_for_ever() {
    let keys = DeviceKeys::from_text(&secret(KEYS)).unwrap();
    for opened in [
        Keyring::open(KEYRING, &keys),
        Keyring::open_with_passphrase(KEYRING, &secret("a passphrase")),
        Keyring::open_with_recovery_code(KEYRING, &secret(CODE)),
    ] {
        let ring = opened.unwrap();
        assert_eq!(ring.vault().to_string(), VAULT);
        assert_eq!(ring.check().unwrap(), CHECK);
        assert_eq!((ring.generation(), ring.newest_epoch()), (3, 2));
        let removed = ring.devices()[1].removed.as_ref().unwrap();
        assert_eq!((removed.epoch, &removed.last), (2, &None));
    }
}

#[test]
fn a_segment_of_the_first_version_opens_for_ever_and_is_written_the_same() {
    let keys = DeviceKeys::from_text(&secret(KEYS)).unwrap();
    let ring = Keyring::open(KEYRING, &keys).unwrap();
    let (place, segment, bytes) = made(&ring, &keys);
    let golden = Segment::open(SEGMENT, &place, &ring).unwrap();
    assert_eq!(golden, segment);
    assert_eq!(golden.digest().to_string(), DIGEST);
    assert_eq!(bytes[..OPEN], SEGMENT[..OPEN]);
    // A clock a day ahead of the bucket's: both stand at the end of that day, one after the other.
    let places: Vec<Hlc> = golden.entries().iter().map(|entry| entry.order).collect();
    assert_eq!(places, [Hlc { wall: 1_799_086_400_000, counter: 0 }, Hlc { wall: 1_799_086_400_000, counter: 1 }]);
}

#[test]
fn a_blob_of_the_first_version_opens_for_ever_and_is_written_the_same() {
    let keys = DeviceKeys::from_text(&secret(KEYS)).unwrap();
    let ring = Keyring::open(KEYRING, &keys).unwrap();
    assert_eq!(blob::open("a name", BLOB, &ring).unwrap(), b"a picture");
    assert_eq!(blob::seal("a name", b"a picture", &ring, &mut Seeded::new(2)).unwrap(), BLOB);
}

#[test]
fn objects_are_called_so_for_ever() {
    let keys = DeviceKeys::from_text(&secret(KEYS)).unwrap();
    let ring = Keyring::open(KEYRING, &keys).unwrap();
    let vault = ring.vault();
    assert_eq!(name::keyring(vault), format!("{VAULT}/keyring"));
    let first = name::segment(vault, device(1), 42);
    assert_eq!(first, format!("{VAULT}/s/00000000000000000000000000000001/00000000000000000042"));
    assert_eq!(name::blob(&ring, &Digest([7; 32])).unwrap(), format!("{VAULT}/blob/{BLOB_NAME}"));
    assert_eq!(name::vault_of(&first), Some(vault));
    assert!([first, name::blobs(vault), name::keyring(vault)].iter().all(|name| *name < name::behind(vault)));
}
