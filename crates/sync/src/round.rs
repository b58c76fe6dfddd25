//! One round of syncing, as a list of steps that is made while it is walked: each step says what to do next, each input
//! what came of it. Whoever walks it may stop anywhere, for ever: what counts was kept by the store on the way.
//!
//! The steps are written as an `async fn` that awaits inputs, polled by [`Round::step`] with a waker that wakes nobody. The
//! compiler makes the state machine; no runtime is involved, and a test can give any answer at any point.

mod clean;
mod membership;
mod receive;
mod send;

use crate::error::SyncError;
use crate::key::{DeviceKeys, VaultId};
use crate::keyring::Keyring;
use crate::mutant::{Mutant, planted};
use crate::probe::Conditions;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use twin_core::bucket::{Outcome, Request};
use twin_core::error::Failure;
use twin_core::id::DeviceId;
use twin_core::port::Random;
use twin_core::sync::{Amendment, Entry, Heads, Keep, Standing, Waiting, hex};
use twin_core::time::Timestamp;

/// A round ends after at most so many steps. What was not done is done by the next.
pub const MOST_STEPS: u32 = 200;
/// How often one request is tried within a round.
const MOST_TRIES: u32 = 5;
/// A wait before a second try: between a half of this and the whole, in milliseconds, and twice as long for each further.
const FIRST_WAIT: u64 = 400;
/// The longest wait that a bucket may ask for, in milliseconds: while a round waits, no other one begins.
const LONGEST_WAIT: u64 = 2 * 60 * 1_000;
/// About how many bytes of payload are sealed as one segment, where so much waits: each costs a request, its writer and its
/// readers a way there and back, and its readers a commit. Packed it is a third of this.
pub const SEGMENT_BYTES: usize = 8 << 20;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask the bucket; answer by [`Input::Answer`].
    Ask(Request),
    /// Wait; answer by [`Input::Done`].
    Wait {
        /// How long.
        millis: u64,
    },
    /// Give this device's records after that number, in order, as many as have about `bytes` of payload, at least one if
    /// there is one; answer by [`Input::Records`].
    Take {
        /// The last that is not wanted.
        after: u64,
        /// How much at once.
        bytes: usize,
    },
    /// Keep this in one transaction; answer by [`Input::Done`] after the commit, else by [`Input::NotKept`], or by
    /// [`Input::Unreadable`].
    Keep(Keep),
    /// Say what is to become of these records, as they stand in the bucket, because of what was forgotten *by records that
    /// are in the bucket*, sent or received, not by those that still wait; answer by [`Input::Amendments`], by number.
    Judge(Vec<Entry>),
    /// Tell the owner; answer by [`Input::Done`].
    Alarm(Alarm),
    /// That was all.
    Finished(Ended),
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Of [`Step::Ask`].
    Answer(twin_core::bucket::Answer),
    /// Of [`Step::Take`].
    Records(Vec<Waiting>),
    /// Of [`Step::Judge`].
    Amendments(BTreeMap<u64, Amendment>),
    /// It is done. Also the first input of a round.
    Done,
    /// The disk is full, or the store failed otherwise: nothing was kept.
    NotKept,
    /// Of [`Keep::Received`]: the store can make nothing of a record, though it is sealed as it should be. Nothing was kept.
    Unreadable,
}

/// What the owner has to know. Never silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// This device cannot open the keyring any more: it was taken out.
    Removed,
    /// There is no keyring where one was.
    KeyringMissing,
    /// The keyring is not one that may be believed.
    Keyring(SyncError),
    /// An object cannot be believed. Nothing of this device is read from there on, until it can.
    Damaged {
        /// Whose.
        device: DeviceId,
        /// Which segment.
        number: u64,
        /// What is wrong with it.
        error: SyncError,
    },
    /// Another device had seen records that the bucket does not have: somebody put an older state back.
    Missing {
        /// Whose records.
        device: DeviceId,
        /// How many somebody had seen.
        seen: u64,
        /// How many there are.
        here: u64,
    },
    /// A segment of a newer program: that device's records wait in the bucket until this program is updated.
    NewerFormat {
        /// Whose.
        device: DeviceId,
    },
    /// A removed device went on writing. It is not read.
    RemovedWrites {
        /// Which.
        device: DeviceId,
    },
    /// This device's disk was copied or restored: another one writes under its id, so it took a new one.
    Forked {
        /// The id so far.
        from: DeviceId,
        /// The new one.
        to: DeviceId,
    },
}

/// How a round ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Nothing is left to do.
    Settled,
    /// There is more to do: begin another round.
    More,
    /// The bucket did not answer, or not well. Begin another round later.
    Unreachable,
    /// It will not get better by itself.
    Failed(Failure),
    /// The store could not keep something.
    NotKept,
    /// An alarm was raised after which nothing else may be done.
    Alarmed,
    /// A step was answered by something that does not answer it, or could not be done for a reason within the program.
    Wrong(Option<SyncError>),
    /// Of a probe.
    Probed(Conditions),
}

pub(crate) struct Stop(pub(crate) Ended);

