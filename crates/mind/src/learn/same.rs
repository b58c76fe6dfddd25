//! Whether a text says nothing that another does not say already.

use super::own::fold;
use crate::recall::{Analyzer, Language, Side, is_unspaced, words};
use twin_core::memory::Memory;

/// A text this much shorter says something else: "Plays" is in "Plays the harp on Sundays".
const SHARE: (usize, usize) = (3, 5);

/// Whether two memories have the same letters and digits.
pub fn same(one: &Memory, other: &Memory) -> bool {
    letters(&one.text) == letters(&other.text)
}

fn letters(text: &str) -> String {
    fold(text).chars().filter(|char| char.is_alphanumeric()).collect()
}

/// Whether every word of `new` that carries meaning stands in `known`, in the same order and as often denied. In order:
/// "Anna is older than Tom" is not "Tom is older than Anna".
pub(super) fn adds_nothing(new: &str, known: &str) -> bool {
    let analyzer = Analyzer::new(Language::of(known));
    let (fewer, more) = (stems(&analyzer, new), stems(&analyzer, known));
    if fewer.is_empty() || fewer.len() * SHARE.1 < more.len() * SHARE.0 || denials(new) != denials(known) {
        return false;
    }
    let mut more = more.iter();
    fewer.iter().all(|stem| more.any(|other| other == stem))
}

/// In order. What is denied is left to [`denials`]: function words are no stems.
pub(super) fn stems(analyzer: &Analyzer, text: &str) -> Vec<String> {
    analyzer.stems(text, Side::Question)
}

fn denials(text: &str) -> usize {
    let denying = |word: &String| {
        let mut list = include_str!("words/negation.txt").split_whitespace();
        list.any(|no| word == no || no.chars().all(is_unspaced) && word.contains(no))
    };
    words(text).iter().filter(|word| denying(word)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::judge::tests::memory;
    use rstest::rstest;

    #[rstest]
    #[case("Lives in Bath", "Lives in Bath.", true)]
    #[case("Lives in Bath", "Has lived in Bath", true)]
    #[case("Lives in Bath", "Lives in Bath with Anna", true)]
    #[case("Lives in Bath with Anna", "Lives in Bath", false)]
    #[case("Lives in Bath", "Lives in Rome", false)]
    #[case("Likes tea", "Does not like tea", false)]
    #[case("Doesn't like tea", "Does not like tea", true)]
    #[case("Anna is older than Tom", "Tom is older than Anna", false)]
    #[case("Plays", "Plays the harp on Sundays with friends", false)]
    #[case("Has 2 children", "Has 3 children", false)]
    #[case("Wohnt in Köln", "Wohnt nicht in Köln", false)]
    #[case("Trinkt keinen Tee", "Trinkt keinen Tee mehr", true)]
    #[case("No bebe té", "Bebe té", false)]
    #[case("喜欢喝茶", "不喜欢喝茶", false)]
    #[case("住在巴斯", "住在巴斯", true)]
    #[case("", "Lives in Bath", false)]
    fn what_adds_nothing_is_the_same(#[case] new: &str, #[case] known: &str, #[case] expected: bool) {
        assert_eq!(adds_nothing(new, known), expected);
    }

    #[test]
    fn marks_and_capitals_do_not_make_another_text() {
        let lives = memory(1, "Lives in Bath");
        assert!(same(&lives, &memory(2, "lives in bath.")));
        assert!(!same(&lives, &memory(2, "Lives in Bathurst")));
    }
}
