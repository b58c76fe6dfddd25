//! A home that is encrypted in the window, and opened there again.

use twin_e2e::World;
use twin_e2e::person::{QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

/// In an answer: what is typed is a draft first, which the window keeps by itself.
const CANARY: &str = "kingfisher-5f0c1d2e";
const PASSPHRASE: &str = "four words of mine";

#[tokio::test]
async fn it_is_encrypted_in_the_window_and_the_chat_goes_on_there_and_after_a_restart() {
    let stub = Stub::start();
    let mut world = World::plan().with_keychain().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer(&format!("I saw a {CANARY}."));
    world.ask("What did you see?", CANARY).await;
    world.twin(&["backup", "now"]);
    assert_eq!(begins(&world), b"SQLite format 3\0");

    open_part(&world).await;
    world.read("encryption-state", "Not encrypted").await;
    world.click("encryption-on").await;
    world.click("encryption-on-dialog-yes").await;
    let code = keep_code(&world).await;
    world.read("encryption-state", "in this computer’s keychain").await;
    assert_ne!(begins(&world), b"SQLite format 3\0");
    world.assert_nowhere_in_home(CANARY);
    world.assert_nowhere_in_home(&code);

    // The same window goes on with it.
    world.open_newest_session().await;
    stub.answer("By the river.");
    world.ask("Where?", "By the river.").await;

    world.reopen().await;
    world.open_newest_session().await;
    world.read(WHOLE_ANSWER, "By the river.").await;
    stub.answer("At noon.");
    world.ask("When?", "At noon.").await;
    assert!(world.texts(WHOLE_ANSWER).await[0].contains(CANARY));
    assert_eq!(world.texts(QUESTION).await, ["What did you see?", "Where?", "When?"]);
    world.assert_nowhere_in_home(CANARY);

    open_part(&world).await;
    world.click("encryption-off").await;
    world.click("encryption-off-dialog-yes").await;
    world.read("encryption-state", "Not encrypted").await;
    world.close().await;
    assert_eq!(begins(&world), b"SQLite format 3\0");
    assert!(!world.home().join("twin.key").exists());
    assert!(world.twin(&["search", "kingfisher"]).contains(CANARY));
}

#[tokio::test]
async fn without_a_keychain_it_asks_for_the_passphrase_at_each_start() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer(&format!("I saw a {CANARY}."));
    world.ask("What did you see?", CANARY).await;

    open_part(&world).await;
    world.click("encryption-on").await;
    world.see("encryption-no-keychain").await;
    world.fill("sync-passphrase", PASSPHRASE).await;
    world.fill("sync-again", PASSPHRASE).await;
    world.click("encryption-on-dialog-yes").await;
    let code = keep_code(&world).await;
    world.read("encryption-state", "asked for at each start").await;
    world.assert_nowhere_in_home(CANARY);

    for secret in [PASSPHRASE, &code] {
        world.reopen().await;
        world.read("trouble", "encrypted").await;
        world.fill("unlock-secret", "four words of hers").await;
        world.click("unlock-open").await;
        world.read("unlock-failed", "does not open").await;
        world.fill("unlock-secret", secret).await;
        world.click("unlock-open").await;
        world.open_newest_session().await;
        world.read(WHOLE_ANSWER, CANARY).await;
    }
}

async fn open_part(world: &World) {
    world.click("open-settings").await;
    world.click("settings-data").await;
}

/// Types its end, as whoever wrote it down can.
async fn keep_code(world: &World) -> String {
    let code = world.read("sync-recovery-code", "-").await.trim().to_owned();
    world.fill("sync-code-group", code.rsplit('-').next().unwrap()).await;
    world.click("encryption-code-done").await;
    world.gone("encryption-code-dialog").await;
    code
}

fn begins(world: &World) -> Vec<u8> {
    let mut bytes = fs_err::read(world.home().join("twin.db")).unwrap();
    bytes.truncate(16);
    bytes
}
