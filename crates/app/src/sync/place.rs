//! Where the devices meet, as something that can be asked.

use super::S3Keys;
use super::random::MachineRandom;
use crate::App;
use crate::credential::AwsKeySet;
use crate::error::WireError;
use crate::model::network;
use crate::task;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use twin_connect::bucket::{FolderBucket, S3Auth, S3Bucket, S3Config};
use twin_core::bucket::{Bucket, Outcome, Request};
use twin_core::error::{Code, Failure};
use twin_core::port::Random as _;
use twin_core::settings::{NetworkSettings, S3Credentials, SyncPlace};

/// How often one request is tried.
const MOST_TRIES: u32 = 5;
/// A wait before a second try, in milliseconds: between this and twice as long, and twice that for each further.
const FIRST_WAIT: u64 = 400;

/// Work on a place that is under way.
pub type SettingUp = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// Turns a place into something that keeps objects.
pub trait BucketSource: Send + Sync {
    /// The bucket; nothing is asked of it yet. `keys` are those of [`S3Credentials::Keys`].
    fn open(
        &self,
        place: &SyncPlace,
        keys: Option<&S3Keys>,
        network: &NetworkSettings,
    ) -> Result<Arc<dyn Bucket>, Failure>;

    /// Makes the place one that is used, where that has to be done once. Nothing happens to one that is used already.
    fn set_up(&self, place: &SyncPlace) -> SettingUp;
}

/// The real ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Buckets;

impl BucketSource for Buckets {
    fn open(
        &self,
        place: &SyncPlace,
        keys: Option<&S3Keys>,
        network_settings: &NetworkSettings,
    ) -> Result<Arc<dyn Bucket>, Failure> {
        let (bucket, prefix, region, endpoint_url, path_style, credentials) = match place {
            SyncPlace::Folder { path } => return Ok(Arc::new(FolderBucket::new(path))),
            SyncPlace::S3 { bucket, prefix, region, endpoint_url, path_style, credentials } => {
                (bucket, prefix, region, endpoint_url, path_style, credentials)
            }
        };
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let credentials = match credentials {
            S3Credentials::Chain => S3Auth::Chain,
            S3Credentials::Profile { name } => S3Auth::Profile(name.clone()),
            S3Credentials::Keys => {
                let keys = keys.ok_or_else(no_keys)?;
                S3Auth::Keys {
                    access_key_id: keys.access_key_id.clone(),
                    secret_access_key: keys.secret_access_key.clone(),
                    session_token: keys.session_token.clone(),
                }
            }
        };
        Ok(Arc::new(S3Bucket::new(S3Config {
            bucket: bucket.trim().to_owned(),
            prefix: prefix.trim().to_owned(),
            region: given(region),
            endpoint_url: given(endpoint_url),
            path_style: *path_style,
            credentials,
            network: network(network_settings),
        })))
    }

    fn set_up(&self, place: &SyncPlace) -> SettingUp {
        match place {
            SyncPlace::Folder { path } => {
                let folder = FolderBucket::new(path);
                Box::pin(async move { folder.set_up().await })
            }
            SyncPlace::S3 { .. } => Box::pin(std::future::ready(Ok(()))),
        }
    }
}

fn no_keys() -> Failure {
    Failure::permanent(
        Code::CredentialsMissing,
        "the access keys of the bucket are not in the keychain",
        "Enter them again where syncing is set up.",
    )
}

/// Why there is no answer that says something.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// Nobody answered, or not well; trying later may help.
    Unreachable,
    /// Somebody has to do something.
    Failed(Failure),
}

impl Trouble {
    pub(super) fn to_failure(&self) -> Failure {
        match self {
            Self::Unreachable => unreachable_place(),
            Self::Failed(failure) => failure.clone(),
        }
    }
}

impl From<Trouble> for WireError {
    fn from(trouble: Trouble) -> Self {
        trouble.to_failure().into()
    }
}

pub(super) fn unreachable_place() -> Failure {
    Failure::passing(
        Code::Unreachable,
        "the place where the devices meet does not answer",
        "Check that this device is online. It is tried again by itself.",
    )
}

/// An answer that does not belong to what was asked.
pub(super) fn strange() -> Trouble {
    Trouble::Failed(Failure::permanent(
        Code::ProviderFailed,
        "the place where the devices meet gave an answer that makes no sense",
        "Check its address, and that nothing between it and this device answers in its place.",
    ))
}

