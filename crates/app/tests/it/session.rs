use crate::testkit::{Home, Line, collecting, say, scripted, told};
use rstest::rstest;
use twin_app::session::ImportOutcome;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::model::StopReason;

const ID: &str = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";

/// As the first digital twin writes it: a time with zone, one without, one missing.
const SEED: &str = r#"[
  {
    "role": "user",
    "content": "Hi! My name is Fred and I love Python",
    "timestamp": "2025-10-02T09:15:00.123456"
  },
  {
    "role": "assistant",
    "content": "A pleasure, Fred.",
    "timestamp": "2025-10-02T09:15:04Z"
  },
  {
    "role": "user",
    "content": "Good night"
  }
]
"#;

#[tokio::test]
async fn a_session_file_keeps_its_id_and_comes_out_as_it_went_in() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join(format!("{ID}.json"));
    fs_err::write(&file, SEED).unwrap();

    let imported = app.session_import_seed(&file).await.unwrap();
    assert_eq!((imported.outcome, imported.new_messages), (ImportOutcome::Imported, 3));
    assert_eq!(imported.session_id.to_string(), ID);
    assert_eq!(app.session_export_seed(imported.session_id).await.unwrap(), SEED);

    let again = app.session_import_seed(&file).await.unwrap();
    assert_eq!((again.outcome, again.new_messages), (ImportOutcome::Unchanged, 0));
    assert_eq!(app.session_messages(imported.session_id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_session_of_our_own_survives_export_and_import() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "Remember the greyhounds", None).await.session;
    let seed = app.session_export_seed(session).await.unwrap();
    let file = home.path().join(format!("{session}.json"));
    fs_err::write(&file, &seed).unwrap();
    assert_eq!(app.session_import_seed(&file).await.unwrap().outcome, ImportOutcome::Unchanged);

    let other = Home::new();
    let app = other.open();
    assert_eq!(app.session_import_seed(&file).await.unwrap().outcome, ImportOutcome::Imported);
    assert_eq!(app.session_export_seed(session).await.unwrap(), seed);
}

#[tokio::test]
async fn a_file_that_has_grown_adds_what_is_new() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join(format!("{ID}.json"));
    fs_err::write(&file, SEED).unwrap();
    let session = app.session_import_seed(&file).await.unwrap().session_id;
    let longer = SEED.replace(
        "\"Good night\"\n  }",
        "\"Good night\"\n  },\n  {\n    \"role\": \"assistant\",\n    \"content\": \"Sleep well.\"\n  }",
    );
    fs_err::write(&file, &longer).unwrap();
    let imported = app.session_import_seed(&file).await.unwrap();
    assert_eq!((imported.outcome, imported.new_messages), (ImportOutcome::Extended, 1));
    assert_eq!(app.session_export_seed(session).await.unwrap(), longer);
}

#[tokio::test]
async fn importing_a_deleted_session_again_brings_it_back_as_it_was() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "Remember the greyhounds", None).await.session;
    let file = home.path().join(format!("{session}.json"));
    fs_err::write(&file, app.session_export_seed(session).await.unwrap()).unwrap();
    app.session_delete(session).await.unwrap();
    let imported = app.session_import_seed(&file).await.unwrap();
    assert_eq!((imported.outcome, imported.new_messages), (ImportOutcome::Imported, 0));
    assert_eq!(app.session_messages(session).await.unwrap().len(), 2);
}

#[rstest]
#[case("../../etc/passwd", "[]", Code::InvalidInput)]
#[case("notes.json", "[]", Code::InvalidInput)]
#[case("6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json", "{\"role\": 1}", Code::ImportInvalid)]
#[case("6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json", "[{\"role\": \"robot\", \"content\": \"x\"}]", Code::ImportInvalid)]
#[case("6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json", "\u{0}", Code::ImportInvalid)]
#[tokio::test]
async fn what_is_no_session_file_is_refused_with_a_reason(
    #[case] name: &str,
    #[case] content: &str,
    #[case] code: Code,
) {
    let home = Home::new();
    let app = home.open();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join(name.trim_start_matches("../../etc/"));
    fs_err::write(&file, content).unwrap();
    let refused = app.session_import_seed(&file).await.unwrap_err();
    assert_eq!(refused.code, code);
    assert!(!refused.hint.is_empty());
    assert!(app.session_list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_comes_back() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "The walrus is called Eustace", None).await.session;
    app.session_delete(session).await.unwrap();
    assert!(app.session_list(None).await.unwrap().is_empty());
    assert_eq!(app.session_messages(session).await.unwrap_err().code, Code::NotFound);
    let asked = say(&app, None, "What is the walrus called?", None).await;
    assert!(!asked.reply.unwrap().content.contains("Eustace"), "what was deleted is not recalled");

    app.session_restore(session).await.unwrap();
    assert_eq!(app.session_messages(session).await.unwrap().len(), 2);
}

#[tokio::test]
async fn titles_come_from_the_first_words_and_can_be_changed() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "What did Somerville teach me?", None).await.session;
    assert_eq!(app.session_get(session).await.unwrap().title, "What did Somerville teach me?");
    app.session_rename(session, "  Mary \n Somerville ").await.unwrap();
    assert_eq!(app.session_get(session).await.unwrap().title, "Mary Somerville");
    for bad in ["", "  ", &"x".repeat(201)] {
        assert_eq!(app.session_rename(session, bad).await.unwrap_err().code, Code::InvalidInput);
    }
}

#[tokio::test]
async fn answering_again_keeps_both_answers_and_either_can_be_shown() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("One way."), Line::End(StopReason::EndTurn)]);
    let first = say(&app, None, "How?", scripted()).await;
    home.answer(vec![Line::Say("Another way."), Line::End(StopReason::EndTurn)]);
    let (sink, events) = collecting();
    app.chat_regenerate(first.session, first.question.unwrap().id, Some(scripted()), sink).await.unwrap();
    let second = told(events).await.reply.unwrap();
    assert_eq!(app.session_get(first.session).await.unwrap().head, Some(second.id));
    let answer = first.reply.unwrap();
    app.session_set_head(first.session, answer.id).await.unwrap();
    assert_eq!(home.open().session_get(first.session).await.unwrap().head, Some(answer.id));
}

#[tokio::test]
async fn the_window_hears_of_what_the_command_line_wrote() {
    let home = Home::new();
    let window = home.open();
    let mut notices = window.notices();
    let _watch = window.watch();
    say(&home.open(), None, "From elsewhere", None).await;
    loop {
        if notices.recv().await.unwrap().event == Event::ChangedElsewhere {
            break;
        }
    }
    assert_eq!(window.session_list(None).await.unwrap().len(), 1);
}
