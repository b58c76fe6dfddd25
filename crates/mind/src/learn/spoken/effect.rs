//! What spoken words do to what is remembered.

use super::super::own::fold;
use super::super::same::stems;
use crate::recall::{Analyzer, Language};
use twin_core::chat::{Audience, Message};
use twin_core::id::MemoryId;
use twin_core::memory::{Evidence, Memory, MemoryKind, Person, Teller};
use twin_core::report::{Passage, Source};
use twin_core::time::Timestamp;

/// What somebody has remembered on purpose matters to them.
const IMPORTANCE: u8 = 4;

/// A memory in the words of the message that asks for it, about the people that it names. A visitor tells nobody how
/// things are done.
pub fn remembered(
    text: &str,
    kind: MemoryKind,
    message: &Message,
    audience: Audience,
    people: &[Person],
    now: Timestamp,
) -> Memory {
    let (teller, kind, people) = match audience {
        Audience::Owner => (Teller::Owner, kind, people),
        Audience::Visitor => (Teller::Visitor, MemoryKind::Semantic, &[][..]),
    };
    let own = super::super::own::Own::of(text);
    let named =
        people.iter().filter(|person| std::iter::once(&person.name).chain(&person.aliases).any(|name| own.names(name)));
    Memory {
        id: MemoryId::derived(message.id.as_uuid(), fold(text).as_bytes()),
        kind,
        text: text.to_owned(),
        topic: String::new(),
        people: named.map(|person| person.id).collect(),
        audience,
        teller,
        valid_from: None,
        valid_until: None,
        learned_at: now,
        ended_at: None,
        ending: None,
        contradicts: Vec::new(),
        importance: IMPORTANCE,
        pinned: false,
        sources: vec![Evidence::Message { session_id: message.session_id, message_id: message.id }],
    }
}

/// The memory that has every word of `what`, and the fewest beside them; of several the newest. None if there is no such:
/// better to forget nothing than something else.
pub fn covering<'a>(what: &str, memories: &'a [Memory]) -> Option<&'a Memory> {
    let analyzer = Analyzer::new(Language::of(what));
    let wanted = stems(&analyzer, what);
    let fitting = memories.iter().filter_map(|memory| {
        let words = stems(&analyzer, &memory.text);
        let covers = !wanted.is_empty() && wanted.iter().all(|stem| words.contains(stem));
        covers.then_some((words.len(), std::cmp::Reverse(memory.learned_at), memory))
    });
    fitting.min_by_key(|(length, learned_at, _)| (*length, *learned_at)).map(|(_, _, memory)| memory)
}

/// Which memory somebody means who calls the last answer wrong: the first of those that the answer was given which it
/// repeats, else the first that has a word of what they say is right. None where no memory is behind the answer: what was
/// wrong then was something else.
pub fn meant(answer: &str, given: &[Passage], right: Option<&str>) -> Option<MemoryId> {
    let analyzer = Analyzer::new(Language::of(answer));
    let memories: Vec<(MemoryId, Vec<String>)> = given
        .iter()
        .filter_map(|passage| match passage.source {
            Source::Memory { id, .. } => Some((id, stems(&analyzer, &passage.text))),
            _ => None,
        })
        .collect();
    let (answered, right) = (stems(&analyzer, answer), stems(&analyzer, right.unwrap_or_default()));
    let repeats = |words: &[String]| {
        let said = words.iter().filter(|stem| answered.contains(stem)).count();
        said > 0 && said * 2 > words.len()
    };
    let repeated = memories.iter().find(|(_, words)| repeats(words));
    let meant = repeated.or_else(|| memories.iter().find(|(_, words)| words.iter().any(|stem| right.contains(stem))));
    meant.map(|(id, _)| *id)
}
