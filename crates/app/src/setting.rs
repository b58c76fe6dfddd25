//! Settings: defaults overlaid with what the store holds.

use crate::error::WireError;
use crate::{App, task};
use serde::Deserialize as _;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use twin_core::event::Event;
use twin_core::settings::Settings;
use twin_store::SettingChange;

/// The settings in force. A value that this version cannot read (a newer one wrote it) is left alone in the store and
/// the default is used.
pub(crate) fn load(stored: &BTreeMap<String, Value>) -> Settings {
    let mut known = Value::Object(fields(&Settings::default()));
    for (key, value) in stored {
        let mut with = known.clone();
        overlay(&mut with, &Value::Object(Map::from_iter([(key.clone(), value.clone())])));
        if Settings::deserialize(&with).is_ok() {
            known = with;
        }
    }
    Settings::deserialize(&known).unwrap_or_default()
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

    /// Saves the settings that differ. Names of secrets are kept by [`App::credentials_save`] and not taken from here.
    pub async fn settings_save(&self, mut settings: Settings) -> Result<Settings, WireError> {
        let before = self.settings();
        let base_url = settings.openai.base_url.trim();
        settings.openai.base_url = base_url.trim_end_matches('/').to_owned();
        settings.bedrock.keys_secret.clone_from(&before.bedrock.keys_secret);
        settings.openai.key_secret = self.key_for_server(&before.openai, &settings.openai.base_url).await?;
        let moved = before.persona_folder != settings.persona_folder;
        self.settings_put(settings).await?;
        if moved {
            self.persona_reload().await?;
        }
        Ok(self.settings())
    }

    /// Another process may have changed them.
    pub(crate) async fn settings_reload(&self) -> Result<(), WireError> {
        let store = self.inner.store.clone();
        let settings = load(&task::store(move || store.setting_all()).await?);
        self.inner.settings.send_if_modified(|current| {
            let changed = *current != settings;
            *current = settings;
            changed
        });
        Ok(())
    }

    pub(crate) async fn settings_put(&self, settings: Settings) -> Result<(), WireError> {
        let (store, changes) = (self.inner.store.clone(), changes(&self.settings(), &settings));
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
}
