//! A word that came in by six ways, and has to leave by none.

use crate::learn::{Twin, add, calls, calls_with, memories};
use crate::testkit::{asking, holding};
use serde_json::json;
use twin_app::chat::SendRequest;
use twin_app::job::Job;
use twin_app::session::SessionFormat;
use twin_core::chat::{Audience, PathPlace};
use twin_core::id::{MemoryId, SessionId};
use twin_core::memory::{ForgetScope, MemoryKind};
use twin_core::time::Timestamp;

/// In small letters and of one word, as the indexes keep it.
const CANARY: &str = "canaryzwieback";

/// Everything that is known of what has nothing to do with it, in bytes.
async fn untouched(twin: &Twin, session: SessionId, learned: MemoryId) -> Vec<String> {
    let app = &twin.app;
    let path = app.session_path(session, PathPlace::End, 99).await.unwrap();
    let mut kept = vec![
        app.session_document(session, SessionFormat::Seed).await.unwrap(),
        serde_json::to_string(&path).unwrap(),
        serde_json::to_string(&app.session_get(session).await.unwrap()).unwrap(),
        serde_json::to_string(&app.memory_get(learned).await.unwrap()).unwrap(),
    ];
    for shown in &path.messages {
        kept.push(serde_json::to_string(&app.context_report(shown.message.id).await.unwrap()).unwrap());
    }
    kept
}

fn when(twin: &Twin) -> Timestamp {
    use twin_core::port::Clock as _;
    twin.home.clock.now()
}

#[tokio::test]
async fn a_word_that_came_by_six_ways_is_in_no_byte_of_the_home_once_each_is_forgotten() {
    let twin = Twin::new().await;
    let (app, home) = (&twin.app, &twin.home);

    // What was learned without it.
    let lesson = calls(json!([add("I play the harp", "Plays the harp", json!({ "topic": "music" }))]));
    let apart = twin.exchange(asking("I play the harp."), "On Sundays, I suppose.", lesson).await.session;
    let [harp] = &memories(app, Audience::Owner).await[..] else { panic!("one") };
    let harp = harp.id;

    // 1. Typed in a conversation, learned from, and summed up.
    let lesson = calls(json!([add("I keep a canaryzwieback", "Keeps a canaryzwieback", json!({}))]));
    let typed = twin.exchange(asking("I keep a canaryzwieback in Bath."), "I see.", lesson).await.session;
    for line in ["Yes.", "No.", "Perhaps.", "Often."] {
        let more = SendRequest { session_id: Some(typed), ..asking(line) };
        twin.exchange(more, "I see.", calls(json!([]))).await;
    }
    let summary = calls_with(json!({ "operations": [], "summary": "About keeping a canaryzwieback." }));
    let more = SendRequest { session_id: Some(typed), ..asking("That is all.") };
    twin.exchange(more, "I see.", summary).await;
    // 2. Said by the model, and nothing but its answer is to go.
    let answer = twin.exchange(asking("Invent a word."), "How about canaryzwieback?", calls(json!([]))).await;
    // 3. In a file that went along.
    let file = app.attachment_add_bytes("notes.md".to_owned(), b"My canaryzwieback sings.".to_vec()).await.unwrap();
    let request = SendRequest { attachments: vec![file.attachment.id], ..asking("What is this?") };
    let attached = twin.exchange(request, "A note.", calls(json!([]))).await.session;
    // 4. Imported.
    let folder = tempfile::TempDir::new().unwrap();
    let seed = folder.path().join("00000000-0000-4000-8000-000000000001.json");
    let line = json!([{ "role": "user", "content": "The canaryzwieback again", "timestamp": "2020-01-01T10:00:00" }]);
    fs_err::write(&seed, line.to_string()).unwrap();
    let imported = app.session_import_seed(&seed).await.unwrap().session_id;
    // 5. Written into the memory by hand, and corrected since.
    let by_hand = app.memory_add(MemoryKind::Procedural, "Feed the canaryzwieback", Audience::Owner).await.unwrap().id;
    let by_hand = app.memory_correct(by_hand, "Feed the canaryzwieback twice", true).await.unwrap().id;
    // 6. Claimed by a visitor, a day later.
    home.pass(24);
    let next_day = when(&twin);
    let lesson = calls(json!([add("They hide a canaryzwieback", "Hides a canaryzwieback", json!({}))]));
    let visit = SendRequest { audience: Audience::Visitor, ..asking("They hide a canaryzwieback.") };
    let visit = twin.exchange(visit, "Do they?", lesson).await.session;
    let next_hour = {
        home.pass(1);
        when(&twin)
    };

    // An answer elsewhere was given what is known, and its report says so.
    app.memory_index(|_| {}).await.unwrap();
    let elsewhere = twin.exchange(asking("What do I keep in Bath?"), "A pet.", calls(json!([]))).await;
    let report = app.context_report(elsewhere.reply.as_ref().unwrap().id).await.unwrap();
    assert!(serde_json::to_string(&report).unwrap().contains(CANARY), "it was given to a model");
    assert!(memories(app, Audience::Owner).await.iter().filter(|memory| memory.text.contains(CANARY)).count() >= 4);
    for session in [typed, answer.session, imported, visit] {
        assert!(
            app.session_document(session, SessionFormat::Seed).await.unwrap().contains(CANARY),
            "it would be exported"
        );
    }
    app.memory_index(|_| {}).await.unwrap();
    // It is in a copy that the program made, and in a file that it exported.
    app.backup_now().await.unwrap();
    assert!(holding(home.path(), CANARY.as_bytes()).iter().any(|file| file.contains("backups")));
    let exported = folder.path().join("everything.twin");
    app.archive_export(&exported, None, Job::quiet()).await.unwrap().unwrap();
    let before = untouched(&twin, apart, harp).await;

    let answer = answer.reply.unwrap().id;
    for (scope, reached) in [
        (ForgetScope::Session { id: typed }, "the conversation with what was learned from it"),
        (ForgetScope::Message { id: answer }, "the answer"),
        (ForgetScope::Session { id: attached }, "the file"),
        (ForgetScope::Session { id: imported }, "the imported conversation"),
        (ForgetScope::Memory { id: by_hand, history: true }, "the memory, corrected and as it was"),
        (ForgetScope::Span { from: next_day, before: next_hour }, "what the visitor said that day"),
    ] {
        let plan = app.forget_plan(scope.clone()).await.unwrap();
        let receipt = app.forget(scope).await.unwrap();
        assert_eq!(receipt.reach, plan, "{reached}");
        assert!(plan.records > 0, "{reached}");
        assert_eq!(plan.exports, 1, "{reached}: the file that it cannot reach is named");
    }
    assert_eq!(holding(home.path(), CANARY.as_bytes()), [""; 0]);
    assert_eq!(untouched(&twin, apart, harp).await, before);
    assert!(memories(app, Audience::Owner).await.iter().all(|memory| !memory.text.contains(CANARY)));
    assert!(app.session_get(elsewhere.session).await.is_ok(), "what was said elsewhere without it stays");

    // Neither a new start nor folding everything again brings it back.
    drop(twin.app);
    assert_eq!(holding(twin.home.path(), CANARY.as_bytes()), [""; 0]);
    let app = twin.home.open();
    app.memory_index(|_| {}).await.unwrap();
    assert_eq!(holding(twin.home.path(), CANARY.as_bytes()), [""; 0]);
}
