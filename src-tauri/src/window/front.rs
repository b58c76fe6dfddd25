//! To the front, with the time of now: desktops leave in the back what seems to come from before the person's last key, and
//! Tauri says the time at which this program was last used, though it is another that was asked to show it.

use gdkx11::X11Window;
use gdkx11::functions::x11_get_server_time;
use gtk::prelude::{Cast as _, GtkWindowExt as _, WidgetExt as _};
use tauri::WebviewWindow;

pub(super) fn bring(window: &WebviewWindow) -> tauri::Result<()> {
    let here = window.clone();
    window.run_on_main_thread(move || super::told(present(&here), "the window could not be brought to the front"))
}

fn present(window: &WebviewWindow) -> tauri::Result<()> {
    let window = window.gtk_window()?;
    window.show_all();
    let here = window.window().and_then(|window| window.downcast::<X11Window>().ok());
    // Zero leaves it to GTK.
    window.present_with_time(here.map_or(0, |window| x11_get_server_time(&window)));
    Ok(())
}
