//! What is recalled, by words and by meaning, and who hears it.

use crate::testkit::{Home, Line, asking, collecting, request, say, scripted, send, whole};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::session::SessionFormat;
use twin_core::chat::Audience;
use twin_core::error::{Code, Failure};
use twin_core::event::{Event, ReplyEvent};
use twin_core::find::{FindOrder, FindQuery};
use twin_core::memory::MemoryKind;
use twin_core::model::StopReason;
use twin_core::port::EmbedPurpose;
use twin_core::report::{ContextReport, SignalKind, Source};
use twin_core::settings::EmbedderChoice;
use twin_core::time::Timestamp;

const TALK: &str = r#"[
  {
    "role": "user",
    "content": "Which lamp did you take?",
    "timestamp": "2023-05-08T13:56:00Z",
    "speaker": "Nora"
  },
  {
    "role": "assistant",
    "content": "The green one, from the flea market.",
    "timestamp": "2023-05-08T13:57:00Z",
    "speaker": "Pavel"
  }
]
"#;

#[tokio::test]
async fn an_imported_talk_keeps_who_spoke_and_is_recalled_by_it_and_by_what_was_asked_before() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join("0b1f9a52-6f3e-4a55-9c7c-0d9f5f2b8a11.json");
    fs_err::write(&file, TALK).unwrap();
    let session = app.session_import_seed(&file).await.unwrap().session_id;
    assert_eq!(app.session_document(session, SessionFormat::Seed).await.unwrap(), TALK);

    // No word of the question is in the answer; who spoke, and what was asked before, put it first.
    let hits = app.recall_turns("Which lamp did Pavel take in May?", 10).await.unwrap();
    let messages = app.session_messages(session).await.unwrap();
    let found: Vec<_> = hits.iter().map(|hit| (hit.message_id, hit.why.named)).collect();
    assert_eq!(found, [(messages[1].id, true), (messages[0].id, false)]);
    assert!(hits[0].why.neighbour.value > 0.0);

    assert_eq!(app.recall_turns("Which lamp did Pavel take?", 1).await.unwrap().len(), 1);
    assert_eq!(app.recall_turns("Which violin?", 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_question_finds_does_not_depend_on_who_was_found_to_speak_before() {
    let home = Home::new();
    let app = home.open();
    let file = home.path().join("0b1f9a52-6f3e-4a55-9c7c-0d9f5f2b8a11.json");
    fs_err::write(&file, TALK).unwrap();
    app.session_import_seed(&file).await.unwrap();
    app.memory_index(|_| {}).await.unwrap();
    // The first time nobody knows that he speaks, then everybody does, then others were asked about.
    let question = "Which lamp did Pavel take in May?";
    let first = app.recall_turns(question, 10).await.unwrap();
    assert!(first[0].why.meaning.value > 0.0);
    assert_eq!(app.recall_turns(question, 10).await.unwrap(), first);
    app.recall_turns("Which violin?", 10).await.unwrap();
    assert_eq!(app.recall_turns(question, 10).await.unwrap(), first);
}

/// Shares no word with what it asks for.
const ASKED: &str = "Does the little one suffer from anything in spring?";
const TOLD: &str = "My daughter gets hay fever every April.";

async fn texts(app: &App, question: &str, audience: Audience, as_of: Option<Timestamp>) -> Vec<String> {
    let passages = app.memory_search(question, audience, as_of, 20).await.unwrap();
    passages.into_iter().map(|passage| passage.text).collect()
}

#[tokio::test]
async fn what_means_the_same_is_found_once_it_has_a_vector() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    assert!(!texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()));
    assert_eq!(app.memory_index(|_| {}).await.unwrap(), 2);
    assert_eq!(app.memory_index(|_| {}).await.unwrap(), 0);
    let passages = app.memory_search(ASKED, Audience::Owner, None, 20).await.unwrap();
    let found = passages.iter().find(|passage| passage.text == TOLD).unwrap();
    assert_eq!(found.signals[0].kind, SignalKind::Meaning);
    assert!(matches!(found.source, Source::Message { .. }));
    let stats = app.memory_stats().await.unwrap();
    assert_eq!((stats.messages, stats.embedded), (2, 2));
}

#[tokio::test]
async fn a_program_that_runs_makes_what_is_new_searchable_by_itself() {
    let home = Home::new();
    let app = home.open();
    let mut notices = app.notices();
    let _watch = app.watch();
    home.title(whole("Hay fever"));
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    while app.memory_stats().await.unwrap().embedded < 2 {
        while notices.recv().await.unwrap().event != Event::MemoryChanged {}
    }
    assert!(texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()));
}

