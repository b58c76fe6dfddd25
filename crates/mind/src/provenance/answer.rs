//! Cuts an answer into its sentences, each with its place in the Markdown as it was written.

use super::word;
use crate::recall::split;
use std::ops::Range;

/// A sentence, a list item or the row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it stands, in bytes.
    pub(super) place: Range<usize>,
    /// What it says, on one line.
    pub(super) text: String,
    /// The heading or the line with a colon above, for the items of a list and the rows of a table.
    pub(super) lead: Option<String>,
    /// Whether it begins a paragraph, an item or a row: what "she" means may stand in the sentence before, not above.
    pub(super) opens: bool,
}

/// What closes words without being one: a mark stands behind it and not within.
const CLOSING: &[char] = &['*', '_', '~', '`', '"', '\'', ')', ']', '”', '’', '»', '“', '」', '』', '）'];

/// The sentences of prose, of list items and of the rows of tables. Left out: headings, code, quotations, formulas.
pub(super) fn pieces(answer: &str) -> Vec<Piece> {
    let mut cutter = Cutter { answer, pieces: Vec::new(), open: None, heading: None, colon: None, fence: None };
    let mut at = 0;
    for line in answer.split_inclusive('\n') {
        cutter.line(at, line);
        at += line.len();
    }
    cutter.end();
    cutter.pieces
}

struct Open {
    place: Range<usize>,
    lead: Option<String>,
}

struct Cutter<'a> {
    answer: &'a str,
    pieces: Vec<Piece>,
    open: Option<Open>,
    heading: Option<String>,
    /// The last line that ended in a colon, until something else than a list or table follows.
    colon: Option<String>,
    fence: Option<&'static str>,
}

impl Cutter<'_> {
    fn line(&mut self, at: usize, line: &str) {
        let trimmed = line.trim();
        let fence = ["```", "~~~", "$$"].into_iter().find(|fence| trimmed.starts_with(fence));
        match (self.fence, fence) {
            (Some(open), Some(fence)) if open == fence => return self.fence = None,
            (Some(_), _) => return,
            (None, Some(fence)) => {
                self.end();
                // A formula may end on the line where it begins.
                let is_whole = fence == "$$" && trimmed.len() > 2 && trimmed.ends_with("$$");
                return self.fence = Some(fence).filter(|_| !is_whole);
            }
            (None, None) => {}
        }
        if trimmed.is_empty() {
            return self.end();
        }
        if trimmed.starts_with('>') {
            self.end();
            return self.colon = None;
        }
        if trimmed.starts_with('#') {
            self.end();
            self.colon = None;
            return self.heading = Some(trimmed.trim_start_matches('#').trim().to_owned());
        }
        let start = at + (line.len() - line.trim_start().len());
        if trimmed.starts_with('|') {
            return self.row(start, trimmed);
        }
        let marker = item_marker(trimmed);
        if marker > 0 {
            self.end();
            let lead = self.lead();
            return self.open = Some(Open { place: start + marker..start + trimmed.len(), lead });
        }
        match &mut self.open {
            Some(open) => open.place.end = start + trimmed.len(),
            // Code, by its indentation.
            None if line.starts_with("    ") && self.colon.is_none() => {}
            None => {
                self.colon = None;
                self.open = Some(Open { place: start..start + trimmed.len(), lead: None });
            }
        }
    }

    fn lead(&self) -> Option<String> {
        self.colon.clone().or_else(|| self.heading.clone())
    }

    fn row(&mut self, start: usize, row: &str) {
        self.end();
        let inside = row.trim_end_matches('|').trim_end();
        let skipped = inside.len() - inside.trim_start_matches(['|', ' ']).len();
        let cells = &inside[skipped..];
        let is_rule = cells.chars().all(|character| "|-: ".contains(character));
        if is_rule {
            // What stood above it was the head of the table.
            let is_head =
                self.pieces.last().is_some_and(|piece| piece.place.end + 4 >= start && piece.text.contains(" : "));
            if is_head {
                self.pieces.pop();
            }
            return;
        }
        let text = cells.split('|').map(str::trim).collect::<Vec<_>>().join(" : ");
        let lead = self.lead();
        self.pieces.push(Piece { place: start + skipped..start + inside.len(), text, lead, opens: true });
    }

    /// Cuts the paragraph or item that is open into sentences.
    fn end(&mut self) {
        let Some(Open { place, lead }) = self.open.take() else { return };
        // The same length, so that places in it are places in the answer.
        let text = self.answer[place.clone()].replace(['\n', '\r'], " ");
        if text.ends_with([':', '：']) && lead.is_none() {
            let last = split(&text).last().map_or("", |(_, sentence)| sentence);
            self.colon = Some(last.to_owned());
        }
        let mut from = 0;
        let mut opens = true;
        for (at, sentence) in split(&text) {
            let start = at.max(from);
            let mut end = at + sentence.len();
            if end <= start {
                continue;
            }
            end = behind_marks(&text, end);
            from = end;
            for part in word::statements(&text[start..end]) {
                let words = text[start..end][part.clone()].trim();
                let skipped = text[start + part.start..].len() - text[start + part.start..].trim_start().len();
                let begin = place.start + start + part.start + skipped;
                if words.chars().any(char::is_alphanumeric) {
                    let place = begin..begin + words.len();
                    self.pieces.push(Piece { place, text: words.to_owned(), lead: lead.clone(), opens });
                    opens = false;
                }
            }
        }
    }
}

/// Behind the marks that close what ends there: `**`, quotation marks, the address of a link.
fn behind_marks(text: &str, mut end: usize) -> usize {
    while let Some(character) = text[end..].chars().next().filter(|character| CLOSING.contains(character)) {
        end += character.len_utf8();
        if character == ']' && text[end..].starts_with('(') {
            end += text[end..].find(')').map_or(0, |close| close + 1);
        }
    }
    end
}

/// How long the mark of a list item is: `- `, `3. `, `[x] ` with it; 0 where there is none.
fn item_marker(line: &str) -> usize {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match line.as_bytes().first() {
        Some(b'-' | b'*' | b'+') => 1,
        Some(_) if (1..=3).contains(&digits) && line[digits..].starts_with(['.', ')']) => digits + 1,
        _ => return 0,
    };
    let rest = &line[mark..];
    if !rest.starts_with([' ', '\t']) {
        return 0;
    }
    let words = rest.trim_start();
    let words = ["[ ] ", "[x] ", "[X] "].iter().find_map(|task| words.strip_prefix(task)).unwrap_or(words);
    line.len() - words.len()
}
