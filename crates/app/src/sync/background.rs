//! Syncing by itself: soon after something was written here, and now and then to see what others wrote.

use super::SyncSparing;
use super::walk::Pass;
use crate::{App, task};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use twin_core::event::Event;
use twin_core::settings::{NetworkSettings, Settings, SyncSettings};

/// After the last change: what is said in one breath travels in one piece.
const QUIET: Duration = Duration::from_secs(5);
/// So much that waits goes at once: one segment.
const MUCH: u32 = 256 << 10;
/// Between two looks while something goes on.
const LOOK: Duration = Duration::from_secs(30);
/// Between two looks of a program at which nobody is.
const LONGEST: Duration = Duration::from_mins(5);
/// A look comes after a part of the time in which nothing happened: what comes after a long rest may come a little later.
const PART: u32 = 10;

/// How often to look.
struct Pace {
    /// When something was last written, here or elsewhere, or somebody sat down at the window.
    happened: Instant,
    /// Looks in a row that nobody answered.
    unanswered: u32,
    /// How many times longer everything takes than it could.
    slower: u32,
}

impl Pace {
    fn new() -> Self {
        Self { happened: Instant::now(), unanswered: 0, slower: 1 }
    }

    /// How long to rest after that.
    fn rest(&mut self, pass: &Pass) -> Duration {
        self.unanswered = if matches!(pass, Pass::Offline(_)) { self.unanswered + 1 } else { 0 };
        let rest = match pass {
            Pass::Settled => (self.happened.elapsed() / PART).clamp(LOOK, LONGEST),
            Pass::More => Duration::ZERO,
            Pass::Offline(failure) => {
                let asked_for = Duration::from_secs(failure.retry_after.unwrap_or(0).into());
                (LOOK * (1 << (self.unanswered - 1).min(4))).min(LONGEST).max(asked_for)
            }
            // Whoever does something about it does not always do it here.
            Pass::Failed(_) => LONGEST,
        };
        rest * self.slower
    }
}

/// So many times longer it takes on battery and where the line is paid for.
const SPARING: u32 = 6;

/// What of the settings it depends on.
fn concerned(settings: &Settings) -> (SyncSettings, NetworkSettings, bool) {
    (settings.sync.clone(), settings.network.clone(), settings.background_paused)
}

impl App {
    /// Somebody sits down at the window: what the others wrote is to be there soon.
    pub fn sync_look(&self) {
        self.inner.sync.look.notify_one();
    }

    /// Looks less often from now on, or as often as usual again.
    pub fn sync_spare(&self, why: Option<SyncSparing>) {
        let changed = self.inner.sync.sparing.send_if_modified(|before| std::mem::replace(before, why) != why);
        if changed {
            self.tell(Event::SyncChanged);
        }
    }

    /// Something may have been written.
    pub(crate) fn sync_happened(&self) {
        self.inner.sync.changed.notify_one();
    }

    /// Whether this home syncs by itself now.
    fn sync_may_run(&self) -> bool {
        let settings = self.inner.settings.borrow();
        settings.sync.place.is_some() && !settings.sync.paused && !settings.background_paused
    }

    /// Syncs for as long as it is polled.
    pub(crate) async fn sync_in_background(&self) {
        let mut settings = self.inner.settings.subscribe();
        let mut sparing = self.inner.sync.sparing.subscribe();
        let mut pace = Pace::new();
        loop {
            settings.mark_unchanged();
            if !self.sync_may_run() {
                if settings.changed().await.is_err() {
                    return;
                }
                pace.happened = Instant::now();
                continue;
            }
            let pass = match self.sync_turn().await {
                Ok(Some(turn)) => self.sync_settle(&turn, false).await,
                // Another process of this home does it, and what it brings is noticed as all that others write.
                Ok(None) => Pass::Settled,
                Err(error) => error.into(),
            };
            pace.slower = if sparing.borrow_and_update().is_some() { SPARING } else { 1 };
            let look = Instant::now() + pace.rest(&pass);
            tokio::select! {
                () = self.sync_rest(look, &pass, &mut pace, &mut settings) => {}
                // Whoever is plugged in again is not to wait for what was planned on battery. It cannot fail: the sender
                // is the application's.
                _ = sparing.changed() => {}
            }
        }
    }

    /// Until there is a reason to sync again.
    async fn sync_rest(&self, look: Instant, pass: &Pass, pace: &mut Pace, settings: &mut watch::Receiver<Settings>) {
        let before = concerned(&self.settings());
        let mut until = look;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                () = self.inner.sync.look.notified() => {
                    pace.happened = Instant::now();
                    return;
                }
                changed = settings.changed() => {
                    if changed.is_err() || concerned(&self.settings()) != before {
                        return;
                    }
                }
                () = self.inner.sync.changed.notified() => {
                    let waiting = self.sync_waits().await;
                    if waiting > 0 {
                        pace.happened = Instant::now();
                    }
                    // Where nobody answers, it is not tried at each word.
                    if waiting >= MUCH && matches!(pass, Pass::Settled) {
                        return;
                    }
                    if waiting > 0 && matches!(pass, Pass::Settled) {
                        until = look.min(Instant::now() + QUIET * pace.slower);
                    }
                }
            }
        }
    }

    /// How many bytes wait, at least one if anything does.
    pub(super) async fn sync_waits(&self) -> u32 {
        let store = self.inner.store.clone();
        match task::store(move || store.sync_waiting()).await {
            Ok(waiting) if waiting.records == 0 && waiting.files == 0 && !self.sync_persona_waits() => 0,
            Ok(waiting) => waiting.bytes.max(1),
            Err(error) => {
                tracing::warn!(id = %error.id, "the store could not be asked what waits to be sent");
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twin_core::error::{Code, Failure};

    #[tokio::test(start_paused = true)]
    async fn looks_become_rarer_while_nothing_happens() {
        let mut pace = Pace::new();
        assert_eq!(pace.rest(&Pass::Settled), LOOK);
        tokio::time::advance(Duration::from_mins(20)).await;
        assert_eq!(pace.rest(&Pass::Settled), Duration::from_mins(2));
        tokio::time::advance(Duration::from_hours(9)).await;
        assert_eq!(pace.rest(&Pass::Settled), LONGEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_that_does_not_answer_is_asked_ever_less_until_it_does() {
        let mut pace = Pace::new();
        let silent = Pass::Offline(Failure::passing(Code::Unreachable, "nobody", "Wait."));
        let rests: Vec<u64> = (0..6).map(|_| pace.rest(&silent).as_secs()).collect();
        assert_eq!(rests, [30, 60, 120, 240, 300, 300]);
        assert_eq!(pace.rest(&Pass::Settled), LOOK);
        assert_eq!(pace.rest(&silent), LOOK);
    }
}
