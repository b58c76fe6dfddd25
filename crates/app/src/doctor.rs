//! Whether everything that the twin stands on is in order, and what to do where it is not.

use crate::error::WireError;
use crate::model::Server;
use crate::paths::Paths;
use crate::{App, task};
use serde::Serialize;
use twin_core::error::Failure;
use twin_core::model::{ModelRef, Provider};
use twin_core::port::SecretsStatus;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// In order.
    Ok,
    /// Works, but the owner should know.
    Notice,
    /// Something does not work.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub detail: String,
    /// What to do; empty where nothing is to be done.
    pub hint: String,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, health: Health::Ok, detail: detail.into(), hint: String::new() }
    }

    fn failed(name: &'static str, failure: Failure) -> Self {
        Self { name, health: Health::Failed, detail: failure.message, hint: failure.hint }
    }
}

/// Looks at everything. `app` is what opening the home gave: a home that does not open is a finding, too.
pub async fn examine(paths: &Paths, app: Result<App, WireError>) -> Vec<Check> {
    let mut checks = vec![
        Check::ok("version", format!("Digital Twin {}", env!("CARGO_PKG_VERSION"))),
        Check::ok("home", paths.home().display().to_string()),
    ];
    match app {
        Err(error) => checks.push(Check::failed("store", error.into())),
        Ok(app) => {
            checks.push(app.check_store().await);
            checks.push(app.check_persona());
            checks.push(app.check_keychain().await);
            checks.extend(app.check_models().await);
        }
    }
    checks
}

impl App {
    async fn check_store(&self) -> Check {
        let store = self.inner.store.clone();
        match task::store(move || store.info()).await {
            Err(error) => Check::failed("store", error.into()),
            Ok(info) => Check::ok(
                "store",
                format!(
                    "{}: format {}, SQLite {}, {} sessions, {} messages, {:.1} MB",
                    info.path.display(),
                    info.schema_version,
                    info.sqlite_version,
                    info.sessions,
                    info.messages,
                    megabytes(info.bytes),
                ),
            ),
        }
    }

    fn check_persona(&self) -> Check {
        let view = self.persona_view();
        let problems: Vec<_> = view.files.iter().filter_map(|file| file.problem.as_ref()).collect();
        let detail = format!("{}: {} files", view.folder, view.files.len());
        let missing: Vec<_> = view.missing.iter().map(|file| file.path.as_str()).collect();
        if let Some(first) = problems.first() {
            return Check {
                name: "persona",
                health: Health::Failed,
                detail: format!("{detail}, {} with problems; {}: {}", problems.len(), first.path, first.message),
                hint: first.hint.clone(),
            };
        }
        if missing.is_empty() {
            return Check::ok("persona", detail);
        }
        Check {
            name: "persona",
            health: Health::Notice,
            detail: format!("{detail}; not there: {}", missing.join(", ")),
            hint: "Add them to the folder, or on the Persona screen.".to_owned(),
        }
    }

    async fn check_keychain(&self) -> Check {
        let app = self.clone();
        match task::blocking(move || app.inner.keys.status()).await {
            Err(error) => Check::failed("keychain", error.into()),
            Ok(SecretsStatus::Keychain) => Check::ok("keychain", "there and open"),
            Ok(SecretsStatus::Locked) => Check {
                name: "keychain",
                health: Health::Notice,
                detail: "there, but locked".to_owned(),
                hint: "Unlock it in your desktop's password program; until then keys are kept for one session only."
                    .to_owned(),
            },
            Ok(SecretsStatus::SessionOnly) => Check {
                name: "keychain",
                health: Health::Notice,
                detail: "there is none: keys are kept for one session only".to_owned(),
                hint: "On Linux, install and start gnome-keyring or KWallet.".to_owned(),
            },
        }
    }

    async fn check_models(&self) -> Vec<Check> {
        let model = self.model_default();
        let mut checks = vec![Check::ok("model", format!("{model} answers"))];
        let state = match model.provider {
            Provider::Offline => None,
            Provider::Bedrock => Some((
                "bedrock",
                self.aws_identity().await.map(|identity| format!("{}, {}", identity.region, identity.source)),
            )),
            Provider::Openai => Some(("openai", self.check_server(&model).await)),
        };
        checks.extend(state.map(|(name, state)| match state {
            Ok(detail) => Check::ok(name, detail),
            Err(error) => Check::failed(name, error.into()),
        }));
        checks
    }

    async fn check_server(&self, model: &ModelRef) -> Result<String, WireError> {
        let settings = self.settings();
        let Some(server) = settings.openai.server(model.server.as_deref()) else {
            return Err(crate::model::no_such_server(model).into());
        };
        let models = self.server_models(Server { base_url: server.base_url.clone(), key: None }).await?;
        Ok(format!("{} models at {}", models.len(), server.base_url))
    }
}

fn megabytes(bytes: u64) -> f64 {
    // Exact up to 2^53 bytes, which no disk holds.
    #[expect(clippy::cast_precision_loss, reason = "a figure for the eye")]
    let bytes = bytes as f64;
    bytes / 1_000_000.0
}
