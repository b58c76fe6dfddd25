//! I15 and I16 at the level of this crate: what goes in comes out, also what only a newer program understands.

use crate::keyring::{WORK, device, new};
use proptest::prelude::*;
use std::collections::BTreeMap;
use twin_core::bucket::{Answer, Outcome, Request};
use twin_core::secret::Secret;
use twin_core::sync::{Content, Digest, Entry, Heads, Keep, Seen, Standing, Waiting};
use twin_core::time::{Hlc, Timestamp};
use twin_sync::key::DeviceKeys;
use twin_sync::keyring::Keyring;
use twin_sync::name;
use twin_sync::round::{Alarm, Ended, Input, Round, Step};
use twin_sync::segment::{Place, Segment};
use twin_sync::sim::{MemoryBucket, Seeded};

fn vault(random: &mut Seeded) -> (Keyring, [DeviceKeys; 3]) {
    let keys = [(); 3].map(|()| DeviceKeys::new(random));
    let secret = Secret::new("a passphrase".to_owned());
    let mut ring = Keyring::create(&new(1, &keys[0]), &secret, &secret, WORK, random).unwrap();
    ring.add_device(&new(2, &keys[1])).unwrap();
    ring.add_device(&new(3, &keys[2])).unwrap();
    (ring, keys)
}

fn content() -> impl Strategy<Value = Content> {
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    (".{0,20}", any::<u16>(), payload).prop_map(|(kind, version, payload)| Content { kind, version, payload })
}

fn waiting() -> impl Strategy<Value = Vec<Waiting>> {
    let clock = (-10_i64..i64::MAX / 2, any::<u32>()).prop_map(|(wall, counter)| Hlc { wall, counter });
    let heads = prop::collection::btree_map((2_u128..6).prop_map(device), any::<u64>(), 0..4);
    let record = (clock, heads, content());
    prop::collection::vec(record, 1..12).prop_map(|records| {
        let counted = (1..).zip(records);
        let made = counted.map(|(seq, (hlc, heads, content))| {
            let seen = Seen { heads, order: Hlc::default() };
            Waiting { seq, hlc, seen, content }
        });
        made.collect()
    })
}

/// Through segments of at most `most` records, and back.
fn through(records: &[Waiting], most: usize, seed: u64) -> Vec<Entry> {
    let mut random = Seeded::new(seed);
    let (ring, keys) = vault(&mut random);
    let (mut previous, mut order, mut entries) = (Digest::default(), Hlc::default(), Vec::new());
    for (number, part) in (1..).zip(records.chunks(most)) {
        let place = Place { vault: ring.vault(), device: device(1), number, previous, first: part[0].seq };
        let reference = Some(Timestamp::from_millis(1_000));
        let mut made = Segment::new(place, part, order, reference, Heads::new(), &keys[0], &mut random).unwrap();
        let bytes = made.seal(&ring, (device(1), &keys[0]), &mut random).unwrap();
        let opened = Segment::open(&bytes, &place, &ring).unwrap();
        assert_eq!(opened, made);
        (previous, order) = (opened.digest(), opened.last_order());
        entries.extend(opened.entries());
    }
    entries
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn records_travel_through_segments_and_into_another_vault_without_a_loss(records in waiting(), most in 1_usize..6) {
        let entries = through(&records, most, 1);
        prop_assert_eq!(entries.len(), records.len());
        for (entry, record) in entries.iter().zip(&records) {
            prop_assert_eq!(
                (entry.device, entry.seq, entry.hlc, &entry.seen, &entry.content),
                (device(1), record.seq, record.hlc, &record.seen.heads, &record.content)
            );
        }
        let again: Vec<Waiting> = entries
            .iter()
            .map(|entry| Waiting {
                seq: entry.seq,
                hlc: entry.hlc,
                seen: Seen { heads: entry.seen.clone(), order: Hlc::default() },
                content: entry.content.clone(),
            })
            .collect();
        prop_assert_eq!(through(&again, 3, 2), entries);
    }
}

/// One round of device 3, with everything that it kept and said.
struct Walked {
    ended: Ended,
    entries: Vec<Entry>,
    alarms: Vec<Alarm>,
    standing: Standing,
    written: Vec<String>,
    /// What was asked, in its order, each with whether it had been foreseen.
    asked: Vec<(Request, bool)>,
    /// What was foreseen and not asked.
    in_vain: Vec<Request>,
}

fn walk(bucket: &mut MemoryBucket, mut standing: Standing, keys: &DeviceKeys) -> Walked {
    let ring = Keyring::open(&standing.keyring, keys).unwrap();
    let mut round = Round::new(standing.clone(), ring, keys.clone(), true, Box::new(Seeded::new(9)));
    let (mut entries, mut alarms, mut written, mut asked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut input, mut in_vain) = (Input::Done, Vec::new());
    let ended = loop {
        let step = round.step(input);
        in_vain.extend(round.foreseen());
        input = match step {
            Step::Ask(request) => {
                let foreseen = in_vain.iter().position(|foreseen| *foreseen == request);
                foreseen.map(|at| in_vain.remove(at));
                asked.push((request.clone(), foreseen.is_some()));
                if !matches!(request, Request::Get { .. } | Request::Head { .. }) {
                    written.push(request.name().to_owned());
                }
                Input::Answer(Answer { outcome: bucket.ask(request), date: Some(Timestamp::from_millis(5_000)) })
            }
            Step::Take { .. } => Input::Records(Vec::new()),
            Step::Keep(Keep::Received { span, chain, entries: new, .. }) => {
                standing.chains.insert(span.device, chain);
                entries.extend(new);
                Input::Done
            }
            Step::Alarm(alarm) => {
                alarms.push(alarm);
                Input::Done
            }
            Step::Finished(ended) => break ended,
            other => panic!("{other:?}"),
        };
    };
    Walked { ended, entries, alarms, standing, written, asked, in_vain }
}

