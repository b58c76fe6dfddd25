//! Settings: defaults overlaid with what the store holds.

use crate::error::{WireError, invalid};
use crate::model::{network, with_server};
use crate::{App, task};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::watch;
use twin_core::event::Event;
use twin_core::model::{ModelRef, is_server_name};
use twin_core::settings::{EmbedderChoice, OpenaiSettings, Settings};
use twin_store::SettingChange;

/// In percent: smaller cannot be read, larger does not fit into a small window.
const TEXT_SIZES: std::ops::RangeInclusive<u16> = 80..=200;
/// More characters than any keys have.
const MAX_KEYS_CHARS: usize = 60;
/// More actions than the window has.
const MAX_SHORTCUTS: usize = 200;

/// The settings in force. A value that this version cannot read (a newer one wrote it) is left alone in the store and
/// the default is used.
pub(crate) fn load(stored: &BTreeMap<String, Value>) -> Settings {
    let mut known = Value::Object(fields(&Settings::default()));
    for (key, value) in stored {
        let mut with = known.clone();
        overlay(&mut with, &Value::Object(Map::from_iter([(key.clone(), now_called(key, value))])));
        if Settings::deserialize(&with).is_ok() {
            known = with;
        }
    }
    let mut settings = Settings::deserialize(&known).unwrap_or_default();
    name_servers(&mut settings);
    settings
}

/// Models are told apart with their server: none is left to be "the first one, whichever that is".
fn name_servers(settings: &mut Settings) {
    let servers = settings.openai.clone();
    let Settings { model, fallback, models_recent, models_typed, .. } = settings;
    for model in model.iter_mut().chain(fallback).chain(models_recent).chain(models_typed) {
        *model = with_server(model.clone(), &servers);
    }
}

/// What has to be written, so that a model which an older version kept without its server stays with the server that
/// was the first at that time.
pub(crate) fn named_since(stored: &BTreeMap<String, Value>, settings: &Settings) -> Vec<SettingChange> {
    let fields = fields(settings);
    let named = ["model", "fallback", "models_recent", "models_typed"].into_iter().filter_map(|key| {
        let (before, value) = (stored.get(key)?, fields.get(key)?);
        (before != value).then(|| SettingChange {
            scope: Settings::scope(key),
            value: Some(value.clone()),
            key: key.to_owned(),
        })
    });
    named.collect()
}

/// There was one server once, without a name.
fn now_called(key: &str, value: &Value) -> Value {
    match (key, value.get("base_url")) {
        ("openai", Some(base_url)) => {
            let (base_url, key_secret) = (base_url.clone(), value.get("key_secret").cloned());
            serde_json::json!({ "servers": [{ "name": "server", "base_url": base_url, "key_secret": key_secret }] })
        }
        _ => value.clone(),
    }
}

/// Servers that have another name at the same address: the old name and the new one.
fn renamed(before: &OpenaiSettings, after: &OpenaiSettings) -> Vec<(String, String)> {
    let gone = before.servers.iter().filter(|server| after.server(Some(&server.name)).is_none());
    gone.filter_map(|old| {
        let new = after.servers.iter().find(|new| new.base_url == old.base_url)?;
        before.server(Some(&new.name)).is_none().then(|| (old.name.clone(), new.name.clone()))
    })
    .collect()
}

fn check_servers(openai: &OpenaiSettings) -> Result<(), WireError> {
    let names: BTreeSet<&str> = openai.servers.iter().map(|server| server.name.as_str()).collect();
    if names.is_empty() || names.len() < openai.servers.len() || !names.iter().all(|name| is_server_name(name)) {
        return Err(invalid(
            "every server needs a name of its own, of letters, digits, dots and dashes",
            "Give each server another name, and keep at least one.",
        ));
    }
    Ok(())
}

/// What no window would ask for, but a script or a page with a mistake might.
fn check_window(settings: &Settings) -> Result<(), WireError> {
    if !TEXT_SIZES.contains(&settings.text_size) {
        let (least, most) = (TEXT_SIZES.start(), TEXT_SIZES.end());
        return Err(invalid(format!("the text size is between {least} and {most} percent"), "Choose another size."));
    }
    let (actions, keys) = (settings.shortcuts.keys(), settings.shortcuts.values().chain([&settings.quick_keys]));
    let is_sane = |text: &String| text.chars().count() <= MAX_KEYS_CHARS && !text.chars().any(char::is_control);
    let is_named = actions.clone().all(|action| !action.trim().is_empty());
    if settings.shortcuts.len() > MAX_SHORTCUTS || !is_named || !actions.chain(keys).all(is_sane) {
        return Err(invalid(
            "a shortcut is the name of an action and keys such as Mod+Shift+K",
            "Choose the keys again, or put the shortcuts back as they were.",
        ));
    }
    Ok(())
}

