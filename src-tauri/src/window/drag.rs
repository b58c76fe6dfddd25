//! Files on their way out of the window. Not by the crate `drag`, as elsewhere: on GTK it stops answering when they are
//! dropped, which is when most programs begin to ask (<https://github.com/crabnebula-dev/drag-rs/issues/84>), and a space
//! in a name is no address.

use gtk::gdk::{DragAction, ModifierType};
use gtk::glib::{filename_to_uri, object::ObjectExt as _};
use gtk::prelude::{SeatExt as _, WidgetExt as _};
use gtk::{ApplicationWindow, TargetEntry, TargetFlags, TargetList};
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use tauri::WebviewWindow;

/// The button that drags.
const FIRST: i32 = 1;

/// False: the desktop refused.
pub(super) fn begin(window: &WebviewWindow, files: &[PathBuf]) -> bool {
    let Ok(window) = window.gtk_window() else { return false };
    // Let go while the files were written: they would hang on a pointer that nobody holds.
    !is_held(&window) || drag(&window, files)
}

fn is_held(window: &ApplicationWindow) -> bool {
    let pointer = window.display().default_seat().and_then(|seat| seat.pointer());
    let (Some(pointer), Some(inside)) = (pointer, window.window()) else { return false };
    inside.device_position(&pointer).3.contains(ModifierType::BUTTON1_MASK)
}

fn drag(window: &ApplicationWindow, files: &[PathBuf]) -> bool {
    let addresses: Result<Vec<_>, _> = files.iter().map(|file| filename_to_uri(file, None)).collect();
    let Ok(addresses) = addresses else { return false };
    let handlers = Rc::new(RefCell::new(Vec::new()));
    let ending = Rc::clone(&handlers);
    let asked = window.connect_drag_data_get(move |_, _, data, _, _| {
        let addresses: Vec<&str> = addresses.iter().map(AsRef::as_ref).collect();
        data.set_uris(&addresses);
    });
    // Once whoever took them has said so, or nobody did.
    let ended = window.connect_drag_end(move |window, _| {
        for handler in ending.take() {
            window.disconnect(handler);
        }
    });
    handlers.replace(vec![asked, ended]);
    let kinds = TargetList::new(&[TargetEntry::new("text/uri-list", TargetFlags::empty(), 0)]);
    let began = window.drag_begin_with_coordinates(&kinds, DragAction::COPY, FIRST, None, -1, -1).is_some();
    if !began {
        for handler in handlers.take() {
            window.disconnect(handler);
        }
    }
    began
}
