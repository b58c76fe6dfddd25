//! Finding as a person types.

use crate::support::Fixture;
use proptest::prelude::*;
use rstest::rstest;
use std::sync::OnceLock;
use twin_core::chat::{Audience, Message, MessageStatus, Role, Session, SessionChange};
use twin_core::find::{FindOrder, FindQuery, Found, SnippetPiece};
use twin_core::id::SessionId;
use twin_core::time::Timestamp;

pub(crate) fn query(text: &str) -> FindQuery {
    FindQuery {
        text: text.to_owned(),
        audience: Audience::Owner,
        session: None,
        role: None,
        from: None,
        before: None,
        order: FindOrder::Newest,
        limit: 20,
    }
}

/// A session of messages that follow each other, and the messages.
fn said(fixture: &Fixture, title: &str, texts: &[&str]) -> (Session, Vec<Message>) {
    let session = fixture.session(title, Audience::Owner);
    let mut messages: Vec<Message> = Vec::new();
    for text in texts {
        messages.push(fixture.user(session.id, messages.last().map(|last| last.id), text));
    }
    fixture.store.session_import(&session, &messages).unwrap();
    (session, messages)
}

fn plain(pieces: &[SnippetPiece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// With hits in brackets.
fn drawn(pieces: &[SnippetPiece]) -> String {
    pieces.iter().map(|piece| if piece.hit { format!("[{}]", piece.text) } else { piece.text.clone() }).collect()
}

fn find(fixture: &Fixture, query: &FindQuery) -> Found {
    fixture.store.message_find(query).unwrap()
}

fn found(fixture: &Fixture, query: &FindQuery) -> Vec<String> {
    find(fixture, query).hits.iter().map(|hit| drawn(&hit.snippet)).collect()
}

#[rstest]
#[case::ending("run", "they were [running]")]
#[case::longer_ending("running", "they were [running]")]
#[case::half_an_ending("runni", "they were [running]")]
#[case::capitals("RUNNING", "they were [running]")]
#[case::any_order("running were", "they [were] [running]")]
#[case::beginning("they runn", "[they] were [running]")]
#[case::phrase("\"were running\"", "they [were running]")]
#[case::unfinished_phrase("\"were run", "they [were running]")]
#[case::punctuation("  were, running!", "they [were] [running]")]
fn every_word_is_found_in_its_forms_and_marked(#[case] text: &str, #[case] expected: &str) {
    let fixture = Fixture::new();
    said(&fixture, "Run", &["they were running"]);
    assert_eq!(found(&fixture, &query(text)), [expected]);
}

#[rstest]
#[case::one_word_is_missing("running walked")]
#[case::not_a_phrase("\"running were\"")]
#[case::quoted_words_are_as_written("\"run\"")]
#[case::only_the_last_is_a_beginning("runn were")]
#[case::a_quoted_word_is_whole("\"runnin\"")]
#[case::in_the_middle("unning")]
#[case::syntax("they NOT walked")]
#[case::syntax("they OR walked")]
#[case::syntax("words:they")]
#[case::syntax("the* walk*")]
#[case::nothing("")]
#[case::nothing("  \" \" * - \u{1F980} \u{308}")]
fn what_is_not_there_is_not_found(#[case] text: &str) {
    let fixture = Fixture::new();
    said(&fixture, "Run", &["they were running"]);
    assert_eq!(find(&fixture, &query(text)), Found { hits: Vec::new(), more: false });
}

#[rstest]
#[case::chinese("你好", "他说[你好]，然后走了。")]
#[case::chinese("然后走", "他说你好，[然后走]了。")]
#[case::one_character("走", "他说你好，然后[走]了。")]
#[case::several("你好 走了", "他说[你好]，然后[走了]。")]
#[case::japanese("ました", "カタカナで書き[ました]")]
#[case::japanese("カナで", "カタ[カナで]書きました")]
#[case::japanese_decomposed("か\u{3099}いこ\u{3099}", "[がいご]のメモ")]
#[case::japanese_half_width("ﾒﾓ", "がいごの[メモ]")]
#[case::thai("ภาษา", "พูด[ภาษา]ไทย")]
#[case::beside_latin("用rust写", "我[用Rust写]程序")]
#[case::accents("cafe", "in a [café] with naïve Ångström")]
#[case::accents("NAÏVE angstro", "in a café with [naïve] [Ångström]")]
#[case::decomposed("cafe\u{301}", "in a [café] with naïve Ångström")]
#[case::german("strasse", "die [Straße] ist gesperrt")]
#[case::russian("москв", "поезд в [Москву]")]
#[case::arabic("الكتاب", "قرأت [الكِتَاب] أمس")]
#[case::arabic("امس", "قرأت الكِتَاب [أمس]")]
#[case::korean("서울", "나는 [서울에] 산다")]
#[case::hindi("हिन्दी", "मैं [हिन्दी] बोलता हूँ")]
#[case::wide("ｒｕｓｔ", "我用[Rust]写程序")]
fn words_of_many_scripts_are_found_and_marked(#[case] text: &str, #[case] expected: &str) {
    let fixture = Fixture::new();
    let texts = [
        "他说你好，然后走了。",
        "カタカナで書きました",
        "がいごのメモ",
        "พูดภาษาไทย",
        "我用Rust写程序",
        "in a café with naïve Ångström",
        "die Straße ist gesperrt",
        "поезд в Москву",
        "قرأت الكِتَاب أمس",
        "나는 서울에 산다",
        "मैं हिन्दी बोलता हूँ",
    ];
    said(&fixture, "Scripts", &texts);
    assert_eq!(found(&fixture, &query(text)), [expected]);
    // The twin's own recall profits.
    let recalled = crate::recall::owner(&fixture.store, text.split(' ').next().unwrap());
    let first = plain(&find(&fixture, &query(text)).hits[0].snippet);
    let begun = ["москв", "서울", "ｒｕｓｔ"].contains(&text) || text.starts_with("NAÏVE");
    assert!(begun || recalled.iter().any(|turn| turn.content == first), "{recalled:?}");
}

#[test]
fn characters_in_another_order_are_not_the_same_word() {
    let fixture = Fixture::new();
    said(&fixture, "Order", &["好你", "你很好", "你 好"]);
    assert_eq!(found(&fixture, &query("你好")), ["[你 好]"]);
}

#[test]
fn the_newest_the_oldest_or_the_best_come_first_and_more_is_told() {
    let fixture = Fixture::new();
    let long = format!("the storks {}", "and much else ".repeat(30));
    let (_, messages) = said(&fixture, "Storks", &["storks storks storks", &long, "three storks stood there"]);
    let ids = |query: &FindQuery| -> (Vec<usize>, bool) {
        let found = find(&fixture, query);
        let place = |id| messages.iter().position(|message| message.id == id).unwrap();
        (found.hits.iter().map(|hit| place(hit.message_id)).collect(), found.more)
    };
    let ordered = |order, limit| ids(&FindQuery { order, limit, ..query("storks") });
    assert_eq!(ordered(FindOrder::Newest, 3), (vec![2, 1, 0], false));
    assert_eq!(ordered(FindOrder::Newest, 2), (vec![2, 1], true));
    assert_eq!(ordered(FindOrder::Oldest, 2), (vec![0, 1], true));
    assert_eq!(ordered(FindOrder::Best, 3), (vec![0, 2, 1], false));
    assert_eq!(ordered(FindOrder::Best, 1), (vec![0], true));
    assert_eq!(ordered(FindOrder::Best, 0), (vec![], true));
}

#[test]
fn an_old_conversation_that_is_imported_today_is_not_among_the_newest() {
    let fixture = Fixture::new();
    let (_, recent) = said(&fixture, "Recent", &["storks today", "storks and more storks"]);
    let session = fixture.session("Old", Audience::Owner);
    let old =
        Message { created_at: Timestamp::from_millis(1_000), ..fixture.user(session.id, None, "storks long ago") };
    fixture.store.session_import(&session, std::slice::from_ref(&old)).unwrap();
    let ids = |order, limit| {
        let hits = find(&fixture, &FindQuery { order, limit, ..query("storks") }).hits;
        hits.into_iter().map(|hit| hit.message_id).collect::<Vec<_>>()
    };
    assert_eq!(ids(FindOrder::Newest, 2), [recent[1].id, recent[0].id]);
    assert_eq!(ids(FindOrder::Oldest, 2), [old.id, recent[0].id]);
}

#[test]
fn every_filter_holds_and_a_hit_tells_where_it_is() {
    let fixture = Fixture::new();
    let (birds, messages) = said(&fixture, "Birds", &["storks once", "storks twice"]);
    let (other, _) = said(&fixture, "Other", &["storks elsewhere"]);
    let (_, answer) = fixture.turn_in(&birds, Some(messages[1].id), "what?", "storks thrice");
    let visit = fixture.session("Visit", Audience::Visitor);
    fixture.store.session_import(&visit, &[fixture.user(visit.id, None, "a visitor's storks")]).unwrap();
    fixture.store.session_change(&[birds.id], &SessionChange::Archived { archived: true }).unwrap();

    let base = query("storks");
    let count = |query: FindQuery| find(&fixture, &query).hits.len();
    assert_eq!(count(base.clone()), 4);
    assert_eq!(count(FindQuery { audience: Audience::Visitor, ..base.clone() }), 1);
    assert_eq!(count(FindQuery { session: Some(birds.id), ..base.clone() }), 3);
    assert_eq!(count(FindQuery { session: Some(other.id), ..base.clone() }), 1);
    assert_eq!(count(FindQuery { session: Some(SessionId::new(Timestamp::from_millis(1))), ..base.clone() }), 0);
    let owner_in_visit = FindQuery { session: Some(visit.id), ..base.clone() };
    assert_eq!(count(owner_in_visit), 0, "the audience holds inside of a session, too");
    assert_eq!(count(FindQuery { role: Some(Role::Assistant), ..base.clone() }), 1);
    assert_eq!(count(FindQuery { role: Some(Role::User), ..base.clone() }), 3);
    let second = messages[1].created_at;
    assert_eq!(count(FindQuery { from: Some(second), ..base.clone() }), 3);
    assert_eq!(count(FindQuery { before: Some(second), ..base.clone() }), 1);
    assert_eq!(count(FindQuery { from: Some(second), before: Some(answer.created_at), ..base.clone() }), 2);
    for order in [FindOrder::Best, FindOrder::Oldest] {
        assert_eq!(count(FindQuery { order, role: Some(Role::Assistant), session: Some(birds.id), ..base.clone() }), 1);
    }

    let hit = find(&fixture, &FindQuery { role: Some(Role::Assistant), ..base }).hits.remove(0);
    assert_eq!((hit.session_id, hit.session_title.as_str(), hit.archived), (birds.id, "Birds", true));
    assert_eq!((hit.message_id, hit.role, hit.created_at), (answer.id, Role::Assistant, answer.created_at));
    assert_eq!(drawn(&hit.snippet), "[storks] thrice");
}

#[test]
fn what_was_deleted_or_still_grows_is_not_found() {
    let fixture = Fixture::new();
    let (session, messages) = said(&fixture, "Gone", &["storks once", "storks twice"]);
    let reply = fixture.draft(&messages[0]);
    let turn = twin_store::TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    fixture.store.reply_grow(reply.id, "storks that grow", &[]).unwrap();
    let count = || find(&fixture, &query("storks")).hits.len();
    assert_eq!(count(), 2);
    fixture.store.branch_delete(session.id, messages[1].id, true).unwrap();
    assert_eq!(count(), 1);
    fixture.set_deleted(session.id, true).unwrap();
    assert_eq!(count(), 0);
    fixture.set_deleted(session.id, false).unwrap();
    fixture.store.branch_delete(session.id, messages[1].id, false).unwrap();
    assert_eq!(count(), 2);
}

#[test]
fn what_is_shown_is_found_behind_thousands_that_are_not() {
    for order in [FindOrder::Newest, FindOrder::Best] {
        let fixture = Fixture::new();
        let (kept, _) = said(&fixture, "Kept", &["storks once", "storks twice"]);
        let (gone, _) = said(&fixture, "Gone", &vec!["storks"; 4_100]);
        fixture.set_deleted(gone.id, true).unwrap();
        let hits = find(&fixture, &FindQuery { order, ..query("storks") }).hits;
        assert_eq!(hits.iter().map(|hit| hit.session_id).collect::<Vec<_>>(), [kept.id, kept.id], "{order:?}");
    }
}

#[test]
fn a_snippet_is_one_line_around_the_first_hit() {
    let fixture = Fixture::new();
    let text = format!(
        "{} wide\n\n\tand   far\r\n- **storks** fly, storks {}",
        "before it ".repeat(50),
        "behind it ".repeat(50)
    );
    said(&fixture, "Line", &[&text]);
    let snippet = find(&fixture, &query("storks")).hits.remove(0).snippet;
    let line = drawn(&snippet);
    assert!(line.starts_with("…it before it before it wide and far - **[storks]** fly, [storks] behind it"), "{line}");
    assert!(line.ends_with('…'), "{line}");
    assert_eq!(plain(&snippet).chars().count(), 160);
    assert!(snippet.windows(2).all(|pair| pair[0].hit != pair[1].hit), "{snippet:?}");

    let whole = find(&fixture, &query("\"wide and far\"")).hits.remove(0).snippet;
    assert!(drawn(&whole).contains(" [wide and far] - **"), "{whole:?}");
    said(&fixture, "Short", &[" \n  a crane \n"]);
    assert_eq!(found(&fixture, &query("crane")), ["a [crane]"]);
    said(&fixture, "Run", &[&"x".repeat(5_000)]);
    assert_eq!(plain(&find(&fixture, &query("xxx")).hits[0].snippet).chars().count(), 160);
}

#[rstest]
#[case::markup("<b onmouseover=alert(1)>storks</b> & \u{1F980}", "<b onmouseover=alert(1)>[storks]</b> & \u{1F980}")]
#[case::noncharacters("\u{FDD0}storks\u{FDD1} \u{FFFE}\u{E000}", "\u{FDD0}[storks]\u{FDD1} \u{FFFE}\u{E000}")]
#[case::brackets("[storks] {0} %s \\1", "[[storks]] {0} %s \\1")]
#[case::nul("a\0storks\u{7f}b", "a [storks] b")]
#[case::direction("\u{202E}storks\u{2066}!", "[storks]!")]
fn nothing_in_a_message_fools_the_snippet(#[case] text: &str, #[case] expected: &str) {
    let fixture = Fixture::new();
    said(&fixture, "Odd", &[text]);
    assert_eq!(found(&fixture, &query("stork")), [expected]);
}

#[test]
fn a_stem_in_a_message_is_not_taken_for_that_of_a_word() {
    let fixture = Fixture::new();
    // As the index writes the stem of `relational`.
    said(&fixture, "Odd", &["\u{FDD0}relat", "relational"]);
    assert_eq!(found(&fixture, &query("\"relat\"")), ["\u{FDD0}[relat]"]);
    assert_eq!(found(&fixture, &query("relating ")), ["[relational]", "\u{FDD0}[relat]"]);
}

#[test]
fn finding_goes_on_while_others_write() {
    let fixture = Fixture::new();
    let (session, messages) = said(&fixture, "Busy", &["storks once"]);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut parent = messages[0].id;
            for number in 0..100 {
                let (_, answer) = fixture.turn_in(&session, Some(parent), &format!("storks {number}"), "yes");
                parent = answer.id;
            }
        });
        let mut seen = 0;
        while !writer.is_finished() {
            let count = find(&fixture, &FindQuery { limit: 1_000, ..query("storks") }).hits.len();
            assert!(count >= seen, "what was found once is found again");
            seen = count;
        }
    });
    assert_eq!(find(&fixture, &FindQuery { limit: 1_000, ..query("storks") }).hits.len(), 101);
}

