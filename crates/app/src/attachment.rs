//! Files that go with a message: judged and made small enough before they are sent, kept in memory until they are.

mod picture;

use crate::error::{WireError, invalid};
use crate::paths::read_file;
use crate::{App, task};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use twin_core::chat::Attachment;
use twin_core::error::{Code, Failure};
use twin_core::event::Event;
use twin_core::id::{AttachmentId, MessageId, SessionId};
use twin_mind::context::File;
use twin_mind::document::{self, Kind};
use twin_store::Blob;

/// No provider takes more in one request.
const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Bedrock's limits for one message are 20 images and 5 documents.
const MOST_FILES: usize = 20;
/// What is read from the store for a conversation is kept for the next question, up to this much.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A file that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct StagedAttachment {
    /// What will be sent.
    pub attachment: Attachment,
    /// How large the file was: more than `attachment.bytes` where an image was made smaller.
    pub original_bytes: u32,
}

/// Files that wait to be sent, and files of conversations that were read lately.
#[derive(Default)]
pub(crate) struct Files {
    staged: Mutex<HashMap<AttachmentId, (Attachment, Blob)>>,
    read: Mutex<BTreeMap<String, File>>,
}

impl App {
    /// [`App::attachment_add_bytes`] for a page that can send only text: `data` is base64.
    pub async fn attachment_add(&self, name: String, data: String) -> Result<StagedAttachment, WireError> {
        let bytes = task::blocking(move || STANDARD.decode(data)).await?;
        let bytes = bytes.map_err(|_| invalid("the file did not arrive whole", "Attach it again."))?;
        self.attachment_add_bytes(name, bytes).await
    }

    /// Takes a file in; nothing is stored before a message is sent with it. Images are scaled below the providers' limits.
    pub async fn attachment_add_bytes(&self, name: String, bytes: Vec<u8>) -> Result<StagedAttachment, WireError> {
        let id = AttachmentId::new(self.inner.clock.now());
        let (attachment, blob, original_bytes) = task::blocking(move || prepare(id, name, bytes)).await??;
        let mut staged = self.inner.files.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.insert(id, (attachment.clone(), blob));
        Ok(StagedAttachment { attachment, original_bytes })
    }

