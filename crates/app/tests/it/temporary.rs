//! Conversations that leave no trace.

use crate::testkit::{Home, Line, asking, collecting, holding, request, say, scripted, send, told, whole};
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::session::SessionFormat;
use twin_core::chat::{Audience, MessageStatus, PathPlace, SessionChange};
use twin_core::error::Code;
use twin_core::event::{Event, ReplyEvent};
use twin_core::find::{FindOrder, FindQuery};
use twin_core::id::SessionId;
use twin_core::model::{Block, Lessons, ModelEvent, StopReason, Usage};

const SAID: &str = "The canary CANARY-SAID is called Eustace";
const ANSWERED: &str = "CANARY-ANSWERED is noted";

fn temporary(text: &str) -> SendRequest {
    SendRequest { temporary: true, ..asking(text) }
}

fn find(text: &str, session: Option<SessionId>) -> FindQuery {
    FindQuery {
        text: text.to_owned(),
        audience: Audience::Owner,
        session,
        role: None,
        from: None,
        before: None,
        order: FindOrder::Newest,
        limit: 20,
    }
}

async fn count(app: &App, session: SessionId) -> usize {
    app.session_path(session, PathPlace::End, 50).await.unwrap().messages.len()
}

#[tokio::test]
async fn nothing_of_a_temporary_conversation_reaches_the_home() {
    let home = Home::new();
    let app = home.open();
    let watch = app.watch();
    let looking = || ["CANARY", "ACME-THINKER"].map(|canary| holding(home.path(), canary.as_bytes()));
    let file = app.attachment_add_bytes("notes.md".to_owned(), b"CANARY-ATTACHED".to_vec()).await.unwrap();
    let learned = Lessons { context_tokens: Some(9_000), ..Lessons::default() };
    let used = Usage { input: 10, output: 5, ..Usage::default() };
    home.answer(vec![
        Line::Event(ModelEvent::Learned(learned)),
        Line::Say(ANSWERED),
        Line::Event(ModelEvent::Usage(used)),
        Line::Wait,
        Line::End(StopReason::EndTurn),
    ]);
    let model = "bedrock:ACME-THINKER".parse().ok();
    let request = SendRequest { attachments: vec![file.attachment.id], model, ..temporary(SAID) };
    let (sink, mut events) = collecting();
    let sending = app.chat_send(request, sink);
    let watching = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        // Committed while it grows, as any reply, but not there.
        while app.session_path(session_id, PathPlace::End, 9).await.unwrap().messages[1].message.content.is_empty() {}
        assert_eq!(looking(), [Vec::<String>::new(), Vec::new()]);
        home.script.go_on.notify_one();
        while !matches!(events.recv().await, Some(ReplyEvent::Done { .. })) {}
        session_id
    };
    let (sent, session) = tokio::join!(sending, watching);
    sent.unwrap();
    app.session_rename(session, "CANARY-TITLE").await.unwrap();
    app.session_set_model(session, "bedrock:ACME-THINKER-2".parse().ok()).await.unwrap();
    app.session_change(vec![session], SessionChange::Tagged { tag: "CANARY-TAG".to_owned(), tagged: true })
        .await
        .unwrap();
    let used_here = app.usage_session(session).await.unwrap();
    assert_eq!((used_here.usage, used_here.answers), (used, 1), "what it used is told");
    assert!(app.usage_months().await.unwrap().is_empty(), "and counted nowhere");
    assert_eq!(looking(), [Vec::<String>::new(), Vec::new()]);
    app.session_close(session).await.unwrap();
    assert_eq!(looking(), [Vec::<String>::new(), Vec::new()], "closed");
    drop((app, watch));
    assert_eq!(looking(), [Vec::<String>::new(), Vec::new()], "ended");
    assert!(home.open().session_list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_words_in_a_conversation_that_is_kept_are_found_on_the_disk() {
    // What the test above looks for would be there.
    let home = Home::new();
    let app = home.open();
    home.answer(whole(ANSWERED));
    send(&app, asking(SAID), "bedrock:ACME-THINKER".parse().ok()).await.unwrap();
    for canary in ["CANARY-SAID", "CANARY-ANSWERED", "ACME-THINKER"] {
        assert!(!holding(home.path(), canary.as_bytes()).is_empty(), "{canary}");
    }
}

#[tokio::test]
async fn a_temporary_conversation_goes_on_branches_and_explains_itself_as_any_other() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("One."));
    let first = send(&app, temporary("First"), scripted()).await.unwrap();
    let session = first.session;
    assert!(app.session_get(session).await.unwrap().temporary);
    assert!(app.session_list(None).await.unwrap().is_empty());
    let asked = first.question.unwrap().id;

    home.answer(whole("Two."));
    let second = say(&app, Some(session), "Second", scripted()).await;
    assert!(format!("{:?}", home.last_request().turns).contains("One."), "it hears what was said in it");
    home.answer(whole("Two again."));
    let (sink, events) = collecting();
    app.chat_regenerate(session, second.question.unwrap().id, Some(scripted()), None, sink).await.unwrap();
    let again = told(events).await.reply.unwrap();
    assert!(app.context_report(again.id).await.unwrap().is_some());
    let path = app.session_path(session, PathPlace::End, 50).await.unwrap();
    assert_eq!(path.messages[3].versions, [second.reply.unwrap().id, again.id]);

    home.answer(whole("Changed."));
    let edit = SendRequest { session_id: Some(session), edits: Some(asked), ..asking("First, but otherwise") };
    let changed = send(&app, edit, scripted()).await.unwrap();
    assert_eq!(count(&app, session).await, 2);
    app.branch_delete(session, changed.question.unwrap().id, true).await.unwrap();
    assert_eq!(count(&app, session).await, 4, "back to the version that is left");
    app.session_show(session, asked).await.unwrap();
    assert!(app.session_document(session, SessionFormat::Seed).await.unwrap().contains("Two again."));

    home.answer(vec![Line::Say("So far"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(SendRequest { session_id: Some(session), ..asking("Go on") }, sink);
    let stopping = async {
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        app.chat_stop(session);
        let Some(ReplyEvent::Done { message }) = events.recv().await else { panic!("done last") };
        message.status
    };
    assert_eq!(tokio::join!(sending, stopping).1, MessageStatus::Stopped);

    let copy = app.session_fork(session, asked).await.unwrap();
    assert!(copy.temporary && app.session_list(None).await.unwrap().is_empty(), "a copy leaves no trace either");
    app.session_close(session).await.unwrap();
    assert_eq!(count(&app, copy.id).await, 1, "and goes on without the other");
}

#[tokio::test]
async fn it_remembers_what_is_kept_and_nobody_remembers_it() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("I will remember."));
    send(&app, asking("The walrus is called Eustace"), scripted()).await.unwrap();
    home.answer(whole("Eustace."));
    let first = send(&app, temporary("What is the walrus called?"), scripted()).await.unwrap().session;
    assert!(format!("{:?}", home.last_request().system).contains("Eustace"), "earlier conversations are recalled");

    let password = "The password of the summer house is Walnut-Seven";
    home.answer(whole("Noted."));
    say(&app, Some(first), password, scripted()).await;
    for _ in 0..8 {
        home.answer(whole("Go on."));
        say(&app, Some(first), &"Let me tell you about the weather in Surrey. ".repeat(120), scripted()).await;
    }
    let question = "What is the password of the summer house?";
    home.answer(whole("Walnut-Seven."));
    say(&app, Some(first), question, scripted()).await;
    let request = home.last_request();
    assert!(!format!("{:?}", request.turns).contains("Walnut-Seven"), "it no longer fits into the history");
    assert!(request.system.iter().any(|part| part.text.contains("Walnut-Seven")), "so it is recalled");

    for other in [asking(question), temporary(question)] {
        home.answer(whole("I do not know."));
        send(&app, other, scripted()).await.unwrap();
        assert!(!format!("{:?}", home.last_request()).contains("Walnut-Seven"), "in itself only");
    }
    assert!(app.message_find(find("Walnut", None)).await.unwrap().hits.is_empty());
    assert!(!app.message_find(find("Walnut", Some(first))).await.unwrap().hits.is_empty());
}

