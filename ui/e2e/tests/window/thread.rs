//! A conversation that is long, and one that has branches.

use fantoccini::key::Key;
use serde_json::{Value, json};
use twin_e2e::World;
use twin_e2e::history::{last_word, session_file};
use twin_e2e::person::{ANSWER, QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

/// The first message in sight, and how far its upper edge is from the upper edge of the window.
const ANCHOR: &str = "
    const thread = document.querySelector('[data-testid=thread]');
    const { top } = thread.getBoundingClientRect();
    const messages = [...document.querySelectorAll('[data-testid=message]')];
    const first = messages.find((message) => message.getBoundingClientRect().bottom > top + 40);
    return first && [first.dataset.messageId, Math.round(first.getBoundingClientRect().top)];";
/// Whether nothing lies below what is in sight.
const AT_THE_END: &str = "
    const thread = document.querySelector('[data-testid=thread]');
    return thread != null && thread.scrollHeight - thread.scrollTop - thread.clientHeight < 3;";
/// Waits until the scrolling that keys have begun, which takes many frames, has come to its rest.
const AT_REST: &str = "
    const thread = document.querySelector('[data-testid=thread]');
    const [before, done] = arguments;
    let [last, still] = [before, 0];
    const look = () => {
        still = thread.scrollTop === last ? still + 1 : 0;
        last = thread.scrollTop;
        if (last !== before && still === 10) done();
        else requestAnimationFrame(look);
    };
    look();";
/// The place among the others of a message.
const PLACE: &str = "
    const message = document.querySelector(`[data-message-id='${arguments[0]}']`);
    return Number(message.getAttribute('aria-posinset'));";
const ELEMENTS: &str = "return document.querySelectorAll('*').length";

async fn anchor(world: &World) -> (String, i64) {
    let anchor = world.until("a message is in sight", async |world| {
        serde_json::from_value::<(String, i64)>(world.run(ANCHOR, vec![]).await).ok()
    });
    anchor.await
}

/// By as many screens, as the keyboard does it: what a script moves, the list may well move back.
async fn upwards(world: &World, screens: usize) {
    let thread = world.see("thread").await;
    let before = world.run("return arguments[0].scrollTop", vec![serde_json::to_value(&thread).unwrap()]).await;
    for _ in 0..screens {
        thread.send_keys(&Key::PageUp.to_string()).await.unwrap();
    }
    world.client().execute_async(AT_REST, vec![before]).await.unwrap();
}

/// What the person asked, as it is shown.
async fn questions(world: &World) -> Vec<String> {
    world.texts("message[data-role=user] .selectable").await
}

/// Waits until this message stands where it stood.
async fn stands(world: &World, (id, top): &(String, i64)) {
    let script =
        "return Math.round(document.querySelector(`[data-message-id='${arguments[0]}']`).getBoundingClientRect().top)";
    world
        .until(&format!("message {id} stands at {top}"), async |world| {
            let now = world.run(script, vec![json!(id)]).await.as_i64()?;
            ((now - top).abs() <= 2).then_some(())
        })
        .await;
}

#[tokio::test]
async fn ten_thousand_messages_open_at_their_end_are_read_upwards_without_a_jump_and_keep_their_place() {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.close().await;
    let folder = tempfile::tempdir().unwrap();
    for (number, messages) in [(1, 10_000), (2, 20)] {
        let file = session_file(folder.path(), "Conversation", number, messages);
        world.twin(&["session", "import", &file.to_string_lossy()]);
    }
    world.open().await;

    world.open_session("Conversation 1.").await;
    world.read("message", &last_word(1)).await;
    world.until("it is at its end", async |world| world.run(AT_THE_END, vec![]).await.as_bool()?.then_some(())).await;
    assert!(world.shown("jump-to-latest").await.is_none());

    // Upwards through several pages: what is in sight does not move by itself when more is read above it.
    let mut last = 10_000;
    for _ in 0..25 {
        upwards(&world, 3).await;
        let before = anchor(&world).await;
        world.settled().await;
        stands(&world, &before).await;
        let place = world.run(PLACE, vec![json!(before.0)]).await.as_u64().unwrap();
        assert!((last - 60..last).contains(&place), "three screens led from message {last} to {place}");
        last = place;
        let elements = world.run(ELEMENTS, vec![]).await.as_u64().unwrap();
        assert!(elements <= 3_000, "{elements} elements");
    }
    let texts = world.texts("message").await;
    assert!(!texts.iter().any(|text| text.contains(&last_word(1))), "what is out of sight is not in the page");

    // The place is kept while one looks at another conversation, and over a restart.
    let place = anchor(&world).await;
    world.open_session("Conversation 2.").await;
    world.read("message", &last_word(2)).await;
    world.open_session("Conversation 1.").await;
    stands(&world, &place).await;
    world.reopen().await;
    world.open_session("Conversation 1.").await;
    stands(&world, &place).await;

    // What comes meanwhile is counted, and does not take one away from what one reads.
    let sessions: Value = serde_json::from_str(&world.twin(&["session", "list", "--json"])).unwrap();
    let sessions = sessions.as_array().unwrap();
    let long = sessions.iter().find(|one| one["title"].as_str().unwrap().contains("Conversation 1.")).unwrap();
    world.twin(&["chat", "--model", "offline", "--session", long["id"].as_str().unwrap(), "One more thing."]);
    world.read("jump-to-latest", "2 new").await;
    stands(&world, &place).await;
    world.click("jump-to-latest").await;
    world.read(QUESTION, "One more thing.").await;
    world.until("it is at its end", async |world| world.run(AT_THE_END, vec![]).await.as_bool()?.then_some(())).await;
    world.gone("jump-to-latest").await;
}

#[tokio::test]
async fn a_message_is_edited_both_versions_are_kept_and_a_branch_is_deleted_brought_back_and_forked() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("Somerville taught me mathematics.");
    world.ask("Who taught you?", "Somerville").await;
    stub.answer("From 1834 on.");
    world.ask("Since when?", "1834").await;

    // The first question once more, in other words.
    world.click("message[data-role=user] [data-testid=edit]").await;
    world.fill("editor-text", "Who taught you to think?").await;
    stub.answer("De Morgan did, by letter.");
    world.click("editor-send").await;
    world.read(WHOLE_ANSWER, "De Morgan").await;
    assert_eq!(questions(&world).await, ["Who taught you to think?"]);
    let asked = stub.asked();
    assert_eq!(asked.last().unwrap().said_by("user").last().unwrap(), "Who taught you to think?");
    assert!(asked.last().unwrap().said_by("assistant").is_empty(), "the old answer is on the other branch");
    world.read("versions", "2 / 2").await;
    world.button("Previous version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "1834").await;
    assert_eq!(questions(&world).await, ["Who taught you?", "Since when?"]);
    world.button("Next version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "De Morgan").await;

    // A third version, this time of the answer.
    stub.answer("My mother saw to it.");
    world.button("Again").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "My mother").await;
    world.read("versions", "2 / 2").await;

    // The branch is deleted: the other one is shown; undo brings it back.
    world.click("message[data-role=user] [data-testid=message-more]").await;
    world.choose("Delete this branch").await;
    world.click("delete-branch-sure").await;
    world.read(WHOLE_ANSWER, "1834").await;
    world.gone("versions").await;
    world.click("toast-action").await;
    world.read(WHOLE_ANSWER, "My mother").await;

    // A fork is a conversation of its own, up to there.
    world.button("Previous version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "1834").await;
    world.click("message[data-role=assistant] [data-testid=message-more]").await;
    world.choose("Fork into a new chat").await;
    world.see("forked").await;
    world
        .until("both are in the list", async |world| (world.texts("session-item").await.len() == 2).then_some(()))
        .await;
    world.read(WHOLE_ANSWER, "Somerville").await;
    assert_eq!(questions(&world).await, ["Who taught you?"]);

    // All of it is there after a restart.
    world.reopen().await;
    world
        .click(
            "session-item:not(:first-of-type) button, [data-testid=session-item] + [data-testid=session-item] button",
        )
        .await;
    world.read(WHOLE_ANSWER, "1834").await;
    assert_eq!(questions(&world).await, ["Who taught you?", "Since when?"]);
    world.read("versions", "1 / 2").await;
    world.button("Next version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "My mother").await;
}

#[tokio::test]
async fn an_edit_can_be_given_up_and_a_growing_answer_does_not_pull_one_away_from_what_one_reads() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let long = "A paragraph that is as long as one usually is, and then a little longer than that.\n\n".repeat(40);
    stub.answer(&long);
    world.ask("Tell me much.", "A paragraph").await;
    world.click("message[data-role=user] [data-testid=edit]").await;
    world.fill("editor-text", "Tell me little.").await;
    world.press(&Key::Escape.to_string()).await;
    world.gone("editor-text").await;
    assert_eq!(questions(&world).await, ["Tell me much."]);

    let gate = stub.answer_gated();
    world.say("And more.").await;
    gate.say(&long);
    world.read(ANSWER, "A paragraph").await;
    world.until("it follows the end", async |world| world.run(AT_THE_END, vec![]).await.as_bool()?.then_some(())).await;
    upwards(&world, 2).await;
    world.settled().await;
    let place = anchor(&world).await;
    gate.say(&long);
    gate.say("The end of it.");
    world.read(ANSWER, "The end of it.").await;
    stands(&world, &place).await;
    world.see("jump-to-latest").await;
    gate.end();
    world.gone("stop").await;
    stands(&world, &place).await;
}
