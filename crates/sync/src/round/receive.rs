//! Reading what the others wrote.

use super::{Alarm, Ended, Flow, Plan, Stop};
use crate::error::SyncError;
use crate::mutant::{Mutant, planted};
use crate::name;
use crate::segment::{Place, Segment};
use std::collections::BTreeMap;
use twin_core::bucket::{Outcome, Request};
use twin_core::id::DeviceId;
use twin_core::sync::{Chain, Heads, Keep, Span, join};

/// How often an object that cannot be opened is fetched before it counts as damaged: it may have come in half.
const MOST_READS: u32 = 3;

/// What became of the next segment of a device.
enum Next {
    Kept,
    /// There is none, or none that may be read.
    Nothing,
    /// It was made knowing something that is not known here yet.
    Held(Heads),
    /// It was made knowing records of this device that this device does not have.
    Forked,
}

impl Plan {
    /// Reads everything new. Nothing is kept before what it was made knowing.
    pub(super) async fn receive(&mut self) -> Result<Flow, Stop> {
        let mut held_before = None;
        loop {
            let mut kept = false;
            let mut held = BTreeMap::new();
            for device in self.others()? {
                loop {
                    match self.next_of(device).await? {
                        Next::Kept => kept = true,
                        Next::Nothing => break,
                        Next::Forked => return self.mint().await,
                        Next::Held(needs) => {
                            held.insert(device, needs);
                            break;
                        }
                    }
                }
            }
            if held.is_empty() {
                return Ok(Flow::Same);
            }
            let stuck = !kept && held_before.as_ref() == Some(&held);
            if stuck && self.fetched {
                return self.missing(held).await;
            }
            if stuck {
                // Perhaps made knowing a device that is not known here yet.
                self.fetch_keyring().await?;
            }
            held_before = Some(held);
        }
    }

    pub(super) fn others(&mut self) -> Result<Vec<DeviceId>, Stop> {
        let (standing, keyring, ..) = self.parts()?;
        Ok(keyring.sequences().filter(|device| *device != standing.device).collect())
    }

    async fn missing(&mut self, held: BTreeMap<DeviceId, Heads>) -> Result<Flow, Stop> {
        if planted(Mutant::RollbackSilent) {
            return Ok(Flow::Same);
        }
        let mut needs = Heads::new();
        for needed in held.values() {
            join(&mut needs, needed);
        }
        for (device, seen) in needs {
            let here = self.standing()?.chain(device).records;
            if here < seen {
                self.alarm(Alarm::Missing { device, seen, here }).await?;
            }
        }
        Ok(Flow::Same)
    }

    async fn next_of(&mut self, device: DeviceId) -> Result<Next, Stop> {
        let mut reads = 0;
        loop {
            let (place, name) = self.place_of(device)?;
            let bytes = match self.ask(Request::Get { name }).await? {
                Outcome::Found { bytes, .. } => bytes,
                Outcome::Absent => return self.nothing(device).await,
                _ => return Err(Stop(Ended::Wrong(None))),
            };
            let error = match Segment::open(&bytes, &place, self.keyring()?) {
                Ok(segment) => return self.take(device, place, &segment).await,
                Err(error) => error,
            };
            reads += 1;
            match error {
                SyncError::EpochUnknown | SyncError::DeviceUnknown if !self.fetched => self.fetch_keyring().await?,
                SyncError::SealBroken | SyncError::Malformed if reads < MOST_READS => {}
                SyncError::Revoked if self.vouched(device, place).await? => {}
                error => {
                    self.outdated |= error == SyncError::EpochUnknown;
                    self.alarm(about(device, place.number, error)).await?;
                    return Ok(Next::Nothing);
                }
            }
        }
    }

    async fn nothing(&mut self, device: DeviceId) -> Result<Next, Stop> {
        if planted(Mutant::CursorRunsAhead) {
            let chain = self.standing()?.chains.entry(device).or_default();
            chain.segments += 1;
            let chain = *chain;
            let span = Span { device, number: chain.segments, first: 1, last: 0, digest: chain.digest };
            self.keep(Keep::Received { span, chain, entries: Vec::new(), amended: false }).await?;
        }
        Ok(Next::Nothing)
    }

    pub(super) fn place_of(&mut self, device: DeviceId) -> Result<(Place, String), Stop> {
        let vault = self.vault()?;
        let chain = self.standing()?.chain(device);
        let number = chain.segments + 1;
        let place = Place { vault, device, number, previous: chain.digest, first: chain.records + 1 };
        Ok((place, name::segment(vault, device, number)))
    }

    /// Whether a segment of a removed device counts all the same, because a device that belongs had seen it: then it is in
    /// that one's log, and has to be in all of them.
    async fn vouched(&mut self, device: DeviceId, place: Place) -> Result<bool, Stop> {
        let wanted = self.vouchers.get(&device).is_some_and(|seq| *seq >= place.first);
        if !wanted || self.cuts.get(&device).is_some_and(|cut| *cut >= place.number) {
            return Ok(false);
        }
        self.cuts.insert(device, place.number);
        self.fetch_keyring().await?;
        Ok(true)
    }

    async fn take(&mut self, device: DeviceId, place: Place, segment: &Segment) -> Result<Next, Stop> {
        let entries = segment.entries();
        let mut seen = segment.heads().clone();
        for entry in &entries {
            join(&mut seen, &entry.seen);
        }
        if !planted(Mutant::CausalHoldSkipped) {
            let standing = self.standing()?;
            let own = standing.outgoing.as_ref().map_or(standing.chain(standing.device).records, |out| out.span.last);
            if seen.get(&standing.device).is_some_and(|seq| *seq > own) && !planted(Mutant::ForkUnnoticed) {
                return Ok(Next::Forked);
            }
            let own_device = standing.device;
            seen.retain(|other, seq| *other != device && *other != own_device && standing.chain(*other).records < *seq);
            if !seen.is_empty() {
                join(&mut self.vouchers, &seen);
                return Ok(Next::Held(seen));
            }
        }
        let span =
            Span { device, number: place.number, first: place.first, last: segment.last(), digest: segment.digest() };
        let chain = Chain {
            segments: place.number,
            records: segment.last(),
            digest: segment.digest(),
            order: segment.last_order(),
        };
        if planted(Mutant::CursorKeptFirst) {
            self.keep(Keep::Received { span, chain, entries: Vec::new(), amended: false }).await?;
        }
        let amended = segment.is_amended() && !planted(Mutant::AmendedIsClean);
        self.foresee(Request::Get { name: name::segment(place.vault, device, place.number + 1) });
        if !self.keep_if_readable(Keep::Received { span, chain, entries, amended }).await? {
            // A fault of the program that wrote it, or of this one: no reason to keep the others' from coming.
            self.alarm(about(device, place.number, SyncError::Malformed)).await?;
            return Ok(Next::Nothing);
        }
        let standing = self.standing()?;
        standing.chains.insert(device, chain);
        standing.unclean.extend(amended.then_some(span));
        Ok(Next::Kept)
    }
}

fn about(device: DeviceId, number: u64, error: SyncError) -> Alarm {
    match error {
        SyncError::NewerFormat => Alarm::NewerFormat { device },
        SyncError::Revoked => Alarm::RemovedWrites { device },
        error => Alarm::Damaged { device, number, error },
    }
}
