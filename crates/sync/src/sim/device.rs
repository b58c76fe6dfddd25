//! One device: a disk that survives, and a round that does not.

use super::Seeded;
use crate::key::DeviceKeys;
use crate::keyring::Keyring;
use crate::order::Stamp;
use crate::round::{Input, Round};
use std::collections::{BTreeMap, BTreeSet};
use twin_core::bucket::{Answer, Request};
use twin_core::id::DeviceId;
use twin_core::sync::{Amendment, Chain, Content, Entry, Heads, Keep, Outgoing, Seen, Span, Standing, Waiting};
use twin_core::time::{Hlc, Timestamp};

/// What a payload is about, so that a search for it in a bucket cannot miss.
pub(super) const MARK: &str = "PLAINTEXT";

#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) hlc: Hlc,
    /// None until it was sealed and sent.
    pub(super) order: Option<Hlc>,
    pub(super) seen: Seen,
    pub(super) content: Content,
}

/// What a record says, in this world: `MARK:id:about:` with the parent of a message, the field of a register, or the id that
/// is forgotten.
pub(super) fn said(content: &Content) -> Option<(u64, u64)> {
    let text = std::str::from_utf8(&content.payload).ok()?;
    let mut parts = text.strip_prefix(MARK)?.strip_prefix(':')?.split(':');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(super) fn content(kind: &str, id: u64, about: u64) -> Content {
    Content { kind: kind.to_owned(), version: 1, payload: format!("{MARK}:{id}:{about}:").into_bytes() }
}

/// What survives a crash.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    pub(super) device: DeviceId,
    pub(super) keyring: Vec<u8>,
    pub(super) log: BTreeMap<(DeviceId, u64), Row>,
    pub(super) arrival: Vec<(DeviceId, u64)>,
    pub(super) spans: BTreeMap<(DeviceId, u64), Span>,
    pub(super) chains: BTreeMap<DeviceId, Chain>,
    pub(super) outgoing: Option<Outgoing>,
    pub(super) unclean: BTreeSet<(DeviceId, u64)>,
    pub(super) forgotten: BTreeSet<u64>,
}

