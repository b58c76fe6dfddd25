//! What the store has to keep of syncing, durably: where each chain stands, and what is on its way.

use crate::entry::{Entry, Heads};
use crate::key::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use twin_core::id::DeviceId;
use twin_core::time::Hlc;

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
    pub(crate) fn chain(&self, device: DeviceId) -> Chain {
        self.chains.get(&device).copied().unwrap_or_default()
    }

    /// How many records of each other device are known.
    pub(crate) fn heads(&self) -> Heads {
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
        /// Each has to be folded by its [`crate::order::Stamp`].
        entries: Vec<Entry>,
    },
    /// Another process writes under this device's id: its disk was copied or restored. From now on this one writes under
    /// `to`. Every record of `from` after `sent` gets the next number of `to`, in its order, keeps its clock, and adds
    /// `sent` records of `from` to what it had seen; what was on its way is dropped.
    Moved {
        /// The id so far.
        from: DeviceId,
        /// How many records of it are in the bucket and here.
        sent: u64,
        /// The place of the last of those: each record that moves had seen it, and adds it to [`crate::entry::Seen::order`].
        order: Hlc,
        /// The new id.
        to: DeviceId,
    },
    /// That segment holds nothing any more that is forgotten here.
    Clean(Span),
}
