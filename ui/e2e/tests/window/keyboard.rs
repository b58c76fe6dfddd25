//! No mouse.

use fantoccini::key::Key;
use twin_e2e::World;
use twin_e2e::person::{ANSWER, QUESTION};
use twin_e2e::stub::Stub;

#[tokio::test]
async fn the_first_run_can_be_done_by_keyboard() {
    let world = World::plan().open().await;
    world.see("choose-offline").await;
    world.tab_to("choose-offline").await;
    world.press(&Key::Enter.to_string()).await;
    world.see("composer").await;
    world.tab_to("composer").await;
    world.press("Hello there").await;
    world.press(&Key::Enter.to_string()).await;
    world.read(QUESTION, "Hello there").await;
}

#[tokio::test]
async fn a_conversation_can_be_begun_stopped_renamed_deleted_and_brought_back_by_keyboard() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("Hello.");
    world.ask("The first conversation", "Hello.").await;

    world.press(&(Key::Control + "n")).await;
    world.see("greeting").await;
    world.until("the composer has the focus", async |world| world.has_focus("composer").await.then_some(())).await;
    let gate = stub.answer_gated();
    world.press("The second conversation").await;
    world.press(&Key::Enter.to_string()).await;
    world.until("the model is asked", async |_| (stub.asked().len() == 2).then_some(())).await;
    gate.say("I shall go on for ");
    world.read(ANSWER, "I shall go on for").await;
    world.press(&Key::Escape.to_string()).await;
    world.see("message[data-status=stopped]").await;

    world.tab_to("session-item").await;
    world.press(&Key::F2.to_string()).await;
    world
        .until("the title can be edited", async |world| world.has_focus("session-item input").await.then_some(()))
        .await;
    world.press(&(Key::Control + "a")).await;
    world.press("Renamed").await;
    world.press(&Key::Enter.to_string()).await;
    world
        .until("the new title is in the list", async |world| {
            (world.texts("session-item").await.first()? == "Renamed").then_some(())
        })
        .await;

    // Its row, and not the button beside the title, which the next Tab would reach.
    world
        .until("the row has the focus again", async |world| {
            world.has_focus("session-item [data-open]").await.then_some(())
        })
        .await;
    world.press(&Key::Delete.to_string()).await;
    world.read("toast", "Renamed").await;
    world
        .until("it is gone from the list", async |world| {
            (world.texts("session-item").await == ["The first conversation"]).then_some(())
        })
        .await;
    world.tab_to("toast-action").await;
    world.press(&Key::Enter.to_string()).await;
    world
        .until("it is back", async |world| (world.texts("session-item").await.first()? == "Renamed").then_some(()))
        .await;
}
