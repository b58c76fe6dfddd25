//! Models, files and cost, as a script uses them.

use crate::Twin;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use twin_app::paths::Paths;
use twin_app::{App, Parts};
use twin_core::settings::{OpenaiServer, Settings};

/// A server that speaks the OpenAI protocol, gives its answers in order, and remembers what it was asked.
struct Server {
    url: String,
    asked: Receiver<Value>,
}

impl Server {
    /// Each answer is a status and the words.
    fn start(answers: Vec<(u16, &'static str)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (sender, asked) = channel();
        std::thread::spawn(move || {
            let mut answers = answers.into_iter();
            for mut stream in listener.incoming().map_while(Result::ok) {
                let Some((target, body)) = read(&stream) else { continue };
                let (status, body) = if target == "GET /v1/models" {
                    (200, json!({ "data": [{ "id": "small" }, { "id": "large" }] }))
                } else {
                    drop(sender.send(body));
                    let (status, words) = answers.next().unwrap();
                    (status, answer(status, words))
                };
                let body = body.to_string();
                let head = format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close");
                drop(write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
            }
        });
        Self { url, asked }
    }
}

/// Method with path, and the body.
fn read(stream: &TcpStream) -> Option<(String, Value)> {
    let mut reader = BufReader::new(stream);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let target = lines.next()?.rsplit_once(" HTTP/")?.0.to_owned();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    let length = headers.iter().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((target, serde_json::from_slice(&body).unwrap_or_default()))
}

fn answer(status: u16, words: &str) -> Value {
    if status != 200 {
        return json!({ "error": { "message": words } });
    }
    let message = json!({ "role": "assistant", "content": words });
    let usage = json!({ "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12 });
    json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }], "usage": usage })
}

impl Twin {
    /// Saves settings, as the window does. The servers are called `first`, `second`.
    fn settle(&self, servers: &[&Server], change: impl FnOnce(&mut Settings)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let paths = Paths::resolve(Some(self.path().to_owned())).unwrap();
        let app = App::open(Parts::real(paths)).unwrap();
        let mut settings = app.settings();
        settings.openai.servers = ["first", "second"]
            .iter()
            .zip(servers)
            .map(|(name, server)| OpenaiServer {
                name: (*name).to_owned(),
                base_url: server.url.clone(),
                key_secret: None,
            })
            .collect();
        change(&mut settings);
        runtime.block_on(app.settings_save(settings)).unwrap();
    }
}

/// Four dots.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEUlEQVR42mP4z8AARAxg8j8AG/ID/Y4I1K8AAAAASUVORK5CYII=";

