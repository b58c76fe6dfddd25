use crate::testkit::{Home, Line, asking, collecting, request, say, scripted, send, told, whole};
use twin_core::chat::{Audience, MessageStatus, Role};
use twin_core::error::{Code, Failure};
use twin_core::event::{Event, ReplyEvent};
use twin_core::model::{Block, StopReason};

#[tokio::test]
async fn what_was_said_is_known_after_a_restart_in_a_new_session() {
    let home = Home::new();
    let first = say(&home.open(), None, "Hi! My name is Fred and I love Python", None).await;
    assert_eq!(first.reply.unwrap().status, MessageStatus::Complete);
    home.pass(96);

    let app = home.open();
    let second = say(&app, None, "What's my name and what do I love?", None).await;
    assert_ne!(second.session, first.session);
    let reply = second.reply.unwrap().content;
    assert!(reply.contains("Hi! My name is Fred and I love Python"), "{reply}");
    assert!(reply.contains("17 November 2026"), "{reply}");
}

#[tokio::test]
async fn offline_says_plainly_when_it_knows_nothing() {
    let home = Home::new();
    let told = say(&home.open(), None, "How many moons has the planet Zorblax?", None).await;
    let reply = told.reply.unwrap();
    let report = home.open().context_report(reply.id).await.unwrap().unwrap();
    assert!(report.passages.is_empty(), "{:?}", report.passages);
    assert!(!reply.content.contains('>'), "nothing is quoted: {}", reply.content);
}

#[tokio::test]
async fn a_streamed_reply_is_told_as_it_grows_and_kept() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("Good "), Line::Say("morning."), Line::End(StopReason::EndTurn)]);
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.deltas, "Good morning.");

    let messages = home.open().session_messages(told.session).await.unwrap();
    let texts: Vec<_> = messages.iter().map(|message| (message.role, message.content.as_str())).collect();
    assert_eq!(texts, [(Role::User, "Hello"), (Role::Assistant, "Good morning.")]);
    let report = app.context_report(told.reply.unwrap().id).await.unwrap().unwrap();
    assert_eq!(report.stop_reason, Some(StopReason::EndTurn));
    assert!(report.first_token_ms.is_some() && report.total_ms.is_some());
    assert!(report.system_prompt.contains("Ada Lovelace"));
}

#[tokio::test]
async fn the_model_hears_the_conversation_so_far() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("One."));
    let first = say(&app, None, "First", scripted()).await;
    home.answer(whole("Two."));
    say(&app, Some(first.session), "Second", scripted()).await;
    let turns: Vec<_> = home.last_request().turns.into_iter().map(|turn| (turn.role, turn.content)).collect();
    let text = |text: &str| vec![Block::Text(text.to_owned())];
    assert_eq!(turns, [(Role::User, text("First")), (Role::Assistant, text("One.")), (Role::User, text("Second"))]);
}

#[tokio::test]
async fn failed_send_keeps_the_message_and_can_be_tried_again() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Fail(Failure::passing(Code::Unreachable, "nobody answers", "Start the server."))]);
    let told = say(&app, None, "Are you there?", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::Unreachable);
    assert!(told.reply.is_none());
    let messages = app.session_messages(told.session).await.unwrap();
    assert_eq!(messages.len(), 1, "the question alone: {messages:?}");

    home.answer(whole("Yes."));
    let (sink, events) = collecting();
    app.chat_regenerate(told.session, messages[0].id, Some(scripted()), None, sink).await.unwrap();
    let again = self::told(events).await;
    assert_eq!(again.reply.unwrap().content, "Yes.");
    assert!(again.question.is_none());
    assert_eq!(app.session_messages(told.session).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_kept_and_marked() {
    let home = Home::new();
    let app = home.open();
    // The stream ends without a word that it is finished.
    home.answer(vec![Line::Say("The first half")]);
    let told = say(&app, None, "Tell me", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::StreamInterrupted);
    let messages = home.open().session_messages(told.session).await.unwrap();
    assert_eq!((messages[1].content.as_str(), messages[1].status), ("The first half", MessageStatus::Interrupted));
}

#[tokio::test]
async fn stop_keeps_what_had_arrived() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("So far"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("Go on"), sink);
    let stopping = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        app.chat_stop(session_id);
        let Some(ReplyEvent::Done { message }) = events.recv().await else { panic!("done last") };
        message
    };
    let (sent, message) = tokio::join!(sending, stopping);
    sent.unwrap();
    assert_eq!((message.content.as_str(), message.status), ("So far", MessageStatus::Stopped));
}