/// Puts `top` over `base`, field by field, so that a group saved by an older version gets the newer fields' defaults.
fn overlay(base: &mut Value, top: &Value) {
    match (base, top) {
        (Value::Object(base), Value::Object(top)) => {
            for (key, value) in top {
                overlay(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, top) => *base = top.clone(),
    }
}

/// What differs from `before`; what equals the default is removed, so that a later default takes effect.
fn changes(before: &Settings, after: &Settings) -> Vec<SettingChange> {
    let (before, default) = (fields(before), fields(&Settings::default()));
    let changed = fields(after).into_iter().filter(|(key, value)| before.get(key) != Some(value));
    changed
        .map(|(key, value)| SettingChange {
            scope: Settings::scope(&key),
            value: (default.get(&key) != Some(&value)).then_some(value),
            key,
        })
        .collect()
}

/// The settings `now` with what `after` has otherwise than `before`.
fn merged(now: &Settings, before: &Settings, after: Settings) -> Settings {
    let mut with = Value::Object(fields(now));
    merge(&mut with, &Value::Object(fields(before)), &Value::Object(fields(&after)));
    // Halves of two changes of one thing may be no whole: the later one stands.
    Settings::deserialize(&with).unwrap_or(after)
}

fn merge(now: &mut Value, before: &Value, after: &Value) {
    match (now, before, after) {
        (_, before, after) if before == after => {}
        (Value::Object(now), Value::Object(before), Value::Object(after)) => {
            now.retain(|key, _| after.contains_key(key) || !before.contains_key(key));
            for (key, value) in after.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
                let slot = now.entry(key.clone()).or_insert(Value::Null);
                merge(slot, before.get(key).unwrap_or(&Value::Null), value);
            }
        }
        (now, _, after) => *now = after.clone(),
    }
}

fn fields(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        // A struct of strings and enums always becomes an object.
        _ => Map::new(),
    }
}