impl From<SyncError> for Stop {
    fn from(error: SyncError) -> Self {
        Self(Ended::Wrong(Some(error)))
    }
}

/// Whether the id under which this device writes is still its own.
#[derive(PartialEq, Eq)]
enum Flow {
    Same,
    Moved,
}

#[derive(Default)]
struct Slot {
    asked: Option<Step>,
    given: Option<Input>,
    foreseen: Vec<Request>,
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a round knows while it runs.
pub(crate) struct Plan {
    slot: Arc<Mutex<Slot>>,
    steps: u32,
    pub(crate) random: Box<dyn Random + Send>,
    reference: Option<Timestamp>,
    vault: Option<(Standing, Keyring, DeviceKeys)>,
    /// Whether the keyring was fetched in this round.
    fetched: bool,
    /// Whether something is sealed under an epoch that even the keyring in the bucket does not have: somebody put an older
    /// one back, and this device may have been taken out. Then it takes nothing away.
    outdated: bool,
    /// Removed devices that were read to the end after they had been removed.
    read_out: Vec<DeviceId>,
    /// What is believed of removed devices because others had seen it.
    cuts: BTreeMap<DeviceId, u64>,
    /// How many records of each device somebody had seen whose segment waits for them.
    vouchers: Heads,
}

/// One round, or one probe.
pub struct Round {
    slot: Arc<Mutex<Slot>>,
    walk: Pin<Box<dyn Future<Output = Ended> + Send>>,
}

impl Round {
    /// A round from what was kept; `keyring` is [`Standing::keyring`], open. `thorough` at the start of the program and every hour: then the keyring is fetched, and
    /// looked whether another process writes under this device's id.
    pub fn new(
        standing: Standing,
        keyring: Keyring,
        keys: DeviceKeys,
        thorough: bool,
        random: Box<dyn Random + Send>,
    ) -> Self {
        Self::walking(random, Some((standing, keyring, keys)), move |mut plan| async move {
            plan.round(thorough).await.unwrap_or_else(|stop| stop.0)
        })
    }

    /// Finds out whether the bucket honours conditions. Ends as [`Ended::Probed`].
    pub fn probe(random: Box<dyn Random + Send>) -> Self {
        Self::walking(random, None, |mut plan| async move { plan.probe().await.unwrap_or_else(|stop| stop.0) })
    }

    fn walking<F: Future<Output = Ended> + Send + 'static>(
        random: Box<dyn Random + Send>,
        vault: Option<(Standing, Keyring, DeviceKeys)>,
        walk: impl FnOnce(Plan) -> F,
    ) -> Self {
        let slot = Arc::new(Mutex::new(Slot::default()));
        let plan = Plan {
            slot: Arc::clone(&slot),
            steps: 0,
            random,
            reference: None,
            vault,
            fetched: false,
            outdated: false,
            read_out: Vec::new(),
            cuts: BTreeMap::new(),
            vouchers: Heads::new(),
        };
        Self { slot, walk: Box::pin(walk(plan)) }
    }

    /// Takes what came of the last step, and says the next. The first input is [`Input::Done`]. After
    /// [`Step::Finished`] there is nothing to ask.
    pub fn step(&mut self, input: Input) -> Step {
        lock(&self.slot).given = Some(input);
        let mut context = Context::from_waker(Waker::noop());
        match self.walk.as_mut().poll(&mut context) {
            Poll::Ready(ended) => Step::Finished(ended),
            // It only ever waits for an input, after it has asked.
            Poll::Pending => lock(&self.slot).asked.take().unwrap_or(Step::Finished(Ended::Wrong(None))),
        }
    }

    /// What will most likely be asked next, only reads. Whoever walks may ask the bucket from now on, beside the step at
    /// hand, and give that answer once, when the request comes up as a [`Step::Ask`]: so ways there and back, and what is
    /// done here, need not wait for each other. What was foreseen again is to be asked again. Not doing so is fine.
    pub fn foreseen(&mut self) -> Vec<Request> {
        std::mem::take(&mut lock(&self.slot).foreseen)
    }
}

/// Waits for the next input.
struct Given<'a>(&'a Mutex<Slot>);

