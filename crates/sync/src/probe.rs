//! Whether a bucket honours conditions. Asked once, at set-up: a store that writes over what it should not lets two
//! devices destroy each other's segments.

use crate::round::{Ended, Plan, Stop};
use twin_core::bucket::{ETag, Outcome, Request};
use twin_core::sync::hex;

/// What a bucket does with conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conditions {
    /// It honours both.
    Honoured,
    /// It wrote over an object that was there, or did not write one that was not.
    IfAbsentIgnored,
    /// It wrote over a content other than the one that was read, or refused the one that was.
    IfMatchIgnored,
}

impl Plan {
    pub(crate) async fn probe(&mut self) -> Result<Ended, Stop> {
        let mut random = [0; 16];
        self.random.fill(&mut random);
        let name = format!("probe/{}", hex(&random));
        let conditions = self.conditions(&name).await?;
        self.ask(Request::Delete { name: name.clone() }).await?;
        self.ask(Request::DeleteOldVersions { name }).await?;
        Ok(Ended::Probed(conditions))
    }

    async fn conditions(&mut self, name: &str) -> Result<Conditions, Stop> {
        // An answer that was lost makes the first look refused; then it is there all the same.
        let put = |content: &[u8]| Request::PutIfAbsent {
            name: name.to_owned(),
            bytes: content.to_vec(),
            put_id: "probe".to_owned(),
        };
        self.ask(put(b"first")).await?;
        if self.ask(put(b"second")).await? != Outcome::Refused {
            return Ok(Conditions::IfAbsentIgnored);
        }
        let Outcome::Found { bytes, etag } = self.ask(Request::Get { name: name.to_owned() }).await? else {
            return Ok(Conditions::IfAbsentIgnored);
        };
        if bytes != b"first" {
            return Ok(Conditions::IfAbsentIgnored);
        }
        let replace = |etag: ETag, content: &[u8]| Request::PutIfMatch {
            name: name.to_owned(),
            bytes: content.to_vec(),
            put_id: "probe".to_owned(),
            etag,
        };
        self.ask(replace(etag.clone(), b"third")).await?;
        let stale = self.ask(replace(etag, b"fourth")).await?;
        let last = self.ask(Request::Get { name: name.to_owned() }).await?;
        let honoured = stale == Outcome::Refused && matches!(last, Outcome::Found { bytes, .. } if bytes == b"third");
        Ok(if honoured { Conditions::Honoured } else { Conditions::IfMatchIgnored })
    }
}
