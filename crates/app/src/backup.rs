//! Copies of the database: one a day while the window runs, one whenever it is asked for, and one to go back to.

use crate::encryption::HomeKey;
use crate::error::WireError;
use crate::paths::Paths;
use crate::{App, SystemClock, task};
use std::sync::Arc;
use std::time::Duration;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::export::{Backup, BackupReason, Recovered};
use twin_core::port::Clock;

/// How old the last one may be.
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// A start is not slowed down by it.
const AFTER_START: Duration = Duration::from_mins(2);

/// A machine that slept does not count the hours: it is looked at this often, by the clock.
const AT_LEAST: Duration = Duration::from_hours(1);

impl App {
    /// The copies that there are, the newest first, those from before an update or a restore among them.
    pub async fn backup_list(&self) -> Result<Vec<Backup>, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.backups()).await
    }

    /// Copies the database now. It is in use meanwhile as always.
    pub async fn backup_now(&self) -> Result<Backup, WireError> {
        let store = self.inner.store.clone();
        task::store(move || store.backup()).await
    }

    /// Makes a copy if the last one is more than a day old; none if it is not.
    pub async fn backup_if_due(&self) -> Result<Option<Backup>, WireError> {
        let now = self.inner.clock.now();
        let backups = self.backup_list().await?;
        let fresh = |backup: &&Backup| {
            // One from the future was made before the clock was set right.
            let age = now.as_millis() - backup.at.as_millis();
            backup.reason == BackupReason::Regular && (0..DAY_MILLIS).contains(&age)
        };
        if backups.iter().any(|backup| fresh(&backup)) {
            return Ok(None);
        }
        self.backup_now().await.map(Some)
    }

    /// Puts a copy in the place of the database while the program runs. What is there is copied first: that copy is
    /// returned. What was forgotten since stays forgotten. Refused while another process has the home open.
    pub async fn backup_restore(&self, name: String) -> Result<Backup, WireError> {
        let store = self.inner.store.clone();
        let aside = task::store(move || store.backup_restore(&name)).await?;
        self.settings_reload().await?;
        self.tell(Event::ChangedElsewhere);
        Ok(aside)
    }

    /// [`App::backup_list`] of a home that cannot be opened.
    pub fn backup_list_closed(paths: &Paths) -> Result<Vec<Backup>, WireError> {
        Ok(twin_store::backup_list(paths.home())?)
    }

    /// [`App::backup_restore`] in a home that nobody has open: its database may be damaged, and is kept aside then as it is.
    pub fn backup_restore_closed(
        paths: &Paths,
        key: Option<&HomeKey>,
        name: &str,
    ) -> Result<Option<Backup>, WireError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Ok(twin_store::backup_restore((paths.home(), key), name, &clock)?)
    }

    /// Puts the newest copy that is whole in the place of a damaged database, with everything that can still be read of it, which
    /// is kept as it was. Nobody has the home open.
    pub fn backup_recover(paths: &Paths, key: Option<&HomeKey>) -> Result<Recovered, WireError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Ok(twin_store::backup_recover((paths.home(), key), &clock)?)
    }

    /// Whether the database was found damaged since it was opened. It opens again once another is in its place.
    pub fn is_damaged(&self) -> bool {
        self.inner.store.is_damaged()
    }

    /// Makes copies for as long as it is polled, unless the background is paused.
    pub(crate) async fn back_up_daily(&self) {
        let mut settings = self.inner.settings.subscribe();
        tokio::time::sleep(AFTER_START).await;
        loop {
            if !self.settings().background_paused {
                match self.backup_if_due().await {
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!(id = %error.id, "the database could not be copied");
                        if error.code == Code::StoreDamaged {
                            // Whatever the window asks for next is answered by what was found.
                            self.tell(Event::ChangedElsewhere);
                        }
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(AT_LEAST) => {}
                // The owner may have paused it, or let it go on.
                _ = settings.changed() => {}
            }
        }
    }
}
