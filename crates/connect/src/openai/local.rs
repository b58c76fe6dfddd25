//! Servers that many people use, and those that run on this machine.

use super::catalogue::{entries, models};
use super::{MAX_BODY, client};
use crate::network::Network;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use twin_core::catalogue::{FoundServer, Preset};

/// What is behind most addresses of this kind. Local ones first: nothing leaves the machine.
pub const PRESETS: &[Preset] = &[
    Preset { name: "ollama", title: "Ollama", base_url: "http://127.0.0.1:11434/v1", needs_key: false, key_url: None },
    Preset {
        name: "lm-studio",
        title: "LM Studio",
        base_url: "http://127.0.0.1:1234/v1",
        needs_key: false,
        key_url: None,
    },
    Preset {
        name: "llama.cpp",
        title: "llama.cpp",
        base_url: "http://127.0.0.1:8080/v1",
        needs_key: false,
        key_url: None,
    },
    Preset {
        name: "openai",
        title: "OpenAI",
        base_url: "https://api.openai.com/v1",
        needs_key: true,
        key_url: Some("https://platform.openai.com/api-keys"),
    },
    Preset {
        name: "openrouter",
        title: "OpenRouter",
        base_url: "https://openrouter.ai/api/v1",
        needs_key: true,
        key_url: Some("https://openrouter.ai/settings/keys"),
    },
];

/// Where servers usually listen. More than one kind does at 8080, so what answers there is called by what it says.
const PORTS: [(&str, u16); 6] =
    [("ollama", 11434), ("lm-studio", 1234), ("local-8080", 8080), ("vllm", 8000), ("jan", 1337), ("koboldcpp", 5001)];

/// For each port. What listens on this machine answers at once, or is busy with something else.
const LIMIT: Duration = Duration::from_millis(1500);

/// The servers that answer on this machine at their usual ports.
pub async fn find_local() -> Vec<FoundServer> {
    find_at(&PORTS).await
}

/// As [`find_local`], at these ports of this machine, under these names.
pub async fn find_at(ports: &[(&str, u16)]) -> Vec<FoundServer> {
    // Neither proxy nor redirect: who listens here answers here.
    let Ok(http) = client(&Network::default(), true) else { return Vec::new() };
    let asked = ports.iter().map(|&(name, port)| ask(&http, name, port));
    join_all(asked).await.into_iter().flatten().collect()
}

async fn ask(http: &Client, name: &str, port: u16) -> Option<FoundServer> {
    let base_url = format!("http://127.0.0.1:{port}/v1");
    let list = timeout(LIMIT, list(http, &base_url)).await.ok()??;
    // Any program may listen at these ports: only a list of models makes it one of them.
    let listed = list["data"].as_array()?;
    if !listed.iter().all(|model| model["id"].is_string()) {
        return None;
    }
    let says = |who: &str| models(&list).iter().any(|model| model["owned_by"] == who);
    let name =
        [("llamacpp", "llama.cpp"), ("vllm", "vllm"), ("koboldcpp", "koboldcpp"), ("organization_owner", "lm-studio")]
            .into_iter()
            .find_map(|(who, called)| says(who).then_some(called))
            .unwrap_or(name)
            .to_owned();
    let mut models: Vec<_> = entries(&list, None).into_iter().map(|entry| entry.model.id).collect();
    models.sort_unstable();
    Some(FoundServer { name, base_url, models })
}

async fn list(http: &Client, base_url: &str) -> Option<Value> {
    let response = http.get(format!("{base_url}/models")).send().await.ok()?;
    if response.status() != StatusCode::OK {
        return None;
    }
    let mut bytes = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(&chunk.ok()?);
        if bytes.len() > MAX_BODY {
            return None;
        }
    }
    serde_json::from_slice(&bytes).ok()
}
