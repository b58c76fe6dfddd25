//! What happens in the world, and in which order.

use super::bucket::MemoryBucket;
use super::device::{Device, Disk, content, said};
use super::{Seeded, check};
use crate::key::{DeviceKeys, digest};
use crate::keyring::{Keyring, NewDevice, Work};
use crate::mutant::{Mutant, plant, sound};
use crate::name;
use crate::round::{Ended, Input, MOST_STEPS, Step};
use crate::segment::{Place, Segment};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use twin_core::bucket::{Answer, Outcome, Request};
use twin_core::id::DeviceId;
use twin_core::port::Random;
use twin_core::secret::Secret;
use twin_core::sync::{Digest, Heads, Keep, Seen, Waiting};
use twin_core::time::{Hlc, Timestamp};

const ACTIONS: u32 = 200;
const TEN_YEARS: i64 = 3_652 * 24 * 60 * 60 * 1_000;
/// Said by nobody who belongs to the vault.
pub(super) const FORGED: u64 = 999_999_999;
const WORK: Work = Work { passphrase: 1, recovery: 1 };

/// What came of one seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// SHA-256 of everything that happened, in order.
    pub trace: Digest,
    /// Steps of rounds.
    pub steps: u64,
    /// Records that were acknowledged.
    pub records: u64,
}

pub(super) struct World {
    pub(super) random: Seeded,
    pub(super) bucket: MemoryBucket,
    pub(super) devices: Vec<Device>,
    pub(super) now: i64,
    /// Everything that was acknowledged, and may not be lost.
    pub(super) acknowledged: BTreeSet<u64>,
    /// Whose disks were copied or restored, and in whose name strangers wrote: their new ids are to be expected.
    pub(super) forked: BTreeSet<Digest>,
    authors: BTreeMap<u64, Digest>,
    next_id: u64,
    faults: bool,
    /// Whether its devices ask what a round foresees, as an application does: every second world.
    foresees: bool,
    /// Requests that arrive long after nobody waits for them.
    late: Vec<Request>,
    /// Every keyring that a device of the vault made.
    good: BTreeSet<Vec<u8>>,
    tampered: Option<Vec<u8>>,
    owner: DeviceKeys,
    rings: RefCell<BTreeMap<Vec<u8>, Keyring>>,
    vault: crate::key::VaultId,
    trace: Digest,
    steps: u64,
}

/// Runs one world, with one thing broken on purpose or none. The error says which invariant broke.
pub fn run(seed: u64, mutant: Option<Mutant>) -> Result<Ran, String> {
    plant(mutant);
    let ran = World::new(seed).and_then(World::live);
    plant(None);
    ran.map_err(|broken| format!("seed {seed}: {broken}"))
}

fn shown(error: impl std::fmt::Display) -> String {
    format!("in the world itself: {error}")
}

impl World {
    fn new(seed: u64) -> Result<Self, String> {
        let mut random = Seeded::new(seed);
        let keys = DeviceKeys::new(&mut random);
        let device = id(&mut random);
        let now = 1_800_000_000_000;
        let passphrase = Secret::new("correct horse".to_owned());
        let first = NewDevice { name: "PLAINTEXT laptop", device, keys: &keys, now: Timestamp::from_millis(now) };
        let code = Secret::new("recovery".to_owned());
        let keyring = Keyring::create(&first, &passphrase, &code, WORK, &mut random).map_err(shown)?;
        let owner = keyring.owner_keys(&passphrase, &keys).map_err(shown)?;
        let bytes = keyring.seal().map_err(shown)?;
        let mut world = Self {
            random,
            foresees: seed % 2 == 1,
            bucket: MemoryBucket::default(),
            devices: vec![Device::new(keys, Disk::new(device, bytes.clone()))],
            now,
            acknowledged: BTreeSet::new(),
            forked: BTreeSet::new(),
            authors: BTreeMap::new(),
            next_id: 1,
            faults: true,
            late: Vec::new(),
            good: BTreeSet::from([bytes.clone()]),
            tampered: None,
            owner,
            rings: RefCell::default(),
            vault: keyring.vault(),
            trace: Digest::default(),
            steps: 0,
        };
        world.bucket.put(&name::keyring(world.vault), bytes, "set-up");
        for _ in 0..2 + world.random.below(2) {
            world.join()?;
        }
        Ok(world)
    }

