//! The one window: where it may go (nowhere) and how it looks before the page is there.

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Url, WebviewUrl, WebviewWindowBuilder};
use twin_app::paths::{Paths, create_private_folder};

/// The colour of the paper, light, so that nothing flashes before the page knows the theme.
const PAPER: tauri::window::Color = tauri::window::Color(0xfa, 0xf9, 0xf6, 0xff);

pub(crate) fn open(app: &AppHandle, paths: &Paths) -> tauri::Result<()> {
    create_private_folder(&paths.window())?;
    WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Digital Twin")
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        .background_color(PAPER)
        // Unsent drafts are kept by the page; they are the owner's words and stay in the home like all others.
        .data_directory(paths.window())
        // Files dropped on the page are the page's: it attaches them.
        .disable_drag_drop_handler()
        // A content policy does not stop navigation: this does.
        .on_navigation(is_our_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()?;
    Ok(())
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
