//! To the front, as the system does it.

use tauri::WebviewWindow;

pub(super) fn bring(window: &WebviewWindow) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}