#[tokio::test]
async fn one_session_writes_one_reply_at_a_time() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("…"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("First"), sink);
    let second = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        let refused = send(&app, request(Some(session_id), Audience::Owner, "Second"), scripted()).await;
        app.chat_stop(session_id);
        refused
    };
    let (sent, refused) = tokio::join!(sending, second);
    sent.unwrap();
    assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn an_empty_answer_is_a_failure_and_leaves_no_blank_message() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("  "), Line::End(StopReason::EndTurn)]);
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::ProviderFailed);
    assert_eq!(app.session_messages(told.session).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_visitor_hears_nothing_that_the_owner_said_or_keeps_private() {
    let home = Home::new();
    let app = home.open();
    fs_err::write(home.path().join("persona/private/diary.md"), "The canary sings at CANARY-PRIVATE midnight.")
        .unwrap();
    app.persona_reload().await.unwrap();
    say(&app, None, "The canary told me CANARY-SAID about midnight", None).await;

    home.answer(whole("I cannot say."));
    let question = "What about the canary and midnight?";
    send(&app, request(None, Audience::Visitor, question), scripted()).await.unwrap();
    let sent = format!("{:?}", home.last_request());
    assert!(!sent.contains("CANARY"), "{sent}");

    home.answer(whole("Both."));
    say(&app, None, question, scripted()).await;
    let sent = format!("{:?}", home.last_request());
    assert!(sent.contains("CANARY-SAID") && sent.contains("CANARY-PRIVATE"), "the owner hears both: {sent}");
}

#[tokio::test]
async fn a_session_keeps_its_audience() {
    let home = Home::new();
    let app = home.open();
    let owner = say(&app, None, "Only between us", None).await;
    let refused = send(&app, request(Some(owner.session), Audience::Visitor, "What was said here?"), None).await;
    assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn blank_and_endless_messages_are_refused_before_anything_is_stored() {
    let home = Home::new();
    let app = home.open();
    for text in [String::new(), " \n\t".to_owned(), "x".repeat(2 * 1024 * 1024)] {
        let refused = send(&app, request(None, Audience::Owner, &text), None).await;
        assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
    }
    assert!(app.session_list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn words_that_are_shown_are_on_disk_also_when_the_stream_pauses() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("one "), Line::Say("two"), Line::Wait, Line::End(StopReason::EndTurn)]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("Count"), sink);
    let looking = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        let other = home.open();
        // As another process sees it; what a kill would leave.
        while other.session_messages(session_id).await.unwrap()[1].content != "one two" {}
        home.script.go_on.notify_one();
    };
    let (sent, ()) = tokio::join!(sending, looking);
    sent.unwrap();
}

#[tokio::test]
async fn a_reply_that_could_not_be_saved_is_told_and_saved_as_soon_as_it_can_be() {
    let home = Home::new();
    let app = home.open();
    let _watch = app.watch();
    let mut notices = app.notices();
    home.answer(vec![Line::Say("The answer"), Line::Wait, Line::End(StopReason::EndTurn)]);
    home.title(whole("Asked and answered"));
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("A question"), sink);
    let disturbing = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        let other = rusqlite::Connection::open(home.path().join("twin.db")).unwrap();
        other.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        home.script.go_on.notify_one();
        let failure = loop {
            if let ReplyEvent::Failed { failure, .. } = events.recv().await.unwrap() {
                break failure;
            }
        };
        (session_id, failure, other)
    };
    let (sent, (session, failure, other)) = tokio::join!(sending, disturbing);
    sent.unwrap();
    assert_eq!(failure.code, Code::StoreBusy);
    other.execute_batch("ROLLBACK").unwrap();
    while notices.recv().await.unwrap().event != (Event::MessagesChanged { session_id: session }) {}
    let messages = app.session_messages(session).await.unwrap();
    assert_eq!((messages[1].content.as_str(), messages[1].status), ("The answer", MessageStatus::Complete));
    // What follows an answer follows this one, too.
    while app.session_get(session).await.unwrap().title != "Asked and answered" {
        notices.recv().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_long_conversation_has_pushed_out_is_recalled_from_it() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("I will remember."));
    let session = say(&app, None, "The password of the summer house is Walnut-Seven", scripted()).await.session;
    for _ in 0..8 {
        home.answer(whole("Go on."));
        say(&app, Some(session), &"Let me tell you about the weather in Surrey. ".repeat(120), scripted()).await;
    }
    home.answer(whole("Walnut-Seven."));
    say(&app, Some(session), "What is the password of the summer house?", scripted()).await;
    let request = home.last_request();
    let said_again = request.turns.iter().any(|turn| format!("{turn:?}").contains("Walnut-Seven"));
    assert!(!said_again, "it no longer fits into the history");
    assert!(request.system.iter().any(|part| part.text.contains("Walnut-Seven")), "so it is recalled");
}

#[tokio::test]
async fn two_processes_do_not_answer_in_one_session_at_once() {
    let home = Home::new();
    let (window, terminal) = (home.open(), home.open());
    home.answer(vec![Line::Say("…"), Line::Hang]);
    let (sink, mut events) = collecting();
    let sending = window.chat_send(asking("First"), sink);
    let second = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        let refused = send(&terminal, request(Some(session_id), Audience::Owner, "Second"), scripted()).await;
        window.chat_stop(session_id);
        refused
    };
    let (sent, refused) = tokio::join!(sending, second);
    sent.unwrap();
    assert_eq!(refused.unwrap_err().code, Code::InvalidInput);
}
