//! A bucket in memory, with conditions that are honoured and old versions that are kept.

use std::collections::BTreeMap;
use twin_core::bucket::{ETag, Outcome, Request};

/// One content of one object.
#[derive(Debug, Clone)]
pub struct Version {
    /// The object.
    pub bytes: Vec<u8>,
    /// What it is called.
    pub etag: ETag,
    /// Who put it.
    pub put_id: String,
}

/// All that was ever put under a name and not taken away.
#[derive(Debug, Clone, Default)]
pub struct MemoryBucket {
    /// By name; the last is the newest. An empty list: deleted.
    pub objects: BTreeMap<String, Vec<Version>>,
    /// Everything that was ever put, for the checks.
    pub history: Vec<(String, Vec<u8>, String)>,
    puts: u64,
    /// What a careless store does: conditions are not looked at.
    pub careless: bool,
}

impl MemoryBucket {
    /// Writes without asking.
    pub fn put(&mut self, name: &str, bytes: Vec<u8>, put_id: &str) -> Outcome {
        self.puts += 1;
        let etag = ETag(format!("etag-{}", self.puts));
        self.history.push((name.to_owned(), bytes.clone(), put_id.to_owned()));
        let version = Version { bytes, etag: etag.clone(), put_id: put_id.to_owned() };
        self.objects.entry(name.to_owned()).or_default().push(version);
        Outcome::Stored { etag }
    }

    /// The newest content.
    pub fn newest(&self, name: &str) -> Option<&Version> {
        self.objects.get(name).and_then(|versions| versions.last())
    }

    /// Does what is asked, at once and whole.
    pub fn ask(&mut self, request: Request) -> Outcome {
        match request {
            Request::PutIfAbsent { name, bytes, put_id } => {
                if self.newest(&name).is_some() && !self.careless {
                    return Outcome::Refused;
                }
                self.put(&name, bytes, &put_id)
            }
            Request::PutIfMatch { name, bytes, put_id, etag } => match self.newest(&name) {
                None => Outcome::Absent,
                Some(newest) if newest.etag != etag && !self.careless => Outcome::Refused,
                Some(_) => self.put(&name, bytes, &put_id),
            },
            Request::Get { name } => self.newest(&name).map_or(Outcome::Absent, |newest| Outcome::Found {
                bytes: newest.bytes.clone(),
                etag: newest.etag.clone(),
            }),
            Request::Head { name } => self.newest(&name).map_or(Outcome::Absent, |newest| Outcome::Described {
                etag: newest.etag.clone(),
                put_id: Some(newest.put_id.clone()),
            }),
            Request::List { prefix, after } => {
                let names = self.objects.iter().filter(|(name, versions)| {
                    name.starts_with(&prefix)
                        && !versions.is_empty()
                        && after.as_ref().is_none_or(|after| *name > after)
                });
                Outcome::Listed { names: names.map(|(name, _)| name.clone()).collect(), more: false }
            }
            Request::Delete { name } => {
                self.objects.insert(name, Vec::new());
                Outcome::Deleted
            }
            Request::DeleteOldVersions { name } => {
                if let Some(versions) = self.objects.get_mut(&name) {
                    versions.drain(..versions.len().saturating_sub(1));
                }
                Outcome::Deleted
            }
        }
    }
}
