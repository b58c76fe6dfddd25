//! Whom a memory is about.

use super::super::own::{Own, fold};
use super::super::parse::Named;
use super::{Judge, TOPIC_MOST};
use crate::title::one_line;
use twin_core::chat::{Audience, Message};
use twin_core::id::PersonId;
use twin_core::memory::Person;

/// A longer name is a sentence.
const NAME_MOST: usize = 60;

impl Judge<'_> {
    /// Whom a memory is about, and which of them are new or have a relation that was not known. A name counts that is
    /// known, or that the person wrote. A visitor's people are not the owner's.
    pub(super) fn people(&self, named: &[Named], own: &Own, message: &Message) -> (Vec<PersonId>, Vec<Person>) {
        let (mut ids, mut heard_of) = (Vec::new(), Vec::new());
        if self.batch.audience == Audience::Visitor {
            return (ids, heard_of);
        }
        for Named { name, relation } in named {
            let (name, relation) = (one_line(name), one_line(relation));
            let relation =
                Some(relation).filter(|relation| own.names(relation) && relation.chars().count() <= TOPIC_MOST);
            let is_name = |known: &String| fold(known) == fold(&name);
            let known = self.people.iter().find(|known| is_name(&known.name) || known.aliases.iter().any(is_name));
            let person = match known {
                Some(known) => known.clone(),
                None if own.names(&name) && name.chars().count() <= NAME_MOST => Person {
                    id: PersonId::derived(message.id.as_uuid(), fold(&name).as_bytes()),
                    name,
                    aliases: Vec::new(),
                    relation: String::new(),
                    merged_into: None,
                    learned_at: self.now,
                },
                None => continue,
            };
            let relation = relation.filter(|_| person.relation.is_empty());
            let is_news = known.is_none() || relation.is_some();
            if !ids.contains(&person.id) {
                ids.push(person.id);
                heard_of.extend(
                    is_news.then(|| Person { relation: relation.unwrap_or(person.relation.clone()), ..person }),
                );
            }
        }
        (ids, heard_of)
    }
}
