//! Segments: the records of one device, written once, in a chain.
//!
//! Do not modify the format: `docs/sync-format.md` describes it.
//!
//! What is chained and signed is not the bytes but a digest of what was said, in which the content of each record stands
//! as a salted commitment. So a record can be forgotten later: its content and salt go, the commitment stays, and chain
//! and signature hold as before.

use crate::error::SyncError;
use crate::key::{DeviceKeys, NONCE, VaultId, decrypt, digest, encrypt, verify};
use crate::keyring::Keyring;
use crate::mutant::{Mutant, planted};
use crate::order;
use crate::wire::{Reader, Writer};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::port::Random;
use twin_core::sync::{Amendment, Content, Digest, Entry, Heads, Span, Waiting};
use twin_core::time::{Hlc, Timestamp};
use uuid::Uuid;

const MAGIC: &[u8; 4] = b"DTSG";
/// The format that is written.
pub const FORMAT: u16 = 1;
const HEADER: usize = 4 + 2 + 16 + 16 + 8 + 4 + 32;
const PURPOSE: &str = "digital-twin/1 segment";

/// The largest body after unpacking, in bytes. A record is text; files travel as blobs.
pub const LARGEST: usize = 64 << 20;

/// The most that the records of one segment may have seen, counted together: what is written once stands for many of them.
const MOST_SEEN: usize = 4 << 20;

/// Where a segment stands: which one is asked for, and what it has to continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Of which vault.
    pub vault: VaultId,
    /// Of which device.
    pub device: DeviceId,
    /// Counted from 1.
    pub number: u64,
    /// The digest of the one before it; zeros before the first.
    pub previous: Digest,
    /// The number of its first record: one more than the last of the segment before.
    pub first: u64,
}

/// What became of a record's content.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Whole { salt: [u8; 16], content: Content },
    Erased { commitment: Digest },
    Shortened { commitment: Digest, content: Content },
}

