//! Cuts Markdown or plain text into what can be quoted.

use crate::title::without_block_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Abbreviations whose full stop does not end a sentence, in lower case.
const ABBREVIATIONS: [&str; 22] = [
    "dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "jr.", "sr.", "vs.", "e.g.", "i.e.", "etc.", "approx.", "no.", "vol.",
    "inc.", "ltd.", "z.b.", "bzw.", "ca.", "sra.", "mt.",
];

/// A line this long that does not end a sentence was broken by an editor, not by its author.
const WRAPPED_FROM: usize = 50;

/// A line this short that ends in a colon, or is all capitals, is the heading of what follows it.
const HEADING_TO: usize = 60;

/// A line shorter than this that begins with a capital and ends without a stop may be a title.
const TITLE_BELOW: usize = 25;

/// Depths of headings without `#`: below those of Markdown, which go to six.
const CAPITALS: usize = 7;
const COLON: usize = 8;

/// A paragraph, a list, a table row or a line: what belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    /// The nearest heading above.
    pub(crate) heading: Option<String>,
    is_list: bool,
    /// In order; never empty.
    pub(crate) sentences: Vec<Sentence>,
}

impl Block {
    /// All of it on one line.
    pub(crate) fn whole(&self) -> String {
        let mut whole = String::new();
        for sentence in &self.sentences {
            if !whole.is_empty() {
                whole.push_str(if self.is_list && whole.ends_with(char::is_alphanumeric) { "; " } else { " " });
            }
            whole.push_str(&sentence.text);
        }
        whole
    }
}

/// One sentence without the marks of its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    /// Where it begins, counted from 1.
    pub(crate) line: u32,
}

/// Cuts a text. Headings are not sentences but belong to the blocks below them; blank lines, headings
/// and line breaks end a block, except a break that only wraps a long line.
pub(crate) fn blocks(text: &str) -> Vec<Block> {
    let mut cutter = Cutter::default();
    for (number, line) in (1..).zip(text.lines()) {
        cutter.take(number, line);
    }
    cutter.end_block();
    cutter.end_heading();
    cutter.blocks
}

#[derive(Default)]
struct Cutter {
    blocks: Vec<Block>,
    heading: Option<String>,
    /// A line that ends in a colon: holds for the lines right below and for a list.
    colon_heading: Option<String>,
    /// The last heading and its depth, until something stands below it.
    bare_heading: Option<(usize, Sentence)>,
    in_list: bool,
    in_fence: bool,
    after_blank: bool,
    open: Open,
}

/// The block that is being read.
#[derive(Default)]
struct Open {
    text: String,
    /// At which offset each line begins, and its number.
    starts: Vec<(usize, u32)>,
    is_item: bool,
}

impl Open {
    fn push(&mut self, number: u32, words: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.starts.push((self.text.len(), number));
        self.text.push_str(words);
    }

    /// Whether it goes on in the next line. A title does not go on what stands above it (PDF files have no other marks).
    fn goes_on_in(&self, next: &str) -> bool {
        let last = self.starts.last().map_or("", |(start, _)| &self.text[*start..]);
        let ends = |line: &str| line.ends_with(['.', '!', '?', ':', '。', '！', '？', '|']);
        let is_title = next.starts_with(char::is_uppercase) && next.chars().count() < TITLE_BELOW && !ends(next);
        last.chars().count() >= WRAPPED_FROM && !ends(last) && !is_title
    }

    fn line_at(&self, offset: usize) -> u32 {
        self.starts.iter().rev().find(|(start, _)| *start <= offset).map_or(0, |(_, line)| *line)
    }

    fn sentences(&self) -> Vec<Sentence> {
        let sentence = |(offset, text): (usize, &str)| Sentence { text: text.to_owned(), line: self.line_at(offset) };
        split(&self.text).map(sentence).collect()
    }
}

