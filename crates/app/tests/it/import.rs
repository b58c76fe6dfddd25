//! What ChatGPT and Claude give their users, in conversations of our own invention.

use crate::testkit::{Home, holding};
use rstest::rstest;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use twin_app::App;
use twin_app::import::{ImportKind, ImportReport, SkipReason};
use twin_app::job::Job;
use twin_core::chat::{PathPlace, Role};
use twin_core::error::Code;
use twin_core::memory::ForgetScope;

#[expect(clippy::needless_pass_by_value, reason = "made for this call")]
fn spoken(role: &str, time: f64, content: Value) -> Value {
    json!({ "id": "m", "author": { "role": role, "name": null, "metadata": {} }, "create_time": time,
            "update_time": null, "content": content, "status": "finished_successfully", "end_turn": true, "weight": 1.0,
            "metadata": {}, "recipient": "all" })
}

fn text(text: &str) -> Value {
    json!({ "content_type": "text", "parts": [text] })
}

#[expect(clippy::needless_pass_by_value, reason = "made for this call")]
fn place(id: &str, parent: Option<&str>, children: &[&str], message: Value) -> (String, Value) {
    (id.to_owned(), json!({ "id": id, "parent": parent, "children": children, "message": message }))
}

/// Two answers to one question, a picture, a tool in between, and what nobody said.
fn chatgpt(id: &str) -> Value {
    let mut tool = spoken("assistant", 1.0, json!({ "content_type": "code", "language": "python", "text": "1 + 1" }));
    tool["recipient"] = json!("python");
    let picture = json!({ "content_type": "multimodal_text", "parts": [
        { "content_type": "image_asset_pointer", "asset_pointer": "sediment://file", "width": 8 }, "What is this?"] });
    let thoughts = json!({ "content_type": "thoughts", "thoughts": [] });
    let mapping: serde_json::Map<String, Value> = [
        place("root", None, &["sys"], Value::Null),
        place("sys", Some("root"), &["q1"], spoken("system", 0.0, text(""))),
        place("q1", Some("sys"), &["a1", "think"], spoken("user", 1_700_000_000.5, text("Do greyhounds sleep?"))),
        place("a1", Some("q1"), &[], spoken("assistant", 1_700_000_001.0, text("A lot."))),
        place("think", Some("q1"), &["tool"], spoken("assistant", 1_700_000_002.0, thoughts)),
        place("tool", Some("think"), &["out"], tool),
        place(
            "out",
            Some("tool"),
            &["a2"],
            spoken("tool", 1_700_000_003.0, json!({ "content_type": "execution_output", "text": "2" })),
        ),
        place("a2", Some("out"), &["q2"], spoken("assistant", 1_700_000_004.0, text("Twenty hours."))),
        place("q2", Some("a2"), &[], spoken("user", 1_700_000_005.0, picture)),
    ]
    .into_iter()
    .collect();
    json!({ "title": "Sleeping dogs", "create_time": 1_700_000_000.0, "update_time": 1_700_000_009.0, "mapping": mapping,
            "moderation_results": [], "current_node": "q2", "conversation_id": id, "id": id, "is_archived": true })
}

fn claude(id: &str) -> Value {
    let said = |uuid: &str, sender: &str, text: &str| {
        json!({ "uuid": uuid, "text": text, "content": [{ "type": "text", "text": text }], "sender": sender,
                "created_at": "2026-03-04T05:06:07.123456Z", "updated_at": "2026-03-04T05:06:07.123456Z",
                "attachments": [], "files": [] })
    };
    let mut asked = said("c1", "human", "Read this");
    asked["attachments"] =
        json!([{ "file_name": "notes.txt", "file_size": 5, "file_type": "txt", "extracted_content": "Walrus notes" }]);
    asked["files"] = json!([{ "file_name": "photo.png" }]);
    let mut answer = said("c2", "assistant", "Read.");
    answer["content"] = json!([{ "type": "thinking", "thinking": "hm" }, { "type": "text", "text": "Read." },
                               { "type": "tool_use", "name": "x", "input": {} }, { "type": "text", "text": "Done." }]);
    json!({ "uuid": id, "name": "Notes", "summary": "", "created_at": "2026-03-04T05:06:00Z",
            "updated_at": "2026-03-04T05:07:00Z", "account": { "uuid": "x" }, "chat_messages": [asked, answer] })
}

