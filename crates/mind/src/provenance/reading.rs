//! A sentence as it is compared: stems, numbers, dates and names, each with whether it is denied.

use super::word::{self, Concept, has_unspaced};
use crate::recall::{Analyzer, Language, Side, is_unspaced};
use std::collections::{HashMap, HashSet};
use unicode_segmentation::UnicodeSegmentation as _;

/// How much a word has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// It says something.
    Plain,
    /// It could stand in any sentence: "really", "live", "years". Its absence proves nothing.
    Light,
    /// A number, a date or a day: it is there or the claim is another one.
    Figure,
    /// Likewise the name of a person, a place or a thing.
    Name,
}

/// One word.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Any of these in the other sentence is this word.
    pub(super) keys: Vec<String>,
    pub(super) sort: Sort,
    /// Whether its clause says "not".
    pub(super) denied: bool,
    /// Whether anything in its sentence is denied.
    pub(super) may_deny: bool,
    pub(super) clause: usize,
    /// The member of a list: "tea", "chess" and "sailing" are three.
    pub(super) part: usize,
    pub(super) concept: Option<Concept>,
    /// What is counted: the number right before it.
    pub(super) count: Option<String>,
}

/// Reads sentences in one language, so that both sides of a comparison are cut alike.
pub(super) struct Reader {
    analyzer: Analyzer,
    /// Stems to the number of their group.
    synonyms: HashMap<String, Vec<usize>>,
    known_names: HashSet<String>,
}

/// A word of the text as it was found.
struct Raw<'a> {
    text: &'a str,
    lower: String,
    before: &'a str,
    clause: usize,
    part: usize,
}

impl Reader {
    pub(super) fn new(language: Language, names: impl IntoIterator<Item = String>) -> Self {
        let analyzer = Analyzer::new(language);
        let mut synonyms: HashMap<String, Vec<usize>> = HashMap::new();
        for (group, words) in word::SYNONYM.iter().enumerate() {
            for word in words {
                synonyms.entry(analyzer.stem(word)).or_default().push(group);
            }
        }
        Self { analyzer, synonyms, known_names: names.into_iter().collect() }
    }

    pub(super) fn read(&self, text: &str) -> Vec<Token> {
        let raw = cut(text);
        let denied = denied_words(&raw);
        let mut tokens: Vec<Token> = Vec::new();
        let mut count: Option<String> = None;
        let mut at = 0;
        while at < raw.len() {
            let word = &raw[at];
            let token = |keys: Vec<String>, sort| Token {
                keys,
                sort,
                denied: denied[at],
                may_deny: false,
                clause: word.clause,
                part: word.part,
                concept: None,
                count: None,
            };
            at += match figure(&raw[at..]) {
                Some((figures, length)) => {
                    count = figures.first().cloned();
                    tokens.extend(figures.into_iter().map(|key| token(vec![key], Sort::Figure)));
                    length
                }
                None if has_unspaced(word.text) => {
                    tokens.extend(self.unspaced(word.text).into_iter().map(|made| Token {
                        denied: made.denied,
                        clause: word.clause,
                        part: word.part,
                        ..made
                    }));
                    count = None;
                    1
                }
                None => {
                    if let Some(mut made) = self.word(&raw, at).map(|(keys, sort)| token(keys, sort)) {
                        made.concept = word::CONCEPT.get(word.lower.as_str()).copied();
                        if let Some((group, member)) = made.concept {
                            made.keys.push(format!("={group}.{member}"));
                        }
                        made.count = count.take();
                        tokens.push(made);
                    }
                    1
                }
            };
        }
        let may_deny = tokens.iter().any(|token| token.denied);
        for token in &mut tokens {
            token.may_deny = may_deny;
        }
        tokens
    }

