//! Another program's window, onto which files are dropped: X's drag and drop (XDND 5), and as most programs do it, it asks
//! what was dropped only once it was.

use crate::desktop::Desktop;
use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt as _, CreateWindowAux, EventMask, PropMode, SelectionNotifyEvent,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// How it calls what it can take.
const FILES: &str = "text/uri-list";

/// The window. It does nothing but in [`Taker::hovered`] and [`Taker::taken`].
#[derive(Debug)]
pub struct Taker {
    connection: RustConnection,
    window: Window,
    /// The window that the files come from.
    source: Window,
}

impl Taker {
    /// A window above all others: left and upper edge, width and height.
    pub fn open(desktop: &Desktop, (x, y, width, height): (i16, i16, u16, u16)) -> Self {
        let (connection, screen) = x11rb::connect(Some(desktop.display())).expect("the display can be reached");
        let screen = connection.setup().roots.get(screen).expect("the display has a screen");
        let (root, white) = (screen.root, screen.white_pixel);
        let window = connection.generate_id().expect("a window can have an id");
        let look = CreateWindowAux::new().background_pixel(white).override_redirect(1);
        let (visual, depth) = (x11rb::COPY_FROM_PARENT, COPY_DEPTH_FROM_PARENT);
        let made = connection.create_window(
            depth,
            window,
            root,
            x,
            y,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            visual,
            &look,
        );
        made.expect("asked").check().expect("a window can be made");
        let taker = Self { connection, window, source: x11rb::NONE };
        let (aware, version) = (taker.atom("XdndAware"), [5]);
        let told = taker.connection.change_property32(PropMode::REPLACE, window, aware, AtomEnum::ATOM, &version);
        told.expect("asked").check().expect("it can say what it takes");
        taker.connection.map_window(window).expect("asked").check().expect("it can be shown");
        taker
    }

    /// Whether something hovers over it.
    pub fn hovered(&mut self) -> bool {
        let (position, mut hovered) = (self.atom("XdndPosition"), false);
        while let Some(event) = self.connection.poll_for_event().expect("the display is there") {
            if let Event::ClientMessage(message) = event
                && message.type_ == position
            {
                self.source = message.data.as_data32()[0];
                self.answer("XdndStatus");
                hovered = true;
            }
        }
        hovered
    }

    /// The addresses of the files, once they were dropped and handed over.
    pub fn taken(&mut self) -> Option<Vec<String>> {
        let (dropped, position) = (self.atom("XdndDrop"), self.atom("XdndPosition"));
        while let Some(event) = self.connection.poll_for_event().expect("the display is there") {
            match event {
                Event::ClientMessage(message) if message.type_ == position => self.answer("XdndStatus"),
                Event::ClientMessage(message) if message.type_ == dropped => self.ask(message.data.as_data32()[2]),
                Event::SelectionNotify(given) => {
                    let files = self.read(&given);
                    self.answer("XdndFinished");
                    return Some(files);
                }
                _ => {}
            }
        }
        None
    }

    fn ask(&self, time: u32) {
        let (selection, files) = (self.atom("XdndSelection"), self.atom(FILES));
        let asked = self.connection.convert_selection(self.window, selection, files, files, time);
        asked.expect("asked").check().expect("it can ask for what was dropped");
    }

    /// Nothing, where the source has nothing to give.
    fn read(&self, given: &SelectionNotifyEvent) -> Vec<String> {
        if given.property == x11rb::NONE {
            return Vec::new();
        }
        let read = self.connection.get_property(true, self.window, given.property, AtomEnum::ANY, 0, u32::MAX);
        let list = read.expect("asked").reply().expect("what was given can be read").value;
        String::from_utf8(list).expect("addresses are text").lines().map(str::to_owned).collect()
    }

    /// Yes, as a copy.
    fn answer(&self, name: &str) {
        let copy = self.atom("XdndActionCopy");
        let data = if name == "XdndStatus" { [self.window, 1, 0, 0, copy] } else { [self.window, 1, copy, 0, 0] };
        let message = ClientMessageEvent::new(32, self.source, self.atom(name), data);
        let sent = self.connection.send_event(false, self.source, EventMask::NO_EVENT, message);
        sent.expect("asked").check().expect("the source can be told");
    }

    fn atom(&self, name: &str) -> Atom {
        let answer = self.connection.intern_atom(false, name.as_bytes()).expect("asked").reply();
        answer.expect("every name has an atom").atom
    }
}