    fn note(&mut self, what: &str) {
        self.trace = digest(&[&self.trace.0, what.as_bytes()]);
    }

    fn live(mut self) -> Result<Ran, String> {
        for _ in 0..ACTIONS {
            self.happen()?;
        }
        self.quiet()?;
        check::converged(&self)?;
        self.rolled_back()?;
        Ok(Ran { trace: self.trace, steps: self.steps, records: self.acknowledged.len() as u64 })
    }

    fn happen(&mut self) -> Result<(), String> {
        if self.random.chance(15) {
            self.now += i64::try_from(self.random.below(100_000)).unwrap_or(0);
        }
        let at = self.random.index(self.devices.len());
        match self.random.below(100) {
            0..=49 => self.burst(at),
            50..=71 => {
                self.write(at);
                Ok(())
            }
            72..=75 => {
                self.devices[at].crash();
                Ok(())
            }
            76..=77 => {
                self.devices[at].backup = Some(self.devices[at].disk.clone());
                Ok(())
            }
            78 => {
                self.restore(at);
                Ok(())
            }
            79 => {
                self.copy(at);
                Ok(())
            }
            80..=82 => {
                self.devices[at].skew = match self.random.below(4) {
                    0 => TEN_YEARS,
                    1 => -TEN_YEARS,
                    _ => 0,
                };
                Ok(())
            }
            83..=86 => {
                self.forget(at);
                Ok(())
            }
            87 => self.remove(at),
            88 => self.rotate(at),
            89 if self.devices.len() < 5 => self.join(),
            90..=93 => {
                if let Some(request) = self.late.pop() {
                    self.bucket_asked(request);
                }
                Ok(())
            }
            94 => self.forge(at),
            95..=96 => self.tamper_with_keyring(at),
            97 => {
                self.devices[at].offline = !self.devices[at].offline;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, at: usize) {
        let known: Vec<u64> = self.devices[at].disk.ids().into_iter().collect();
        let parent = if known.is_empty() { 0 } else { known[self.random.index(known.len())] };
        let id = self.next_id;
        self.next_id += 1;
        let said = match self.random.below(10) {
            0..=5 => content("message", id, parent),
            6..=8 => content("register", id, self.random.below(3)),
            _ => content("of a newer program", id, 0),
        };
        self.acknowledge(at, id, &said);
    }

    fn acknowledge(&mut self, at: usize, id: u64, said: &twin_core::sync::Content) {
        let device = &mut self.devices[at];
        let now = Timestamp::from_millis(self.now + device.skew);
        device.disk.append(said, now);
        // What a removed device writes is its own affair.
        if !device.removed {
            self.acknowledged.insert(id);
        }
        self.authors.insert(id, self.devices[at].keys.verifying());
        self.note(&format!("{at} wrote {id}"));
    }

    fn forget(&mut self, at: usize) {
        let disk = &self.devices[at].disk;
        let known = disk.log.values().filter(|row| row.content.kind != "forgotten");
        let known: Vec<u64> = known.filter_map(|row| said(&row.content)).map(|(id, _)| id).collect();
        if known.is_empty() {
            return;
        }
        let target = known[self.random.index(known.len())];
        let id = self.next_id;
        self.next_id += 1;
        self.acknowledge(at, id, &content("forgotten", id, target));
    }

    /// An old copy of the disk is put back. What was only on the new one, and not sent, is lost, and that is nobody's fault.
    fn restore(&mut self, at: usize) {
        let Some(backup) = self.devices[at].backup.clone() else { return };
        let newest = self.bucket.newest(&name::keyring(self.vault));
        if self.tampered.is_some()
            && newest.is_none_or(|newest| self.would_believe(&backup, &self.devices[at].keys, &newest.bytes))
        {
            // With neither a bucket nor a disk that remembers the keyring, nobody could tell.
            return;
        }
        let kept = backup.ids();
        let mut gone = self.devices[at].disk.unsent_ids();
        gone.extend(&self.devices[at].disk.forgotten);
        self.acknowledged.retain(|id| kept.contains(id) || !gone.contains(id));
        // A confirmation may have been for an object whose records others have: those stay.
        self.devices[at].crash();
        self.devices[at].disk = backup;
        self.forked.insert(self.devices[at].keys.verifying());
        self.note("restored");
    }

    /// Another process with the same keys and device id, on a copy of the disk.
    fn copy(&mut self, at: usize) {
        if self.devices.len() >= 5 || self.devices[at].removed {
            return;
        }
        let original = &self.devices[at];
        let copy = Device::new(original.keys.clone(), original.disk.clone());
        self.devices.push(copy);
        self.forked.insert(self.devices[at].keys.verifying());
        self.note("copied");
    }

    fn good_keyring(&self) -> Option<(Vec<u8>, Keyring)> {
        let bytes = &self.bucket.newest(&name::keyring(self.vault))?.bytes;
        Some((bytes.clone(), self.ring(bytes)?))
    }

    /// What is in a keyring, as its owner opens it. Remembered: a device opens the same bytes many times.
    pub(super) fn ring(&self, bytes: &[u8]) -> Option<Keyring> {
        if let Some(known) = self.rings.borrow().get(bytes) {
            return Some(known.clone());
        }
        let opened = Keyring::open(bytes, &self.owner).ok()?;
        self.rings.borrow_mut().insert(bytes.to_vec(), opened.clone());
        Some(opened)
    }

    fn change_keyring(&mut self, at: Option<usize>, keyring: &Keyring) -> Result<Vec<u8>, String> {
        let bytes = keyring.seal().map_err(shown)?;
        self.good.insert(bytes.clone());
        self.bucket.put(&name::keyring(self.vault), bytes.clone(), "by hand");
        if let Some(at) = at {
            self.devices[at].crash();
            self.devices[at].disk.keyring.clone_from(&bytes);
        }
        Ok(bytes)
    }

    fn join(&mut self) -> Result<(), String> {
        let (None, Some((_, mut keyring))) = (&self.tampered, self.good_keyring()) else { return Ok(()) };
        let device = self.joiner(&mut keyring)?;
        self.devices.push(device);
        self.note("joined");
        Ok(())
    }

    fn joiner(&mut self, keyring: &mut Keyring) -> Result<Device, String> {
        let keys = DeviceKeys::new(&mut self.random);
        let device = id(&mut self.random);
        let new = NewDevice { name: "PLAINTEXT phone", device, keys: &keys, now: Timestamp::from_millis(self.now) };
        keyring.add_device(&new).map_err(shown)?;
        let bytes = self.change_keyring(None, keyring)?;
        Ok(Device::new(keys, Disk::new(device, bytes)))
    }

    fn remove(&mut self, at: usize) -> Result<(), String> {
        let staying = self.devices.iter().filter(|device| !device.removed).count();
        let by = self.random.index(self.devices.len());
        let same = self.devices[by].keys == self.devices[at].keys;
        let fresh = self.devices[by].disk.device;
        let (None, Some((_, mut keyring))) = (&self.tampered, self.good_keyring()) else { return Ok(()) };
        if staying < 3
            || same
            || self.devices[at].removed
            || self.devices[by].removed
            || keyring.device(fresh).is_none()
        {
            return Ok(());
        }
        let gone = self.devices[at].disk.device;
        if keyring.device(gone).is_none() {
            return Ok(());
        }
        let before = keyring.newest_epoch();
        keyring.remove_device(gone, Timestamp::from_millis(self.now), &mut self.random).map_err(shown)?;
        if keyring.newest_epoch() <= before {
            return Err("I14: a device was removed, and no epoch began".to_owned());
        }
        self.change_keyring(Some(by), &keyring)?;
        let keys = self.devices[at].keys.clone();
        for device in self.devices.iter_mut().filter(|device| device.keys == keys) {
            device.removed = true;
        }
        // What it had not sent goes with it, unless another process of it had.
        let ours = |device: &&Device| device.keys == keys;
        let sent: BTreeSet<u64> = self.devices.iter().filter(ours).flat_map(|device| device.disk.sent_ids()).collect();
        let authors = &self.authors;
        self.acknowledged.retain(|id| authors.get(id) != Some(&keys.verifying()) || sent.contains(id));
        self.note("removed");
        Ok(())
    }

    fn rotate(&mut self, at: usize) -> Result<(), String> {
        let (None, Some((_, mut keyring))) = (&self.tampered, self.good_keyring()) else { return Ok(()) };
        if self.devices[at].removed {
            return Ok(());
        }
        keyring.rotate(&mut self.random);
        self.change_keyring(Some(at), &keyring)?;
        Ok(())
    }

    /// Somebody writes in the name of a device: one who has keys of the vault but not that device's, or a copy of that
    /// device which lived in another bucket.
    fn forge(&mut self, at: usize) -> Result<(), String> {
        let (victim, theirs) = (&self.devices[at].disk, self.devices[at].keys.clone());
        let chain = victim.chains.get(&victim.device).copied().unwrap_or_default();
        let elsewhere = self.random.chance(50);
        let previous = if elsewhere { Digest([7; 32]) } else { chain.digest };
        let keys = if elsewhere { theirs.clone() } else { DeviceKeys::new(&mut self.random) };
        let Some(keyring) = self.ring(&victim.keyring) else { return Ok(()) };
        let (device, number, first) = (victim.device, chain.segments + 1, chain.records + 1);
        if keyring.device(device).is_none() {
            return Ok(());
        }
        let place = Place { vault: self.vault, device, number, previous, first };
        let waiting = Waiting {
            seq: first,
            hlc: Hlc { wall: self.now, counter: 0 },
            seen: Seen::default(),
            content: content("message", FORGED, 0),
        };
        let mut segment = Segment::new(place, &[waiting], Hlc::default(), None, Heads::new(), &keys, &mut self.random)
            .map_err(shown)?;
        let bytes = segment.seal(&keyring, (device, &keys), &mut self.random).map_err(shown)?;
        let name = name::segment(self.vault, device, number);
        self.bucket.ask(Request::PutIfAbsent { name, bytes, put_id: "stranger".to_owned() });
        self.forked.insert(self.devices[at].keys.verifying());
        self.note("forged");
        Ok(())
    }

    /// A removed device writes a keyring of its own, or the bucket puts an old one back; later somebody mends it.
    fn tamper_with_keyring(&mut self, at: usize) -> Result<(), String> {
        let name = name::keyring(self.vault);
        if let Some(good) = self.tampered.take() {
            self.bucket.put(&name, good, "mended");
            return Ok(());
        }
        let Some((good, _)) = self.good_keyring() else { return Ok(()) };
        let bad = if self.devices[at].removed {
            let mut keyring = Keyring::open(&self.devices[at].disk.keyring, &self.devices[at].keys).map_err(shown)?;
            for _ in 0..20 {
                keyring.rotate(&mut self.random);
            }
            keyring.seal().map_err(shown)?
        } else {
            let old: Vec<&(String, Vec<u8>, String)> = self
                .bucket
                .history
                .iter()
                .filter(|(old, bytes, _)| *old == name && self.good.contains(bytes))
                .collect();
            old[self.random.index(old.len())].1.clone()
        };
        // To those who have not heard of it, what came later never was: neither of a removal nor of a newer keyring. Nothing
        // can be done about that.
        let staying = self.devices.iter().filter(|device| !device.removed);
        if bad == good || staying.into_iter().any(|device| self.would_believe(&device.disk, &device.keys, &bad)) {
            return Ok(());
        }
        for device in self.devices.iter_mut().filter(|device| device.removed) {
            device.fooled |= Keyring::open(&bad, &device.keys).is_ok();
        }
        self.note("tampered");
        self.bucket.put(&name, bad, "tampered");
        self.tampered = Some(good);
        Ok(())
    }

    fn would_believe(&self, disk: &Disk, keys: &DeviceKeys, bad: &[u8]) -> bool {
        let known = self.ring(&disk.keyring);
        sound(|| Keyring::open(bad, keys).is_ok_and(|bad| known.is_some_and(|known| bad.follows(&known).is_ok())))
    }

    fn bucket_asked(&mut self, request: Request) -> Outcome {
        if let Request::PutIfMatch { name, bytes, .. } = &request
            && *name == name::keyring(self.vault)
        {
            self.good.insert(bytes.clone());
        }
        self.bucket.ask(request)
    }

    fn answer(&mut self, at: usize, request: Request) -> Answer {
        let date = Some(Timestamp::from_millis(self.now));
        let put = matches!(request, Request::PutIfAbsent { .. } | Request::PutIfMatch { .. });
        if !self.faults {
            let outcome = self.bucket_asked(request);
            return Answer { outcome, date };
        }
        let segment = matches!(&request, Request::PutIfMatch { name, .. } if name.contains("/s/"));
        if self.devices[at].offline || segment && self.devices[at].fooled {
            return Answer { outcome: Outcome::Busy { retry_after: None }, date };
        }
        let outcome = match self.random.below(100) {
            0..=3 => Outcome::Lost,
            4..=8 => {
                self.bucket_asked(request);
                Outcome::Lost
            }
            9..=11 => {
                self.bucket_asked(request.clone());
                self.bucket_asked(request)
            }
            12..=13 => {
                self.late.push(request);
                Outcome::Lost
            }
            14..=16 => Outcome::Busy { retry_after: Some(1) },
            17 if put => Outcome::Conflict,
            18 if put => Outcome::Refused,
            19..=20 => match self.bucket_asked(request) {
                Outcome::Found { mut bytes, etag } => {
                    let half = self.random.index(bytes.len().max(1));
                    bytes.truncate(half);
                    Outcome::Found { bytes, etag }
                }
                other => other,
            },
            _ => self.bucket_asked(request),
        };
        Answer { outcome, date }
    }

    fn burst(&mut self, at: usize) -> Result<(), String> {
        // Whoever is turned away all the time has to give up by itself.
        let most = if self.devices[at].offline { 250 } else { self.random.below(12) };
        for _ in 0..=most {
            if self.advance(at, None)?.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// One step of a device. How its round ended, if it did.
    fn advance(&mut self, at: usize, thorough: Option<bool>) -> Result<Option<Ended>, String> {
        if self.devices[at].walk.is_none() {
            let thorough = thorough.unwrap_or_else(|| self.random.chance(40));
            let random = Seeded::new(self.random.draw());
            let keyring = self.ring(&self.devices[at].disk.keyring).ok_or("a disk holds what is no keyring")?;
            self.devices[at].begin(keyring, thorough, random);
        }
        let Some((mut round, input, steps)) = self.devices[at].walk.take() else { return Ok(None) };
        let step = round.step(input);
        self.steps += 1;
        if steps + 1 > MOST_STEPS {
            return Err("I10: a round took more than its steps".to_owned());
        }
        for request in round.foreseen() {
            self.foreseen(at, request);
        }
        let input = match step {
            Step::Finished(ended) => {
                // Whoever drives the rounds waits before the next.
                self.devices[at].turned_away = None;
                self.note(&format!("{at} {ended:?}"));
                return match ended {
                    Ended::Wrong(error) => Err(format!("a round went wrong: {error:?}")),
                    ended => Ok(Some(ended)),
                };
            }
            other => self.done(at, other)?,
        };
        self.devices[at].walk = Some((round, input, steps + 1));
        Ok(None)
    }

    /// Asked at once, as a program does that has nothing better to do meanwhile; or not.
    fn foreseen(&mut self, at: usize, request: Request) {
        self.devices[at].ahead.retain(|(asked, _)| *asked != request);
        if self.foresees && self.random.chance(70) {
            let answer = self.answer(at, request.clone());
            self.note(&format!("{at} ahead {} {:?}", request.name(), std::mem::discriminant(&answer.outcome)));
            self.devices[at].ahead.push((request, answer));
        }
    }

    fn asked(&mut self, at: usize, request: &Request) -> Answer {
        let ahead = &mut self.devices[at].ahead;
        match ahead.iter().position(|(asked, _)| asked == request) {
            Some(place) => ahead.swap_remove(place).1,
            None => self.answer(at, request.clone()),
        }
    }

    fn done(&mut self, at: usize, step: Step) -> Result<Input, String> {
        let again = self.devices[at].turned_away.take();
        Ok(match step {
            Step::Ask(request) => {
                if again.as_ref() == Some(&request) {
                    return Err("asked again at once after being turned away".to_owned());
                }
                let answer = self.asked(at, &request);
                self.note(&format!("{at} {} {:?}", request.name(), std::mem::discriminant(&answer.outcome)));
                if matches!(answer.outcome, Outcome::Busy { .. } | Outcome::Lost | Outcome::Conflict) {
                    self.devices[at].turned_away = Some(request);
                }
                Input::Answer(answer)
            }
            Step::Wait { millis } => {
                self.note(&format!("{at} waits {millis}"));
                Input::Done
            }
            Step::Take { after, .. } => Input::Records(self.devices[at].disk.take(after)),
            Step::Judge(entries) => Input::Amendments(self.devices[at].disk.judge(&entries)),
            Step::Alarm(alarm) => {
                self.devices[at].alarms.push(alarm);
                Input::Done
            }
            Step::Keep(_) if self.faults && self.random.chance(4) => Input::NotKept,
            Step::Keep(keep) => {
                self.note(&format!("{at} keeps {:?}", std::mem::discriminant(&keep)));
                check::before_keeping(self, at, &keep)?;
                if let Keep::Keyring(bytes) = &keep
                    && !self.good.contains(bytes)
                    && !self.devices[at].removed
                {
                    return Err("a keyring was believed that no device of the vault made".to_owned());
                }
                let before = self.devices[at].disk.ids();
                self.devices[at].disk.keep(keep);
                check::nothing_vanished(&before, &self.devices[at].disk)?;
                Input::Done
            }
            Step::Finished(_) => Input::Done,
        })
    }

    fn rest(&mut self, at: usize) -> Result<(), String> {
        self.devices[at].crash();
        for _ in 0..12 {
            let ended = loop {
                if let Some(ended) = self.advance(at, Some(true))? {
                    break ended;
                }
            };
            if ended == Ended::Settled {
                return Ok(());
            }
            if ended != Ended::More {
                return Err(format!("in a good world a round ended as {ended:?}: {:?}", self.devices[at].alarms));
            }
        }
        Err("I10: rounds without end".to_owned())
    }

    fn quiet(&mut self) -> Result<(), String> {
        self.faults = false;
        while let Some(request) = self.late.pop() {
            self.bucket_asked(request);
        }
        if let Some(good) = self.tampered.take() {
            self.bucket.put(&name::keyring(self.vault), good, "mended");
        }
        // One in which what was broken heals, then the two of which the specification speaks.
        for _ in 0..3 {
            for at in 0..self.devices.len() {
                if !self.devices[at].removed {
                    self.rest(at)?;
                }
            }
        }
        // A device that was never there, with nothing but the passphrase.
        let (_, mut keyring) = self.good_keyring().ok_or("the keyring is gone")?;
        let newest = self.joiner(&mut keyring)?;
        self.devices.push(newest);
        self.rest(self.devices.len() - 1)
    }

    /// The bucket loses a segment that others had seen: whoever comes next has to say so.
    fn rolled_back(&mut self) -> Result<(), String> {
        let by = self.devices.len() - 1;
        let own = self.devices[by].disk.device;
        let known = self.devices[by].disk.chains.clone();
        let keyring = self.good_keyring().ok_or("the keyring is gone")?.1;
        let present = |device: &DeviceId| keyring.device(*device).is_some_and(|listed| listed.removed.is_none());
        let victim = known.iter().find(|(device, chain)| **device != own && chain.segments > 0 && present(device));
        let Some((device, chain)) = victim.map(|(device, chain)| (*device, *chain)) else { return Ok(()) };
        self.next_id += 1;
        let id = self.next_id;
        self.acknowledge(by, id, &content("message", id, 0));
        self.rest(by)?;
        let name = name::segment(self.vault, device, chain.segments);
        self.bucket.ask(Request::Delete { name });
        let mut keyring = keyring;
        let newest = self.joiner(&mut keyring)?;
        self.devices.push(newest);
        let joined = self.devices.len() - 1;
        self.rest(joined)?;
        let told = self.devices[joined].alarms.iter().any(|alarm| matches!(alarm, crate::round::Alarm::Missing { .. }));
        if told { Ok(()) } else { Err("a bucket went back in time, and nobody said so".to_owned()) }
    }
}

fn id(random: &mut Seeded) -> DeviceId {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    DeviceId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
