//! Files on their way out of the window, as the system does it.

use drag::{DragItem, Image, Options, start_drag};
use std::path::PathBuf;
use tauri::WebviewWindow;

/// What hangs on the pointer.
const PICTURE: &[u8] = include_bytes!("../../../icons/32x32.png");

/// False: the desktop refused.
pub(super) fn begin(window: &WebviewWindow, files: &[PathBuf]) -> bool {
    let picture = Image::Raw(PICTURE.to_vec());
    let began = start_drag(window, DragItem::Files(files.to_vec()), picture, |_, _| (), Options::default());
    began.inspect_err(|error| tracing::warn!(%error, "nothing could be dragged")).is_ok()
}
