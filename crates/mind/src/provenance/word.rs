//! Words that say what a sentence is: whose it is, whether it denies, which of a kind it names.

use crate::recall::{is_unspaced, words};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::LazyLock;
use twin_core::chat::Audience;
use unicode_segmentation::UnicodeSegmentation;

pub(super) type List = LazyLock<HashSet<&'static str>>;

macro_rules! list {
    ($($name:ident $file:literal)*) => {
        $(pub(super) static $name: List = LazyLock::new(|| include_str!(concat!("words/", $file, ".txt")).split_whitespace().collect());)*
    };
}

list! {
    OWN "own" OWN_CJK "own_cjk" OWN_VERB_ES "own_verb_es" SECOND "second" SECOND_CJK "second_cjk" THIRD "third"
    MODAL "modal" TOPIC "topic" ASKING "asking" TALK_CJK "talk_cjk" IGNORANCE "ignorance" IGNORANCE_CJK "ignorance_cjk"
    TWIN "twin" TWIN_CJK "twin_cjk" NEGATION "negation" NEGATION_CJK "negation_cjk"
    NEGATION_CJK_NOT "negation_cjk_not" BUT "but" AND "and" LIGHT "light" WRITE "write"
}

/// How sentences begin that help, offer, advise or are polite: the longest first.
pub(super) static TALK: LazyLock<Vec<&str>> = LazyLock::new(|| longest_first(include_str!("words/talk.txt")));
/// What stands before a statement without being part of it: "I think that".
pub(super) static HEDGE: LazyLock<Vec<&str>> = LazyLock::new(|| longest_first(include_str!("words/hedge.txt")));
pub(super) static NEGATION_LONG: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    include_str!("words/negation_long.txt").lines().map(|line| line.split_whitespace().collect()).collect()
});

fn longest_first(text: &'static str) -> Vec<&'static str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.len()));
    lines
}

/// A member of a group of which only one can be true of one thing: (group, member).
pub(super) type Concept = (usize, usize);

/// "brother" and "Bruder" are one, and neither is "sister".
pub(super) static CONCEPT: LazyLock<HashMap<&str, Concept>> = LazyLock::new(|| {
    let groups = include_str!("words/contrast.txt").lines().enumerate();
    let members = groups.flat_map(|(group, line)| {
        line.split_whitespace().enumerate().map(move |(member, words)| ((group, member), words))
    });
    members.flat_map(|(concept, words)| words.split(',').map(move |word| (word, concept))).collect()
});

/// The first lines of the list say who somebody is: kin, friends, animals.
pub(super) const KIN: Range<usize> = 0..3;

/// Concepts in scripts without spaces, which are found within a run.
pub(super) static CONCEPT_CJK: LazyLock<Vec<(&str, Concept)>> = LazyLock::new(|| {
    CONCEPT.iter().filter(|(word, _)| word.chars().all(is_unspaced)).map(|(word, concept)| (*word, *concept)).collect()
});

/// Words that say nearly the same, to the number of their line.
pub(super) static SYNONYM: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| include_str!("words/synonym.txt").lines().map(|line| line.split_whitespace().collect()).collect());

pub(super) static NUMBER: LazyLock<HashMap<&str, u32>> = LazyLock::new(|| {
    let lines = include_str!("words/number.txt").lines();
    let words = lines.filter_map(|line| {
        let (words, value) = line.rsplit_once(' ')?;
        Some((words, value.parse().ok()?))
    });
    words.flat_map(|(words, value)| words.split(' ').map(move |word| (word, value))).collect()
});

/// Days and months, as `d1` and `m3`.
pub(super) static DATE: LazyLock<HashMap<&str, String>> = LazyLock::new(|| {
    let days = include_str!("words/weekday.txt").lines().enumerate();
    let days = days.flat_map(|(at, line)| line.split(' ').map(move |word| (word, format!("d{}", at + 1))));
    let months = include_str!("../recall/words/month.txt").lines();
    let months = months.flat_map(|line| line.split(' ').enumerate().map(|(at, word)| (word, format!("m{}", at + 1))));
    days.chain(months).collect()
});

pub(super) fn has_any(text: &str, list: &HashSet<&str>) -> bool {
    list.iter().any(|word| text.contains(word))
}

/// Whether somebody speaks of themself: "I", "my".
pub(super) fn is_own(sentence: &str) -> bool {
    let words = words(sentence);
    words.iter().any(|word| OWN.contains(word.as_str()) || OWN_VERB_ES.contains(word.as_str()))
        || has_unspaced(sentence) && has_any(sentence, &OWN_CJK)
}

/// "you" and "your", which mean the owner where the owner is talked to.
pub(super) fn is_to_owner(sentence: &str, audience: Audience) -> bool {
    audience == Audience::Owner
        && (words(sentence).iter().any(|word| SECOND.contains(word.as_str()))
            || has_unspaced(sentence) && has_any(sentence, &SECOND_CJK))
}

pub(super) fn has_unspaced(text: &str) -> bool {
    text.chars().any(is_unspaced)
}

/// The statements of a sentence: "I live in Cork and my sister plays the harp" is two, each with a source of its own.
/// Cut only where a new subject of somebody's own follows.
pub(super) fn statements(sentence: &str) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let segments: Vec<(usize, &str)> = sentence.unicode_word_indices().collect();
    for (index, pair) in segments.windows(2).enumerate() {
        let [(at, conjunction), (next, subject)] = pair else { continue };
        let is_joint =
            AND.contains(conjunction.to_lowercase().as_str()) || BUT.contains(conjunction.to_lowercase().as_str());
        let subject = subject.split(['\'', '’']).next().unwrap_or_default().to_lowercase();
        let persons = ["i", "we", "ich", "wir", "yo", "you"];
        // "tea and my garden" is no statement of its own; "and my sister plays the harp" is.
        let owned = ["my", "our", "mein", "meine", "mi", "your"];
        let is_subject =
            persons.contains(&subject.as_str()) || owned.contains(&subject.as_str()) && segments.len() - index > 4;
        let between = &sentence[at + conjunction.len()..*next];
        if is_joint && is_subject && between.trim().is_empty() && *at > 0 {
            cuts.push(*at);
        }
    }
    cuts.extend(sentence.match_indices(['；', ';']).map(|(at, mark)| at + mark.len()));
    // Chinese and Japanese write several sentences with commas only.
    let commas = sentence.match_indices('，');
    cuts.extend(commas.map(|(at, comma)| at + comma.len()).filter(|at| {
        let rest = &sentence[*at..];
        OWN_CJK.iter().any(|own| rest.starts_with(own))
    }));
    cuts.sort_unstable();
    let ends = cuts.iter().copied().chain([sentence.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let ranges = starts.zip(ends).filter(|(start, end)| start < end);
    // The mark stands behind the words and not behind the comma that goes on.
    let ranges = ranges
        .map(|(start, end)| start..start + sentence[start..end].trim_end_matches([' ', ',', ';', '，', '；']).len());
    ranges.collect()
}
