//! The part of a message that is shown where it was found.

use super::wanted::Wanted;
use crate::word;
use std::collections::VecDeque;
use std::ops::Range;
use twin_core::find::SnippetPiece;

/// About as many characters are shown.
const LENGTH: usize = 160;

/// At most as many of them before what was looked for.
const BEFORE: usize = 48;

/// What stands around the first place in `text` that is wanted, on one line.
pub(super) fn snippet(text: &str, wanted: &Wanted) -> Vec<SnippetPiece> {
    let hits = hits(text, wanted);
    let mut at = hits.first().map_or(0, |hit| start(text, hit.start));
    let mut line = Line { pieces: Vec::new(), left: LENGTH, space: false };
    if !text[..at].trim().is_empty() {
        line.push("…", false);
    }
    for hit in hits {
        line.push(&text[at..hit.start], false);
        line.push(&text[hit.start..hit.end], true);
        at = hit.end;
    }
    line.push(&text[at..], false);
    line.pieces
}

/// Where to begin, so that a word at `hit` is seen with what stands before it: where a word begins, if there are any.
fn start(text: &str, hit: usize) -> usize {
    let before = &text[..hit];
    let Some((start, _)) = before.char_indices().rev().take(BEFORE).last() else { return hit };
    if start == 0 {
        return 0;
    }
    before[start..].split_once(char::is_whitespace).map_or(start, |(_, rest)| hit - rest.trim_start().len())
}

/// Pieces of one line, which ends after so many characters.
struct Line {
    pieces: Vec<SnippetPiece>,
    left: usize,
    /// Whether there was white space after the last character.
    space: bool,
}

impl Line {
    fn push(&mut self, text: &str, hit: bool) {
        // White space before a hit is none of it.
        let mut inside = false;
        for letter in text.chars() {
            if letter.is_whitespace() || letter.is_control() {
                self.space = !self.pieces.is_empty();
            } else if !turns(letter) {
                if std::mem::take(&mut self.space) {
                    self.put(' ', hit && inside);
                }
                self.put(letter, hit);
                inside = true;
            }
        }
    }

    fn put(&mut self, letter: char, hit: bool) {
        let letter = match self.left {
            0 => return,
            1 => '…',
            _ => letter,
        };
        self.left -= 1;
        match self.pieces.last_mut() {
            Some(last) if last.hit == hit => last.text.push(letter),
            _ => self.pieces.push(SnippetPiece { text: letter.into(), hit }),
        }
    }
}

/// Turns the direction of what follows, until another ends it, which may not be on the line.
fn turns(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The first places in `text` that are wanted, as far as a line may reach, one after the other.
fn hits(text: &str, wanted: &Wanted) -> Vec<Range<usize>> {
    let mut hits: Vec<Range<usize>> = Vec::new();
    let mut words = word::words(text);
    let mut ahead = VecDeque::new();
    loop {
        ahead.extend(words.by_ref().take(wanted.longest() - ahead.len()));
        let Some(first) = ahead.front() else { return hits };
        // A character has up to four bytes.
        if hits.first().is_some_and(|hit| first.place.start > hit.start + 4 * LENGTH) {
            return hits;
        }
        if let Some(hit) = wanted.at(ahead.make_contiguous()) {
            match hits.last_mut() {
                Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
                _ => hits.push(hit),
            }
        }
        ahead.pop_front();
    }
}
