//! Titles that the model finds.

use crate::testkit::{Home, Line, asking, collecting, say, scripted, send, told, whole};
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_core::chat::TitleBy;
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::SessionId;
use twin_core::model::StopReason;
use twin_core::settings::Settings;

async fn title(app: &App, session: SessionId) -> (String, TitleBy) {
    let session = app.session_get(session).await.unwrap();
    (session.title, session.title_by)
}

async fn set(app: &App, change: impl FnOnce(&mut Settings)) {
    let mut settings = app.settings();
    change(&mut settings);
    app.settings_save(settings).await.unwrap();
}

/// Waits until titles are looked for: a second session, whose answer comes after the first one's, has its own.
async fn settled(home: &Home, app: &App) {
    let mut notices = app.notices();
    home.answer(whole("Yes."));
    home.title(whole("The last one"));
    let last = send(app, asking("Are you done?"), scripted()).await.unwrap().session;
    while title(app, last).await.1 != TitleBy::Model {
        notices.recv().await.unwrap();
    }
}

#[tokio::test]
async fn the_model_that_answered_finds_a_title() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    let mut notices = app.notices();
    home.answer(whole("She taught you mathematics."));
    home.title(whole("**\"Mary Somerville's lessons.\"**\n\nI chose this title because"));
    let told = send(&app, asking("What did Somerville teach me?"), scripted()).await.unwrap();
    assert_eq!(told.reply.unwrap().content, "She taught you mathematics.", "the answer does not wait for it");
    while title(&app, told.session).await.1 != TitleBy::Model {
        while notices.recv().await.unwrap().event != Event::SessionsChanged {}
    }
    assert_eq!(title(&app, told.session).await.0, "Mary Somerville's lessons");
    let [asked] = &home.title_requests()[..] else { panic!("asked once") };
    assert!(asked.tools.is_empty() && asked.system.is_empty() && asked.max_output_tokens < 100, "{asked:?}");
    assert!(format!("{asked:?}").contains("She taught you mathematics."));

    home.answer(whole("And astronomy."));
    say(&app, Some(told.session), "What else?", scripted()).await;
    settled(&home, &app).await;
    assert_eq!(title(&app, told.session).await.0, "Mary Somerville's lessons", "nobody is asked for it again");
}

#[tokio::test]
async fn what_is_no_title_is_dropped_and_never_asked_for_again() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    home.answer(whole("She taught you mathematics."));
    home.title(whole(
        "The person asks what Mary Somerville taught them, and the twin answers that it was mathematics.",
    ));
    let wordy = send(&app, asking("What did Somerville teach me?"), scripted()).await.unwrap();
    home.answer(whole("It weaves."));
    home.title(vec![Line::Fail(Failure::passing(Code::Throttled, "too many requests", "Wait."))]);
    let refused = send(&app, asking("What does the engine do?"), scripted()).await.unwrap();
    settled(&home, &app).await;
    assert_eq!(home.title_requests().len(), 3);

    home.answer(whole("Mathematics."));
    let (sink, events) = collecting();
    app.chat_regenerate(wordy.session, wordy.question.unwrap().id, Some(scripted()), None, sink).await.unwrap();
    told(events).await;
    home.answer(whole("Algebraic patterns."));
    say(&app, Some(refused.session), "What does it weave?", scripted()).await;
    settled(&home, &app).await;
    assert_eq!(home.title_requests().len(), 4, "one to settle, none for these");
    assert_eq!(title(&app, wordy.session).await, ("What did Somerville teach me?".to_owned(), TitleBy::Opening));
    assert_eq!(title(&app, refused.session).await, ("What does the engine do?".to_owned(), TitleBy::Opening));
}

#[tokio::test]
async fn the_first_whole_answer_counts() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    home.answer(vec![Line::Fail(Failure::permanent(Code::AccessDenied, "no access", "Ask."))]);
    let failed = send(&app, asking("Who was Mary?"), scripted()).await.unwrap();
    home.answer(vec![Line::Say("She was")]);
    let (sink, events) = collecting();
    app.chat_regenerate(failed.session, failed.question.as_ref().unwrap().id, Some(scripted()), None, sink)
        .await
        .unwrap();
    told(events).await;
    let mut notices = app.notices();
    home.answer(whole("She was a scientist."));
    home.title(whole("Mary Somerville"));
    let (sink, events) = collecting();
    app.chat_regenerate(failed.session, failed.question.unwrap().id, Some(scripted()), None, sink).await.unwrap();
    told(events).await;
    while title(&app, failed.session).await.1 != TitleBy::Model {
        notices.recv().await.unwrap();
    }
}

#[tokio::test]
async fn a_title_of_the_owners_stays() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    home.answer(whole("Yes."));
    home.title(vec![Line::Wait, Line::Say("A model's title"), Line::End(StopReason::EndTurn)]);
    let session = send(&app, asking("Are you there?"), scripted()).await.unwrap().session;
    app.session_rename(session, "Mine").await.unwrap();
    home.script.go_on.notify_one();
    settled(&home, &app).await;
    assert_eq!(title(&app, session).await, ("Mine".to_owned(), TitleBy::Owner));
}

#[tokio::test]
async fn nobody_is_asked_for_a_title_offline_in_a_temporary_chat_or_against_the_settings() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    say(&app, None, "What did Somerville teach me?", None).await;
    home.answer(whole("Yes."));
    send(&app, SendRequest { temporary: true, ..asking("Are you there?") }, scripted()).await.unwrap();
    set(&app, |settings| settings.titles_by_model = false).await;
    home.answer(whole("Yes."));
    send(&app, asking("Are you there?"), scripted()).await.unwrap();
    set(&app, |settings| (settings.titles_by_model, settings.background_paused) = (true, true)).await;
    home.answer(whole("Yes."));
    send(&app, asking("Are you there?"), scripted()).await.unwrap();
    // Read when it would be done.
    tokio::task::yield_now().await;
    set(&app, |settings| settings.background_paused = false).await;
    settled(&home, &app).await;
    assert_eq!(home.title_requests().len(), 1, "when everything was allowed again");
}

#[tokio::test]
async fn one_command_asks_for_its_answer_alone() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Yes."));
    send(&app, asking("Are you there?"), scripted()).await.unwrap();
    let _watch = app.watch();
    settled(&home, &app).await;
    assert_eq!(home.title_requests().len(), 1, "only what runs on looks for titles");
}
