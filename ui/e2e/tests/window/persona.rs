//! The persona is a folder that any editor may write to at any time.

use twin_e2e::World;

#[tokio::test]
async fn an_edit_on_disk_is_in_the_very_next_message() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("Do you keep animals?", "").await;
    assert!(!world.prompt_of_latest_answer().await.contains("forty hives"));

    // As editors save: a new file beside the old one, renamed over it.
    let summary = world.persona("summary.md");
    let text = fs_err::read_to_string(&summary).unwrap();
    let beside = world.persona("summary.md.tmp~");
    fs_err::write(&beside, format!("{text}\nI keep forty hives of bees at Ashley Combe.\n")).unwrap();
    fs_err::rename(&beside, &summary).unwrap();
    world.read("toast", "summary.md").await;

    world.ask("How many hives do you keep?", "forty hives").await;
    assert!(world.prompt_of_latest_answer().await.contains("forty hives of bees"));
}

#[tokio::test]
async fn a_broken_file_is_explained_and_its_last_good_version_stays_in_use() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    fs_err::write(world.persona("facts.json"), "{\n  \"name\": \"Ada\",\n  oops\n}\n").unwrap();
    world.read("toast", "problem").await;

    world.click("nav-persona").await;
    world.click("persona-file[data-path='facts.json']").await;
    let problem = world.read("persona-problem", "line 3").await;
    assert!(problem.contains("last good version"), "{problem}");
    world.click("nav-chat").await;
    world.ask("Who are you?", "").await;
    assert!(world.prompt_of_latest_answer().await.contains("Countess of Lovelace"));
}
