//! The windows: where they may go (nowhere), how they look before the page is there, where they stood.

#[cfg_attr(not(target_os = "linux"), path = "window/any_drag.rs")]
mod drag;
mod frame;
#[cfg_attr(not(target_os = "linux"), path = "window/any_front.rs")]
mod front;

use crate::desktop::{Desktop, DesktopEvent};
use frame::Frame;
use std::path::PathBuf;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager as _, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Wry};
use tauri_specta::Event as _;
use tokio::sync::oneshot;
use twin_app::error::WireError;
use twin_app::paths::{Paths, create_private_folder};
use twin_core::error::{Code, Failure};

pub(crate) const MAIN: &str = "main";
pub(crate) const QUICK: &str = "quick";

/// The colour of the paper, light, so that nothing flashes before the page knows the theme.
const PAPER: tauri::window::Color = tauri::window::Color(0xfa, 0xf9, 0xf6, 0xff);

/// Opens the main window where it stood last; `shown` is false for a start at login, which may end in the tray.
pub(crate) fn open(app: &AppHandle, paths: &Paths, shown: bool) -> tauri::Result<()> {
    create_private_folder(&paths.window())?;
    let window = builder(app, paths, MAIN, "index.html")
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        // Shown where it belongs, and not first somewhere else.
        .visible(false)
        .build()?;
    if let Some(frame) = Frame::read(paths) {
        frame.put(&window)?;
    }
    if shown { window.show() } else { Ok(()) }
}

/// Writes down where the main window stands.
pub(crate) fn keep(app: &AppHandle, paths: &Paths) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    if let Some(frame) = Frame::of(&window, Frame::read(paths)) {
        frame.write(paths);
    }
}

/// Brings the main window back from wherever it is, to the front.
pub(crate) fn show(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    told(front::bring(&window), "the window could not be shown");
    if app.state::<Desktop>().is_returning() {
        told(DesktopEvent::Returned.emit_to(app, MAIN), "the page was not told that it is shown again");
    }
}

/// Ends the program, as closing its window does where nothing keeps it.
pub(crate) fn quit(app: &AppHandle, paths: &Paths) {
    keep(app, paths);
    app.exit(0);
}

/// Shows the quick window, or hides it if it is what the person looks at.
pub(crate) fn toggle_quick(app: &AppHandle, paths: &Paths) {
    told(try_toggle_quick(app, paths), "the quick window could not be shown");
}

fn try_toggle_quick(app: &AppHandle, paths: &Paths) -> tauri::Result<()> {
    // Made when it is first asked for: a web page takes its memory whether it is looked at or not.
    let Some(window) = app.get_webview_window(QUICK) else {
        let window = builder(app, paths, QUICK, "index.html#quick")
            .inner_size(680.0, 460.0)
            .decorations(false)
            .always_on_top(true)
            .skip_taskbar(true)
            .center()
            .build()?;
        return front::bring(&window);
    };
    if window.is_visible()? && window.is_focused()? {
        return window.hide();
    }
    window.center()?;
    front::bring(&window)
}

pub(crate) fn hide_quick(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(QUICK) {
        told(window.hide(), "the quick window could not be hidden");
    }
}

/// Drags files out of the window, from under the pointer.
pub(crate) async fn drag_out(window: &WebviewWindow, files: Vec<PathBuf>) -> Result<(), WireError> {
    let (tell, begun) = oneshot::channel();
    let here = window.clone();
    let asked = window.run_on_main_thread(move || {
        // Windows returns from this once they are dropped.
        if tell.send(drag::begin(&here, &files)).is_err() {
            tracing::debug!("nobody waits for the drag any more");
        }
    });
    told(asked, "nothing could be dragged");
    if begun.await == Ok(true) {
        return Ok(());
    }
    Err(Failure::permanent(
        Code::Internal,
        "this desktop takes nothing that is dragged out of the window",
        "Export the chat from its menu.",
    )
    .into())
}

/// Nothing can be done about a window that does not obey, but that it is known.
pub(crate) fn told(done: tauri::Result<()>, what: &str) {
    if let Err(error) = done {
        tracing::warn!(%error, what);
    }
}

fn builder<'a>(app: &'a AppHandle, paths: &Paths, label: &str, page: &str) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .title("Digital Twin")
        .background_color(PAPER)
        // Unsent drafts are kept by the page; they are the owner's words and stay in the home like all others.
        .data_directory(paths.window())
        // Files dropped on the page are the page's: it attaches them.
        .disable_drag_drop_handler()
        // A content policy does not stop navigation: this does.
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
}

fn is_our_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Windows and Android serve the page by this address.
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        // Vite, while developing.
        "http" => tauri::is_dev() && url.host_str() == Some("127.0.0.1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_goes_nowhere() {
        let goes = |text: &str| is_our_page(&text.parse().unwrap());
        assert!(goes("tauri://localhost/index.html"));
        for away in [
            "https://example.org/",
            "file:///etc/passwd",
            "data:text/html,x",
            "tauri://evil/",
            "about:blank",
            "blob:tauri://localhost/x",
        ] {
            assert!(!goes(away), "{away}");
        }
    }
}
