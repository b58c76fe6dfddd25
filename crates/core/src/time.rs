//! Time as the rooms see it: an instant in UTC, and the hybrid logical clock that orders records of several devices.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant in UTC, to the millisecond. On the wire and in exported files: RFC 3339, `2026-11-21T08:15:00.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970-01-01T00:00:00Z. Clamped to what RFC 3339 can write (years -9999 to 9999).
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(jiff::Timestamp::MIN.as_millisecond(), jiff::Timestamp::MAX.as_millisecond()))
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Seconds and nanoseconds since 1970, zero before it (UUIDv7 knows no earlier time).
    pub(crate) fn to_unix_parts(self) -> (u64, u32) {
        let millis = u64::try_from(self.0).unwrap_or(0);
        let nanos = u32::try_from(millis % 1_000).unwrap_or(0) * 1_000_000;
        (millis / 1_000, nanos)
    }

    /// The same instant as jiff has it, for calendars and zones.
    pub fn to_jiff(self) -> jiff::Timestamp {
        // The constructor clamps, so this never falls back.
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self::from_millis(instant.as_millisecond())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl std::str::FromStr for Timestamp {
    type Err = jiff::Error;

    /// RFC 3339, with any zone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let instant = jiff::Timestamp::deserialize(deserializer)?;
        Ok(Self::from(instant))
    }
}

#[cfg(feature = "specta")]
impl specta::Type for Timestamp {
    fn definition(types: &mut specta::Types) -> specta::datatype::DataType {
        <String as specta::Type>::definition(types)
    }
}

/// Hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): wall milliseconds, then a counter for
/// events within the same millisecond or behind a clock that ran ahead. Orders records across devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Hlc {
    /// Milliseconds since 1970.
    pub wall: i64,
    /// Events at the same `wall`.
    pub counter: u32,
}

impl Hlc {
    /// The stamp of the next event, after `self` even when the clock went back.
    #[must_use]
    pub fn tick(self, now: Timestamp) -> Self {
        let now = now.as_millis();
        if now > self.wall {
            Self { wall: now, counter: 0 }
        } else {
            Self { wall: self.wall, counter: self.counter.saturating_add(1) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_travel_as_rfc_3339() {
        let instant = Timestamp::from_millis(1_795_249_000_123);
        let wire = serde_json::to_string(&instant).unwrap();
        assert_eq!(wire, "\"2026-11-21T08:16:40.123Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&wire).unwrap(), instant);
    }

    #[test]
    fn a_clock_set_back_does_not_reorder_events() {
        let first = Hlc::default().tick(Timestamp::from_millis(5_000));
        let second = first.tick(Timestamp::from_millis(1_000));
        let third = second.tick(Timestamp::from_millis(5_001));
        assert!(first < second && second < third);
    }
}