impl Held {
    fn commitment(&self) -> Result<Digest, SyncError> {
        match self {
            Self::Whole { salt, content } => commitment(salt, content),
            Self::Erased { commitment } | Self::Shortened { commitment, .. } => Ok(*commitment),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    hlc: Hlc,
    order: Hlc,
    seen: Heads,
    held: Held,
}

/// A segment that was opened and believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    place: Place,
    epoch: u32,
    reference: Option<Timestamp>,
    heads: Heads,
    lines: Vec<Line>,
    signature: [u8; 64],
    digest: Digest,
}

/// The epoch under which bytes are sealed, without opening them.
pub fn epoch(bytes: &[u8]) -> Result<u32, SyncError> {
    Ok(header(bytes)?.1)
}

fn header(bytes: &[u8]) -> Result<(Place, u32), SyncError> {
    let mut reader = Reader(bytes);
    if reader.take(MAGIC.len())? != MAGIC {
        return Err(SyncError::Malformed);
    }
    if reader.short()? != FORMAT {
        return Err(SyncError::NewerFormat);
    }
    let vault = VaultId(reader.array()?);
    let device = DeviceId::from_uuid(Uuid::from_bytes(reader.array()?));
    let number = reader.long()?;
    let epoch = reader.word()?;
    let previous = Digest(reader.array()?);
    Ok((Place { vault, device, number, previous, first: 0 }, epoch))
}

fn write_header(place: &Place, epoch: u32) -> Vec<u8> {
    let mut writer = Writer(Vec::with_capacity(HEADER));
    writer.raw(MAGIC).short(FORMAT).raw(&place.vault.0).raw(place.device.as_uuid().as_bytes());
    writer.long(place.number).word(epoch).raw(&place.previous.0);
    writer.0
}

fn commitment(salt: &[u8; 16], content: &Content) -> Result<Digest, SyncError> {
    let mut writer = Writer(b"digital-twin/1 content".to_vec());
    writer.raw(salt);
    write_content(&mut writer, content)?;
    Ok(digest(&[&writer.0]))
}

fn write_content(writer: &mut Writer, content: &Content) -> Result<(), SyncError> {
    writer.bytes(content.kind.as_bytes())?.short(content.version).bytes(&content.payload)?;
    Ok(())
}

fn read_content(reader: &mut Reader<'_>) -> Result<Content, SyncError> {
    let kind = String::from_utf8(reader.bytes()?.to_vec()).map_err(|_| SyncError::Malformed)?;
    Ok(Content { kind, version: reader.short()?, payload: reader.bytes()?.to_vec() })
}

fn write_hlc(writer: &mut Writer, hlc: Hlc) {
    writer.signed(hlc.wall).word(hlc.counter);
}

fn read_hlc(reader: &mut Reader<'_>) -> Result<Hlc, SyncError> {
    Ok(Hlc { wall: reader.signed()?, counter: reader.word()? })
}

fn write_heads(writer: &mut Writer, heads: &Heads) -> Result<(), SyncError> {
    writer.word(u32::try_from(heads.len()).map_err(|_| SyncError::Unsealable)?);
    for (device, seq) in heads {
        writer.raw(device.as_uuid().as_bytes()).long(*seq);
    }
    Ok(())
}

fn read_heads(reader: &mut Reader<'_>) -> Result<Heads, SyncError> {
    let mut heads = Heads::new();
    for _ in 0..reader.word()? {
        heads.insert(DeviceId::from_uuid(Uuid::from_bytes(reader.array()?)), reader.long()?);
    }
    Ok(heads)
}

impl Segment {
    /// Gives the records their places and makes the first form of a segment of them. `previous` is the place of the
    /// device's last record before these; `reference` the bucket's clock.
    pub fn new(
        place: Place,
        waiting: &[Waiting],
        previous: Hlc,
        reference: Option<Timestamp>,
        heads: Heads,
        keys: &DeviceKeys,
        random: &mut dyn Random,
    ) -> Result<Self, SyncError> {
        let mut lines = Vec::with_capacity(waiting.len());
        let mut last = previous;
        for (expected, record) in (place.first..).zip(waiting) {
            if record.seq != expected {
                return Err(SyncError::Unsealable);
            }
            last = order::place(record.hlc, &record.seen, last, reference);
            let mut salt = [0; 16];
            random.fill(&mut salt);
            let held = Held::Whole { salt, content: record.content.clone() };
            lines.push(Line { hlc: record.hlc, order: last, seen: record.seen.heads.clone(), held });
        }
        let mut segment =
            Self { place, epoch: 0, reference, heads, lines, signature: [0; 64], digest: Digest::default() };
        segment.digest = segment.computed()?;
        segment.signature = keys.sign(&segment.signed());
        Ok(segment)
    }

    fn signed(&self) -> Vec<u8> {
        [b"digital-twin/1 segment signature".as_slice(), &self.digest.0].concat()
    }

    fn computed(&self) -> Result<Digest, SyncError> {
        let mut writer = Writer(b"digital-twin/1 segment digest".to_vec());
        // The epoch is not said by the device but by who sealed it last.
        writer.raw(&write_header(&self.place, 0)).long(self.place.first);
        self.write_about(&mut writer)?;
        for line in &self.lines {
            write_hlc(&mut writer, line.hlc);
            write_hlc(&mut writer, line.order);
            write_heads(&mut writer, &line.seen)?;
            writer.raw(&line.held.commitment()?.0);
        }
        Ok(digest(&[&writer.0]))
    }

    fn write_about(&self, writer: &mut Writer) -> Result<(), SyncError> {
        writer.byte(u8::from(self.reference.is_some()));
        writer.signed(self.reference.map_or(0, Timestamp::as_millis));
        write_heads(writer, &self.heads)?;
        writer.word(u32::try_from(self.lines.len()).map_err(|_| SyncError::Unsealable)?);
        Ok(())
    }

    /// What is chained: the same before and after records of it were forgotten.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The number of its last record.
    pub fn last(&self) -> u64 {
        self.place.first + self.lines.len() as u64 - 1
    }

    /// The place of its last record in the order.
    pub fn last_order(&self) -> Hlc {
        self.lines.last().map_or_else(Hlc::default, |line| line.order)
    }

    /// How many records of each device its writer had when it was sealed.
    pub fn heads(&self) -> &Heads {
        &self.heads
    }

