//! Buckets that keep versions keep what was deleted, until each version is deleted by its id.

use super::{Exchange, Outcome, key, send};
use crate::bucket::s3::connection::Connection;
use aws_sdk_s3::types::EncodingType;

/// A page holds a thousand versions; more pages than this are a service that turns in a circle.
const MAX_PAGES: usize = 100;

/// What is in the way of forgetting.
#[derive(Default)]
struct Old {
    versions: Vec<String>,
    /// Those that hide a version which is still there come last: without its marker an old version would be the newest.
    markers: Vec<String>,
    newest_marker: Option<String>,
}

impl Exchange<'_> {
    pub(super) async fn delete_old_versions(&self, key: &str) -> Result<Outcome, Outcome> {
        let old = self.old_versions(key).await?;
        let Connection { client, bucket, .. } = &self.connection;
        for id in old.versions.into_iter().chain(old.markers).chain(old.newest_marker) {
            match send!(self, client.delete_object().bucket(&**bucket).key(key).version_id(id)).await {
                // Somebody else was faster.
                Ok(_) | Err(Outcome::Absent) => {}
                Err(outcome) => return Err(outcome),
            }
        }
        Ok(Outcome::Deleted)
    }

    async fn old_versions(&self, wanted: &str) -> Result<Old, Outcome> {
        let Connection { client, bucket, .. } = &self.connection;
        let (mut old, mut next) = (Old::default(), None);
        for _ in 0..MAX_PAGES {
            let (key_marker, version_marker) = next.take().unzip();
            let list = client
                .list_object_versions()
                .bucket(&**bucket)
                .prefix(wanted)
                .encoding_type(EncodingType::Url)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker.flatten());
            let page = send!(self, list).await?;
            let is_encoded = page.encoding_type == Some(EncodingType::Url);
            let plain = |text: String| if is_encoded { key::decoded(&text) } else { text };
            // Other keys begin with this one as well.
            let is_wanted = |found: Option<String>| found.map(plain).as_deref() == Some(wanted);
            for version in page.versions.unwrap_or_default() {
                if is_wanted(version.key) && version.is_latest == Some(false) {
                    old.versions.extend(version.version_id);
                }
            }
            for marker in page.delete_markers.unwrap_or_default() {
                match marker.version_id.filter(|_| is_wanted(marker.key)) {
                    Some(id) if marker.is_latest == Some(true) => old.newest_marker = Some(id),
                    id => old.markers.extend(id),
                }
            }
            let Some(key_marker) = page.next_key_marker.filter(|_| page.is_truncated == Some(true)).map(plain) else {
                return Ok(old);
            };
            // In the order of keys: nothing of this one comes after another one.
            if key_marker != wanted {
                return Ok(old);
            }
            next = Some((key_marker, page.next_version_id_marker));
        }
        Err(Outcome::Busy { retry_after: None })
    }
}
