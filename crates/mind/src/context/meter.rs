//! How many tokens a text takes, estimated: counting exactly would need each model's own tokenizer.

use crate::recall::is_unspaced;
use twin_core::model::{ModelRef, Provider};

/// What a turn costs beside its words (role and separators), by the providers' documentation about three to four.
pub(crate) const TURN_TOKENS: u32 = 4;

/// Estimates for one family of models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Meter {
    family: &'static str,
    /// Characters of two tokens: whole numbers keep the sums exact.
    characters_of_two: u32,
}

impl Meter {
    /// By the family that the model's id names. Anthropic states about 3.5 English characters a token for Claude; the
    /// vendors of the others about 4. A model that is not known is taken for the more expensive kind.
    pub(crate) fn for_model(model: &ModelRef) -> Self {
        if model.provider == Provider::Offline {
            return Self { family: "offline", characters_of_two: 8 };
        }
        let id = model.id.to_lowercase();
        let families: [(&'static str, u32, &[&str]); 7] = [
            ("Claude", 7, &["claude", "anthropic"]),
            ("Llama", 8, &["llama", "meta."]),
            ("Mistral", 8, &["mistral", "mixtral", "ministral", "magistral", "devstral"]),
            ("Nova", 8, &["nova", "titan"]),
            ("GPT", 8, &["gpt", "chatgpt"]),
            ("Qwen", 8, &["qwen"]),
            ("Gemma", 8, &["gemma", "gemini"]),
        ];
        let known = families.into_iter().find(|(_, _, names)| names.iter().any(|name| id.contains(name)));
        let (family, characters_of_two, _) = known.unwrap_or(("unknown model", 7, &[]));
        Self { family, characters_of_two }
    }

    /// The estimate in words.
    pub(crate) fn method(self) -> String {
        let characters = f64::from(self.characters_of_two) / 2.0;
        let family = self.family;
        format!("{characters} characters a token ({family}); a Chinese, Japanese or Korean character is one token")
    }

    /// Tokens of a text, rounded up.
    pub(crate) fn tokens(self, text: &str) -> u32 {
        let weight: u64 = text.chars().map(|character| self.weight(character)).sum();
        u32::try_from(weight.div_ceil(u64::from(self.characters_of_two))).unwrap_or(u32::MAX)
    }

    /// The beginning of a text that takes at most so many tokens, cut after a line, else after a sentence, else after
    /// a word; empty when not even a word fits.
    pub(crate) fn beginning(self, text: &str, tokens: u32) -> &str {
        let mut room = u64::from(tokens) * u64::from(self.characters_of_two);
        let mut end = text.len();
        for (at, character) in text.char_indices() {
            let Some(left) = room.checked_sub(self.weight(character)) else {
                end = at;
                break;
            };
            room = left;
        }
        if end == text.len() {
            return text;
        }
        let whole = &text[..end];
        let cuts = [whole.rfind('\n'), whole.rfind(". ").map(|at| at + 1), whole.rfind(' ')];
        // A cut that throws away more than half of what fits is not worth its tidiness.
        let cut = cuts.into_iter().flatten().find(|cut| *cut >= end / 2).unwrap_or(end);
        whole[..cut].trim_end()
    }

    /// A token weighs `characters_of_two`, so a character of two tokens' text weighs 2.
    fn weight(self, character: char) -> u64 {
        if is_unspaced(character) { u64::from(self.characters_of_two) } else { 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("bedrock:eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "3.5 characters a token (Claude)", 10)]
    #[case("openai:llama3.2:3b", "4 characters a token (Llama)", 9)]
    #[case("openai:something-new", "3.5 characters a token (unknown model)", 10)]
    fn the_estimate_follows_the_family(#[case] model: &str, #[case] method: &str, #[case] tokens: u32) {
        let meter = Meter::for_model(&model.parse().unwrap());
        assert!(meter.method().starts_with(method), "{}", meter.method());
        assert_eq!(meter.tokens(&"x".repeat(35)), tokens);
        assert_eq!(meter.tokens("分析机关"), 4);
    }

    #[rstest]
    #[case("one line\nanother line\nthe last", 6, "one line\nanother line")]
    #[case("One sentence. Another sentence.", 6, "One sentence.")]
    #[case("just some words here", 3, "just some")]
    #[case("unbreakableword", 2, "unbreaka")]
    #[case("short", 9, "short")]
    #[case("short", 0, "")]
    fn a_beginning_is_cut_where_it_reads_well(#[case] text: &str, #[case] tokens: u32, #[case] expected: &str) {
        let meter = Meter { family: "test", characters_of_two: 8 };
        assert_eq!(meter.beginning(text, tokens), expected);
    }
}