    /// Its records. What was forgotten is [`Content::erased`].
    pub fn entries(&self) -> Vec<Entry> {
        let numbered = (self.place.first..).zip(&self.lines);
        numbered
            .map(|(seq, line)| Entry {
                device: self.place.device,
                seq,
                hlc: line.hlc,
                order: line.order,
                seen: line.seen.clone(),
                content: match &line.held {
                    Held::Whole { content, .. } | Held::Shortened { content, .. } => content.clone(),
                    Held::Erased { .. } => Content::erased(),
                },
            })
            .collect()
    }

    /// Whether something was taken out of it since it was made.
    pub fn is_amended(&self) -> bool {
        self.lines.iter().any(|line| !matches!(line.held, Held::Whole { .. }))
    }

    /// Takes out what is to be forgotten. Whether anything changed. What is gone stays gone.
    pub fn amend(&mut self, amendments: &BTreeMap<u64, Amendment>) -> Result<bool, SyncError> {
        let mut changed = false;
        for (seq, amendment) in amendments {
            let at = seq.checked_sub(self.place.first).and_then(|at| usize::try_from(at).ok());
            let Some(line) = at.and_then(|at| self.lines.get_mut(at)) else { continue };
            let commitment = line.held.commitment()?;
            let held = match (amendment, &line.held) {
                (_, Held::Erased { .. }) | (Amendment::Erased, _) => Held::Erased { commitment },
                (Amendment::Shortened(content), _) => Held::Shortened { commitment, content: content.clone() },
            };
            let held = if planted(Mutant::RewriteOverwrites) {
                Held::Whole { salt: [0; 16], content: Content::erased() }
            } else {
                held
            };
            changed |= held != line.held;
            line.held = held;
        }
        Ok(changed)
    }

