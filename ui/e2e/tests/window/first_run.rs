//! From nothing to the first reply.

use twin_e2e::World;

#[tokio::test]
async fn first_run_to_first_reply_offline() {
    let world = World::plan().open().await;
    world.see("welcome").await;
    for choice in ["choose-offline", "choose-bedrock", "choose-openai"] {
        world.see(choice).await;
    }
    world.choose_offline().await;

    // The sample persona was copied to the owner's own folder, and the answer quotes it with its source.
    assert!(world.persona("facts.json").is_file());
    let answer = world.ask("Who taught you mathematics?", "from ").await;
    assert!(answer.contains("Morgan") || answer.contains("Frend") || answer.contains("Somerville"), "{answer}");

    // The choice was kept.
    let mut world = world;
    world.reopen().await;
    world.see("composer").await;
    assert!(world.shown("welcome").await.is_none());
}