#[tokio::test]
async fn nothing_is_made_searchable_while_somebody_waits_for_a_window() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    let mut notices = app.notices();
    let seen = Arc::new(OnceLock::new());
    let (waiting, saw) = (app.clone(), Arc::clone(&seen));
    let _watch = app.watch_from(async move {
        let embedded = waiting.memory_stats().await.unwrap().embedded;
        saw.set(embedded).unwrap();
    });
    while app.memory_stats().await.unwrap().embedded < 2 {
        while notices.recv().await.unwrap().event != Event::MemoryChanged {}
    }
    assert_eq!(seen.get(), Some(&0));
}

#[tokio::test]
async fn nothing_is_made_searchable_while_a_reply_is_written() {
    let home = Home::new();
    let app = home.open();
    choose(&app, service()).await;
    home.answer(vec![Line::Say("So"), Line::Wait, Line::End(StopReason::EndTurn)]);
    let (sink, mut events) = collecting();
    let replied = async {
        while !matches!(events.recv().await, Some(ReplyEvent::Delta { .. })) {}
        let indexing = app.memory_index(|_| {});
        let waiting = async {
            // Each of them takes the way to the store that the sweep would take.
            for _ in 0..50 {
                app.memory_stats().await.unwrap();
                assert!(home.embedded().iter().all(|call| call.purpose != EmbedPurpose::Stored));
            }
            home.script.go_on.notify_one();
        };
        tokio::join!(indexing, waiting).0.unwrap()
    };
    let (sent, done) =
        tokio::join!(app.chat_send(SendRequest { model: Some(scripted()), ..asking("Go on") }, sink), replied);
    sent.unwrap();
    assert_eq!(done, 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_searchable_while_somebody_types_what_they_look_for() {
    let home = Home::new();
    let app = home.open();
    app.memory_add(MemoryKind::Semantic, "Is allergic to peanuts", Audience::Owner).await.unwrap();
    let query = FindQuery {
        text: "pea".to_owned(),
        audience: Audience::Owner,
        session: None,
        role: None,
        from: None,
        before: None,
        order: FindOrder::Newest,
        limit: 20,
    };
    app.message_find(query).await.unwrap();
    let found = Instant::now();
    assert_eq!(app.memory_index(|_| {}).await.unwrap(), 1);
    assert!(found.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_memory_is_found_by_meaning() {
    let home = Home::new();
    let app = home.open();
    app.memory_add(MemoryKind::Semantic, "Is allergic to peanuts", Audience::Owner).await.unwrap();
    app.memory_index(|_| {}).await.unwrap();
    let passages = app.memory_search("Which foods make me ill?", Audience::Owner, None, 5).await.unwrap();
    assert_eq!(passages[0].text, "Is allergic to peanuts", "{passages:?}");
}

#[tokio::test]
async fn a_paragraph_of_the_persona_is_found_by_meaning() {
    let home = Home::new();
    let app = home.open();
    write_persona(&app, &home, "I repair church organs for a living.").await;
    let question = "What is your job?";
    assert_eq!(texts(&app, question, Audience::Owner, None).await, [""; 0]);
    let _watch = app.watch();
    let mut looks = 0;
    while texts(&app, question, Audience::Owner, None).await.is_empty() {
        looks += 1;
        assert!(looks < 10_000, "it never became searchable");
        tokio::task::yield_now().await;
    }
    assert_eq!(texts(&app, question, Audience::Visitor, None).await, ["I repair church organs for a living."]);
}

#[tokio::test]
async fn a_paragraph_that_has_a_vector_is_given_no_other() {
    let home = Home::new();
    let app = home.open();
    let (question, paragraph) = ("What is your job?", "The sky is blue.");
    write_persona(&app, &home, paragraph).await;
    let asked = twin_embed::Embedder::embedded().embed(&[question]).remove(0).to_bytes();
    let store = twin_store::Store::open(home.path(), std::sync::Arc::new(twin_app::SystemClock)).unwrap();
    let vectors = [paragraph, "What stands there no more."].map(|text| (text.to_owned(), asked.clone()));
    store.paragraph_vectors_set(vectors.into()).unwrap();
    let _watch = app.watch();
    let mut looks = 0;
    while texts(&app, question, Audience::Owner, None).await != [paragraph] {
        looks += 1;
        assert!(looks < 10_000, "its vector is not used");
        tokio::task::yield_now().await;
    }
    let kept = store.paragraph_vectors(&[paragraph.to_owned()].into()).unwrap();
    assert_eq!((kept.vectors, kept.is_all), ([(paragraph.to_owned(), asked)].into(), true));
}

async fn write_persona(app: &App, home: &Home, summary: &str) {
    let folder = home.path().join("persona");
    fs_err::remove_dir_all(&folder).unwrap();
    fs_err::create_dir(&folder).unwrap();
    fs_err::write(folder.join("summary.txt"), summary).unwrap();
    app.persona_reload().await.unwrap();
}

/// What is asked in the first column is told in the second, without one content word in common.
const PARAPHRASES: &str = include_str!("../paraphrase/pairs.tsv");

#[tokio::test]
async fn what_was_said_in_other_words_is_found_by_meaning_alone() {
    let home = Home::new();
    let app = home.open();
    let pairs: Vec<(&str, &str)> = PARAPHRASES.lines().filter_map(|line| line.split_once('\t')).collect();
    assert_eq!(pairs.len(), 100);
    for (question, told) in &pairs {
        let words = twin_mind::recall::query_terms(question);
        let told = twin_mind::recall::query_terms(told);
        assert!(words.iter().all(|word| !told.contains(word)), "{question}");
    }
    for ten in pairs.chunks(10) {
        let id = twin_core::id::SessionId::new(twin_core::port::Clock::now(&*home.clock));
        let said: Vec<_> = ten.iter().map(|(_, told)| serde_json::json!({ "role": "user", "content": told })).collect();
        let file = home.path().join(format!("{id}.json"));
        fs_err::write(&file, serde_json::to_vec(&said).unwrap()).unwrap();
        app.session_import_seed(&file).await.unwrap();
    }
    assert_eq!(found_in_ten(&app, &pairs).await, 0);
    app.memory_index(|_| {}).await.unwrap();
    let found = found_in_ten(&app, &pairs).await;
    assert!(found >= 85, "{found} of 100");
}

/// In how many of the pairs what was told is among the first ten that are recalled for the question.
async fn found_in_ten(app: &App, pairs: &[(&str, &str)]) -> u32 {
    let mut found = 0;
    for (question, told) in pairs {
        let recalled = texts(app, question, Audience::Owner, None).await;
        found += u32::from(recalled.iter().take(10).any(|text| text == told));
    }
    found
}

#[tokio::test]
async fn what_is_forgotten_is_found_by_nothing() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    let told = say(&app, None, TOLD, scripted()).await;
    app.memory_index(|_| {}).await.unwrap();
    assert!(texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()));
    app.forget(twin_core::memory::ForgetScope::Session { id: told.session }).await.unwrap();
    home.answer(whole("Noted."));
    // The vectors of what is said now take the numbers of those that are gone.
    say(&app, None, "The cat sleeps.", scripted()).await;
    app.memory_index(|_| {}).await.unwrap();
    assert!(!texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()));
    let found = texts(&app, "Is our pet taking a nap?", Audience::Owner, None).await;
    assert!(found.contains(&"The cat sleeps.".to_owned()), "{found:?}");
}

#[tokio::test]
async fn a_visitor_hears_nothing_of_it() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    app.memory_add(MemoryKind::Semantic, "The daughter suffers from hay fever", Audience::Owner).await.unwrap();
    app.memory_add(MemoryKind::Semantic, "Suffers from wanderlust", Audience::Visitor).await.unwrap();
    app.memory_index(|_| {}).await.unwrap();
    let heard = texts(&app, "Who suffers in spring, the daughter?", Audience::Visitor, None).await;
    assert!(heard.iter().all(|text| !text.contains("hay fever")), "{heard:?}");
    assert!(heard.contains(&"Suffers from wanderlust".to_owned()), "{heard:?}");

    home.answer(whole("Hm."));
    send(&app, request(None, Audience::Visitor, "Who suffers, the daughter?"), scripted()).await.unwrap();
    let sent = format!("{:?}", home.last_request());
    assert!(!sent.contains("hay fever") && sent.contains("wanderlust"), "{sent}");
}

