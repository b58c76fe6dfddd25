//! Knows the order of things: fetch, think, ask, record; owns the state and every task.
//! Never sees a window, writes SQL or speaks a protocol; the doors open it and hold no rules of their own.
//! Proof: `tests/it/rooms.rs` reads every manifest; the use cases run in `tests/it` with a scripted model.

pub mod archive;
pub mod attachment;
pub mod aws;
pub mod backup;
pub mod chat;
mod clock;
pub mod credential;
pub mod doctor;
mod elsewhere;
mod embedding;
pub mod encryption;
pub mod error;
pub mod find;
mod folder;
pub mod import;
pub mod job;
mod learn;
pub mod link;
pub mod memory;
pub mod model;
pub mod paths;
pub mod persona;
pub mod recall;
pub mod session;
mod setting;
pub mod sync;
pub mod task;
pub mod telemetry;
mod temporary;
mod title;
pub mod usage;

use crate::attachment::Files;
use crate::credential::KeyRing;
use crate::embedding::Meanings;
use crate::encryption::HomeKey;
use crate::error::WireError;
use crate::model::{Lists, ModelSource, Providers};
use crate::paths::Paths;
use crate::sync::{BucketSource, Buckets, Syncing};
use crate::temporary::Temporary;
use crate::title::Untitled;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, RwLock};
use tokio::sync::{Notify, broadcast, watch};
use twin_connect::keychain::Keychain;
use twin_core::error::Code;
use twin_core::event::{Event, Notice};
use twin_core::id::SessionId;
use twin_core::model::Lessons;
use twin_core::port::{Clock, Secrets};
use twin_core::settings::Settings;
use twin_mind::persona::Persona;
use twin_store::Store;

pub use clock::SystemClock;

/// The name under which the keychain shows our items.
const KEYCHAIN_SERVICE: &str = "Digital Twin";

/// How many notices a slow window may fall behind before it has to ask for everything again.
const NOTICES_KEPT: usize = 256;

/// The application. A cheap clone; every clone is the same application.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    paths: Paths,
    clock: Arc<dyn Clock>,
    zone: jiff::tz::TimeZone,
    store: Store,
    temporary: Temporary,
    keys: KeyRing,
    models: Box<dyn ModelSource>,
    providers: Arc<Providers>,
    lists: Lists,
    /// What models' answers have taught, by the model's spelling.
    lessons: RwLock<BTreeMap<String, Lessons>>,
    files: Files,
    /// How to give up the sign-in that is waiting.
    signing_in: Mutex<Option<watch::Sender<bool>>>,
    settings: watch::Sender<Settings>,
    /// One writer or reader of the stored settings at a time: what is in force is what was written last.
    settings_turn: tokio::sync::Mutex<()>,
    /// The folder, and the persona that was read from it.
    persona: RwLock<(PathBuf, Arc<Persona>)>,
    /// One reader of the folder at a time: an older state must not replace a newer one.
    reading: Mutex<()>,
    /// Replies that are being written by this process.
    running: watch::Sender<HashMap<SessionId, chat::Growing>>,
    /// Sessions that could get a title.
    untitled: broadcast::Sender<Untitled>,
    /// Something new waits to be learned from.
    learning: Notify,
    meanings: Meanings,
    buckets: Box<dyn BucketSource>,
    sync: Syncing,
    /// The folder that was watched last for session files, and what became of them.
    import_folder: Mutex<import::ImportFolder>,
    /// Replies whose last commit failed and is tried again.
    saving: Mutex<Vec<task::Task>>,
    notices: broadcast::Sender<Notice>,
}

/// What an [`App`] is made of; tests replace the parts that reach outside.
pub struct Parts {
    /// The folders.
    pub paths: Paths,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The zone in which times are told to the model and in offline answers.
    pub zone: jiff::tz::TimeZone,
    /// Where keys are kept.
    pub secrets: Arc<dyn Secrets>,
    /// Who answers.
    pub models: Box<dyn ModelSource>,
    /// The providers, to be asked for everything but answers.
    pub providers: Arc<Providers>,
    /// Where devices meet.
    pub buckets: Box<dyn BucketSource>,
}