#[test]
fn as_many_words_as_a_person_can_paste_are_looked_for() {
    let fixture = Fixture::new();
    let words: Vec<String> = (0..3_000).map(|number| format!("word{number}")).collect();
    let (_, messages) = said(&fixture, "Much", &[&words.join(" "), "word1 word2"]);
    let hits = find(&fixture, &query(&words.join("\n"))).hits;
    assert_eq!(hits.iter().map(|hit| hit.message_id).collect::<Vec<_>>(), [messages[0].id]);
}

#[test]
fn an_interrupted_answer_is_found_as_well() {
    let fixture = Fixture::new();
    let session = fixture.session("Cut", Audience::Owner);
    let message = Message { status: MessageStatus::Interrupted, ..fixture.user(session.id, None, "half a sto") };
    fixture.store.session_import(&session, &[message]).unwrap();
    assert_eq!(found(&fixture, &query("sto")), ["half a [sto]"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_text_is_an_error(text in any::<String>(), order in 0..3_usize) {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        let fixture = FIXTURE.get_or_init(|| {
            let fixture = Fixture::new();
            said(&fixture, "Any", &["what python loves", "你好"]);
            fixture
        });
        let order = [FindOrder::Newest, FindOrder::Best, FindOrder::Oldest][order];
        let found = fixture.store.message_find(&FindQuery { order, ..query(&text) });
        prop_assert!(found.is_ok(), "{found:?}");
    }
}
