//! Links: none leads anywhere before a person has seen where, and said so.

use crate::wire::Wire;
use crate::{LINKS, Row};
use fantoccini::Locator;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::stub::Stub;
use twin_e2e::{World, attack};

/// What the program starts to open a link. It writes down what it was given instead.
const OPENER: &str = "xdg-open";

/// So many are near enough to the view to be drawn.
const IN_AN_ANSWER: usize = 8;

/// Clicks on every link, reads what is asked, and says no; then says yes to one. What was opened otherwise counts as a
/// navigation.
pub(crate) async fn followed(wire: &Wire) -> Row {
    eprintln!("   links");
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let log = folder.path().join("opened");
    write_opener(folder.path(), &log);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = format!("{}:{}", folder.path().display(), path.display());
    let stub = Stub::start();
    let world = World::plan().with_environment("PATH", &path).open().await;
    world.choose_openai(&stub, None).await;

    let links = attack::links();
    // What a chat calls by itself, and what a click on a link is there to ask, is not held against it.
    world.watch().await;
    stub.answer("See [link 1000](https://example.org/). That is all.");
    world.ask("Where can I go?", "That is all.").await;
    assert_eq!(click(&world, 1000).await, Some(Asked::Openable), "an ordinary link");
    let usual = world.seen().await;

    world.watch().await;
    let before = wire.attempts();
    let mut clicked = Vec::new();
    let numbers: Vec<usize> = (0..links.len()).collect();
    for numbers in numbers.chunks(IN_AN_ANSWER) {
        let (first, last) = (numbers[0], numbers[numbers.len() - 1]);
        let end = format!("That was {last}.");
        stub.answer(&format!("{}\n\n{end}", links[first..=last].join("\n\n")));
        world.say(&format!("And where from {first}?")).await;
        world.read(WHOLE_ANSWER, &end).await;
        for number in numbers {
            clicked.extend(click(&world, *number).await);
        }
    }
    let mut seen = world.seen().await;
    let unasked = opened(&log);
    seen.navigations += u64::try_from(unasked).unwrap_or(u64::MAX);
    seen.calls.retain(|name, _| !usual.calls.contains_key(name));
    let connections = wire.since(&before);

    // That nothing was opened says something only if something would have been.
    let last = links.iter().position(|link| link.contains("https://www.bank")).expect("one of the links can be opened");
    stub.answer(&format!("{} That was the last.", links[last]));
    world.say("Where now?").await;
    world.read(WHOLE_ANSWER, "That was the last.").await;
    world
        .client()
        .find_all(Locator::XPath(&format!("//button[normalize-space()='link {last}']")))
        .await
        .expect("a link")
        .pop()
        .expect("a link")
        .click()
        .await
        .expect("a button can be clicked");
    world.button("Open link").await.click().await.expect("a button can be clicked");
    world.until("the link is opened", async |_| (opened(&log) > unasked).then_some(())).await;
    let count = |wanted: Asked| clicked.iter().filter(|asked| **asked == wanted).count();
    eprintln!(
        "   {} links can be opened after a question, {} are refused, {} are only words",
        count(Asked::Openable),
        count(Asked::Refused),
        count(Asked::Nothing),
    );
    Row { name: LINKS.to_owned(), payloads: links.len(), shown: clicked.len(), seen, connections }
}

/// What a click on a link asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Openable,
    Refused,
    Nothing,
}

/// Clicks on a link, or on the words that it has become, and says no to whatever is asked. None: it is not shown.
async fn click(world: &World, number: usize) -> Option<Asked> {
    // Some are not read as a link at all.
    let text = format!("normalize-space()='link {number}' or contains(., '[link {number}]')");
    let path = format!("//*[@data-testid='message']//*[text()[{text}]]");
    let link = world.client().find(Locator::XPath(&path)).await.ok()?;
    let leads = link.tag_name().await.is_ok_and(|name| name == "button");
    link.click().await.expect("words can be clicked on");
    if !leads {
        assert!(world.shown("link-dialog").await.is_none(), "words ask nothing: link {number}");
        return Some(Asked::Nothing);
    }
    let judged = world.until("the link is judged", async |world| {
        let dialog = world.texts("link-dialog").await.pop()?;
        if dialog.contains("cannot be opened") {
            return Some(Asked::Refused);
        }
        world.shown("link-host").await.map(|_| Asked::Openable)
    });
    let asked = judged.await;
    world.button("Cancel").await.click().await.expect("a button can be clicked");
    world.gone("link-dialog").await;
    Some(asked)
}

fn write_opener(folder: &Path, log: &Path) {
    let file = folder.join(OPENER);
    fs_err::write(&file, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", log.display())).expect("a file can be written");
    fs_err::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("mode can be set");
}

/// How many links were opened.
fn opened(log: &Path) -> usize {
    fs_err::read_to_string(log).unwrap_or_default().lines().count()
}