    /// [`App::attachment_add_bytes`] for a file on this machine.
    pub async fn attachment_add_file(&self, path: &Path) -> Result<StagedAttachment, WireError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = path.to_owned();
        let bytes = task::blocking(move || read_file(&path)).await?;
        let bytes = bytes.map_err(|error| {
            invalid(format!("{name} cannot be read: {}", error.kind()), "Check its name, and that you may read it.")
        })?;
        self.attachment_add_bytes(name, bytes).await
    }

    /// Forgets a file that was not sent.
    pub fn attachment_discard(&self, id: AttachmentId) {
        self.inner.files.staged.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// A page that was loaded again has forgotten what waited to be sent.
    pub fn attachment_discard_all(&self) {
        self.inner.files.staged.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What was read lately may have been forgotten since.
    pub(crate) fn attachment_read_again(&self) {
        self.inner.files.read.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The bytes of a file that was sent, as base64, by its hash.
    pub async fn attachment_data(&self, sha256: String) -> Result<String, WireError> {
        let stores = self.stores();
        let bytes = task::store(move || {
            let found = stores.iter().map(|store| store.blob_get(&sha256)).find(|bytes| !matches!(bytes, Ok(None)));
            found.unwrap_or(Ok(None))
        })
        .await?;
        bytes.map(|bytes| STANDARD.encode(bytes)).ok_or_else(|| {
            Failure::permanent(
                Code::NotFound,
                "the file is not on this device",
                "Open the conversation on the device on which it was sent.",
            )
            .into()
        })
    }

    /// Takes a file out of what models are sent, or puts it back. The message keeps it.
    pub async fn attachment_leave_out(
        &self,
        session_id: SessionId,
        message_id: MessageId,
        attachment_id: AttachmentId,
        left_out: bool,
    ) -> Result<(), WireError> {
        let store = self.store_of(session_id);
        task::store(move || store.attachment_leave_out(message_id, attachment_id, left_out)).await?;
        self.tell(Event::MessagesChanged { session_id });
        Ok(())
    }

    /// Takes out every file that would be sent with that question: its own, and those of the conversation before it.
    pub async fn attachment_leave_out_all(
        &self,
        session_id: SessionId,
        message_id: MessageId,
    ) -> Result<(), WireError> {
        let session = self.session_get(session_id).await?;
        let path = self.history(&session, Some(message_id)).await?;
        let store = self.store_of(session_id);
        task::store(move || {
            for message in &path {
                for file in message.attachments.iter().filter(|file| !file.left_out) {
                    store.attachment_leave_out(message.id, file.id, true)?;
                }
            }
            Ok(())
        })
        .await?;
        self.tell(Event::MessagesChanged { session_id });
        Ok(())
    }

    /// The files that wait under these ids, or that are among `said`, which an earlier version of the message had; those
    /// that wait go on waiting until [`App::attachments_sent`].
    pub(crate) fn attachments_waiting(
        &self,
        ids: &[AttachmentId],
        said: &[Attachment],
    ) -> Result<(Vec<Attachment>, Vec<Blob>), WireError> {
        if ids.len() > MOST_FILES {
            return Err(invalid(
                format!("one message takes {MOST_FILES} files at most"),
                "Take some of them away, and send those with the next message.",
            ));
        }
        let staged = self.inner.files.staged.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut attachments, mut blobs) = (Vec::new(), Vec::new());
        for id in ids {
            if let Some((attachment, blob)) = staged.get(id) {
                attachments.push(attachment.clone());
                blobs.push(blob.clone());
            } else if let Some(attachment) = said.iter().find(|attachment| attachment.id == *id) {
                // Its bytes are stored already.
                let id = AttachmentId::new(self.inner.clock.now());
                attachments.push(Attachment { id, ..attachment.clone() });
            } else {
                return Err(invalid("an attached file is no longer there", "Attach it again."));
            }
        }
        Ok((attachments, blobs))
    }

    /// They are in the store now.
    pub(crate) fn attachments_sent(&self, ids: &[AttachmentId]) {
        let mut staged = self.inner.files.staged.lock().unwrap_or_else(PoisonError::into_inner);
        staged.retain(|id, _| !ids.contains(id));
    }

    /// These files by their hash, read from the session's store. One that is not there is left out.
    pub(crate) async fn files_of(
        &self,
        session: Option<SessionId>,
        attachments: impl Iterator<Item = &Attachment>,
    ) -> Result<BTreeMap<String, File>, WireError> {
        let wanted = attachments.filter(|file| !file.left_out);
        let mut files = BTreeMap::new();
        let mut missing = Vec::new();
        {
            let read = self.inner.files.read.lock().unwrap_or_else(PoisonError::into_inner);
            for attachment in wanted {
                match read.get(&attachment.sha256) {
                    Some(file) => drop(files.insert(attachment.sha256.clone(), file.clone())),
                    None => missing.push(attachment.clone()),
                }
            }
        }
        if missing.is_empty() {
            return Ok(files);
        }
        let temporary = session.and_then(|session| self.temporary_store(session));
        let is_temporary = temporary.is_some();
        let store = temporary.unwrap_or_else(|| self.inner.store.clone());
        let fetched = task::blocking(move || fetch(&store, missing)).await??;
        // Nothing of a temporary session stays when its store goes.
        if is_temporary {
            files.extend(fetched);
            return Ok(files);
        }
        let mut read = self.inner.files.read.lock().unwrap_or_else(PoisonError::into_inner);
        if size(&read) + size(&fetched) > KEPT_BYTES {
            read.clear();
        }
        read.extend(fetched.clone());
        files.extend(fetched);
        Ok(files)
    }
}

fn size(files: &BTreeMap<String, File>) -> usize {
    files.values().map(|file| file.bytes.len() + file.text.len()).sum()
}

fn fetch(store: &twin_store::Store, missing: Vec<Attachment>) -> Result<BTreeMap<String, File>, WireError> {
    let mut files = BTreeMap::new();
    for attachment in missing {
        let Some(bytes) = store.blob_get(&attachment.sha256)? else { continue };
        // They could be read when it was attached; where they cannot now, the model may still read the file itself.
        let text = document::text(&attachment.media_type, &bytes).unwrap_or_default();
        files.insert(attachment.sha256, File { bytes: Arc::from(bytes), text });
    }
    Ok(files)
}

fn prepare(id: AttachmentId, name: String, bytes: Vec<u8>) -> Result<(Attachment, Blob, u32), WireError> {
    if bytes.is_empty() {
        return Err(invalid(format!("{name} is empty"), "Choose another file."));
    }
    let too_large = || {
        invalid(
            format!("{name} has {} MB; models take 20 MB at most", bytes.len() / 1_000_000),
            "Attach a smaller file or a part of it.",
        )
    };
    let original_bytes = u32::try_from(bytes.len()).map_err(|_| too_large())?;
    let (media_type, bytes) = match document::kind(&name, &bytes) {
        Some(Kind::Image(media_type)) => picture::fit(&name, media_type, bytes)?,
        _ if bytes.len() > MOST_BYTES => return Err(too_large()),
        Some(Kind::Document(media_type)) => {
            document::text(media_type, &bytes)
                .map_err(|problem| invalid(format!("{name} cannot be read: {}", problem.message), problem.hint))?;
            (media_type, bytes)
        }
        None => {
            return Err(invalid(
                format!("{name} is neither an image nor a document that models take"),
                "Attach PNG, JPEG, GIF or WebP images, PDF, Word, Excel, or text.",
            ));
        }
    };
    let blob = Blob::new(bytes);
    let attachment = Attachment {
        id,
        name,
        media_type: media_type.to_owned(),
        bytes: u32::try_from(blob.bytes.len()).unwrap_or(u32::MAX),
        sha256: blob.sha256.clone(),
        left_out: false,
    };
    Ok((attachment, blob, original_bytes))
}
