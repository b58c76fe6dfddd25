//! Standard output and standard error; a reader that went away (`| head`) is no error worth a message.

use serde::Serialize;
use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use twin_app::error::WireError;

/// Where results go.
pub(crate) struct Output {
    whole: Cell<bool>,
    terminal: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { whole: Cell::new(true), terminal: std::io::stdout().is_terminal() }
    }

    /// Whether everything could be written.
    pub(crate) fn is_whole(&self) -> bool {
        self.whole.get()
    }

    /// Text at once: replies are read while they grow. What others wrote never steers the terminal.
    pub(crate) fn text(&self, text: &str) {
        if self.terminal {
            self.write(&harmless(text));
        } else {
            self.write(text);
        }
    }

    fn write(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            self.whole.set(false);
        }
    }

    pub(crate) fn line(&self, line: &str) {
        self.text(&format!("{line}\n"));
    }

    /// One value, pretty-printed.
    pub(crate) fn json(&self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.line(&text),
            Err(_) => self.whole.set(false),
        }
    }
}

/// Something to know while an answer is on its way, to standard error.
pub(crate) fn remark(text: &str) {
    to_stderr(&format!("{text}\n"));
}

/// What failed and what to do, to standard error.
pub(crate) fn complain(error: &WireError) {
    let hint = if error.hint.is_empty() { String::new() } else { format!("       {}\n", error.hint) };
    // By the code a script knows it again, whatever the words become.
    let code = serde_json::to_value(error.code).ok();
    let code = code.as_ref().and_then(|code| code.as_str()).unwrap_or("internal");
    let text = format!("error: {} ({code})\n{hint}", error.message);
    to_stderr(&text);
}

/// Messages quote servers and files, too: see [`Output::text`].
fn to_stderr(text: &str) {
    let mut err = std::io::stderr();
    let text = if err.is_terminal() { harmless(text) } else { text.to_owned() };
    // With no standard error left there is nobody to tell.
    drop(err.write_all(text.as_bytes()));
}

/// The same with a sign in place of what would steer a terminal.
fn harmless(text: &str) -> String {
    text.replace(|char: char| char.is_control() && !matches!(char, '\n' | '\t'), "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_others_wrote_does_not_steer_the_terminal() {
        let text = "one\ttwo\n\u{1b}]0;title\u{7}\rthree \u{9b}2J";
        assert_eq!(harmless(text), "one\ttwo\n\u{fffd}]0;title\u{fffd}\u{fffd}three \u{fffd}2J");
    }
}
