//! What the program is doing when it is cut off.

use crate::scene::Scene;
use twin_e2e::history::session_file;
use twin_e2e::meeting::Meeting;

/// Homes as earlier versions left them, each with one of everything.
const FIXTURES: [&[u8]; 8] = [
    include_bytes!("../../../../../crates/store/tests/fixtures/v0001.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0002.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0003.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0004.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0005.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0006.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0007.db"),
    include_bytes!("../../../../../crates/store/tests/fixtures/v0008.db"),
];

/// Something that people do, as commands one after the other.
pub(crate) struct Flow {
    pub(crate) name: &'static str,
    /// What is there before.
    pub(crate) prepare: fn(&Scene),
    pub(crate) steps: &'static [fn(&Scene) -> Step],
}

/// One command. In the first home.
#[derive(Default)]
pub(crate) struct Step {
    pub(crate) arguments: Vec<String>,
    /// Everything in the database changes at once; otherwise conversation by conversation.
    pub(crate) whole: bool,
    /// What each line that it prints acknowledges. Without any: all of it does.
    pub(crate) units: Vec<String>,
    /// A line that begins so must be there before the database is changed.
    pub(crate) first: Option<&'static str>,
    /// Nothing can be read of what was before.
    pub(crate) unread: bool,
    /// What is run after a cut, in those homes: then everything must be as if nothing had been.
    pub(crate) again: Vec<(usize, Vec<String>)>,
    /// What was acknowledged is in the second home as soon as the first of those commands has ended.
    pub(crate) reaches: bool,
}

pub(crate) const FLOWS: [Flow; 11] = [
    Flow { name: "start", prepare: |_| {}, steps: &[|_| chat("First of all", "offline", None, &[])] },
    Flow { name: "send", prepare: talked, steps: &[send_new, send_more] },
    Flow { name: "stream", prepare: talked, steps: &[stream_new, stream_more] },
    Flow { name: "edit", prepare: talked, steps: &[rename, pin, tag, archive, delete] },
    Flow { name: "import", prepare: files_lie_there, steps: &[import_sessions, import_archive] },
    Flow { name: "memory", prepare: talked, steps: &[remember, remember_other, forget_memory, forget_session] },
    Flow {
        name: "migration",
        prepare: |_| {},
        steps: &[
            migrate::<0>,
            migrate::<1>,
            migrate::<2>,
            migrate::<3>,
            migrate::<4>,
            migrate::<5>,
            migrate::<6>,
            migrate::<7>,
        ],
    },
    Flow { name: "sync", prepare: met, steps: &[sync] },
    Flow { name: "backup", prepare: talked, steps: &[backup, restore, export_archive, export_page] },
    Flow { name: "encryption", prepare: copied, steps: &[encrypt, decrypt] },
    Flow { name: "encrypted", prepare: encrypted, steps: &[send_more, remember, forget_session, backup, restore] },
];

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn file(scene: &Scene, name: &str) -> String {
    scene.beside("files").join(name).display().to_string()
}

fn talked(scene: &Scene) {
    for text in ["Alpha was said", "Beta was said", "Remember that my sister Ada lives in Hull."] {
        scene.run(0, &["chat", "--model", "offline", text]);
    }
    fs_err::write(scene.beside("files").join("note.txt"), "Geese over the harbour. ".repeat(400))
        .expect("the scene can be written");
}

fn chat(text: &str, model: &str, session: Option<String>, more: &[&str]) -> Step {
    let mut arguments = words(&["chat", "--model", model]);
    arguments.extend(session.into_iter().flat_map(|session| ["--session".to_owned(), session]));
    arguments.extend(words(more));
    arguments.push(format!("{text}: {}", "it was a long day, ".repeat(40)));
    Step { arguments, ..Step::default() }
}

fn send_new(scene: &Scene) -> Step {
    chat("Gamma is said", "offline", None, &["--attach", &file(scene, "note.txt")])
}

fn send_more(scene: &Scene) -> Step {
    chat("More of alpha", "offline", Some(scene.session("Alpha was said")), &[])
}

fn stream_new(_: &Scene) -> Step {
    chat("Gamma is said", "bedrock:stub", None, &[])
}

fn stream_more(scene: &Scene) -> Step {
    chat("More of alpha", "bedrock:stub", Some(scene.session("Alpha was said")), &[])
}

fn change(scene: &Scene, what: &str, more: &[&str]) -> Step {
    let session = scene.session("Alpha was said");
    Step { arguments: [words(&["session", what, &session]), words(more)].concat(), whole: true, ..Step::default() }
}

fn rename(scene: &Scene) -> Step {
    let session = scene.session("Beta was said");
    Step { arguments: words(&["session", "rename", &session, "Another name"]), whole: true, ..Step::default() }
}

fn pin(scene: &Scene) -> Step {
    change(scene, "pin", &[])
}

fn tag(scene: &Scene) -> Step {
    change(scene, "tag", &["harbour"])
}

fn archive(scene: &Scene) -> Step {
    let session = scene.session("Another name");
    Step { arguments: words(&["session", "archive", &session]), whole: true, ..Step::default() }
}

fn delete(scene: &Scene) -> Step {
    change(scene, "delete", &[])
}

