//! English words without their endings, by the rules of M. F. Porter, "An algorithm for suffix stripping" (Program 14, 1980),
//! as SQLite's `porter` reads them. Here and not there, because what is found must be shown, and SQLite does not say which
//! words it took for the same.

/// When a suffix may go: by what is left.
type Condition = fn(&[u8]) -> bool;

const STEP_2: &[(&str, &str)] = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("logi", "log"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
];

const STEP_3: &[(&str, &str)] =
    &[("ical", "ic"), ("ness", ""), ("icate", "ic"), ("iciti", "ic"), ("ful", ""), ("ative", ""), ("alize", "al")];

const STEP_4: &[&str] = &[
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
];

/// The stem of a word in small letters from a to z, if it is another than the word.
pub(super) fn stem(word: &str) -> Option<String> {
    if !(3..=64).contains(&word.len()) || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let mut stem = word.to_owned();
    plural(&mut stem);
    past(&mut stem);
    if stem.ends_with('y') && has_vowel(&stem.as_bytes()[..stem.len() - 1]) {
        replace(&mut stem, 1, "i");
    }
    suffix(&mut stem, STEP_2, |left| measure(left) > 0);
    suffix(&mut stem, STEP_3, |left| measure(left) > 0);
    if let Some(end) = STEP_4.iter().find(|end| ends_with(&stem, end)) {
        let left = &stem.as_bytes()[..stem.len() - end.len()];
        if measure(left) > 1 && (*end != "ion" || left.ends_with(b"s") || left.ends_with(b"t")) {
            replace(&mut stem, end.len(), "");
        }
    }
    if let Some(left) = stem.as_bytes().strip_suffix(b"e")
        && (measure(left) > 1 || measure(left) == 1 && !is_short(left))
    {
        replace(&mut stem, 1, "");
    }
    if stem.ends_with("ll") && measure(&stem.as_bytes()[..stem.len() - 1]) > 1 {
        replace(&mut stem, 1, "");
    }
    (stem != word).then_some(stem)
}

fn plural(stem: &mut String) {
    if stem.ends_with("es") && (stem.len() > 4 && stem.ends_with("sses") || stem.len() > 3 && stem.ends_with("ies")) {
        replace(stem, 2, "");
    } else if stem.ends_with('s') && !stem.ends_with("ss") {
        replace(stem, 1, "");
    }
}

/// `ed` and `ing`, and what they do to the end of the word before them.
fn past(stem: &mut String) {
    let left = |end: usize| &stem.as_bytes()[..stem.len() - end];
    let end = match stem.as_str() {
        word if word.len() > 3 && word.ends_with("eed") => {
            if measure(left(3)) > 0 {
                replace(stem, 1, "");
            }
            return;
        }
        word if word.len() > 2 && word.ends_with("ed") && has_vowel(left(2)) => 2,
        word if word.len() > 3 && word.ends_with("ing") && has_vowel(left(3)) => 3,
        _ => return,
    };
    replace(stem, end, "");
    let bytes = stem.as_bytes();
    if stem.len() > 2 && ["at", "bl", "iz"].iter().any(|end| stem.ends_with(end)) {
        stem.push('e');
    } else if let [.., before, last] = bytes
        && before == last
        && !is_vowel(*last, false)
        && !matches!(last, b'l' | b's' | b'z')
    {
        replace(stem, 1, "");
    } else if measure(bytes) == 1 && is_short(bytes) {
        stem.push('e');
    }
}

/// The first rule whose suffix the word has decides, whether it may be used or not.
fn suffix(stem: &mut String, rules: &[(&str, &str)], condition: Condition) {
    if let Some((end, with)) = rules.iter().find(|(end, _)| ends_with(stem, end))
        && condition(&stem.as_bytes()[..stem.len() - end.len()])
    {
        replace(stem, end.len(), with);
    }
}

/// Behind something. Most suffixes are ruled out by their last letter, and this is asked fifty times for each word.
fn ends_with(stem: &str, end: &str) -> bool {
    stem.as_bytes().last() == end.as_bytes().last() && stem.len() > end.len() && stem.ends_with(end)
}

fn replace(stem: &mut String, end: usize, with: &str) {
    stem.truncate(stem.len() - end);
    stem.push_str(with);
}

fn is_vowel(letter: u8, after_consonant: bool) -> bool {
    matches!(letter, b'a' | b'e' | b'i' | b'o' | b'u') || after_consonant && letter == b'y'
}

/// Whether each letter is a vowel.
fn vowels(word: &[u8]) -> impl Iterator<Item = bool> {
    word.iter().scan(false, |after_consonant, letter| {
        let vowel = is_vowel(*letter, *after_consonant);
        *after_consonant = !vowel;
        Some(vowel)
    })
}

/// How often a vowel is followed by a consonant: Porter's m.
fn measure(word: &[u8]) -> usize {
    let mut after_vowel = false;
    vowels(word).filter(|vowel| std::mem::replace(&mut after_vowel, *vowel) && !vowel).count()
}

fn has_vowel(word: &[u8]) -> bool {
    word.iter().enumerate().any(|(index, letter)| is_vowel(*letter, index > 0))
}

/// Ends as `hop` does: Porter's *o.
fn is_short(word: &[u8]) -> bool {
    let last = vowels(word).fold([true; 3], |[_, second, third], vowel| [second, third, vowel]);
    last == [false, true, false] && !matches!(word.last(), Some(b'w' | b'x' | b'y'))
}
