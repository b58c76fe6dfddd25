//! The one place that asks the machine for the time.

use twin_core::port::Clock;
use twin_core::time::Timestamp;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port's only real implementation")]
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }
}
