//! The lists of models, as servers write them, and servers that are found by themselves.

use super::{MODEL, config, model, refuse};
use crate::server::Server;
use crate::{fail, request, soon};
use rstest::rstest;
use twin_connect::openai::{OpenaiModel, PRESETS, find_at};
use twin_core::catalogue::{FoundServer, ModelEntry};
use twin_core::error::Code;
use twin_core::model::is_server_name;
use twin_core::port::ChatModel as _;

/// What the list tells of each: id, name, images, context.
type Told<'a> = (&'a str, &'a str, Option<bool>, Option<u32>);

fn told(entries: &[ModelEntry]) -> Vec<Told<'_>> {
    entries
        .iter()
        .map(|entry| (entry.model.id.as_str(), entry.name.as_str(), entry.images, entry.context_tokens))
        .collect()
}

#[rstest]
#[case::ollama(
    r#"{"object":"list","data":[{"id":"phi3:mini","object":"model","created":1761061972,"owned_by":"library"},{"id":"Llama3:8b","object":"model","created":1761061972,"owned_by":"library"}]}"#,
    &[("Llama3:8b", "Llama3:8b", None, None), ("phi3:mini", "phi3:mini", None, None)]
)]
#[case::vllm(
    r#"{"object":"list","data":[{"id":"meta-llama/Meta-Llama-3.1-8B-Instruct","object":"model","created":1723770563,"owned_by":"vllm","root":"meta-llama/Meta-Llama-3.1-8B-Instruct","parent":null,"max_model_len":8096,"permission":[]}]}"#,
    &[("meta-llama/Meta-Llama-3.1-8B-Instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct", None, Some(8096))]
)]
#[case::llama_cpp(
    r#"{"models":[{"name":"Qwen3.5-9B.gguf","capabilities":["completion","multimodal"]}],"object":"list","data":[{"id":"Qwen3.5-9B.gguf","object":"model","owned_by":"llamacpp","meta":{"vocab_type":2,"n_vocab":248320,"n_ctx_train":262144}}]}"#,
    &[("Qwen3.5-9B.gguf", "Qwen3.5-9B.gguf", Some(true), Some(262_144))]
)]
#[case::llama_cpp_of_late(
    r#"{"data":[{"id":"unsloth/gemma-4-E4B-it-GGUF:Q4_K_M","object":"model","owned_by":"llamacpp","status":{"value":"unloaded"},"architecture":{"input_modalities":["text","image","audio"],"output_modalities":["text"]}}],"object":"list"}"#,
    &[("unsloth/gemma-4-E4B-it-GGUF:Q4_K_M", "unsloth/gemma-4-E4B-it-GGUF:Q4_K_M", Some(true), None)]
)]
#[case::openrouter(
    r#"{"data":[{"id":"google/gemini-2.5-pro","name":"Google: Gemini 2.5 Pro","context_length":1048576,"architecture":{"input_modalities":["image","text"],"output_modalities":["text"]}},{"id":"openai/gpt-oss-20b","name":"OpenAI: gpt-oss-20b","context_length":131072,"architecture":{"input_modalities":["text"],"output_modalities":["text"]}},{"id":"x/painter","name":"Painter","architecture":{"input_modalities":["text"],"output_modalities":["image"]}}]}"#,
    &[("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro", Some(true), Some(1_048_576)), ("openai/gpt-oss-20b", "OpenAI: gpt-oss-20b", Some(false), Some(131_072))]
)]
#[case::mistral(
    r#"{"object":"list","data":[{"id":"mistral-small","object":"model","owned_by":"mistralai","capabilities":{"completion_chat":true,"vision":true},"name":"mistral-small","max_context_length":32768},{"id":"mistral-embed","object":"model","capabilities":{"completion_chat":false,"vision":false}}]}"#,
    &[("mistral-small", "mistral-small", Some(true), Some(32768))]
)]
#[case::something_odd(r#"{"data":[{"no_id":1},{"id":" "},{"id":"a"},{"id":"a"},7]}"#, &[("a", "a", None, None)])]
#[tokio::test]
async fn the_list_shows_what_the_server_tells_of_its_models(#[case] list: &'static str, #[case] expected: &[Told<'_>]) {
    let server = Server::start(move |_, exchange| refuse(exchange, 200, list));
    let entries = model(&server).catalogue(Some("mine")).await.unwrap();
    assert_eq!(told(&entries), expected);
    assert!(entries.iter().all(|entry| entry.model.server.as_deref() == Some("mine")));
    let sent = server.request();
    assert_eq!((sent.target.as_str(), sent.header("authorization")), ("GET /v1/models", Some("Bearer SECRET-KEY")));
    assert!(server.has_no_more_requests());
}

