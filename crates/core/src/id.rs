//! Identifiers: UUID newtypes, so that a session can never be passed where a message is meant.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was wrong with an identifier that came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what} id")]
pub struct InvalidId {
    what: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "specta", derive(specta::Type))]
        #[serde(transparent)]
        pub struct $name(#[cfg_attr(feature = "specta", specta(type = String))] Uuid);

        impl $name {
            /// A new id (UUIDv7), which sorts by `now`.
            pub fn new(now: Timestamp) -> Self {
                let (seconds, nanos) = now.to_unix_parts();
                Self(Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos)))
            }

            /// An id that the same `name` under the same `parent` always gets (UUIDv5), so that importing a file twice
            /// makes nothing twice.
            pub fn derived(parent: &Uuid, name: &[u8]) -> Self {
                Self(Uuid::new_v5(parent, name))
            }

            /// Wraps any UUID: ids from imported files keep their own version.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID itself.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            /// Only the hyphenated form, so that every id has one spelling.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let invalid = InvalidId { what: $what };
                if text.len() != 36 {
                    return Err(invalid);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| invalid)
            }
        }
    };
}

id!(
    /// One conversation.
    SessionId,
    "session"
);
id!(
    /// One message of a conversation.
    MessageId,
    "message"
);
id!(
    /// One file that was sent with a message.
    AttachmentId,
    "attachment"
);
id!(
    /// One installation: the owner of a sequence of records.
    DeviceId,
    "device"
);
id!(
    /// One failure as shown to the owner, to be found again in the log.
    FailureId,
    "failure"
);
id!(
    /// One memory.
    MemoryId,
    "memory"
);
id!(
    /// One person in the owner's life.
    PersonId,
    "person"
);
id!(
    /// What is left of something that was forgotten.
    ReceiptId,
    "receipt"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_outside_are_parsed_and_never_guessed() {
        let id = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
        assert_eq!(id.parse::<SessionId>().unwrap().to_string(), id);
        for bad in [
            "",
            "../../etc/passwd",
            "6f1c0e3e3b0e4a559c7c0d9f5f2b8a11",
            "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a1g",
            "{6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a}",
        ] {
            assert!(bad.parse::<SessionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn newer_ids_sort_after_older_ones() {
        let older = MessageId::new(Timestamp::from_millis(1_000));
        let newer = MessageId::new(Timestamp::from_millis(2_000));
        assert!(older < newer);
    }
}
