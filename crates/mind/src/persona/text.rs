//! Plain text and Markdown: encoding, line ends, positions.

use super::{Flaw, count};
use std::borrow::Cow;

/// How much of a file the screen shows at first.
const EXCERPT_CHARS: usize = 280;

/// Text as it is worked with: UTF-8 without byte order mark, lines end with `\n`.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Flaw> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Flaw::new("it is saved as UTF-16, not as UTF-8", SAVE_AS_UTF_8).at((1, 1)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (good, rest) = bytes.split_at(error.valid_up_to());
        let good = String::from_utf8_lossy(good);
        let byte = rest.first().copied().unwrap_or_default();
        Flaw::new(format!("it is not UTF-8 text: there is a byte {byte:#04x} that cannot stand here"), SAVE_AS_UTF_8)
            .at(Lines::new(&good).position(good.len()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(offset) = text.find('\0') {
        return Err(Flaw::new(
            "it is not text: it holds a zero byte",
            "end its name in what it really is, or delete it",
        )
        .at(Lines::new(text).position(offset)));
    }
    if text.contains('\r') {
        return Ok(Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")));
    }
    Ok(Cow::Borrowed(text))
}

const SAVE_AS_UTF_8: &str = "open it in your editor and save it with the encoding UTF-8";

/// The text of a `.txt` file.
pub(crate) fn plain(bytes: &[u8]) -> Result<String, Flaw> {
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(empty());
    }
    Ok(text.into_owned())
}

/// The text of a `.md` file without its comments: what does not show on the page is a note of the owner to themself.
pub(super) fn markdown(bytes: &[u8]) -> Result<String, Flaw> {
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(empty());
    }
    let text = without_comments(&text);
    if text.trim().is_empty() {
        return Err(Flaw::new("there is nothing in it but comments", "write below them; comments are not read"));
    }
    Ok(text)
}

/// Of a file with nothing in it.
pub(super) fn empty() -> Flaw {
    Flaw::new("the file is empty", "write something in it, or leave it out")
}

/// Every `<!-- … -->` replaced by its line ends, so that line numbers stay those of the file. One that is not closed
/// reaches to the end: what somebody meant to hide is not shown because of a slip.
fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        let (comment, after) = comment.split_once("-->").unwrap_or((comment, ""));
        kept.push_str(before);
        kept.extend(comment.chars().filter(|&char| char == '\n'));
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// Text out of a layout (a PDF, a Word file): one space between words, one blank line between paragraphs, words that
/// were divided at a line's end whole again, lines that only the page's width broke joined.
pub(super) fn tidy(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = spelled_out(line).split_whitespace().collect::<Vec<_>>().join(" ");
        let Some(last) = lines.last_mut() else {
            if !line.is_empty() {
                lines.push(line);
            }
            continue;
        };
        if line.is_empty() {
            if !last.is_empty() {
                lines.push(line);
            }
        } else if is_divided(last, &line) {
            last.pop();
            last.push_str(&line);
        } else if goes_on(last, &line) {
            last.push(' ');
            last.push_str(&line);
        } else {
            lines.push(line);
        }
    }
    lines.join("\n").trim_end().to_owned()
}

/// A line from here on is taken to be broken by the page's width, not by its writer.
const FULL_LINE_CHARS: usize = 60;

/// Letters that fonts draw as one, and marks that only guide the layout.
fn spelled_out(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    for char in line.chars() {
        match char {
            'ﬀ' => plain.push_str("ff"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            'ﬃ' => plain.push_str("ffi"),
            'ﬄ' => plain.push_str("ffl"),
            // Soft hyphen, zero-width space, byte order mark.
            '\u{ad}' | '\u{200b}' | '\u{feff}' => {}
            char if char.is_control() && !char.is_whitespace() => {}
            char => plain.push(char),
        }
    }
    plain
}

/// Whether a line begins with a lower-case word. Addresses begin so as well, but nothing goes on with them.
fn starts_lower(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let address = word.contains(['@', '/']) || word.trim_end_matches('.').contains('.');
    word.starts_with(char::is_lowercase) && !address
}

fn is_divided(last: &str, line: &str) -> bool {
    let before = last.strip_suffix('-').and_then(|start| start.chars().next_back());
    before.is_some_and(char::is_lowercase) && starts_lower(line)
}

fn goes_on(last: &str, line: &str) -> bool {
    let Some(end) = last.chars().next_back() else { return false };
    let open = end.is_alphanumeric() || end == ',';
    // A year or a page number ends a line of its own more often than a line of a sentence.
    let full = last.chars().count() >= FULL_LINE_CHARS && !end.is_numeric() && line.starts_with(char::is_alphanumeric);
    open && (starts_lower(line) || (full && !is_heading(line)))
}

/// Short, and not the end of a sentence.
fn is_heading(line: &str) -> bool {
    line.chars().count() < FULL_LINE_CHARS / 2 && line.ends_with(char::is_alphanumeric)
}

/// The first words, on one line.
pub(super) fn excerpt(text: &str) -> String {
    // A margin for the white space that collapses.
    let start: String = text.chars().take(EXCERPT_CHARS * 4).collect();
    let line = start.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT_CHARS && start.len() == text.len() {
        return line;
    }
    let mut short: String = line.chars().take(EXCERPT_CHARS).collect();
    if let Some(end) = short.rfind(' ') {
        short.truncate(end);
    }
    short.push('…');
    short
}

/// Where lines begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of a byte, counted from 1, the column in characters.
    pub(super) fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        (count(line), count(before.chars().count() + 1))
    }

    /// Line and column of a byte that is given as a line and a count of bytes in it, both from 1.
    pub(super) fn position_in_line(&self, line: usize, byte: usize) -> (u32, u32) {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        // Column 0 is what serde_json says of a line end: it belongs to the line before.
        let mut offset = if byte == 0 { start.saturating_sub(1) } else { start + byte - 1 }.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        self.position(offset)
    }
}

#[cfg(test)]
mod tests;
