//! Links: none leads anywhere before a person has seen where, and said so.

use crate::{LINKS, Row};
use crate::wire::Wire;
use fantoccini::Locator;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use twin_e2e::stub::Stub;
use twin_e2e::{World, attack};

/// What the program starts to open a link. It writes down what it was given instead.
const OPENER: &str = "xdg-open";

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
    stub.answer(&format!("{}\n\nThat is all.", links.join("\n\n")));
    world.watch().await;
    let before = wire.attempts();
    world.ask("Where can I go?", "That is all.").await;
    let (mut clicked, mut asked, mut refused) = (0, 0, 0);
    for at in 0..links.len() {
        let path = format!("//*[@data-testid='message']//*[normalize-space(text())='link {at}']");
        // Some are not read as a link at all.
        let Ok(link) = world.client().find(Locator::XPath(&path)).await else { continue };
        let leads = link.tag_name().await.is_ok_and(|name| name == "button");
        link.click().await.expect("words can be clicked on");
        clicked += 1;
        if !leads {
            assert!(world.shown("link-dialog").await.is_none(), "link {at} asks nothing");
            continue;
        }
        world.see("link-dialog").await;
        let is_refused = world.until("the link is judged", async |world| {
            let dialog = world.texts("link-dialog").await.pop()?;
            if dialog.contains("cannot be opened") {
                return Some(true);
            }
            world.shown("link-host").await.map(|_| false)
        });
        if is_refused.await { refused += 1 } else { asked += 1 }
        world.button("Cancel").await.click().await.expect("a button can be clicked");
        world.gone("link-dialog").await;
    }
    let mut seen = world.seen().await;
    let opened_unasked = opened(&log).len();
    seen.navigations += u64::try_from(opened_unasked).unwrap_or(u64::MAX);
    seen.calls.retain(|name, _| !USUAL.contains(&name.as_str()));
    let connections = wire.since(&before);

    // That nothing was opened says something only if something would have been.
    let last = links.iter().position(|link| link.contains("https://www.bank")).expect("one of the links can be opened");
    world.button(&format!("link {last}")).await.click().await.expect("a button can be clicked");
    world.button("Open link").await.click().await.expect("a button can be clicked");
    world.until("the link is opened", async |_| (opened(&log).len() > opened_unasked).then_some(())).await;
    eprintln!("   {asked} links ask before they are opened, {refused} are refused, the others are only words");
    Row { name: LINKS.to_owned(), payloads: links.len(), shown: clicked, seen, connections }
}

/// What a chat calls by itself, and what a click on a link is there to ask.
const USUAL: [&str; 5] = ["chat_send", "session_path", "session_list", "context_claims", "link_inspect"];

fn write_opener(folder: &Path, log: &Path) {
    let file = folder.join(OPENER);
    fs_err::write(&file, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", log.display())).expect("a file can be written");
    fs_err::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("mode can be set");
}

fn opened(log: &Path) -> Vec<String> {
    let opened = fs_err::read_to_string(log).unwrap_or_default();
    opened.lines().map(str::to_owned).collect()
}