async fn report(app: &App, told: &crate::testkit::Told) -> ContextReport {
    app.context_report(told.reply.as_ref().unwrap().id).await.unwrap().unwrap()
}

#[tokio::test]
async fn an_answer_as_of_the_past_is_given_what_was_known_then() {
    let home = Home::new();
    let app = home.open();
    app.memory_add(MemoryKind::Semantic, "The violin is red", Audience::Owner).await.unwrap();
    let then = app.memory_list(twin_core::memory::MemoryQuery { limit: 1, ..Default::default() }).await.unwrap();
    let then = then.memories[0].memory.learned_at;
    home.pass(48);
    app.memory_add(MemoryKind::Semantic, "The violin was sold", Audience::Owner).await.unwrap();
    home.answer(whole("Noted."));
    say(&app, None, "I miss my violin.", scripted()).await;
    home.answer(whole("Red."));
    let told =
        send(&app, twin_app::chat::SendRequest { as_of: Some(then), ..asking("What about the violin?") }, scripted())
            .await
            .unwrap();
    let report = report(&app, &told).await;
    let given: Vec<&str> = report.passages.iter().map(|passage| passage.text.as_str()).collect();
    assert_eq!(given, ["The violin is red"]);
    assert_eq!(report.as_of, Some(then));
    assert!(report.system_prompt.contains("as you would have on"), "{}", report.system_prompt);

    let (sink, events) = crate::testkit::collecting();
    home.answer(whole("Red."));
    let question = told.question.as_ref().unwrap().id;
    app.chat_regenerate(told.session, question, Some(scripted()), Some(then), sink).await.unwrap();
    let again = crate::testkit::told(events).await;
    assert_eq!(self::report(&app, &again).await.as_of, Some(then));
}

