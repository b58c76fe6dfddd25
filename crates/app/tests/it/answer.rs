//! What happens when a model cannot answer at once, in the words of what the person sees.

use crate::testkit::{Home, Line, Told, asking, collecting, request, say, scripted, send, told, whole};
use twin_app::App;
use twin_core::chat::{Audience, MessagePart, MessageStatus};
use twin_core::error::{Code, Failure};
use twin_core::event::ReplyEvent;
use twin_core::model::{Block, Feature, Lessons, ModelEvent, ModelRef, Reasoning, StopReason, ToolUse, Usage};
use twin_core::report::Note;

fn throttled() -> Failure {
    Failure::passing(Code::Throttled, "too many requests", "Wait.")
}

fn other() -> ModelRef {
    "bedrock:another.model-v1:0".parse().unwrap()
}

async fn listed_next(app: &App, by_itself: bool) {
    let mut settings = app.settings();
    settings.fallback = vec![other()];
    settings.fallback_by_itself = by_itself;
    app.settings_save(settings).await.unwrap();
}

async fn notes(app: &App, told: &Told) -> Vec<Note> {
    app.context_report(told.reply.as_ref().unwrap().id).await.unwrap().unwrap().notes
}

fn seconds_waited(told: &Told) -> Vec<u32> {
    let waiting = told.others.iter().filter_map(|event| match event {
        ReplyEvent::Waiting { seconds, .. } => Some(*seconds),
        _ => None,
    });
    waiting.collect()
}

#[tokio::test(start_paused = true)]
async fn a_busy_provider_is_asked_again_after_a_countdown() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Fail(throttled())]);
    home.answer(vec![Line::Fail(throttled().after(Some(9)))]);
    home.answer(whole("At last."));
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.reply.as_ref().unwrap().content, "At last.");
    let waited = seconds_waited(&told);
    assert_eq!((waited.len(), waited[1]), (2, 9), "{waited:?}");
    assert!(matches!(notes(&app, &told).await[..], [Note::AskedAgain { times: 2, .. }]));
    let noted = |event: &&ReplyEvent| matches!(event, ReplyEvent::Noted { note: Note::AskedAgain { .. } });
    assert_eq!(told.others.iter().filter(noted).count(), 2, "it is told while it happens");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_stays_busy_is_given_up_with_its_own_words() {
    let home = Home::new();
    let app = home.open();
    for _ in 0..12 {
        home.answer(vec![Line::Fail(throttled())]);
    }
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.failure.as_ref().unwrap().code, Code::Throttled);
    let waited: u32 = seconds_waited(&told).iter().sum();
    assert!((60..=240).contains(&waited), "{waited} s");
    assert_eq!(app.session_messages(told.session).await.unwrap().len(), 1, "the question is kept");
}

#[tokio::test(start_paused = true)]
async fn stop_ends_the_countdown() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Fail(throttled().after(Some(100)))]);
    let (sink, mut events) = collecting();
    let sending = app.chat_send(asking("Hello"), sink);
    let stopping = async {
        let Some(ReplyEvent::Accepted { session_id, .. }) = events.recv().await else { panic!("accepted first") };
        while !matches!(events.recv().await, Some(ReplyEvent::Waiting { .. })) {}
        app.chat_stop(session_id);
        let Some(ReplyEvent::Done { message }) = events.recv().await else { panic!("done last") };
        message.status
    };
    let (sent, status) = tokio::join!(sending, stopping);
    sent.unwrap();
    assert_eq!(status, MessageStatus::Stopped);
    assert_eq!(home.script.asked.lock().unwrap().len(), 1, "nobody is asked again");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_twice_after_a_first_word() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, true).await;
    home.answer(vec![Line::Say("Half of"), Line::Fail(throttled())]);
    let told = say(&app, None, "Hello", scripted()).await;
    let reply = told.reply.unwrap();
    assert_eq!((reply.content.as_str(), reply.status), ("Half of", MessageStatus::Interrupted));
    assert_eq!(told.next, Some(other()), "it is offered all the same");
    assert_eq!(home.script.asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn blanks_of_the_model_before_are_not_the_beginning_of_the_next_ones_answer() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, true).await;
    home.answer(whole("\n"));
    home.answer(vec![Line::Say("Half of"), Line::Fail(throttled())]);
    let told = say(&app, None, "Hello", scripted()).await;
    let reply = told.reply.unwrap();
    assert_eq!((reply.content.as_str(), reply.status), ("Half of", MessageStatus::Interrupted));
    assert_eq!(home.script.asked.lock().unwrap().len(), 2, "nobody is asked again after a first word");
}