    /// The bytes for the bucket, under the newest epoch of `keyring`. `sealer` is who seals it now: a device other than the
    /// one that made it may take out what was forgotten, and signs that with its own key.
    pub fn seal(
        &mut self,
        keyring: &Keyring,
        sealer: (DeviceId, &DeviceKeys),
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, SyncError> {
        self.epoch = if planted(Mutant::OldEpochForever) { 1 } else { keyring.newest_epoch() };
        let mut writer = Writer(self.signature.to_vec());
        writer.long(self.place.first);
        self.write_about(&mut writer)?;
        let mut before = None;
        for line in &self.lines {
            write_hlc(&mut writer, line.hlc);
            write_hlc(&mut writer, line.order);
            // What a device knows changes seldom from one record to the next.
            writer.byte(u8::from(before != Some(&line.seen)));
            if before != Some(&line.seen) {
                write_heads(&mut writer, &line.seen)?;
            }
            before = Some(&line.seen);
            write_held(&mut writer, &line.held)?;
        }
        let header = write_header(&self.place, self.epoch);
        let signature = sealer.1.sign(&sealed_message(&header, &writer.0));
        writer.raw(sealer.0.as_uuid().as_bytes()).raw(&signature);
        if writer.0.len() > LARGEST {
            return Err(SyncError::TooLarge);
        }
        let packed = zstd::bulk::compress(&writer.0, 3).map_err(|_| SyncError::Unsealable)?;
        let mut nonce = [0; NONCE];
        if !planted(Mutant::NonceReused) {
            random.fill(&mut nonce);
        }
        let key = keyring.derive(self.epoch, PURPOSE, self.place.device.as_uuid().as_bytes())?;
        let encrypted = encrypt(&key, &nonce, &header, &packed)?;
        Ok([header, nonce.to_vec(), encrypted].concat())
    }

    /// Opens and checks everything: that it is the one that was asked for, continues the chain, was changed by nobody, and was
    /// made and sealed by devices of `keyring` that were not removed before.
    pub fn open(bytes: &[u8], expected: &Place, keyring: &Keyring) -> Result<Self, SyncError> {
        if keyring.vault() != expected.vault {
            return Err(SyncError::Misplaced);
        }
        let segment = Self::unsealed(bytes, expected.device, expected.number, Some(expected.first), keyring)?;
        if segment.place.previous != expected.previous && !planted(Mutant::ChainNotChecked) {
            return Err(SyncError::ChainBroken);
        }
        Ok(segment)
    }

    /// Opens one whose forerunner cannot be opened: everything is checked but what it continues. To tell how much of a chain
    /// is damaged, never to read records.
    pub fn open_alone(bytes: &[u8], device: DeviceId, number: u64, keyring: &Keyring) -> Result<Self, SyncError> {
        Self::unsealed(bytes, device, number, None, keyring)
    }

    fn unsealed(
        bytes: &[u8],
        device: DeviceId,
        number: u64,
        first: Option<u64>,
        keyring: &Keyring,
    ) -> Result<Self, SyncError> {
        let (place, epoch) = header(bytes)?;
        if place.vault != keyring.vault() || place.device != device || place.number != number {
            return Err(SyncError::Misplaced);
        }
        // Before it is unsealed: a removed device may seal under epochs that it made up.
        if !planted(Mutant::RevokedWritesAccepted) && !keyring.accepts(place.device, place.number) {
            return Err(SyncError::Revoked);
        }
        let mut reader = Reader(bytes);
        let header = reader.take(HEADER)?;
        let nonce = reader.array()?;
        let key = keyring.derive(epoch, PURPOSE, place.device.as_uuid().as_bytes())?;
        let packed = decrypt(&key, &nonce, header, reader.0)?;
        let body = unpack(&packed)?;
        Self::read(&body, (place, first), epoch, header, keyring)
    }

    /// Opens one that was read or written here before, as it stands now: records of it may have been forgotten since.
    pub fn open_again(bytes: &[u8], span: &Span, keyring: &Keyring) -> Result<Self, SyncError> {
        let (found, _) = header(bytes)?;
        let place = Place { device: span.device, number: span.number, first: span.first, ..found };
        let segment = Self::open(bytes, &place, keyring)?;
        if segment.digest == span.digest { Ok(segment) } else { Err(SyncError::ChainBroken) }
    }

    fn read(
        body: &[u8],
        (place, expected): (Place, Option<u64>),
        epoch: u32,
        header: &[u8],
        keyring: &Keyring,
    ) -> Result<Self, SyncError> {
        let mut reader = Reader(body);
        let signature = reader.array()?;
        let first = reader.long()?;
        if expected.is_some_and(|expected| expected != first) {
            return Err(SyncError::ChainBroken);
        }
        // Room for its records behind it, which is counted on.
        if first == 0 || first > u64::MAX / 2 {
            return Err(SyncError::Malformed);
        }
        let place = Place { first, ..place };
        let reference = match (reader.byte()?, reader.signed()?) {
            (0, 0) => None,
            (1, millis) => Some(Timestamp::from_millis(millis)),
            _ => return Err(SyncError::Malformed),
        };
        let heads = read_heads(&mut reader)?;
        let (mut lines, mut seen): (Vec<Line>, usize) = (Vec::new(), 0);
        for _ in 0..reader.word()? {
            let line = read_line(&mut reader, lines.last())?;
            seen += line.seen.len();
            if seen > MOST_SEEN {
                return Err(SyncError::TooLarge);
            }
            lines.push(line);
        }
        if lines.is_empty() {
            return Err(SyncError::Malformed);
        }
        let said = body.get(..body.len() - reader.0.len()).unwrap_or_default();
        let sealer = DeviceId::from_uuid(Uuid::from_bytes(reader.array()?));
        let sealing = reader.array()?;
        reader.end()?;
        let mut segment = Self { place, epoch, reference, heads, lines, signature, digest: Digest::default() };
        segment.digest = segment.computed()?;
        segment.check(keyring, sealer, &sealed_message(header, said), &sealing)?;
        Ok(segment)
    }

    fn check(&self, keyring: &Keyring, sealer: DeviceId, message: &[u8], sealing: &[u8; 64]) -> Result<(), SyncError> {
        if planted(Mutant::SignatureNotChecked) {
            return Ok(());
        }
        verify(&keyring.verifying(self.place.device)?, &self.signed(), &self.signature)?;
        if !keyring.had(sealer, self.epoch) {
            return Err(SyncError::Revoked);
        }
        verify(&keyring.verifying(sealer)?, message, sealing)
    }
}

fn sealed_message(header: &[u8], body: &[u8]) -> Vec<u8> {
    [b"digital-twin/1 segment seal".as_slice(), &digest(&[header, body]).0].concat()
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, SyncError> {
    // The bound of the frame is read first: a small object that claims to be huge is not given the memory.
    let claimed = zstd::bulk::Decompressor::upper_bound(packed).ok_or(SyncError::Malformed)?;
    if claimed > LARGEST {
        return Err(SyncError::TooLarge);
    }
    zstd::bulk::decompress(packed, claimed).map_err(|_| SyncError::Malformed)
}

fn write_held(writer: &mut Writer, held: &Held) -> Result<(), SyncError> {
    match held {
        Held::Whole { salt, content } => write_content(writer.byte(0).raw(salt), content),
        Held::Erased { commitment } => {
            writer.byte(1).raw(&commitment.0);
            Ok(())
        }
        Held::Shortened { commitment, content } => write_content(writer.byte(2).raw(&commitment.0), content),
    }
}

fn read_line(reader: &mut Reader<'_>, before: Option<&Line>) -> Result<Line, SyncError> {
    let hlc = read_hlc(reader)?;
    let order = read_hlc(reader)?;
    let seen = match (reader.byte()?, before) {
        (0, Some(before)) => before.seen.clone(),
        (1, _) => read_heads(reader)?,
        _ => return Err(SyncError::Malformed),
    };
    let held = match reader.byte()? {
        0 => Held::Whole { salt: reader.array()?, content: read_content(reader)? },
        1 => Held::Erased { commitment: Digest(reader.array()?) },
        2 => Held::Shortened { commitment: Digest(reader.array()?), content: read_content(reader)? },
        _ => return Err(SyncError::NewerFormat),
    };
    Ok(Line { hlc, order, seen, held })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const BOMB: usize = 80 << 20;

    #[test]
    fn a_frame_that_says_that_it_is_huge_is_not_unpacked() {
        let bomb = zstd::bulk::compress(&vec![0; BOMB], 19).unwrap();
        assert!(bomb.len() < 10_000, "{}", bomb.len());
        assert_eq!(unpack(&bomb), Err(SyncError::TooLarge));
    }

    #[test]
    fn a_frame_that_hides_how_huge_it_is_is_not_unpacked() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 19).unwrap();
        for _ in 0..80 {
            encoder.write_all(&vec![0; 1 << 20]).unwrap();
        }
        // Ours say their size, so one that does not is none of ours.
        assert_eq!(unpack(&encoder.finish().unwrap()), Err(SyncError::Malformed));
    }

