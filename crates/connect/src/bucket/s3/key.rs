//! Names to keys and back.

/// What every key begins with: nothing, or something that ends with `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prefix(String);

impl Prefix {
    pub(super) fn new(text: &str) -> Self {
        let text = text.trim_matches('/');
        Self(if text.is_empty() { String::new() } else { format!("{text}/") })
    }

    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }

    /// None for a key that is not ours.
    pub(super) fn name<'a>(&self, key: &'a str) -> Option<&'a str> {
        key.strip_prefix(&self.0)
    }
}

/// A key as `encoding-type=url` writes it. Bytes that are no text are replaced: no name of ours has any.
pub(super) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|&digit| char::from(digit).to_digit(16));
        match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high << 4 | low).unwrap_or_default());
                rest = &after[2..];
            }
            (b'+', ..) => {
                bytes.push(b' ');
                rest = after;
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_names_behind_the_prefix() {
        for (text, key) in [("", "a/b"), ("/", "a/b"), ("twin", "twin/a/b"), ("/my/twin/", "my/twin/a/b")] {
            let prefix = Prefix::new(text);
            assert_eq!(prefix.key("a/b"), key);
            assert_eq!(prefix.name(key), Some("a/b"));
        }
        assert_eq!(Prefix::new("twin").name("twins/a"), None);
    }

    #[test]
    fn what_was_encoded_is_read_as_it_was() {
        assert_eq!(decoded("a%2Fb+c%2b%C3%A9%00"), "a/b c+\u{e9}\0");
        assert_eq!(decoded("100%,%zz%4"), "100%,%zz%4");
    }
}