#[tokio::test]
async fn the_next_model_is_offered_and_not_taken_unless_the_owner_said_so() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, false).await;
    home.answer(vec![Line::Fail(Failure::permanent(Code::AccessDenied, "no access", "Ask."))]);
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!((told.failure.unwrap().code, told.next), (Code::AccessDenied, Some(other())));
    assert_eq!(home.script.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_message_says_which_model_answered_instead() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, true).await;
    home.answer(vec![Line::Fail(Failure::permanent(Code::AccessDenied, "no access", "Ask."))]);
    home.answer(whole("I am another."));
    let told = say(&app, None, "Hello", scripted()).await;
    let reply = told.reply.as_ref().unwrap();
    assert_eq!((reply.model.clone(), reply.instead_of.clone()), (Some(other()), Some(scripted())));
    assert_eq!(app.session_messages(told.session).await.unwrap()[1], *reply);
    let report = app.context_report(reply.id).await.unwrap().unwrap();
    assert_eq!(report.model, other());
    assert!(matches!(&report.notes[..], [Note::FellBack { from, .. }] if *from == scripted()));
}

#[tokio::test]
async fn what_no_other_model_could_do_better_goes_to_nobody_else() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, true).await;
    home.answer(vec![Line::Fail(Failure::permanent(Code::ContentFiltered, "filtered", "Say it otherwise."))]);
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!((told.failure.unwrap().code, told.next), (Code::ContentFiltered, None));
    assert_eq!(home.script.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_sent_without_its_beginning() {
    let home = Home::new();
    let app = home.open();
    let long = "We talked about the engine and its cards for a long while. ".repeat(40);
    home.answer(whole("Yes."));
    let first = say(&app, None, &format!("FIRST {long}"), scripted()).await;
    for number in 0..3 {
        home.answer(whole("Yes."));
        say(&app, Some(first.session), &format!("{number} {long}"), scripted()).await;
    }
    let too_long = || Failure::permanent(Code::ContextTooLong, "too long", "Begin a new session.");
    home.answer(vec![Line::Fail(too_long())]);
    home.answer(vec![Line::Fail(too_long())]);
    home.answer(whole("Now it fits."));
    let told = say(&app, Some(first.session), "And now?", scripted()).await;
    assert_eq!(told.reply.as_ref().unwrap().content, "Now it fits.");
    let notes = notes(&app, &told).await;
    let [Note::HistoryTrimmed { messages }] = notes[..] else { panic!("it is said once: {notes:?}") };
    assert!(messages >= 2, "{messages}");
    let sent: Vec<Block> = home.last_request().turns.into_iter().flat_map(|turn| turn.content).collect();
    assert!(!sent.iter().any(|block| matches!(block, Block::Text(text) if text.starts_with("FIRST"))));
    assert_eq!(sent.last(), Some(&Block::Text("And now?".to_owned())), "the question is whole");
}

#[tokio::test]
async fn a_question_that_alone_is_too_long_fails_and_is_kept() {
    let home = Home::new();
    let app = home.open();
    for _ in 0..20 {
        home.answer(vec![Line::Fail(Failure::permanent(Code::ContextTooLong, "too long", "Shorten it."))]);
    }
    let told = say(&app, None, "A long question", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::ContextTooLong);
    assert_eq!(app.session_messages(told.session).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_model_refused_is_known_at_the_next_start() {
    let home = Home::new();
    let lessons = Lessons::default().without(Feature::Tools);
    home.answer(vec![
        Line::Event(ModelEvent::Learned(lessons.clone())),
        Line::Say("Hi."),
        Line::End(StopReason::EndTurn),
    ]);
    let app = home.open();
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(notes(&app, &told).await, [Note::LeftOut { feature: Feature::Tools }]);

    let app = home.open();
    home.answer(whole("Hi again."));
    let again = say(&app, Some(told.session), "Hello again", scripted()).await;
    let request = home.last_request();
    assert_eq!(request.lessons, lessons);
    assert!(request.tools.is_empty(), "it is not offered what it refused");
    assert!(notes(&app, &again).await.is_empty(), "it is said once");
}

fn look(id: &str, query: &str) -> Vec<Line> {
    let input = serde_json::json!({ "query": query });
    let call = ToolUse { id: id.to_owned(), name: "recall".to_owned(), input };
    vec![Line::Event(ModelEvent::ToolUse(call)), Line::End(StopReason::ToolUse)]
}

#[tokio::test]
async fn the_model_looks_something_up_and_goes_on() {
    let home = Home::new();
    let app = home.open();
    say(&app, None, "My greyhounds are called Nimbus and Vesper.", None).await;
    let usage = |output| Line::Event(ModelEvent::Usage(Usage { input: 10, output, ..Usage::default() }));
    let thought = Reasoning { text: "Let me look.".to_owned(), signature: Some("seal".to_owned()), redacted: None };
    let mut first = vec![
        Line::Event(ModelEvent::ReasoningText("Let me ".to_owned())),
        Line::Event(ModelEvent::ReasoningText("look.".to_owned())),
        Line::Event(ModelEvent::Reasoning(thought.clone())),
        Line::Say("One moment."),
        usage(5),
    ];
    first.extend(look("call-1", "greyhounds Nimbus"));
    home.answer(first);
    home.answer(vec![Line::Say("Nimbus and Vesper."), usage(7), Line::End(StopReason::EndTurn)]);
    let told = say(&app, None, "What are they called, the dogs?", scripted()).await;

    let reply = told.reply.as_ref().unwrap();
    assert_eq!(reply.content, "One moment.\n\nNimbus and Vesper.");
    assert_eq!(reply.usage.unwrap().output, 12, "both requests are counted");
    let [
        MessagePart::Reasoning { .. },
        MessagePart::Text { .. },
        MessagePart::Tool { output, is_error, .. },
        MessagePart::Text { .. },
    ] = &reply.parts[..]
    else {
        panic!("{:?}", reply.parts)
    };
    assert!(!is_error && output.as_ref().unwrap().contains("Vesper"), "{output:?}");

    let asked = home.last_request();
    let [.., said, found] = &asked.turns[..] else { panic!("{:?}", asked.turns) };
    assert_eq!(said.content[0], Block::Reasoning(thought), "its own thoughts come back word for word");
    assert!(matches!(&said.content[2], Block::ToolUse(call) if call.id == "call-1"));
    assert!(matches!(&found.content[..], [Block::ToolResult { id, is_error: false, .. }] if id == "call-1"));
    let kinds: Vec<_> = told.others.iter().map(std::mem::discriminant).collect();
    let started = ReplyEvent::ToolStarted { id: String::new(), name: String::new(), input: String::new() };
    assert!(kinds.contains(&std::mem::discriminant(&started)), "the person sees that it looks");
}

#[tokio::test]
async fn a_visitors_model_finds_nothing_that_was_said_to_the_owner() {
    let home = Home::new();
    let app = home.open();
    say(&app, None, "My secret greyhounds are called Nimbus and Vesper.", None).await;
    home.answer(look("call-1", "secret greyhounds Nimbus Vesper"));
    home.answer(whole("I do not know."));
    let told = send(&app, request(None, Audience::Visitor, "What are the dogs called?"), scripted()).await.unwrap();
    let parts = told.reply.unwrap().parts;
    let Some(MessagePart::Tool { output: Some(output), .. }) = parts.first() else { panic!("{parts:?}") };
    assert!(!output.contains("Vesper"), "{output}");
}

#[tokio::test]
async fn a_model_that_only_looks_things_up_comes_to_an_end() {
    let home = Home::new();
    let app = home.open();
    for number in 0..12 {
        home.answer(look(&format!("call-{number}"), "engine"));
    }
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::ProviderFailed);
    let blocks = home.last_request().turns.into_iter().flat_map(|turn| turn.content);
    let results: Vec<bool> = blocks
        .filter_map(|block| if let Block::ToolResult { is_error, .. } = block { Some(is_error) } else { None })
        .collect();
    assert_eq!(results, [false, false, false, false, true, true], "then it is told to answer with what it has");
}

#[tokio::test]
async fn a_session_keeps_the_model_that_was_chosen_for_it() {
    let home = Home::new();
    let app = home.open();
    let told = say(&app, None, "Hello", None).await;
    app.session_set_model(told.session, Some(scripted())).await.unwrap();
    let app = home.open();
    home.answer(whole("It is I."));
    let again = say(&app, Some(told.session), "Who answers?", None).await;
    assert_eq!(again.reply.unwrap().model, Some(scripted()));
    assert_eq!(app.settings().models_recent, [scripted()]);

    app.session_set_model(told.session, None).await.unwrap();
    let offline = say(&app, Some(told.session), "And now?", None).await;
    assert_eq!(offline.reply.unwrap().model, Some(ModelRef::offline()));
}

#[tokio::test]
async fn answering_again_with_another_model_keeps_both() {
    let home = Home::new();
    let app = home.open();
    let first = say(&app, None, "Hello", None).await;
    home.answer(whole("Another answer."));
    let (sink, events) = collecting();
    let question = first.question.unwrap().id;
    app.chat_regenerate(first.session, question, Some(scripted()), None, sink).await.unwrap();
    told(events).await;
    let models: Vec<_> =
        app.session_messages(first.session).await.unwrap().into_iter().filter_map(|message| message.model).collect();
    assert_eq!(models, [ModelRef::offline(), scripted()]);
}

fn thinks_only() -> Vec<Line> {
    vec![Line::Event(ModelEvent::Usage(Usage { output: 1_024, ..Usage::default() })), Line::End(StopReason::MaxTokens)]
}

#[tokio::test]
async fn a_model_that_spends_its_answer_on_thinking_gets_more_room_the_next_time() {
    let home = Home::new();
    let app = home.open();
    home.answer(thinks_only());
    let told = say(&app, None, "Hello", scripted()).await;
    assert_eq!(told.failure.unwrap().code, Code::ProviderFailed);
    let first = home.last_request().max_output_tokens;
    home.answer(whole("Hello."));
    say(&app, Some(told.session), "Once more", scripted()).await;
    assert!(home.last_request().max_output_tokens > first);
}

#[tokio::test]
async fn an_answer_without_a_word_goes_to_the_next_model() {
    let home = Home::new();
    let app = home.open();
    listed_next(&app, true).await;
    home.answer(thinks_only());
    home.answer(whole("Hello."));
    let told = say(&app, None, "Hello", scripted()).await;
    let reply = told.reply.unwrap();
    assert_eq!((reply.content.as_str(), reply.model), ("Hello.", Some(other())));
    assert_eq!(reply.usage, None, "what the first one used is not the second one's");
}

#[tokio::test]
async fn an_answer_that_is_cut_at_its_limit_says_so() {
    let home = Home::new();
    let app = home.open();
    home.answer(vec![Line::Say("It began in"), Line::End(StopReason::MaxTokens)]);
    let told = say(&app, None, "Tell me everything", scripted()).await;
    assert_eq!(notes(&app, &told).await, [Note::CutShort]);
}