    #[test]
    fn a_frame_that_says_that_it_is_small_is_not_unpacked_further() {
        let mut bomb = zstd::bulk::compress(&vec![0; 1 << 20], 19).unwrap();
        // Magic (4), descriptor: four bytes of content size follow (RFC 8878, 3.1.1.1). One byte instead of a mebibyte.
        let at = bomb.windows(4).position(|window| window == (1_u32 << 20).to_le_bytes()).unwrap();
        bomb[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
        assert_eq!(unpack(&bomb), Err(SyncError::Malformed));
    }

    #[test]
    fn what_was_seen_is_not_repeated_without_end() {
        let device = |number: u32| DeviceId::from_uuid(Uuid::from_u128(u128::from(number)));
        let heads: Heads = (0..100_000).map(|number| (device(number), 1)).collect();
        let mut writer = Writer(vec![0; 64]);
        writer.long(1).byte(0).signed(0).word(0).word(1_000_000);
        for at in 0..1_000 {
            write_hlc(&mut writer, Hlc::default());
            write_hlc(&mut writer, Hlc::default());
            writer.byte(u8::from(at == 0));
            if at == 0 {
                write_heads(&mut writer, &heads).unwrap();
            }
            writer.byte(1).raw(&[0; 32]);
        }
        let place =
            Place { vault: VaultId([0; 16]), device: device(1), number: 1, previous: Digest::default(), first: 1 };
        let keys = DeviceKeys::new(&mut Zeros);
        let secret = twin_core::secret::Secret::new("any".to_owned());
        let new = crate::keyring::NewDevice { name: "", device: device(1), keys: &keys, now: Timestamp::default() };
        let work = crate::keyring::Work { passphrase: 1, recovery: 1 };
        let ring = Keyring::create(&new, &secret, &secret, work, &mut Zeros).unwrap();
        assert_eq!(Segment::read(&writer.0, (place, Some(1)), 1, &[], &ring), Err(SyncError::TooLarge));
    }

    struct Zeros;

    impl Random for Zeros {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }
}
