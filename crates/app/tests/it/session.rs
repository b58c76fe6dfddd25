use crate::testkit::{Home, Line, asking, collecting, request, say, scripted, send, told};
use rstest::rstest;
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::session::{ImportOutcome, SessionFormat};
use twin_core::chat::{Audience, Message, PathPage, PathPlace, Role, Session, SessionChange};
use twin_core::error::Code;
use twin_core::event::{Event, ReplyEvent};
use twin_core::find::{FindOrder, FindQuery};
use twin_core::id::{MessageId, SessionId};
use twin_core::model::StopReason;

const DELETED: SessionChange = SessionChange::Deleted { deleted: true };

async fn change(app: &App, sessions: &[SessionId], change: SessionChange) {
    app.session_change(sessions.to_vec(), change).await.unwrap();
}

/// What the window would show, and how it came.
async fn shown(app: &App, session: SessionId) -> (Vec<String>, PathPage) {
    let page = app.session_path(session, PathPlace::End, 50).await.unwrap();
    (page.messages.iter().map(|message| message.message.content.clone()).collect(), page)
}

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
    assert_eq!(app.session_document(imported.session_id, SessionFormat::Seed).await.unwrap(), SEED);

    let again = app.session_import_seed(&file).await.unwrap();
    assert_eq!((again.outcome, again.new_messages), (ImportOutcome::Unchanged, 0));
    assert_eq!(app.session_messages(imported.session_id).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_session_of_our_own_survives_export_and_import() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "Remember the greyhounds", None).await.session;
    let seed = app.session_document(session, SessionFormat::Seed).await.unwrap();
    let file = home.path().join(format!("{session}.json"));
    fs_err::write(&file, &seed).unwrap();
    assert_eq!(app.session_import_seed(&file).await.unwrap().outcome, ImportOutcome::Unchanged);

    let other = Home::new();
    let app = other.open();
    assert_eq!(app.session_import_seed(&file).await.unwrap().outcome, ImportOutcome::Imported);
    assert_eq!(app.session_document(session, SessionFormat::Seed).await.unwrap(), seed);
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
    assert_eq!(app.session_document(session, SessionFormat::Seed).await.unwrap(), longer);
}

