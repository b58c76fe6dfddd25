use super::*;
use crate::persona::Persona;
use crate::recall::{Said, rank};
use proptest::prelude::*;
use rstest::rstest;
use twin_core::chat::{Audience, Role};
use twin_core::id::{MessageId, SessionId};
use twin_core::report::Source;
use twin_core::time::Timestamp;

fn now() -> Zoned {
    "2026-11-21T09:00:00+01:00[Europe/Berlin]".parse().unwrap()
}

fn said(text: &str, title: &str, role: Role, audience: Audience) -> Passage {
    let at = Timestamp::from("2026-11-17T09:02:00Z".parse::<jiff::Timestamp>().unwrap());
    let source = Source::Message {
        session_id: SessionId::new(at),
        message_id: MessageId::new(at),
        session_title: title.to_owned(),
        role,
        audience,
        at,
    };
    Passage { text: text.to_owned(), source, score: 2.0, signals: Vec::new() }
}

fn from_file(text: &str, line: u32, score: f32) -> Passage {
    Passage {
        text: text.to_owned(),
        source: Source::File { path: "summary.md".to_owned(), line },
        score,
        signals: Vec::new(),
    }
}

#[test]
fn fred_is_remembered_in_another_session() {
    let told = said("Hi! My name is Fred and I love Python", "Hi! My name is Fred", Role::User, Audience::Owner);
    let known = [Said { text: told.text, source: told.source }];
    let question = "What's my name and what do I love?";
    let passages = rank(question, &Persona::default(), Audience::Owner, &known, 8);
    let answer = answer(question, &passages, &now());
    assert_eq!(answer.quoted, 1);
    insta::assert_snapshot!(answer.text, @r"
    No language model is connected, so I quote what fits best:

    > Hi! My name is Fred and I love Python
    >
    > — you said on 17 November 2026 at 10:02, in “Hi! My name is Fred”
    ");
}

#[rstest]
#[case(said("x", "", Role::User, Audience::Owner), "> — you said on 17 November 2026 at 10:02")]
#[case(said("x", "A", Role::Assistant, Audience::Owner), "> — I said on 17 November 2026 at 10:02, in “A”")]
#[case(said("x", "A", Role::User, Audience::Visitor), "> — a visitor said on 17 November 2026 at 10:02, in “A”")]
#[case(from_file("x", 3, 1.0), "> — from summary.md, line 3")]
#[case(from_file("x", 0, 1.0), "> — from summary.md")]
fn a_quotation_says_who_said_it_and_when(#[case] passage: Passage, #[case] line: &str) {
    assert_eq!(answer("Which?", &[passage], &now()).text.lines().last(), Some(line));
}

#[test]
fn only_what_fits_nearly_as_well_is_quoted_and_never_more_than_three() {
    let passages = |scores: &[f32]| scores.iter().map(|score| from_file("words", 1, *score)).collect::<Vec<_>>();
    assert_eq!(answer("Which?", &passages(&[2.0, 1.5, 1.0]), &now()).quoted, 2);
    assert_eq!(answer("Which?", &passages(&[2.0; 5]), &now()).quoted, 3);
}

#[rstest]
#[case("What is the capital of Mongolia?", NOTHING)]
#[case("Hi! My name is Fred and I love Python", STATEMENT)]
#[case("Remember that my name is Fred", HEEDED)]
#[case("Forget that my name is Fred", HEEDED)]
#[case("good evening", GREETING)]
fn without_anything_to_quote_it_says_so(#[case] message: &str, #[case] expected: &str) {
    let answer = answer(message, &[], &now());
    assert_eq!((answer.text.as_str(), answer.quoted), (expected.trim(), 0));
    assert!(is_fixed(expected));
}

#[test]
fn a_statement_is_not_answered_even_when_something_fits() {
    assert_eq!(answer("I love Python", &[from_file("I love Python", 1, 3.0)], &now()).quoted, 0);
}

#[rstest]
#[case("![x](https://e.org/a.png) [y](z)", r"!\[x\](https://e.org/a.png) \[y\](z)")]
#[case("<img src=x> &amp; R&D", r"\<img src=x> \&amp; R&D")]
#[case("**bold** snake_case _em_", r"\*\*bold\*\* snake_case \_em\_")]
#[case("# head", r"\# head")]
#[case("12. list", r"12\. list")]
#[case("- list", r"\- list")]
#[case("    code", "code")]
#[case("---", r"\---")]
#[case("| a | b |", r"\| a \| b \|")]
#[case("C:\\temp `x` ~~y~~", r"C:\\temp \`x\` \~\~y\~\~")]
#[case("Plain words: 3.5 (or so), isn't it? Yes!", "Plain words: 3.5 (or so), isn't it? Yes!")]
fn quoted_words_carry_no_markdown(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(escape(text), expected);
}

proptest! {
    #[test]
    fn nothing_breaks_out_of_the_quotation(text in "[ -~\\r\\n\u{2028}é]{1,80}", title in "[ -~\\r\\n]{0,40}") {
        let answer = answer("Which?", &[said(&text, &title, Role::User, Audience::Owner)], &now());
        let lines = answer.text.split(['\n', '\r']).skip(2);
        prop_assert!(lines.clone().all(|line| line.starts_with('>')), "{}", answer.text);
        prop_assert!(!answer.text.contains('\r'));
    }
}
