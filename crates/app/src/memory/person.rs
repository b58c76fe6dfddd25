//! The people in the owner's life.

use crate::error::{WireError, invalid};
use crate::{App, task};
use std::collections::BTreeSet;
use twin_core::id::PersonId;
use twin_core::memory::{MemoryChange, Person, PersonRow};

/// A longer name is a sentence.
const MAX_NAME_CHARS: usize = 100;

/// More than anybody has.
const MAX_ALIASES: usize = 20;

impl App {
    /// The people that are known, by name.
    pub async fn person_list(&self) -> Result<Vec<PersonRow>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.person_list()).await
    }

    /// Changes a person's name, other names and relation.
    pub async fn person_change(&self, person: Person) -> Result<(), WireError> {
        let name = checked(&person.name)?;
        if name.is_empty() {
            return Err(invalid("a person has a name", "Write how you call them."));
        }
        let mut aliases = BTreeSet::new();
        for alias in &person.aliases {
            aliases.insert(checked(alias)?);
        }
        aliases.retain(|alias| !alias.is_empty() && *alias != name);
        if aliases.len() > MAX_ALIASES {
            return Err(invalid(
                format!("a person has {MAX_ALIASES} other names at most"),
                "Leave out those that nobody uses.",
            ));
        }
        let person = Person {
            name,
            aliases: aliases.into_iter().collect(),
            relation: checked(&person.relation)?,
            merged_into: None,
            ..person
        };
        self.memory_change(vec![MemoryChange::Person { person }]).await
    }

    /// Says that two are one, or (none) after all are not.
    pub async fn person_merge(&self, id: PersonId, into: Option<PersonId>) -> Result<(), WireError> {
        self.memory_change(vec![MemoryChange::PersonMerged { id, into }]).await
    }
}

fn checked(text: &str) -> Result<String, WireError> {
    let text = text.trim();
    if text.chars().count() > MAX_NAME_CHARS || text.chars().any(char::is_control) {
        return Err(invalid(
            format!("names and relations have {MAX_NAME_CHARS} characters at most, on one line"),
            "Choose a shorter one.",
        ));
    }
    Ok(text.to_owned())
}