struct Given {
    home: Home,
    app: App,
    folder: TempDir,
}

impl Given {
    fn new() -> Self {
        let home = Home::new();
        let app = home.open();
        Self { home, app, folder: TempDir::new().unwrap() }
    }

    fn file(&self, content: &[u8]) -> PathBuf {
        // Nothing is told by the name.
        let file = self.folder.path().join("download.bin");
        fs_err::write(&file, content).unwrap();
        file
    }

    async fn import(&self, file: &Path) -> ImportReport {
        self.app.import(file, None, Job::quiet()).await.unwrap().unwrap()
    }

    /// What a conversation shows.
    async fn shown(&self) -> Vec<(Role, String)> {
        let session = self.app.session_list(None).await.unwrap().remove(0);
        let page = self.app.session_path(session.id, PathPlace::End, 50).await.unwrap();
        page.messages.into_iter().map(|one| (one.message.role, one.message.content)).collect()
    }
}

fn reasons(report: &ImportReport) -> Vec<(&str, SkipReason)> {
    report.skipped.named.iter().map(|skipped| (skipped.place.as_str(), skipped.reason)).collect()
}

#[tokio::test]
async fn a_tree_of_chatgpt_comes_in_with_its_branches_and_only_once() {
    let given = Given::new();
    let file = given.file(json!([chatgpt("one")]).to_string().as_bytes());
    let looked = given.app.import_preview(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!((looked.kind, looked.sessions, looked.messages, looked.messages_here), (ImportKind::Chatgpt, 1, 4, 0));
    assert!(given.app.session_list(None).await.unwrap().is_empty());

    let report = given.import(&file).await;
    assert_eq!((report.kind, report.sessions, report.messages), (ImportKind::Chatgpt, 1, 4));
    let skipped = [
        ("download.bin[0].mapping.out", SkipReason::NotSaid),
        ("download.bin[0].mapping.q2.message.content.parts[0]", SkipReason::Attachment),
        ("download.bin[0].mapping.think", SkipReason::NotSaid),
        ("download.bin[0].mapping.tool", SkipReason::NotSaid),
    ];
    let mut found = reasons(&report);
    found.sort_by_key(|(place, _)| *place);
    assert_eq!(found, skipped);
    let shown: Vec<String> = given.shown().await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(shown, ["Do greyhounds sleep?", "Twenty hours.", "What is this?"]);
    let session = given.app.session_list(None).await.unwrap().remove(0);
    assert_eq!((session.title.as_str(), session.archived), ("Sleeping dogs", true));
    assert_eq!(session.created_at.to_string(), "2023-11-14T22:13:20.000Z");
    let page = given.app.session_path(session.id, PathPlace::End, 9).await.unwrap();
    assert_eq!(page.messages[1].versions.len(), 2, "both answers stand in one place");
    assert_eq!(page.messages[0].message.created_at.to_string(), "2023-11-14T22:13:20.500Z");

    let again = given.import(&file).await;
    assert_eq!((again.sessions, again.messages), (0, 0));
    let looked = given.app.import_preview(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!((looked.sessions_here, looked.messages_here), (1, 4));
    let mut longer = chatgpt("one");
    longer["mapping"]["a3"] = place("a3", Some("q2"), &[], spoken("assistant", 1_700_000_009.0, text("A dog."))).1;
    longer["current_node"] = json!("a3");
    let report = given.import(&given.file(json!([longer]).to_string().as_bytes())).await;
    assert_eq!((report.sessions, report.messages), (0, 1));
    assert_eq!(given.shown().await.last().unwrap().1, "A dog.");
}

#[tokio::test]
async fn a_conversation_of_claude_comes_in_with_the_texts_that_were_attached() {
    let given = Given::new();
    let file = given.file(json!([claude("one")]).to_string().as_bytes());
    let report = given.import(&file).await;
    assert_eq!((report.kind, report.sessions, report.messages), (ImportKind::Claude, 1, 2));
    assert_eq!(reasons(&report), [("download.bin[0].chat_messages[0].files[0]", SkipReason::Attachment)]);
    assert_eq!(
        given.shown().await,
        [(Role::User, "Read this".to_owned()), (Role::Assistant, "Read.\n\nDone.".to_owned())]
    );
    let session = given.app.session_list(None).await.unwrap().remove(0);
    let question = given.app.session_messages(session.id).await.unwrap().remove(0);
    let attachment = &question.attachments[0];
    assert_eq!((attachment.name.as_str(), attachment.media_type.as_str()), ("notes.txt", "text/plain"));
    let archive = given.folder.path().join("all.twin");
    assert_eq!(given.app.archive_export(&archive, None, Job::quiet()).await.unwrap().unwrap().files, 1);
    let again = given.import(&file).await;
    assert_eq!((again.sessions, again.messages), (0, 0));
}

#[tokio::test]
async fn claude_says_what_follows_what() {
    let given = Given::new();
    let mut conversation = claude("tree");
    let mut other = conversation["chat_messages"][1].clone();
    conversation["chat_messages"][0]["parent_message_uuid"] = json!("00000000-0000-4000-8000-000000000000");
    conversation["chat_messages"][1]["parent_message_uuid"] = json!("c1");
    other["uuid"] = json!("c3");
    other["parent_message_uuid"] = json!("c1");
    other["content"] = json!([{ "type": "text", "text": "Otherwise." }]);
    conversation["chat_messages"].as_array_mut().unwrap().push(other);
    given.import(&given.file(json!([conversation]).to_string().as_bytes())).await;
    assert_eq!(given.shown().await.len(), 2);
    assert_eq!(given.shown().await[1].1, "Otherwise.");
}

#[tokio::test]
async fn the_zip_comes_in_as_it_was_downloaded() {
    let given = Given::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in [
        ("data/conversations.json", json!([chatgpt("one")])),
        ("data/conversations-001.json", json!([chatgpt("two")])),
        ("data/user.json", json!({ "email": "somebody" })),
        ("../../escape.json", json!({})),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(content.to_string().as_bytes()).unwrap();
    }
    let file = given.file(&zip.finish().unwrap().into_inner());
    let report = given.import(&file).await;
    assert_eq!((report.kind, report.sessions, report.messages), (ImportKind::Chatgpt, 2, 8));
    let beside: Vec<_> = reasons(&report).into_iter().filter(|(_, why)| *why == SkipReason::NoConversation).collect();
    assert_eq!(beside.len(), 2, "{beside:?}");
    let bytes = fs_err::read(&file).unwrap();
    let cut = given.file(&bytes[..bytes.len() / 2]);
    assert_eq!(given.app.import(&cut, None, Job::quiet()).await.unwrap_err().code, Code::ImportInvalid);
}

#[tokio::test]
async fn one_that_is_broken_never_stops_the_rest() {
    let given = Given::new();
    let mut half = chatgpt("half");
    half["mapping"]["a1"]["message"] = json!({ "author": 7 });
    half["mapping"]["lost"] = place("lost", Some("lost"), &[], spoken("user", 1.0, text("Round"))).1;
    let mut nameless = chatgpt("x");
    nameless.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "conversation_id");
    let empty = json!({ "conversation_id": "empty", "mapping": {} });
    let list = json!([{ "mapping": "no" }, 7, nameless, empty, half, chatgpt("whole")]);
    let report = given.import(&given.file(list.to_string().as_bytes())).await;
    assert_eq!((report.sessions, report.messages), (2, 7));
    let broken: Vec<_> = reasons(&report)
        .into_iter()
        .filter(|(_, why)| !matches!(why, SkipReason::NotSaid | SkipReason::Attachment))
        .collect();
    assert_eq!(
        broken,
        [
            ("download.bin[0]", SkipReason::Broken),
            ("download.bin[1]", SkipReason::NoConversation),
            ("download.bin[2]", SkipReason::Broken),
            ("download.bin[3]", SkipReason::Empty),
            ("download.bin[4].mapping.a1", SkipReason::Broken),
            ("download.bin[4].mapping.lost", SkipReason::Broken),
        ]
    );
}

/// Twelve places or messages, each of which stands there twice: taken twice, each would double what follows it.
#[rstest]
#[case(doubled_chatgpt(), "download.bin[0].mapping.p0")]
#[case(doubled_claude(), "download.bin[0].chat_messages[1]")]
#[tokio::test]
async fn what_has_the_id_of_another_is_left_out(#[case] file: String, #[case] first: &str) {
    let given = Given::new();
    let file = given.file(file.as_bytes());
    let looked = given.app.import_preview(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!((looked.messages, looked.skipped.count), (12, 12));
    let report = given.import(&file).await;
    assert_eq!((report.messages, report.skipped.count), (12, 12));
    assert_eq!(reasons(&report)[0], (first, SkipReason::Broken));
    assert_eq!(given.shown().await.len(), 12);
}

fn doubled_chatgpt() -> String {
    let mapping: Vec<String> = (0..12_u32)
        .flat_map(|number| {
            let parent = number.checked_sub(1).map(|before| format!("p{before}"));
            let (id, place) = place(&format!("p{number}"), parent.as_deref(), &[], spoken("user", 1.0, text("Again")));
            // No value of serde_json can hold a name twice.
            [format!("\"{id}\": {place}"), format!("\"{id}\": {place}")]
        })
        .collect();
    format!(r#"[{{"id": "one", "current_node": "p11", "mapping": {{{}}}}}]"#, mapping.join(","))
}

fn doubled_claude() -> String {
    let said = |number: u32| {
        let parent = number.checked_sub(1).map(|before| format!("m{before}"));
        json!({ "uuid": format!("m{number}"), "sender": "human", "text": "Again", "parent_message_uuid": parent })
    };
    let messages: Vec<Value> = (0..12).flat_map(|number| [said(number), said(number)]).collect();
    json!([{ "uuid": "one", "chat_messages": messages, "current_leaf_message_uuid": "m11" }]).to_string()
}

#[tokio::test]
async fn of_a_file_that_is_cut_off_what_came_before_is_kept() {
    let given = Given::new();
    let whole = serde_json::to_string_pretty(&json!([chatgpt("one"), chatgpt("two")])).unwrap();
    let report = given.import(&given.file(&whole.as_bytes()[..whole.len() - 200])).await;
    assert_eq!((report.sessions, report.messages), (1, 4));
    let (place, why) = *reasons(&report).last().unwrap();
    assert_eq!(why, SkipReason::CutOff);
    assert!(place.starts_with("download.bin[1], line "), "{place}");
    assert_eq!(given.import(&given.file(whole.as_bytes())).await.sessions, 1, "and the rest comes with the whole file");
}

#[rstest]
#[case(b"".as_slice(), Code::ImportInvalid)]
#[case(b"no json", Code::ImportInvalid)]
#[case(b"{\"a\": 1}", Code::ImportInvalid)]
#[case(b"[1, 2]", Code::ImportInvalid)]
#[case(b"\x89PNG\r\n", Code::ImportInvalid)]
#[case(b"PK\x03\x04rest", Code::ImportInvalid)]
#[case(b"\x28\xB5\x2F\xFDrest", Code::ImportInvalid)]
#[case(b"age-encryption.org/v1\n", Code::InvalidInput)]
#[tokio::test]
async fn what_nobody_knows_is_refused_with_a_next_step(#[case] content: &[u8], #[case] code: Code) {
    let given = Given::new();
    let refused = given.app.import(&given.file(content), None, Job::quiet()).await.unwrap_err();
    assert_eq!(refused.code, code, "{refused:?}");
    assert!(!refused.hint.is_empty());
    let nowhere = given.home.path().join("nowhere");
    assert_eq!(given.app.import(&nowhere, None, Job::quiet()).await.unwrap_err().code, Code::InvalidInput);
    assert_eq!(given.app.import(given.home.path(), None, Job::quiet()).await.unwrap_err().code, Code::InvalidInput);
}

#[tokio::test]
async fn a_session_file_is_known_by_its_content() {
    let given = Given::new();
    let id = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
    let file = given.folder.path().join(format!("{id}.json"));
    fs_err::write(&file, "[{\"role\": \"user\", \"content\": \"Hello\"}]").unwrap();
    let looked = given.app.import_preview(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!((looked.kind, looked.sessions, looked.messages, looked.messages_here), (ImportKind::Seed, 1, 1, 0));
    assert_eq!(given.import(&file).await.messages, 1);
    let looked = given.app.import_preview(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!((looked.sessions_here, looked.messages_here), (1, 1));
    assert_eq!(given.import(&file).await.messages, 0);
}

#[tokio::test]
async fn an_import_that_is_called_off_goes_on_from_there() {
    let given = Given::new();
    let list: Vec<Value> = (0..40).map(|number| chatgpt(&number.to_string())).collect();
    let file = given.file(json!(list).to_string().as_bytes());
    let hold: std::sync::Arc<std::sync::Mutex<Option<Job>>> = std::sync::Arc::default();
    let at_hand = std::sync::Arc::clone(&hold);
    let job = Job::new(std::sync::Arc::new(move |progress| {
        if progress.percent > 90
            && let Some(job) = at_hand.lock().unwrap().as_ref()
        {
            job.cancel();
        }
    }));
    *hold.lock().unwrap() = Some(job.clone());
    assert_eq!(given.app.import(&file, None, job).await.unwrap(), None);
    let first = given.app.session_list(None).await.unwrap().len();
    assert!(first < 40);
    assert_eq!(given.import(&file).await.sessions as usize, 40 - first);
}

#[tokio::test]
async fn what_was_dropped_comes_in_parts_under_its_own_name_and_goes_again() {
    use base64::Engine as _;
    let given = Given::new();
    let part = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let name = "../6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json";
    given.app.import_drop("other.json", true, part("left by a crash")).await.unwrap();
    given.app.import_drop(name, true, part("[{\"role\": \"user\", ")).await.unwrap();
    let file = given.app.import_drop(name, false, part("\"content\": \"Hello\"}]")).await.unwrap();
    assert!(Path::new(&file).starts_with(given.home.path()), "{file}");
    assert_eq!(given.import(Path::new(&file)).await.messages, 1);
    given.app.import_drop_end().await.unwrap();
    given.app.import_drop_end().await.unwrap();
    assert!(!Path::new(&file).parent().unwrap().exists());
    let refused = given.app.import_drop("x.json", true, "no base64!".to_owned()).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
}

#[tokio::test]
async fn forgetting_takes_away_what_was_dropped() {
    use base64::Engine as _;
    let given = Given::new();
    let line = "[{\"role\": \"user\", \"content\": \"canaryzwieback\"}]";
    let line = base64::engine::general_purpose::STANDARD.encode(line);
    let name = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11.json";
    let file = given.app.import_drop(name, true, line).await.unwrap();
    given.import(Path::new(&file)).await;
    // The page is still looking at it.
    let [session] = &given.app.session_list(None).await.unwrap()[..] else { panic!("one") };
    given.app.forget(ForgetScope::Session { id: session.id }).await.unwrap();
    assert_eq!(holding(given.home.path(), b"canaryzwieback"), [""; 0]);
}