#[tokio::test]
async fn what_is_pinned_goes_with_every_question_to_a_model_and_not_into_quotations() {
    let home = Home::new();
    let app = home.open();
    let pinned =
        app.memory_add(MemoryKind::Procedural, "Calls everybody by their first name", Audience::Owner).await.unwrap();
    app.memory_pin(pinned.id, true).await.unwrap();
    home.answer(whole("Fine."));
    let told = say(&app, None, "Is it cold outside?", scripted()).await;
    let given = report(&app, &told).await.passages;
    assert_eq!(given[0].text, "Calls everybody by their first name");
    assert_eq!(given[0].signals[0].kind, SignalKind::Importance);
    let told = say(&app, None, "Is it cold outside?", None).await;
    assert!(!told.reply.unwrap().content.contains("first name"));
    for number in 0..9 {
        let text = format!("{number} {}", "x".repeat(290));
        let memory = app.memory_add(MemoryKind::Semantic, &text, Audience::Owner).await.unwrap();
        app.memory_pin(memory.id, true).await.unwrap();
    }
    home.answer(whole("Fine."));
    let told = say(&app, None, "Is it cold outside?", scripted()).await;
    let pinned: usize = report(&app, &told).await.passages.iter().map(|passage| passage.text.len()).sum();
    assert!(pinned <= 1_200, "{pinned}");
}

fn service() -> EmbedderChoice {
    EmbedderChoice::Bedrock { model: "amazon.titan-embed-text-v2:0".to_owned() }
}

async fn choose(app: &App, embedder: EmbedderChoice) {
    app.settings_save(twin_core::settings::Settings { embedder, ..app.settings() }).await.unwrap();
}

#[tokio::test]
async fn another_embedder_takes_over_once_it_has_done_everything() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    app.memory_index(|_| {}).await.unwrap();

    choose(&app, service()).await;
    home.embedding_fails(Failure::passing(Code::Throttled, "too many", "Wait."));
    assert!(app.memory_index(|_| {}).await.is_err());
    assert!(texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()), "the old one still serves");
    assert!(home.embedded().iter().all(|call| call.purpose == EmbedPurpose::Stored), "the question stays here");

    assert_eq!(app.memory_index(|_| {}).await.unwrap(), 2);
    texts(&app, "hay", Audience::Owner, None).await;
    let last = home.embedded().pop().unwrap();
    assert_eq!((last.texts, last.purpose), (vec!["hay".to_owned()], EmbedPurpose::Question));
    assert_eq!(app.memory_stats().await.unwrap().embedded, 2);

    // Back again: the service, which was given up, is asked no more.
    choose(&app, EmbedderChoice::Embedded).await;
    let before = home.embedded().len();
    texts(&app, ASKED, Audience::Owner, None).await;
    app.memory_index(|_| {}).await.unwrap();
    assert!(texts(&app, ASKED, Audience::Owner, None).await.contains(&TOLD.to_owned()));
    assert_eq!(home.embedded().len(), before);
}

#[tokio::test]
async fn a_service_that_does_not_answer_leaves_the_words() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    choose(&app, service()).await;
    app.memory_index(|_| {}).await.unwrap();
    home.embedding_fails(Failure::passing(Code::Throttled, "too many", "Wait."));
    assert_eq!(texts(&app, "hay fever", Audience::Owner, None).await, [TOLD]);
}

#[tokio::test]
async fn a_service_rests_while_the_background_does() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    choose(&app, service()).await;
    let paused = twin_core::settings::Settings { background_paused: true, ..app.settings() };
    app.settings_save(paused).await.unwrap();
    assert_eq!(app.memory_index(|_| {}).await.unwrap(), 0);
    assert_eq!(home.embedded(), []);
}

#[tokio::test]
async fn a_text_that_the_service_refuses_keeps_no_other_from_being_found() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Noted."));
    say(&app, None, TOLD, scripted()).await;
    choose(&app, service()).await;
    let refused = || Failure::permanent(Code::ContentFiltered, "refused", "Leave it out.");
    home.embedding_fails(refused());
    home.embedding_fails(refused());
    app.memory_index(|_| {}).await.unwrap();
    let stats = app.memory_stats().await.unwrap();
    assert_eq!((stats.messages, stats.embedded), (2, 1));
}
