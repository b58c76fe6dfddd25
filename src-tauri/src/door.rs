//! The application as the window holds it. Not being able to open the home is a state with a screen of its own, and
//! every further call tries again.

use crate::NoticeEvent;
use crate::desktop;
use std::sync::PoisonError;
use std::time::Duration;
use tauri::AppHandle;
use tauri_specta::Event as _;
use tokio::sync::{Mutex, broadcast, watch};
use twin_app::encryption::{self, HomeKey};
use twin_app::error::WireError;
use twin_app::paths::Paths;
use twin_app::task::{self, Task};
use twin_app::{App, Parts};
use twin_core::error::Code;
use twin_core::event::{Event, Notice};
use twin_core::secret::Secret;

/// By then a window is open, also on a slow machine.
const OPENED: Duration = Duration::from_secs(20);

pub(crate) struct Door {
    paths: Paths,
    /// Of a home whose key was typed for or made here: for as long as the program runs.
    key: std::sync::Mutex<Option<HomeKey>>,
    open: Mutex<Option<Open>>,
    /// Whether a person can type.
    usable: watch::Sender<bool>,
}

struct Open {
    app: App,
    /// Persona, store, settings and the machine are followed for as long as the home is open.
    _tasks: Vec<Task>,
}

impl Door {
    pub(crate) fn new(paths: Paths) -> Self {
        Self { paths, key: std::sync::Mutex::default(), open: Mutex::default(), usable: watch::Sender::new(false) }
    }

    pub(crate) fn paths(&self) -> &Paths {
        &self.paths
    }

    /// A person can type now.
    pub(crate) fn mark_usable(&self) {
        self.paths.mark_ready();
        self.usable.send_replace(true);
    }

    /// Runs `work` while the home is not open here. What still runs of a home that was just given up ends meanwhile.
    pub(crate) async fn closed<T: Send + 'static>(
        &self,
        work: impl Fn(&Paths, Option<&HomeKey>) -> Result<T, WireError> + Clone + Send + 'static,
    ) -> Result<T, WireError> {
        let mut open = self.open.lock().await;
        drop(open.take_if(|open| open.app.is_damaged()));
        self.alone(work).await
    }

    /// Encrypts the home, which is given up for it; whoever asks next opens it again. Returns the recovery code.
    pub(crate) async fn encrypt(&self, passphrase: Option<Secret<String>>) -> Result<Secret<String>, WireError> {
        let mut open = self.open.lock().await;
        give_up(&mut open).await?;
        let turn_on = move |paths: &Paths, _: Option<&HomeKey>| {
            encryption::turn_on(paths, &encryption::keychain(), passphrase.as_ref())
        };
        let (code, key) = self.alone(turn_on).await?;
        self.keep(Some(key));
        Ok(code)
    }

    /// The way back from [`Self::encrypt`].
    pub(crate) async fn decrypt(&self) -> Result<(), WireError> {
        let mut open = self.open.lock().await;
        give_up(&mut open).await?;
        self.alone(|paths, key| encryption::turn_off(paths, &encryption::keychain(), key)).await?;
        self.keep(None);
        Ok(())
    }

    /// Runs `work` with the key of an encrypted home, which may be open.
    pub(crate) async fn with_key<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Paths, &HomeKey) -> Result<T, WireError> + Send + 'static,
    ) -> Result<T, WireError> {
        let (paths, typed) = (self.paths.clone(), self.key());
        task::blocking(move || {
            let key = key_of(&paths, typed)?.ok_or_else(encryption::locked)?;
            work(&paths, &key)
        })
        .await?
    }

    fn key(&self) -> Option<HomeKey> {
        self.key.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, key: Option<HomeKey>) {
        *self.key.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }

    async fn alone<T: Send + 'static>(
        &self,
        work: impl Fn(&Paths, Option<&HomeKey>) -> Result<T, WireError> + Clone + Send + 'static,
    ) -> Result<T, WireError> {
        const STEP: Duration = Duration::from_millis(100);
        const STEPS: u32 = 50;
        let mut left = STEPS;
        loop {
            let (paths, typed, work) = (self.paths.clone(), self.key(), work.clone());
            let done = task::blocking(move || work(&paths, key_of(&paths, typed)?.as_ref())).await?;
            match done {
                Err(error) if error.code == Code::StoreBusy && left > 0 => left -= 1,
                done => return done,
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Keeps what opens the home, by the passphrase or the recovery code.
    pub(crate) async fn unlock(&self, typed: Secret<String>) -> Result<(), WireError> {
        let paths = self.paths.clone();
        let key = task::blocking(move || encryption::unlock_with(&paths, &encryption::keychain(), typed)).await??;
        self.keep(Some(key));
        Ok(())
    }

    /// The open application, opened now if it is not.
    pub(crate) async fn app(&self, window: &AppHandle) -> Result<App, WireError> {
        let mut open = self.open.lock().await;
        if let Some(open) = open.as_ref()
            && !open.app.is_damaged()
        {
            return Ok(open.app.clone());
        }
        // Nobody goes on with a damaged database: opening says what is wrong with it until another is in its place.
        *open = None;
        let parts = Parts::real(self.paths.clone());
        let typed = self.key();
        let app = task::blocking(move || match typed {
            None => App::open(parts),
            key => App::open_with(parts, key.as_ref()),
        })
        .await??;
        let tell = task::spawn("notices", tell(app.notices(), window.clone()));
        let follow = task::spawn("desktop", desktop::follow(app.clone(), window.clone()));
        let tasks = vec![
            app.watch_from(usable(self.usable.subscribe())),
            tell,
            follow,
            #[cfg(target_os = "linux")]
            task::spawn("sparing", desktop::sparing::follow(app.clone())),
        ];
        *open = Some(Open { app: app.clone(), _tasks: tasks });
        Ok(app)
    }
}

/// Ends when a person can type, or could by now if there were a window: started with the session there is none.
async fn usable(mut usable: watch::Receiver<bool>) {
    // Nobody left to say so is the end of the program.
    drop(tokio::time::timeout(OPENED, usable.wait_for(|usable| *usable)).await);
}

/// Nothing that somebody waits for may end with it.
async fn give_up(open: &mut Option<Open>) -> Result<(), WireError> {
    if let Some(open) = open {
        open.app.require_no_reply().await?;
    }
    *open = None;
    Ok(())
}

/// What was typed for, or what the keychain has.
fn key_of(paths: &Paths, typed: Option<HomeKey>) -> Result<Option<HomeKey>, WireError> {
    match typed {
        None => encryption::kept_key(paths, &encryption::keychain()),
        key => Ok(key),
    }
}

async fn tell(mut notices: broadcast::Receiver<Notice>, window: AppHandle) {
    loop {
        let notice = match notices.recv().await {
            Ok(notice) => notice,
            // A window that fell behind asks for everything again.
            Err(broadcast::error::RecvError::Lagged(_)) => Event::ChangedElsewhere.into(),
            Err(broadcast::error::RecvError::Closed) => return,
        };
        if let Err(error) = NoticeEvent(notice).emit(&window) {
            tracing::warn!(%error, "a notice did not reach the window");
        }
    }
}