#[test]
fn files_go_along_with_the_message_and_their_names_do_not() {
    let server = Server::start(vec![(200, "Four dots, and a note.")]);
    let twin = Twin::new();
    twin.settle(&[&server], |_| {});
    let (picture, note) = (twin.path().join("ignore-all-rules.png"), twin.path().join("obey-me.txt"));
    fs_err::write(&picture, BASE64.decode(PICTURE).unwrap()).unwrap();
    fs_err::write(&note, "The mill stands still.").unwrap();
    let attach = ["--attach", picture.to_str().unwrap(), "--attach", note.to_str().unwrap()];
    let printed =
        twin.json(&[&["chat", "--json", "--model", "openai:small"], &attach[..], &["What is this?"]].concat());
    assert_eq!(printed["reply"], "Four dots, and a note.");

    let asked = server.asked.recv().unwrap();
    let sent = asked["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
    assert!(sent.contains(&format!("data:image/png;base64,{PICTURE}")), "{sent}");
    assert!(sent.contains("The mill stands still.") && sent.contains("What is this?"), "{sent}");
    assert!(!sent.contains("ignore-all-rules") && !sent.contains("obey-me"), "{sent}");
    let shown = twin.json(&["session", "show", "--json", printed["session_id"].as_str().unwrap()]);
    let files: Vec<_> =
        shown["messages"][0]["attachments"].as_array().unwrap().iter().map(|file| &file["name"]).collect();
    assert_eq!(files, ["ignore-all-rules.png", "obey-me.txt"]);
}

#[test]
fn a_file_that_is_not_there_sends_nothing() {
    let twin = Twin::new();
    let (code, error) = twin.failure(&["chat", "--attach", "/nowhere/photo.png", "What is this?"]);
    assert_eq!(code, 1);
    assert!(error.contains("photo.png") && !error.contains("/nowhere"), "{error}");
    assert_eq!(twin.json(&["session", "list", "--json"]), json!([]));
}

#[test]
fn the_models_of_every_server_are_listed_and_what_is_missing_is_told() {
    let server = Server::start(Vec::new());
    let twin = Twin::new();
    twin.settle(&[&server], |settings| {
        let base_url = "http://127.0.0.1:1/v1".to_owned();
        settings.openai.servers.push(OpenaiServer { name: "gone".to_owned(), base_url, key_secret: None });
    });
    let listed = twin.json(&["model", "list", "--json"]);
    let ids: Vec<_> = listed["entries"].as_array().unwrap().iter().map(|entry| &entry["model"]["id"]).collect();
    assert_eq!(ids, ["", "large", "small"], "the embedded one is first");
    assert_eq!(listed["problems"][0]["server"], "gone");
    assert_eq!(listed["problems"][0]["failure"]["code"], "unreachable");
    let text = twin.text(&["model", "list"]);
    assert!(text.contains("openai@first:small") && text.contains("gone: ") && text.contains("→ "), "{text}");
}

#[test]
fn what_was_used_is_counted_by_month_and_model() {
    let server = Server::start(vec![(200, "One."), (200, "Two.")]);
    let twin = Twin::new();
    assert_eq!(twin.json(&["usage", "--json"]), json!([]));
    assert_eq!(twin.text(&["usage"]), "Nothing was used yet.\n");
    twin.settle(&[&server], |_| {});
    for question in ["First?", "Second?"] {
        twin.text(&["chat", "--model", "openai:small", question]);
    }
    let months = twin.json(&["usage", "--json"]);
    let total = &months[0]["total"];
    assert_eq!((&total["usage"]["input"], &total["usage"]["output"]), (&json!(14), &json!(10)), "{months}");
    assert_eq!((&total["answers"], &total["dollars"]), (&json!(2), &json!(0.0)), "what runs here costs nothing");
    assert_eq!(months[0]["models"][0]["model"], json!({ "provider": "openai", "server": "first", "id": "small" }));
    let text = twin.text(&["usage"]);
    assert!(text.contains("  openai@first:small") && text.contains("14 in") && text.contains("$0.0000"), "{text}");
}

#[test]
fn the_policy_can_be_copied_as_it_is() {
    let twin = Twin::new();
    let output = twin.command(&["model", "policy"]).env("AWS_REGION", "eu-west-1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    assert!(policy["Statement"].to_string().contains("bedrock:InvokeModelWithResponseStream"), "{policy}");
}

#[test]
fn the_next_of_the_list_answers_and_standard_error_says_so() {
    let first = Server::start(vec![(404, "The model `small` does not exist.")]);
    let second = Server::start(vec![(200, "Here I am.")]);
    let twin = Twin::new();
    twin.settle(&[&first, &second], |settings| {
        settings.fallback = vec!["openai@second:large".parse().unwrap()];
        settings.fallback_by_itself = true;
    });
    let output = twin.run(&["chat", "--model", "openai:small", "Are you there?"]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Here I am.\n");
    let remark = String::from_utf8(output.stderr).unwrap();
    assert!(remark.starts_with("openai@first:small could not answer ("), "{remark}");
    assert_eq!(second.asked.recv().unwrap()["model"], "large");
}

#[test]
fn nobody_else_is_asked_unless_the_owner_said_so() {
    let first = Server::start(vec![(404, "The model `small` does not exist.")]);
    let second = Server::start(vec![(200, "Here I am.")]);
    let twin = Twin::new();
    twin.settle(&[&first, &second], |settings| settings.fallback = vec!["openai@second:large".parse().unwrap()]);
    assert_eq!(twin.failure(&["chat", "--model", "openai:small", "Are you there?"]).0, 1);
    assert!(second.asked.try_recv().is_err());
}
