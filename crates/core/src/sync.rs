//! Records as they travel between devices, and what the store keeps of their travelling. `sync` plans with these words, the
//! store keeps them, `app` carries them from one to the other.

use crate::id::{DeviceId, SessionId};
use crate::time::{Hlc, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// SHA-256 of something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        unhex(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not a digest in hexadecimal"))
    }
}

/// As hexadecimal digits, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| DIGITS.get(usize::from(digit))).map(|digit| char::from(*digit)).collect()
}

/// The bytes of [`hex`]; none for anything else.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

/// How many records of each device were known. A device that is not named: none.
pub type Heads = BTreeMap<DeviceId, u64>;

/// Takes the larger of both for each device.
pub fn join(heads: &mut Heads, other: &Heads) {
    for (device, seq) in other {
        let known = heads.entry(*device).or_default();
        *known = (*known).max(*seq);
    }
}

/// What a device knew of the others when it made a record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Of the others: its own earlier records need no naming.
    pub heads: Heads,
    /// The largest place in the order (`sync::order`) of everything it had then, its own included.
    pub order: Hlc,
}

/// What a record says. Kind and version are kept as they came: those of a newer program travel on unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// [`crate::record::Kind`], by name.
    pub kind: String,
    /// Of the payload's format.
    pub version: u16,
    /// JSON, as the application wrote it.
    pub payload: Vec<u8>,
}

impl Content {
    /// What is left of a record that was forgotten: the kind `erased` and the payload `{}`, as in
    /// `docs/decisions/0020-forgetting.md`.
    pub fn erased() -> Self {
        Self { kind: "erased".to_owned(), version: 1, payload: b"{}".to_vec() }
    }
}

/// A record that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Counted from 1 for each device, without a hole.
    pub seq: u64,
    /// When, by this device's clock.
    pub hlc: Hlc,
    /// What this device knew of the others.
    pub seen: Seen,
    /// What it says.
    pub content: Content,
}

/// A record with its place in the order of all devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who made it.
    pub device: DeviceId,
    /// Counted from 1 for each device, without a hole.
    pub seq: u64,
    /// When, by that device's clock, as it claims.
    pub hlc: Hlc,
    /// Where it stands among the records of all devices: the same on each of them.
    pub order: Hlc,
    /// What that device knew of the others.
    pub seen: Heads,
    /// What it says.
    pub content: Content,
}

/// What is to become of a record that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amendment {
    /// Nothing of it stays but its number and time.
    Erased,
    /// It says this instead.
    Shortened(Content),
}

/// How much of one device's records is known here, or is confirmed to be in the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Chain {
    /// How many segments.
    pub segments: u64,
    /// How many records.
    pub records: u64,
    /// The digest of the last segment.
    pub digest: Digest,
    /// The place of the last record in the order.
    pub order: Hlc,
}

/// Which records a segment holds. The store keeps all of them: forgetting finds by them what has to be sealed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Whose.
    pub device: DeviceId,
    /// The segment's number.
    pub number: u64,
    /// Its first record.
    pub first: u64,
    /// Its last.
    pub last: u64,
    /// What its content was when it was made.
    pub digest: Digest,
}

/// A segment that was sealed and stored here before it was sent. Sent again, it is sent byte for byte the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outgoing {
    /// Its records.
    pub span: Span,
    /// The object.
    pub bytes: Vec<u8>,
    /// By which it is known again in the bucket.
    pub put_id: String,
    /// The place in the order of each of its records.
    pub orders: Vec<Hlc>,
}

impl Outgoing {
    /// Where the chain stands once this is confirmed.
    pub fn chain(&self) -> Chain {
        Chain {
            segments: self.span.number,
            records: self.span.last,
            digest: self.span.digest,
            order: self.orders.last().copied().unwrap_or_default(),
        }
    }
}

/// What was kept, as a round begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The id under which this device writes now.
    pub device: DeviceId,
    /// Of each device, the own one too.
    pub chains: BTreeMap<DeviceId, Chain>,
    /// What is on its way.
    pub outgoing: Option<Outgoing>,
    /// The newest keyring that was accepted, as it lay in the bucket.
    pub keyring: Vec<u8>,
    /// Segments in the bucket that hold what was forgotten since, as far as is known here.
    pub unclean: Vec<Span>,
}

impl Standing {
    /// Where the chain of that device stands; at its beginning if nothing is known of it.
    pub fn chain(&self, device: DeviceId) -> Chain {
        self.chains.get(&device).copied().unwrap_or_default()
    }

    /// How many records of each other device are known.
    pub fn heads(&self) -> Heads {
        let others = self.chains.iter().filter(|(device, chain)| **device != self.device && chain.records > 0);
        others.map(|(device, chain)| (*device, chain.records)).collect()
    }
}

/// What the store is to keep: each in one transaction, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// The newest keyring.
    Keyring(Vec<u8>),
    /// What is about to be sent.
    Outgoing(Outgoing),
    /// [`Outgoing`] is in the bucket: its span, its chain and the places of its records count, and it goes.
    Sent(Outgoing),
    /// Records of another device. Those that are here already stay as they are; what was forgotten here stays forgotten.
    Received {
        /// Which.
        span: Span,
        /// Where its chain stands with them.
        chain: Chain,
        /// Each has to be folded by its stamp (`sync::order::Stamp`).
        entries: Vec<Entry>,
        /// Something was taken out of it since it was made. Whoever did that may have been lost before what it said before
        /// was taken out of the bucket, too: it counts as unclean.
        amended: bool,
    },
    /// Another process writes under this device's id: its disk was copied or restored. From now on this one writes under
    /// `to`. Every record of `from` after `sent` gets the next number of `to`, in its order, keeps its clock, and adds
    /// `sent` records of `from` to what it had seen; what was on its way is dropped.
    Moved {
        /// The id so far.
        from: DeviceId,
        /// How many records of it are in the bucket and here.
        sent: u64,
        /// The place of the last of those: each record that moves had seen it, and adds it to [`Seen::order`].
        order: Hlc,
        /// The new id.
        to: DeviceId,
    },
    /// That segment holds nothing any more that was forgotten by a record in the bucket. It stays unclean if one that waits
    /// forgets some of it.
    Clean(Span),
}

/// How much waits to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncWaiting {
    /// Records.
    pub records: u32,
    /// Their bytes, about.
    pub bytes: u32,
    /// Attached files.
    pub files: u32,
}

/// An edit that another one replaced which did not know of it: made on two devices at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OtherVersion {
    /// By which it is taken or dropped.
    pub id: u32,
    /// What was edited.
    pub of: OtherVersionOf,
    /// What it said, as a person reads it.
    pub value: String,
    /// Which device wrote it, by the id under which it writes.
    pub device: DeviceId,
    /// When, by that device's clock.
    pub at: Timestamp,
}

/// What two devices edited at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OtherVersionOf {
    /// The title of a conversation.
    Title {
        /// Which.
        session_id: SessionId,
        /// The title that it has now.
        now: String,
    },
    /// The tags of a conversation.
    Tags {
        /// Which.
        session_id: SessionId,
        /// The title that it has now.
        title: String,
        /// The tags that it has now, with commas between.
        now: String,
    },
    /// A file of the persona.
    File {
        /// Its path inside of the persona folder.
        path: String,
    },
    /// A setting.
    Setting {
        /// Its key.
        key: String,
        /// Its value now, as JSON.
        now: String,
    },
}
