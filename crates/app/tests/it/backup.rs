//! Copies of the database, as the window and the command line ask for them.

use crate::testkit::{Home, say};
use std::time::Duration;
use twin_app::App;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::export::BackupReason;
use twin_core::settings::Theme;

#[tokio::test]
async fn a_day_has_one_copy_by_the_clock() {
    let home = Home::new();
    let app = home.open();
    assert!(app.backup_if_due().await.unwrap().is_some());
    assert!(app.backup_if_due().await.unwrap().is_none());
    home.pass(23);
    assert!(app.backup_if_due().await.unwrap().is_none());
    home.pass(2);
    assert!(app.backup_if_due().await.unwrap().is_some());
    assert_eq!(app.backup_list().await.unwrap().len(), 2);
    home.pass(-100);
    assert!(app.backup_if_due().await.unwrap().is_some(), "a clock that was set right does not wait for days");
}

/// Time passes by itself when nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn the_running_window_makes_it_unless_the_background_is_paused() {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    settings.background_paused = true;
    app.settings_save(settings.clone()).await.unwrap();
    let _watch = app.watch();
    tokio::time::sleep(Duration::from_hours(3)).await;
    assert!(app.backup_list().await.unwrap().is_empty());
    settings.background_paused = false;
    app.settings_save(settings).await.unwrap();
    while app.backup_list().await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(app.backup_list().await.unwrap()[0].reason, BackupReason::Regular);
}

/// A machine that sleeps: its own count of the hours stands still, the clock on the wall does not.
#[tokio::test(start_paused = true)]
async fn after_days_asleep_a_copy_is_made_within_the_hour() {
    let home = Home::new();
    let app = home.open();
    app.backup_now().await.unwrap();
    let _watch = app.watch();
    tokio::time::sleep(Duration::from_mins(10)).await;
    assert_eq!(app.backup_list().await.unwrap().len(), 1, "there was one today");
    home.pass(5 * 24);
    let woke = tokio::time::Instant::now();
    while app.backup_list().await.unwrap().len() < 2 {
        assert!(woke.elapsed() <= Duration::from_mins(61));
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
}

/// A letter that changed in the file while the window is open.
#[tokio::test(start_paused = true)]
async fn what_the_daily_copy_finds_broken_is_told_and_repaired() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "What of the engines?", None).await.session;
    app.backup_now().await.unwrap();
    drop(app);
    let path = home.path().join("twin.db");
    let mut bytes = fs_err::read(&path).unwrap();
    let word = br#""content":"What of the engines?"#;
    let place = (0..bytes.len() - word.len()).find(|at| bytes[*at..].starts_with(word)).unwrap();
    bytes[place + 12] ^= 0x01;
    fs_err::write(&path, bytes).unwrap();

    home.pass(25);
    let app = home.open();
    let mut notices = app.notices();
    let watch = app.watch();
    let woke = tokio::time::Instant::now();
    while !app.is_damaged() {
        assert!(woke.elapsed() <= Duration::from_mins(61));
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    while notices.recv().await.unwrap().event != Event::ChangedElsewhere {}
    drop(watch);
    let paths = app.paths().clone();
    drop(app);
    let recovered = loop {
        match App::backup_recover(&paths, None) {
            // What was under way when it was given up ends meanwhile.
            Err(error) if error.code == Code::StoreBusy && woke.elapsed() < Duration::from_mins(90) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            done => break done.unwrap(),
        }
    };
    assert_eq!((recovered.lost, recovered.backup.is_some(), recovered.aside.is_some()), (0, true, true));
    let app = home.open();
    assert_eq!(app.session_messages(session).await.unwrap()[0].content, "What of the engines?");
    assert!(app.backup_if_due().await.unwrap().is_some());
}

#[tokio::test]
async fn what_is_put_back_is_what_the_program_goes_on_with() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "Before", None).await.session;
    let made = app.backup_now().await.unwrap();
    say(&app, Some(session), "After", None).await;
    let mut settings = app.settings();
    settings.theme = Theme::Dark;
    app.settings_save(settings).await.unwrap();
    let aside = app.backup_restore(made.name.clone()).await.unwrap();
    assert_eq!(app.session_messages(session).await.unwrap().len(), 2);
    assert_eq!(app.settings().theme, Theme::System);
    say(&app, Some(session), "Onwards", None).await;
    app.backup_restore(aside.name).await.unwrap();
    assert_eq!(app.session_messages(session).await.unwrap().len(), 4);
    assert_eq!(app.settings().theme, Theme::Dark);

    let in_use = App::backup_restore_closed(app.paths(), None, &made.name).unwrap_err();
    assert_eq!((in_use.code, in_use.retryable), (Code::StoreBusy, true));
    let paths = app.paths().clone();
    drop(app);
    assert!(App::backup_restore_closed(&paths, None, &made.name).unwrap().is_some());
    assert_eq!(home.open().session_messages(session).await.unwrap().len(), 2);
    assert_eq!(App::backup_list_closed(&paths).unwrap().len(), 4);
}
