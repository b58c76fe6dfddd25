//! The least that a Tauri window can be: a page with a text field. `cargo xtask bench` measures the product against it.

/// Commands stand in a module: in the root, the macro's names would clash.
mod command {
    /// Writes one byte to the file named by `TWIN_READY_FILE`, as the product does once its composer is usable.
    #[tauri::command]
    #[expect(clippy::disallowed_methods, reason = "a reference without the product's crates has no app::paths to ask")]
    pub(crate) fn window_ready() {
        if let Ok(file) = std::env::var("TWIN_READY_FILE") {
            let _ = std::fs::write(file, b"1");
        }
    }
}

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![command::window_ready])
        .run(tauri::generate_context!("examples/bare/tauri.conf.json"))
}
