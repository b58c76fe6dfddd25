//! Who answers: the settings turned into something that does, and the list of all that could.

mod embedder;
mod provider;

pub use embedder::EmbedderTest;
pub use provider::{ModelSource, Providers};
pub(crate) use provider::{network, no_such_server};

use crate::error::WireError;
use crate::{App, task};
use provider::{openai_client, server_key};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use twin_connect::network::Network;
use twin_connect::openai;
use twin_core::catalogue::{Catalogue, FoundServer, ListProblem, ModelEntry, Preset};
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::model::{Lessons, ModelRef, Provider};
use twin_core::port::ChatModel;
use twin_core::secret::Secret;
use twin_core::settings::{BedrockSettings, EmbedderChoice, OpenaiServer, OpenaiSettings, Settings};

/// The list is asked for again after this long; at once when settings or credentials change.
const LIST_FRESH: Duration = Duration::from_mins(10);
/// Models that the picker offers first.
const RECENT: usize = 6;

/// An OpenAI-compatible server that is being tried.
#[derive(Debug, serde::Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Server {
    /// Its address.
    pub base_url: String,
    /// A key that was typed for it; none: the one that is kept for it, if one is.
    pub key: Option<Secret<String>>,
}

/// Well-known OpenAI-compatible servers.
pub fn presets() -> &'static [Preset] {
    openai::PRESETS
}

/// OpenAI-compatible servers that answer on this machine.
pub async fn server_find() -> Vec<FoundServer> {
    openai::find_local().await
}

/// The lists of all providers, and when they were asked for.
#[derive(Default)]
pub(crate) struct Lists {
    kept: Mutex<Option<(Instant, Settings, Catalogue)>>,
}

impl App {
    /// Every model that can be chosen: of Bedrock if it was ever set up, of every server, and those typed by hand.
    /// `refresh`: ask again, however fresh the list is.
    pub async fn model_catalogue(&self, refresh: bool) -> Result<Catalogue, WireError> {
        let settings = self.settings();
        let kept = self.inner.lists.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let fresh = kept.filter(|(at, of, _)| !refresh && at.elapsed() < LIST_FRESH && same_sources(of, &settings));
        let mut catalogue = if let Some((_, _, catalogue)) = fresh {
            catalogue
        } else {
            let catalogue = self.ask_for_lists(&settings).await;
            // A list with a gap is asked for again the next time: whoever was missing may be there by then.
            let whole = catalogue.problems.is_empty();
            let mut kept = self.inner.lists.kept.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = whole.then(|| (Instant::now(), settings.clone(), catalogue.clone()));
            catalogue
        };
        let listed = |model: &ModelRef| {
            let called = |entry: &ModelEntry| entry.routes.iter().any(|route| route.id == model.id);
            catalogue
                .entries
                .iter()
                .any(|entry| entry.model == *model || (model.provider == Provider::Bedrock && called(entry)))
        };
        let typed = settings.models_typed.iter().filter(|model| !listed(model)).map(by_hand).collect::<Vec<_>>();
        catalogue.entries.extend(typed);
        for entry in &mut catalogue.entries {
            entry.lessons = self.lessons(&entry.model);
        }
        Ok(catalogue)
    }

    async fn ask_for_lists(&self, settings: &Settings) -> Catalogue {
        let offline = ModelEntry { typed: false, ..by_hand(&ModelRef::offline()) };
        let mut catalogue = Catalogue { entries: vec![offline], problems: Vec::new() };
        let servers = settings.openai.servers.iter().map(|server| async move {
            let (app, of, with) = (self.clone(), server.clone(), settings.clone());
            let client = task::blocking(move || app.inner.providers.openai(&of, &with, &app.inner.keys)).await;
            let listed = match client.map_err(Failure::from).and_then(|client| client) {
                Ok(client) => client.catalogue(Some(&server.name)).await,
                Err(failure) => Err(failure),
            };
            (Provider::Openai, Some(server.name.clone()), listed)
        });
        let bedrock = async {
            // Whoever never set it up may all the same have AWS's files on this machine: nobody asks with those.
            if !is_used(Provider::Bedrock, settings) && settings.bedrock == BedrockSettings::default() {
                return None;
            }
            let listed = match self.bedrock_client().await {
                Ok(client) => client.catalogue().await,
                Err(failure) => Err(failure),
            };
            Some((Provider::Bedrock, None, listed))
        };
        let (bedrock, servers) = futures_util::future::join(bedrock, futures_util::future::join_all(servers)).await;
        for (provider, server, listed) in bedrock.into_iter().chain(servers) {
            match listed {
                Ok(entries) => catalogue.entries.extend(entries),
                // The one that is there from the beginning, on this machine, and does not run.
                Err(failure)
                    if failure.code == Code::Unreachable
                        && settings.openai == Settings::default().openai
                        && !is_used(Provider::Openai, settings) => {}
                Err(failure) => catalogue.problems.push(ListProblem { provider, server, failure }),
            }
        }
        catalogue
    }

