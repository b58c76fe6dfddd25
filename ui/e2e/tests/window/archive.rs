//! Everything leaves as a file and comes in again elsewhere; a backup is made and gone back to.

use fantoccini::key::Key;
use std::path::Path;
use twin_e2e::World;
use twin_e2e::person::QUESTION;
use twin_e2e::stub::Stub;
use twin_e2e::taker::Taker;

const PASSPHRASE: &str = "hazel otter lantern";

async fn to_data(world: &World) {
    world.click("open-settings").await;
    world.click("settings-data").await;
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs_err::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn everything_is_exported_and_comes_in_again_in_another_home() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("In the walled garden.");
    world.ask("Where do the greyhounds sleep?", "walled garden").await;

    to_data(&world).await;
    let file = world.write("exports/beside.txt", "").with_file_name("everything.tar.zst.age");
    let path = file.display().to_string();
    world.fill("export-path", &path).await;
    world.click("export-sealed").await;
    world.fill("export-passphrase", PASSPHRASE).await;
    world.fill("export-again", PASSPHRASE).await;
    world.click("export-run").await;
    world.read("export-done", "everything.tar.zst.age").await;
    let mut there = names(file.parent().unwrap());
    there.sort();
    assert_eq!(there, ["beside.txt", "everything.tar.zst.age"], "and no half file");
    let sealed = fs_err::read(&file).unwrap();
    assert!(sealed.starts_with(b"age-encryption.org/v1"));

    let other = World::plan().open().await;
    other.choose_offline().await;
    to_data(&other).await;
    other.fill("import-path", &path).await;
    other.click("import-look").await;
    other.fill("import-passphrase", "not this one").await;
    other.click("import-open").await;
    other.read("import-locked", "does not fit").await;
    other.fill("import-passphrase", PASSPHRASE).await;
    other.click("import-open").await;
    other.read("import-messages", "2, all new").await;
    assert!(other.texts("session-item").await.is_empty(), "looking changes nothing");
    other.click("import-run").await;
    other.read("import-report", "1 chat and 2 messages are new").await;
    other.click("import-done").await;
    other.open_newest_session().await;
    other.read(QUESTION, "Where do the greyhounds sleep?").await;
}

#[tokio::test]
async fn a_backup_is_made_and_gone_back_to() {
    let mut world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("This was before.", "").await;
    to_data(&world).await;
    world.see("backup-empty").await;
    world.click("backup-now").await;
    world.see("backup-row").await;
    world.click("new-chat").await;
    world.ask("This was after.", "").await;
    world
        .until("both chats are in the list", async |world| (world.texts("session-item").await.len() == 2).then_some(()))
        .await;

    to_data(&world).await;
    world.click("backup-restore").await;
    world.read("restore-dialog", "it is copied first").await;
    world.click("restore-yes").await;
    world.gone("restore-dialog").await;
    world
        .until("the later chat is gone", async |world| (world.texts("session-item").await.len() == 1).then_some(()))
        .await;
    world
        .until("what was there was copied first", async |world| {
            (world.texts("backup-row").await.len() == 2).then_some(())
        })
        .await;

    // Also after a start, and from a chat that was open when it went.
    world.reopen().await;
    world.open_newest_session().await;
    world.read(QUESTION, "This was before.").await;
}

#[tokio::test]
async fn a_chat_is_exported_from_its_menu() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("Where were you born?", "").await;
    world.choose_for_session("Where were you born", "Export").await;
    let file = world.write("exports/beside.txt", "").with_file_name("chat.md");
    world.fill("export-chat-path", &file.display().to_string()).await;
    world.click("export-chat-run").await;
    world.read("toast", "Exported to").await;
    assert!(fs_err::read_to_string(&file).unwrap().contains("Where were you born?"));
}

/// Drags a chat of the list by the pointer to another program, and drops it; the addresses that it is given.
async fn drag_to(taker: &mut Taker, to: (i16, i16), world: &World, chat: &str) -> Vec<String> {
    let screen = world.desktop().screen();
    let row = world.see(&format!("session-item button[title^='{chat}']")).await;
    let (x, y, _, height) = row.rectangle().await.unwrap();
    #[expect(clippy::cast_possible_truncation, reason = "places on a screen of 1280×800")]
    let (x, y) = (x as i16 + 20, (y + height / 2.0) as i16);
    screen.point((x, y));
    screen.hold(true);
    // Far enough to be no click.
    (1..=20).for_each(|way| screen.point((x + way, y)));
    let mut shaking = (0..7).cycle();
    world
        .until("the chat hovers over the other program", async |_| {
            // A pointer that rests tells nobody where it is.
            screen.point((to.0 + shaking.next()?, to.1));
            taker.hovered().then_some(())
        })
        .await;
    screen.hold(false);
    world.until("the files were handed over", async |_| taker.taken()).await
}

#[tokio::test]
async fn chats_are_dragged_out_of_the_window_as_files() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.otherwise("So it is.");
    for question in ["Where were you born?", "Who taught you?"] {
        world.press(&(Key::Control + "n")).await;
        world.see("greeting").await;
        world.ask(question, "So it is.").await;
    }
    let (mut taker, middle) = (Taker::open(world.desktop(), (1000, 500, 200, 200)), (1100, 600));
    let files = drag_to(&mut taker, middle, &world, "Where").await;
    let [file] = &files[..] else { panic!("one file: {files:?}") };
    let file = Path::new(file.strip_prefix("file://").expect("a file's address"));
    assert_eq!(file.file_name().unwrap(), "Where%20were%20you%20born.md");
    let file = file.with_file_name("Where were you born.md");
    assert!(fs_err::read_to_string(&file).unwrap().contains("So it is."));
    world.read(QUESTION, "Who taught you?").await;

    // The page has its pointer back, and all that are selected go along with one of them.
    world.open_session("Where").await;
    world.read(QUESTION, "Where were you born?").await;
    world.choose_for_session("Where", "Select").await;
    world.open_session("Who").await;
    world.read("selection-bar", "2 selected").await;
    let files = drag_to(&mut taker, middle, &world, "Where").await;
    assert_eq!(files.len(), 2, "{files:?}");
    world.read("selection-bar", "2 selected").await;
    assert!(file.exists(), "whoever took the first may not have read it yet");

    let screen = world.desktop().screen();
    let [window] = screen.windows()[..] else { panic!("one window") };
    world.shut(|| screen.close(window));
    assert!(!world.home().join("dragged").exists(), "nothing of it is left");
}
