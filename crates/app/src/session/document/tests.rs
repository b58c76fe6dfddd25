use super::*;
use rstest::rstest;
use twin_core::chat::{Audience, TitleBy};
use twin_core::id::{MessageId, SessionId};
use twin_core::time::Timestamp;

fn conversation(title: &str, content: &str) -> (Session, Vec<Message>) {
    let now = Timestamp::from_millis(1_795_249_000_000);
    let session = Session {
        id: SessionId::new(now),
        title: title.to_owned(),
        audience: Audience::Owner,
        created_at: now,
        updated_at: now,
        head: None,
        model: None,
        title_by: TitleBy::Owner,
        pinned: false,
        archived: false,
        tags: Vec::new(),
        forked_from: None,
        temporary: false,
    };
    let message = Message {
        id: MessageId::new(now),
        session_id: session.id,
        parent_id: None,
        role: Role::User,
        content: content.to_owned(),
        parts: Vec::new(),
        attachments: Vec::new(),
        created_at: now,
        status: MessageStatus::Complete,
        model: None,
        instead_of: None,
        usage: None,
        failure: None,
        imported: None,
    };
    (session, vec![message])
}

fn page(content: &str) -> String {
    let (session, path) = conversation("A title", content);
    html(&session, &path, &jiff::tz::TimeZone::UTC, &mut |_| None)
}

#[rstest]
#[case("<script>alert(1)</script>", "<script")]
#[case("a <img src=x onerror=alert(1)> b", "<img")]
#[case("[x](javascript:alert(1))", "href")]
#[case("[x](data:text/html,hi)", "href")]
#[case("[x](vbscript:x)", "href")]
#[case("[x](file:///etc/passwd)", "href")]
#[case("[x](../elsewhere)", "href")]
#[case("![x](https://tracker.example/p.png)", "tracker.example")]
#[case("![x](data:image/svg+xml,<svg/onload=alert(1)>)", "<img")]
#[case("[x](https://a.example/\"onmouseover=\"alert(1))", "\"onmouseover")]
#[case("<javascript:alert(1)>", "href")]
#[case("</article></main><iframe src=//a.example>", "<iframe")]
#[case("| a |\n|:-:|\n| b |", "style=\"text-align")]
fn nothing_in_a_page_runs_loads_or_leads_where_it_may_not(#[case] content: &str, #[case] never: &str) {
    let page = page(content);
    let (_, body) = page.split_once("<body>").unwrap();
    assert!(!body.contains(never), "{body}");
}

#[test]
fn links_to_pages_and_mailboxes_stay_links() {
    let page = page("[a](https://a.example/?x=1&y=2) and <me@a.example> and [m](mailto:b@a.example)");
    assert!(page.contains("href=\"https://a.example/?x=1&amp;y=2\""), "{page}");
    assert!(page.contains("href=\"mailto:b@a.example\""), "{page}");
}

#[test]
fn a_page_forbids_everything_but_its_own_style_and_pictures_that_it_holds() {
    let (session, path) = conversation("<i>\"&'</i>", "Hello **you**");
    let page = html(&session, &path, &jiff::tz::TimeZone::UTC, &mut |_| None);
    assert!(page.contains("<title>&lt;i&gt;&quot;&amp;&#39;&lt;/i&gt;</title>"), "{page}");
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
    assert!(page.contains("<strong>you</strong>"));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    assert!(!page.contains("http://") && !page.contains("https://"), "nothing is asked for anywhere");
}

#[test]
fn a_title_means_nothing_in_markdown_and_words_lose_their_marks_in_plain_text() {
    let (session, path) =
        conversation("# *x* [y](z)", "## Head\n\n- one\n- **two**\n\n1. `three`\n\n> said\n\n```rust\nfn x() {}\n```");
    let zone = jiff::tz::TimeZone::UTC;
    let markdown = markdown(&session, &path, &zone);
    assert!(markdown.starts_with("# \\# \\*x\\* \\[y\\](z)\n\n## You · 2026-11-21 08:16\n\n## Head\n"), "{markdown}");
    let text = text(&session, &path, &zone);
    assert!(text.ends_with("08:16\nHead\n\n- one\n- two\n1. three\nsaid\n\nfn x() {}\n"), "{text}");
}
