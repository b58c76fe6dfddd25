//! Server-sent events. Source: the WHATWG HTML standard, section 9.2.6.

use twin_core::error::{Code, Failure};

/// No event of a chat is near this; a server that never ends a line must not fill the memory.
const MAX_EVENT: usize = 8 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Cuts a byte stream into the data of its events, wherever the network cut it.
#[derive(Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// A line feed after a carriage return ends no second line.
    after_return: bool,
    /// Whether a line has ended: only the first may begin with a byte order mark.
    has_begun: bool,
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
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        let line = line.strip_prefix(BYTE_ORDER_MARK).filter(|_| is_first).unwrap_or(&line);
        if line.is_empty() {
            return self.dispatch();
        }
        // Comments (a leading colon) and the fields event, id and retry carry nothing here.
        if let Some(value) = line.strip_prefix(b"data") {
            match value {
                [b':', b' ', value @ ..] | [b':', value @ ..] => self.add(value),
                [] => self.add(&[]),
                _ => {}
            }
        } else if let Some(value) = line.strip_prefix(b"error:") {
            // Older llama.cpp: `error: {"code":500,…}`, in place of `data: {"error":{"code":500,…}}`.
            self.add(b"{\"error\":");
            self.add(value);
            self.add(b"}");
        } else if line.starts_with(b"{\"error\"") {
            // A server that failed after it had begun to stream, and forgot that it had: Ollama.
            self.add(line);
        }
        None
    }

    fn add(&mut self, line: &[u8]) {
        if std::mem::replace(&mut self.has_data, true) {
            self.data.push(b'\n');
        }
        self.data.extend_from_slice(line);
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
    fn a_byte_order_mark_is_no_part_of_the_first_event() {
        assert_eq!(read([&b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n"[..]]), ["a"]);
    }

    #[test]
    fn an_error_outside_of_any_event_is_one() {
        let stream = b"error: {\"code\":500}\n\n{\"error\":\"x\"}\n";
        assert_eq!(read([&stream[..]]), ["{\"error\":\n {\"code\":500}\n}", "{\"error\":\"x\"}"]);
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
