//! Finding what was said.

use fantoccini::key::Key;
use serde_json::json;
use twin_e2e::World;
use twin_e2e::history::session_file;
use twin_e2e::person::WHOLE_ANSWER;
use twin_e2e::stub::Stub;

#[tokio::test]
async fn what_was_said_is_found_everywhere_and_jumped_to_and_its_markup_stays_text() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.close().await;
    let folder = tempfile::tempdir().unwrap();
    let file = session_file(folder.path(), "Conversation", 3, 2_000);
    world.twin(&["session", "import", &file.to_string_lossy()]);
    world.open().await;
    stub.answer("An orrery <img src=x onerror=\"window.ran = true\"> <mark>shows</mark> the planets.");
    world.ask("What does an orrery show?", "the planets").await;

    world.press(&(Key::Control + &(Key::Shift + "f"))).await;
    world.fill("find-field", "orrer").await;
    world
        .until("both messages are found", async |world| (world.texts("find-hit").await.len() == 2).then_some(()))
        .await;
    let hits = world.texts("find-hit").await;
    assert!(hits[0].contains("<img src=x onerror") && hits[0].contains("<mark>shows</mark>"), "{hits:?}");
    let marks = "return [...document.querySelectorAll('[data-testid=find-hit] :is(img, mark)')].map((one) => one.outerHTML.slice(0, 5) + one.textContent)";
    assert_eq!(world.run(marks, vec![]).await, json!(["<markorrery", "<markorrery"]));
    assert_eq!(world.run("return window.ran === undefined", vec![]).await, json!(true));

    // Far up in a long conversation.
    world.fill("find-field", "\"Message 77 of conversation 3\"").await;
    world.read("find-hit", "Message 77").await;
    world.press(&Key::Enter.to_string()).await;
    world
        .until("the message is in sight", async |world| {
            let script = "
                const found = [...document.querySelectorAll('[data-testid=message]')]
                    .find((message) => message.textContent.includes('Message 77 of conversation 3'));
                const box = found?.getBoundingClientRect();
                return box != null && box.top >= 0 && box.bottom <= innerHeight;";
            world.run(script, vec![]).await.as_bool()?.then_some(())
        })
        .await;
}

#[tokio::test]
async fn words_are_found_in_this_conversation_one_hit_after_the_other() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("The mill works. Without a mill there is no number.");
    world.ask("What is the mill?", "no number").await;
    stub.answer("The store keeps.");
    world.ask("And the store?", "keeps").await;

    world.press(&(Key::Control + "f")).await;
    world.fill("find-bar-field", "mill").await;
    let first = world.until("hits are counted", async |world| {
        world.texts("find-bar-status").await.pop().filter(|status| status.contains(" of "))
    });
    let first = first.await;
    world.press(&Key::Enter.to_string()).await;
    world
        .until("the next one is shown", async |world| {
            world.texts("find-bar-status").await.pop().filter(|status| *status != first)
        })
        .await;
    let marked = "return [...(CSS.highlights?.values() ?? [])].reduce((count, one) => count + one.size, 0)";
    world.until("hits are marked", async |world| (world.run(marked, vec![]).await.as_u64()? > 0).then_some(())).await;
    world.press(&Key::Escape.to_string()).await;
    world.gone("find-bar").await;
    world.read(WHOLE_ANSWER, "keeps").await;
}
