//! Who paints the page. On a machine without a graphics card (a virtual machine, a remote desktop) WebKit still paints by OpenGL, which the
//! processor then has to play, and what the driver takes for it stays: some 0.3 MiB with each turn of a conversation (`WebKitGTK` 2.50
//! with Mesa 22.3). There WebKit shall paint as it does for processors.

use std::path::Path;

/// WebKit's own switch (since 2.46). There is no call for it.
const PAINTS_ITSELF: &str = "WEBKIT_SKIA_ENABLE_CPU_RENDERING";

/// To be called first of all: from then on there may be threads that read the environment, and processes that have it.
pub(crate) fn choose() {
    if !is_there(Path::new("/dev")) {
        // Whoever has set it knows better.
        let _ = gtk::glib::setenv(PAINTS_ITSELF, "1", false);
    }
}

/// Whether a card can draw: the kernel has a device for it, or NVIDIA's driver has its own. What a virtual machine offers as a
/// card and does not draw with cannot be told from here.
fn is_there(devices: &Path) -> bool {
    let draws = |name: &str| name.starts_with("renderD");
    let nodes = fs_err::read_dir(devices.join("dri")).into_iter().flatten().flatten();
    let mut names = nodes.map(|node| node.file_name());
    names.any(|name| name.to_str().is_some_and(draws)) || devices.join("nvidiactl").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_that_cannot_draw_is_no_card() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!is_there(devices.path()));
        fs_err::create_dir(devices.path().join("dri")).unwrap();
        fs_err::write(devices.path().join("dri/card0"), "").unwrap();
        assert!(!is_there(devices.path()));
        fs_err::write(devices.path().join("dri/renderD128"), "").unwrap();
        assert!(is_there(devices.path()));
    }

    #[test]
    fn a_driver_that_does_without_the_kernels_device_is_one() {
        let devices = tempfile::tempdir().unwrap();
        fs_err::write(devices.path().join("nvidiactl"), "").unwrap();
        assert!(is_there(devices.path()));
    }
}
