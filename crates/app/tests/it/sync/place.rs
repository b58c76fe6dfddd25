//! A real folder, and a bucket over it that does what it is told to do wrong.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use tempfile::TempDir;
use twin_app::sync::{BucketSource, Buckets, S3Keys, SettingUp, SyncSetup};
use twin_core::bucket::{Answer, Bucket, Outcome, Pending, Request};
use twin_core::error::{Code, Failure};
use twin_core::settings::{NetworkSettings, SyncPlace};

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
