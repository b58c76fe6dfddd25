//! Tauri's code generation, and the list of commands that exist.

fn main() {
    tauri_build::build();
}
