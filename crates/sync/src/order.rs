//! The one order in which the records of all devices are folded.
//!
//! Each record has a place (`order`) that its device gives it when it seals it: its hybrid logical clock, but at most
//! 24 hours after the bucket's clock, and always after everything that the device had seen. So the order agrees with who
//! saw what ("an edit that had seen the other wins"), a device whose clock is set to 2035 does not win for years, and
//! every device computes the same from the same bytes, whatever its own clock shows.

use crate::mutant::{Mutant, planted};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use twin_core::id::DeviceId;
use twin_core::sync::Seen;
use twin_core::time::{Hlc, Timestamp};

/// How far ahead of the bucket's clock a record may stand: 24 hours, in milliseconds.
pub const AHEAD: i64 = 24 * 60 * 60 * 1_000;

/// Where a record stands among all. `Ord` is the order in which to fold; of two edits of one field the larger wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// See the module.
    pub order: Hlc,
    /// Breaks ties, so that no two records stand at one place.
    pub device: DeviceId,
    /// The record's number.
    pub seq: u64,
}

impl Ord for Stamp {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_order = self.order.cmp(&other.order);
        if planted(Mutant::TiesByArrival) {
            return by_order;
        }
        by_order.then(self.device.cmp(&other.device)).then(self.seq.cmp(&other.seq))
    }
}

impl PartialOrd for Stamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Stamp {
    /// Whether an edit that stands here replaces one that stands there: a register is folded in any order by keeping
    /// the stamp beside the value.
    pub fn wins(&self, other: &Self) -> bool {
        self > other
    }
}

/// The next place: after `order`.
pub fn after(order: Hlc) -> Hlc {
    match order.counter.checked_add(1) {
        Some(counter) => Hlc { wall: order.wall, counter },
        None => Hlc { wall: order.wall.saturating_add(1), counter: 0 },
    }
}

/// The place of a record: its own clock's time, at most [`AHEAD`] of the bucket's clock, after all that it had seen and
/// after `previous`, the device's record before it. Without a bucket's clock (a folder has none) nothing is taken back.
pub fn place(hlc: Hlc, seen: &Seen, previous: Hlc, reference: Option<Timestamp>) -> Hlc {
    let ceiling = reference.map_or(i64::MAX, |reference| reference.as_millis().saturating_add(AHEAD));
    if planted(Mutant::ClampMissing) {
        return hlc.max(after(previous)).max(after(seen.order));
    }
    let claimed = if hlc.wall > ceiling { Hlc { wall: ceiling, counter: 0 } } else { hlc };
    if planted(Mutant::ClampForgetsSeen) {
        return claimed;
    }
    claimed.max(after(previous)).max(after(seen.order))
}
