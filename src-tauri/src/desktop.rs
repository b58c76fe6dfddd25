//! What the program is to the desktop beside its window: an icon in the tray, keys that work everywhere, a start at login.

#[cfg_attr(not(target_os = "linux"), path = "desktop/no_key.rs")]
mod key;
mod login;
#[cfg(target_os = "linux")]
pub(crate) mod sparing;
mod tray;

use crate::door::Door;
use crate::window;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, Manager as _, State};
use tauri_specta::Event;
use tokio::sync::Mutex;
use twin_app::App;
use twin_app::error::WireError;
use twin_app::paths::Paths;
use twin_core::id::SessionId;

pub(crate) use tray::TrayWords;

/// A start by the desktop and not by a person: with an icon in the tray no window is shown.
pub(crate) const AT_LOGIN: &str = "--at-login";
/// Shows the quick window of the running program: for desktops that keep all keys to themselves.
pub(crate) const SHOW_QUICK: &str = "--quick";

/// What the desktop made of the settings.
#[derive(Debug, Clone, Copy, Serialize, specta::Type)]
pub(crate) struct DesktopView {
    tray: TrayState,
    quick_keys: KeyState,
    /// As the system has it; none where the program cannot arrange it.
    start_at_login: Option<bool>,
}

/// The icon in the tray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TrayState {
    /// Not asked for.
    #[default]
    Off,
    /// There.
    Shown,
    /// This desktop shows no such icons now.
    NoHost,
    /// The library that speaks to trays is not installed.
    NoLibrary,
    /// It could not be made: its picture is a file, and the disk may be full or not to be written to.
    Failed,
}

/// The keys of the quick window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, specta::Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    /// Not asked for.
    #[default]
    Off,
    /// They show the quick window.
    Held,
    /// Another program has them.
    Taken,
    /// No keys of this keyboard, or none that may be taken from everybody else.
    Unknown,
    /// This desktop gives no program keys that work everywhere.
    Unsupported,
}

/// What the window is told by the desktop.
#[derive(Debug, Clone, Serialize, Deserialize, specta::Type, Event)]
#[serde(tag = "type", rename_all = "snake_case")]
#[tauri_specta(event_name = "desktop")]
pub(crate) enum DesktopEvent {
    /// The window is back from the tray, where closing it had put it.
    Returned,
    /// A new chat was asked for.
    NewChat,
    /// A session is to be shown.
    Open {
        /// Which.
        session_id: SessionId,
    },
}

/// The desktop as this program uses it.
pub(crate) struct Desktop {
    paths: Paths,
    /// In the language of the page; there is no icon before.
    words: Mutex<Option<TrayWords>>,
    held: Mutex<Held>,
    /// Held while the menu's pause is turned around.
    pausing: Mutex<()>,
    /// Asked from the window's thread, which must not wait.
    tray: AtomicBool,
    /// The window was closed, and hidden.
    closed: AtomicBool,
    /// Starts of the program before there was a window to show; none once there is.
    early: std::sync::Mutex<Option<Vec<Vec<String>>>>,
    /// Until it is known whether there is an icon to come back by.
    waits: AtomicBool,
}

/// What is in force.
#[derive(Default)]
struct Held {
    tray: TrayState,
    /// What the icon's menu was made to say. The mark in it is changed by whoever chooses it, too.
    said: Option<tray::Said>,
    keys: String,
    state: KeyState,
    grab: Option<key::Grab>,
}

impl Desktop {
    pub(crate) fn new(paths: Paths, at_login: bool) -> Self {
        let (words, held, pausing) = (Mutex::default(), Mutex::default(), Mutex::default());
        let (tray, closed, waits) = (AtomicBool::default(), AtomicBool::default(), AtomicBool::new(at_login));
        let early = std::sync::Mutex::new(Some(Vec::new()));
        Self { paths, words, held, pausing, tray, closed, early, waits }
    }

    /// Whether the window that is closed now can be had back from the tray; else the program ends with it.
    pub(crate) fn outlives_window(&self, app: &AppHandle) -> bool {
        let stays = self.tray.load(Ordering::Relaxed) && tray::is_made(app) && tray::has_host();
        self.closed.store(stays, Ordering::Relaxed);
        stays
    }

    /// Whether the window that is shown now had been closed.
    pub(crate) fn is_returning(&self) -> bool {
        self.closed.swap(false, Ordering::Relaxed)
    }

