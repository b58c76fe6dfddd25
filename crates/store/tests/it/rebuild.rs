//! The projections are nothing but the folded log.

use crate::play::{Play, step};
use crate::support::{Fixture, PROJECTIONS, dump};
use proptest::prelude::*;
use twin_core::chat::Audience;
use twin_store::{Hearing, StoredTurn};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn rebuilt_projections_are_the_same_to_the_byte(steps in prop::collection::vec(step(), 1..60)) {
        let mut play = Play::new();
        for step in steps {
            play.play(step);
        }
        let (fixture, raw) = (play.fixture(), play.fixture().raw());
        let local = [
            "record", "device_setting", "reply_draft", "this_device", "blob", "model_lessons", "embedding",
            "embedding_vector", "paragraph_vector",
        ];
        let (before, local_before) = (dump(&raw, &PROJECTIONS), dump(&raw, &local));
        // Rows are numbered again after something was forgotten; what is found, and in which order, stays.
        let search = || crate::recall::owner(&fixture.store, "a").into_iter().map(|turn| StoredTurn { number: 0, ..turn });
        let searched: Vec<_> = search().collect();
        let recall = || fixture.store.memory_search(&["a".to_owned()], &Hearing::default(), 99).unwrap();
        let recalled = recall();

        // Spoilt first, so that a rebuild that does nothing is found out.
        raw.execute_batch(
            "DELETE FROM message WHERE number % 2; UPDATE session SET title = 'spoilt', head = NULL, model = '';
             UPDATE session SET title_by = '', pinned = 2, archived = 2, tags = '', forked_from = x'';
             UPDATE message SET parts = '[]', attachments = NULL, instead_of = '', depth = 7, deleted = 2, hidden = 2;
             INSERT INTO message_fts (message_fts) VALUES ('delete-all');
             DELETE FROM memory WHERE number % 2; DELETE FROM memory_use; DELETE FROM memory_contradiction;
             UPDATE memory SET text = 'spoilt', audience = '', pinned = 2, undone = 2, ended_at = 1, ending = '', said_in = x'';
             DELETE FROM memory_source WHERE position = 0; UPDATE memory_person SET position = position + 9;
             UPDATE person SET name = 'spoilt', merged_into = id; UPDATE receipt SET scope = 'spoilt';
             INSERT INTO memory_fts (memory_fts) VALUES ('delete-all');
             DELETE FROM context_report; INSERT INTO setting VALUES ('spoilt', 'true');",
        ).unwrap();
        fixture.store.rebuild_projections().unwrap();

        prop_assert_eq!(dump(&raw, &PROJECTIONS), before);
        prop_assert_eq!(dump(&raw, &local), local_before);
        prop_assert_eq!(search().collect::<Vec<_>>(), searched);
        prop_assert_eq!(recall(), recalled);
        for index in ["message_fts", "memory_fts"] {
            raw.execute(&format!("INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"), []).unwrap();
        }
    }
}

#[test]
fn records_of_a_newer_program_are_kept_and_passed_over() {
    let fixture = Fixture::new();
    let session = fixture.session("Kept", Audience::Owner);
    fixture.turn(&session, true, "one", "two");
    let raw = fixture.raw();
    raw.execute_batch(
        "INSERT INTO record SELECT device, seq + 100, hlc_wall, hlc_counter, 'dream', 1, '{}', order_wall, order_counter, NULL FROM record WHERE seq = 1;
         INSERT INTO record SELECT device, seq + 101, hlc_wall, hlc_counter, 'message', 99, '?', order_wall, order_counter, NULL FROM record WHERE seq = 1;",
    )
    .unwrap();
    let tables = ["session", "message", "context_report", "setting", "record"];
    let before = dump(&raw, &tables);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(dump(&raw, &tables), before);
    // And the sequence goes on after them.
    fixture.store.session_rename(session.id, "Renamed").unwrap();
    let last: i64 = raw.query_row("SELECT max(seq) FROM record", [], |row| row.get(0)).unwrap();
    assert_eq!(last, 103);
}

#[test]
fn a_session_that_only_a_newer_program_understands_does_not_stop_the_rest() {
    let fixture = Fixture::new();
    let [newer, known] = ["Newer", "Known"].map(|title| fixture.session(title, Audience::Owner));
    fixture.turn(&newer, true, "one", "two");
    fixture.turn(&known, true, "one", "two");
    fixture.raw().execute("UPDATE record SET version = 2 WHERE seq = 1", []).unwrap();
    fixture.store.rebuild_projections().unwrap();
    let listed = fixture.store.session_list().unwrap();
    assert_eq!(listed.iter().map(|session| session.title.as_str()).collect::<Vec<_>>(), ["Known"]);
    assert!(fixture.store.session_get(newer.id).is_err());
    assert_eq!(fixture.store.message_list(known.id).unwrap().len(), 2);
}