impl Parts {
    /// The real ones.
    pub fn real(paths: Paths) -> Self {
        let providers = Arc::new(Providers::default());
        Self {
            paths,
            clock: Arc::new(SystemClock),
            zone: jiff::tz::TimeZone::system(),
            secrets: Arc::new(Keychain::new(KEYCHAIN_SERVICE)),
            models: Box::new(Arc::clone(&providers)),
            providers,
            buckets: Box::new(Buckets),
        }
    }
}

impl App {
    /// Opens the home: the store, the sample persona at the first run, and the persona as it is now.
    pub fn open(parts: Parts) -> Result<Self, WireError> {
        match encryption::kept_key(&parts.paths, parts.secrets.as_ref()) {
            Ok(key) => Self::open_with(parts, key.as_ref()),
            // After a switch that was cut off it may open without.
            Err(why) => {
                Self::open_with(parts, None).map_err(|error| if error.code == Code::HomeLocked { why } else { error })
            }
        }
    }

    /// [`App::open`] of a home whose key was asked for.
    pub fn open_with(parts: Parts, key: Option<&HomeKey>) -> Result<Self, WireError> {
        let Parts { paths, clock, zone, secrets, models, providers, buckets } = parts;
        let store = Store::open((paths.home(), key), Arc::clone(&clock))?;
        let stored = store.setting_all()?;
        let settings = setting::load(&stored);
        store.setting_put_all(setting::named_since(&stored, &settings))?;
        persona::install_sample(&paths)?;
        let folder = persona::folder(&paths, &settings);
        let persona = persona::read(&folder, None);
        let inner = Inner {
            lessons: RwLock::new(store.lessons_all()?),
            lists: Lists::default(),
            files: Files::default(),
            signing_in: Mutex::default(),
            keys: KeyRing::new(secrets),
            settings: watch::Sender::new(settings),
            settings_turn: tokio::sync::Mutex::default(),
            persona: RwLock::new((folder, Arc::new(persona))),
            reading: Mutex::default(),
            running: watch::Sender::default(),
            untitled: broadcast::Sender::new(title::WAITING),
            learning: Notify::new(),
            meanings: Meanings::default(),
            buckets,
            sync: Syncing::default(),
            import_folder: Mutex::default(),
            temporary: Temporary::default(),
            saving: Mutex::default(),
            notices: broadcast::Sender::new(NOTICES_KEPT),
            paths,
            clock,
            zone,
            store,
            models,
            providers,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The folders.
    pub fn paths(&self) -> &Paths {
        &self.inner.paths
    }

    /// What happens from now on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.inner.notices.subscribe()
    }

    /// Watches the persona folder, a folder for session files, and the store for what another process writes, finds titles
    /// for new sessions, learns from answers, makes all of it searchable by what it means, copies the database once a day
    /// and syncs, for as long as the task is kept.
    pub fn watch(&self) -> task::Task {
        self.watch_from(std::future::ready(()))
    }

    /// As [`Self::watch`]; what keeps a processor busy begins when `usable` ends: until then somebody waits for a window.
    pub fn watch_from(&self, usable: impl Future<Output = ()> + Send + 'static) -> task::Task {
        let (app, untitled) = (self.clone(), self.inner.untitled.subscribe());
        task::spawn("watch", async move {
            tokio::join!(
                persona::watch(&app),
                elsewhere::watch(&app),
                import::watch(&app),
                app.find_titles(untitled),
                app.learn_from_answers(),
                async {
                    usable.await;
                    app.make_searchable().await;
                },
                app.back_up_daily(),
                app.sync_in_background()
            );
        })
    }

    fn tell(&self, event: Event) {
        if matches!(event, Event::Forgotten | Event::ChangedElsewhere) {
            self.inner.meanings.look_again();
            self.attachment_read_again();
        }
        if let Event::PersonaReloaded { .. } = event {
            self.sync_persona_changed();
        }
        // How syncing stands is no news to what makes vectors, and to syncing itself; neither is what cannot come in.
        if !matches!(event, Event::SyncChanged | Event::ImportFolderChanged) {
            self.inner.meanings.new.notify_one();
            self.sync_happened();
        }
        // Nobody listening is fine: the command line has no window.
        drop(self.inner.notices.send(event.into()));
    }

    fn now(&self) -> jiff::Zoned {
        self.inner.clock.now().to_jiff().to_zoned(self.inner.zone.clone())
    }

    fn persona(&self) -> Arc<Persona> {
        let persona = self.inner.persona.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&persona.1)
    }
}
