//! Copies of the database, as the window and the command line ask for them.

use crate::testkit::{Home, say};
use std::time::Duration;
use twin_app::App;
use twin_core::error::Code;
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

    let in_use = App::backup_restore_closed(app.paths(), &made.name).unwrap_err();
    assert_eq!((in_use.code, in_use.retryable), (Code::StoreBusy, true));
    let paths = app.paths().clone();
    drop(app);
    assert!(App::backup_restore_closed(&paths, &made.name).unwrap().is_some());
    assert_eq!(home.open().session_messages(session).await.unwrap().len(), 2);
    assert_eq!(App::backup_list_closed(&paths).unwrap().len(), 4);
}
