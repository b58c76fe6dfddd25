//! The plug is pulled.

use twin_e2e::World;
use twin_e2e::person::QUESTION;
use twin_e2e::stub::Stub;

#[tokio::test]
async fn a_kill_in_mid_stream_keeps_the_question_and_marks_the_reply_as_cut_off() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("Tell me a long story.").await;
    gate.say("Once upon a time");

    // A growing reply is written down a few times a second; a second process on the same home sees when.
    world
        .until("the beginning is on disk", async |world| {
            let sessions: serde_json::Value = serde_json::from_str(&world.twin(&["session", "list", "--json"])).ok()?;
            let session = sessions[0]["id"].as_str()?;
            world.twin(&["session", "show", session, "--json"]).contains("Once upon a time").then_some(())
        })
        .await;
    let limits = fs_err::read_to_string(format!("/proc/{}/limits", world.process())).unwrap();
    let of_dumps = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let most: Vec<&str> = of_dumps.split_whitespace().skip(4).take(2).collect();
    assert_eq!(most, ["0", "0"], "no crash may write what is in memory to a file");
    world.kill();
    drop(gate);
    world.open().await;

    world.open_newest_session().await;
    assert_eq!(world.texts(QUESTION).await, ["Tell me a long story."]);
    let reply = world.read("message[data-status=interrupted]", "Once upon a time").await;
    assert!(reply.contains("Cut off"), "{reply}");

    // And it can be asked for again.
    stub.answer("Once upon a time there was a mill.");
    world.click("try-again").await;
    world.read("message[data-status=complete]", "there was a mill.").await;
}

#[tokio::test]
async fn a_kill_before_the_first_word_keeps_the_question() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let _gate = stub.answer_gated();
    world.say("Is anybody there?").await;
    world.until("the model is asked", async |_| (!stub.asked().is_empty()).then_some(())).await;
    world.kill();
    world.open().await;
    world.open_newest_session().await;
    assert_eq!(world.texts(QUESTION).await, ["Is anybody there?"]);
    world.see("message[data-status=interrupted]").await;
}
