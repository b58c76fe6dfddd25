use super::*;
use proptest::prelude::*;
use rstest::rstest;
use rusqlite::Connection;

fn folded(text: &str) -> Vec<String> {
    words(text).map(|word| word.folded).collect()
}

#[rstest]
#[case("Don't stop, NOW!", &["don", "t", "stop", "now"])]
#[case("x² + ½ = ﬁve", &["x2", "12", "five"])]
#[case("İstanbul ÅNGSTRÖM Οδος ΟΔΟΣ", &["istanbul", "angstrom", "οδοσ", "οδοσ"])]
#[case("Straße STRASSE", &["strasse", "strasse"])]
#[case("世界hello世", &["世", "界", "hello", "世"])]
#[case("がか ガ ｶ", &["が", "か", "ガ", "カ"])]
#[case("か\u{3099}は\u{309A}か カ\u{3099} ｶﾞﾊﾟ", &["が", "ぱ", "か", "ガ", "ガ", "パ"])]
#[case("世\u{301}界hello", &["世", "界", "hello"])]
#[case("مُحَمَّد أحمد", &["محمد", "احمد"])]
#[case("❤\u{FE0F} \u{301} \u{FDD0} —", &[])]
#[case("a\0b", &["a", "b"])]
fn a_text_is_cut_into_words_that_count_as_the_same(#[case] text: &str, #[case] expected: &[&str]) {
    assert_eq!(folded(text), expected);
}

#[test]
fn the_index_holds_each_word_in_its_place_and_each_stem_once() {
    assert_eq!(indexed("Runs, hoping, running"), "runs hoping running \u{FDD0}hope \u{FDD0}run ");
    assert_eq!(expression("Running"), Some("(\"running\" OR \"run\" OR \"\u{FDD0}run\")".to_owned()));
    assert_eq!(expression("run!"), Some("(\"run\" OR \"\u{FDD0}run\")".to_owned()));
    assert_eq!(expression("\"don't\""), Some("\"don t\"".to_owned()));
    assert_eq!(expression("\" *"), None);
}

/// What SQLite's own stemmer makes of the words.
fn by_sqlite(words: &[String]) -> Vec<String> {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE oracle USING fts5 (word, tokenize = 'porter ascii');
             CREATE VIRTUAL TABLE term USING fts5vocab ('oracle', 'instance');",
        )
        .unwrap();
    for word in words {
        connection.execute("INSERT INTO oracle VALUES (?1)", [word]).unwrap();
    }
    let mut terms = connection.prepare("SELECT term FROM term ORDER BY doc").unwrap();
    terms.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn stems_are_those_of_sqlite(
        words in prop::collection::vec(
            prop_oneof![
                "[a-z]{1,12}",
                "[bcdlmnrst]{0,3}[aeiouy]{1,2}[bcdlmnrstwxyz]{1,2}[aeiouy]{0,1}[bdglnrst]{0,3}\
                 (s|es|ies|sses|ed|eed|ing|y|ational|tional|enci|izer|ness|ical|icate|ative|alize|ful|al|ance|er|ement\
                  |ment|ent|ion|sion|tion|ism|ate|iti|ous|ive|ize|able|ible|ll|e|ization|ibility|ousli|logi|bli)",
            ],
            1..400,
        ),
    ) {
        let ours: Vec<String> =
            words.iter().map(|word| stem::stem(word).unwrap_or_else(|| word.clone())).collect();
        // What is searched relies on it (`find/wanted.rs`).
        prop_assert!(ours.iter().zip(&words).all(|(stem, word)| stem.chars().next() == word.chars().next()));
        prop_assert_eq!(ours, by_sqlite(&words));
    }

    #[test]
    fn words_are_letters_and_digits_and_stand_where_they_are_said_to(text in any::<String>()) {
        let mut end = 0;
        for word in words(&text) {
            prop_assert!(word.place.start >= end && !word.folded.is_empty());
            end = word.place.end;
            prop_assert!(word.folded.chars().all(is_of_word), "{:?}", word);
            let again: Vec<Word> = words(&word.folded).collect();
            prop_assert!(again.iter().all(|again| again.folded.chars().all(is_of_word)));
            let written = &text[word.place.clone()];
            prop_assert_eq!(folded(written), [word.folded]);
        }
    }
}
