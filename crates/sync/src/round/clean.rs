//! Taking out of the bucket what was forgotten.
//!
//! Whoever knows of it does it, not only the device that wrote the segment: that one may sleep for months, or lie at the
//! bottom of a lake. Two that do it at once meet at the condition, and the second finds it done.

use super::{Ended, Input, Plan, Step, Stop};
use crate::error::SyncError;
use crate::mutant::{Mutant, planted};
use crate::name;
use crate::segment::Segment;
use twin_core::bucket::{ETag, Outcome, Request};
use twin_core::sync::{Keep, Span};

const MOST_READS: u32 = 4;

impl Plan {
    pub(super) async fn clean(&mut self) -> Result<(), Stop> {
        let unclean = std::mem::take(&mut self.standing()?.unclean);
        if !unclean.is_empty() {
            // A device that was taken out and has not heard of it would erase what the others still have: they do not
            // read any more what it forgets.
            self.fetch_keyring().await?;
        }
        if self.outdated {
            return Ok(());
        }
        for span in unclean {
            if self.clean_one(span).await? {
                self.keep(Keep::Clean(span)).await?;
            }
        }
        Ok(())
    }

    /// Whether nothing forgotten is left of it, old contents included. If not, it is tried again in the next round.
    async fn clean_one(&mut self, span: Span) -> Result<bool, Stop> {
        if planted(Mutant::ForgetSkipsRewrite) {
            return Ok(true);
        }
        let name = name::segment(self.vault()?, span.device, span.number);
        for _ in 0..MOST_READS {
            let (bytes, etag) = match self.ask(Request::Get { name: name.clone() }).await? {
                Outcome::Found { bytes, etag } => (bytes, etag),
                // Whoever took it away took what was forgotten, too; that it is gone, reading tells.
                Outcome::Absent => return Ok(true),
                _ => return Err(Stop(Ended::Wrong(None))),
            };
            match self.amended(span, &bytes).await {
                Err(Stop(Ended::Wrong(Some(SyncError::Malformed | SyncError::SealBroken)))) => {}
                // It is not what it was: reading tells, and nothing is written over it.
                Err(Stop(Ended::Wrong(Some(_)))) => return Ok(false),
                Err(stop) => return Err(stop),
                Ok(None) => return self.without_old_versions(name).await,
                Ok(Some(bytes)) => {
                    if self.replace(name.clone(), bytes, etag).await? {
                        return self.without_old_versions(name).await;
                    }
                }
            }
        }
        Ok(false)
    }

    async fn replace(&mut self, name: String, bytes: Vec<u8>, etag: ETag) -> Result<bool, Stop> {
        let put_id = self.put_id();
        // Refused: another device was faster, or the answer to an earlier try was lost. Reading it again tells.
        Ok(matches!(self.ask(Request::PutIfMatch { name, bytes, put_id, etag }).await?, Outcome::Stored { .. }))
    }

    async fn without_old_versions(&mut self, name: String) -> Result<bool, Stop> {
        if planted(Mutant::ForgetKeepsOldVersions) {
            return Ok(true);
        }
        Ok(self.ask(Request::DeleteOldVersions { name }).await? == Outcome::Deleted)
    }

    async fn amended(&mut self, span: Span, bytes: &[u8]) -> Result<Option<Vec<u8>>, Stop> {
        let mut segment = Segment::open_again(bytes, &span, self.keyring()?)?;
        let Input::Amendments(amendments) = self.exchange(Step::Judge(segment.entries())).await? else {
            return Err(Stop(Ended::Wrong(None)));
        };
        if !segment.amend(&amendments)? {
            return Ok(None);
        }
        let (standing, keyring, keys, random) = self.parts()?;
        Ok(Some(segment.seal(keyring, (standing.device, keys), random)?))
    }
}
