//! A reply that arrives piece by piece.

use fantoccini::key::Key;
use twin_e2e::World;
use twin_e2e::person::{ANSWER, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

#[tokio::test]
async fn a_reply_is_shown_as_it_arrives() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("Count for me.").await;
    gate.say("One, ");
    world.read("message[data-status=streaming]", "One,").await;
    gate.say("**two**, ");
    let so_far = world.read("message[data-status=streaming]", "two,").await;
    assert!(!so_far.contains('*'), "Markdown is drawn while it grows: {so_far}");
    gate.say("three.");
    gate.end();
    world.read(WHOLE_ANSWER, "One, two, three.").await;

    let asked = stub.asked();
    assert!(asked[0].system().contains("Countess of Lovelace"));
    assert_eq!(asked[0].body["model"], "stub-model");
    assert_eq!(asked[0].authorization, None, "no key was given, so none is sent");
}

#[tokio::test]
async fn stop_keeps_what_had_arrived_and_hangs_up() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("Tell me a long story.").await;
    gate.say("Once upon a time");
    world.read(ANSWER, "Once upon a time").await;
    world.click("stop").await;
    world.read("message[data-status=stopped]", "Once upon a time").await;
    world.until("the server is hung up on", async |_| gate.is_closed().then_some(())).await;

    // With Esc as well, and the conversation goes on from what was kept.
    let gate = stub.answer_gated();
    world.say("Go on.").await;
    gate.say("there was a mill");
    world.read(ANSWER, "there was a mill").await;
    world.press(&Key::Escape.to_string()).await;
    world.read("message[data-status=stopped]", "there was a mill").await;
    assert_eq!(stub.asked()[1].said_by("assistant"), ["Once upon a time"]);

    world.reopen().await;
    world.open_newest_session().await;
    world.read("message[data-status=stopped]", "there was a mill").await;
    assert_eq!(world.texts("message[data-status=stopped]").await.len(), 2);
}

#[tokio::test]
async fn another_answer_is_kept_beside_the_first() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("The first answer.");
    world.ask("Say something.", "The first answer.").await;
    stub.answer("The second answer.");
    world.button("Again").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "The second answer.").await;
    world.read("versions", "2 / 2").await;
    world.button("Previous version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "The first answer.").await;
    assert_eq!(stub.asked()[1].said_by("assistant"), Vec::<String>::new(), "the first answer is not its own history");
}