    /// Keys were replaced, or somebody signed in: clients and lists were made with what was there before.
    pub(crate) async fn forget_clients(&self) {
        let app = self.clone();
        // A client that is being made holds its place while the keychain asks the person.
        if let Err(error) = task::blocking(move || app.inner.providers.forget_clients()).await {
            tracing::warn!(id = %error.id, "the kept clients could not be forgotten");
        }
        *self.inner.lists.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What a server that is being set up offers, before it is saved.
    pub async fn server_models(&self, server: Server) -> Result<Vec<ModelEntry>, WireError> {
        let settings = self.settings();
        let key_secret = self.key_for_server(&settings.openai, "", &server.base_url).await?;
        let app = self.clone();
        let client = task::blocking(move || {
            let Server { base_url, key } = server;
            let of = OpenaiServer { name: String::new(), base_url, key_secret };
            let key = key.map_or_else(|| server_key(&of, &app.inner.keys), |key| Ok(Some(key)))?;
            openai_client(&of.base_url, key, &settings.network)
        });
        Ok(client.await??.catalogue(None).await?)
    }

    /// Forgets a model that was typed by hand.
    pub async fn model_forget_typed(&self, model: &ModelRef) -> Result<Settings, WireError> {
        let mut settings = self.settings();
        settings.models_typed.retain(|typed| typed != model);
        settings.models_recent.retain(|recent| recent != model);
        self.settings_put(settings).await?;
        Ok(self.settings())
    }

    /// A model was chosen: see [`App::remember_model`].
    pub(crate) async fn model_chosen(&self, model: &ModelRef) -> Result<(), WireError> {
        let mut settings = self.settings();
        self.remember_model(&mut settings, model);
        if settings == self.settings() { Ok(()) } else { self.settings_put(settings).await }
    }

    /// Puts a model first among the recent ones, and keeps it if no list has it.
    pub(crate) fn remember_model(&self, settings: &mut Settings, model: &ModelRef) {
        settings.models_recent.retain(|recent| recent != model);
        settings.models_recent.insert(0, model.clone());
        settings.models_recent.truncate(RECENT);
        let is_listed = {
            let kept = self.inner.lists.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.as_ref().is_some_and(|(_, _, catalogue)| {
                let named = |entry: &ModelEntry| entry.routes.iter().any(|route| route.id == model.id);
                catalogue.entries.iter().any(|entry| entry.model == *model || named(entry))
            })
        };
        if !is_listed && model.provider != Provider::Offline && !settings.models_typed.contains(model) {
            settings.models_typed.push(model.clone());
        }
    }

    /// The window that the provider's list gives a model, if it was asked for and says so.
    pub(crate) fn listed_context(&self, model: &ModelRef) -> Option<u32> {
        let kept = self.inner.lists.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, _, catalogue) = kept.as_ref()?;
        catalogue.entries.iter().find(|entry| entry.model == *model)?.context_tokens
    }

    /// What is known of a model.
    pub(crate) fn lessons(&self, model: &ModelRef) -> Lessons {
        let lessons = self.inner.lessons.read().unwrap_or_else(PoisonError::into_inner);
        lessons.get(&model.to_string()).cloned().unwrap_or_default()
    }

    /// Keeps what an answer taught; `keep`: also for the next start.
    pub(crate) async fn learn(&self, model: &ModelRef, lessons: &Lessons, keep: bool) {
        self.inner.lessons.write().unwrap_or_else(PoisonError::into_inner).insert(model.to_string(), lessons.clone());
        self.tell(Event::ModelsChanged);
        if !keep {
            return;
        }
        let (store, model, lessons) = (self.inner.store.clone(), model.clone(), lessons.clone());
        if let Err(error) = task::store(move || store.lessons_put(&model, &lessons)).await {
            // It is learned again after the next start.
            tracing::warn!(id = %error.id, "what a model taught could not be kept");
        }
    }

    /// Forgets what all models taught: a provider may allow today what it refused yesterday.
    pub async fn lessons_forget(&self) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.lessons_forget()).await?;
        *self.inner.lessons.write().unwrap_or_else(PoisonError::into_inner) = BTreeMap::new();
        self.tell(Event::ModelsChanged);
        Ok(())
    }

    pub(crate) fn network(&self) -> Network {
        network(&self.settings().network)
    }

    pub(crate) async fn model_open(&self, model: &ModelRef) -> Result<Arc<dyn ChatModel>, Failure> {
        let (app, model, now) = (self.clone(), model.clone(), self.now());
        let opened =
            task::blocking(move || app.inner.models.open(&model, &app.settings(), &app.inner.keys, &now)).await;
        opened?
    }

    /// The model of the settings; the embedded one while nothing is chosen.
    pub fn model_default(&self) -> ModelRef {
        self.settings().model.unwrap_or_else(ModelRef::offline)
    }

    /// The model with its server by name, so that a conversation stays with the server that it was begun with when
    /// another one becomes the first.
    pub(crate) fn with_server(&self, model: ModelRef) -> ModelRef {
        with_server(model, &self.settings().openai)
    }
}

fn by_hand(model: &ModelRef) -> ModelEntry {
    ModelEntry {
        name: model.id.clone(),
        model: model.clone(),
        vendor: String::new(),
        routes: Vec::new(),
        legacy: false,
        streams: None,
        images: None,
        context_tokens: None,
        typed: true,
        lessons: Lessons::default(),
    }
}

/// Whether the lists depend on nothing that differs.
fn same_sources(a: &Settings, b: &Settings) -> bool {
    a.bedrock == b.bedrock && a.openai == b.openai && a.network == b.network
}

pub(crate) fn with_server(model: ModelRef, servers: &OpenaiSettings) -> ModelRef {
    let first = || servers.servers.first().map(|server| server.name.clone());
    match model.provider {
        Provider::Openai => ModelRef { server: model.server.or_else(first), ..model },
        Provider::Offline | Provider::Bedrock => model,
    }
}

/// Whether any model of that provider was ever chosen, be it for embeddings.
pub(crate) fn is_used(provider: Provider, settings: &Settings) -> bool {
    let embeds = match settings.embedder {
        EmbedderChoice::Embedded => None,
        EmbedderChoice::Bedrock { .. } => Some(Provider::Bedrock),
        EmbedderChoice::Openai { .. } => Some(Provider::Openai),
    };
    let chosen = [&settings.models_recent, &settings.models_typed, &settings.fallback].into_iter().flatten();
    embeds == Some(provider) || settings.model.iter().chain(chosen).any(|model| model.provider == provider)
}
