//! A bucket of Amazon S3, or of a service that speaks like it.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>,
//! conditions: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.

mod connection;
mod failure;
mod heard;
mod key;
mod policy;
mod version;

use crate::bedrock::files_fingerprint;
use crate::network::Network;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use connection::Connection;
use failure::{Subject, lacking_etag};
use heard::Heard;
use key::Prefix;
pub use policy::policy;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::timeout;
use twin_core::bucket::{Answer, Bucket, ETag, LARGEST_OBJECT, Outcome, Pending, Preparing, Request};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

/// How long to wait for an answer to begin, or for its next piece.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second of the slowest line on which an upload is still waited for.
const SLOWEST: u64 = 16 << 10;
/// What S3 calls the metadata `x-amz-meta-put-id`.
const PUT_ID: &str = "put-id";

/// Which bucket, and who asks.
#[derive(Clone, Default)]
pub struct S3Config {
    /// Its name.
    pub bucket: String,
    /// What every key begins with, before a `/`. Empty: nothing.
    pub prefix: String,
    /// For example `eu-west-1`. None: what the AWS environment says; at an endpoint of one's own, else `us-east-1`,
    /// which services that know no regions take.
    pub region: Option<String>,
    /// Where another service is, for example `https://s3.example`. None: what the AWS environment says
    /// (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, the profile's `endpoint_url`), else AWS.
    pub endpoint_url: Option<String>,
    /// The bucket's name in the path and not in the host's name. Services at home and in tests want it, AWS does not.
    pub path_style: bool,
    /// Who asks.
    pub credentials: S3Auth,
    /// How to get out of this machine.
    pub network: Network,
}

/// An endpoint's address may hold a password.
impl fmt::Debug for S3Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint_url.as_deref().map(crate::bedrock::identity::origin);
        f.debug_struct("S3Config")
            .field("bucket", &self.bucket)
            .field("prefix", &self.prefix)
            .field("region", &self.region)
            .field("endpoint_url", &endpoint)
            .field("path_style", &self.path_style)
            .field("credentials", &self.credentials)
            .field("network", &self.network)
            .finish()
    }
}

/// Where the credentials come from.
#[derive(Debug, Clone, Default)]
pub enum S3Auth {
    /// The standard AWS chain: environment, profile, single sign-on, container, instance.
    #[default]
    Chain,
    /// This profile of `~/.aws` and nothing else.
    Profile(String),
    /// These keys and nothing else.
    Keys {
        /// `AKIA…` or `ASIA…` at AWS.
        access_key_id: Secret<String>,
        /// Its secret half.
        secret_access_key: Secret<String>,
        /// With temporary keys only.
        session_token: Option<Secret<String>>,
    },
}

/// An S3 bucket as a [`Bucket`]. A cheap clone; its connections and credentials are shared.
#[derive(Debug, Clone)]
pub struct S3Bucket(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: S3Config,
    patience: Duration,
    /// Made at the first request, and again after credentials failed or the AWS files changed, so that signing in again
    /// needs no restart.
    connection: Mutex<Option<(u64, Connection)>>,
}

impl S3Bucket {
    /// Reads nothing yet: the AWS environment is read at the first request.
    pub fn new(config: S3Config) -> Self {
        Self::with_patience(config, PATIENCE)
    }

    /// As [`S3Bucket::new`], with another time (default 30 s) after which an answer that does not begin or go on is lost.
    /// An upload has the time that its bytes take on a very slow line besides.
    pub fn with_patience(config: S3Config, patience: Duration) -> Self {
        Self(Arc::new(Inner { config, patience, connection: Mutex::default() }))
    }
}

impl Bucket for S3Bucket {
    fn ask(&self, request: Request) -> Pending {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.ask(request).await })
    }

    fn prepare(&self) -> Preparing {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { drop(inner.connection().await) })
    }
}

impl Inner {
    async fn ask(&self, request: Request) -> Answer {
        let connection = match self.connection().await {
            Ok(connection) => connection,
            Err(failure) => return Answer { outcome: Outcome::Failed(failure), date: None },
        };
        let exchange = Exchange { connection, heard: Heard::default(), patience: self.patience, request: &request };
        let outcome = exchange.outcome().await.unwrap_or_else(|outcome| outcome);
        if let Outcome::Failed(failure) = &outcome {
            tracing::debug!(code = ?failure.code, request_id = exchange.heard.request_id(), "the bucket refused");
            // Somebody may sign in meanwhile.
            if matches!(failure.code, Code::CredentialsMissing | Code::CredentialsRejected | Code::SignInExpired) {
                *self.connection.lock().await = None;
            }
        }
        Answer { outcome, date: exchange.heard.date() }
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        let mut slot = self.connection.lock().await;
        let fingerprint = files_fingerprint();
        if let Some((_, connection)) = slot.as_ref().filter(|(made, _)| *made == fingerprint) {
            return Ok(connection.clone());
        }
        let connection = Connection::open(&self.config).await?;
        Ok(slot.insert((fingerprint, connection)).1.clone())
    }
}

/// One request and what was heard of its answers.
struct Exchange<'a> {
    connection: Connection,
    heard: Heard,
    patience: Duration,
    request: &'a Request,
}

