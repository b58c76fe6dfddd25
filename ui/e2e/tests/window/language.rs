//! The window in another language.

use serde_json::json;
use twin_e2e::World;

#[tokio::test]
async fn the_window_turns_to_arabic_from_right_to_left_and_back() {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("Hello there", "").await;
    let choose = async |world: &World, language: &str| {
        world.click("open-settings").await;
        world.click("settings-general").await;
        world.click("language").await;
        world.choose(language).await;
    };
    choose(&world, "العربية").await;
    let turned = "return [document.documentElement.dir, document.documentElement.lang]";
    world
        .until("it is Arabic", async |world| (world.run(turned, vec![]).await == json!(["rtl", "ar"])).then_some(()))
        .await;
    world.see("session-item").await;
    // The list stands where one begins to read.
    let list =
        "return document.querySelector('[data-testid=session-list]').getBoundingClientRect().left > innerWidth / 2";
    assert_eq!(world.run(list, vec![]).await, json!(true));
    assert_eq!(world.violations().await, Vec::<String>::new());
    assert_eq!(world.cramped().await, Vec::<String>::new());

    world.reopen().await;
    world
        .until("it still is", async |world| (world.run(turned, vec![]).await == json!(["rtl", "ar"])).then_some(()))
        .await;
    choose(&world, "English").await;
    world
        .until("it is English", async |world| (world.run(turned, vec![]).await == json!(["ltr", "en"])).then_some(()))
        .await;
}
