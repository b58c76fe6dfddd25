//! Where the main window stood, kept in the home. Not `tauri-plugin-window-state`: it makes a folder outside of the home.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tauri::{Monitor, PhysicalPosition, PhysicalSize, WebviewWindow};
use twin_app::paths::Paths;

/// In the screen's own dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frame {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    maximised: bool,
}

/// So much of a window's upper edge has to be on a screen that it can be taken hold of.
const GRIP: (u32, u32) = (120, 32);

impl Frame {
    /// None at the first start, or if what is there is not ours.
    pub(super) fn read(paths: &Paths) -> Option<Self> {
        serde_json::from_slice(&fs_err::read(file(paths)).ok()?).ok()
    }

    pub(super) fn write(self, paths: &Paths) {
        if Self::read(paths) == Some(self) {
            return;
        }
        let written = serde_json::to_vec(&self).map_err(std::io::Error::other);
        if let Err(error) = written.and_then(|bytes| fs_err::write(file(paths), bytes)) {
            tracing::warn!(%error, "where the window stands could not be kept");
        }
    }

    /// Of a maximised window only that it is: the size to which it returns is the one of `before`.
    pub(super) fn of(window: &WebviewWindow, before: Option<Self>) -> Option<Self> {
        if window.is_minimized().ok()? || window.is_fullscreen().ok()? || !window.is_visible().ok()? {
            return None;
        }
        let maximised = window.is_maximized().ok()?;
        if let Some(before) = before.filter(|_| maximised) {
            return Some(Self { maximised, ..before });
        }
        let (position, size) = (window.outer_position().ok()?, window.inner_size().ok()?);
        Some(Self { x: position.x, y: position.y, width: size.width, height: size.height, maximised })
    }

    /// Puts the window there, as far as there still is a screen.
    pub(super) fn put(self, window: &WebviewWindow) -> tauri::Result<()> {
        let screens: Vec<Frame> = window.available_monitors()?.iter().map(screen).collect();
        let (frame, seen) = self.within(&screens);
        window.set_size(PhysicalSize::new(frame.width, frame.height))?;
        if seen {
            window.set_position(PhysicalPosition::new(frame.x, frame.y))?;
        }
        if frame.maximised { window.maximize() } else { Ok(()) }
    }

    /// No larger than the largest screen; and whether it could be taken hold of where it stood.
    fn within(self, screens: &[Frame]) -> (Self, bool) {
        let seen = screens.iter().any(|screen| {
            let across = overlap((self.x, self.width), (screen.x, screen.width));
            let down = overlap((self.y, GRIP.1), (screen.y, screen.height));
            across >= i64::from(GRIP.0) && down >= i64::from(GRIP.1)
        });
        let largest = |side: fn(&Frame) -> u32| screens.iter().map(side).max().unwrap_or(u32::MAX);
        let (width, height) = (largest(|screen| screen.width), largest(|screen| screen.height));
        (Self { width: self.width.min(width), height: self.height.min(height), ..self }, seen)
    }
}

fn overlap((a, a_length): (i32, u32), (b, b_length): (i32, u32)) -> i64 {
    let end = |start: i32, length: u32| i64::from(start) + i64::from(length);
    end(a, a_length).min(end(b, b_length)) - i64::from(a.max(b))
}

fn screen(monitor: &Monitor) -> Frame {
    let (at, size) = (monitor.position(), monitor.size());
    Frame { x: at.x, y: at.y, width: size.width, height: size.height, maximised: false }
}

fn file(paths: &Paths) -> PathBuf {
    paths.window().join("frame.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREEN: Frame = Frame { x: 0, y: 0, width: 1920, height: 1080, maximised: false };

    fn at(x: i32, y: i32) -> Frame {
        Frame { x, y, width: 1280, height: 800, maximised: false }
    }

    #[test]
    fn a_window_is_only_put_where_it_can_be_taken_hold_of() {
        for (frame, seen) in [
            (at(100, 100), true),
            (at(-1100, 100), true),
            (at(-1270, 100), false),
            (at(1900, 100), false),
            (at(100, 1070), false),
            (at(100, -300), false),
            (at(i32::MAX, i32::MIN), false),
        ] {
            assert_eq!(frame.within(&[SCREEN]).1, seen, "{frame:?}");
        }
        // The screen that it stood on was unplugged.
        let second = Frame { x: 1920, ..SCREEN };
        assert!(at(2000, 50).within(&[SCREEN, second]).1);
        assert!(!at(2000, 50).within(&[SCREEN]).1);
    }

    #[test]
    fn a_window_is_no_larger_than_the_screen() {
        let small = Frame { width: 1024, height: 600, ..SCREEN };
        let (frame, _) = at(0, 0).within(&[small]);
        assert_eq!((frame.width, frame.height), (1024, 600));
        assert_eq!(at(0, 0).within(&[]).0, at(0, 0));
    }

    #[test]
    fn a_frame_is_kept_in_the_home_and_one_that_is_not_ours_is_none() {
        let folder = tempfile::TempDir::new().unwrap();
        let paths = Paths::resolve(Some(folder.path().to_owned())).unwrap();
        fs_err::create_dir(paths.window()).unwrap();
        assert_eq!(Frame::read(&paths), None);
        at(3, 4).write(&paths);
        assert_eq!(Frame::read(&paths), Some(at(3, 4)));
        fs_err::write(file(&paths), b"{\"x\": 1").unwrap();
        assert_eq!(Frame::read(&paths), None);
    }
}
