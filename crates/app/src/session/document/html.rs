//! A page that is safe to open wherever it came from: no script, nothing from elsewhere, no markup but what this file makes.

use super::{files, speaker, state, time, title};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pulldown_cmark::{Alignment, CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use pulldown_cmark_escape::escape_html;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use twin_core::chat::{Message, Role, Session};

/// What the window shows as well.
pub(super) const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

const STYLE: &str = include_str!("page.css");

/// Pictures that a browser shows without running anything. An SVG is a program.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// `picture` gives the bytes of an attached file, by its hash.
pub(in crate::session) fn html(
    session: &Session,
    path: &[Message],
    zone: &jiff::tz::TimeZone,
    picture: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> String {
    let style = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let title = escaped(title(session));
    let mut page = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{style}'; \
         img-src data:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1 dir=\"auto\">{title}</h1>\n"
    );
    // Writing to a string cannot fail.
    for message in path {
        let class = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let _ = write!(
            page,
            "<article class=\"{class}\" dir=\"auto\">\n<header><b>{}</b>{} <time>{}</time></header>\n",
            escaped(speaker(message)),
            state(message),
            time(message, zone)
        );
        for attachment in &message.attachments {
            if PICTURES.contains(&attachment.media_type.as_str())
                && let Some(bytes) = picture(&attachment.sha256)
            {
                let (kind, name) = (&attachment.media_type, escaped(&attachment.name));
                let _ = writeln!(page, "<img alt=\"{name}\" src=\"data:{kind};base64,{}\">", STANDARD.encode(bytes));
            }
        }
        if let Some(files) = files(message) {
            let _ = writeln!(page, "<p class=\"files\">{}</p>", escaped(&files));
        }
        push_html(&mut page, safe(&message.content));
        page += "</article>\n";
    }
    page + "</main>\n</body>\n</html>\n"
}

/// The Markdown of a message without what could load, run or lead anywhere but to a page or a mailbox.
fn safe(content: &str) -> impl Iterator<Item = Event<'_>> {
    let mut shown = Vec::new();
    Parser::new_ext(content, OPTIONS).map(move |event| match event {
        // As it was written: nobody's markup is ours.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let led = leads(&dest_url);
            shown.push(led);
            if led {
                let mut address = String::new();
                // Writing to a string cannot fail.
                let _ = pulldown_cmark_escape::escape_href(&mut address, &dest_url);
                let link =
                    format!("<a href=\"{}\" rel=\"noopener noreferrer nofollow\">", address.replace('\'', "&#39;"));
                Event::InlineHtml(CowStr::from(link))
            } else {
                Event::Text(CowStr::Borrowed(""))
            }
        }
        Event::End(TagEnd::Link) => match shown.pop() {
            Some(true) => Event::InlineHtml(CowStr::Borrowed("</a>")),
            _ => Event::Text(CowStr::Borrowed("")),
        },
        // A picture from elsewhere would tell its server that this page is read. What stands for it is shown.
        Event::Start(Tag::Image { .. }) => Event::Text(CowStr::Borrowed("[")),
        Event::End(TagEnd::Image) => Event::Text(CowStr::Borrowed("]")),
        // Written as a style on each cell, which the policy forbids.
        Event::Start(Tag::Table(alignments)) => {
            Event::Start(Tag::Table(alignments.iter().map(|_| Alignment::None).collect()))
        }
        other => other,
    })
}

fn leads(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|address| matches!(address.scheme(), "http" | "https" | "mailto"))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    // Writing to a string cannot fail.
    let _ = escape_html(&mut escaped, text);
    escaped
}
