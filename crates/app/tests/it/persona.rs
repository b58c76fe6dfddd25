use crate::testkit::Home;
use fs_err as fs;
use std::path::Path;
use tokio::sync::broadcast::Receiver;
use twin_app::App;
use twin_core::error::Code;
use twin_core::event::{Event, Notice};

/// Waits until the persona was reloaded and `is` holds: a burst of changes may be told in parts.
async fn reloaded(app: &App, notices: &mut Receiver<Notice>, is: impl Fn(&App) -> bool) {
    while !is(app) {
        while !matches!(notices.recv().await.unwrap().event, Event::PersonaReloaded { .. }) {}
    }
}

fn name(app: &App) -> String {
    app.persona_view().name
}

fn facts(name: &str) -> String {
    format!("{{\"full_name\": \"{name}, in full\", \"name\": \"{name}\"}}")
}

#[tokio::test]
async fn the_first_run_copies_the_sample_and_later_runs_leave_it_alone() {
    let home = Home::new();
    let app = home.open();
    assert_eq!(name(&app), "Ada Lovelace");
    assert!(app.persona_view().files.iter().all(|file| file.problem.is_none()), "{:?}", app.persona_view().files);
    fs::remove_file(home.path().join("persona/style.md")).unwrap();
    home.open();
    assert!(!home.path().join("persona/style.md").exists());
}

#[tokio::test]
async fn every_way_of_saving_a_file_is_noticed() {
    let home = Home::new();
    let app = home.open();
    let mut notices = app.notices();
    let _watch = app.watch();
    let file = home.path().join("persona/facts.json");

    fs::write(&file, facts("Written In Place")).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Written In Place").await;

    let beside = home.path().join("persona/.facts.json.swp");
    fs::write(&beside, facts("Written And Renamed")).unwrap();
    fs::rename(&beside, &file).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Written And Renamed").await;

    for count in 0..50 {
        fs::write(&file, facts(&format!("Burst {count}"))).unwrap();
    }
    reloaded(&app, &mut notices, |app| name(app) == "Burst 49").await;

    fs::create_dir(home.path().join("persona/deep")).unwrap();
    fs::write(home.path().join("persona/deep/note.md"), "A note.").unwrap();
    reloaded(&app, &mut notices, |app| has(app, "deep/note.md")).await;
    fs::remove_dir_all(home.path().join("persona/deep")).unwrap();
    reloaded(&app, &mut notices, |app| !has(app, "deep/note.md")).await;
}

fn has(app: &App, path: &str) -> bool {
    app.persona_view().files.iter().any(|file| file.path == path)
}

#[tokio::test]
async fn a_folder_that_is_moved_away_and_replaced_is_followed() {
    let home = Home::new();
    let app = home.open();
    let mut notices = app.notices();
    let _watch = app.watch();
    let persona = home.path().join("persona");
    // The watch is in place once a first change is seen.
    fs::write(persona.join("facts.json"), facts("Watched")).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Watched").await;

    fs::rename(&persona, home.path().join("elsewhere")).unwrap();
    reloaded(&app, &mut notices, |app| app.persona_view().files.is_empty()).await;
    fs::create_dir(&persona).unwrap();
    fs::write(persona.join("facts.json"), facts("Another Person")).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Another Person").await;
    fs::write(persona.join("facts.json"), facts("Another Person Again")).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Another Person Again").await;
}

