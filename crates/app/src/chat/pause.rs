//! How long to wait before a model is asked again, beyond what the providers' own libraries do.

use std::time::Duration;
use twin_core::error::{Code, Failure};

/// A provider that wants a longer pause is not waited for: the person decides.
const LONGEST: u32 = 120;

/// The pauses of one answer.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// How many there were.
    pub(super) times: u32,
    seconds: u32,
}

/// Seconds: the first pause, the longest, and all of them together.
struct Patience {
    first: u32,
    longest: u32,
    total: u32,
}

impl Patience {
    /// None where asking again at once meets the same failure.
    fn with(failure: &Failure) -> Option<Self> {
        let patience = |first, longest, total| Some(Self { first, longest, total });
        match failure.code {
            _ if !failure.retryable => None,
            // Quotas are counted by the minute.
            Code::Throttled => patience(2, 60, 240),
            Code::ModelLoading => patience(5, 10, 75),
            Code::ProviderFailed | Code::StreamInterrupted => patience(1, 8, 16),
            _ => None,
        }
    }
}

impl Pauses {
    /// The next pause; none when it is time to give up. `dice` spreads those who were refused together.
    pub(super) fn next(&mut self, failure: &Failure, dice: u8) -> Option<Duration> {
        let patience = Patience::with(failure)?;
        let doubled = patience.first.saturating_mul(1 << self.times.min(16)).min(patience.longest);
        // Between three quarters and five quarters of it.
        let spread = (u64::from(doubled) * 1000 * (192 + u64::from(dice) / 2) / 256).max(500);
        let pause = match failure.retry_after {
            Some(seconds) if seconds > LONGEST => return None,
            Some(seconds) => u64::from(seconds.max(1)) * 1000,
            None => spread,
        };
        let seconds = u32::try_from(pause.div_ceil(1000)).unwrap_or(LONGEST);
        if self.seconds + seconds > patience.total {
            return None;
        }
        self.seconds += seconds;
        self.times += 1;
        Some(Duration::from_millis(pause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled() -> Failure {
        Failure::passing(Code::Throttled, "too many requests", "Wait.")
    }

    #[test]
    fn pauses_grow_and_end() {
        let mut pauses = Pauses::default();
        let waited: Vec<u64> =
            std::iter::from_fn(|| pauses.next(&throttled(), 128)).map(|pause| pause.as_secs()).collect();
        assert_eq!(waited, [2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn the_provider_says_how_long() {
        let mut pauses = Pauses::default();
        assert_eq!(pauses.next(&throttled().after(Some(7)), 0), Some(Duration::from_secs(7)));
        assert_eq!(pauses.next(&throttled().after(Some(3600)), 0), None);
    }

    #[test]
    fn what_would_fail_again_is_not_tried_again() {
        let denied = Failure::permanent(Code::AccessDenied, "no", "Ask.");
        let used_up = Failure::permanent(Code::QuotaExceeded, "too many tokens per day", "Wait until tomorrow.");
        for failure in [denied, used_up] {
            assert_eq!(Pauses::default().next(&failure, 0), None);
        }
    }
}
