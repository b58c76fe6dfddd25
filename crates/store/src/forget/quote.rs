//! Where else the words stand that are forgotten: in messages that quote them, and in what was typed and not sent yet.

use super::reach::Reach;
use crate::error::StoreError;
use crate::row::Column;
use crate::word;
use rusqlite::{OptionalExtension, Transaction};
use std::collections::{BTreeSet, HashMap};
use twin_core::id::MessageId;
use twin_core::memory::Unsent;

/// So many words in a row, of so many letters at least, are no chance: of a script whose characters are words each, more.
const RUNS: [(usize, usize); 2] = [(5, 12), (10, 0)];
/// A shorter text is quoted by the whole of it if it has so many letters, and otherwise only by what says nothing else.
const SHORT: usize = 6;

/// A phrase of more words takes longer and finds the same.
const MOST_WORDS: usize = 40;
/// No more are counted.
const MOST_QUOTES: u32 = 1_000;

/// How many messages that stay have the words of the one message that was asked for.
pub(super) fn quoting(transaction: &Transaction<'_>, reach: &Reach) -> Result<u32, StoreError> {
    let Some(asked) = reach.asked else { return Ok(0) };
    let content: Option<String> = transaction
        .prepare_cached("SELECT content FROM message WHERE id = ?1")?
        .query_row([Column(asked)], |row| row.get(0))
        .optional()?;
    let words: Vec<String> = words(&content.unwrap_or_default()).take(MOST_WORDS).collect();
    if runs(&words).next().is_none() {
        return Ok(0);
    }
    let mut found = transaction.prepare_cached(
        "SELECT m.id FROM message_fts f CROSS JOIN message m ON m.number = f.rowid WHERE message_fts MATCH ?1 LIMIT ?2",
    )?;
    let most = MOST_QUOTES.saturating_add(u32::try_from(reach.messages.len()).unwrap_or(u32::MAX));
    let found = found.query_map((word::phrase(words.iter().map(String::as_str)), most), |row| {
        Ok(row.get::<_, Column<MessageId>>(0)?.0)
    })?;
    let mut quotes = 0;
    for message in found {
        quotes += u32::from(!reach.messages.contains(&message?));
    }
    Ok(quotes)
}

/// Which of the drafts quote something that goes, or change it; by their place.
pub(super) fn in_drafts(
    transaction: &Transaction<'_>,
    reach: &Reach,
    drafts: &[Unsent],
) -> Result<BTreeSet<usize>, StoreError> {
    let is_gone = |draft: &Unsent| draft.edits.is_some_and(|message| reach.messages.contains(&message));
    let mut found: BTreeSet<usize> = (0..drafts.len()).filter(|place| is_gone(&drafts[*place])).collect();
    let drafts: Vec<Vec<String>> = drafts.iter().map(|draft| words(&draft.text).collect()).collect();
    let mut at: HashMap<String, BTreeSet<usize>> = HashMap::new();
    for (place, draft) in drafts.iter().enumerate() {
        for run in runs(draft) {
            at.entry(run).or_default().insert(place);
        }
    }
    let mut compare = |text: &str| {
        let words: Vec<String> = words(text).collect();
        let mut is_long = false;
        for run in runs(&words) {
            is_long = true;
            found.extend(at.get(&run).into_iter().flatten());
        }
        if !is_long && !words.is_empty() {
            let whole = |draft: &Vec<String>| {
                *draft == words || letters(&words) >= SHORT && draft.windows(words.len()).any(|some| *some == *words)
            };
            found.extend((0..drafts.len()).filter(|place| whole(&drafts[*place])));
        }
    };
    let mut said = transaction.prepare_cached("SELECT content FROM message WHERE id = ?1")?;
    for message in &reach.messages {
        if let Some(text) = said.query_row([Column(*message)], |row| row.get::<_, String>(0)).optional()? {
            compare(&text);
        }
    }
    let mut learned = transaction.prepare_cached("SELECT text FROM memory WHERE id = ?1")?;
    for memory in &reach.memories {
        if let Some(text) = learned.query_row([Column(*memory)], |row| row.get::<_, String>(0)).optional()? {
            compare(&text);
        }
    }
    Ok(found)
}

fn words(text: &str) -> impl Iterator<Item = String> {
    word::words(text).map(|word| word.folded)
}

/// The words in a row that are no chance.
fn runs(words: &[String]) -> impl Iterator<Item = String> {
    RUNS.into_iter().flat_map(move |(length, least)| {
        words.windows(length).filter(move |run| letters(run) >= least).map(|run| run.join(" "))
    })
}

fn letters(words: &[String]) -> usize {
    words.iter().map(|word| word.chars().count()).sum()
}
