//! Cuts a text into the word pieces that the model knows (BERT, "uncased": Devlin et al. 2019, section 3).
//!
//! The same pieces as Hugging Face's `BertTokenizer` gives, except that "[SEP]" and its like in a text are text here.

use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// What the model was trained to read at once, both ends included.
pub(crate) const MAX_PIECES: usize = 256;
/// A word that is longer is not looked up.
const MAX_WORD: usize = 100;
const UNKNOWN: u16 = 100;
const BEGIN: u16 = 101;
const END: u16 = 102;

pub(crate) struct WordPiece {
    beginnings: HashMap<&'static str, u16>,
    continuations: HashMap<&'static str, u16>,
    /// Of the longest piece, in bytes: no longer one needs to be tried.
    longest: usize,
}

impl WordPiece {
    /// A vocabulary has a piece a line; its number is the line. "##" in front marks the continuation of a word.
    pub(crate) fn new(vocabulary: &'static str) -> Self {
        let (mut beginnings, mut continuations) = (HashMap::new(), HashMap::new());
        for (piece, number) in vocabulary.lines().zip(0..) {
            match piece.strip_prefix("##").filter(|rest| !rest.is_empty()) {
                Some(rest) => continuations.insert(rest, number),
                None => beginnings.insert(piece, number),
            };
        }
        let longest = vocabulary.lines().map(str::len).max().unwrap_or_default();
        Self { beginnings, continuations, longest }
    }

    /// The numbers of the pieces, between a beginning and an end. Reads no further than the model does.
    pub(crate) fn cut(&self, text: &str) -> Vec<u16> {
        let mut pieces = vec![BEGIN];
        let mut word = String::new();
        let mut characters = 0;
        for character in normal(text).chain([' ']) {
            let alone = is_alone(character);
            if !alone && character != ' ' {
                characters += 1;
                // A "word" of a megabyte is not collected: it is unknown from its 101st character on.
                if characters <= MAX_WORD {
                    word.push(character);
                }
                continue;
            }
            match characters {
                0 => {}
                1..=MAX_WORD => self.cut_word(&word, &mut pieces),
                _ => pieces.push(UNKNOWN),
            }
            word.clear();
            characters = 0;
            if alone {
                self.cut_word(character.encode_utf8(&mut [0; 4]), &mut pieces);
            }
            if pieces.len() >= MAX_PIECES {
                break;
            }
        }
        pieces.truncate(MAX_PIECES - 1);
        pieces.push(END);
        pieces
    }

    /// The longest piece that fits, again and again; a word of which any part is unknown is unknown as a whole.
    fn cut_word(&self, word: &str, pieces: &mut Vec<u16>) {
        let before = pieces.len();
        let mut rest = word;
        let mut known = &self.beginnings;
        while !rest.is_empty() {
            let most = rest.floor_char_boundary(self.longest);
            let found = (1..=most).rev().filter(|&end| rest.is_char_boundary(end)).find_map(|end| {
                let (piece, after) = rest.split_at(end);
                known.get(piece).map(|number| (*number, after))
            });
            let Some((number, after)) = found else {
                pieces.truncate(before);
                pieces.push(UNKNOWN);
                return;
            };
            pieces.push(number);
            rest = after;
            known = &self.continuations;
        }
    }
}

/// Lower case without accents; every white space a space, control characters left out.
fn normal(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter_map(|character| match character {
            '\t' | '\n' | '\r' => Some(' '),
            '\u{fffd}' => None,
            _ if character.general_category_group() == GeneralCategoryGroup::Other => None,
            _ if character.is_whitespace() => Some(' '),
            _ => Some(character),
        })
        .nfd()
        .filter(|character| character.general_category() != GeneralCategory::NonspacingMark)
        .flat_map(char::to_lowercase)
}

/// Punctuation, and characters of Chinese and Japanese: each a word of its own.
fn is_alone(character: char) -> bool {
    character.is_ascii_punctuation()
        || character.general_category_group() == GeneralCategoryGroup::Punctuation
        || matches!(character, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{2a6df}' | '\u{2a700}'..='\u{2b73f}' | '\u{2b740}'..='\u{2b81f}' | '\u{2b920}'..='\u{2ceaf}'
            | '\u{2f800}'..='\u{2fa1f}')
}
