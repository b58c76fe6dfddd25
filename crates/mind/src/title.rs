//! A conversation's title, from its first message or from the model that answered it.

use twin_core::chat::Role;
use twin_core::model::{Block, Effort, Lessons, ModelRef, ModelRequest, Turn};
use unicode_segmentation::UnicodeSegmentation;

const ASK: &str = include_str!("title/prompt/ask.md");

/// Most characters of a title, the ellipsis included.
const LIMIT: usize = 60;

/// What a conversation is about stands in its beginning.
const EXCERPT: usize = 1_500;

/// What a model writes before a title in spite of everything, in the languages of the window.
const LABELS: [&str; 5] = ["title", "titel", "título", "标题", "العنوان"];

/// Some models refuse to be allowed less.
const TITLE_TOKENS: u32 = 64;
/// A model that thinks by itself thinks before a title, too.
const THOUGHT_TOKENS: u32 = 2_048;

/// Asks the model that gave `answer` for a title. It is sent nothing that it has not read before.
pub fn request(model: &ModelRef, lessons: &Lessons, question: &str, answer: &str) -> ModelRequest {
    let turn = |role, text: &str| Turn { role, content: vec![Block::Text(text.to_owned())] };
    let room = if lessons.reasons { THOUGHT_TOKENS } else { TITLE_TOKENS };
    ModelRequest {
        model_id: model.id.clone(),
        system: Vec::new(),
        turns: vec![
            turn(Role::User, excerpt(question)),
            turn(Role::Assistant, excerpt(answer)),
            turn(Role::User, ASK.trim_end()),
        ],
        tools: Vec::new(),
        max_output_tokens: room.min(lessons.max_output_tokens.unwrap_or(u32::MAX)),
        effort: Effort::Unset,
        lessons: lessons.clone(),
        passages: Vec::new(),
    }
}

/// Never blank: models refuse a turn without words, and a question may be nothing but a file.
fn excerpt(text: &str) -> &str {
    let end = text.char_indices().nth(EXCERPT).map_or(text.len(), |(at, _)| at);
    Some(text[..end].trim()).filter(|text| !text.is_empty()).unwrap_or("…")
}

/// The title in what a model answered to [`request`], as plain text on one line; none if it gave something else: small
/// models explain themselves, or answer the conversation once more, and how that begins is no title.
pub fn from_model(answer: &str) -> Option<String> {
    let answer = without_tags(answer);
    let lines = answer.lines().filter(|line| !is_fence(line)).map(|line| {
        let line = one_line(&without_inline_marks(without_block_mark(line)));
        let labelled = line.split_once([':', '：']).filter(|(label, _)| LABELS.contains(&label.to_lowercase().trim()));
        labelled.map_or(line.as_str(), |(_, title)| title).trim_matches(is_wrapping).to_owned()
    });
    // "Here is a title:" announces the next line.
    let title =
        lines.into_iter().find(|line| line.chars().any(char::is_alphanumeric) && !line.ends_with([':', '：']))?;
    (title.chars().count() <= LIMIT).then_some(title)
}

/// What stands around a title, or ends it, and is no part of it.
fn is_wrapping(char: char) -> bool {
    char.is_whitespace()
        || matches!(char, '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' | '‹' | '›')
        || matches!(char, '「' | '」' | '『' | '』' | '《' | '》' | '.' | '。')
}

/// Without `<b>`, `</title>` and the like; `a < b` stays.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let is_tag = rest[at + 1..].starts_with(|char: char| char == '/' || char.is_ascii_alphabetic());
        let end = rest[at..].find('>').filter(|_| is_tag).map(|end| at + end + 1);
        out.push_str(&rest[..if end.is_some() { at } else { at + 1 }]);
        rest = &rest[end.unwrap_or(at + 1)..];
    }
    out.push_str(rest);
    out
}

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

/// All white space, and all characters that steer a terminal or turn the direction of what stands beside them, become
/// single spaces.
pub fn one_line(text: &str) -> String {
    let steers = |char: char| char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.split(|char: char| char.is_whitespace() || steers(char))
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
    #[case("evil\u{202e}gpj.exe", "evil gpj.exe")]
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

    #[rstest]
    #[case("Mary Somerville's lessons", Some("Mary Somerville's lessons"))]
    #[case("\n\n**\"The weaving engine\"**.\n\nThis title says that", Some("The weaving engine"))]
    #[case("# Title: The weaving engine", Some("The weaving engine"))]
    #[case("标题：织布的机器", Some("织布的机器"))]
    #[case("Rust: ownership", Some("Rust: ownership"))]
    #[case("Sure! Here is a title:\n\n「织布的机器」", Some("织布的机器"))]
    #[case("<title>When a < b</title>", Some("When a < b"))]
    #[case("```\nCards and looms\n```", Some("Cards and looms"))]
    #[case("«Las tarjetas del telar»", Some("Las tarjetas del telar"))]
    #[case("Is it safe?\u{202e}", Some("Is it safe?"))]
    #[case("The person asks what Mary Somerville taught, and the twin answers that it was mathematics.", None)]
    #[case("Here is a title:", None)]
    #[case("<img src=x onerror=alert(1)>", None)]
    #[case(" \n---\n\"\"", None)]
    fn a_models_title_is_its_first_words_alone(#[case] answer: &str, #[case] title: Option<&str>) {
        assert_eq!(from_model(answer).as_deref(), title);
    }

    #[test]
    fn a_title_is_asked_for_in_few_words_of_what_the_model_has_read() {
        let (model, lessons) = (ModelRef::bedrock("acme.thinker"), Lessons::default());
        let asked = request(&model, &lessons, &"Tell me of the engine. ".repeat(1_000), "It weaves.");
        let roles = asked.turns.iter().map(|turn| turn.role).collect::<Vec<_>>();
        assert_eq!(roles, [Role::User, Role::Assistant, Role::User]);
        assert!(format!("{asked:?}").len() < 4_000 && asked.max_output_tokens < 100 && asked.tools.is_empty());
        let thinks = request(&model, &Lessons { reasons: true, ..lessons.clone() }, " ", "A beach.");
        assert!(thinks.max_output_tokens > 1_000, "its thoughts count as well");
        assert_eq!(thinks.turns[0].content, [Block::Text("…".to_owned())], "a file alone was sent");
    }

    proptest! {
        #[test]
        fn a_models_title_is_one_short_line(text in "\\PC{0,200}|[ -~\n]{0,200}|[<>/\"a:\n]{0,20}") {
            if let Some(title) = from_model(&text) {
                prop_assert!((1..=LIMIT).contains(&title.chars().count()));
                prop_assert!(!title.contains(['\n', '\r']));
            }
        }

        #[test]
        fn a_title_is_one_short_line_and_never_empty(text in "\\PC{1,200}|[ -~\n]{1,200}") {
            let title = from_first_message(&text);
            prop_assert!(!title.is_empty());
            prop_assert!(title.chars().count() <= LIMIT);
            prop_assert!(!title.contains(['\n', '\r']));
        }
    }
}
