//! A file of the persona, under each of the names that decide how it is read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use twin_core::chat::Audience;
use twin_mind::persona::{self, FileContent, Persona, SourceFile};

const NAMES: [&str; 9] = [
    "facts.json",
    "summary.md",
    "summary.txt",
    "style.txt",
    "linkedin.txt",
    "notes.md",
    "private/diary.md",
    "avatar.png",
    "avatar.jpg",
];

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let path = NAMES[usize::from(*first) % NAMES.len()];
    let file = SourceFile { path: path.to_owned(), content: FileContent::Bytes(bytes.to_vec()) };
    let persona = Persona::load(None, vec![file]);
    let again = Persona::load(Some(&persona), vec![]);
    for audience in [Audience::Owner, Audience::Visitor] {
        let texts = persona.texts(audience).count() + persona.facts(audience).count();
        assert!(texts == 0 || !(audience == Audience::Visitor && path.starts_with("private/")));
    }
    let _ = (persona.view(), persona.problems(), persona.avatar(), persona.full_name(), again.changed_since(&persona));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (persona::loads(path, text), persona::check_text(path, text));
    }
});