impl Cutter {
    fn take(&mut self, number: u32, line: &str) {
        let trimmed = line.trim();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            self.in_fence = !self.in_fence;
            return self.end_block();
        }
        let words = if self.in_fence { trimmed } else { without_block_mark(trimmed) };
        if !words.contains(char::is_alphanumeric) {
            // A blank line between two items does not end their list.
            self.after_blank = true;
            return self.end_block();
        }
        let is_indented = line.starts_with([' ', '\t']);
        let is_marked = !self.in_fence && words.len() < trimmed.len();
        if is_marked && trimmed.starts_with('#') {
            self.end_block();
            (self.in_list, self.colon_heading) = (false, None);
            let depth = trimmed.bytes().take_while(|byte| *byte == b'#').count();
            self.heading = Some(self.take_heading(depth, number, words));
            return;
        }
        let is_item = is_marked && !trimmed.starts_with('>');
        if is_item {
            self.end_block();
            self.open.is_item = true;
        } else if !(self.open.goes_on_in(words) || is_indented && self.in_list) {
            self.end_block();
            self.in_list = false;
            if self.after_blank {
                self.colon_heading = None;
            }
            if words.chars().count() <= HEADING_TO {
                if words.ends_with([':', '：']) {
                    self.colon_heading = Some(self.take_heading(COLON, number, words));
                    self.after_blank = false;
                    return;
                }
                if words.contains(char::is_uppercase) && !words.contains(char::is_lowercase) {
                    self.heading = Some(self.take_heading(CAPITALS, number, words));
                    return;
                }
            }
        }
        self.after_blank = false;
        self.open.push(number, words);
    }

    /// The words of a heading, kept aside as well: with nothing below it, it is a sentence of its own.
    fn take_heading(&mut self, depth: usize, number: u32, words: &str) -> String {
        // Below the title of a page stands its first heading.
        self.bare_heading.take_if(|(above, _)| *above < depth);
        self.end_heading();
        self.bare_heading = Some((depth, Sentence { text: words.to_owned(), line: number }));
        words.trim_end_matches(['#', ':', '：', '*', ' ']).to_owned()
    }

    fn end_heading(&mut self) {
        let bare = self.bare_heading.take();
        self.blocks.extend(bare.map(|(_, sentence)| Block {
            heading: None,
            is_list: false,
            sentences: vec![sentence],
        }));
    }

    fn end_block(&mut self) {
        let open = std::mem::take(&mut self.open);
        let sentences = open.sentences();
        if !sentences.is_empty() {
            self.bare_heading = None;
            let heading = self.colon_heading.clone().or_else(|| self.heading.clone());
            match self.blocks.last_mut().filter(|_| open.is_item && self.in_list) {
                Some(list) => list.sentences.extend(sentences),
                None => self.blocks.push(Block { heading, is_list: open.is_item, sentences }),
            }
            self.in_list |= open.is_item;
        }
    }
}

/// Sentences with their offsets, by Unicode's boundaries (UAX 29), which take "Dr. Smith" for two: those are joined.
pub(crate) fn split(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut ends: Vec<usize> = Vec::new();
    for (start, piece) in text.split_sentence_bound_indices() {
        let before = text[..start].trim_end();
        let last_word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let is_initial = last_word.len() == 2
            && last_word.starts_with(char::is_alphabetic)
            && last_word.ends_with('.')
            && last_word != "I.";
        if is_initial || ABBREVIATIONS.contains(&last_word.to_lowercase().as_str()) {
            ends.pop();
        }
        ends.push(start + piece.len());
    }
    let starts = std::iter::once(0).chain(ends.clone());
    starts.zip(ends).map(|(start, end)| (start, text[start..end].trim())).filter(|(_, sentence)| !sentence.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Cut = (Option<String>, Vec<(u32, String)>);

    fn cut(text: &str) -> Vec<Cut> {
        let sentences =
            |block: Block| block.sentences.into_iter().map(|sentence| (sentence.line, sentence.text)).collect();
        blocks(text).into_iter().map(|block| (block.heading.clone(), sentences(block))).collect()
    }

    fn line(number: u32, text: &str) -> (u32, String) {
        (number, text.to_owned())
    }

    #[test]
    fn headings_belong_to_what_stands_below_them() {
        let found = cut("Hello. I am Ada.\n\n## Hobbies\n- chess\n* *riding*, often\n\nOther things:\nharp\n\nThe end");
        let hobbies = Some("Hobbies".to_owned());
        assert_eq!(
            found,
            [
                (None, vec![line(1, "Hello."), line(1, "I am Ada.")]),
                (hobbies.clone(), vec![line(4, "chess"), line(5, "*riding*, often")]),
                (Some("Other things".to_owned()), vec![line(8, "harp")]),
                (hobbies, vec![line(10, "The end")]),
            ]
        );
    }

    #[test]
    fn a_heading_with_nothing_below_is_a_sentence() {
        let texts =
            |text| cut(text).into_iter().flat_map(|(_, sentences)| sentences).map(|(_, text)| text).collect::<Vec<_>>();
        let page = "A long line of a printed page that has no full stop at its end\nSkills\nSewing";
        assert_eq!(texts(page)[1..], ["Skills", "Sewing"]);
        assert_eq!(texts("MY NAME IS FRED"), ["MY NAME IS FRED"]);
        assert_eq!(texts("# Never lend books\n# Be on time\nAlways."), ["Never lend books", "Always."]);
        assert_eq!(texts("# Teaching\n\n## Prices\n\nFree."), ["Free."]);
        assert_eq!(texts("WORK\nGardener\nPLACE\nCork"), ["Gardener", "Cork"]);
    }

    #[test]
    fn a_wrapped_line_goes_on_and_a_short_line_does_not() {
        let found =
            cut("I have worked on the notes for the Analytical Engine\nsince last summer. It is hard.\nBread\nMilk");
        assert_eq!(
            found.into_iter().map(|(_, sentences)| sentences).collect::<Vec<_>>(),
            [
                vec![
                    line(1, "I have worked on the notes for the Analytical Engine since last summer."),
                    line(2, "It is hard.")
                ],
                vec![line(3, "Bread")],
                vec![line(4, "Milk")],
            ]
        );
    }

    #[test]
    fn abbreviations_and_initials_do_not_end_a_sentence() {
        let found = cut("Dr. Smith met A. N. Other at 5 p.m. on Monday. 你好。再见。");
        let texts: Vec<String> = found.into_iter().flat_map(|(_, sentences)| sentences).map(|(_, text)| text).collect();
        assert_eq!(texts, ["Dr. Smith met A. N. Other at 5 p.m. on Monday.", "你好。", "再见。"]);
    }
}
