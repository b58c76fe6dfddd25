//! Learning: what there is to remember in what was said. A model proposes; what is kept is decided here, by rules without
//! a model: only what stands word for word in what the person wrote themself, never what a document or the twin says.

mod done;
mod judge;
mod own;
mod parse;
mod request;
mod same;
pub mod spoken;

pub use done::Done;
pub use judge::{Dropped, Judged, judge, summary_id};
pub use parse::{Act, Basis, Named, Operation, Proposal, Statement, from_text, parse};
pub use request::{TOOL, request};
pub use same::same;

use jiff::Zoned;
use twin_core::chat::{Audience, Message};
use twin_core::id::SessionId;
use twin_core::memory::{Memory, Person};

/// Most characters of a memory: one sentence.
pub const TEXT_MOST: usize = 300;
/// Most characters of a session's summary.
const SUMMARY_MOST: usize = 600;

/// What is learned from at once: messages of one session, and what is known already.
#[derive(Debug)]
pub struct Batch<'a> {
    /// The session.
    pub session: SessionId,
    /// Who talks in it.
    pub audience: Audience,
    /// In order; a person's and the twin's.
    pub messages: &'a [Message],
    /// So many of them, from the first, were learned from before: they are shown for the rest to make sense.
    pub context: usize,
    /// Current memories that are near what was said, without summaries. To a visitor's session belong only those that the
    /// visitor may hear.
    pub known: &'a [Memory],
    /// People who are known. To a visitor's session nobody belongs: whom the owner knows is the owner's alone.
    pub people: &'a [Person],
    /// Whether the session should be summed up as well.
    pub summary: Summary<'a>,
    /// The time, in the owner's zone.
    pub now: &'a Zoned,
}

/// Whether a summary is due.
#[derive(Debug, Clone, Copy)]
pub enum Summary<'a> {
    /// Not yet.
    NotDue,
    /// Yes, and there is none so far.
    First,
    /// Yes, in place of this one.
    After(&'a Memory),
}
