//! Says where something known comes from, in words.

use jiff::Zoned;
use twin_core::chat::{Audience, Role};
use twin_core::memory::Teller;
use twin_core::report::Source;
use twin_core::time::Timestamp;

/// For the person who reads an answer: `you said on 17 November 2026 at 10:02, in “title”`.
pub(crate) fn for_person(source: &Source, now: &Zoned) -> String {
    describe(source, now, |role, audience| match (role, audience) {
        (Role::Assistant, _) => "I said",
        (Role::User, Audience::Owner) => "you said",
        // Also true where the visitor reads it; "you" would be false where the owner does.
        (Role::User, Audience::Visitor) => "a visitor said",
    })
}

/// For the model: `the owner said on …`.
pub(crate) fn for_model(source: &Source, now: &Zoned) -> String {
    describe(source, now, |role, audience| match (role, audience) {
        (Role::Assistant, _) => "you (the twin) said",
        (Role::User, Audience::Owner) => "the owner said",
        (Role::User, Audience::Visitor) => "a visitor said",
    })
}

fn describe(source: &Source, now: &Zoned, said: impl Fn(Role, Audience) -> &'static str) -> String {
    match source {
        Source::File { path, line: 0 } => format!("from {path}"),
        Source::File { path, line } => format!("from {path}, line {line}"),
        Source::Memory { teller, at, .. } => {
            let told = said(Role::User, if *teller == Teller::Owner { Audience::Owner } else { Audience::Visitor });
            format!("remembered, {told} by {}", date_and_time(*at, now))
        }
        Source::Message { role, audience, at, session_title, .. } => {
            let said = said(*role, *audience);
            let when = date_and_time(*at, now);
            let title = session_title.trim();
            if title.is_empty() { format!("{said} on {when}") } else { format!("{said} on {when}, in “{title}”") }
        }
    }
}

/// `17 November 2026 at 10:02`, in the zone of `now`.
fn date_and_time(at: Timestamp, now: &Zoned) -> String {
    at.to_jiff().to_zoned(now.time_zone().clone()).strftime("%-d %B %Y at %H:%M").to_string()
}
