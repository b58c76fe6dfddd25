//! Server-sent events. Source: the WHATWG HTML standard, section 9.2.6.

use twin_core::error::{Code, Failure};

/// No event of a chat is near this; a server that never ends a line must not fill the memory.
const MAX_EVENT: usize = 8 << 20;

/// Cuts a byte stream into the data of its events, wherever the network cut it.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// A line feed after a carriage return ends no second line.
    after_return: bool,
}

impl Events {
    /// The data of every event that `bytes` completes.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<String>, Failure> {
        let mut ready = Vec::new();
        for &byte in bytes {
            let is_second_half = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            match byte {
                b'\n' if is_second_half => {}
                b'\n' | b'\r' => ready.extend(self.end_line()),
                _ => self.line.push(byte),
            }
        }
        if self.line.len() + self.data.len() > MAX_EVENT {
            return Err(Failure::permanent(
                Code::ProviderFailed,
                "the server sent an event of more than 8 MiB",
                "Check that the address is that of an OpenAI-compatible server.",
            ));
        }
        Ok(ready)
    }

    /// What the stream's end completes. The standard would drop it, but some servers forget the last blank line.
    pub(super) fn end(&mut self) -> Option<String> {
        let line = self.end_line();
        line.or_else(|| self.dispatch())
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.dispatch();
        }
        // Comments (a leading colon) and the fields event, id and retry carry nothing here.
        if let Some(value) = line.strip_prefix(b"data") {
            let value = match value {
                [b':', b' ', value @ ..] | [b':', value @ ..] => value,
                [] => &[],
                _ => return None,
            };
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value);
        }
        None
    }

    fn dispatch(&mut self) -> Option<String> {
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then(|| String::from_utf8_lossy(&data).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::Events;
    use proptest::prelude::*;

    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
        let mut events = Events::default();
        let mut all: Vec<_> = pieces.into_iter().flat_map(|piece| events.feed(piece).unwrap()).collect();
        all.extend(events.end());
        all
    }

    #[test]
    fn events_are_cut_at_blank_lines_of_any_kind() {
        let stream = b": hello\r\nevent: x\r\ndata: a\r\n\r\ndata:b\ndata\ndata:  c\nid: 1\n\n\rdata: \xc3\xa9\r\rdatabase: no\n\ndata: last";
        assert_eq!(read([&stream[..]]), ["a", "b\n\n c", "\u{e9}", "last"]);
    }

    #[test]
    fn an_endless_line_is_given_up() {
        let mut events = Events::default();
        let piece = vec![b'x'; 1 << 20];
        assert!((0..20).any(|_| events.feed(&piece).is_err()));
    }

    proptest! {
        #[test]
        fn where_the_network_cuts_makes_no_difference(
            lines in prop::collection::vec("(data: ?|:|event:)?[a-z\u{e9}\u{1f600}]{0,4}(\r\n|\n|\r)", 0..12),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let stream = lines.concat().into_bytes();
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            places.extend([0, stream.len()]);
            places.sort_unstable();
            let pieces = places.windows(2).map(|pair| &stream[pair[0]..pair[1]]);
            prop_assert_eq!(read(pieces), read([&stream[..]]));
        }
    }
}