#[tokio::test]
async fn another_folder_can_be_chosen_and_is_watched() {
    let home = Home::new();
    let app = home.open();
    let mut notices = app.notices();
    let _watch = app.watch();
    let other = tempfile::TempDir::new().unwrap();
    fs::write(other.path().join("facts.json"), facts("Grace Hopper")).unwrap();
    let view = app.persona_set_folder(Some(other.path().display().to_string())).await.unwrap();
    assert_eq!(view.name, "Grace Hopper");
    fs::write(other.path().join("facts.json"), facts("Amazing Grace")).unwrap();
    reloaded(&app, &mut notices, |app| name(app) == "Amazing Grace").await;
    assert_eq!(name(&home.open()), "Amazing Grace", "the choice is kept");
    assert_eq!(app.persona_set_folder(None).await.unwrap().name, "Ada Lovelace");
    let refused = app.persona_set_folder(Some("/nowhere/at/all".to_owned())).await;
    assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn a_broken_file_leaves_the_last_good_version_in_use() {
    let home = Home::new();
    let app = home.open();
    fs::write(home.path().join("persona/facts.json"), "{\n  \"name\": \"Ada\",\n}").unwrap();
    app.persona_reload().await.unwrap();
    let view = app.persona_view();
    assert_eq!(view.name, "Ada Lovelace");
    let file = view.files.iter().find(|file| file.path == "facts.json").unwrap();
    let problem = file.problem.as_ref().unwrap();
    assert!(file.last_good_in_use);
    assert_eq!((problem.line, problem.column.is_some()), (Some(3), true));
}

#[cfg(unix)]
#[tokio::test]
async fn what_lies_outside_the_folder_is_never_read_or_written() {
    let home = Home::new();
    let app = home.open();
    let outside = tempfile::TempDir::new().unwrap();
    let secret = outside.path().join("secret.md");
    fs::write(&secret, "OUTSIDE").unwrap();
    std::os::unix::fs::symlink(&secret, home.path().join("persona/linked.md")).unwrap();
    std::os::unix::fs::symlink(outside.path(), home.path().join("persona/folder")).unwrap();
    let private = home.path().join("persona/private/letter-drafts.md");
    std::os::unix::fs::symlink(private, home.path().join("persona/public-name.md")).unwrap();
    app.persona_reload().await.unwrap();
    assert!(!has(&app, "public-name.md"), "a public name does not make a private file public");
    let view = app.persona_view();
    let linked = view.files.iter().find(|file| file.path == "linked.md").unwrap();
    assert!(linked.problem.is_some() && !linked.excerpt.contains("OUTSIDE"));

    for path in [
        "linked.md",
        "folder/new.md",
        "../escape.md",
        "/etc/hosts.md",
        "a/../../escape.md",
        "",
        ".",
        "facts.json/x.md",
        "x\0.md",
        "style.sh",
        ".hidden.md",
    ] {
        let saved = app.persona_save(path.to_owned(), "x".to_owned(), None).await;
        assert!(saved.is_err(), "{path:?}");
        assert!(app.persona_read(path.to_owned()).await.is_err(), "{path:?}");
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "OUTSIDE");
    assert!(!outside.path().join("new.md").exists());
}

#[tokio::test]
async fn saving_never_overwrites_a_change_that_was_not_seen() {
    let home = Home::new();
    let app = home.open();
    let opened = app.persona_read("style.md".to_owned()).await.unwrap();
    let file = home.path().join("persona/style.md");
    fs::write(&file, "Changed elsewhere.").unwrap();
    let refused = app.persona_save(opened.path.clone(), "Mine.".to_owned(), Some(opened.fingerprint)).await;
    assert_eq!(refused.unwrap_err().code, Code::PersonaChanged);
    assert_eq!(fs::read_to_string(&file).unwrap(), "Changed elsewhere.");

    let now = app.persona_read("style.md".to_owned()).await.unwrap();
    app.persona_save(now.path, "Mine.".to_owned(), Some(now.fingerprint)).await.unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "Mine.");
    assert!(leftovers(&home.path().join("persona")).is_empty());
}

fn leftovers(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with('.')).collect()
}

#[tokio::test]
async fn a_file_that_would_not_load_is_not_saved() {
    let home = Home::new();
    let app = home.open();
    let opened = app.persona_read("facts.json".to_owned()).await.unwrap();
    let refused =
        app.persona_save(opened.path, "{\"name\": 5}".to_owned(), Some(opened.fingerprint)).await.unwrap_err();
    assert_eq!(refused.code, Code::PersonaInvalid);
    assert!(refused.message.starts_with("facts.json, line 1"), "{}", refused.message);
}

#[tokio::test]
async fn a_missing_file_begins_with_a_template() {
    let home = Home::new();
    let app = home.open();
    fs::remove_file(home.path().join("persona/style.md")).unwrap();
    app.persona_reload().await.unwrap();
    let missing = app.persona_view().missing;
    assert!(missing.iter().any(|file| file.path == "style.md"), "{missing:?}");
    let text = app.persona_template("style.md").unwrap() + "\nShort sentences.\n";
    app.persona_save("style.md".to_owned(), text, None).await.unwrap();
    assert!(!app.persona_view().missing.iter().any(|file| file.path == "style.md"));
}

#[tokio::test]
async fn another_folder_gets_nothing_of_the_first_person() {
    let home = Home::new();
    let app = home.open();
    let other = tempfile::TempDir::new().unwrap();
    fs::write(other.path().join("facts.json"), "{ broken").unwrap();
    fs::write(other.path().join("summary.md"), [0xff, 0xfe, 0x00]).unwrap();
    let view = app.persona_set_folder(Some(other.path().display().to_string())).await.unwrap();
    assert!(!view.full_name.contains("Ada") && view.files.iter().all(|file| !file.last_good_in_use), "{view:?}");
}

#[tokio::test]
async fn a_folder_with_too_much_in_it_says_what_is_left_out() {
    let home = Home::new();
    let app = home.open();
    let other = tempfile::TempDir::new().unwrap();
    for number in 0..2_100 {
        fs::write(other.path().join(format!("note-{number:05}.md")), "A note.").unwrap();
    }
    let view = app.persona_set_folder(Some(other.path().display().to_string())).await.unwrap();
    let problems: Vec<_> = view.files.iter().filter_map(|file| file.problem.as_ref()).collect();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].message.contains("more than 2000 files") && problems[0].path == "note-01999.md",
        "{problems:?}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn saving_keeps_who_may_read_a_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let app = home.open();
    let file = home.path().join("persona/style.md");
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    for kept in [0o600, 0o640] {
        fs::set_permissions(&file, std::fs::Permissions::from_mode(kept)).unwrap();
        let opened = app.persona_read("style.md".to_owned()).await.unwrap();
        app.persona_save(opened.path, format!("Mode {kept}."), Some(opened.fingerprint)).await.unwrap();
        assert_eq!(mode(), kept);
    }
}
