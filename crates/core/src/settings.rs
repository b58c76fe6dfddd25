//! Settings: defaults compiled in with their reasons, the store holds only what differs, unknown keys are kept.
//!
//! They live in the store and not in a file of their own so that the window and the command line see one truth, kept
//! as durably as everything else, and so that those which are not of one device can travel with the log.

use crate::chat::Audience;
use crate::model::{Effort, ModelRef, Reach};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// The language of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub enum Language {
    /// As the desktop has it, if it is one of these.
    #[default]
    #[serde(rename = "system")]
    System,
    /// English.
    #[serde(rename = "en")]
    English,
    /// German.
    #[serde(rename = "de")]
    German,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Simplified Chinese.
    #[serde(rename = "zh-Hans")]
    ChineseSimplified,
    /// Arabic.
    #[serde(rename = "ar")]
    Arabic,
}

/// What sends a message; the other of the two begins a new line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum SendKey {
    /// Enter; Shift-Enter begins a new line.
    #[default]
    Enter,
    /// Ctrl-Enter (on a Mac also Cmd-Enter); Enter begins a new line.
    CtrlEnter,
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
    /// The Bedrock API key in the keychain, sent as a bearer token.
    ApiKey,
}

/// What AWS calls the service tier: how a request is queued and charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// As AWS does by itself: nothing is sent.
    #[default]
    Unset,
    /// Before others, at a higher price.
    Priority,
    /// After others, at a lower price.
    Flex,
    /// From the account's reserved capacity.
    Reserved,
}

/// A guardrail of the AWS account that every request passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Guardrail {
    /// Its id or ARN.
    pub id: String,
    /// `DRAFT` or a number.
    pub version: String,
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
    /// Overrides the address of `bedrock-runtime`, which answers; empty for AWS itself.
    pub endpoint_url: String,
    /// Overrides the address of `bedrock`, which lists the models; empty for AWS itself.
    pub control_endpoint_url: String,
    /// Name in the keychain of the access keys; none while none were given. Never a value.
    pub keys_secret: Option<String>,
    /// Name in the keychain of the API key; none while none was given. Never a value.
    pub api_key_secret: Option<String>,
    /// How widely requests may travel.
    pub reach: Reach,
    /// None: no guardrail of ours.
    pub guardrail: Option<Guardrail>,
    /// How requests are queued and charged.
    pub service_tier: ServiceTier,
    /// Ask for AWS's latency-optimised machines.
    pub low_latency: bool,
}

/// How providers are reached from this machine. Local to the device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct NetworkSettings {
    /// `http://proxy:3128`; empty: as the environment says. Never asked for what is on this machine.
    pub proxy: String,
    /// A PEM file with certificates to trust beside the system's; empty: none.
    pub ca_file: String,
}

/// A server that speaks the OpenAI protocol. Local to the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenaiServer {
    /// How [`ModelRef::server`] calls it.
    pub name: String,
    /// Up to and including the version, without a slash at the end.
    pub base_url: String,
    /// Name in the keychain of this server's key; none where it needs none. Never a value.
    pub key_secret: Option<String>,
}

/// The servers that speak the OpenAI protocol.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct OpenaiSettings {
    /// Never empty; the first is meant where none is named.
    pub servers: Vec<OpenaiServer>,
}

impl OpenaiSettings {
    /// The server of that name; none: the first.
    pub fn server(&self, name: Option<&str>) -> Option<&OpenaiServer> {
        match name {
            Some(name) => self.servers.iter().find(|server| server.name == name),
            None => self.servers.first(),
        }
    }
}

impl Default for OpenaiSettings {
    fn default() -> Self {
        // Ollama's own default: the commonest local server, and nothing leaves the machine.
        let ollama = "http://127.0.0.1:11434/v1".to_owned();
        Self { servers: vec![OpenaiServer { name: "ollama".to_owned(), base_url: ollama, key_secret: None }] }
    }
}

/// What turns texts into vectors, by which recall compares meanings. Local to the device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EmbedderChoice {
    /// The model that is part of the program: nothing leaves the device.
    #[default]
    Embedded,
    /// A model of Amazon Bedrock: every message and memory is sent there once.
    Bedrock {
        /// Its id, `amazon.titan-embed-text-v2:0`.
        model: String,
    },
    /// A model of an OpenAI-compatible server: every message and memory is sent there once.
    Openai {
        /// The server's name; none: the first.
        server: Option<String>,
        /// The model, `nomic-embed-text`.
        model: String,
    },
}

/// `embedded`, or the model as elsewhere: vectors of two models cannot be compared, and are told apart by it.
impl std::fmt::Display for EmbedderChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Bedrock { model } => write!(f, "bedrock:{model}"),
            Self::Openai { server: None, model } => write!(f, "openai:{model}"),
            Self::Openai { server: Some(server), model } => write!(f, "openai@{server}:{model}"),
        }
    }
}

/// Who asks for objects in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum S3Credentials {
    /// The standard AWS chain: environment, profile files, container, instance.
    #[default]
    Chain,
    /// A profile of the AWS configuration files.
    Profile {
        /// Its name.
        name: String,
    },
    /// The access keys that [`SyncSettings::keys_secret`] names in the keychain.
    Keys,
}

