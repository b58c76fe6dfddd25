//! Names to paths and back. What file systems disagree on (capitals, dots, letters beyond ASCII, words that Windows keeps
//! for itself) is written as `%` and two digits, so that a folder can move between them.

/// So that an object `a` and the folder of an object `a/b` can stand side by side.
const ENDING: &str = ".twin";

/// The folders of a name, and its file.
pub(super) fn path(name: &str) -> (Vec<String>, String) {
    let (folders, file) = name.rsplit_once('/').unzip();
    let folders = folders.map(|folders| folders.split('/').map(part).collect());
    (folders.unwrap_or_default(), part(file.unwrap_or(name)) + ENDING)
}

/// The part of a name that a folder stands for; none if it is none of ours.
pub(super) fn folder(path: &str) -> Option<String> {
    let text = if path == "%" { String::new() } else { decoded(path)? };
    // Only as we write it, or two paths would be one name.
    (part(&text) == path).then_some(text)
}

/// The same for a file.
pub(super) fn file(path: &str) -> Option<String> {
    folder(path.strip_suffix(ENDING)?)
}

fn part(text: &str) -> String {
    match text.as_bytes() {
        [] => "%".to_owned(),
        [first, rest @ ..] if is_reserved(text) => {
            format!("%{first:02x}{}", std::str::from_utf8(rest).unwrap_or_default())
        }
        _ => encoded(text),
    }
}

/// Devices of Windows, whatever their ending.
fn is_reserved(text: &str) -> bool {
    let numbered = |stem| text.strip_prefix(stem).is_some_and(|rest| matches!(rest.as_bytes(), [b'0'..=b'9']));
    matches!(text, "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

pub(super) fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02x}"),
    };
    text.bytes().map(byte).collect()
}

pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            u8::try_from(digit()? << 4 | digit()?).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_name_has_one_path_and_none_leads_out(name in "\\PC{0,40}|[a-c./\\\\]{0,12}") {
            let (folders, last) = path(&name);
            let parts: Option<Vec<_>> = folders.iter().map(|part| folder(part)).chain([file(&last)]).collect();
            prop_assert_eq!(parts.unwrap().join("/"), name);
            for part in folders.iter().chain([&last]) {
                prop_assert!(!part.starts_with('.') && !part.is_empty());
                prop_assert!(part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_%.".contains(c)));
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_no_name() {
        for other in ["Keyring.twin", "keyring (conflicted copy).twin", "keyring", "%zz.twin", "%61.twin", "con.twin"] {
            assert_eq!(file(other), None, "{other}");
        }
        assert_eq!(file("%41.twin"), Some("A".to_owned()));
        assert_eq!(path("con/nul"), (vec!["%63on".to_owned()], "%6eul.twin".to_owned()));
        assert_eq!(path("../x"), (vec!["%2e%2e".to_owned()], "x.twin".to_owned()));
    }
}