    fn word(&self, raw: &[Raw<'_>], at: usize) -> Option<(Vec<String>, Sort)> {
        let word = &raw[at];
        let lower = word.lower.as_str();
        if word::NEGATION.contains(lower) || lower.chars().count() < 2 && !lower.chars().any(char::is_numeric) {
            return None;
        }
        let is_name = self.is_name(raw, at);
        if self.analyzer.language().is_function_word(lower) && !is_name {
            return None;
        }
        let stem = self.analyzer.stem(lower);
        let groups = self.synonyms.get(&stem).into_iter().flatten().map(|group| format!("~{group}"));
        let mut keys: Vec<String> = groups.collect();
        let is_light = word::LIGHT.contains(lower) || word::OWN.contains(lower) || word::SECOND.contains(lower);
        let sort = if is_name {
            Sort::Name
        } else if is_light || self.analyzer.is_weak(&stem) {
            Sort::Light
        } else {
            Sort::Plain
        };
        if is_name {
            keys.clear();
        }
        if stem != lower {
            keys.push(lower.to_owned());
        }
        // "Toms" is of Tom; "James" stays.
        if let Some(owner) = lower.strip_suffix('s').filter(|owner| is_name && self.known_names.contains(*owner)) {
            keys.push(owner.to_owned());
        }
        keys.push(stem);
        Some((keys, sort))
    }

    /// A name is written with a capital where a sentence does not begin. German writes all nouns so: there it is what
    /// follows a preposition without an article, or what is called so, or is known as a name.
    fn is_name(&self, raw: &[Raw<'_>], at: usize) -> bool {
        let word = &raw[at];
        if !word.text.starts_with(char::is_uppercase) || word::OWN.contains(word.lower.as_str()) {
            return false;
        }
        if self.known_names.contains(&word.lower) {
            return true;
        }
        let begins = at == 0 || word.before.contains(['.', ':', '!', '?', '“', '"', '„', '«', '*', '|']);
        if begins {
            return false;
        }
        if self.analyzer.language() != Language::German {
            return true;
        }
        let before = raw[at - 1].lower.as_str();
        let leads = ["in", "aus", "nach", "bei", "von", "mit", "heißt", "heiße", "heißen"].contains(&before);
        leads || word::CONCEPT.get(before).is_some_and(|(group, _)| word::KIN.contains(group))
    }

    /// What can be compared of a run without spaces: its pairs of characters, and what stands for a figure or concept.
    fn unspaced(&self, run: &str) -> Vec<Token> {
        let denies = word::NEGATION_CJK.iter().any(|no| run.contains(no))
            && !word::NEGATION_CJK_NOT.iter().any(|idiom| run.contains(idiom));
        let made = |keys, sort| Token {
            keys,
            sort,
            denied: denies,
            may_deny: false,
            clause: 0,
            part: 0,
            concept: None,
            count: None,
        };
        let mut tokens: Vec<Token> = cjk_figures(run).into_iter().map(|key| made(vec![key], Sort::Figure)).collect();
        for (word, (group, member)) in word::CONCEPT_CJK.iter().filter(|(word, _)| run.contains(word)) {
            let mut token = made(vec![format!("={group}.{member}"), (*word).to_owned()], Sort::Light);
            token.concept = Some((*group, *member));
            tokens.push(token);
        }
        for gram in self.analyzer.stems_of(&[run], Side::Question) {
            let is_single = gram.chars().count() < 2;
            let is_light =
                is_single || word::LIGHT.contains(gram.as_str()) || word::NEGATION_CJK.contains(gram.as_str());
            tokens.push(made(vec![gram], if is_light { Sort::Light } else { Sort::Plain }));
        }
        tokens
    }
}

/// The words of a text with their clauses, and the members of lists within.
fn cut(text: &str) -> Vec<Raw<'_>> {
    let mut raw: Vec<Raw<'_>> = Vec::new();
    let (mut end, mut clause, mut part) = (0, 0, 0);
    let mut run: Option<(usize, usize)> = None;
    let segments = text.unicode_word_indices().flat_map(|(at, segment)| {
        let cuts = segment.split(['\'', '’', '_']);
        cuts.filter(|piece| !piece.is_empty())
            .map(move |piece| (at + (piece.as_ptr().addr() - segment.as_ptr().addr()), piece))
    });
    let segments: Vec<(usize, &str)> = segments.collect();
    for (index, (at, segment)) in segments.iter().enumerate() {
        let between = &text[end..*at];
        let lower = segment.to_lowercase();
        let next = segments.get(index + 1).map(|(_, next)| next.to_lowercase()).unwrap_or_default();
        let ends_clause = between.contains([',', ';', ':', '.', '(', ')', '—', '–', '!', '?', '，', '。', '；', '：', '、', '|', '（', '）'])
            // "9:30", "1.5" and "Cork, Ireland" apart: the last is one part more, not one denial more.
            && !(between == ":" && segment.starts_with(|digit: char| digit.is_ascii_digit()));
        if ends_clause
            || word::BUT.contains(lower.as_str())
            || word::AND.contains(lower.as_str()) && word::OWN.contains(next.as_str())
        {
            clause += 1;
            part += 1;
        } else if word::AND.contains(lower.as_str()) {
            part += 1;
        }
        let is_run = segment.chars().all(is_unspaced);
        match (run, raw.last_mut()) {
            (Some((start, stop)), Some(last)) if is_run && stop == *at => {
                last.text = &text[start..at + segment.len()];
                last.lower = last.text.to_owned();
                run = Some((start, at + segment.len()));
            }
            _ => {
                run = is_run.then_some((*at, at + segment.len()));
                raw.push(Raw { text: segment, lower, before: between, clause, part });
            }
        }
        end = at + segment.len();
    }
    raw
}

/// Which words are denied: those behind "not", "never" or "without" in their clause, all of it where nothing follows
/// ("ich mag das nicht"), all of the rest behind "Dislikes:". "Not only" denies nothing.
fn denied_words(raw: &[Raw<'_>]) -> Vec<bool> {
    let mut denied = vec![false; raw.len()];
    for (at, word) in raw.iter().enumerate() {
        let next = raw.get(at + 1);
        let is_only = next.is_some_and(|next| ["only", "nur", "solo", "sólo", "just"].contains(&next.lower.as_str()));
        // "I am used to" and "I used to" are not told apart.
        let long = word::NEGATION_LONG.iter().find(|phrase| {
            let mut words = phrase.iter().enumerate();
            words.all(|(offset, word)| raw.get(at + offset).is_some_and(|raw| raw.lower == *word))
        });
        if has_unspaced(word.text) || is_only || long.is_none() && !word::NEGATION.contains(word.lower.as_str()) {
            continue;
        }
        let length = long.map_or(1, Vec::len);
        let is_label = next.is_some_and(|next| next.before.starts_with(':'));
        let mut follows = false;
        for (other, denied) in raw.iter().zip(&mut denied).skip(at + length) {
            if is_label || other.clause == word.clause {
                *denied = true;
                follows = true;
            }
        }
        if !follows {
            let same = raw.iter().zip(&mut denied).filter(|(other, _)| other.clause == word.clause);
            same.for_each(|(_, denied)| *denied = true);
        }
    }
    denied
}

/// A figure at the beginning of the words, as keys, and how many words it took.
fn figure(raw: &[Raw<'_>]) -> Option<(Vec<String>, usize)> {
    let word = raw.first()?;
    let next = raw.get(1);
    let joined = |mark: &str| next.filter(|next| next.before == mark);
    if let Some(date) = word::DATE.get(word.lower.as_str()) {
        // "may" and "march" are verbs as well.
        let is_verb =
            ["may", "march", "mai"].contains(&word.lower.as_str()) && !word.text.starts_with(char::is_uppercase);
        return (!is_verb).then(|| (vec![date.clone()], 1));
    }
    if let Some(number) = word::NUMBER.get(word.lower.as_str()) {
        let tail = next
            .and_then(|next| word::NUMBER.get(next.lower.as_str()))
            .or_else(|| joined("-").filter(|next| next.lower == "one").map(|_| &1));
        return Some(match tail {
            Some(tail) if (20..100).contains(number) && *tail < 10 => (vec![(number + tail).to_string()], 2),
            Some(tail) if *number < 100 && *tail >= 100 => (vec![(number * tail).to_string()], 2),
            _ => (vec![number.to_string()], 1),
        });
    }
    let digits: usize = word.text.chars().take_while(char::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    // Dates: 1990-03-07, 7.3.1990.
    let third = raw.get(2).filter(|third| third.before == "-");
    if let (4, Some(month), Some(day)) = (word.text.len(), joined("-"), third)
        && let (Ok(month), Ok(day)) = (month.text.parse::<u32>(), day.text.parse::<u32>())
        && (1..=12).contains(&month)
    {
        return Some((vec![word.text.to_owned(), format!("m{month}"), day.to_string()], 3));
    }
    let points: Vec<&str> = word.text.split('.').collect();
    if let [day, month, year] = points.as_slice()
        && let (Ok(day), Ok(month), 4) = (day.parse::<u32>(), month.parse::<u32>(), year.len())
    {
        return Some((vec![day.to_string(), format!("m{month}"), (*year).to_owned()], 1));
    }
    // A time of the day: 9:30, 9 pm.
    let minutes = joined(":").filter(|minutes| minutes.text.len() == 2);
    let taken = 1 + usize::from(minutes.is_some());
    let suffix = word.text[digits..].to_lowercase();
    let half = if suffix.is_empty() { raw.get(taken).map_or("", |half| half.lower.as_str()) } else { suffix.as_str() };
    let is_evening = ["pm", "p.m"].contains(&half);
    let half_taken = usize::from(suffix.is_empty() && ["pm", "am", "p.m", "a.m"].contains(&half));
    let value = plain_number(&word.text[..numeric_length(word.text)]);
    if let (Ok(hour), true) = (value.parse::<u32>(), minutes.is_some() || is_evening || half_taken > 0) {
        let hour = if is_evening && hour < 12 { hour + 12 } else { hour };
        let mut keys = vec![hour.to_string()];
        keys.extend(minutes.map(|minutes| minutes.text).filter(|text| *text != "00").map(plain_number));
        return Some((keys, taken + half_taken));
    }
    let is_month = joined("").is_some_and(|next| next.text.starts_with('月'));
    Some((vec![if is_month { format!("m{value}") } else { value }], 1))
}

fn numeric_length(text: &str) -> usize {
    text.find(|character: char| !(character.is_ascii_digit() || character == '.' || character == ','))
        .unwrap_or(text.len())
}

/// `1,200` and `1.200` are `1200`, `3,5` is `3.5`, `07` is `7`.
fn plain_number(text: &str) -> String {
    let text = text.trim_end_matches(['.', ',']);
    let mut groups = text.split(['.', ',']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let is_grouped = !rest.is_empty() && first.len() <= 3 && first != "0" && rest.iter().all(|group| group.len() == 3);
    let plain = if is_grouped { text.replace(['.', ','], "") } else { text.replace(',', ".") };
    let trimmed = plain.trim_start_matches('0');
    if trimmed.is_empty() || trimmed.starts_with('.') { format!("0{trimmed}") } else { trimmed.to_owned() }
}

/// Numbers of a run in Chinese or Japanese, where a unit follows: 三只, 十二岁. A day of the week, a month.
fn cjk_figures(run: &str) -> Vec<String> {
    const DIGITS: &str = "零一二三四五六七八九";
    const UNITS: &str = "个個岁歲年月日号點点只隻条條位次杯辆輛台间間家名块元米公里小时天周匹本";
    let characters: Vec<char> = run.chars().collect();
    let mut figures = Vec::new();
    let digit =
        |character: char| DIGITS.chars().position(|digit| digit == character).or((character == '两').then_some(2));
    for (at, pair) in characters.windows(2).enumerate() {
        if let (['周' | '期', day], true) = (pair, at == 0 || characters[at] == '周' || characters[at - 1] == '星')
        {
            let day = if *day == '日' || *day == '天' { Some(7) } else { digit(*day) };
            figures.extend(day.filter(|day| (1..=7).contains(day)).map(|day| format!("d{day}")));
        }
    }
    let mut at = 0;
    while at < characters.len() {
        let (start, mut value, mut last): (usize, usize, Option<usize>) = (at, 0, None);
        while let Some(character) = characters.get(at) {
            match (digit(*character), *character) {
                // A row of characters is of any length.
                (Some(digit), _) => last = Some(last.unwrap_or(0).saturating_mul(10).saturating_add(digit)),
                (None, '十') => value = value.saturating_add(last.take().unwrap_or(1).saturating_mul(10)),
                (None, '百') => value = value.saturating_add(last.take().unwrap_or(1).saturating_mul(100)),
                _ => break,
            }
            at += 1;
        }
        if at == start {
            at += 1;
            continue;
        }
        value = value.saturating_add(last.unwrap_or(0));
        // "一" alone is an article.
        let unit = characters.get(at).copied().unwrap_or(' ');
        if value > 1 && UNITS.contains(unit) {
            figures.push(if unit == '月' { format!("m{value}") } else { value.to_string() });
        }
    }
    figures
}
