//! A real folder, and a bucket over it that does what it is told to do wrong.

use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use twin_app::sync::{BucketSource, Buckets, S3Keys, SettingUp, SyncSetup};
use twin_core::bucket::{Answer, Bucket, Outcome, Pending, Request};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;
use twin_core::settings::{NetworkSettings, S3Credentials, SyncPlace};

/// What is wrong with the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Wrong {
    Nothing,
    /// It writes where something is.
    Overwrites,
    /// Nobody answers.
    Silent,
    /// Every second answer is lost after it was done.
    LosesAnswers,
    /// It refuses everything.
    Forbids,
}

pub(super) struct Folder {
    root: TempDir,
    wrong: Arc<AtomicU8>,
    asked: Arc<AtomicU32>,
    written: Arc<AtomicU32>,
}

impl Folder {
    pub(super) fn new() -> Self {
        let wrong = Arc::new(AtomicU8::new(Wrong::Nothing as u8));
        Self { root: TempDir::new().unwrap(), wrong, asked: Arc::default(), written: Arc::default() }
    }

    pub(super) fn path(&self) -> &Path {
        self.root.path()
    }

    pub(super) fn goes_wrong(&self, wrong: Wrong) {
        self.wrong.store(wrong as u8, Ordering::SeqCst);
    }

    /// Requests until now.
    pub(super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// How many of them wrote.
    pub(super) fn written(&self) -> u32 {
        self.written.load(Ordering::SeqCst)
    }

    pub(super) fn source(&self) -> Box<dyn BucketSource> {
        let (wrong, asked, written) = (Arc::clone(&self.wrong), Arc::clone(&self.asked), Arc::clone(&self.written));
        Box::new(Source { wrong, asked, written })
    }

    pub(super) fn setup(&self, device_name: &str) -> SyncSetup {
        let path = self.path().to_str().unwrap().to_owned();
        SyncSetup { place: SyncPlace::Folder { path }, keys: None, device_name: device_name.to_owned() }
    }

    /// The files of the folder by their names, with how they begin in a path.
    pub(super) fn files(&self, part: &str) -> Vec<String> {
        let mut files = Vec::new();
        below(self.path(), &mut files);
        files.retain(|file| file.contains(part));
        files.sort();
        files
    }
}

fn below(folder: &Path, files: &mut Vec<String>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, files);
        } else {
            files.push(path.to_str().unwrap().to_owned());
        }
    }
}

/// A bucket that is a folder, for whoever has the right access key.
pub(super) struct Keyed {
    pub(super) folder: TempDir,
    pub(super) right: Arc<Mutex<&'static str>>,
}

impl Keyed {
    pub(super) fn new(right: &'static str) -> Self {
        Self { folder: TempDir::new().unwrap(), right: Arc::new(Mutex::new(right)) }
    }

    pub(super) fn source(&self) -> Box<dyn BucketSource> {
        Box::new(KeyedSource { path: self.folder.path().to_str().unwrap().to_owned(), right: Arc::clone(&self.right) })
    }
}

/// To begin with in such a bucket, with that access key.
pub(super) fn keyed_setup(key: &str) -> SyncSetup {
    let place = SyncPlace::S3 {
        bucket: "attic".to_owned(),
        prefix: String::new(),
        region: String::new(),
        endpoint_url: String::new(),
        path_style: false,
        credentials: S3Credentials::Keys,
    };
    SyncSetup { place, keys: Some(keys(key)), device_name: "Desk".to_owned() }
}

pub(super) fn keys(id: &str) -> S3Keys {
    let secret = |text: &str| Secret::new(text.to_owned());
    S3Keys { access_key_id: secret(id), secret_access_key: secret("word"), session_token: None }
}

struct KeyedSource {
    path: String,
    right: Arc<Mutex<&'static str>>,
}

impl BucketSource for KeyedSource {
    fn open(
        &self,
        _: &SyncPlace,
        keys: Option<&S3Keys>,
        network: &NetworkSettings,
    ) -> Result<Arc<dyn Bucket>, Failure> {
        let inner = Buckets.open(&SyncPlace::Folder { path: self.path.clone() }, None, network)?;
        let given = keys.map(|keys| keys.access_key_id.expose().clone()).unwrap_or_default();
        Ok(Arc::new(ForTheRight { inner, given, right: Arc::clone(&self.right) }))
    }

    fn set_up(&self, _: &SyncPlace) -> SettingUp {
        Buckets.set_up(&SyncPlace::Folder { path: self.path.clone() })
    }
}

struct ForTheRight {
    inner: Arc<dyn Bucket>,
    given: String,
    right: Arc<Mutex<&'static str>>,
}

impl Bucket for ForTheRight {
    fn ask(&self, request: Request) -> Pending {
        if self.given == *self.right.lock().unwrap() {
            return self.inner.ask(request);
        }
        let failure = Failure::permanent(Code::CredentialsRejected, "the access key is not known", "Give another.");
        Box::pin(std::future::ready(Answer { outcome: Outcome::Failed(failure), date: None }))
    }
}

struct Source {
    wrong: Arc<AtomicU8>,
    asked: Arc<AtomicU32>,
    written: Arc<AtomicU32>,
}

impl BucketSource for Source {
    fn open(
        &self,
        place: &SyncPlace,
        keys: Option<&S3Keys>,
        network: &NetworkSettings,
    ) -> Result<Arc<dyn Bucket>, Failure> {
        let inner = Buckets.open(place, keys, network)?;
        let (wrong, asked, written) = (Arc::clone(&self.wrong), Arc::clone(&self.asked), Arc::clone(&self.written));
        Ok(Arc::new(Odd { inner, wrong, asked, written }))
    }

    fn set_up(&self, place: &SyncPlace) -> SettingUp {
        Buckets.set_up(place)
    }
}

struct Odd {
    inner: Arc<dyn Bucket>,
    wrong: Arc<AtomicU8>,
    asked: Arc<AtomicU32>,
    written: Arc<AtomicU32>,
}

impl Bucket for Odd {
    fn ask(&self, request: Request) -> Pending {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let writes = matches!(request, Request::PutIfAbsent { .. } | Request::PutIfMatch { .. });
        self.written.fetch_add(u32::from(writes), Ordering::SeqCst);
        let wrong = self.wrong.load(Ordering::SeqCst);
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let answer = |outcome| Answer { outcome, date: None };
            if wrong == Wrong::Silent as u8 {
                return answer(Outcome::Lost);
            }
            if wrong == Wrong::Forbids as u8 {
                let failure = Failure::permanent(Code::AccessDenied, "the bucket may not be read", "Allow it.");
                return answer(Outcome::Failed(failure));
            }
            if wrong == Wrong::Overwrites as u8
                && let Request::PutIfAbsent { name, .. } = &request
            {
                inner.ask(Request::Delete { name: name.clone() }).await;
            }
            let told = inner.ask(request).await;
            if wrong == Wrong::LosesAnswers as u8 && number.is_multiple_of(2) { answer(Outcome::Lost) } else { told }
        })
    }
}
