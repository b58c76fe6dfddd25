//! Keys live in the desktop's keychain and nowhere else.

use twin_e2e::World;
use twin_e2e::stub::Stub;

const KEY: &str = "sk-canary-5f0c1d2e";

#[tokio::test]
async fn a_key_is_kept_in_the_real_keychain_across_a_restart_and_in_no_file() {
    let stub = Stub::start();
    let mut world = World::plan().with_keychain().open().await;
    world.choose_openai(&stub, Some(KEY)).await;
    stub.answer("One.");
    world.ask("First?", "One.").await;
    world.reopen().await;
    stub.answer("Two.");
    world.ask("Second?", "Two.").await;

    let expected = Some(format!("Bearer {KEY}"));
    let sent: Vec<_> = stub.asked().into_iter().map(|asked| asked.authorization).collect();
    assert_eq!(sent, [expected.clone(), expected]);
    world.assert_nowhere_in_home(KEY);

    // The window itself never gets it back.
    world.click("open-settings").await;
    world.see("saved-key").await;
    let page = world.client().source().await.unwrap();
    assert!(!page.contains(KEY));
}

#[tokio::test]
async fn without_a_keychain_a_key_lasts_for_this_session_and_is_in_no_file() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.click("choose-openai").await;
    world.read("keychain-notice", "this session only").await;
    world.reopen().await;
    world.choose_openai(&stub, Some(KEY)).await;
    stub.answer("One.");
    world.ask("First?", "One.").await;
    assert_eq!(stub.asked()[0].authorization, Some(format!("Bearer {KEY}")));
    world.assert_nowhere_in_home(KEY);

    world.reopen().await;
    world.say("Second?").await;
    world.see("failure-card").await;
    assert_eq!(stub.asked().len(), 1, "nothing is sent without the key that the settings call for");
}
