//! A model that cannot answer, and a home that is damaged.

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

#[tokio::test]
async fn a_damaged_home_is_repaired_with_one_click_and_what_can_be_read_is_there() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("I hear you.");
    world.ask("Before the backup", "I hear you.").await;
    world.twin(&["backup", "now"]);
    stub.answer("Still here.");
    world.ask("After the backup", "Still here.").await;
    let bytes = damage(&mut world, |bytes| bytes[..100].fill(0)).await;

    world.open().await;
    world.read("trouble", "The data file is damaged").await;
    world.click("rescue-offer").await;
    let told = world.read("rescued", "The damaged file is kept as").await;
    assert!(told.contains("2 messages") && told.contains("Nothing is missing"), "{told}");
    world.click("rescued-go-on").await;
    world.open_newest_session().await;
    assert_eq!(world.texts(QUESTION).await, ["Before the backup", "After the backup"]);
    let kept = fs_err::read_dir(world.home().join("backups")).unwrap().map(|entry| entry.unwrap().path());
    let damaged: Vec<_> = kept.filter(|path| path.to_string_lossy().contains("damaged-")).collect();
    assert_eq!(damaged.len(), 1);
    assert_eq!(fs_err::read(&damaged[0]).unwrap(), bytes, "as it was");
}

#[tokio::test]
async fn a_home_that_turns_out_to_be_damaged_is_given_up_and_repaired_in_the_same_window() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("I hear you.");
    world.ask("Are you there?", "I hear you.").await;
    world.twin(&["backup", "now"]);
    damage(&mut world, |bytes| {
        let said = br#""content":"Are you there?"#;
        let places: Vec<usize> = (0..bytes.len() - said.len()).filter(|at| bytes[*at..].starts_with(said)).collect();
        for place in places {
            bytes[place + said.len() - 1] = b'!';
        }
    })
    .await;

    world.open().await;
    world.click("open-settings").await;
    world.click("settings-data").await;
    world.click("backup-now").await;
    world.read("trouble", "The data file is damaged").await;
    world.click("rescue-offer").await;
    world.see("rescued").await;
    world.click("rescued-go-on").await;
    world.open_newest_session().await;
    assert_eq!(world.texts(QUESTION).await, ["Are you there?"]);
}

/// Changes the closed file, into which the log of changes was folded: what stands there would mend it.
async fn damage(world: &mut World, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    world.close().await;
    world.twin(&["session", "list"]);
    let database = world.home().join("twin.db");
    let mut bytes = fs_err::read(&database).unwrap();
    change(&mut bytes);
    fs_err::write(&database, &bytes).unwrap();
    bytes
}
