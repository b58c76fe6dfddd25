//! What was said in one conversation is known in the next.

use twin_e2e::World;
use twin_e2e::person::QUESTION;

#[tokio::test]
async fn what_was_said_is_known_in_a_new_session_after_a_restart() {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("Hi! My name is Fred and I love Python", "").await;
    world.reopen().await;

    world.see("greeting").await;
    assert!(world.texts(QUESTION).await.is_empty(), "the window opens with a new chat");
    world.ask("What's my name and what do I love?", "My name is Fred and I love Python").await;

    // And the first conversation is still in the list, whole.
    world
        .until("both conversations are in the list", async |world| {
            (world.texts("session-item").await.len() == 2).then_some(())
        })
        .await;
}
