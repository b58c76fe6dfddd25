//! What `cargo xtask` tells the tests: where the binaries and the tools are.

use std::path::PathBuf;

/// The built window.
pub fn window() -> PathBuf {
    path("TWIN_E2E_WINDOW")
}

/// The built command line.
pub fn twin() -> PathBuf {
    path("TWIN_E2E_TWIN")
}

/// MiniStack's program.
pub fn ministack() -> PathBuf {
    path("TWIN_E2E_MINISTACK")
}

/// The bare window that start-up and memory are measured against.
pub fn bare_window() -> PathBuf {
    path("TWIN_E2E_BARE_WINDOW")
}

/// The product's commands behind windows that let in everybody.
pub fn undefended() -> PathBuf {
    path("TWIN_E2E_UNDEFENDED")
}

/// The git-ignored folder for pictures.
pub fn screens() -> Option<PathBuf> {
    std::env::var_os("TWIN_E2E_SCREENS").map(PathBuf::from)
}

fn path(name: &str) -> PathBuf {
    let value = std::env::var_os(name).unwrap_or_else(|| {
        panic!("the window tests need a built window and a display ({name} is not set): run `cargo xtask window`")
    });
    value.into()
}