impl App {
    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.inner.settings.borrow().clone()
    }

    /// The settings as they are now and whenever they change, whoever changed them.
    pub fn settings_follow(&self) -> watch::Receiver<Settings> {
        self.inner.settings.subscribe()
    }

    /// Saves the settings that differ. Names of secrets are kept by [`App::credentials_save`] and not taken from here.
    pub async fn settings_save(&self, mut settings: Settings) -> Result<Settings, WireError> {
        let before = self.settings();
        check_servers(&settings.openai)?;
        check_window(&settings)?;
        if settings.network != before.network {
            let network = network(&settings.network);
            task::blocking(move || network.check()).await??;
        }
        for server in &mut settings.openai.servers {
            let base_url = server.base_url.trim().trim_end_matches('/').to_owned();
            server.base_url = base_url;
            server.key_secret = self.key_for_server(&before.openai, &server.name, &server.base_url).await?;
        }
        // Beginning and leaving are more than a setting. Read now: while the keychain asked the person, one of it may have happened.
        let Settings { sync, bedrock, .. } = self.settings();
        settings.sync = sync;
        settings.bedrock.keys_secret = bedrock.keys_secret;
        settings.bedrock.api_key_secret = bedrock.api_key_secret;
        name_servers(&mut settings);
        if let Some(model) = settings.model.clone().filter(|model| before.model.as_ref() != Some(model)) {
            self.remember_model(&mut settings, &model);
        }
        let moved = before.persona_folder != settings.persona_folder;
        let renamed = renamed(&before.openai, &settings.openai);
        self.embedder_follows(&mut settings, &before, &renamed).await?;
        self.settings_put(settings).await?;
        self.servers_renamed(renamed).await?;
        if moved {
            self.persona_reload().await?;
        }
        Ok(self.settings())
    }

    /// What makes the vectors stays with its server, under a new name and when another becomes the first, and so do its vectors:
    /// made again, all that is kept would be sent there once more. Where its server is gone, the program makes them itself: no
    /// other server was ever to have what is kept. Before the settings, whose change has the missing ones made.
    async fn embedder_follows(
        &self,
        settings: &mut Settings,
        before: &Settings,
        renamed: &[(String, String)],
    ) -> Result<(), WireError> {
        let EmbedderChoice::Openai { server, model } = &settings.embedder else { return Ok(()) };
        // None is the first one of when it was chosen.
        let chosen_of = if settings.embedder == before.embedder { &before.openai } else { &settings.openai };
        let Some(chosen) = chosen_of.server(server.as_deref()) else { return Ok(()) };
        let name = renamed.iter().find(|(old, _)| *old == chosen.name).map_or(&chosen.name, |(_, new)| new);
        if settings.openai.server(Some(name)).is_none() {
            settings.embedder = EmbedderChoice::Embedded;
            return Ok(());
        }
        let is_first = settings.openai.server(None).is_some_and(|first| first.name == *name);
        let named = (server.is_some() || !is_first).then(|| name.clone());
        let follows = EmbedderChoice::Openai { server: named, model: model.clone() };
        if follows == settings.embedder {
            return Ok(());
        }
        let (from, to) = (settings.embedder.to_string(), follows.to_string());
        settings.embedder = follows;
        let store = self.inner.store.clone();
        task::store(move || store.vector_model_rename(&from, &to)).await
    }

    /// Conversations stay with their server under its new name.
    async fn servers_renamed(&self, names: Vec<(String, String)>) -> Result<(), WireError> {
        if names.is_empty() {
            return Ok(());
        }
        let stores = self.stores();
        task::store(move || {
            for store in &stores {
                for session in store.session_list()? {
                    let Some(model) = session.model else { continue };
                    let new = names.iter().find(|(old, _)| model.server.as_ref() == Some(old));
                    if let Some((_, new)) = new {
                        store.session_set_model(session.id, Some(&ModelRef { server: Some(new.clone()), ..model }))?;
                    }
                }
            }
            Ok(())
        })
        .await?;
        self.tell(Event::SessionsChanged);
        Ok(())
    }

    /// Another process may have changed them.
    pub(crate) async fn settings_reload(&self) -> Result<(), WireError> {
        let _turn = self.inner.settings_turn.lock().await;
        let store = self.inner.store.clone();
        let settings = load(&task::store(move || store.setting_all()).await?);
        self.inner.settings.send_if_modified(|current| {
            let changed = *current != settings;
            *current = settings;
            changed
        });
        Ok(())
    }

    /// Saves what differs from the settings in force when this is first polled: what others save meanwhile stands.
    pub(crate) async fn settings_put(&self, settings: Settings) -> Result<(), WireError> {
        let before = self.settings();
        let _turn = self.inner.settings_turn.lock().await;
        let now = self.settings();
        let settings = if now == before { settings } else { merged(&now, &before, settings) };
        let (store, changes) = (self.inner.store.clone(), changes(&now, &settings));
        task::store(move || store.setting_put_all(changes)).await?;
        self.inner.settings.send_replace(settings);
        self.tell(Event::SettingsChanged);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_newer_version_does_not_reset_the_others() {
        let stored = BTreeMap::from([
            ("theme".to_owned(), serde_json::json!("dark")),
            ("audience".to_owned(), serde_json::json!({"of": "tomorrow"})),
            ("unheard_of".to_owned(), serde_json::json!(1)),
            ("bedrock".to_owned(), serde_json::json!({"region": "eu-west-1"})),
        ]);
        let settings = load(&stored);
        assert_eq!(settings.theme, twin_core::settings::Theme::Dark);
        assert_eq!(settings.bedrock.region, "eu-west-1");
        assert_eq!(settings.bedrock.credentials, twin_core::settings::BedrockCredentials::Chain);
        assert_eq!(settings.audience, twin_core::chat::Audience::Owner);
    }

    #[test]
    fn two_changes_of_the_same_settings_both_stand() {
        let before = Settings::default();
        let (mut one, mut other) = (before.clone(), before.clone());
        one.theme = twin_core::settings::Theme::Dark;
        one.sync.paused = true;
        other.text_size = 150;
        other.sync.device_name = "desk".to_owned();
        let both = merged(&one, &before, other);
        assert_eq!((both.theme, both.text_size), (one.theme, 150));
        assert_eq!((both.sync.paused, both.sync.device_name.as_str()), (true, "desk"));
    }

    #[test]
    fn what_one_change_took_out_stays_out() {
        let mut before = Settings::default();
        before.shortcuts.insert("search".to_owned(), "Mod+K".to_owned());
        let (mut one, mut other) = (before.clone(), before.clone());
        one.text_size = 150;
        other.shortcuts.clear();
        let both = merged(&one, &before, other);
        assert_eq!((both.text_size, both.shortcuts.len()), (150, 0));
    }

    #[test]
    fn the_one_server_of_an_older_version_is_the_first_of_the_list() {
        let old = serde_json::json!({"base_url": "https://api.example/v1", "key_secret": "https://api.example x"});
        let settings = load(&BTreeMap::from([("openai".to_owned(), old)]));
        let server = settings.openai.server(None).unwrap();
        assert_eq!(server.base_url, "https://api.example/v1");
        assert_eq!(server.key_secret.as_deref(), Some("https://api.example x"));
    }

    #[test]
    fn a_model_that_was_kept_without_its_server_is_written_down_with_it() {
        let old = serde_json::json!({"provider": "openai", "id": "llama3.2"});
        let mut stored = BTreeMap::from([("model".to_owned(), old)]);
        let settings = load(&stored);
        let [change] = &named_since(&stored, &settings)[..] else { panic!("one change") };
        assert_eq!(change.value.as_ref().unwrap()["server"], "ollama");
        stored.insert("model".to_owned(), change.value.clone().unwrap());
        assert!(named_since(&stored, &settings).is_empty());
    }
}
