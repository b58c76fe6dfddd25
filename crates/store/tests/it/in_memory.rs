//! A store in memory.

use crate::child::Other;
use crate::support::{StepClock, finished, new_session, reply_draft, user_message};
use twin_core::chat::{Audience, PathPlace};
use twin_store::{Store, TurnBegin};

/// Whole turns in memory, with everything that a session can be asked for.
pub(crate) fn talk_in_memory() -> Store {
    let clock = StepClock::new();
    let store = Store::open_in_memory(clock.clone()).unwrap();
    let session = new_session(clock.as_ref(), "Temporary", Audience::Owner);
    let mut parent = None;
    for number in 0..60 {
        // More than SQLite keeps in its cache, and with something to sort.
        let text = format!("secret number {number} {}", "and so on ".repeat(5_000));
        let question = user_message(clock.as_ref(), session.id, parent, &text);
        let reply = reply_draft(clock.as_ref(), &question);
        let answer = finished(&reply, "I tell nobody");
        let begin = (number == 0).then(|| session.clone());
        store
            .turn_begin(&TurnBegin { session: begin, user_message: Some(question), blobs: Vec::new(), reply })
            .unwrap();
        store.reply_grow(answer.id, "I tell", &[]).unwrap();
        store.reply_finish(&answer, None).unwrap();
        parent = Some(answer.id);
    }
    assert_eq!(crate::recall::owner(&store, "secret").len(), 10);
    store.rebuild_projections().unwrap();
    store
}

#[test]
fn a_store_in_memory_does_all_that_another_does_and_marks_its_sessions() {
    let store = talk_in_memory();
    let session = store.session_list().unwrap().remove(0);
    assert!(session.temporary);
    assert!(store.session_get(session.id).unwrap().temporary);
    let path = store.session_path(session.id, &PathPlace::End, 2).unwrap();
    assert_eq!((path.total, path.messages.len()), (120, 2));
    assert_eq!(store.message_find(&crate::find::query("secret")).unwrap().hits.len(), 20);
    assert!(store.session_fork(session.id, path.messages[0].0.id).unwrap().temporary);
    assert!(!store.recover_interrupted().unwrap());
    assert!(!store.changes_elsewhere().unwrap());
    assert!(store.info().is_err());
}

#[test]
fn stores_in_memory_know_nothing_of_each_other_and_are_read_while_they_are_written() {
    let [first, second] = [talk_in_memory(), Store::open_in_memory(StepClock::new()).unwrap()];
    assert!(second.session_list().unwrap().is_empty());
    let session = first.session_list().unwrap().remove(0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let path = first.session_path(session.id, &PathPlace::End, 50).unwrap();
                    assert_eq!(path.total, 120);
                    assert_eq!(first.message_find(&crate::find::query("secret")).unwrap().hits.len(), 20);
                }
            });
        }
        for number in 0..50 {
            first.session_rename(session.id, &number.to_string()).unwrap();
        }
    });
    assert_eq!(first.session_get(session.id).unwrap().title, "49");
}

/// What a process has open.
#[cfg(target_os = "linux")]
fn files_of(process: u32) -> std::collections::BTreeSet<String> {
    let files = fs_err::read_dir(format!("/proc/{process}/fd")).unwrap();
    // The one that lists them is gone by now.
    files
        .filter_map(|file| fs_err::read_link(file.unwrap().path()).ok())
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// In a process of its own, whose every folder for files of any kind is one that can be looked into.
#[cfg(target_os = "linux")]
#[test]
fn a_store_in_memory_leaves_no_file_and_has_none_open() {
    let home = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.current_dir(home.path());
    for folder in ["TMPDIR", "SQLITE_TMPDIR", "HOME"] {
        command.env(folder, home.path());
    }
    let mut other = Other::start_as(command, "talk in memory", home.path());
    assert_eq!(other.next_word().as_deref(), Some("talked"));
    assert_eq!(fs_err::read_dir(home.path()).unwrap().count(), 0);
    // A file that was removed while it was open would still be among them. Whoever runs the tests may have some open, too.
    let inherited = files_of(std::process::id());
    for file in files_of(other.id()).difference(&inherited) {
        assert!(!file.starts_with('/') || file.starts_with("/dev/") || file.starts_with("/proc/"), "{file}");
    }
}
