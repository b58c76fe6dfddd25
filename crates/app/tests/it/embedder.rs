//! How the settings become something that turns texts into vectors.

use crate::testkit::{Embedded, Home};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use twin_app::credential::Credentials;
use twin_app::model::Providers;
use twin_app::paths::Paths;
use twin_app::{App, Parts, SystemClock};
use twin_core::error::{Code, Failure};
use twin_core::port::EmbedPurpose;
use twin_core::secret::Secret;
use twin_core::settings::{EmbedderChoice, OpenaiServer};

const TITAN: &str = "amazon.titan-embed-text-v2:0";

fn bedrock(model: &str) -> EmbedderChoice {
    EmbedderChoice::Bedrock { model: model.to_owned() }
}

fn server(server: Option<&str>) -> EmbedderChoice {
    EmbedderChoice::Openai { server: server.map(str::to_owned), model: "nomic-embed-text".to_owned() }
}

/// A service that answers every request with this, and the requests as they came.
fn service(body: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sender, requests) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let begin = head.len();
                reader.read_line(&mut head).unwrap();
                let line = head[begin..].to_lowercase();
                length = line.strip_prefix("content-length: ").map_or(length, |length| length.trim().parse().unwrap());
            }
            let mut text = vec![0; length];
            reader.read_exact(&mut text).unwrap();
            sender.send(head + &String::from_utf8(text).unwrap()).unwrap();
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
            stream.write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes()).unwrap();
        }
    });
    (address, requests)
}

/// The application on its real providers, with this home's keychain.
fn real(home: &Home) -> App {
    let providers = Arc::<Providers>::default();
    App::open(Parts {
        paths: Paths::resolve(Some(home.path().to_owned())).unwrap(),
        clock: Arc::new(SystemClock),
        zone: jiff::tz::TimeZone::UTC,
        secrets: Arc::clone(&home.secrets),
        models: Box::new(Arc::clone(&providers)),
        providers,
        buckets: Box::new(twin_app::sync::Buckets),
    })
    .unwrap()
}

#[tokio::test]
async fn a_server_is_asked_at_its_address_with_its_key() {
    let (address, requests) = service(r#"{"data":[{"index":0,"embedding":[0.5,0.25,0.125]}]}"#);
    let home = Home::new();
    let app = real(&home);
    let mut settings = app.settings();
    settings.openai.servers = vec![
        OpenaiServer { name: "here".to_owned(), base_url: "http://127.0.0.1:1/v1".to_owned(), key_secret: None },
        OpenaiServer { name: "there".to_owned(), base_url: address, key_secret: None },
    ];
    app.settings_save(settings).await.unwrap();
    let key = Secret::new("sk-there".to_owned());
    app.credentials_save(Credentials::Openai { server: "there".to_owned(), key }).await.unwrap();
    assert_eq!(app.embedder_test(server(Some("there"))).await.unwrap().dimensions, 3);
    let request = requests.try_recv().unwrap();
    assert!(request.starts_with("POST /v1/embeddings "), "{request}");
    assert!(request.contains("authorization: Bearer sk-there"), "{request}");
    assert!(request.contains("search_query: The quick brown fox"), "{request}");
    // None is the first, where nobody answers.
    assert_eq!(app.embedder_test(server(None)).await.unwrap_err().code, Code::Unreachable);
}

#[tokio::test]
async fn bedrock_is_asked_as_its_settings_say() {
    let (address, requests) = service(r#"{"embedding":[0.5,0.25],"inputTextTokenCount":9}"#);
    let home = Home::new();
    let app = real(&home);
    let mut settings = app.settings();
    settings.bedrock.region = "eu-west-1".to_owned();
    settings.bedrock.endpoint_url = address;
    app.settings_save(settings).await.unwrap();
    app.credentials_save(Credentials::BedrockApiKey { key: Secret::new("bedrock-key".to_owned()) }).await.unwrap();
    assert_eq!(app.embedder_test(bedrock(TITAN)).await.unwrap().dimensions, 2);
    let request = requests.try_recv().unwrap();
    assert!(request.starts_with("POST /model/amazon.titan-embed-text-v2%3A0/invoke "), "{request}");
    assert!(request.contains("authorization: Bearer bedrock-key"), "{request}");
    assert!(request.contains(r#""inputText":"The quick brown fox"#), "{request}");
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_before_anybody_is() {
    let home = Home::new();
    let app = real(&home);
    let failure = async |choice| app.embedder_test(choice).await.unwrap_err();
    let unknown = failure(server(Some("gone"))).await;
    assert_eq!((unknown.code, unknown.hint.contains("Settings")), (Code::ModelNotFound, true), "{unknown:?}");
    let none = failure(bedrock(" ")).await;
    assert_eq!((none.code, none.hint.contains("Settings")), (Code::InvalidInput, true), "{none:?}");
    let family = failure(bedrock("anthropic.claude-x")).await;
    assert_eq!((family.code, family.hint.contains(TITAN)), (Code::InvalidInput, true), "{family:?}");
}

#[tokio::test]
async fn a_key_that_is_gone_is_told() {
    let home = Home::new();
    let app = real(&home);
    let key = Secret::new("sk-here".to_owned());
    app.credentials_save(Credentials::Openai { server: "ollama".to_owned(), key }).await.unwrap();
    let name = app.settings().openai.servers[0].key_secret.clone().unwrap();
    home.secrets.delete(&name).unwrap();
    let failure = app.embedder_test(server(None)).await.unwrap_err();
    assert_eq!(failure.code, Code::CredentialsMissing);
}

#[tokio::test]
async fn a_model_is_tried_with_nobodys_words() {
    let home = Home::new();
    let app = home.open();
    assert_eq!(app.embedder_test(bedrock(TITAN)).await.unwrap().dimensions, 256);
    let texts = vec!["The quick brown fox jumps over the lazy dog.".to_owned()];
    assert_eq!(home.embedded(), [Embedded { choice: bedrock(TITAN), texts, purpose: EmbedPurpose::Question }]);
    home.embedding_fails(Failure::permanent(Code::AccessDenied, "no", "Ask for it."));
    assert_eq!(app.embedder_test(bedrock(TITAN)).await.unwrap_err().code, Code::AccessDenied);
}