#[rstest]
#[case::its_own_list(
    200,
    r#"{"object":"list","data":[{"id":"qwen2-vl-7b-instruct","object":"model","type":"vlm","publisher":"mlx-community","state":"not-loaded","max_context_length":32768},{"id":"llama","type":"llm","publisher":"lmstudio-community","state":"loaded","max_context_length":131072,"loaded_context_length":4096},{"id":"text-embedding-nomic","type":"embeddings"}]}"#,
    &[("llama", "llama", Some(false), Some(4096)), ("qwen2-vl-7b-instruct", "qwen2-vl-7b-instruct", Some(true), Some(32768))]
)]
#[case::only_the_common_one(404, r#"{"error":"Unexpected endpoint or method. (GET /api/v0/models)"}"#, &[("llama", "llama", None, None)])]
#[tokio::test]
async fn lm_studio_tells_more_on_a_list_of_its_own(
    #[case] status: u16,
    #[case] second: &'static str,
    #[case] expected: &[Told<'_>],
) {
    let server = Server::start(move |_, exchange| match exchange.request.target.as_str() {
        "GET /api/v0/models" => refuse(exchange, status, second),
        _ => refuse(
            exchange,
            200,
            r#"{"data":[{"id":"llama","object":"model","owned_by":"organization_owner"}],"object":"list"}"#,
        ),
    });
    assert_eq!(told(&model(&server).catalogue(None).await.unwrap()), expected);
}

#[rstest]
#[case(200, r#"{"hello":"world"}"#, Code::RequestRefused)]
#[case(200, "<!doctype html>", Code::RequestRefused)]
#[case(401, "{}", Code::CredentialsRejected)]
#[tokio::test]
async fn a_list_that_cannot_be_had_says_why(#[case] status: u16, #[case] body: &'static str, #[case] code: Code) {
    let server = Server::start(move |_, exchange| refuse(exchange, status, body));
    assert_eq!(model(&server).catalogue(None).await.unwrap_err().code, code);
}

fn port(server: &Server) -> u16 {
    server.url.rsplit_once(':').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn servers_on_this_machine_are_found_by_themselves() {
    let ollama =
        Server::start(|_, exchange| refuse(exchange, 200, r#"{"object":"list","data":[{"id":"b"},{"id":"a"}]}"#));
    let llama =
        Server::start(|_, exchange| refuse(exchange, 200, r#"{"data":[{"id":"x.gguf","owned_by":"llamacpp"}]}"#));
    let empty = Server::start(|_, exchange| refuse(exchange, 200, r#"{"object":"list","data":[]}"#));
    let website = Server::start(|_, exchange| exchange.respond(200, &[("content-type", "text/html")], "<p>Hello</p>"));
    let other = Server::start(|_, exchange| refuse(exchange, 200, r#"{"data":[{"user":"me"}]}"#));
    let locked = Server::start(|_, exchange| refuse(exchange, 401, "{}"));
    let elsewhere = format!("{}/v1/models", ollama.url);
    let redirect = Server::start(move |_, exchange| exchange.respond(307, &[("location", &elsewhere)], ""));
    let silent = Server::start(|_, exchange| exchange.wait_for_close());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let asked = [&ollama, &llama, &empty, &website, &other, &locked, &redirect, &silent].map(port);
    let names = ["ollama", "local-8080", "vllm", "website", "other", "locked", "redirect", "silent"];
    let mut places: Vec<_> = names.into_iter().zip(asked).collect();
    places.push(("nobody", nobody));
    let found = soon(find_at(&places)).await;
    let server = |name: &str, at: &Server, models: &[&str]| FoundServer {
        name: name.to_owned(),
        base_url: format!("{}/v1", at.url),
        models: models.iter().map(|&model| model.to_owned()).collect(),
    };
    let expected =
        [server("ollama", &ollama, &["a", "b"]), server("llama.cpp", &llama, &["x.gguf"]), server("vllm", &empty, &[])];
    assert_eq!(found, expected);
    assert_eq!(ollama.request().header("authorization"), None);
}

#[test]
fn every_preset_can_be_taken_as_it_is() {
    for preset in PRESETS {
        assert!(is_server_name(preset.name), "{}", preset.name);
        assert_eq!(preset.needs_key, preset.key_url.is_some(), "{}", preset.name);
        OpenaiModel::new(config(preset.base_url, preset.key_url.map(|_| "key"))).unwrap();
    }
}

/// A list of one model, and an answer, behind twelve million blanks.
fn endless() -> Server {
    Server::start(|_, exchange| {
        exchange.begin(&[("content-type", "application/json")]);
        let blanks = vec![b' '; 1 << 20];
        for _ in 0..12 {
            exchange.chunk(&blanks);
        }
        exchange.chunk(br#"{"data":[{"id":"a"}],"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}"#);
        exchange.end();
    })
}

#[tokio::test]
async fn of_a_body_no_more_is_read_than_any_list_or_answer_has() {
    let failure = soon(model(&endless()).catalogue(None)).await.unwrap_err();
    assert_eq!(failure.code, Code::RequestRefused, "{failure:?}");
    let failure = fail(model(&endless()).stream(request(MODEL))).await;
    assert_eq!(failure.code, Code::RequestRefused, "{failure:?}");
}

#[tokio::test]
async fn nor_of_what_is_listed_by_whoever_answers_on_this_machine() {
    let local = endless();
    let port = local.url.rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(soon(find_at(&[("ollama", port)])).await, []);
}
