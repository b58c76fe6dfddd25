//! The palette and the shortcuts, without a mouse.

use fantoccini::key::Key;
use twin_e2e::World;
use twin_e2e::person::{QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

#[tokio::test]
async fn the_palette_goes_to_a_chat_a_setting_and_a_search_by_keyboard_alone() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("It works on numbers.");
    world.ask("What is the mill?", "numbers").await;
    world.press(&(Key::Control + "n")).await;
    world.see("greeting").await;
    stub.answer("It keeps them.");
    world.ask("What is the store?", "keeps").await;

    world.press(&(Key::Control + "k")).await;
    world.see("palette-field").await;
    world.press("mill").await;
    world.read("palette", "What is the mill?").await;
    world.press(&Key::Enter.to_string()).await;
    world.read(WHOLE_ANSWER, "It works on numbers.").await;
    world.press(&(Key::Control + "k")).await;
    world.see("palette-field").await;
    world.press("settings usage").await;
    world.press(&Key::Enter.to_string()).await;
    world.see("settings-usage[data-state=active]").await;
    world.press(&(Key::Control + "k")).await;
    world.see("palette-field").await;
    world.press("store").await;
    world.read("palette", "Search messages for").await;
    world.press(&Key::Up.to_string()).await;
    world.press(&Key::Enter.to_string()).await;
    world.read("find-hit", "What is the store?").await;
    world.press(&(Key::Control + "k")).await;
    world.see("palette-field").await;
    world.press("new chat").await;
    world.press(&Key::Enter.to_string()).await;
    world.see("greeting").await;
    assert!(world.texts(QUESTION).await.is_empty());
}

#[tokio::test]
async fn a_shortcut_is_changed_its_conflict_is_told_and_it_holds_after_a_restart() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.press(&(Key::Control + "/")).await;
    world.read("shortcut-help", "Command palette").await;
    world.press(&Key::Escape.to_string()).await;
    world.gone("shortcut-help").await;

    world.click("open-settings").await;
    world.click("settings-shortcuts").await;
    world.click("shortcut-keys-new_chat").await;
    world.press(&(Key::Control + "k")).await;
    world.read("shortcut-trouble", "Ctrl K is also “Command palette”.").await;
    world.click("shortcut-replace").await;
    world.gone("shortcut-trouble").await;
    world.press(&(Key::Control + "k")).await;
    world.see("greeting").await;
    assert!(world.shown("palette").await.is_none());

    world.reopen().await;
    world.see("composer").await;
    world.click("nav-persona").await;
    world.see("persona-screen").await;
    world.press(&(Key::Control + "k")).await;
    world.see("greeting").await;
}
