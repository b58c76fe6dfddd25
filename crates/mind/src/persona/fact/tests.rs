use super::*;
use rstest::rstest;

const ADA: &str = r#"{
  "full_name": "Ada Lovelace",
  "name": "Ada",
  "years_experience": 12,
  "specialties": ["mathematics", "analysis"],
  "remote": true,
  "email": null,
  "interests": {
    "music": "harp",
    "name": "not hers"
  },
  "education": [
    { "school": "at home",
      "tutors": ["Mary Somerville", "Augustus De Morgan, London"] },
    "self-taught"
  ],
  "motto": "that brain of mine\nis more than merely mortal",
  "nothing": {}
}"#;

fn facts(json: &str) -> Vec<(String, String, u32)> {
    let (file, flaws) = parse(json, true);
    assert_eq!(flaws, []);
    file.unwrap().facts.into_iter().map(|fact| (fact.key, fact.value, fact.line)).collect()
}

#[test]
fn nested_facts_are_flattened_with_the_line_of_each() {
    let owned = |key: &str, value: &str, line| (key.to_owned(), value.to_owned(), line);
    assert_eq!(
        facts(ADA),
        [
            owned("full_name", "Ada Lovelace", 2),
            owned("name", "Ada", 3),
            owned("years_experience", "12", 4),
            owned("specialties", "mathematics, analysis", 5),
            owned("remote", "yes", 6),
            owned("interests.music", "harp", 9),
            owned("interests.name", "not hers", 10),
            owned("education.1.school", "at home", 13),
            owned("education.1.tutors", "Mary Somerville, Augustus De Morgan, London", 14),
            owned("education.2", "self-taught", 15),
            owned("motto", "that brain of mine\nis more than merely mortal", 17),
        ]
    );
}

#[test]
fn the_outline_reads_like_a_page() {
    let outline = parse(ADA, true).0.unwrap().outline;
    assert_eq!(
        outline,
        "full name: Ada Lovelace\nname: Ada\nyears experience: 12\nspecialties: mathematics, analysis\nremote: yes\n\
         interests:\n  music: harp\n  name: not hers\neducation:\n  - school: at home\n    tutors:\n      - Mary Somerville\n      \
         - Augustus De Morgan, London\n  - self-taught\nmotto:\n  that brain of mine\n  is more than merely mortal"
    );
}

#[test]
fn the_names_are_those_of_the_top_level() {
    let names = parse(ADA, true).0.unwrap().names.unwrap();
    assert_eq!((names.full.as_str(), names.short.as_str()), ("Ada Lovelace", "Ada"));
}

#[rstest]
#[case::trailing_comma("{\n  \"a\": 1,\n}", 3, 1, "comma before a closing bracket")]
#[case::missing_comma("{\n  \"a\": 1\n  \"b\": 2\n}", 3, 3, "comma or a closing bracket is missing")]
#[case::missing_colon("{\"ä\" 1}", 1, 6, "colon")]
#[case::comment("{\n  // mine\n}", 2, 3, "not in double quotes")]
#[case::single_quotes("{\n  \"a\": 'b'\n}", 2, 8, "a value is missing here")]
#[case::cut_off("{\n  \"a\": [1,", 2, 10, "ends too early")]
#[case::line_end_in_text("{\n  \"a\": \"b\n\"}", 2, 10, "runs over the end of its line")]
#[case::bad_escape("{\"a\": \"C:\\home\"}", 1, 11, "backslash")]
#[case::two_objects("{} {}", 1, 4, "after the end")]
#[case::huge_number("{\"a\": 1e999}", 1, 11, "too large")]
fn syntax_errors_are_said_in_plain_words_at_their_place(
    #[case] json: &str,
    #[case] line: u32,
    #[case] column: u32,
    #[case] words: &str,
) {
    let (file, flaws) = parse(json, true);
    assert!(file.is_none());
    assert!(flaws[0].message.contains(words), "{}", flaws[0].message);
    assert_eq!(flaws[0].at, Some((line, column)));
    assert!(!flaws[0].hint.is_empty());
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let json = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse(&json, true).1[0].message.contains("too deeply"));
}

#[test]
fn each_wrong_name_is_reported_at_its_key() {
    let (file, flaws) = parse("{\n  \"name\": 7,\n  \"age\": 36\n}", true);
    assert!(file.is_none());
    let said: Vec<_> = flaws.iter().map(|flaw| (flaw.message.as_str(), flaw.at)).collect();
    assert_eq!(
        said,
        [
            ("\"full_name\" is missing", Some((1, 1))),
            ("\"name\" is a number, but it must be text in double quotes", Some((2, 3))),
        ]
    );
    assert!(parse("{\"full_name\": \"A\", \"name\": \"  \"}", true).1[0].message.contains("is empty"));
}

#[rstest]
#[case("[\"a\"]", "a list")]
#[case("\n \"a\"", "text")]
#[case("7", "a number")]
fn a_file_that_is_not_an_object_says_what_it_is(#[case] json: &str, #[case] what: &str) {
    let (file, flaws) = parse(json, true);
    assert!(file.is_none() && flaws[0].message.contains(what), "{}", flaws[0].message);
}

#[test]
fn a_key_given_twice_is_reported_and_the_last_one_used() {
    let json = "{\"full_name\": \"A B\", \"name\": \"A\",\n \"in\": {\"x\": 1,\n \"x\": 2}}";
    let (file, flaws) = parse(json, true);
    let fact = file.unwrap().facts.pop().unwrap();
    assert_eq!((fact.key.as_str(), fact.value.as_str(), fact.line), ("in.x", "2", 3));
    assert_eq!(flaws.len(), 1);
    assert_eq!(flaws[0].at, Some((3, 2)));
    assert!(flaws[0].message.contains("first on line 2"));
}

#[test]
fn escaped_keys_keep_their_place() {
    let (file, _) = parse("{\"salary\\u0020\\\"net\\\"\"\n:\n\"none\"}", false);
    let fact = &file.unwrap().facts[0];
    assert_eq!((fact.key.as_str(), fact.line), ("salary \"net\"", 1));
}

#[test]
fn private_facts_need_no_names_and_numbers_keep_their_digits() {
    let (file, flaws) = parse("{\"account\": 12345678901234567890123}", false);
    assert_eq!(flaws, []);
    let file = file.unwrap();
    assert_eq!(file.names, None);
    assert_eq!(file.facts[0].value, "12345678901234567890123");
}

#[test]
fn an_object_without_facts_is_empty() {
    assert!(parse("{}", false).1[0].message.contains("no facts"));
    assert!(parse("  ", false).1[0].message.contains("empty"));
}
