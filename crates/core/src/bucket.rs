//! A place for objects under names, as dumb as S3 or a folder: what is asked of it, and everything that it may answer.
//!
//! The only thing asked of it beyond keeping bytes are conditions: write only where nothing is, and only over what was
//! read. `sync` decides what is asked, `connect` asks, `app` carries one to the other.

use crate::error::Failure;
use crate::time::Timestamp;
use std::future::Future;
use std::pin::Pin;

/// In bytes: twice what any object of ours can have. Of a longer one no more is read: whoever put it there wants memory or time, and
/// what is read of it does not open.
pub const LARGEST_OBJECT: usize = 128 << 20;

/// What the store calls one content of one object. S3: the header `ETag`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ETag(pub String);

/// One request. Names are relative to the place that the owner chose, with `/` between their parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Write only where nothing is. S3: `PutObject` with `If-None-Match: *`.
    PutIfAbsent {
        /// Where.
        name: String,
        /// What.
        bytes: Vec<u8>,
        /// Kept beside it as metadata, so that a writer knows its own object again. S3: `x-amz-meta-put-id`.
        put_id: String,
    },
    /// Write only over the content that was read. S3: `PutObject` with `If-Match`.
    PutIfMatch {
        /// Where.
        name: String,
        /// What.
        bytes: Vec<u8>,
        /// As in [`Request::PutIfAbsent`].
        put_id: String,
        /// The content that may be replaced.
        etag: ETag,
    },
    /// The newest content.
    Get {
        /// Of which.
        name: String,
    },
    /// What is known of it without its content.
    Head {
        /// Of which.
        name: String,
    },
    /// Names that begin with `prefix`, in the order of their bytes, at most 1,000 at once.
    List {
        /// How they begin.
        prefix: String,
        /// Only those after this one.
        after: Option<String>,
    },
    /// Take it away. Taking away what is not there is fine.
    Delete {
        /// Which.
        name: String,
    },
    /// Take away everything that the store still keeps of earlier contents and of deletions, but not the newest
    /// content. Nothing to do where the store keeps no versions.
    DeleteOldVersions {
        /// Of which.
        name: String,
    },
}

impl Request {
    /// The object, or the beginning of the names, that it is about.
    pub fn name(&self) -> &str {
        match self {
            Self::PutIfAbsent { name, .. }
            | Self::PutIfMatch { name, .. }
            | Self::Get { name }
            | Self::Head { name }
            | Self::Delete { name }
            | Self::DeleteOldVersions { name } => name,
            Self::List { prefix, .. } => prefix,
        }
    }
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written, durably.
    Stored {
        /// What the content is called.
        etag: ETag,
    },
    /// The content. A content that broke off on its way is [`Outcome::Lost`] where the transport can tell.
    Found {
        /// The object.
        bytes: Vec<u8>,
        /// What the content is called.
        etag: ETag,
    },
    /// What is known without the content.
    Described {
        /// What the content is called.
        etag: ETag,
        /// As it was put there; none if another program wrote it.
        put_id: Option<String>,
    },
    /// Names.
    Listed {
        /// In the order of their bytes.
        names: Vec<String>,
        /// Whether there are more after the last.
        more: bool,
    },
    /// Taken away, or never there.
    Deleted,
    /// There is no such object. S3: 404.
    Absent,
    /// The condition does not hold: nothing was written. S3: 412.
    Refused,
    /// Another writer was at it at the same time: nothing was written, the same request may succeed. S3: 409.
    Conflict,
    /// Too many requests, or a failure on the other side; trying later helps. S3: 500, 503 and their like.
    Busy {
        /// In how many seconds, if it said so.
        retry_after: Option<u32>,
    },
    /// No answer, or half of one: whether it was done is not known.
    Lost,
    /// No retry will help until somebody does something: rights, a wrong address, a full disk.
    Failed(Failure),
}

/// What came of a request, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// The other side's clock, if it told. S3: the header `Date`.
    pub date: Option<Timestamp>,
}

/// An answer that is on its way. Dropping it gives up waiting; whether the request was done is then not known.
pub type Pending = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What is being made ready.
pub type Preparing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Somewhere to keep objects: S3, what speaks like it, or a folder that another program carries between machines.
pub trait Bucket: Send + Sync {
    /// Asks once. No retry: [`Outcome::Lost`] and [`Outcome::Busy`] are for who asked to judge.
    fn ask(&self, request: Request) -> Pending;

    /// Makes ready what the first request would wait for otherwise. If that fails, the request will say so.
    fn prepare(&self) -> Preparing {
        Box::pin(std::future::ready(()))
    }
}