/// Session files, and an archive of another home with a persona of its own.
fn files_lie_there(scene: &Scene) {
    talked(scene);
    let files = scene.beside("files");
    for (number, messages) in [(1, 40), (2, 3), (3, 120)] {
        session_file(&files, "Imported", number, messages);
    }
    scene.run(1, &["chat", "--model", "offline", "Said in another home"]);
    scene.run(1, &["chat", "--model", "offline", "Remember that my brother Ben plays chess."]);
    let summary = scene.home(1).join("persona").join("summary.md");
    fs_err::write(summary, "# Another person\n\nThey live by the sea.\n").expect("the scene can be written");
    scene.run(1, &["export", "--archive", &file(scene, "in.twin")]);
    fs_err::remove_dir_all(scene.home(1)).expect("the scene can be written");
}

fn import_sessions(scene: &Scene) -> Step {
    let names = (1..=3).map(|number| file(scene, &format!("00000000-0000-4000-8000-{number:012x}.json")));
    let arguments: Vec<String> = words(&["session", "import"]).into_iter().chain(names).collect();
    let units = (1..=3).map(|number| format!("Imported {number}.")).collect();
    Step { again: vec![(0, arguments.clone())], arguments, units, ..Step::default() }
}

fn import_archive(scene: &Scene) -> Step {
    let arguments = words(&["import", &file(scene, "in.twin")]);
    Step { again: vec![(0, arguments.clone())], arguments, ..Step::default() }
}

fn remember(_: &Scene) -> Step {
    Step { arguments: words(&["chat", "--model", "offline", "Remember that I like rust."]), ..Step::default() }
}

fn remember_other(_: &Scene) -> Step {
    Step { arguments: words(&["chat", "--model", "offline", "Remember that I have a boat."]), ..Step::default() }
}

fn forget_memory(scene: &Scene) -> Step {
    let listed: serde_json::Value =
        serde_json::from_str(&scene.run(0, &["memory", "list", "--json"])).expect("it is JSON");
    let rows = listed["memories"].as_array().expect("there are memories");
    let row = rows.iter().find(|row| row["memory"]["text"].as_str().is_some_and(|text| text.contains("Ada")));
    let id = row.and_then(|row| row["memory"]["id"].as_str()).expect("there is such a memory");
    Step { arguments: words(&["memory", "forget", "--memory", id, "--yes"]), whole: true, ..Step::default() }
}

fn forget_session(scene: &Scene) -> Step {
    let session = scene.session("Beta was said");
    Step { arguments: words(&["memory", "forget", "--session", &session, "--yes"]), whole: true, ..Step::default() }
}

fn migrate<const VERSION: usize>(scene: &Scene) -> Step {
    scene.empty();
    fs_err::create_dir_all(scene.home(0)).expect("the scene can be written");
    fs_err::write(scene.home(0).join("twin.db"), FIXTURES[VERSION]).expect("the scene can be written");
    Step { arguments: words(&["session", "list"]), whole: true, unread: true, ..Step::default() }
}

fn met(scene: &Scene) {
    let place = scene.beside("meeting");
    fs_err::create_dir_all(&place).expect("the scene can be written");
    let meeting = Meeting::Folder(place);
    for home in [0, 1] {
        meeting.begin(scene.twin(home, &[] as &[&str]), home == 0, &format!("Home {home}"));
    }
    scene.run(0, &["sync", "now"]);
    for text in ["Said over there", "And once more over there"] {
        scene.run(1, &["chat", "--model", "offline", text]);
    }
    scene.run(1, &["sync", "now"]);
    talked(scene);
}

fn sync(_: &Scene) -> Step {
    let now = words(&["sync", "now"]);
    let again = [1, 0, 1].map(|home| (home, now.clone())).to_vec();
    Step { arguments: now, again, reaches: true, ..Step::default() }
}

fn backup(_: &Scene) -> Step {
    Step { arguments: words(&["backup", "now"]), ..Step::default() }
}

fn restore(scene: &Scene) -> Step {
    scene.run(0, &["chat", "--model", "offline", "Said after the backup"]);
    let listed: serde_json::Value =
        serde_json::from_str(&scene.run(0, &["backup", "list", "--json"])).expect("it is JSON");
    let name = listed[0]["name"].as_str().expect("there is a backup");
    let arguments = words(&["backup", "restore", name]);
    Step { arguments, whole: true, first: Some("copy\u{1f}before-restore-"), ..Step::default() }
}

fn copied(scene: &Scene) {
    talked(scene);
    scene.run(0, &["backup", "now"]);
}

fn encrypted(scene: &Scene) {
    copied(scene);
    scene.run(0, &encrypt(scene).arguments);
}

fn encrypt(_: &Scene) -> Step {
    let arguments = words(&["encryption", "on", "--passphrase", "--passphrase-stdin"]);
    Step { arguments, whole: true, ..Step::default() }
}

fn decrypt(_: &Scene) -> Step {
    Step { arguments: words(&["encryption", "off", "--yes"]), whole: true, ..Step::default() }
}

fn export_archive(scene: &Scene) -> Step {
    Step { arguments: words(&["export", "--archive", &file(scene, "out.twin")]), ..Step::default() }
}

fn export_page(scene: &Scene) -> Step {
    let session = scene.session("Alpha was said");
    let arguments = words(&["session", "export", &session, "--format", "markdown", "--output", &file(scene, "out.md")]);
    Step { arguments, ..Step::default() }
}
