//! A folder whose session files come in by themselves.

use crate::testkit::{Home, Line, collecting, request, scripted, whole};
use fs_err as fs;
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::import::{ImportFolder, SkipReason};
use twin_core::chat::{Audience, SessionChange};
use twin_core::error::Code;
use twin_core::event::{Event, Notice, ReplyEvent};
use twin_core::id::SessionId;
use twin_core::memory::ForgetScope;
use twin_core::model::StopReason;

struct Given {
    home: Home,
    app: App,
    notices: Receiver<Notice>,
    folder: TempDir,
}

/// The id of a session, by its number.
fn id(number: u32) -> SessionId {
    format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()
}

fn said(texts: &[&str]) -> String {
    let seed: Vec<Value> = texts.iter().map(|text| json!({ "role": "user", "content": text })).collect();
    serde_json::to_string_pretty(&seed).unwrap()
}

impl Given {
    fn new() -> Self {
        let home = Home::new();
        let app = home.open();
        let notices = app.notices();
        Self { home, app, notices, folder: TempDir::new().unwrap() }
    }

    fn file(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("{}.json", id(number)))
    }

    fn write(&self, number: u32, texts: &[&str]) {
        fs::write(self.file(number), said(texts)).unwrap();
    }

    async fn choose(&self) {
        let folder = Some(self.folder.path().display().to_string());
        self.app.import_folder_set(folder).await.unwrap();
    }

    /// Waits until the window would show it.
    async fn shows(&mut self, is: impl Fn(&ImportFolder) -> bool) -> ImportFolder {
        loop {
            let view = self.app.import_folder();
            if is(&view) {
                return view;
            }
            self.notices.recv().await.unwrap();
        }
    }

    /// What a conversation holds; none if it is not here.
    async fn texts(&self, number: u32) -> Option<Vec<String>> {
        let messages = self.app.session_messages(id(number)).await.ok()?;
        Some(messages.into_iter().map(|message| message.content).collect())
    }
}

fn broken(view: &ImportFolder) -> Vec<(&str, SkipReason)> {
    view.skipped.named.iter().map(|skipped| (skipped.place.as_str(), skipped.reason)).collect()
}

#[tokio::test]
async fn session_files_come_in_by_themselves_and_stay_when_the_watch_ends() {
    let mut given = Given::new();
    let _watch = given.app.watch();
    given.write(1, &["It was here before"]);
    assert_eq!(given.app.import_folder(), ImportFolder::default(), "nothing is watched unless it is asked for");
    given.choose().await;
    let view = given.shows(|view| view.sessions == 1).await;
    assert!(view.last.is_some() && view.skipped.count == 0 && !view.missing);

    given.write(2, &["A new one"]);
    given.shows(|view| view.sessions == 2).await;
    // As programs do that never leave a half file.
    let beside = given.folder.path().join("beside.tmp");
    fs::write(&beside, said(&["It was here before", "And goes on"])).unwrap();
    fs::rename(&beside, given.file(1)).unwrap();
    let view = given.shows(|view| view.messages == 3).await;
    assert_eq!(view.sessions, 2);
    assert_eq!(given.texts(1).await.unwrap(), ["It was here before", "And goes on"]);

    given.app.import_folder_set(None).await.unwrap();
    given.write(3, &["Nobody looks"]);
    // Another folder is looked at after this one would have been.
    let other = TempDir::new().unwrap();
    fs::write(other.path().join(format!("{}.json", id(4))), said(&["Elsewhere"])).unwrap();
    given.app.import_folder_set(Some(other.path().display().to_string())).await.unwrap();
    given.shows(|view| view.sessions == 1).await;
    assert!(given.texts(3).await.is_none());
    assert_eq!(given.texts(2).await.unwrap(), ["A new one"], "what came in stays");
    assert_eq!(given.home.open().import_folder().path, Some(other.path().display().to_string()), "the choice is kept");
}

