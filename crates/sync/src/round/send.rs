//! Sending what was made here.

use super::{Ended, Flow, Input, Plan, SEGMENT_BYTES, Step, Stop};
use crate::error::SyncError;
use crate::mutant::{Mutant, planted};
use crate::name;
use crate::segment::{Place, Segment};
use twin_core::bucket::{Outcome, Request};
use twin_core::sync::{Keep, Outgoing, Span};

/// How often an object that cannot be opened is fetched before it counts as somebody else's.
const MOST_READS: u32 = 3;

impl Plan {
    /// Sends until nothing waits. A segment only after the one before it is confirmed, so that there is never a hole.
    pub(super) async fn send(&mut self) -> Result<Flow, Stop> {
        if planted(Mutant::SealAgainOnRetry) {
            self.standing()?.outgoing = None;
        }
        loop {
            if self.standing()?.outgoing.is_none() && !self.seal_next().await? {
                return Ok(Flow::Same);
            }
            if self.send_outgoing().await? == Flow::Moved {
                return Ok(Flow::Moved);
            }
        }
    }

    /// Seals what waits, and has the bytes kept before anybody is asked to take them.
    async fn seal_next(&mut self) -> Result<bool, Stop> {
        let standing = self.standing()?;
        let after = standing.chain(standing.device).records;
        let Input::Records(waiting) = self.exchange(Step::Take { after, bytes: SEGMENT_BYTES }).await? else {
            return Err(Stop(Ended::Wrong(None)));
        };
        if waiting.is_empty() {
            return Ok(false);
        }
        if self.reference.is_none() {
            // No peer was asked: the bucket's time has to come from somewhere. A folder has none, and that is fine.
            let name = name::keyring(self.vault()?);
            self.ask(Request::Head { name }).await?;
        }
        let put_id = if planted(Mutant::PayloadInPutId) {
            waiting.first().map(|record| String::from_utf8_lossy(&record.content.payload).into_owned())
        } else {
            None
        };
        let put_id = put_id.unwrap_or_else(|| self.put_id());
        let reference = self.reference;
        let (standing, keyring, keys, random) = self.parts()?;
        let (device, chain) = (standing.device, standing.chain(standing.device));
        let place = Place {
            vault: keyring.vault(),
            device,
            number: chain.segments + 1,
            previous: chain.digest,
            first: chain.records + 1,
        };
        let mut segment = Segment::new(place, &waiting, chain.order, reference, standing.heads(), keys, &mut *random)?;
        let bytes = segment.seal(keyring, (device, keys), random)?;
        let span =
            Span { device, number: place.number, first: place.first, last: segment.last(), digest: segment.digest() };
        let orders = segment.entries().iter().map(|entry| entry.order).collect();
        let outgoing = Outgoing { span, bytes, put_id, orders };
        if !planted(Mutant::PutBeforeKept) {
            self.keep(Keep::Outgoing(outgoing.clone())).await?;
        }
        self.standing()?.outgoing = Some(outgoing);
        Ok(true)
    }

    async fn send_outgoing(&mut self) -> Result<Flow, Stop> {
        // Refused, though nothing is there: so it is tried once more, or left to the next round.
        for _ in 0..3 {
            let vault = self.vault()?;
            let Some(outgoing) = self.standing()?.outgoing.clone() else { return Ok(Flow::Same) };
            let name = name::segment(vault, outgoing.span.device, outgoing.span.number);
            let put = Request::PutIfAbsent {
                name: name.clone(),
                bytes: outgoing.bytes.clone(),
                put_id: outgoing.put_id.clone(),
            };
            match self.put(put).await? {
                Outcome::Stored { .. } => return self.sent(outgoing).await,
                Outcome::Refused => {}
                _ => return Err(Stop(Ended::Wrong(None))),
            }
            if planted(Mutant::SkipPutIdCheck) {
                return self.sent(outgoing).await;
            }
            match self.ask(Request::Head { name }).await? {
                // The answer to an earlier try was lost.
                Outcome::Described { put_id, .. } if put_id.as_ref() == Some(&outgoing.put_id) => {
                    return self.sent(outgoing).await;
                }
                Outcome::Described { .. } if self.ours(&outgoing).await? => return self.sent(outgoing).await,
                Outcome::Described { .. } => return self.mint().await,
                Outcome::Absent => {}
                _ => return Err(Stop(Ended::Wrong(None))),
            }
        }
        Err(Stop(Ended::Unreachable))
    }

    /// Whether it says what this device said, under another put-id: another device may have read it and taken out what was
    /// forgotten, before this one heard that it had arrived.
    async fn ours(&mut self, outgoing: &Outgoing) -> Result<bool, Stop> {
        if planted(Mutant::CleanedIsForeign) {
            return Ok(false);
        }
        // It may be sealed under an epoch that began since.
        self.fetch_keyring().await?;
        let name = name::segment(self.vault()?, outgoing.span.device, outgoing.span.number);
        for _ in 0..MOST_READS {
            let Outcome::Found { bytes, .. } = self.ask(Request::Get { name: name.clone() }).await? else { continue };
            match Segment::open_again(&bytes, &outgoing.span, self.keyring()?) {
                Ok(_) => return Ok(true),
                // It may have come in half.
                Err(SyncError::Malformed | SyncError::SealBroken) => {}
                Err(_) => return Ok(false),
            }
        }
        Ok(false)
    }

    async fn put(&mut self, put: Request) -> Result<Outcome, Stop> {
        if !planted(Mutant::ConfirmWithoutAnswer) {
            return self.ask(put).await;
        }
        self.exchange(Step::Ask(put)).await?;
        Ok(Outcome::Stored { etag: twin_core::bucket::ETag(String::new()) })
    }

    async fn sent(&mut self, outgoing: Outgoing) -> Result<Flow, Stop> {
        self.keep(Keep::Sent(outgoing.clone())).await?;
        let standing = self.standing()?;
        standing.chains.insert(standing.device, outgoing.chain());
        standing.outgoing = None;
        Ok(Flow::Same)
    }
}
