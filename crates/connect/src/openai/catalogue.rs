//! The models that a server offers, with what it tells of them beside their names.
//!
//! Every server tells something else, under names of its own: <https://openrouter.ai/docs/models>,
//! <https://lmstudio.ai/docs/api/rest-api>, llama.cpp's `tools/server/README.md`, vLLM's `protocol.py`,
//! <https://docs.mistral.ai/api>, <https://console.groq.com/docs/models>.

use super::Inner;
use super::failure::{self, Asked};
use reqwest::{StatusCode, Url};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use twin_core::catalogue::ModelEntry;
use twin_core::error::Failure;
use twin_core::model::{Lessons, ModelRef, Provider};

/// For LM Studio's second list, without which its first is good enough.
const SECOND_LIST: Duration = Duration::from_secs(2);

impl Inner {
    pub(super) async fn catalogue(&self, server: Option<&str>, asked: &Asked<'_>) -> Result<Vec<ModelEntry>, Failure> {
        let mut list = self.list(self.address.join("models"), asked).await?;
        // This is how LM Studio calls all owners. Its own list tells types and context lengths, this one only names.
        if models(&list).iter().any(|model| model["owned_by"] == "organization_owner")
            && let Ok(Ok(richer)) =
                timeout(SECOND_LIST, self.list(self.address.join_root("api/v0/models"), asked)).await
            && !models(&richer).is_empty()
        {
            list = richer;
        }
        if !list["data"].is_array() {
            return Err(failure::other_protocol(asked));
        }
        Ok(entries(&list, server))
    }

    async fn list(&self, url: Url, asked: &Asked<'_>) -> Result<Value, Failure> {
        let response = self.send(self.http.get(url), asked).await?;
        if response.status() != StatusCode::OK {
            return Err(failure::refused(&self.refusal(response, asked).await?, asked));
        }
        serde_json::from_slice(&self.body(response, asked).await?).map_err(|_| failure::other_protocol(asked))
    }
}

/// The list's models, as the server wrote them.
pub(super) fn models(list: &Value) -> &[Value] {
    list["data"].as_array().map_or(&[], Vec::as_slice)
}

/// The models that can chat, by name.
pub(super) fn entries(list: &Value, server: Option<&str>) -> Vec<ModelEntry> {
    let mut entries: Vec<_> = models(list).iter().filter_map(|model| entry(model, list, server)).collect();
    entries.sort_by_cached_key(|entry| (entry.name.to_lowercase(), entry.model.id.clone()));
    entries.dedup_by(|one, other| one.model == other.model);
    entries
}

fn entry(model: &Value, list: &Value, server: Option<&str>) -> Option<ModelEntry> {
    let id = model["id"].as_str().filter(|id| !id.trim().is_empty())?;
    if !chats(model) {
        return None;
    }
    let name = model["name"].as_str().filter(|name| !name.trim().is_empty()).unwrap_or(id);
    Some(ModelEntry {
        model: ModelRef { provider: Provider::Openai, server: server.map(str::to_owned), id: id.to_owned() },
        name: name.to_owned(),
        // LM Studio. What others put into `owned_by` is themselves.
        vendor: model["publisher"].as_str().unwrap_or_default().to_owned(),
        routes: Vec::new(),
        // OpenRouter, Mistral.
        legacy: ["expiration_date", "deprecation"].into_iter().any(|field| model[field].is_string()),
        streams: None,
        images: images(model, list),
        context_tokens: context(model),
        typed: false,
        lessons: Lessons::default(),
    })
}

/// Whether nothing that the server says speaks against it.
fn chats(model: &Value) -> bool {
    // LM Studio, Together.
    let other = ["embedding", "embeddings", "rerank", "image", "audio", "video", "moderation", "transcribe"];
    let is_other = model["type"].as_str().is_some_and(|kind| other.contains(&kind));
    // OpenRouter, llama.cpp.
    let writes = model["architecture"]["output_modalities"].as_array();
    let is_mute = writes.is_some_and(|modalities| !modalities.iter().any(|modality| modality == "text"));
    // Mistral.
    !is_other && !is_mute && model["capabilities"]["completion_chat"] != false
}

fn images(model: &Value, list: &Value) -> Option<bool> {
    // OpenRouter, llama.cpp.
    if let Some(reads) = model["architecture"]["input_modalities"].as_array() {
        return Some(reads.iter().any(|modality| modality == "image"));
    }
    // LM Studio.
    if let Some(kind) = model["type"].as_str().filter(|kind| matches!(*kind, "vlm" | "llm")) {
        return Some(kind == "vlm");
    }
    // Mistral.
    if let Some(sees) = model["capabilities"]["vision"].as_bool() {
        return Some(sees);
    }
    // llama.cpp before it had the first; it has a second list for this.
    let second = list["models"].as_array()?.iter().find(|other| other["name"] == model["id"])?;
    let can = second["capabilities"].as_array()?;
    Some(can.iter().any(|capability| capability == "multimodal"))
}

fn context(model: &Value) -> Option<u32> {
    let places = [
        &model["loaded_context_length"], // LM Studio: as loaded
        &model["context_length"],        // OpenRouter, Together
        &model["max_model_len"],         // vLLM
        &model["context_window"],        // Groq
        &model["max_context_length"],    // LM Studio: at most; Mistral
        &model["meta"]["n_ctx"],         // llama.cpp: as loaded
        &model["meta"]["n_ctx_train"],   // llama.cpp: at most
    ];
    let number = |place: &Value| place.as_u64().and_then(|number| u32::try_from(number).ok());
    places.into_iter().find_map(number).filter(|&tokens| tokens > 0)
}
