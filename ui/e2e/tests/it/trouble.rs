//! A model that cannot answer.

use twin_e2e::World;
use twin_e2e::person::{ANSWER, QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

#[tokio::test]
async fn a_wrong_key_says_the_cause_and_the_next_step_and_the_message_is_answered_once_it_is_right() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, Some("sk-wrong")).await;
    stub.refuse(401, "invalid_api_key", "Incorrect API key provided.");
    world.say("Are you there?").await;
    let failure = world.read("failure-card", "The credentials were refused").await;
    assert!(failure.contains("Open settings") && failure.contains("Try again"), "{failure}");
    assert!(!failure.contains("sk-wrong"), "a key is never shown: {failure}");
    assert_eq!(world.texts(QUESTION).await, ["Are you there?"]);

    stub.answer("Here I am.");
    world.click("try-again").await;
    world.read(WHOLE_ANSWER, "Here I am.").await;
    assert_eq!(world.texts(QUESTION).await, ["Are you there?"], "it was not asked twice");
}

#[tokio::test]
async fn a_server_that_is_gone_loses_no_message() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("Still here.");
    world.ask("Are you there?", "Still here.").await;
    drop(stub);
    world.say("And now?").await;
    world.read("failure-card", "could not be reached").await;

    world.reopen().await;
    world.open_newest_session().await;
    assert_eq!(world.texts(QUESTION).await, ["Are you there?", "And now?"]);
    world.see("composer").await;
}

#[tokio::test]
async fn a_connection_that_breaks_keeps_what_had_arrived() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("Tell me a story.").await;
    gate.say("Once upon");
    world.read(ANSWER, "Once upon").await;
    drop(gate);
    world.see("failure-card").await;
    world.read(ANSWER, "Once upon").await;
}
