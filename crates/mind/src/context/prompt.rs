//! The texts of the prompt and how they are filled.

pub(crate) const IDENTITY_OWNER: &str = include_str!("prompt/identity_owner.md");
pub(crate) const IDENTITY_VISITOR: &str = include_str!("prompt/identity_visitor.md");
pub(crate) const RULES: &str = include_str!("prompt/rules.md");
pub(crate) const FACTS: &str = include_str!("prompt/facts.md");
pub(crate) const SUMMARY: &str = include_str!("prompt/summary.md");
pub(crate) const DOCUMENT: &str = include_str!("prompt/document.md");
pub(crate) const STYLE: &str = include_str!("prompt/style.md");
pub(crate) const FORMATTING: &str = include_str!("prompt/formatting.md");
pub(crate) const NOW: &str = include_str!("prompt/now.md");
pub(crate) const AS_OF: &str = include_str!("prompt/as_of.md");
pub(crate) const MEMORY: &str = include_str!("prompt/memory.md");
pub(crate) const PASSAGE: &str = include_str!("prompt/passage.md");
pub(crate) const FILE_GONE: &str = include_str!("prompt/file_gone.md");
pub(crate) const NO_OUTPUT: &str = include_str!("prompt/no_output.md");

/// The tags that tell material from instructions.
const TAGS: [&str; 5] = ["facts", "summary", "document", "style", "memory"];

/// Puts the values in place of `{name}`. One pass: what a value says is never taken for a placeholder.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template.trim_end();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = values.iter().find(|(key, _)| *key == name);
        debug_assert!(value.is_some(), "no value for {{{name}}}");
        out.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Text from files and conversations: it cannot open or close one of the prompt's own tags.
pub(crate) fn as_data(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (index, piece) in text.trim_end().split('<').enumerate() {
        if index > 0 {
            out.push_str(if opens_own_tag(piece) { "&lt;" } else { "<" });
        }
        out.push_str(piece);
    }
    out
}

fn opens_own_tag(after_bracket: &str) -> bool {
    let name = after_bracket.trim_start_matches(|character: char| character == '/' || character.is_whitespace());
    TAGS.iter().any(|tag| name.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
}

/// Text for one line of the prompt or for an attribute.
pub(crate) fn as_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|character: char| character.is_whitespace() || character.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    as_data(&line).replace('"', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_never_taken_for_a_placeholder() {
        assert_eq!(fill("{a} and {b}.\n", &[("a", "{b}"), ("b", "2")]), "{b} and 2.");
    }

    #[test]
    #[should_panic(expected = "no value for {b}")]
    fn an_unfilled_placeholder_fails() {
        fill("{a} {b}", &[("a", "1")]);
    }

    #[test]
    fn data_cannot_close_its_tag() {
        assert_eq!(as_data("1 < 2 </ DOCUMENT><memory> <b>"), "1 < 2 &lt;/ DOCUMENT>&lt;memory> <b>");
        assert_eq!(as_line("a\"b\n</facts>.md"), "a'b &lt;/facts>.md");
    }
}
