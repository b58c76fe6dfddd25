//! One program a home: starting it again shows the window that is there.

use crate::desktop;
use tauri::Wry;
use tauri::plugin::TauriPlugin;
use tauri_plugin_single_instance::Builder;
use twin_app::paths::Paths;

/// None where nothing tells one home from another: then two programs on one home are the lesser evil, because the store
/// is made for that, and a home that cannot be opened beside another one is not.
pub(crate) fn plugin(paths: &Paths) -> Option<TauriPlugin<Wry>> {
    let mut builder = Builder::new().callback(|app, arguments, _| desktop::started(app, &arguments));
    if cfg!(target_os = "linux") {
        builder = builder.dbus_id(format!("app.digital-twin.home-{}", paths.identity()?));
    } else if paths.is_moved() {
        // Elsewhere the plugin knows the program, but not its home.
        return None;
    }
    Some(builder.build())
}