#[tokio::test]
async fn importing_a_deleted_session_again_brings_it_back_as_it_was() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "Remember the greyhounds", None).await.session;
    let file = home.path().join(format!("{session}.json"));
    fs_err::write(&file, app.session_document(session, SessionFormat::Seed).await.unwrap()).unwrap();
    change(&app, &[session], DELETED).await;
    let imported = app.session_import_seed(&file).await.unwrap();
    assert_eq!((imported.outcome, imported.new_messages), (ImportOutcome::Imported, 0));
    assert_eq!(app.session_messages(session).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_import_that_fails_brings_no_deleted_session_back() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join(format!("{ID}.json"));
    fs_err::write(&file, SEED).unwrap();
    let session = app.session_import_seed(&file).await.unwrap().session_id;
    let other = say(&app, None, "Remember the greyhounds", None).await.session;
    // What the file will bring is there already, and belongs to another chat.
    let store = twin_store::Store::open(home.path(), home.clock.clone()).unwrap();
    let taken = Message {
        id: MessageId::derived(session.as_uuid(), b"User Late news"),
        parent_id: None,
        ..store.message_list(other).unwrap().remove(0)
    };
    store.session_import(&store.session_get(other).unwrap(), &[taken]).unwrap();
    change(&app, &[session], DELETED).await;
    fs_err::write(&file, r#"[{ "role": "user", "content": "Late news" }]"#).unwrap();
    assert!(app.session_import_seed(&file).await.is_err());
    assert_eq!(app.session_get(session).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn importing_a_file_again_brings_back_what_was_deleted_of_it() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join(format!("{ID}.json"));
    fs_err::write(&file, SEED).unwrap();
    let session = app.session_import_seed(&file).await.unwrap().session_id;
    let first = app.session_messages(session).await.unwrap().remove(0);
    for longer in [false, true] {
        app.branch_delete(session, first.id, true).await.unwrap();
        assert!(shown(&app, session).await.0.is_empty());
        let more = "\"Good night\"\n  },\n  {\n    \"role\": \"assistant\",\n    \"content\": \"Sleep well.\"\n  }";
        let seed = if longer { SEED.replace("\"Good night\"\n  }", more) } else { SEED.to_owned() };
        fs_err::write(&file, &seed).unwrap();
        let imported = app.session_import_seed(&file).await.unwrap();
        let count = if longer { 4 } else { 3 };
        assert_eq!((imported.outcome, imported.new_messages), (ImportOutcome::Extended, count));
        assert_eq!(shown(&app, session).await.0.len() as u64, count);
        assert_eq!(app.session_document(session, SessionFormat::Seed).await.unwrap(), seed);
    }
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
    change(&app, &[session], DELETED).await;
    assert!(app.session_list(None).await.unwrap().is_empty());
    assert_eq!(app.session_messages(session).await.unwrap_err().code, Code::NotFound);
    let asked = say(&app, None, "What is the walrus called?", None).await;
    assert!(!asked.reply.unwrap().content.contains("Eustace"), "what was deleted is not recalled");

    change(&app, &[session], SessionChange::Deleted { deleted: false }).await;
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
    app.chat_regenerate(first.session, first.question.unwrap().id, Some(scripted()), None, sink).await.unwrap();
    let second = told(events).await.reply.unwrap();
    assert_eq!(shown(&app, first.session).await.0, ["How?", "Another way."]);
    let answer = first.reply.unwrap();
    app.session_show(first.session, answer.id).await.unwrap();
    let (texts, page) = shown(&home.open(), first.session).await;
    assert_eq!(texts, ["How?", "One way."]);
    assert_eq!(page.messages[1].versions, [answer.id, second.id]);
}

#[tokio::test]
async fn a_branch_is_read_from_its_end_from_a_place_and_around_a_message() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "1 is first", None).await.session;
    for number in 2..=4 {
        say(&app, Some(session), &format!("{number} follows"), None).await;
    }
    let (_, whole) = shown(&app, session).await;
    assert_eq!((whole.total, whole.start, whole.leaf), (8, 0, whole.messages.last().map(|last| last.message.id)));
    let ids: Vec<MessageId> = whole.messages.iter().map(|message| message.message.id).collect();
    let part = async |place, count| {
        let page = app.session_path(session, place, count).await.unwrap();
        assert_eq!((page.leaf, page.total), (whole.leaf, 8), "every part says which branch it is of");
        let part: Vec<MessageId> = page.messages.iter().map(|message| message.message.id).collect();
        assert_eq!(part, ids[page.start as usize..][..part.len()]);
        (page.start, part.len())
    };
    assert_eq!(part(PathPlace::End, 3).await, (5, 3));
    assert_eq!(part(PathPlace::From { index: 2 }, 3).await, (2, 3));
    let around = part(PathPlace::Around { message: ids[3] }, 3).await;
    assert!(around.0 <= 3 && around.0 + 3 > 3, "{around:?}");
    let elsewhere = say(&app, None, "Another session", None).await.question.unwrap().id;
    let lost = app.session_path(session, PathPlace::Around { message: elsewhere }, 3).await;
    assert_eq!(lost.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn a_changed_question_is_another_version_in_the_same_place() {
    let home = Home::new();
    let app = home.open();
    let first = say(&app, None, "Who was Mary?", None).await;
    let asked = first.question.unwrap();
    let second = say(&app, Some(first.session), "And after that?", None).await.question.unwrap();

    let edit = |of: MessageId, text: &str| SendRequest {
        edits: Some(of),
        // Where the window happened to be does not matter.
        parent_id: Some(second.id),
        ..request(Some(first.session), Audience::Owner, text)
    };
    let changed = send(&app, edit(asked.id, "Who was Mary Somerville?"), None).await.unwrap().question.unwrap();
    assert_eq!(changed.parent_id, None, "the first message has another version beside it");
    let (texts, page) = shown(&app, first.session).await;
    assert_eq!((texts[0].as_str(), texts.len()), ("Who was Mary Somerville?", 2));
    assert_eq!(page.messages[0].versions, [asked.id, changed.id]);

    let later = send(&app, edit(second.id, "And before that?"), None).await.unwrap().question.unwrap();
    assert_eq!(later.parent_id, second.parent_id);
    assert_eq!(shown(&app, first.session).await.0.len(), 4, "it follows what the other version followed");

    app.session_show(first.session, asked.id).await.unwrap();
    assert_eq!(shown(&app, first.session).await.1.leaf, app.session_get(first.session).await.unwrap().head);
    let not_mine = edit(first.reply.unwrap().id, "Say it differently");
    assert_eq!(send(&app, not_mine, None).await.unwrap_err().code, Code::InvalidInput);
    let nowhere = SendRequest { session_id: None, ..edit(asked.id, "Where?") };
    assert_eq!(send(&app, nowhere, None).await.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn a_deleted_branch_is_gone_with_all_that_follows_and_comes_back() {
    let home = Home::new();
    let app = home.open();
    let first = say(&app, None, "Tell me of the engine", None).await;
    let second = say(&app, Some(first.session), "The walrus is called Eustace", None).await.question.unwrap();
    app.branch_delete(first.session, second.id, true).await.unwrap();
    assert_eq!(shown(&app, first.session).await.0.len(), 2);
    let asked = say(&app, None, "What is the walrus called?", None).await;
    assert!(!asked.reply.unwrap().content.contains("Eustace"), "what was deleted is not recalled");
    app.branch_delete(first.session, second.id, false).await.unwrap();
    app.session_show(first.session, second.id).await.unwrap();
    assert_eq!(shown(&home.open(), first.session).await.0.len(), 4);
}

#[tokio::test]
async fn deleting_the_branch_that_is_being_written_stops_the_reply_and_another_is_left_alone() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "First", None).await.session;
    let second = say(&app, Some(session), "Second", None).await;
    let (question, parent_id) = (second.question.unwrap().id, second.reply.map(|reply| reply.id));
    let other = SendRequest { edits: Some(question), ..request(Some(session), Audience::Owner, "Otherwise") };
    let beside = send(&app, other, None).await.unwrap().question.unwrap().id;

    home.answer(vec![Line::Say("So far"), Line::Wait, Line::Say(" so good"), Line::Hang]);
    let (sink, mut events) = collecting();
    let third = SendRequest { session_id: Some(session), parent_id, ..asking("Third") };
    let sending = app.chat_send(third, sink);
    let deleting = async {
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        app.branch_delete(session, beside, true).await.unwrap();
        home.script.go_on.notify_one();
        assert!(matches!(events.recv().await, Some(ReplyEvent::Delta { .. })), "it is still being written");
        app.branch_delete(session, question, true).await.unwrap();
        while !matches!(events.recv().await, Some(ReplyEvent::Done { .. })) {}
    };
    let (sent, ()) = tokio::join!(sending, deleting);
    sent.unwrap();
    assert_eq!(shown(&app, session).await.0.len(), 2, "neither the question nor its reply is shown");
}

#[tokio::test]
async fn a_copy_goes_on_by_itself_and_says_where_it_comes_from() {
    let home = Home::new();
    let app = home.open();
    let first = say(&app, None, "Tell me of the engine", None).await;
    let answer = first.reply.unwrap().id;
    say(&app, Some(first.session), "And more", None).await;
    change(&app, &[first.session], SessionChange::Tagged { tag: "work".to_owned(), tagged: true }).await;
    let mut notices = app.notices();
    let copy = app.session_fork(first.session, answer).await.unwrap();
    assert_eq!(notices.recv().await.unwrap().event, Event::SessionsChanged);
    assert_eq!((copy.forked_from, copy.tags.as_slice()), (Some(answer), &["work".to_owned()][..]));
    let (texts, page) = shown(&app, copy.id).await;
    assert_eq!(texts, shown(&app, first.session).await.0[..2]);
    assert_ne!(page.messages[1].message.id, answer);
    assert!(
        app.context_report(page.messages[1].message.id).await.unwrap().is_some(),
        "why it was answered so is known"
    );
    say(&app, Some(copy.id), "Only here", None).await;
    assert_eq!((shown(&app, copy.id).await.0.len(), shown(&app, first.session).await.0.len()), (4, 4));
}

#[tokio::test]
async fn several_sessions_are_filed_at_once_or_not_at_all() {
    let home = Home::new();
    let app = home.open();
    let one = say(&app, None, "One", None).await.session;
    let other = say(&app, None, "Other", None).await.session;
    let mut notices = app.notices();
    change(&app, &[one, other], SessionChange::Pinned { pinned: true }).await;
    assert_eq!(notices.recv().await.unwrap().event, Event::SessionsChanged);
    change(&app, &[one], SessionChange::Archived { archived: true }).await;
    let filed = |session: &Session| (session.pinned, session.archived);
    let list = app.session_list(None).await.unwrap();
    assert_eq!(list.iter().map(filed).collect::<Vec<_>>(), [(true, false), (true, true)]);
    let nobody = ID.parse().unwrap();
    let half = app.session_change(vec![one, nobody], DELETED).await;
    assert_eq!(half.unwrap_err().code, Code::NotFound);
    assert_eq!(app.session_list(None).await.unwrap().len(), 2, "none of them was deleted");
}

#[tokio::test]
async fn a_reply_in_a_session_that_is_deleted_is_stopped() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("So far"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("Go on"), sink);
    let deleting = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        change(&app, &[session_id], DELETED).await;
    };
    let (sent, ()) = tokio::join!(sending, deleting);
    sent.unwrap();
    assert!(app.session_list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_visitor_finds_nothing_of_the_owners() {
    let home = Home::new();
    let app = home.open();
    let owner = say(&app, None, "The walrus is called Eustace", None).await.session;
    let visit = send(&app, request(None, Audience::Visitor, "Do you know a walrus?"), None).await.unwrap().session;
    let find = async |audience, session, text: &str| {
        let query = FindQuery {
            text: text.to_owned(),
            audience,
            session,
            role: Some(Role::User),
            from: None,
            before: None,
            order: FindOrder::Newest,
            limit: 20,
        };
        let hits = app.message_find(query).await.unwrap().hits;
        hits.into_iter().map(|hit| hit.session_id).collect::<Vec<_>>()
    };
    assert_eq!(find(Audience::Owner, None, "walr").await, [owner]);
    assert_eq!(find(Audience::Visitor, None, "walrus").await, [visit]);
    assert!(find(Audience::Visitor, None, "Eustace").await.is_empty());
    assert!(find(Audience::Visitor, Some(owner), "Eustace").await.is_empty(), "nor by its id");
    assert_eq!(find(Audience::Owner, Some(owner), "eustace").await, [owner]);
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
