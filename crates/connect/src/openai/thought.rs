//! Thoughts between tags in the text itself, as Ollama and llama.cpp send them where they do not know a model's template.

/// DeepSeek and Qwen; some of Claude's pupils; Magistral.
const TAGS: [(&str, &str); 3] = [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("[THINK]", "[/THINK]")];

/// Tells the thoughts at the beginning of an answer from the answer, wherever the server cut the text.
#[derive(Debug, Default)]
pub(super) struct Tags {
    place: Place,
    /// What may be the first half of a tag.
    held: String,
}

#[derive(Debug, Default, Clone, Copy)]
enum Place {
    #[default]
    Beginning,
    /// In thoughts that end with this tag.
    Thought(&'static str),
    /// The blank lines behind the closing tag belong to neither.
    Behind,
    Answer,
}

/// A piece of an answer's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Thought(String),
    Answer(String),
}

impl Tags {
    /// The pieces that `text` completes.
    pub(super) fn feed(&mut self, text: &str) -> Vec<Piece> {
        self.held.push_str(text);
        let mut pieces = Vec::new();
        loop {
            match self.place {
                Place::Beginning => {
                    let begin = self.held.trim_start();
                    if let Some((opening, closing)) = TAGS.iter().find(|(opening, _)| begin.starts_with(opening)) {
                        self.held = begin[opening.len()..].to_owned();
                        self.place = Place::Thought(closing);
                    } else if TAGS.iter().any(|(opening, _)| opening.starts_with(begin)) {
                        return pieces;
                    } else {
                        self.place = Place::Answer;
                    }
                }
                Place::Thought(closing) => {
                    let end = self.held.find(closing);
                    let thought: String =
                        self.held.drain(..end.unwrap_or(self.held.len() - half(&self.held, closing))).collect();
                    if !thought.is_empty() {
                        pieces.push(Piece::Thought(thought));
                    }
                    if end.is_none() {
                        return pieces;
                    }
                    self.held.drain(..closing.len());
                    self.place = Place::Behind;
                }
                Place::Behind => {
                    self.held = self.held.trim_start().to_owned();
                    if self.held.is_empty() {
                        return pieces;
                    }
                    self.place = Place::Answer;
                }
                Place::Answer => {
                    if !self.held.is_empty() {
                        pieces.push(Piece::Answer(std::mem::take(&mut self.held)));
                    }
                    return pieces;
                }
            }
        }
    }

    /// What was held back for a tag that did not come. The half of a closing tag is nobody's word.
    pub(super) fn end(&mut self) -> Option<Piece> {
        let held = std::mem::take(&mut self.held);
        matches!(self.place, Place::Beginning if !held.trim().is_empty()).then_some(Piece::Answer(held))
    }
}

/// How many bytes at the end of `text` may be the beginning of `tag`.
fn half(text: &str, tag: &str) -> usize {
    (1..tag.len()).rev().find(|&length| text.ends_with(&tag[..length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Piece, Tags};
    use proptest::prelude::*;
    use rstest::rstest;

    /// Thoughts and answer, each joined.
    fn read<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let mut tags = Tags::default();
        let mut all: Vec<_> = pieces.into_iter().flat_map(|piece| tags.feed(piece)).collect();
        all.extend(tags.end());
        let mut read = (String::new(), String::new());
        for piece in all {
            match piece {
                Piece::Thought(text) => read.0.push_str(&text),
                Piece::Answer(text) => read.1.push_str(&text),
            }
        }
        read
    }

    #[rstest]
    #[case::plain("Hello", "", "Hello")]
    #[case::deepseek("<think>\nHm.\n</think>\n\nHello", "\nHm.\n", "Hello")]
    #[case::magistral("[THINK]Hm.[/THINK]Hello", "Hm.", "Hello")]
    #[case::qwen_that_does_not_think("<think>\n\n</think>\n\nHello", "\n\n", "Hello")]
    #[case::no_end("<think>Hm", "Hm", "")]
    #[case::a_cut_end("<think>Hm</thi", "Hm", "")]
    #[case::a_cut_beginning("<thi", "", "<thi")]
    #[case::later_in_the_text("Write <think> first", "", "Write <think> first")]
    #[case::another_tag("<thin>x", "", "<thin>x")]
    #[case::smaller_than("<think>a < b</think>c", "a < b", "c")]
    fn thoughts_between_tags_are_no_answer(#[case] text: &str, #[case] thought: &str, #[case] answer: &str) {
        let expected = (thought.to_owned(), answer.to_owned());
        assert_eq!(read([text]), expected);
        let letters: Vec<_> = text.char_indices().map(|(at, letter)| &text[at..at + letter.len_utf8()]).collect();
        assert_eq!(read(letters), expected, "letter by letter");
    }

    proptest! {
        #[test]
        fn where_the_server_cuts_makes_no_difference(
            text in "( |\n)?(<think>|<thinking>|\\[THINK\\]|<thi)?[a<\u{e9}/ ]{0,6}(</think>|</thinking>|\\[/THINK\\]|</th)?[ \n]{0,2}[b<>]{0,4}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.retain(|&place| text.is_char_boundary(place));
            places.sort_unstable();
            prop_assert_eq!(read(places.windows(2).map(|pair| &text[pair[0]..pair[1]])), read([&text[..]]));
        }
    }
}
