//! The icon in the tray and its menu.

use super::{Desktop, DesktopEvent, TrayState};
use crate::door::Door;
use crate::window;
use serde::Deserialize;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(target_os = "linux")]
use std::time::Duration;
use tauri::menu::{CheckMenuItemBuilder, MenuBuilder};
use tauri::tray::TrayIconBuilder;
use tauri::{AppHandle, Manager as _};
use tauri_specta::Event as _;
use tokio::sync::oneshot;
use twin_app::paths::Paths;
use twin_app::task;

const ICON: &str = "twin";
const SHOW: &str = "show";
const NEW_CHAT: &str = "new-chat";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// What the menu says, in the language of the page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, specta::Type)]
pub(crate) struct TrayWords {
    show: String,
    new_chat: String,
    pause: String,
    quit: String,
}

/// What a menu was made to say: its words, and whether everything is paused.
pub(super) type Said = (TrayWords, bool);

/// Shows the icon, or gives the one that is there another menu, if it is to say anything else than `said`: what somebody is
/// just choosing in the old one would be lost.
pub(super) async fn show(app: &AppHandle, paths: &Paths, says: Said, said: &mut Option<Said>) -> TrayState {
    let shown = if said.as_ref() == Some(&says) && is_made(app) {
        Some(Ok(()))
    } else {
        let (here, paths, (words, paused)) = (app.clone(), paths.clone(), says.clone());
        on_main_thread(app, move || try_show(&here, &paths, &words, paused)).await
    };
    *said = matches!(shown, Some(Ok(()))).then_some(says);
    match shown {
        Some(Ok(())) if task::blocking(has_host).await.unwrap_or(false) => TrayState::Shown,
        Some(Ok(())) => TrayState::NoHost,
        Some(Err(error)) => {
            tracing::warn!(%error, "the icon could not be put into the tray");
            TrayState::Failed
        }
        None => TrayState::NoLibrary,
    }
}

pub(super) async fn hide(app: &AppHandle) -> TrayState {
    let here = app.clone();
    on_main_thread(app, move || drop(here.remove_tray_by_id(ICON))).await;
    TrayState::Off
}

/// Whether there is an icon, be it shown or not.
pub(super) fn is_made(app: &AppHandle) -> bool {
    app.tray_by_id(ICON).is_some()
}

/// Trays are the main thread's. None: it went wrong there, and the one thing that does is that the library, which is
/// only looked for at this moment, is not installed.
async fn on_main_thread<T: Send + 'static>(app: &AppHandle, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = oneshot::channel();
    let sent = app.run_on_main_thread(move || {
        // A panic must not travel through the window system's own frames.
        drop(tell.send(catch_unwind(AssertUnwindSafe(work)).ok()));
    });
    sent.ok()?;
    told.await.ok().flatten()
}

fn try_show(app: &AppHandle, paths: &Paths, words: &TrayWords, paused: bool) -> tauri::Result<()> {
    let pause = CheckMenuItemBuilder::with_id(PAUSE, &words.pause).checked(paused).build(app)?;
    let menu = MenuBuilder::new(app)
        .text(SHOW, &words.show)
        .text(NEW_CHAT, &words.new_chat)
        .separator()
        .item(&pause)
        .separator()
        .text(QUIT, &words.quit)
        .build()?;
    if let Some(icon) = app.tray_by_id(ICON) {
        return icon.set_menu(Some(menu));
    }
    let mut icon = TrayIconBuilder::with_id(ICON)
        .menu(&menu)
        .tooltip("Digital Twin")
        // Linux hands the picture over as a file.
        .temp_dir_path(paths.window())
        .on_menu_event({
            let paths = paths.clone();
            move |app, event| chosen(app, &paths, event.id().as_ref())
        });
    if let Some(picture) = app.default_window_icon() {
        icon = icon.icon(picture.clone());
    }
    icon.build(app).map(drop)
}

fn chosen(app: &AppHandle, paths: &Paths, entry: &str) {
    match entry {
        SHOW => window::show(app),
        NEW_CHAT => {
            window::show(app);
            window::told(DesktopEvent::NewChat.emit_to(app, window::MAIN), "the page was not asked for a new chat");
        }
        PAUSE => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { pause(&app).await });
        }
        QUIT => window::quit(app, paths),
        _ => {}
    }
}

/// The settings say whether it is paused. The menu has changed its own mark by now: where this cannot be saved, it is
/// brought back in line with them.
async fn pause(app: &AppHandle) {
    let desktop = app.state::<Desktop>();
    // One after the other: each turns around what the last one saved.
    let _turn = desktop.pausing.lock().await;
    let paused = async {
        let open = app.state::<Door>().app(app).await?;
        let mut settings = open.settings();
        settings.background_paused = !settings.background_paused;
        open.settings_save(settings).await.map(drop)
    };
    if let Err(error) = paused.await {
        tracing::warn!(code = ?error.code, "pausing could not be saved");
        desktop.held.lock().await.said = None;
        let open = app.state::<Door>().app(app).await.ok();
        desktop.apply(app, open.as_ref()).await;
    }
}

/// Whether somebody shows icons of programs, now: without, a window that is hidden would be lost. Who does not answer at
/// once shows none: the window that is being closed waits for this.
#[cfg(target_os = "linux")]
pub(super) fn has_host() -> bool {
    let ask = || {
        let bus = zbus::blocking::connection::Builder::session()?.method_timeout(Duration::from_secs(1)).build()?;
        // One call, and no proxy: that makes several, each with a second of its own.
        let (name, properties) = ("org.kde.StatusNotifierWatcher", "org.freedesktop.DBus.Properties");
        let which = (name, "IsStatusNotifierHostRegistered");
        let answer = bus.call_method(Some(name), "/StatusNotifierWatcher", Some(properties), "Get", &which)?;
        Ok::<bool, zbus::Error>(answer.body().deserialize::<zbus::zvariant::OwnedValue>()?.try_into()?)
    };
    ask().unwrap_or(false)
}

/// Always, elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn has_host() -> bool {
    true
}