#[tokio::test]
async fn a_half_written_file_comes_in_once_it_is_whole_and_a_broken_one_is_named() {
    let mut given = Given::new();
    let story = said(&["A long story", "And its end"]);
    let (begun, rest) = story.split_at(story.len() / 2);
    fs::write(given.file(1), begun).unwrap();
    given.choose().await;
    let _watch = given.app.watch();
    given.write(2, &["Another"]);
    let third = given.file(3);
    fs::write(&third, r#"[{"role": "user", "content": 7}]"#).unwrap();
    fs::write(given.folder.path().join("holiday.json"), said(&["A file without an id"])).unwrap();
    fs::write(given.folder.path().join("typo.json"), "[{\"role\" \"user\"}]").unwrap();
    let view = given.shows(|view| view.skipped.count == 4).await;
    let named = [
        (format!("{}.json", id(1)), SkipReason::CutOff),
        (format!("{}.json", id(3)), SkipReason::Broken),
        ("holiday.json".to_owned(), SkipReason::Broken),
        ("typo.json".to_owned(), SkipReason::Broken),
    ];
    let named: Vec<(&str, SkipReason)> = named.iter().map(|(name, reason)| (name.as_str(), *reason)).collect();
    assert_eq!(broken(&view), named);

    let mut file = fs::OpenOptions::new().append(true).open(given.file(1)).unwrap();
    std::io::Write::write_all(&mut file, rest.as_bytes()).unwrap();
    drop(file);
    given.shows(|view| view.skipped.count == 3).await;
    assert_eq!(given.texts(1).await.unwrap(), ["A long story", "And its end"]);
    assert!(given.texts(3).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_may_still_be_being_written_is_named_only_once_it_has_stayed_as_it_is() {
    let mut given = Given::new();
    fs::write(given.file(1), "[{").unwrap();
    given.write(2, &["Whole"]);
    given.choose().await;
    let app = given.app.clone();
    let looking = app.import_folder_once();
    let watching = given.shows(|view| view.sessions == 1);
    let (looked, early) = tokio::join!(looking, watching);
    assert_eq!(early.skipped.count, 0);
    assert_eq!(looked.unwrap().skipped.count, 1);
}

#[tokio::test]
async fn what_is_no_session_file_and_what_lies_elsewhere_is_left_alone() {
    let given = Given::new();
    let outside = TempDir::new().unwrap();
    let secret = outside.path().join(format!("{}.json", id(9)));
    fs::write(&secret, said(&["OUTSIDE"])).unwrap();
    let folder = given.folder.path();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&secret, folder.join(format!("{}.json", id(9)))).unwrap();
    fs::create_dir(folder.join("deep")).unwrap();
    fs::copy(&secret, folder.join("deep").join(format!("{}.json", id(8)))).unwrap();
    fs::copy(&secret, folder.join(format!("{}.txt", id(7)))).unwrap();
    fs::copy(&secret, folder.join(format!(".{}.json", id(6)))).unwrap();

    let message = json!({ "id": "m", "author": { "role": "user" }, "create_time": 1.0,
                          "content": { "content_type": "text", "parts": ["From ChatGPT"] } });
    let mapping = json!({ "m": { "id": "m", "parent": null, "children": [], "message": message } });
    let chatgpt = json!([{ "title": "t", "create_time": 1.0, "mapping": mapping, "current_node": "m", "id": "c" }]);
    fs::write(folder.join("conversations.json"), chatgpt.to_string()).unwrap();
    let claude = json!([{ "uuid": "u", "name": "", "created_at": "2026-03-04T05:06:00Z", "chat_messages": [
        { "uuid": "c1", "text": "From Claude", "sender": "human", "created_at": "2026-03-04T05:06:07Z" }] }]);
    fs::write(folder.join(format!("{}.json", id(5))), claude.to_string()).unwrap();
    fs::write(folder.join("archive.json"), [0x28, 0xB5, 0x2F, 0xFD, 0, 0]).unwrap();
    fs::write(folder.join("package.json"), r#"{"name": "something else"}"#).unwrap();
    // As an older program begins a conversation.
    fs::write(given.file(2), "[]").unwrap();
    given.write(1, &["The only one"]);

    given.choose().await;
    let view = given.app.import_folder_once().await.unwrap();
    assert_eq!((view.sessions, view.messages, view.foreign, view.skipped.count), (1, 1, 4, 0));
    let sessions: Vec<_> = given.app.session_list(None).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(sessions, [id(1)]);

    for path in ["relative", "/nowhere/at/all"] {
        let refused = given.app.import_folder_set(Some(path.to_owned())).await;
        assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
    }
}

#[tokio::test]
async fn a_folder_that_goes_is_said_and_watched_again_when_it_is_back() {
    let mut given = Given::new();
    let _watch = given.app.watch();
    given.write(1, &["On a drive"]);
    given.choose().await;
    given.shows(|view| view.sessions == 1).await;

    let away = given.folder.path().with_extension("away");
    fs::rename(given.folder.path(), &away).unwrap();
    let view = given.shows(|view| view.missing).await;
    assert_eq!(view.sessions, 1, "what came in is still here");
    fs::rename(&away, given.folder.path()).unwrap();
    given.shows(|view| !view.missing).await;
    given.write(2, &["Written after it came back"]);
    given.shows(|view| view.sessions == 2).await;
}

#[tokio::test]
async fn what_was_deleted_or_forgotten_does_not_come_back_by_itself() {
    let given = Given::new();
    given.choose().await;
    for number in 1..=4 {
        given.write(number, &["One", "Two", "Three"]);
    }
    assert_eq!(given.app.import_folder_once().await.unwrap().sessions, 4);
    let app = &given.app;
    let second = |number| async move { app.session_messages(id(number)).await.unwrap()[1].id };
    app.session_change(vec![id(1)], SessionChange::Deleted { deleted: true }).await.unwrap();
    app.branch_delete(id(2), second(2).await, true).await.unwrap();
    app.forget(ForgetScope::Session { id: id(3) }).await.unwrap();
    app.forget(ForgetScope::Message { id: second(4).await }).await.unwrap();

    for number in 1..=4 {
        given.write(number, &["One", "Two", "Three", "Four"]);
    }
    given.write(5, &["A fifth"]);
    let view = app.import_folder_once().await.unwrap();
    assert_eq!((view.sessions, view.messages), (5, 13), "{view:?}");
    assert!(given.texts(1).await.is_none() && given.texts(3).await.is_none());
    assert_eq!(given.texts(2).await.unwrap(), ["One"]);
    assert_eq!(given.texts(4).await.unwrap(), ["One"]);

    // Who asks for it gets it, and then it goes on.
    app.session_import_seed(&given.file(3)).await.unwrap();
    given.write(3, &["One", "Two", "Three", "Four", "Five"]);
    app.import_folder_once().await.unwrap();
    assert_eq!(given.texts(3).await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_conversation_that_is_being_answered_is_left_alone_until_the_answer_is_there() {
    let mut given = Given::new();
    given.write(1, &["Hello"]);
    given.choose().await;
    given.app.import_folder_once().await.unwrap();
    given.home.title(whole("A greeting"));
    given.home.answer(vec![Line::Say("So far"), Line::Wait, Line::End(StopReason::EndTurn)]);
    let (sink, mut events) = collecting();
    let ask = SendRequest { model: Some(scripted()), ..request(Some(id(1)), Audience::Owner, "And here?") };
    let app = given.app.clone();
    let sending = app.chat_send(ask, sink);
    let writing = async {
        while !matches!(events.recv().await.unwrap(), ReplyEvent::Delta { .. }) {}
        given.write(1, &["Hello", "Said elsewhere"]);
        given.write(2, &["Another is not in the way"]);
        let view = given.app.import_folder_once().await.unwrap();
        assert_eq!((view.sessions, view.messages), (2, 2));
        assert!(!given.texts(1).await.unwrap().contains(&"Said elsewhere".to_owned()));
        let watch = given.app.watch();
        given.write(3, &["The watch has looked"]);
        given.shows(|view| view.sessions == 3).await;
        given.home.script.go_on.notify_one();
        given.shows(|view| view.messages == 4).await;
        drop(watch);
    };
    let (sent, ()) = tokio::join!(sending, writing);
    sent.unwrap();
    assert_eq!(given.texts(1).await.unwrap().last().unwrap(), "Said elsewhere");
}

#[tokio::test]
async fn nothing_comes_while_the_background_rests() {
    let mut given = Given::new();
    let _watch = given.app.watch();
    let mut settings = given.app.settings();
    settings.background_paused = true;
    given.app.settings_save(settings).await.unwrap();
    given.write(1, &["Later"]);
    given.choose().await;
    // Another watch has told what it saw: this one would have, too.
    fs::write(given.home.path().join("persona/facts.json"), r#"{"full_name": "Ada", "name": "Ada"}"#).unwrap();
    while !matches!(given.notices.recv().await.unwrap().event, Event::PersonaReloaded { .. }) {}
    assert!(given.texts(1).await.is_none());
    let mut settings = given.app.settings();
    settings.background_paused = false;
    given.app.settings_save(settings).await.unwrap();
    given.shows(|view| view.sessions == 1).await;
}