/// A bucket with a keyring and nothing else, and device 3, which has read nothing.
fn meeting(random: &mut Seeded) -> (Keyring, [DeviceKeys; 3], MemoryBucket, Standing) {
    let (ring, keys) = vault(random);
    let mut bucket = MemoryBucket::default();
    let keyring = ring.seal().unwrap();
    bucket.put(&name::keyring(ring.vault()), keyring.clone(), "set-up");
    let standing =
        Standing { device: device(3), chains: BTreeMap::new(), outgoing: None, keyring, unclean: Vec::new() };
    (ring, keys, bucket, standing)
}

#[test]
fn what_only_a_newer_program_reads_waits_untouched_and_is_read_after_the_update() {
    let mut random = Seeded::new(5);
    let (ring, keys, mut bucket, standing) = meeting(&mut random);
    let mut newer = Vec::new();
    for (number, key) in [(1, &keys[0]), (2, &keys[1])] {
        let sender = device(number);
        let place = Place { vault: ring.vault(), device: sender, number: 1, previous: Digest::default(), first: 1 };
        let content = Content { kind: "of a newer program".to_owned(), version: 999, payload: vec![0, 255, 7] };
        let waiting = [Waiting { seq: 1, hlc: Hlc { wall: 1_000, counter: 0 }, seen: Seen::default(), content }];
        let mut made = Segment::new(place, &waiting, Hlc::default(), None, Heads::new(), key, &mut random).unwrap();
        let mut bytes = made.seal(&ring, (sender, key), &mut random).unwrap();
        if number == 1 {
            newer.clone_from(&bytes);
            bytes[4] = 2;
        }
        bucket.put(&name::segment(ring.vault(), sender, 1), bytes, "theirs");
    }

    let old = walk(&mut bucket, standing, &keys[2]);
    assert_eq!((old.ended, old.alarms), (Ended::Settled, vec![Alarm::NewerFormat { device: device(1) }]));
    // The newer kind of the other device came whole; nothing was taken away or written over.
    let kept: Vec<&Content> = old.entries.iter().map(|entry| &entry.content).collect();
    assert_eq!((kept[0].version, &kept[0].payload[..], kept.len()), (999, &[0, 255, 7][..], 1));
    assert_eq!(old.written, Vec::<String>::new());
    assert_eq!(bucket.newest(&name::segment(ring.vault(), device(1), 1)).unwrap().bytes[4], 2);

    // The update: that format can be read now.
    bucket.put(&name::segment(ring.vault(), device(1), 1), newer, "the same, read by a newer program");
    let updated = walk(&mut bucket, old.standing, &keys[2]);
    assert_eq!((updated.ended, updated.alarms.len(), updated.entries.len()), (Ended::Settled, 0, 1));
    assert_eq!(updated.entries[0].device, device(1));
}

#[test]
fn a_bucket_that_asks_for_years_is_asked_again_after_minutes() {
    let mut random = Seeded::new(8);
    let (ring, [.., keys], _, standing) = meeting(&mut random);
    let mut round = Round::new(standing, ring, keys, true, Box::new(random));
    assert!(matches!(round.step(Input::Done), Step::Ask(_)));
    let outcome = Outcome::Busy { retry_after: Some(u32::MAX) };
    let waits = round.step(Input::Answer(Answer { outcome, date: None }));
    assert!(matches!(waits, Step::Wait { millis } if millis <= 120_000), "{waits:?}");
}

#[test]
fn all_but_the_keyring_is_foreseen_and_nothing_that_is_not_asked() {
    let mut random = Seeded::new(6);
    let (ring, keys, mut bucket, standing) = meeting(&mut random);
    let (mut previous, mut order) = (Digest::default(), Hlc::default());
    for number in 1..=2 {
        let place = Place { vault: ring.vault(), device: device(1), number, previous, first: number };
        let content = Content { kind: "message".to_owned(), version: 1, payload: b"{}".to_vec() };
        let waiting = [Waiting { seq: number, hlc: Hlc { wall: 1_000, counter: 0 }, seen: Seen::default(), content }];
        let mut made = Segment::new(place, &waiting, order, None, Heads::new(), &keys[0], &mut random).unwrap();
        let bytes = made.seal(&ring, (device(1), &keys[0]), &mut random).unwrap();
        bucket.put(&name::segment(ring.vault(), device(1), number), bytes, "theirs");
        (previous, order) = (made.digest(), made.last_order());
    }

    let walked = walk(&mut bucket, standing, &keys[2]);
    assert_eq!((walked.ended, walked.entries.len()), (Ended::Settled, 2));
    let get = |name: String| Request::Get { name };
    let segment = |of: u128, number: u64| name::segment(ring.vault(), device(of), number);
    let expected = [
        (get(name::keyring(ring.vault())), false),
        (get(segment(1, 1)), true),
        (get(segment(1, 2)), true),
        (get(segment(1, 3)), true),
        (get(segment(2, 1)), true),
        (Request::Head { name: segment(3, 1) }, true),
    ];
    assert_eq!((walked.asked, walked.in_vain), (expected.to_vec(), Vec::new()));
}
