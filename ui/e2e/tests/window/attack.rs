//! Texts that attack, in the places where most of them come from. All places, in a network of their own and beside a page
//! without defences, has `cargo xtask attacks`.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use twin_e2e::history::chatgpt;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::stub::Stub;
use twin_e2e::{World, attack, given};

/// As many as are drawn in a few seconds, from all over the set.
fn texts(stub: &Stub) -> Vec<String> {
    let leak = format!("{}/leak", stub.origin());
    let texts = [attack::scripts(), attack::leaks(&[&leak]), attack::links()].concat();
    // What draws diagrams takes seconds each.
    texts.into_iter().filter(|text| !attack::swallows(text)).collect()
}

async fn assert_nothing_happened(world: &World, stub: &Stub) {
    let seen = world.seen().await;
    assert_eq!((&seen.scripts, &seen.made, seen.navigations), (&BTreeMap::new(), &BTreeMap::new(), 0));
    let attacks = |name: &String| name == attack::CALLED || name.contains("://");
    assert!(!seen.calls.keys().any(attacks), "no text calls a command, or fetches anything: {:?}", seen.calls);
    let paths = stub.paths();
    assert!(paths.iter().all(|path| path == "/v1/chat/completions" || path == "/v1/models"), "{paths:?}");
}

#[tokio::test]
async fn an_answer_that_attacks_is_only_read_whole_and_by_the_character() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let texts = texts(&stub);
    world.watch().await;
    stub.answer(&format!("{}\n\nThat was all.", texts.join("\n\n")));
    world.ask("Attack.", "That was all.").await;
    let gate = stub.answer_gated();
    world.say("Slowly.").await;
    for text in texts.iter().step_by(8) {
        for character in text.chars() {
            gate.say(character.encode_utf8(&mut [0; 4]));
            // A pace and not a wait: at once, all of it would be drawn as one.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        gate.say("\n\n");
    }
    gate.say("That was slow.");
    gate.end();
    world.read(WHOLE_ANSWER, "That was slow.").await;
    world.settled().await;
    assert_nothing_happened(&world, &stub).await;
}

#[tokio::test]
async fn a_conversation_that_attacks_is_imported_read_and_exported_as_text() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.close().await;
    // Each is drawn with all that belongs to a message, so a third of them.
    let texts: Vec<String> = texts(&stub).into_iter().step_by(3).collect();
    let parts: Vec<&[String]> = texts.chunks(20).collect();
    let conversations: Vec<Value> =
        parts.iter().enumerate().map(|(number, texts)| chatgpt(&texts[0], number, texts)).collect();
    let file = world.write("conversations.json", json!(conversations).to_string());
    world.twin(&["import", &file.to_string_lossy()]);
    world.open().await;
    world.watch().await;
    let listed: Value = serde_json::from_str(&world.twin(&["session", "list", "--json"])).unwrap();
    let ids: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|session| session["id"].as_str()).collect();
    assert_eq!(ids.len(), parts.len());
    for id in &ids {
        world.click(&format!("session-item[data-session-id='{id}'] button")).await;
        world.see(&format!("session-item[data-session-id='{id}'] [aria-current=page]")).await;
        world.see("message").await;
        world.settled().await;
    }
    assert_nothing_happened(&world, &stub).await;

    // Opened in a window without any defence but what the file brings.
    let pages: Vec<_> = ids.iter().map(|id| exported(&world, id)).collect();
    let plain = World::plan().with_program(given::bare_window()).open().await;
    let mut shown = 0;
    for page in pages {
        shown += assert_harmless(&plain, &page).await;
    }
    assert_eq!(shown, texts.len());
    assert!(stub.paths().iter().all(|path| path.starts_with("/v1/")), "{:?}", stub.paths());
}

fn exported(world: &World, id: &str) -> std::path::PathBuf {
    let page = world.write("exports/beside.txt", "").with_file_name(format!("{id}.html"));
    world.twin(&["session", "export", id, "--format", "html", "--output", &page.to_string_lossy()]);
    page
}

/// How many messages the page shows.
async fn assert_harmless(plain: &World, page: &Path) -> usize {
    let client = plain.client();
    client.goto(&format!("file://{}", page.display())).await.unwrap();
    assert!(client.get_alert_text().await.is_err(), "no script opened a dialog: {}", page.display());
    let look = "
        const others = 'script, iframe, object, embed, base, link, form, video, audio, svg, math, img';
        const attributes = [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames());
        return [
            [...document.querySelectorAll(others)].map((element) => element.localName),
            attributes.filter((name) => /^on|^style$|^ping$|^srcdoc$/.test(name)),
            [...document.querySelectorAll('a')].filter(({ href }) => !/^(https?|mailto):/.test(href)).length,
            window.ran === undefined,
            document.querySelectorAll('article').length,
        ];";
    let found = plain.run(look, vec![]).await;
    let shown = found[4].as_u64().unwrap();
    assert_eq!(found, json!([[], [], 0, true, shown]), "{}", page.display());
    usize::try_from(shown).unwrap()
}
