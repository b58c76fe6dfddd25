//! Settings: defaults compiled in with their reasons, the store holds only what differs, unknown keys are kept.
//!
//! They live in the store and not in a file of their own so that the window and the command line see one truth, kept
//! as durably as everything else, and so that those which are not of one device can travel with the log.

use crate::chat::Audience;
use crate::model::ModelRef;
use serde::{Deserialize, Serialize};

/// Light, dark, or as the desktop has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the desktop has it.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// Where the AWS credentials come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum BedrockCredentials {
    /// The standard chain: environment, profile files, container, instance.
    #[default]
    Chain,
    /// The profile named in [`BedrockSettings::profile`].
    Profile,
    /// The access keys in the keychain.
    Keys,
}

/// How to reach Amazon Bedrock. Local to the device: regions and profiles differ from machine to machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct BedrockSettings {
    /// Empty: as the standard chain says (`AWS_REGION`, profile).
    pub region: String,
    /// Where the credentials come from.
    pub credentials: BedrockCredentials,
    /// Name of a profile in the AWS configuration files.
    pub profile: String,
    /// Overrides the service's address; empty for AWS itself.
    pub endpoint_url: String,
    /// Name in the keychain of the access keys; none while none were given. Never a value.
    pub keys_secret: Option<String>,
}

/// How to reach a server that speaks the OpenAI protocol. Local to the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenaiSettings {
    /// Up to and including the version, without a slash at the end.
    pub base_url: String,
    /// Name in the keychain of this server's key; none where it needs none. Never a value.
    pub key_secret: Option<String>,
}

impl Default for OpenaiSettings {
    fn default() -> Self {
        // Ollama's own default: the commonest local server, and nothing leaves the machine.
        Self { base_url: "http://127.0.0.1:11434/v1".to_owned(), key_secret: None }
    }
}

/// Every setting, defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Settings {
    /// Who answers; none until the person has chosen, which is when the first-run screen is shown.
    pub model: Option<ModelRef>,
    /// Light, dark or system.
    pub theme: Theme,
    /// Amazon Bedrock.
    pub bedrock: BedrockSettings,
    /// OpenAI-compatible servers.
    pub openai: OpenaiSettings,
    /// The persona folder, if not `persona/` inside the home.
    pub persona_folder: Option<String>,
    /// The audience that the window showed last.
    pub audience: Audience,
}

/// Whether a setting travels with the log or stays on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Goes through the record log.
    Synced,
    /// Stays here: paths, addresses and credentials' names mean nothing elsewhere.
    Device,
}

impl Settings {
    /// The scope of a top-level key. Unknown keys stay on the device.
    pub fn scope(key: &str) -> Scope {
        match key {
            "theme" => Scope::Synced,
            _ => Scope::Device,
        }
    }
}