/// `customize` and an interceptor for each operation: the builders of the SDK share no trait.
macro_rules! send {
    ($exchange:expr, $operation:expr) => {
        $exchange.answer($exchange.patience, $operation.customize().interceptor($exchange.heard.clone()).send())
    };
    ($exchange:expr, $limit:expr, $operation:expr) => {
        $exchange.answer($limit, $operation.customize().interceptor($exchange.heard.clone()).send())
    };
}
use send;

impl Exchange<'_> {
    /// `Err` where there was no answer that says yes.
    async fn outcome(&self) -> Result<Outcome, Outcome> {
        let Connection { client, bucket, prefix, .. } = &self.connection;
        let key = prefix.key(self.request.name());
        match self.request {
            Request::PutIfAbsent { bytes, put_id, .. } => self.put(bytes, put_id, None).await,
            Request::PutIfMatch { bytes, put_id, etag, .. } => self.put(bytes, put_id, Some(etag)).await,
            Request::Get { .. } => self.get(key).await,
            Request::Head { .. } => {
                let head = send!(self, client.head_object().bucket(&**bucket).key(key)).await?;
                let etag = self.etag(head.e_tag)?;
                Ok(Outcome::Described { etag, put_id: head.metadata.and_then(|mut kept| kept.remove(PUT_ID)) })
            }
            Request::List { after, .. } => self.list(prefix, after.as_deref()).await,
            Request::Delete { .. } => {
                send!(self, client.delete_object().bucket(&**bucket).key(key)).await?;
                Ok(Outcome::Deleted)
            }
            Request::DeleteOldVersions { .. } => self.delete_old_versions(&key).await,
        }
    }

    async fn put(&self, bytes: &[u8], put_id: &str, over: Option<&ETag>) -> Result<Outcome, Outcome> {
        let Connection { client, bucket, prefix, .. } = &self.connection;
        let limit = self.patience + Duration::from_secs(u64::try_from(bytes.len()).unwrap_or(u64::MAX) / SLOWEST);
        let put = client
            .put_object()
            .bucket(&**bucket)
            .key(prefix.key(self.request.name()))
            .content_type("application/octet-stream")
            .metadata(PUT_ID, put_id)
            .body(ByteStream::from(bytes.to_vec()));
        let put = match over {
            None => put.if_none_match("*"),
            Some(etag) => put.if_match(&etag.0),
        };
        let stored = send!(self, limit, put).await?;
        Ok(Outcome::Stored { etag: self.etag(stored.e_tag)? })
    }

    async fn get(&self, key: String) -> Result<Outcome, Outcome> {
        let Connection { client, bucket, .. } = &self.connection;
        let found = send!(self, client.get_object().bucket(&**bucket).key(key)).await?;
        let etag = self.etag(found.e_tag)?;
        let (mut body, mut bytes) = (found.body, Vec::new());
        while let Some(piece) = timeout(self.patience, body.next()).await.map_err(|_| Outcome::Lost)? {
            bytes.extend_from_slice(&piece.map_err(|_| Outcome::Lost)?);
            if bytes.len() > LARGEST_OBJECT {
                return Ok(Outcome::Found { bytes, etag });
            }
        }
        let is_whole = found.content_length.is_none_or(|length| usize::try_from(length) == Ok(bytes.len()));
        if is_whole { Ok(Outcome::Found { bytes, etag }) } else { Err(Outcome::Lost) }
    }

    async fn list(&self, prefix: &Prefix, after: Option<&str>) -> Result<Outcome, Outcome> {
        let Connection { client, bucket, .. } = &self.connection;
        let list = client
            .list_objects_v2()
            .bucket(&**bucket)
            .prefix(prefix.key(self.request.name()))
            .set_start_after(after.map(|after| prefix.key(after)))
            // XML cannot hold every character that a key may have.
            .encoding_type(EncodingType::Url)
            .max_keys(1_000);
        let listed = send!(self, list).await?;
        let is_encoded = listed.encoding_type == Some(EncodingType::Url);
        let keys = listed.contents.unwrap_or_default().into_iter().filter_map(|object| object.key);
        let keys = keys.map(|key| if is_encoded { key::decoded(&key) } else { key });
        let names = keys.filter_map(|key| prefix.name(&key).map(str::to_owned)).collect();
        Ok(Outcome::Listed { names, more: listed.is_truncated.unwrap_or(false) })
    }

    /// What came of one HTTP request, which has `limit` to be answered.
    async fn answer<T, E: ProvideErrorMetadata + Error + 'static>(
        &self,
        limit: Duration,
        sent: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Outcome> {
        match timeout(limit, sent).await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(error)) => Err(failure::outcome(&error, &self.subject())),
            Err(_) => Err(Outcome::Lost),
        }
    }

    fn subject(&self) -> Subject<'_> {
        let Connection { bucket, place, profile, .. } = &self.connection;
        Subject { request: self.request, bucket, place, profile: profile.as_deref() }
    }

    /// Every success of S3 carries one; a sign-in page of a hotel does not.
    fn etag(&self, etag: Option<String>) -> Result<ETag, Outcome> {
        etag.map(ETag).ok_or_else(|| Outcome::Failed(lacking_etag(&self.subject())))
    }
}
