//! The application as the window holds it. Not being able to open the home is a state with a screen of its own, and
//! every further call tries again.

use crate::NoticeEvent;
use crate::desktop;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tauri::AppHandle;
use tauri_specta::Event as _;
use tokio::sync::{Mutex, broadcast};
use twin_app::encryption::{self, HomeKey};
use twin_app::error::WireError;
use twin_app::paths::Paths;
use twin_app::task::{self, Task};
use twin_app::{App, Parts};
use twin_core::error::Code;
use twin_core::event::{Event, Notice};
use twin_core::secret::Secret;

pub(crate) struct Door {
    paths: Paths,
    /// What was typed for opened it: for as long as the program runs.
    key: Arc<OnceLock<HomeKey>>,
    open: Mutex<Option<Open>>,
}

struct Open {
    app: App,
    /// Persona, store, settings and the machine are followed for as long as the home is open.
    _tasks: Vec<Task>,
}

impl Door {
    pub(crate) fn new(paths: Paths) -> Self {
        Self { paths, key: Arc::default(), open: Mutex::default() }
    }

    pub(crate) fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Runs `work` while the home is not open here. What still runs of a home that was just given up ends meanwhile.
    pub(crate) async fn closed<T: Send + 'static>(
        &self,
        work: fn(&Paths, Option<&HomeKey>) -> Result<T, WireError>,
    ) -> Result<T, WireError> {
        const STEP: Duration = Duration::from_millis(100);
        const STEPS: u32 = 50;
        let mut open = self.open.lock().await;
        drop(open.take_if(|open| open.app.is_damaged()));
        let mut left = STEPS;
        loop {
            let paths = self.paths.clone();
            let key = Arc::clone(&self.key);
            let done = task::blocking(move || match key.get() {
                None => work(&paths, encryption::kept_key(&paths, &encryption::keychain())?.as_ref()),
                key => work(&paths, key),
            })
            .await?;
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
        // Whoever typed it twice at once typed the same.
        let _ = self.key.set(key);
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
        let key = Arc::clone(&self.key);
        let app = task::blocking(move || match key.get() {
            None => App::open(parts),
            key => App::open_with(parts, key),
        })
        .await??;
        let tell = task::spawn("notices", tell(app.notices(), window.clone()));
        let follow = task::spawn("desktop", desktop::follow(app.clone(), window.clone()));
        let tasks = vec![
            app.watch(),
            tell,
            follow,
            #[cfg(target_os = "linux")]
            task::spawn("sparing", desktop::sparing::follow(app.clone())),
        ];
        *open = Some(Open { app: app.clone(), _tasks: tasks });
        Ok(app)
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
