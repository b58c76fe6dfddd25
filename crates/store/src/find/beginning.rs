//! The words of the index that begin like one that is still being typed.
//!
//! Asked for a beginning, FTS5 merges all places of all words that begin so before it hands out the first, which takes 50 ms
//! where nearly every one of a million messages has such a word. Asked for the words themselves, it goes through their places
//! as far as it is asked.

use rusqlite::{OptionalExtension as _, Transaction};

/// Beginnings so short have an index of their own (`prefix` of `message_fts`), with their places as a word has them.
const INDEXED: usize = 3;

/// To find a word takes some 50 microseconds; of more words than these, few are in most of the messages.
const MOST: usize = 40;

/// None where all places are better asked for at once: the beginning is short, or of too many words.
pub(super) fn words(transaction: &Transaction<'_>, beginning: &str) -> rusqlite::Result<Option<Vec<String>>> {
    // FTS5 counts characters here.
    if beginning.chars().count() <= INDEXED {
        return Ok(None);
    }
    let mut next = transaction.prepare_cached("SELECT term FROM temp.message_word WHERE term >= ?1 LIMIT 1")?;
    let mut words = Vec::new();
    let mut from = beginning.to_owned();
    while let Some(word) = next.query_row([&from], |row| row.get::<_, String>(0)).optional()? {
        if !word.starts_with(beginning) {
            break;
        }
        if words.len() == MOST {
            return Ok(None);
        }
        // The smallest that is greater.
        from = format!("{word}\0");
        words.push(word);
    }
    Ok(Some(words))
}
