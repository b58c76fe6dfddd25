use super::*;
use crate::recall::term::{Analyzer, Language};
use jiff::civil::date;
use proptest::prelude::*;
use rstest::rstest;

/// Said by Ada on a day in spring, by itself in a session of its own.
fn turn(group: u32, text: &str) -> Turn<'_> {
    let day = Some(date(2023, 4, 9));
    Turn { text, speaker: "Ada", day, group, place: 0, importance: None, similarity: None }
}

fn order(question: &str, turns: &[Turn<'_>]) -> Vec<usize> {
    let question = Question::new(question, &["Ada", "Will Kent"], None);
    rank(&question, turns, None, 50).iter().map(|hit| hit.turn).collect()
}

#[rstest]
#[case("What did Ada's brother buy?", "What did brother buy?", Some("Ada"))]
#[case("what did ada buy", "what did buy", Some("Ada"))]
#[case("Was kaufte Adas Bruder?", "Was kaufte Bruder?", Some("Ada"))]
#[case("What will Kent buy?", "What will buy?", Some("Will Kent"))]
#[case("Did Will buy it with Ada's adapter?", "Did buy it with adapter?", None)]
#[case("Who is Ada?", "Who is Ada?", Some("Ada"))]
#[case("When did I buy the lamp?", "When did I buy the lamp?", Some("Will Kent"))]
#[case("When did I buy Ada the lamp?", "When did I buy the lamp?", None)]
fn speakers_are_taken_out_of_the_question(#[case] text: &str, #[case] kept: &str, #[case] about: Option<&str>) {
    let question = Question::new(text, &["Ada", "Will Kent"], Some("Will Kent"));
    assert_eq!((question.text(), question.speaker.as_deref()), (kept, about));
}

#[test]
fn a_name_without_spaces_around_it_is_taken_out() {
    let question = Question::new("小明买了什么灯？", &["小明"], None);
    assert_eq!((question.text(), question.speaker.as_deref()), ("买了什么灯？", Some("小明")));
}

#[test]
fn a_month_that_is_also_a_small_word_is_looked_for_as_the_month() {
    let turns = [turn(1, "The lamp arrived."), Turn { day: Some(date(2023, 5, 2)), ..turn(2, "The lamp arrived.") }];
    assert_eq!(order("What arrived in May?", &turns), [1, 0]);
}

#[rstest]
#[case("What arrived in July 2023?", date(2023, 7, 1))]
#[case("Was kam im Juli 2023?", date(2023, 7, 1))]
#[case("¿Qué llegó en julio de 2023?", date(2023, 7, 1))]
#[case("What arrived on the 3 of April?", date(2023, 4, 3))]
fn the_day_on_which_it_was_said_counts_as_words_of_it(#[case] question: &str, #[case] day: Date) {
    let turns = [turn(1, "The lamp."), Turn { day: Some(day), ..turn(2, "The lamp.") }];
    assert_eq!(order(question, &turns)[0], 1);
}

#[test]
fn a_rare_word_counts_more_than_a_common_one() {
    let turns = [turn(1, "A lamp."), turn(2, "A lamp."), turn(3, "A lamp."), turn(4, "A violin.")];
    assert_eq!(order("the lamp or the violin?", &turns)[0], 3);
}

#[test]
fn how_common_a_word_is_may_be_known_beyond_the_candidates() {
    let turns = [turn(1, "A lamp."), turn(2, "A violin."), turn(3, "A violin.")];
    let question = Question::new("a lamp or a violin?", &[], None);
    let with = [("lamp".to_owned(), 90_000), ("violin".to_owned(), 2)].into();
    let best = |counts| rank(&question, &turns, counts, 1)[0].turn;
    assert_eq!((best(None), best(Some(&Counts { turns: 100_000, with }))), (0, 1));
}

#[test]
fn what_means_the_same_is_found_without_a_common_word() {
    let meant = Turn { similarity: Some(0.6), ..turn(2, "We adopted a puppy.") };
    assert_eq!(order("What pet does she have?", &[turn(1, "Nice weather."), meant]), [1]);
}

#[test]
fn an_answer_is_found_by_the_question_before_it_but_not_in_another_session() {
    let turns = [
        Turn { place: 1, ..turn(2, "A red one.") },
        turn(1, "Which lamp did you buy?"),
        Turn { place: 1, ..turn(1, "The green one.") },
        Turn { place: 7, ..turn(1, "Good night.") },
    ];
    // The last one gets only what the session gives; the first belongs to another.
    assert_eq!(order("Which lamp?", &turns), [1, 2, 3]);
}

#[test]
fn a_session_about_the_question_lifts_its_turns() {
    let apart = |place| Turn { place, ..turn(2, "That lamp is bright.") };
    let turns = [turn(1, "That lamp is bright."), apart(0), apart(3), apart(6)];
    assert_eq!(order("Which lamp is bright?", &turns), [1, 2, 3, 0]);
}

#[test]
fn who_is_named_is_preferred_and_the_other_still_found() {
    let other = Turn { speaker: "Will Kent", ..turn(1, "The lamp is bright.") };
    let turns = [other, turn(2, "The lamp is bright.")];
    assert_eq!(order("What did Ada say of the lamp?", &turns), [1, 0]);
    assert_eq!(order("What did Will say of the lamp?", &turns), [0, 1]);
    assert_eq!(order("What was said of the lamp?", &turns), [0, 1], "of equals the first");
}

#[rstest]
#[case("Lamp bright?")]
#[case("Lamp bright？")]
#[case("Lamp bright؟ ")]
fn a_turn_that_only_asks_comes_after_one_that_tells(#[case] asks: &str) {
    assert_eq!(order("lamp bright", &[turn(1, asks), turn(2, "Lamp bright.")]), [1, 0]);
}

#[rstest]
#[case("The lamp yesterday.", true)]
#[case("Die Lampe kam gestern.", true)]
#[case("La lámpara llegó ayer.", true)]
#[case("灯昨天到了。", true)]
#[case("وصل المصباح أمس", true)]
#[case("The lamp of 1954.", true)]
#[case("The lamp of 954 watts may march.", false)]
fn a_time_in_a_text_is_seen(#[case] text: &str, #[case] told: bool) {
    let meant = Turn { similarity: Some(0.5), ..turn(1, text) };
    let hits = rank(&Question::new("When?", &[], None), &[meant], None, 1);
    assert_eq!(hits[0].why.tells_when, told);
}

#[test]
fn of_two_that_fit_alike_the_newer_and_the_weightier_come_first() {
    let newer = Turn { day: Some(date(2023, 4, 10)), ..turn(2, "The lamp is bright.") };
    assert_eq!(order("Is the lamp bright", &[turn(1, "The lamp is bright."), newer]), [1, 0]);
    let memory =
        |importance| Turn { importance: Some(importance), ..turn(u32::from(importance), "Has a bright lamp.") };
    assert_eq!(order("bright lamp", &[memory(2), memory(5), memory(3)]), [1, 2, 0]);
}

#[test]
fn a_memory_comes_before_a_turn_that_stands_alone() {
    let memory = Turn { importance: Some(3), ..turn(2, "Has a bright lamp.") };
    assert_eq!(order("bright lamp", &[turn(1, "Has a bright lamp."), memory]), [1, 0]);
}

#[test]
fn the_strongest_reason_is_told_first() {
    let turns = [Turn { similarity: Some(0.9), ..turn(1, "A lamp.") }, Turn { place: 1, ..turn(1, "Bright?") }];
    let hits = rank(&Question::new("Which violin?", &["Ada"], None), &turns, None, 2);
    let told = |hit: &Hit| hit.why.signals().iter().map(|signal| (signal.kind, signal.rank)).collect::<Vec<_>>();
    assert_eq!(told(&hits[0]), [(SignalKind::Meaning, 1), (SignalKind::Session, 1)]);
    assert_eq!(told(&hits[1]), [(SignalKind::Neighbour, 1), (SignalKind::Session, 2)]);
}

#[test]
fn nothing_in_common_is_no_hit() {
    assert_eq!(order("Which violin?", &[turn(1, "A lamp.")]), [0_usize; 0]);
    assert_eq!(order("", &[turn(1, "A lamp.")]), [0_usize; 0]);
    assert_eq!(order("Which violin?", &[]), [0_usize; 0]);
}

fn any_turn() -> impl Strategy<Value = (String, bool, u32, u32, Option<f32>)> {
    let word = prop::sample::select(vec!["lamp", "violin", "yesterday", "bright", "bought", "may", "灯", "?"]);
    let text = prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "));
    (text, any::<bool>(), 1..4_u32, 0..6_u32, prop::option::of(-1.0..1.0_f32))
}

proptest! {
    #[test]
    fn the_explanation_is_the_ranking(said in prop::collection::vec(any_turn(), 0..30), limit in 0..40_usize) {
        let turns: Vec<Turn<'_>> = said
            .iter()
            .map(|(text, other, group, place, similarity)| Turn {
                speaker: if *other { "Will Kent" } else { "Ada" },
                place: *place,
                similarity: *similarity,
                ..turn(*group, text)
            })
            .collect();
        let question = Question::new("Did Ada buy a bright lamp or a violin?", &["Ada", "Will Kent"], None);
        let hits = rank(&question, &turns, None, limit);
        prop_assert!(hits.len() <= limit);
        prop_assert!(hits.is_sorted_by(|one, other| one.why.score() >= other.why.score()));
        for hit in &hits {
            prop_assert!(hit.why.score().is_finite() && hit.why.score() > 0.0);
        }
        let all = rank(&question, &turns, None, turns.len());
        let mut seen: Vec<usize> = all.iter().map(|hit| hit.turn).collect();
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), all.len());
        for signal in [|why: &Why| why.words, |why: &Why| why.meaning, |why: &Why| why.neighbour, |why: &Why| why.session] {
            let mut ranked: Vec<Signal> = all.iter().map(|hit| signal(&hit.why)).filter(|signal| signal.rank.is_some()).collect();
            ranked.sort_by_key(|signal| signal.rank);
            prop_assert!(ranked.iter().enumerate().all(|(place, signal)| signal.rank == Some(place + 1)));
            prop_assert!(ranked.is_sorted_by(|one, other| one.value >= other.value));
        }
    }
}

/// Every word of the lists, in all languages, as a form of every stem that one of them has.
#[rstest]
#[case(Language::English)]
#[case(Language::German)]
#[case(Language::Spanish)]
fn no_form_of_a_term_is_passed_over_unstemmed(#[case] language: Language) {
    const LISTS: [&str; 7] = [
        include_str!("../words/irregular_en.txt"),
        include_str!("../words/related.txt"),
        include_str!("../words/stop_en.txt"),
        include_str!("../words/stop_de.txt"),
        include_str!("../words/stop_es.txt"),
        include_str!("../words/month.txt"),
        "dying lying tying skies cries ärger türen übung öl ßa épocas ánimo été i im y by ying ny",
    ];
    let analyzer = Analyzer::new(language);
    let words: Vec<&str> = LISTS.iter().flat_map(|list| list.split_whitespace()).collect();
    for word in &words {
        let stem = [analyzer.stem(word)];
        assert_eq!(word::hit(word, &analyzer, &stem), Some(0), "{word} is a form of {stem:?}");
    }
}
