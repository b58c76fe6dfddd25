//! AWS seen from the settings: profiles, whose credentials are used, signing in, and the test of the connection.

use crate::error::WireError;
use crate::model::is_used;
use crate::{App, task};
use futures_util::StreamExt as _;
use std::sync::PoisonError;
use tokio::sync::watch;
use twin_connect::bedrock::{self, BedrockModel, sign_in};
use twin_core::catalogue::{AwsIdentity, AwsProfile, SignIn, TestEvent};
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::model::{ModelRef, Provider};
use twin_core::settings::BedrockCredentials;

/// A sign-in that waits for the person in their browser.
pub struct PendingSignIn {
    pending: sign_in::Pending,
    cancelled: watch::Receiver<bool>,
}

impl PendingSignIn {
    /// Where to go, and what is shown there.
    pub fn shown(&self) -> SignIn {
        self.pending.shown()
    }
}

/// The profiles of the AWS files.
pub async fn profiles() -> Result<Vec<AwsProfile>, WireError> {
    Ok(bedrock::profiles().await?)
}

impl App {
    /// Whose credentials Bedrock is asked with, by the settings. Asks the credentials' own source, but not Bedrock.
    pub async fn aws_identity(&self) -> Result<AwsIdentity, WireError> {
        Ok(self.bedrock_client().await?.identity().await?)
    }

    /// The least that an AWS identity must be allowed, as a policy to copy.
    pub async fn aws_policy(&self) -> Result<String, WireError> {
        let (settings, identity) = (self.settings(), self.aws_identity().await);
        // Whoever has no credentials yet may copy it all the same.
        let region = identity.map_or(settings.bedrock.region, |identity| identity.region);
        let with_api_key = settings.bedrock.credentials == BedrockCredentials::ApiKey;
        Ok(bedrock::policy(if region.is_empty() { "*" } else { &region }, &[], with_api_key))
    }

    /// Begins to sign in. A sign-in that is still waiting is given up.
    pub async fn aws_sign_in(&self, profile: &str) -> Result<PendingSignIn, WireError> {
        self.aws_sign_in_cancel();
        let network = self.network();
        let pending = sign_in::begin(profile, &network).await?;
        let (sender, cancelled) = watch::channel(false);
        *self.inner.signing_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        Ok(PendingSignIn { pending, cancelled })
    }

    /// Waits until the person has signed in, or gives it up.
    pub async fn aws_sign_in_finish(&self, sign_in: PendingSignIn) -> Result<(), WireError> {
        let PendingSignIn { pending, mut cancelled } = sign_in;
        tokio::select! {
            signed_in = pending.finish() => signed_in?,
            // It fails only when another sign-in took this one's place.
            _ = cancelled.wait_for(|cancelled| *cancelled) => {
                return Err(Failure::permanent(Code::SignInExpired, "signing in was given up", "Sign in again.").into());
            }
        }
        self.forget_clients().await;
        self.tell(Event::CredentialsChanged);
        Ok(())
    }

    /// Gives up the sign-in that is waiting.
    pub fn aws_sign_in_cancel(&self) {
        if let Some(waiting) = self.inner.signing_in.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waiting.send_replace(true);
        }
    }

    /// Tries the connection step by step: whose credentials, which models, one short answer. Steps are told as they end;
    /// after one that failed the rest is tried all the same, because the lists may be forbidden where answers are not.
    pub async fn bedrock_test(
        &self,
        model: Option<ModelRef>,
        mut tell: impl FnMut(TestEvent),
    ) -> Result<(), WireError> {
        let chosen = model.or_else(|| self.settings().model).filter(|model| model.provider == Provider::Bedrock);
        let client = self.bedrock_client().await?;
        let mut steps = Box::pin(client.trial(chosen.as_ref().map(|model| model.id.as_str())));
        while let Some(event) = steps.next().await {
            tell(event);
        }
        Ok(())
    }

    /// The AWS files, or somebody's sign-in, changed since this was last asked.
    pub(crate) async fn notice_aws_files(&self, before: &mut Option<u64>) {
        if !is_used(Provider::Bedrock, &self.settings()) {
            return;
        }
        let Ok(now) = task::blocking(bedrock::files_fingerprint).await else { return };
        if before.is_some_and(|before| before != now) {
            self.forget_clients().await;
            self.tell(Event::CredentialsChanged);
        }
        *before = Some(now);
    }

    pub(crate) async fn bedrock_client(&self) -> Result<BedrockModel, Failure> {
        let app = self.clone();
        task::blocking(move || app.inner.providers.bedrock(&app.settings(), &app.inner.keys)).await?
    }
}
