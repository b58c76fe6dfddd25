//! Conversations that are kept in order, and one that is not kept at all.

use fantoccini::key::Key;
use twin_e2e::World;
use twin_e2e::person::{QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

const CANARY: &str = "heliotrope-canary-48151623";

#[tokio::test]
async fn a_temporary_chat_leaves_nothing_on_the_disk() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("Kept.");
    world.ask("This one is kept.", "Kept.").await;
    world.click("temporary-chat").await;
    world.see("temporary-banner").await;
    stub.answer(&format!("I shall forget {CANARY}."));
    world.ask(&format!("Do not write down {CANARY}."), CANARY).await;
    stub.answer("Yes, I have it still.");
    world.ask("Do you still know it?", "still").await;
    assert!(
        stub.asked().last().unwrap().said_by("user").iter().any(|said| said.contains(CANARY)),
        "it is a conversation"
    );
    assert_eq!(world.texts("session-item").await.len(), 1, "it is not in the list");
    world.assert_nowhere_in_home(CANARY);

    // Left with another chat: nothing of it is found, and nothing is written then either.
    world.open_session("This one is kept.").await;
    world.click("give-up-yes").await;
    world.gone("temporary-banner").await;
    world.read(QUESTION, "This one is kept.").await;
    world.press(&(Key::Control + &(Key::Shift + "f"))).await;
    world.fill("find-field", "heliotrope").await;
    world.see("find-none").await;
    world.close().await;
    world.assert_nowhere_in_home(CANARY);
}

#[tokio::test]
async fn chats_are_pinned_archived_tagged_and_several_are_deleted_and_brought_back() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.otherwise("So it is.");
    for title in ["Alpha", "Beta", "Gamma", "Delta"] {
        world.press(&(Key::Control + "n")).await;
        world.see("greeting").await;
        world.ask(title, "So it is.").await;
    }
    let list = async |world: &World, wanted: &[&str]| {
        world
            .until(&format!("the list is {wanted:?}"), async |world| {
                let titles = world.texts("session-item").await;
                let titles: Vec<&str> = titles.iter().filter_map(|title| title.lines().next()).collect();
                (titles == wanted).then_some(())
            })
            .await;
    };
    list(&world, &["Delta", "Gamma", "Beta", "Alpha"]).await;
    world.choose_for_session("Alpha", "Pin").await;
    list(&world, &["Alpha", "Delta", "Gamma", "Beta"]).await;
    world.choose_for_session("Gamma", "Tags").await;
    world.fill("tag-field", "Letters").await;
    world.press(&Key::Enter.to_string()).await;
    world.button("Done").await.click().await.unwrap();
    world.read("session-list", "Letters").await;
    world.choose_for_session("Beta", "Archive").await;
    list(&world, &["Alpha", "Delta", "Gamma"]).await;

    // All of that holds after a restart.
    world.reopen().await;
    list(&world, &["Alpha", "Delta", "Gamma"]).await;
    world.click("show-archived").await;
    list(&world, &["Beta"]).await;
    world.choose_for_session("Beta", "Put back").await;
    world.click("archived-back").await;
    list(&world, &["Alpha", "Delta", "Gamma", "Beta"]).await;

    // Two at once, deleted and brought back whole.
    world.choose_for_session("Delta", "Select").await;
    world.open_session("Beta").await;
    world.read("selection-bar", "2 selected").await;
    world.click("selection-delete").await;
    list(&world, &["Alpha", "Gamma"]).await;
    world.read("toast", "Deleted 2 chats").await;
    world.click("toast:last-of-type [data-testid=toast-action]").await;
    list(&world, &["Alpha", "Delta", "Gamma", "Beta"]).await;
    world.open_session("Delta").await;
    world.read(WHOLE_ANSWER, "So it is.").await;
}

#[tokio::test]
async fn a_chat_gets_its_title_from_the_model_unless_its_owner_gave_one() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.title("The mill and the store");
    stub.otherwise("It works on the numbers.");
    world.ask("So, I was wondering what it is that the mill does", "numbers").await;
    world.read("session-item", "The mill and the store").await;
    assert_eq!(stub.asked().len(), 1);

    world.tab_to("session-item").await;
    world.press(&Key::F2.to_string()).await;
    world
        .until("the title can be edited", async |world| world.has_focus("session-item input").await.then_some(()))
        .await;
    world.press(&(Key::Control + "a")).await;
    world.press("Mine").await;
    world.press(&Key::Enter.to_string()).await;
    world.read("session-item", "Mine").await;
    world.ask("And the store?", "numbers").await;
    world.reopen().await;
    world.read("session-item", "Mine").await;
}
