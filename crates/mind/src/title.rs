//! A conversation's title, from its first message.

use unicode_segmentation::UnicodeSegmentation;

/// Most characters of a title, the ellipsis included.
const LIMIT: usize = 60;

/// The first words of a message on one line, without Markdown: at most 60 characters, cut at a word boundary and
/// ended with `…` when something was left out. Never empty unless `text` is.
pub fn from_first_message(text: &str) -> String {
    let plain = [plain(text), one_line(text)].into_iter().find(|title| !title.is_empty());
    match plain {
        Some(title) => shorten(&title),
        None if text.is_empty() => String::new(),
        None => "…".to_owned(),
    }
}

/// Every line without its Markdown, joined by spaces.
fn plain(text: &str) -> String {
    let lines = text.lines().filter(|line| !is_fence(line)).map(|line| without_inline_marks(without_block_mark(line)));
    one_line(&lines.collect::<Vec<_>>().join(" "))
}

fn is_fence(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("```") || line.starts_with("~~~")
}

/// Drops the marks that make a line a heading, a quotation, a list item or a rule.
pub(crate) fn without_block_mark(line: &str) -> &str {
    let mut rest = line.trim();
    loop {
        let before = rest;
        for mark in ["#", ">", "- ", "* ", "+ ", "[ ] ", "[x] "] {
            rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=3).contains(&digits) {
            let number = &rest[digits..];
            rest = number.strip_prefix(". ").or_else(|| number.strip_prefix(") ")).unwrap_or(rest).trim_start();
        }
        if rest == before {
            let is_rule = rest.len() >= 3 && rest.bytes().all(|byte| matches!(byte, b'-' | b'*' | b'_' | b'='));
            return if is_rule { "" } else { rest };
        }
    }
}

/// Keeps the words of links, images, emphasis and code. An underscore inside a word stays: `snake_case` is a name.
fn without_inline_marks(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut characters = line.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '*' | '`' | '~' | '[' => {}
            '!' if line[at..].starts_with("![") => {}
            '_' if !(is_in_word(line, at)) => {}
            ']' => {
                // The address of a link is not a word of the message.
                if line[at..].starts_with("](") {
                    let address = line[at..].find(')').unwrap_or(line.len() - at);
                    while characters.next_if(|(next, _)| *next <= at + address).is_some() {}
                }
            }
            _ => out.push(character),
        }
    }
    out
}

fn is_in_word(line: &str, at: usize) -> bool {
    let before = line[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    before && line[at + 1..].chars().next().is_some_and(char::is_alphanumeric)
}

/// All white space and control characters become single spaces.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn shorten(line: &str) -> String {
    if line.chars().count() <= LIMIT {
        return line.to_owned();
    }
    let mut room = LIMIT - 1;
    let mut cut = 0;
    let mut word_end = 0;
    for (at, grapheme) in line.grapheme_indices(true) {
        if grapheme == " " {
            word_end = at;
        }
        let Some(left) = room.checked_sub(grapheme.chars().count()) else { break };
        room = left;
        cut = at + grapheme.len();
    }
    // A first word longer than the title (an address, or a script without spaces) is cut where it has to be.
    let end = if word_end > 0 { word_end } else { cut };
    let words = line[..end].trim_end_matches(|character: char| character.is_ascii_punctuation() || character == ' ');
    format!("{}…", if words.is_empty() { &line[..end] } else { words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("Hi! My name is Fred and I love Python", "Hi! My name is Fred and I love Python")]
    #[case("  # Plan\n\n- first *thing*\n- second\n", "Plan first thing second")]
    #[case("see [the **docs**](https://example.org/a?b=c) of `snake_case`", "see the docs of snake_case")]
    #[case("![a cat](data:image/png;base64,AAAA) is this yours?", "a cat is this yours?")]
    #[case("Fix this:\n```rust\nfn main() {}\n```", "Fix this: fn main() {}")]
    #[case("1. eggs\n2) milk", "eggs milk")]
    #[case("one\u{7}\ttwo\u{2028}three", "one two three")]
    #[case("***", "***")]
    #[case("", "")]
    #[case(" \n ", "…")]
    #[case(
        "Could you please help me to write a long letter to my landlord about the heating?",
        "Could you please help me to write a long letter to my…"
    )]
    #[case(
        "我想请你帮我写一封很长的信给我的房东因为暖气已经坏了三个星期了而且他一直没有回复我的任何消息所以我现在非常生气也不知道应该怎么办才好",
        "我想请你帮我写一封很长的信给我的房东因为暖气已经坏了三个星期了而且他一直没有回复我的任何消息所以我现在非常生气也不知道…"
    )]
    fn a_title_is_the_first_words(#[case] message: &str, #[case] title: &str) {
        assert_eq!(from_first_message(message), title);
    }

    #[test]
    fn a_character_of_many_code_points_is_not_cut_in_two() {
        let family = "👨‍👩‍👧‍👦".repeat(20);
        let title = from_first_message(&family);
        assert!(title.trim_end_matches('…').chars().count().is_multiple_of(7), "{title}");
    }

    proptest! {
        #[test]
        fn a_title_is_one_short_line_and_never_empty(text in "\\PC{1,200}|[ -~\n]{1,200}") {
            let title = from_first_message(&text);
            prop_assert!(!title.is_empty());
            prop_assert!(title.chars().count() <= LIMIT);
            prop_assert!(!title.contains(['\n', '\r']));
        }
    }
}