    /// There is a window now: what was asked for earlier is shown.
    pub(crate) fn opened(&self, app: &AppHandle) {
        let early = self.early.lock().unwrap_or_else(PoisonError::into_inner).take();
        for arguments in early.into_iter().flatten() {
            started(app, &arguments);
        }
    }

    /// Brings the desktop in line with the settings, as they are when it is its turn; the usual ones where the home does
    /// not open.
    async fn apply(&self, app: &AppHandle, open: Option<&App>) -> DesktopView {
        let mut held = self.held.lock().await;
        let settings = open.map(App::settings).unwrap_or_default();
        let words = self.words.lock().await.clone();
        held.tray = match words {
            Some(words) if settings.tray => {
                tray::show(app, &self.paths, (words, settings.background_paused), &mut held.said).await
            }
            _ => tray::hide(app).await,
        };
        self.tray.store(matches!(held.tray, TrayState::Shown | TrayState::NoHost), Ordering::Relaxed);
        if held.keys != settings.quick_keys || !matches!(held.state, KeyState::Off | KeyState::Held) {
            // What was held must be given back first: the new keys may be the old ones.
            held.grab = None;
            let (app, paths) = (app.clone(), self.paths.clone());
            let grab = key::Grab::hold(&settings.quick_keys, move || window::toggle_quick(&app, &paths));
            held.keys.clone_from(&settings.quick_keys);
            (held.state, held.grab) = match grab {
                Ok(grab) => (if grab.is_some() { KeyState::Held } else { KeyState::Off }, grab),
                Err(state) => (state, None),
            };
        }
        DesktopView { tray: held.tray, quick_keys: held.state, start_at_login: login::is_on(&self.paths) }
    }

    /// A start at login ends in the tray, or else in a window.
    fn settle(&self, app: &AppHandle, view: DesktopView) {
        if self.waits.swap(false, Ordering::Relaxed) && view.tray != TrayState::Shown {
            window::show(app);
        }
    }
}

/// Follows the settings for as long as the home is open.
pub(crate) async fn follow(app: App, window: AppHandle) {
    let mut settings = app.settings_follow();
    loop {
        settings.mark_unchanged();
        window.state::<Desktop>().apply(&window, Some(&app)).await;
        if settings.changed().await.is_err() {
            return;
        }
    }
}

/// What a start of the program, the first or another on the same home, is asked to show.
pub(crate) fn started(app: &AppHandle, arguments: &[String]) {
    if let Some(early) = app.state::<Desktop>().early.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
        early.push(arguments.to_vec());
        return;
    }
    let asked = |what: &str| arguments.iter().any(|argument| argument == what);
    if asked(SHOW_QUICK) {
        window::toggle_quick(app, &app.state::<Desktop>().paths);
    } else if !asked(AT_LOGIN) {
        window::show(app);
    }
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn desktop_view(
    window: AppHandle,
    door: State<'_, Door>,
    desktop: State<'_, Desktop>,
) -> Result<DesktopView, WireError> {
    let open = door.app(&window).await?;
    Ok(desktop.apply(&window, Some(&open)).await)
}

/// The page's words for what stands outside of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn desktop_words(
    window: AppHandle,
    door: State<'_, Door>,
    desktop: State<'_, Desktop>,
    words: TrayWords,
) -> Result<(), WireError> {
    *desktop.words.lock().await = Some(words);
    let open = door.app(&window).await;
    let view = desktop.apply(&window, open.as_ref().ok()).await;
    desktop.settle(&window, view);
    open.map(drop)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn desktop_set_start_at_login(desktop: State<'_, Desktop>, on: bool) -> Result<(), WireError> {
    Ok(login::set(&desktop.paths, on)?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_hide(window: AppHandle) -> Result<(), WireError> {
    window::hide_quick(&window);
    Ok(())
}

/// Brings the main window to the front, with a session if one is named.
#[tauri::command]
#[specta::specta]
pub(crate) async fn main_show(window: AppHandle, session_id: Option<SessionId>) -> Result<(), WireError> {
    window::hide_quick(&window);
    window::show(&window);
    if let Some(session_id) = session_id {
        let told = DesktopEvent::Open { session_id }.emit_to(&window, window::MAIN);
        window::told(told, "the page was not told what to show");
    }
    Ok(())
}