/// Where the owner's devices meet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SyncPlace {
    /// A bucket of Amazon S3, or of a service that speaks like it.
    S3 {
        /// Its name.
        bucket: String,
        /// What every object's name begins with; empty: nothing.
        prefix: String,
        /// Empty: as the standard chain says, or `us-east-1` at an endpoint of one's own.
        region: String,
        /// The address of another service; empty: AWS itself.
        endpoint_url: String,
        /// Whether the bucket's name stands in the path and not in the host's name.
        path_style: bool,
        /// Who asks.
        credentials: S3Credentials,
    },
    /// A folder: a mounted drive, or one that another program carries between machines.
    Folder {
        /// Absolute.
        path: String,
    },
}

/// How this device syncs. Local to the device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct SyncSettings {
    /// None: this device does not sync.
    pub place: Option<SyncPlace>,
    /// As the owner calls this device.
    pub device_name: String,
    /// Whether it rests until the owner says otherwise.
    pub paused: bool,
    /// Name in the keychain of the bucket's access keys; none while none were given. Never a value.
    pub keys_secret: Option<String>,
    /// Name in the keychain of the keys by which this device reads and signs; none while it never synced. Never a value.
    pub device_secret: Option<String>,
}

/// Every setting, defaults filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Settings {
    /// Who answers; none until the person has chosen, which is when the first-run screen is shown.
    pub model: Option<ModelRef>,
    /// Light, dark or system.
    pub theme: Theme,
    /// The language of the window; what the twin speaks follows the conversation.
    pub language: Language,
    /// Size of all text in percent of the usual, 80 to 200.
    pub text_size: u16,
    /// What sends a message.
    pub send_key: SendKey,
    /// Shortcuts that the owner changed: the action's name, and the keys as `Mod+Shift+K`; empty keys: none.
    pub shortcuts: BTreeMap<String, String>,
    /// The keys that show the quick window from anywhere, as `Ctrl+Alt+Space`; empty: none.
    pub quick_keys: String,
    /// Whether an icon in the tray keeps the program at hand when its window is closed.
    pub tray: bool,
    /// Whether what would reach the network by itself rests: titles by the model, learning, vectors from a service.
    pub background_paused: bool,
    /// Whether the model that answered also finds a title for a new session.
    pub titles_by_model: bool,
    /// Amazon Bedrock.
    pub bedrock: BedrockSettings,
    /// OpenAI-compatible servers.
    pub openai: OpenaiSettings,
    /// Proxy and certificates.
    pub network: NetworkSettings,
    /// How much models should think.
    pub effort: Effort,
    /// Whether models may look further into the memory by themselves.
    pub recall_tool: bool,
    /// Whether answers show where what they say of the owner comes from.
    pub provenance_marks: bool,
    /// Whether the model that answered is also asked what there is to remember.
    pub learn: bool,
    /// Tokens that learning may use in a calendar month; none: as many as it takes.
    pub learn_tokens_month: Option<u32>,
    /// What turns texts into vectors.
    pub embedder: EmbedderChoice,
    /// Who answers when the chosen model cannot, in order.
    pub fallback: Vec<ModelRef>,
    /// Whether the next of the list is taken without asking.
    pub fallback_by_itself: bool,
    /// Models that were chosen lately, the newest first.
    pub models_recent: Vec<ModelRef>,
    /// Models whose ids were typed by hand.
    pub models_typed: Vec<ModelRef>,
    /// Where and how this device syncs.
    pub sync: SyncSettings,
    /// The persona folder, if not `persona/` inside the home.
    pub persona_folder: Option<String>,
    /// The folder that is watched for session files; none: they come in only when they are chosen.
    pub import_folder: Option<String>,
    /// The audience that the window showed last.
    pub audience: Audience,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: None,
            theme: Theme::default(),
            language: Language::default(),
            text_size: 100,
            send_key: SendKey::default(),
            shortcuts: BTreeMap::new(),
            // A key taken from every other program is the owner's choice.
            quick_keys: String::new(),
            // A program that lives on after its window is closed is a choice, too.
            tray: false,
            background_paused: false,
            // It was just sent the same words.
            titles_by_model: true,
            bedrock: BedrockSettings::default(),
            openai: OpenaiSettings::default(),
            network: NetworkSettings::default(),
            effort: Effort::default(),
            // It reads what the conversation may hear anyway, and nothing leaves the device by it.
            recall_tool: true,
            provenance_marks: true,
            // It was just sent the same words.
            learn: true,
            learn_tokens_month: None,
            embedder: EmbedderChoice::default(),
            fallback: Vec::new(),
            // Another provider would read the conversation: the owner says so first.
            fallback_by_itself: false,
            models_recent: Vec::new(),
            models_typed: Vec::new(),
            sync: SyncSettings::default(),
            persona_folder: None,
            // What lies in a folder is taken in only once the owner has said so.
            import_folder: None,
            audience: Audience::default(),
        }
    }
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
            "theme" | "language" | "send_key" | "titles_by_model" | "learn" => Scope::Synced,
            _ => Scope::Device,
        }
    }
}