impl Future for Given<'_> {
    type Output = Input;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Input> {
        lock(self.0).given.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Plan {
    async fn exchange(&mut self, step: Step) -> Result<Input, Stop> {
        self.steps += 1;
        // The last one is for [`Step::Finished`].
        if self.steps >= MOST_STEPS && !planted(Mutant::EndlessRetry) {
            return Err(Stop(Ended::More));
        }
        {
            let mut slot = lock(&self.slot);
            slot.asked = Some(step);
            slot.given = None;
        }
        Ok(Given(&self.slot).await)
    }

    fn foresee_reading(&mut self) -> Result<(), Stop> {
        for device in self.others()? {
            let (_, name) = self.place_of(device)?;
            self.foresee(Request::Get { name });
        }
        Ok(())
    }

    fn foresee(&self, request: Request) {
        lock(&self.slot).foreseen.push(request);
    }

    async fn keep(&mut self, keep: Keep) -> Result<(), Stop> {
        if self.keep_if_readable(keep).await? { Ok(()) } else { Err(Stop(Ended::NotKept)) }
    }

    async fn keep_if_readable(&mut self, keep: Keep) -> Result<bool, Stop> {
        match self.exchange(Step::Keep(keep)).await? {
            Input::Done => Ok(true),
            Input::Unreadable => Ok(false),
            Input::NotKept if planted(Mutant::DiskFullIgnored) => Ok(true),
            Input::NotKept => Err(Stop(Ended::NotKept)),
            _ => Err(Stop(Ended::Wrong(None))),
        }
    }

    async fn alarm(&mut self, alarm: Alarm) -> Result<(), Stop> {
        self.exchange(Step::Alarm(alarm)).await.map(|_| ())
    }

    /// Asks until there is an answer that says something, at most [`MOST_TRIES`] times. The same bytes each time: an answer
    /// that was lost may have been a yes.
    pub(crate) async fn ask(&mut self, request: Request) -> Result<Outcome, Stop> {
        let mut tries = 0;
        loop {
            let Input::Answer(answer) = self.exchange(Step::Ask(request.clone())).await? else {
                return Err(Stop(Ended::Wrong(None)));
            };
            self.reference = answer.date.or(self.reference);
            let retry_after = match answer.outcome {
                Outcome::Failed(failure) => return Err(Stop(Ended::Failed(failure))),
                Outcome::Busy { retry_after } => retry_after,
                Outcome::Conflict | Outcome::Lost => None,
                other => return Ok(other),
            };
            tries += 1;
            if tries >= MOST_TRIES && !planted(Mutant::EndlessRetry) {
                return Err(Stop(Ended::Unreachable));
            }
            if !planted(Mutant::NoBackOff) {
                self.back_off(tries, retry_after).await?;
            }
        }
    }

    /// Exponential, with jitter, so that devices which were turned away together do not come back together.
    async fn back_off(&mut self, tries: u32, retry_after: Option<u32>) -> Result<(), Stop> {
        let most = FIRST_WAIT << tries.min(6);
        let mut random = [0; 8];
        self.random.fill(&mut random);
        let jittered = most / 2 + u64::from_le_bytes(random) % (most / 2);
        let asked_for = (u64::from(retry_after.unwrap_or(0)) * 1_000).min(LONGEST_WAIT);
        self.exchange(Step::Wait { millis: jittered.max(asked_for) }).await.map(|_| ())
    }

    fn put_id(&mut self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes);
        hex(&bytes)
    }

    fn parts(&mut self) -> Result<(&mut Standing, &mut Keyring, &DeviceKeys, &mut dyn Random), Stop> {
        match &mut self.vault {
            Some((standing, keyring, keys)) => Ok((standing, keyring, keys, &mut *self.random)),
            None => Err(Stop(Ended::Wrong(None))),
        }
    }

    fn standing(&mut self) -> Result<&mut Standing, Stop> {
        Ok(self.parts()?.0)
    }

    fn keyring(&mut self) -> Result<&mut Keyring, Stop> {
        Ok(self.parts()?.1)
    }

    fn vault(&mut self) -> Result<VaultId, Stop> {
        Ok(self.keyring()?.vault())
    }

    async fn round(&mut self, thorough: bool) -> Result<Ended, Stop> {
        let unlisted = self.unlisted()?;
        self.foresee_reading()?;
        if thorough || unlisted {
            self.fetch_keyring().await?;
        }
        // Each new id starts over: the old one is now read like any other's. Twice in one round would be strange.
        for _ in 0..3 {
            if self.once(thorough).await? == Flow::Same {
                return Ok(Ended::Settled);
            }
            self.fetch_keyring().await?;
        }
        Ok(Ended::More)
    }

    async fn once(&mut self, thorough: bool) -> Result<Flow, Stop> {
        // Reading first: the answers tell the bucket's time, without which nothing is sealed.
        let unclosed = self.keyring()?.unclosed();
        if !unclosed.is_empty() && !planted(Mutant::ForeseenTooEarly) {
            // That there was nothing more of them before they were removed does not say that this was their end.
            self.foresee_reading()?;
        }
        let next = if thorough { self.own_next().await? } else { None };
        if let Some(name) = &next {
            self.foresee(Request::Head { name: name.clone() });
        }
        if self.receive().await? == Flow::Moved {
            return Ok(Flow::Moved);
        }
        if !unclosed.is_empty() {
            // What they sent before they were removed was there to be read: now the rest can be refused.
            self.read_out = unclosed;
            self.fetch_keyring().await?;
        }
        if let Some(name) = next
            && matches!(self.ask(Request::Head { name }).await?, Outcome::Described { .. })
        {
            return self.mint().await;
        }
        if self.send().await? == Flow::Moved {
            return Ok(Flow::Moved);
        }
        // Last: what forgets has to be in the bucket before what is forgotten leaves it. Otherwise a disk that is lost in
        // between takes the one with it and leaves the others without the other, for ever different.
        self.clean().await?;
        Ok(Flow::Same)
    }
}
