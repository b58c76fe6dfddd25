//! Three homes that meet in a folder, and folders that misbehave.

mod place;
mod travel;
mod trouble;

use crate::testkit::{Home, asking, send, whole};
use place::Folder;
use twin_app::App;
use twin_app::sync::{SyncSecret, SyncState, SyncStatus};
use twin_core::id::SessionId;
use twin_core::secret::Secret;

const PASSPHRASE: &str = "four words and a harp";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn passphrase() -> SyncSecret {
    SyncSecret::Passphrase { passphrase: secret(PASSPHRASE) }
}

/// A device: its home, and the program on it.
struct Device {
    home: Home,
    app: App,
}

impl Device {
    fn new(folder: &Folder) -> Self {
        let home = Home::new();
        let app = home.open_with(folder.source());
        Self { home, app }
    }

    /// A vault in that folder, and its recovery code.
    async fn first(folder: &Folder) -> (Self, Secret<String>) {
        let device = Self::new(folder);
        let code = device.app.sync_create(folder.setup("Desk"), secret(PASSPHRASE)).await.unwrap();
        device.round().await;
        (device, code)
    }

    async fn joined(folder: &Folder, name: &str, secret: SyncSecret) -> Self {
        let device = Self::new(folder);
        device.app.sync_join(folder.setup(name), None, secret).await.unwrap();
        device.round().await;
        device
    }

    /// Everything there and back.
    async fn round(&self) -> SyncStatus {
        let status = self.app.sync_now().await.unwrap();
        assert_eq!((status.state, &status.failure, &status.alarms[..]), (SyncState::Settled, &None, &[][..]));
        assert_eq!(status.waiting.records, 0);
        status
    }

    /// The owner says something to the scripted model, in a new chat.
    async fn say(&self, text: &str) -> SessionId {
        self.home.answer(whole("I see."));
        send(&self.app, asking(text), asking(text).model).await.unwrap().session
    }

    async fn messages(&self, session: SessionId) -> Vec<String> {
        let messages = self.app.session_messages(session).await.unwrap();
        messages.into_iter().map(|message| message.content).collect()
    }

    async fn title(&self, session: SessionId) -> String {
        self.app.session_get(session).await.unwrap().title
    }
}

/// A desk that began, and a laptop that joined.
async fn two(folder: &Folder) -> (Device, Device) {
    let (desk, _) = Device::first(folder).await;
    let laptop = Device::joined(folder, "Laptop", passphrase()).await;
    (desk, laptop)
}