#[tokio::test]
async fn files_are_sent_again_with_the_history_and_can_be_taken_out() {
    let home = Home::new();
    let app = home.open();
    let file = app.attachment_add_bytes("notes.md".to_owned(), b"The engine weaves.".to_vec()).await.unwrap();
    home.answer(whole("It weaves."));
    let request = SendRequest { attachments: vec![file.attachment.id], ..temporary("What does it say?") };
    let first = send(&app, request, scripted()).await.unwrap();
    assert!(!app.attachment_data(file.attachment.sha256).await.unwrap().is_empty());
    let documents = || {
        let blocks = home.last_request().turns.into_iter().flat_map(|turn| turn.content);
        blocks.filter(|block| matches!(block, Block::Document { .. })).count()
    };
    home.answer(whole("Yes."));
    let second = say(&app, Some(first.session), "Really?", scripted()).await;
    assert_eq!(documents(), 1);
    app.attachment_leave_out_all(first.session, second.question.unwrap().id).await.unwrap();
    home.answer(whole("I see nothing."));
    say(&app, Some(first.session), "And now?", scripted()).await;
    assert_eq!(documents(), 0);
}

#[tokio::test]
async fn closing_stops_the_reply_and_lets_go_of_everything() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("So far"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(temporary(SAID), sink);
    let closing = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        let mut notices = app.notices();
        app.session_close(session_id).await.unwrap();
        assert_eq!(notices.recv().await.unwrap().event, Event::SessionsChanged);
        session_id
    };
    let (sent, session) = tokio::join!(sending, closing);
    sent.unwrap();
    assert_eq!(app.session_get(session).await.unwrap_err().code, Code::NotFound);
    assert!(holding(home.path(), b"CANARY").is_empty());
    app.session_close(session).await.unwrap();

    let kept = send(&app, request(None, Audience::Owner, "Keep this"), None).await.unwrap().session;
    assert_eq!(app.session_close(kept).await.unwrap_err().code, Code::InvalidInput);
    assert_eq!(count(&app, kept).await, 2);
}
