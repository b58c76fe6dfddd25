//! A caret that stands still. For one that blinks WebKitGTK asks the screen for each of its pictures a good part of the time, and for
//! one that GTK's settings keep from blinking all of the time: over a hundred wake-ups a second of a window in which nothing
//! happens (2.50). One that blinks once in a long while costs nothing.

use gtk::prelude::GtkSettingsExt as _;

/// In milliseconds, a day.
const ONCE_IN: i32 = 24 * 60 * 60 * 1_000;

/// For every window of this program; GTK has begun.
pub(crate) fn rest() {
    if let Some(settings) = gtk::Settings::default() {
        settings.set_gtk_cursor_blink(true);
        settings.set_gtk_cursor_blink_time(ONCE_IN);
    }
}