impl Disk {
    pub(super) fn new(device: DeviceId, keyring: Vec<u8>) -> Self {
        Self {
            device,
            keyring,
            log: BTreeMap::new(),
            arrival: Vec::new(),
            spans: BTreeMap::new(),
            chains: BTreeMap::new(),
            outgoing: None,
            unclean: BTreeSet::new(),
            forgotten: BTreeSet::new(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        Standing {
            device: self.device,
            chains: self.chains.clone(),
            outgoing: self.outgoing.clone(),
            keyring: self.keyring.clone(),
            unclean: self.unclean.iter().filter_map(|at| self.spans.get(at)).copied().collect(),
        }
    }

    pub(super) fn ids(&self) -> BTreeSet<u64> {
        self.log.values().filter_map(|row| said(&row.content)).map(|(id, _)| id).collect()
    }

    pub(super) fn unsent_ids(&self) -> BTreeSet<u64> {
        let unsent = self.log.values().filter(|row| row.order.is_none());
        unsent.filter_map(|row| said(&row.content)).map(|(id, _)| id).collect()
    }

    pub(super) fn sent_ids(&self) -> BTreeSet<u64> {
        let sent = self.log.values().filter(|row| row.order.is_some());
        sent.filter_map(|row| said(&row.content)).map(|(id, _)| id).collect()
    }

    pub(super) fn last(&self) -> u64 {
        self.log.range((self.device, 0)..=(self.device, u64::MAX)).next_back().map_or(0, |(at, _)| at.1)
    }

    fn heads(&self) -> Heads {
        let others = self.chains.iter().filter(|(device, chain)| **device != self.device && chain.records > 0);
        others.map(|(device, chain)| (*device, chain.records)).collect()
    }

    pub(super) fn append(&mut self, content: &Content, now: Timestamp) {
        let order = self.log.values().filter_map(|row| row.order).max().unwrap_or_default();
        let own = self.log.values().filter(|row| row.order.is_none()).map(|row| row.hlc).max().unwrap_or_default();
        let row = Row {
            hlc: order.max(own).tick(now),
            order: None,
            seen: Seen { heads: self.heads(), order },
            content: content.clone(),
        };
        let at = (self.device, self.last() + 1);
        self.log.insert(at, row);
        self.arrival.push(at);
        self.learn(content);
    }

    /// Forgetting reaches everything that is here.
    fn learn(&mut self, content: &Content) {
        if content.kind != "forgotten" {
            return;
        }
        let Some((_, target)) = said(content) else { return };
        self.forgotten.insert(target);
        let hit: Vec<(DeviceId, u64)> =
            self.log.iter().filter(|(_, row)| self.is_forgotten(&row.content)).map(|(at, _)| *at).collect();
        for at in hit {
            if let Some(row) = self.log.get_mut(&at) {
                row.content = Content::erased();
            }
            self.mark_unclean(at);
        }
    }

    pub(super) fn is_forgotten(&self, content: &Content) -> bool {
        content.kind != "forgotten" && said(content).is_some_and(|(id, _)| self.forgotten.contains(&id))
    }

    fn mark_unclean(&mut self, at: (DeviceId, u64)) {
        let span = self.spans.values().find(|span| span.device == at.0 && (span.first..=span.last).contains(&at.1));
        if let Some(span) = span {
            self.unclean.insert((span.device, span.number));
        }
    }

    /// Few, so that there are many segments.
    pub(super) fn take(&self, after: u64) -> Vec<Waiting> {
        let rows = self.log.range((self.device, after + 1)..=(self.device, u64::MAX));
        let rows = rows.map(|((_, seq), row)| Waiting {
            seq: *seq,
            hlc: row.hlc,
            seen: row.seen.clone(),
            content: row.content.clone(),
        });
        rows.take(4).collect()
    }

    pub(super) fn judge(&self, entries: &[Entry]) -> BTreeMap<u64, Amendment> {
        // Only by what is in the bucket: what forgets may still be lost with this disk.
        let forgets = self.log.values().filter(|row| row.content.kind == "forgotten" && row.order.is_some());
        let forgotten: BTreeSet<u64> = forgets.filter_map(|row| said(&row.content)).map(|(_, id)| id).collect();
        let gone = entries.iter().filter(|entry| {
            entry.content.kind != "forgotten" && said(&entry.content).is_some_and(|(id, _)| forgotten.contains(&id))
        });
        gone.map(|entry| (entry.seq, Amendment::Erased)).collect()
    }

    pub(super) fn keep(&mut self, keep: Keep) {
        match keep {
            Keep::Keyring(bytes) => self.keyring = bytes,
            Keep::Outgoing(outgoing) => self.outgoing = Some(outgoing),
            Keep::Sent(outgoing) => self.sent(&outgoing),
            Keep::Received { span, chain, entries, amended } => {
                self.chains.insert(span.device, chain);
                if amended {
                    self.unclean.insert((span.device, span.number));
                }
                self.spans.insert((span.device, span.number), span);
                for entry in entries {
                    self.receive(entry);
                }
            }
            Keep::Moved { from, sent, order, to } => self.moved(from, (sent, order), to),
            Keep::Clean(span) => {
                if self.log.values().all(|row| row.content.kind != "forgotten" || row.order.is_some()) {
                    self.unclean.remove(&(span.device, span.number));
                }
            }
        }
    }

    fn sent(&mut self, outgoing: &Outgoing) {
        let span = outgoing.span;
        self.chains.insert(span.device, outgoing.chain());
        self.spans.insert((span.device, span.number), span);
        for (seq, order) in (span.first..).zip(&outgoing.orders) {
            if let Some(row) = self.log.get_mut(&(span.device, seq)) {
                row.order = Some(*order);
                // It may have been forgotten after it was sealed.
                if row.content == Content::erased() {
                    self.unclean.insert((span.device, span.number));
                }
            }
        }
        self.outgoing = None;
    }

    fn receive(&mut self, entry: Entry) {
        let at = (entry.device, entry.seq);
        if self.log.contains_key(&at) {
            return;
        }
        let gone = self.is_forgotten(&entry.content);
        let content = if gone { Content::erased() } else { entry.content };
        let seen = Seen { heads: entry.seen, order: entry.order };
        self.log.insert(at, Row { hlc: entry.hlc, order: Some(entry.order), seen, content: content.clone() });
        self.arrival.push(at);
        if gone {
            self.mark_unclean(at);
        }
        self.learn(&content);
    }

    fn moved(&mut self, from: DeviceId, (sent, order): (u64, Hlc), to: DeviceId) {
        let pending: Vec<u64> =
            self.log.range((from, 0)..=(from, u64::MAX)).map(|(at, _)| at.1).filter(|seq| *seq > sent).collect();
        for (new, old) in (1..).zip(pending) {
            if let Some(mut row) = self.log.remove(&(from, old)) {
                if sent > 0 {
                    row.seen.heads.insert(from, sent);
                    row.seen.order = row.seen.order.max(order);
                }
                self.log.insert((to, new), row);
                self.arrival.iter_mut().filter(|at| **at == (from, old)).for_each(|at| *at = (to, new));
            }
        }
        self.device = to;
        self.outgoing = None;
    }

    /// Everything that all devices must have alike: the log in its one order, and the registers, folded as they came.
    pub(super) fn dump(&self) -> String {
        use std::fmt::Write;
        let mut rows: Vec<(Hlc, &(DeviceId, u64), &Row)> = self
            .log
            .iter()
            .map(|(at, row)| (row.order.unwrap_or(Hlc { wall: i64::MAX, counter: 0 }), at, row))
            .collect();
        rows.sort_by_key(|(order, at, _)| (*order, **at));
        let mut text = String::new();
        for (order, at, row) in rows {
            let said = String::from_utf8_lossy(&row.content.payload);
            // A `String` takes everything.
            let _ = writeln!(
                text,
                "{}.{} {}/{} {} {} {said}",
                order.wall, order.counter, at.0, at.1, row.content.kind, row.content.version
            );
        }
        let mut registers: BTreeMap<u64, (Stamp, u64)> = BTreeMap::new();
        for at in &self.arrival {
            let Some(row) = self.log.get(at).filter(|row| row.content.kind == "register") else { continue };
            let (Some((id, field)), Some(order)) = (said(&row.content), row.order) else { continue };
            let stamp = Stamp { order, device: at.0, seq: at.1 };
            let held = registers.entry(field).or_insert((stamp, id));
            if stamp.wins(&held.0) {
                *held = (stamp, id);
            }
        }
        for (field, (_, id)) in registers {
            let _ = writeln!(text, "register {field} = {id}");
        }
        text
    }
}

/// One running program with its disk.
pub(super) struct Device {
    pub(super) keys: DeviceKeys,
    pub(super) disk: Disk,
    pub(super) backup: Option<Disk>,
    pub(super) skew: i64,
    pub(super) walk: Option<(Round, Input, u32)>,
    /// Answers to what the round foresaw that it would ask.
    pub(super) ahead: Vec<(Request, Answer)>,
    /// The request that was not answered well, which must not be asked again at once.
    pub(super) turned_away: Option<Request>,
    pub(super) removed: bool,
    /// It was removed, and shown a keyring in which it was not: from then on it has no right to replace segments.
    pub(super) fooled: bool,
    pub(super) offline: bool,
    pub(super) alarms: Vec<crate::round::Alarm>,
}

impl Device {
    pub(super) fn new(keys: DeviceKeys, disk: Disk) -> Self {
        Self {
            keys,
            disk,
            backup: None,
            skew: 0,
            walk: None,
            ahead: Vec::new(),
            turned_away: None,
            removed: false,
            fooled: false,
            offline: false,
            alarms: Vec::new(),
        }
    }

    pub(super) fn crash(&mut self) {
        self.walk = None;
        self.ahead.clear();
        self.turned_away = None;
    }

    pub(super) fn begin(&mut self, keyring: Keyring, thorough: bool, random: Seeded) {
        let round = Round::new(self.disk.standing(), keyring, self.keys.clone(), thorough, Box::new(random));
        self.ahead.clear();
        self.walk = Some((round, Input::Done, 0));
    }
}
