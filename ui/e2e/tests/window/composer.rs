//! Where one writes.

use fantoccini::key::Key;
use serde_json::json;
use twin_e2e::World;
use twin_e2e::person::QUESTION;
use twin_e2e::stub::Stub;

async fn written(world: &World) -> String {
    world.see("composer").await.prop("value").await.unwrap().unwrap()
}

#[tokio::test]
async fn a_long_text_that_is_pasted_can_go_along_as_a_file() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.see("composer").await.send_keys("Read this: ").await.unwrap();
    // As from another program: copied from a field that is not the composer.
    let long = "A line of the letter that is pasted here.\n".repeat(120);
    let copy = "
        const field = document.body.appendChild(document.createElement('textarea'));
        field.id = 'elsewhere';
        field.value = arguments[0];
        field.focus();
        field.select();";
    world.run(copy, vec![json!(long)]).await;
    world.press(&(Key::Control + "c")).await;
    world.run("document.querySelector('#elsewhere').remove()", vec![]).await;
    world.click("composer").await;
    world.press(&Key::End.to_string()).await;
    world.press(&(Key::Control + "v")).await;
    world.read("pasted-offer", "121 lines").await;
    assert_eq!(written(&world).await, format!("Read this: {long}"));
    world.click("pasted-attach").await;
    world.see("tray-file:not([aria-busy])").await;
    assert_eq!(written(&world).await, "Read this: ");
    stub.answer("I have read it.");
    world.press(&Key::Enter.to_string()).await;
    world.read("message[data-role=assistant]", "I have read it.").await;
    let sent = stub.asked()[0].said_by("user").pop().unwrap();
    assert!(sent.contains("A line of the letter") && sent.contains("Read this:"), "{sent}");
}

#[tokio::test]
async fn arrow_up_brings_back_what_one_said_and_a_draft_survives_a_restart() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.otherwise("Yes.");
    world.ask("The first thing", "Yes.").await;
    world.ask("The second thing", "Yes.").await;
    world.click("composer").await;
    let up = Key::Up.to_string();
    for wanted in ["The second thing", "The first thing"] {
        world.press(&up).await;
        world.until(wanted, async |world| (written(world).await == wanted).then_some(())).await;
    }
    world.press(&Key::Escape.to_string()).await;
    world.until("the field is empty", async |world| written(world).await.is_empty().then_some(())).await;

    world.press("Not sent yet").await;
    world.reopen().await;
    world.open_session("The first thing").await;
    world.until("the draft is there", async |world| (written(world).await == "Not sent yet").then_some(())).await;
}

#[tokio::test]
async fn ctrl_enter_sends_once_it_is_chosen_and_enter_begins_a_line() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.click("open-settings").await;
    world.click("settings-general").await;
    world.click("send-key [data-value=ctrl_enter]").await;
    world.click("nav-chat").await;
    world.click("composer").await;
    world.press("One").await;
    world.press(&Key::Enter.to_string()).await;
    world.press("two").await;
    assert_eq!(written(&world).await, "One\ntwo");
    assert!(stub.asked().is_empty());
    stub.answer("Both lines are here.");
    world.press(&(Key::Control + &Key::Enter.to_string())).await;
    world.read("message[data-role=assistant]", "Both lines").await;
    assert_eq!(world.texts(QUESTION).await, ["One\ntwo"]);
}
