//! Who belongs to the vault, and under which id this device writes.

use super::{Alarm, Ended, Flow, Input, Plan, Step, Stop};
use crate::error::SyncError;
use crate::keyring::Keyring;
use crate::mutant::{Mutant, planted};
use crate::name;
use twin_core::bucket::{ETag, Outcome, Request};
use twin_core::id::DeviceId;
use twin_core::sync::Keep;

/// How often the keyring is read anew because it was not whole or another device was faster.
const MOST_READS: u32 = 6;

impl Plan {
    /// Whether the keyring does not yet list the id under which this device writes.
    pub(super) fn unlisted(&mut self) -> Result<bool, Stop> {
        let (standing, keyring, ..) = self.parts()?;
        Ok(keyring.device(standing.device).is_none())
    }

    /// Reads the keyring, and adds to it what this device has to say: the id under which it writes, and how much counts
    /// of removed devices.
    pub(super) async fn fetch_keyring(&mut self) -> Result<(), Stop> {
        self.fetched = true;
        for _ in 0..MOST_READS {
            let name = name::keyring(self.vault()?);
            let (bytes, etag) = match self.ask(Request::Get { name: name.clone() }).await? {
                Outcome::Found { bytes, etag } => (bytes, etag),
                Outcome::Absent => {
                    self.alarm(Alarm::KeyringMissing).await?;
                    return Err(Stop(Ended::Alarmed));
                }
                _ => return Err(Stop(Ended::Wrong(None))),
            };
            match self.believe(bytes).await {
                Err(Stop(Ended::Wrong(Some(SyncError::Malformed | SyncError::SealBroken)))) => continue,
                Err(Stop(Ended::Wrong(Some(error)))) => return self.refuse_keyring(error).await,
                other => other?,
            }
            if self.tell(name, etag).await? {
                return Ok(());
            }
        }
        Err(Stop(Ended::Unreachable))
    }

    async fn refuse_keyring(&mut self, error: SyncError) -> Result<(), Stop> {
        let alarm = if error == SyncError::WrongKey { Alarm::Removed } else { Alarm::Keyring(error) };
        self.alarm(alarm).await?;
        Err(Stop(Ended::Alarmed))
    }

    async fn believe(&mut self, bytes: Vec<u8>) -> Result<(), Stop> {
        let (standing, known, keys, _) = self.parts()?;
        if bytes == standing.keyring {
            return Ok(());
        }
        let found = Keyring::open(&bytes, keys)?;
        found.follows(known)?;
        *known = found;
        standing.keyring.clone_from(&bytes);
        self.keep(Keep::Keyring(bytes)).await
    }

    /// Whether the keyring says all that this device has to say.
    async fn tell(&mut self, name: String, etag: ETag) -> Result<bool, Stop> {
        let (cuts, mut read_out) = (self.cuts.clone(), self.read_out.clone());
        let (standing, known, keys, _) = self.parts()?;
        let mut changed = known.clone();
        if changed.device(standing.device).is_none() {
            let listed = changed.devices().iter().find(|listed| listed.verifying == keys.verifying());
            let of = listed.and_then(|listed| listed.sequences.first()).copied();
            changed.add_sequence(of.ok_or(SyncError::DeviceUnknown)?, standing.device)?;
        }
        if planted(Mutant::ClosedUnread) {
            read_out = known.unclosed();
        }
        for device in read_out {
            changed.close(device, |sequence| standing.chain(sequence).segments);
        }
        for (device, chain) in &standing.chains {
            changed.raise_cut(*device, chain.segments);
        }
        for (device, segments) in &cuts {
            changed.raise_cut(*device, *segments);
        }
        if changed.generation() == known.generation() {
            return Ok(true);
        }
        let bytes = changed.seal()?;
        let put_id = self.put_id();
        let put = Request::PutIfMatch { name, bytes: bytes.clone(), put_id, etag };
        match self.ask(put).await? {
            Outcome::Stored { .. } => {}
            Outcome::Refused if planted(Mutant::KeyringRefusalIgnored) => {}
            _ => return Ok(false),
        }
        self.believe(bytes).await?;
        Ok(true)
    }

    /// Writes under a new id from now on, and sends under it what was not sent yet.
    pub(super) async fn mint(&mut self) -> Result<Flow, Stop> {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        // Version 8: whoever made it says what is in it. Here it is only random.
        let to = DeviceId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid());
        let standing = self.standing()?;
        let from = standing.device;
        let (sent, order) = (standing.chain(from).records, standing.chain(from).order);
        if planted(Mutant::MintKeepsOldSequence) {
            standing.outgoing = None;
            return Ok(Flow::Moved);
        }
        let sent = if planted(Mutant::MintDropsPending) { u64::MAX } else { sent };
        self.keep(Keep::Moved { from, sent, order, to }).await?;
        let standing = self.standing()?;
        standing.device = to;
        standing.outgoing = None;
        self.alarm(Alarm::Forked { from, to }).await?;
        Ok(Flow::Moved)
    }

    /// Where it shows whether another process writes under this device's id: the segment that this device would write next.
    /// None if something waits: sending it will tell.
    pub(super) async fn own_next(&mut self) -> Result<Option<String>, Stop> {
        let vault = self.vault()?;
        let standing = self.standing()?;
        let (device, chain) = (standing.device, standing.chain(standing.device));
        if standing.outgoing.is_some() || planted(Mutant::ForkUnnoticed) {
            return Ok(None);
        }
        match self.exchange(Step::Take { after: chain.records, bytes: 1 }).await? {
            Input::Records(waiting) if waiting.is_empty() => Ok(Some(name::segment(vault, device, chain.segments + 1))),
            Input::Records(_) => Ok(None),
            _ => Err(Stop(Ended::Wrong(None))),
        }
    }
}
