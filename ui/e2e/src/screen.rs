//! The screen as the window system has it: which windows stand where, who has the keyboard, and keys that are pressed for
//! whoever listens. WebDriver sees only pages.

use std::sync::Arc;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    AtomEnum, BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConfigureWindowAux, ConnectionExt as _,
    EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, MapState, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// A desktop's screen.
#[derive(Debug, Clone)]
pub struct Screen {
    connection: Arc<RustConnection>,
    root: Window,
}

impl Screen {
    /// The screen of the display of that name.
    pub fn open(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the display can be reached");
        let root = connection.setup().roots.get(screen).expect("the display has a screen").root;
        Self { connection: Arc::new(connection), root }
    }

    /// The windows of the program that are on the screen.
    pub fn windows(&self) -> Vec<Window> {
        let tree = self.connection.query_tree(self.root).expect("asked").reply().expect("the windows are told");
        // A window that has gone meanwhile is none.
        tree.children.into_iter().filter(|window| self.is_called("Digital Twin", *window).unwrap_or(false)).collect()
    }

    /// Gives the keyboard to the window of that name: there is no window manager to do it.
    pub fn give_keyboard(&self, name: &str) {
        let tree = self.connection.query_tree(self.root).expect("asked").reply().expect("the windows are told");
        let window = tree.children.into_iter().find(|window| self.is_called(name, *window).unwrap_or(false));
        let window = window.expect("a window of that name is on the screen");
        let given = self.connection.set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME);
        given.expect("asked").check().expect("the window can have the keyboard");
    }

    fn is_called(&self, wanted: &str, window: Window) -> Option<bool> {
        let connection = &self.connection;
        let shown = connection.get_window_attributes(window).ok()?.reply().ok()?.map_state == MapState::VIEWABLE;
        let name =
            connection.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64).ok()?.reply().ok()?;
        Some(shown && name.value == wanted.as_bytes())
    }

    /// Left and upper edge, width and height.
    pub fn frame(&self, window: Window) -> (i16, i16, u16, u16) {
        let frame = self.connection.get_geometry(window).expect("asked").reply().expect("the window is there");
        (frame.x, frame.y, frame.width, frame.height)
    }

    /// As a person would drag it there, by its edges.
    pub fn put(&self, window: Window, (x, y, width, height): (i16, i16, u16, u16)) {
        let frame = ConfigureWindowAux::new().x(i32::from(x)).y(i32::from(y));
        let frame = frame.width(u32::from(width)).height(u32::from(height));
        self.connection.configure_window(window, &frame).expect("asked").check().expect("the window can be moved");
    }

    /// Whether the keyboard is this window's.
    pub fn has_focus(&self, window: Window) -> bool {
        self.connection.get_input_focus().expect("asked").reply().expect("the focus is told").focus == window
    }

    /// Takes the window from the screen behind the program's back, and the keyboard with it.
    pub fn take_away(&self, window: Window) {
        self.connection.unmap_window(window).expect("asked").check().expect("the window can be taken away");
    }

    /// As the cross in a window's corner does.
    pub fn close(&self, window: Window) {
        let atom = |name: &str| {
            let answer = self.connection.intern_atom(false, name.as_bytes()).expect("asked").reply();
            answer.expect("every name has an atom").atom
        };
        let data = [atom("WM_DELETE_WINDOW"), x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, atom("WM_PROTOCOLS"), data);
        let sent = self.connection.send_event(false, window, EventMask::NO_EVENT, message);
        sent.expect("asked").check().expect("the window can be told");
    }

    /// Moves the pointer there.
    pub fn point(&self, (x, y): (i16, i16)) {
        self.pointer(MOTION_NOTIFY_EVENT, 0, (x, y));
    }

    /// Holds the pointer's first button down where it is, or lets it go.
    pub fn hold(&self, down: bool) {
        self.pointer(if down { BUTTON_PRESS_EVENT } else { BUTTON_RELEASE_EVENT }, 1, (0, 0));
    }

    fn pointer(&self, kind: u8, detail: u8, (x, y): (i16, i16)) {
        let done = self.connection.xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0);
        done.expect("asked").check().expect("the pointer can be used");
        self.connection.sync().expect("the pointer is used");
    }

    /// Presses keys together, given as X's symbols (`keysymdef.h`), wherever the keyboard is.
    pub fn press(&self, symbols: &[u32]) {
        let keys: Vec<u8> = symbols.iter().map(|symbol| self.key(*symbol)).collect();
        let down = keys.iter().map(|key| (KEY_PRESS_EVENT, *key));
        for (kind, key) in down.chain(keys.iter().rev().map(|key| (KEY_RELEASE_EVENT, *key))) {
            let pressed = self.connection.xtest_fake_input(kind, key, x11rb::CURRENT_TIME, self.root, 0, 0, 0);
            pressed.expect("asked").check().expect("keys can be pressed");
        }
        self.connection.sync().expect("the keys are pressed");
    }

    /// Types small letters and spaces.
    pub fn write(&self, text: &str) {
        for character in text.chars() {
            self.press(&[u32::from(character)]);
        }
    }

    fn key(&self, symbol: u32) -> u8 {
        let setup = self.connection.setup();
        let (first, count) = (setup.min_keycode, setup.max_keycode - setup.min_keycode + 1);
        let mapping = self.connection.get_keyboard_mapping(first, count).expect("asked").reply().expect("told");
        let each = usize::from(mapping.keysyms_per_keycode);
        let at = mapping.keysyms.chunks(each).position(|symbols| symbols.contains(&symbol));
        let at = at.unwrap_or_else(|| panic!("there is no key for {symbol:#x}"));
        first + u8::try_from(at).expect("there are fewer than 256 keys")
    }
}