/// Asks until there is an answer that says something. The same bytes each time: an answer that was lost may have been a yes.
pub(super) async fn ask(bucket: &Arc<dyn Bucket>, request: Request) -> Result<Outcome, Trouble> {
    for tried in 1..=MOST_TRIES {
        let retry_after = match bucket.ask(request.clone()).await.outcome {
            Outcome::Failed(failure) => return Err(Trouble::Failed(failure)),
            Outcome::Busy { retry_after } => retry_after,
            Outcome::Conflict | Outcome::Lost => None,
            other => return Ok(other),
        };
        if tried < MOST_TRIES {
            back_off(tried, retry_after).await?;
        }
    }
    Err(Trouble::Unreachable)
}

/// With jitter, so that devices which were turned away together do not come back together.
async fn back_off(tried: u32, retry_after: Option<u32>) -> Result<(), Trouble> {
    let mut bytes = [0; 8];
    MachineRandom::new().map_err(|error| Trouble::Failed(error.into()))?.fill(&mut bytes);
    let most = FIRST_WAIT << tried;
    let jittered = Duration::from_millis(most / 2 + u64::from_le_bytes(bytes) % (most / 2));
    tokio::time::sleep(jittered.max(Duration::from_secs(retry_after.unwrap_or(0).into()))).await;
    Ok(())
}

/// Whether our object is there now: it was written, or an earlier try was and its answer was lost.
pub(super) async fn put_if_absent(
    bucket: &Arc<dyn Bucket>,
    name: &str,
    bytes: Vec<u8>,
    put_id: &str,
) -> Result<bool, Trouble> {
    let put = Request::PutIfAbsent { name: name.to_owned(), bytes, put_id: put_id.to_owned() };
    match ask(bucket, put).await? {
        Outcome::Stored { .. } => Ok(true),
        Outcome::Refused => match ask(bucket, Request::Head { name: name.to_owned() }).await? {
            Outcome::Described { put_id: there, .. } => Ok(there.as_deref() == Some(put_id)),
            Outcome::Absent => Ok(false),
            _ => Err(strange()),
        },
        _ => Err(strange()),
    }
}

/// Takes an object away, with everything that the place still keeps of it.
pub(super) async fn take_away(bucket: &Arc<dyn Bucket>, name: &str) -> Result<(), Trouble> {
    ask(bucket, Request::Delete { name: name.to_owned() }).await?;
    ask(bucket, Request::DeleteOldVersions { name: name.to_owned() }).await?;
    Ok(())
}

impl App {
    /// The bucket of the settings. It is kept: connections and credentials take longer than a request.
    pub(super) async fn sync_bucket(&self, place: &SyncPlace) -> Result<Arc<dyn Bucket>, WireError> {
        let (app, place) = (self.clone(), place.clone());
        task::blocking(move || {
            let settings = app.settings();
            let of = (place, settings.network.clone(), settings.sync.keys_secret.clone());
            let mut kept = app.inner.sync.bucket.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, bucket)) = kept.as_ref().filter(|(known, _)| *known == of) {
                return Ok(Arc::clone(bucket));
            }
            let keys = app.sync_kept_keys(&of.0)?;
            let bucket = app.inner.buckets.open(&of.0, keys.as_ref(), &of.1)?;
            *kept = Some((of, Arc::clone(&bucket)));
            Ok(bucket)
        })
        .await?
        .map_err(|failure: Failure| failure.into())
    }

    /// The access keys in the keychain, if that place wants any.
    fn sync_kept_keys(&self, place: &SyncPlace) -> Result<Option<S3Keys>, Failure> {
        let SyncPlace::S3 { credentials: S3Credentials::Keys, .. } = place else { return Ok(None) };
        let Some(name) = self.settings().sync.keys_secret else { return Ok(None) };
        let item = self.inner.keys.get(&name)?;
        let keys = item.as_ref().and_then(AwsKeySet::parse).ok_or_else(no_keys)?;
        Ok(Some(S3Keys {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: keys.session_token,
        }))
    }

    /// A bucket that is not in the settings yet, with the keys that were given, or those that are in the keychain.
    pub(super) async fn sync_bucket_given(
        &self,
        place: &SyncPlace,
        keys: Option<S3Keys>,
    ) -> Result<Arc<dyn Bucket>, WireError> {
        let (app, place) = (self.clone(), place.clone());
        let opened = task::blocking(move || {
            let kept = if keys.is_none() { app.sync_kept_keys(&place)? } else { None };
            app.inner.buckets.open(&place, keys.as_ref().or(kept.as_ref()), &app.settings().network)
        });
        Ok(opened.await??)
    }
}
