//! Which models can be chosen, and what is remembered of them.

use crate::testkit::{Home, asking, collecting, say, scripted, whole};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use twin_core::error::Code;
use twin_core::model::{ModelRef, Provider};
use twin_core::settings::{EmbedderChoice, OpenaiServer};
use twin_store::{NewVector, Subject};

/// A server that offers these models, for as long as the test runs.
fn offering(models: &[&str]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", listener.local_addr().unwrap());
    let data: Vec<_> = models.iter().map(|id| serde_json::json!({ "id": id, "object": "model" })).collect();
    let body = serde_json::json!({ "object": "list", "data": data }).to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 4096];
            let _request = stream.read(&mut buffer).unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    address
}

fn server(name: &str, base_url: String) -> OpenaiServer {
    OpenaiServer { name: name.to_owned(), base_url, key_secret: None }
}

#[tokio::test]
async fn every_server_and_the_offline_model_are_in_one_list() {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    settings.openai.servers =
        vec![server("here", offering(&["small", "large"])), server("there", offering(&["other"]))];
    app.settings_save(settings).await.unwrap();
    let catalogue = app.model_catalogue(false).await.unwrap();
    let models: Vec<String> = catalogue.entries.iter().map(|entry| entry.model.to_string()).collect();
    assert_eq!(models, ["offline", "openai@here:large", "openai@here:small", "openai@there:other"]);
    assert!(catalogue.problems.is_empty(), "{:?}", catalogue.problems);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_and_hides_none_of_the_others() {
    let home = Home::new();
    let app = home.open();
    let mut settings = app.settings();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    settings.openai.servers = vec![server("here", offering(&["small"])), server("gone", format!("http://{closed}/v1"))];
    app.settings_save(settings).await.unwrap();
    let catalogue = app.model_catalogue(false).await.unwrap();
    assert_eq!(catalogue.entries.len(), 2);
    let [problem] = &catalogue.problems[..] else { panic!("{:?}", catalogue.problems) };
    assert_eq!((problem.server.as_deref(), problem.failure.code), (Some("gone"), Code::Unreachable));
}

#[tokio::test]
async fn nobody_asks_aws_before_bedrock_was_set_up() {
    let catalogue = Home::new().open().model_catalogue(true).await.unwrap();
    assert!(!catalogue.problems.iter().any(|problem| problem.provider == Provider::Bedrock), "{catalogue:?}");
}

#[tokio::test]
async fn a_model_typed_by_hand_is_remembered_until_it_is_forgotten() {
    let home = Home::new();
    let app = home.open();
    home.answer(whole("Yes."));
    let (sink, _events) = collecting();
    app.chat_send(asking("Are you there?"), sink).await.unwrap();
    let app = home.open();
    let typed = |catalogue: twin_core::catalogue::Catalogue| {
        catalogue.entries.into_iter().filter(|entry| entry.typed).map(|entry| entry.model).collect::<Vec<ModelRef>>()
    };
    assert_eq!(typed(app.model_catalogue(false).await.unwrap()), [scripted()]);
    let settings = app.model_forget_typed(&scripted()).await.unwrap();
    assert!(settings.models_recent.is_empty());
    assert!(typed(app.model_catalogue(false).await.unwrap()).is_empty());
}

#[tokio::test]
async fn an_answer_says_which_server_gave_it() {
    let home = Home::new();
    home.answer(whole("Yes."));
    let told = say(&home.open(), None, "Hello", "openai:scripted".parse::<ModelRef>().unwrap()).await;
    assert_eq!(told.reply.unwrap().model, Some(scripted()));
}

#[tokio::test]
async fn a_conversation_stays_with_its_server_when_another_becomes_the_first_or_it_gets_a_new_name() {
    let home = Home::new();
    let app = home.open();
    let told = say(&app, None, "Hello", None).await;
    app.session_set_model(told.session, Some("openai:small".parse().unwrap())).await.unwrap();
    let mut settings = app.settings();
    settings.openai.servers.insert(0, server("new", "https://new.example/v1".to_owned()));
    settings.openai.servers[1].name = "mine".to_owned();
    app.settings_save(settings).await.unwrap();
    let model = app.session_get(told.session).await.unwrap().model.unwrap();
    assert_eq!(model.to_string(), "openai@mine:small");
}

#[tokio::test]
async fn what_makes_the_vectors_stays_with_its_server_under_a_new_name_and_so_do_they() {
    let home = Home::new();
    let app = home.open();
    let said = say(&app, None, "Hello", None).await;
    let mut settings = app.settings();
    settings.openai.servers =
        vec![server("first", "http://127.0.0.1:1/v1".to_owned()), server("old", "http://127.0.0.1:2/v1".to_owned())];
    settings.embedder = EmbedderChoice::Openai { server: Some("old".to_owned()), model: "nomic".to_owned() };
    let mut settings = app.settings_save(settings).await.unwrap();
    let store = twin_store::Store::open(home.path(), home.clock.clone()).unwrap();
    let message = store.message_list(said.session).unwrap().remove(0).id;
    let vector = NewVector { subject: Subject::Message(message), bits: vec![1; 48], vector: vec![1; 388] };
    store.vector_put("openai@old:nomic", vec![vector]).unwrap();

    settings.openai.servers[1].name = "new".to_owned();
    let settings = app.settings_save(settings).await.unwrap();
    assert_eq!(settings.embedder.to_string(), "openai@new:nomic");
    assert_eq!(store.vector_bits("openai@new:nomic", 0).unwrap().numbers.len(), 1, "it is not sent there again");
    assert_eq!(store.vector_models().unwrap(), ["openai@new:nomic"]);
}

#[tokio::test]
async fn what_makes_the_vectors_is_never_another_server_than_the_one_that_was_chosen() {
    let home = Home::new();
    let app = home.open();
    let said = say(&app, None, "Hello", None).await;
    let store = twin_store::Store::open(home.path(), home.clock.clone()).unwrap();
    let message = store.message_list(said.session).unwrap().remove(0).id;
    let [chosen, other] = [1, 2].map(|port| server(&format!("at-{port}"), format!("http://127.0.0.1:{port}/v1")));
    let mut settings = app.settings();
    settings.openai.servers = vec![chosen.clone(), other.clone()];
    // The first one, which has no need of a name.
    settings.embedder = EmbedderChoice::Openai { server: None, model: "nomic".to_owned() };
    let mut settings = app.settings_save(settings).await.unwrap();
    let vector = NewVector { subject: Subject::Message(message), bits: vec![1; 48], vector: vec![1; 388] };
    store.vector_put("openai:nomic", vec![vector]).unwrap();

    settings.openai.servers = vec![other.clone(), chosen];
    let mut settings = app.settings_save(settings).await.unwrap();
    assert_eq!(settings.embedder.to_string(), "openai@at-1:nomic");
    assert_eq!(store.vector_models().unwrap(), ["openai@at-1:nomic"], "it is not sent there again");

    settings.openai.servers = vec![other];
    let settings = app.settings_save(settings).await.unwrap();
    assert_eq!(settings.embedder, EmbedderChoice::Embedded);
    app.memory_index(|_| {}).await.unwrap();
    assert_eq!(store.vector_models().unwrap(), ["embedded"]);
}

#[tokio::test]
async fn when_the_first_server_goes_the_next_is_not_sent_what_is_kept() {
    let app = Home::new().open();
    let mut settings = app.settings();
    settings.openai.servers.push(server("other", "http://127.0.0.1:2/v1".to_owned()));
    settings.embedder = EmbedderChoice::Openai { server: None, model: "nomic".to_owned() };
    let mut settings = app.settings_save(settings).await.unwrap();
    settings.openai.servers.remove(0);
    assert_eq!(app.settings_save(settings).await.unwrap().embedder, EmbedderChoice::Embedded);
}

#[tokio::test]
async fn a_proxy_or_certificate_that_cannot_be_used_is_refused_when_it_is_saved() {
    let app = Home::new().open();
    for (proxy, ca_file) in [("not an address", ""), ("", "/nowhere/company.pem")] {
        let mut settings = app.settings();
        settings.network.proxy = proxy.to_owned();
        settings.network.ca_file = ca_file.to_owned();
        assert_eq!(app.settings_save(settings).await.unwrap_err().code, Code::InvalidInput, "{proxy}{ca_file}");
    }
}

#[tokio::test]
async fn two_servers_of_one_name_are_refused() {
    let app = Home::new().open();
    let mut settings = app.settings();
    settings.openai.servers.push(settings.openai.servers[0].clone());
    assert_eq!(app.settings_save(settings).await.unwrap_err().code, Code::InvalidInput);
}
