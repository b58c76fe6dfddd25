//! A conversation as a document. Pure: the words go in, a text comes out.

mod html;

pub(super) use html::html;

use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use twin_core::chat::{Message, MessageStatus, Role, Session};

/// In which form conversations are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SessionFormat {
    /// The session file of the first digital twin: the branch that is shown.
    Seed,
    /// Everything that there is, every branch.
    Json,
    /// The branch that is shown, for any editor.
    Markdown,
    /// The branch that is shown, as one page that needs nothing else and runs nothing.
    Html,
    /// The branch that is shown, without any marks.
    Text,
}

impl SessionFormat {
    /// How such a file's name ends.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Seed | Self::Json => "json",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Text => "txt",
        }
    }
}

/// Names of who speaks.
fn speaker(message: &Message) -> &str {
    let named = message.imported.as_ref().and_then(|imported| imported.speaker.as_deref());
    named.unwrap_or(match message.role {
        Role::User => "You",
        Role::Assistant => "Twin",
    })
}

/// What is to be known of a message beside its words.
fn state(message: &Message) -> &'static str {
    match message.status {
        MessageStatus::Stopped => " (stopped)",
        MessageStatus::Interrupted => " (interrupted)",
        MessageStatus::Complete | MessageStatus::Streaming => "",
    }
}

fn title(session: &Session) -> &str {
    if session.title.is_empty() { "Conversation" } else { &session.title }
}

fn files(message: &Message) -> Option<String> {
    let names: Vec<&str> = message.attachments.iter().map(|attachment| attachment.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Times are told in the owner's zone.
fn time(message: &Message, zone: &jiff::tz::TimeZone) -> String {
    message.created_at.to_jiff().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

pub(super) fn json(session: &Session, messages: &[Message]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Whole<'a> {
        format: &'static str,
        version: u32,
        session: &'a Session,
        messages: &'a [Message],
    }
    let whole = Whole { format: "digital-twin-session", version: 1, session, messages };
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

pub(super) fn markdown(session: &Session, path: &[Message], zone: &jiff::tz::TimeZone) -> String {
    // Writing to a string cannot fail, here and below.
    let mut text = format!("# {}\n", plain(title(session)));
    for message in path {
        let _ = write!(text, "\n## {}{} · {}\n\n", plain(speaker(message)), state(message), time(message, zone));
        if let Some(files) = files(message) {
            let _ = write!(text, "*{}*\n\n", plain(&files));
        }
        text += message.content.trim_end();
        text.push('\n');
    }
    text
}

pub(super) fn text(session: &Session, path: &[Message], zone: &jiff::tz::TimeZone) -> String {
    let mut text = format!("{}\n", title(session));
    for message in path {
        let _ = write!(text, "\n{}{} · {}\n", speaker(message), state(message), time(message, zone));
        if let Some(files) = files(message) {
            let _ = writeln!(text, "[{files}]");
        }
        text += &without_marks(&message.content);
    }
    text
}

/// A name in Markdown: no character of it means anything.
fn plain(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for char in name.chars() {
        match char {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' => text.extend(['\\', char]),
            char if char.is_control() => text.push(' '),
            char => text.push(char),
        }
    }
    text
}

/// The words of a Markdown text.
fn without_marks(content: &str) -> String {
    use pulldown_cmark::{Event, Parser, Tag, TagEnd};
    let mut text = String::with_capacity(content.len());
    let mut lists: Vec<Option<u64>> = Vec::new();
    let end_line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    for event in Parser::new_ext(content, html::OPTIONS) {
        match event {
            Event::Text(words)
            | Event::Code(words)
            | Event::Html(words)
            | Event::InlineHtml(words)
            | Event::InlineMath(words)
            | Event::DisplayMath(words)
            | Event::FootnoteReference(words) => text += &words,
            Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::End(TagEnd::TableRow | TagEnd::TableHead | TagEnd::Item | TagEnd::HtmlBlock) => {
                end_line(&mut text);
            }
            Event::TaskListMarker(done) => text += if done { "[x] " } else { "[ ] " },
            Event::Start(Tag::List(first)) => {
                end_line(&mut text);
                lists.push(first);
            }
            Event::Start(Tag::Item) => {
                end_line(&mut text);
                text += &"  ".repeat(lists.len().saturating_sub(1));
                match lists.last_mut() {
                    Some(Some(number)) => {
                        let _ = write!(text, "{number}. ");
                        *number += 1;
                    }
                    _ => text += "- ",
                }
            }
            Event::End(TagEnd::List(_)) => {
                lists.pop();
                end_line(&mut text);
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock) => {
                end_line(&mut text);
                if lists.is_empty() {
                    text.push('\n');
                }
            }
            Event::End(TagEnd::TableCell) => text.push('\t'),
            Event::Start(_) | Event::End(_) => {}
        }
    }
    text.trim_end().to_owned() + "\n"
}

#[cfg(test)]
mod tests;
