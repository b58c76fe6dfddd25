//! Records as they travel: whatever the application means by them, here they are numbers and bytes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::time::Hlc;

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
    /// The largest place in the order ([`crate::order`]) of everything it had then, its own included.
    pub order: Hlc,
}

/// What a record says. Kind and version are kept as they came: those of a newer program travel on unread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// [`twin_core::record::Kind`], by name.
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
