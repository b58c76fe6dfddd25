//! Keys that work everywhere: grabbed from X by a thread that sleeps until they are pressed. `global-hotkey`, which others
//! use, wakes up twenty times a second for as long as the program runs.

use super::KeyState;
use std::sync::Arc;
use x11rb::CURRENT_TIME;
use x11rb::connection::Connection as _;
use x11rb::errors::ReplyError;
use x11rb::protocol::xproto::{
    ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, GrabMode, Keycode, ModMask, Window, WindowClass,
};
use x11rb::protocol::{ErrorKind, Event};
use x11rb::rust_connection::RustConnection;

/// Caps Lock and Num Lock are modifiers to X, and nobody means them.
const LOCKS: [u16; 4] = [0, 1 << 1, 1 << 4, 1 << 1 | 1 << 4];

/// Keys that are held; given back when this is dropped.
pub(super) struct Grab {
    connection: Arc<RustConnection>,
    /// Never shown: a message to it wakes the thread for the last time.
    window: Window,
}

impl Grab {
    /// Takes the keys from everybody else and calls `pressed` each time; none if `keys` is empty.
    pub(super) fn hold(keys: &str, pressed: impl Fn() + Send + 'static) -> Result<Option<Self>, KeyState> {
        if keys.is_empty() {
            return Ok(None);
        }
        let keys = read(keys).ok_or(KeyState::Unknown)?;
        // Under Wayland X sees only the keys of its own windows: they would be held, and do nothing.
        if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty()) {
            return Err(KeyState::Unsupported);
        }
        take(keys, pressed).map(Some)
    }
}

impl Drop for Grab {
    fn drop(&mut self) {
        // The thread ends, and with its connection the grab.
        let message = ClientMessageEvent::new(32, self.window, u32::from(EventMask::NO_EVENT), [0_u32; 5]);
        if let Ok(sent) = self.connection.send_event(false, self.window, EventMask::NO_EVENT, message) {
            drop(sent.check());
        }
    }
}

fn take((modifiers, symbol): (ModMask, u32), pressed: impl Fn() + Send + 'static) -> Result<Grab, KeyState> {
    let lost = KeyState::Unsupported;
    let (connection, screen) = x11rb::connect(None).map_err(|_| lost)?;
    let root = connection.setup().roots.get(screen).ok_or(lost)?.root;
    let key = key_of(&connection, symbol).ok_or(KeyState::Unknown)?;
    for lock in LOCKS {
        let modifiers = modifiers | ModMask::from(lock);
        let asked = connection.grab_key(false, root, modifiers, key, GrabMode::ASYNC, GrabMode::ASYNC);
        asked.map_err(|_| lost)?.check().map_err(|error| match error {
            ReplyError::X11Error(error) if error.error_kind == ErrorKind::Access => KeyState::Taken,
            _ => lost,
        })?;
    }
    let window = connection.generate_id().map_err(|_| lost)?;
    let (class, aux) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
    connection.create_window(0, window, root, 0, 0, 1, 1, 0, class, 0, &aux).map_err(|_| lost)?;
    connection.flush().map_err(|_| lost)?;
    let connection = Arc::new(connection);
    let here = Arc::clone(&connection);
    std::thread::spawn(move || listen(&here, &pressed));
    Ok(Grab { connection, window })
}

/// A key that is kept down repeats itself, as a release and a press of the same moment: that is no second press.
fn listen(connection: &RustConnection, pressed: &impl Fn()) {
    let mut released = CURRENT_TIME;
    while let Ok(event) = connection.wait_for_event() {
        match event {
            Event::KeyPress(press) if press.time != released => pressed(),
            Event::KeyRelease(release) => released = release.time,
            Event::ClientMessage(_) => return,
            _ => {}
        }
    }
}

/// The key of this keyboard on which the symbol stands.
fn key_of(connection: &RustConnection, symbol: u32) -> Option<Keycode> {
    let setup = connection.setup();
    let (first, last) = (setup.min_keycode, setup.max_keycode);
    let mapping = connection.get_keyboard_mapping(first, last - first + 1).ok()?.reply().ok()?;
    let each = usize::from(mapping.keysyms_per_keycode).max(1);
    let at = mapping.keysyms.chunks(each).position(|symbols| symbols.contains(&symbol))?;
    first.checked_add(u8::try_from(at).ok()?)
}

/// `Ctrl+Alt+Space` as X has it. None if it is no key, or one that everybody needs: without a modifier, or with Shift
/// alone, only F1 to F24 may be taken.
fn read(keys: &str) -> Option<(ModMask, u32)> {
    let mut parts: Vec<&str> = keys.split('+').collect();
    let symbol = symbol(parts.pop()?)?;
    let mut modifiers = ModMask::from(0_u16);
    for part in parts {
        modifiers |= match part {
            "Shift" => ModMask::SHIFT,
            "Ctrl" => ModMask::CONTROL,
            "Alt" => ModMask::M1,
            "Super" => ModMask::M4,
            _ => return None,
        };
    }
    let strong = u16::from(modifiers) & !u16::from(ModMask::SHIFT) != 0;
    (strong || (F1..F1 + 24).contains(&symbol)).then_some((modifiers, symbol))
}

const F1: u32 = 0xffbe;

/// The symbol that X calls a key by (`keysymdef.h`); keys have the names that web pages know them by.
fn symbol(key: &str) -> Option<u32> {
    let mut characters = key.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        let code = u32::from(character.to_lowercase().next()?);
        // Latin 1 stands for itself, everything else in a range of its own.
        return Some(if code < 0x100 { code } else { 0x0100_0000 + code });
    }
    if let Some(number) = key.strip_prefix('F').and_then(|number| number.parse::<u32>().ok()) {
        return (1..=24).contains(&number).then_some(F1 + number - 1);
    }
    Some(match key {
        "Space" => 0x20,
        "Plus" => 0x2b,
        "Backspace" => 0xff08,
        "Tab" => 0xff09,
        "Enter" => 0xff0d,
        "Home" => 0xff50,
        "ArrowLeft" => 0xff51,
        "ArrowUp" => 0xff52,
        "ArrowRight" => 0xff53,
        "ArrowDown" => 0xff54,
        "PageUp" => 0xff55,
        "PageDown" => 0xff56,
        "End" => 0xff57,
        "Insert" => 0xff63,
        "Delete" => 0xffff,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_x_has_them() {
        let (control_alt, none) = (ModMask::CONTROL | ModMask::M1, ModMask::from(0_u16));
        assert_eq!(read("Ctrl+Alt+Space"), Some((control_alt, 0x20)));
        assert_eq!(read("Super+K"), Some((ModMask::M4, u32::from('k'))));
        assert_eq!(read("Ctrl+Shift+Ö"), Some((ModMask::CONTROL | ModMask::SHIFT, u32::from('ö'))));
        assert_eq!(read("Alt+Ж"), Some((ModMask::M1, 0x0100_0436)));
        assert_eq!(read("F12"), Some((none, F1 + 11)));
        assert_eq!(read("Ctrl+Plus"), Some((ModMask::CONTROL, u32::from('+'))));
    }

    #[test]
    fn no_key_is_taken_that_everybody_types_with() {
        for keys in ["A", "Shift+A", "Space", "", "Ctrl", "Ctrl+", "Hyper+A", "Ctrl+F25", "Ctrl+Nonsense"] {
            assert_eq!(read(keys), None, "{keys:?}");
        }
    }
}
