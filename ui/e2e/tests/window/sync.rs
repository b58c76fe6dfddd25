//! Two homes meet in a folder: what is written in one is in the other, and nothing that both change is lost without a word.

use fantoccini::key::Key;
use std::path::Path;
use twin_e2e::World;
use twin_e2e::person::QUESTION;
use twin_e2e::power::Power;

const PASSPHRASE: &str = "hazel otter lantern";

async fn to_sync(world: &World) {
    world.click("open-settings").await;
    world.click("settings-sync").await;
}

/// From "where" to what opens the vault, with a folder that was tried.
async fn say_where(world: &World, way: &str, folder: &Path) {
    to_sync(world).await;
    world.click(way).await;
    world.click("sync-kind [data-value=folder]").await;
    world.fill("sync-folder", &folder.display().to_string()).await;
    world.click("sync-next").await;
    world.click("sync-test").await;
    world.see("sync-tested").await;
    world.click("sync-next").await;
}

/// The first device; its recovery code.
async fn set_up(world: &World, folder: &Path, name: &str) -> String {
    say_where(world, "sync-set-up", folder).await;
    world.fill("sync-device-name", name).await;
    world.fill("sync-passphrase", PASSPHRASE).await;
    world.fill("sync-again", PASSPHRASE).await;
    world.click("sync-next").await;
    let code = world.read("sync-recovery-code", "-").await;
    world.click("sync-next").await;
    world.see("sync-recovery-code").await;
    world.fill("sync-code-group", code.rsplit('-').next().unwrap()).await;
    world.click("sync-next").await;
    world.see("sync-state").await;
    world.click("sync-next").await;
    code
}

/// Asks for it, and waits until everything was sent and read.
async fn sync_now(world: &World) {
    to_sync(world).await;
    world.click("sync-now").await;
    world
        .until("the round has ended", async |world| {
            world.shown("sync-now").await?.is_enabled().await.ok()?.then_some(())
        })
        .await;
    world.read("sync-state", "Everything is synced").await;
}

/// Rests, or goes on: what is done meanwhile is not known to the other.
async fn pause(world: &World, paused: bool) {
    to_sync(world).await;
    world.click("sync-pause").await;
    world
        .until("it has paused or gone on", async |world| {
            let state = world.texts("sync-state").await.pop()?;
            (state.contains("paused") == paused).then_some(())
        })
        .await;
}

async fn rename(world: &World, title: &str, to: &str) {
    world.choose_for_session(title, "Rename").await;
    world.fill("session-item input", to).await;
    world.press(&Key::Enter.to_string()).await;
    has_title(world, to).await;
}

async fn has_title(world: &World, title: &str) {
    let what = format!("{title:?} is in the list");
    world
        .until(&what, async |world| world.texts("session-item").await.iter().any(|one| one == title).then_some(()))
        .await;
}

#[tokio::test]
async fn on_battery_it_looks_less_often_and_says_so() {
    let world = World::plan().with_keychain().open().await;
    world.choose_offline().await;
    let folder = world.write("meeting/beside.txt", "").with_file_name("place");
    fs_err::create_dir(&folder).unwrap();
    let power = Power::start(world.desktop().bus()).await;
    set_up(&world, &folder, "Laptop").await;
    power.set_on_battery(true).await;
    world.read("sync-details", "on battery").await;
    power.set_on_battery(false).await;
    world
        .until("it is plugged in", async |world| {
            (!world.texts("sync-details").await.pop()?.contains("battery")).then_some(())
        })
        .await;
}

#[tokio::test]
async fn two_homes_meet_in_a_folder_and_lose_nothing() {
    let one = World::plan().with_keychain().open().await;
    one.choose_offline().await;
    one.ask("Where do the greyhounds sleep?", "").await;
    let folder = one.write("meeting/beside.txt", "").with_file_name("place");
    fs_err::create_dir(&folder).unwrap();
    set_up(&one, &folder, "Study").await;
    sync_now(&one).await;

    let other = World::plan().with_keychain().open().await;
    other.choose_offline().await;
    say_where(&other, "sync-join", &folder).await;
    other.fill("sync-device-name", "Laptop").await;
    other.fill("sync-open-passphrase", "not this one at all").await;
    other.click("sync-next").await;
    other.see("sync-join-failed").await;
    other.fill("sync-open-passphrase", PASSPHRASE).await;
    other.click("sync-next").await;
    other.see("sync-state").await;
    other.click("sync-next").await;
    sync_now(&other).await;
    other.open_newest_session().await;
    other.read(QUESTION, "Where do the greyhounds sleep?").await;

    // A message of the second on the first.
    other.click("new-chat").await;
    other.ask("And who feeds them?", "").await;
    sync_now(&other).await;
    sync_now(&one).await;
    one.until("both chats are in the list", async |world| (world.texts("session-item").await.len() == 2).then_some(()))
        .await;
    one.read("sync-device", "Laptop").await;

    // The same title on both, neither knowing of the other.
    pause(&one, true).await;
    pause(&other, true).await;
    rename(&one, "Where do the greyhounds sleep?", "Greyhounds").await;
    rename(&other, "Where do the greyhounds sleep?", "Dogs").await;
    pause(&one, false).await;
    sync_now(&one).await;
    pause(&other, false).await;
    sync_now(&other).await;
    sync_now(&one).await;
    let titles = one.texts("session-item").await;
    let dogs = titles.iter().any(|title| title == "Dogs");
    let (kept, lost) = if dogs { ("Dogs", "Greyhounds") } else { ("Greyhounds", "Dogs") };
    for world in [&one, &other] {
        has_title(world, kept).await;
        let version = world.read("sync-version", lost).await;
        assert!(version.contains(kept), "{version:?} names the title that is in use");
    }

    // What was lost is taken, and is the title on both.
    one.click("sync-version-take").await;
    one.gone("sync-version").await;
    sync_now(&one).await;
    sync_now(&other).await;
    other.gone("sync-version").await;
    has_title(&other, lost).await;
}
