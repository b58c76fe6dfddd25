//! Pinning, archiving, tagging and deleting several sessions at once, and who gives a title.

use crate::support::Fixture;
use rstest::rstest;
use twin_core::chat::{Audience, Session, SessionChange, TitleBy};
use twin_core::id::SessionId;
use twin_core::time::Timestamp;
use twin_store::StoreError;

fn tag(tag: &str, tagged: bool) -> SessionChange {
    SessionChange::Tagged { tag: tag.to_owned(), tagged }
}

/// Two sessions, the second one's first.
fn two(fixture: &Fixture) -> [Session; 2] {
    ["First", "Second"].map(|title| {
        let session = fixture.session(title, Audience::Owner);
        fixture.turn(&session, true, "about storks", "they clatter");
        fixture.store.session_get(session.id).unwrap()
    })
}

#[test]
fn several_sessions_are_filed_at_once_and_it_lasts() {
    let fixture = Fixture::new();
    let [first, second] = two(&fixture);
    let both = [first.id, second.id];
    for change in [
        SessionChange::Pinned { pinned: true },
        SessionChange::Archived { archived: true },
        tag("work", true),
        tag("  home ", true),
    ] {
        let records = fixture.store.info().unwrap().records;
        for _ in 0..2 {
            fixture.store.session_change(&both, &change).unwrap();
        }
        assert_eq!(fixture.store.info().unwrap().records, records + 2, "what is so already gets no record");
    }
    fixture.store.session_change(&both[..1], &SessionChange::Pinned { pinned: false }).unwrap();
    fixture.store.session_change(&both[..1], &tag("work", false)).unwrap();
    let fixture = fixture.reopen();
    let tags = |tags: &[&str]| tags.iter().map(ToString::to_string).collect();
    let second = Session { pinned: true, archived: true, tags: tags(&["home", "work"]), ..second };
    let first = Session { archived: true, tags: tags(&["home"]), ..first };
    assert_eq!(fixture.store.session_list().unwrap(), [second, first], "archived ones are listed, too");

    for change in [SessionChange::Archived { archived: false }, tag("home", false)] {
        fixture.store.session_change(&both, &change).unwrap();
    }
    let first = fixture.store.session_get(both[0]).unwrap();
    assert_eq!((first.archived, first.tags), (false, Vec::new()));
}

#[rstest]
#[case::pinned(SessionChange::Pinned { pinned: true })]
#[case::tagged(tag("work", true))]
#[case::deleted(SessionChange::Deleted { deleted: true })]
fn a_change_of_several_is_made_whole_or_not_at_all(#[case] change: SessionChange) {
    let fixture = Fixture::new();
    let [first, second] = two(&fixture);
    let (records, before) = (fixture.store.info().unwrap().records, fixture.store.session_list().unwrap());
    let unknown = SessionId::new(Timestamp::from_millis(1));
    let refused = fixture.store.session_change(&[first.id, unknown, second.id], &change);
    assert!(matches!(refused, Err(StoreError::NotFound("session"))), "{refused:?}");
    assert_eq!(fixture.store.session_list().unwrap(), before);
    assert_eq!(fixture.store.info().unwrap().records, records);
}

#[test]
fn several_are_deleted_and_brought_back_at_once_as_they_were() {
    let fixture = Fixture::new();
    let [first, second] = two(&fixture);
    let both = [first.id, second.id];
    fixture.store.session_change(&both, &tag("work", true)).unwrap();
    let before = fixture.store.session_list().unwrap();
    fixture.store.session_change(&both, &SessionChange::Deleted { deleted: true }).unwrap();
    assert!(fixture.store.session_list().unwrap().is_empty());
    let refused = fixture.store.session_change(&both, &SessionChange::Pinned { pinned: true });
    assert!(matches!(refused, Err(StoreError::NotFound("session"))), "{refused:?}");
    fixture.store.session_change(&both, &SessionChange::Deleted { deleted: false }).unwrap();
    assert_eq!(fixture.store.session_list().unwrap(), before);
}

#[rstest]
#[case::empty("")]
#[case::blank(" \t")]
#[case::too_long("12345678901234567890123456789012345678901")]
#[case::lines("one\ntwo")]
#[case::control("a\u{7}b")]
fn what_is_no_tag_is_refused(#[case] text: &str) {
    let fixture = Fixture::new();
    let [first, _] = two(&fixture);
    let refused = fixture.store.session_change(&[first.id], &tag(text, true));
    assert!(matches!(refused, Err(StoreError::InvalidInput(_))), "{refused:?}");
    let longest = "äöü\u{1F980}".repeat(10);
    fixture.store.session_change(&[first.id], &tag(&longest, true)).unwrap();
    assert_eq!(fixture.store.session_get(first.id).unwrap().tags, [longest]);
}

#[test]
fn a_models_title_never_replaces_the_owners() {
    let fixture = Fixture::new();
    let [session, _] = two(&fixture);
    let titled = |fixture: &Fixture| {
        let session = fixture.store.session_get(session.id).unwrap();
        (session.title, session.title_by)
    };
    assert_eq!(titled(&fixture), ("First".to_owned(), TitleBy::Opening));
    assert!(fixture.store.session_title_by_model(session.id, "Storks").unwrap());
    assert_eq!(titled(&fixture), ("Storks".to_owned(), TitleBy::Model));
    assert!(fixture.store.session_title_by_model(session.id, "About storks").unwrap());
    fixture.store.session_rename(session.id, "Mine").unwrap();
    let records = fixture.store.info().unwrap().records;
    assert!(!fixture.store.session_title_by_model(session.id, "Birds").unwrap());
    assert_eq!(fixture.store.info().unwrap().records, records);
    assert_eq!(titled(&fixture), ("Mine".to_owned(), TitleBy::Owner));
}

#[test]
fn a_models_title_from_another_device_does_not_replace_the_owners_either() {
    let fixture = Fixture::new();
    let [session, _] = two(&fixture);
    fixture.store.session_title_by_model(session.id, "Storks").unwrap();
    fixture.store.session_rename(session.id, "Mine").unwrap();
    // As if the model's had been written a moment later, by one who did not know.
    fixture
        .raw()
        .execute(
            "UPDATE record SET order_wall = (SELECT max(order_wall) + 1 FROM record)
             WHERE kind = 'session_renamed' AND payload LIKE '%model%'",
            [],
        )
        .unwrap();
    fixture.store.rebuild_projections().unwrap();
    let session = fixture.store.session_get(session.id).unwrap();
    assert_eq!((session.title.as_str(), session.title_by), ("Mine", TitleBy::Owner));
}
