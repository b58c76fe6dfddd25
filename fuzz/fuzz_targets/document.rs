//! The words of a document: PDF, Word, Excel, or text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::Once;
use twin_mind::document;

const NAMES: [&str; 5] = ["a.pdf", "a.docx", "a.xlsx", "a.txt", "a.html"];

fuzz_target!(|data: &[u8]| {
    // What others' libraries panic at is caught where it is called, and is no finding. What gets through still ends the run.
    static HOOK: Once = Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let Some((first, bytes)) = data.split_first() else { return };
    if let Some(kind) = document::kind(NAMES[usize::from(*first) % NAMES.len()], bytes) {
        let _ = document::text(kind.media_type(), bytes);
    }
});
