//! A folder whose session files come in by themselves, while the program runs and the owner has chosen one. Only those:
//! whatever else is exported holds more than one conversation, and is looked at before it comes in.

use super::{Beginning, SkipReason, SkippedList, begins, json, number};
use crate::error::{WireError, invalid};
use crate::folder::FolderWatch;
use crate::job::Stop;
use crate::session::ImportOutcome;
use crate::{App, task};
use notify::RecursiveMode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::time::Instant;
use twin_core::error::Code;
use twin_core::event::Event;
use twin_core::time::Timestamp;
use twin_store::ForgottenIds;

/// A file that cannot be read is named once it has stayed as it is for so long: before, it may be being written.
const SETTLED: Duration = Duration::from_secs(2);

/// How often is looked whether a reply has ended, in whose session something waits to come.
const WHILE_ANSWERED: Duration = Duration::from_secs(1);

/// Looked at without any sign, for file systems that tell nothing. Every look wakes a program that rests.
const AT_LEAST: Duration = Duration::from_mins(1);

/// The folder that is watched for session files, and what became of them since the program was started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ImportFolder {
    /// None: none is watched.
    pub path: Option<String>,
    /// It is not there, or may not be read. It is watched again as soon as it is.
    pub missing: bool,
    /// Conversations that are new.
    pub sessions: u32,
    /// Messages that are new, those of other conversations among them.
    pub messages: u32,
    /// When something came last.
    pub last: Option<Timestamp>,
    /// Files that lie there and are no session files.
    pub foreign: u32,
    /// Files that cannot be read.
    pub skipped: SkippedList,
}

/// A file as it was when it was read.
type Stamp = (u64, Option<SystemTime>);

/// What became of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// All of it is here that is to be here.
    Taken,
    /// It is no session file.
    Foreign,
    /// A reply is being written in its session.
    Answered,
    /// The store could not take it in.
    Later,
    /// It cannot be read.
    Skipped(SkipReason),
}

struct Read {
    stamp: Stamp,
    outcome: Outcome,
    /// Since when it is so.
    since: Instant,
}

impl Read {
    /// Whether it is read once more, although it has not changed.
    fn is_read_again(&self) -> bool {
        matches!(self.outcome, Outcome::Answered | Outcome::Later | Outcome::Skipped(SkipReason::Unreadable))
    }
}

/// What is known of a folder, so that nothing is read twice.
#[derive(Default)]
struct Known {
    files: BTreeMap<OsString, Read>,
    forgotten: Option<ForgottenIds>,
}

/// What one look brought.
#[derive(Default)]
struct Brought {
    sessions: u32,
    messages: u32,
}

/// Follows the folder that the settings name, until dropped.
pub(crate) async fn watch(app: &App) {
    let mut settings = app.inner.settings.subscribe();
    loop {
        // First this, then the look: a change between the two is then seen as one.
        settings.mark_unchanged();
        let folder = app.import_folder_in_force();
        let changed = async {
            while settings.changed().await.is_ok() {
                if app.import_folder_in_force() != folder {
                    return;
                }
            }
            // The application is being closed.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = follow(app, folder.as_deref()) => {}
            () = changed => {}
        }
    }
}

async fn follow(app: &App, folder: Option<&Path>) {
    let Some(folder) = folder else { return std::future::pending().await };
    let mut known = Known::default();
    loop {
        let mut watch = FolderWatch::new(folder, RecursiveMode::NonRecursive);
        loop {
            let (app, folder, mut before) = (app.clone(), folder.to_owned(), std::mem::take(&mut known));
            let looked = task::blocking(move || {
                let rest = app.import_folder_look(&folder, &mut before);
                (before, rest)
            });
            let rest = match looked.await {
                Ok((after, rest)) => {
                    known = after;
                    rest
                }
                Err(_) => AT_LEAST,
            };
            if !watch.changed(rest).await {
                break;
            }
        }
    }
}

impl App {
    /// The folder that is watched for session files, and what became of them.
    pub fn import_folder(&self) -> ImportFolder {
        let (path, view) = (self.settings().import_folder, self.import_folder_view());
        if view.path == path { view.clone() } else { ImportFolder { path, ..ImportFolder::default() } }
    }

    /// Watches another folder for session files, or none. What came in stays.
    pub async fn import_folder_set(&self, folder: Option<String>) -> Result<ImportFolder, WireError> {
        if let Some(folder) = &folder {
            let path = Path::new(folder);
            if !path.is_absolute() || !path.is_dir() {
                return Err(invalid("that is not a folder", "Choose a folder that exists, by its whole path."));
            }
        }
        let mut settings = self.settings();
        settings.import_folder = folder;
        self.settings_save(settings).await?;
        Ok(self.import_folder())
    }

    /// Takes in what lies in the folder now, without a program that watches it. What cannot be read is looked at again
    /// before it is named. None is watched: nothing comes.
    pub async fn import_folder_once(&self) -> Result<ImportFolder, WireError> {
        let folder = self.settings().import_folder.map(PathBuf::from);
        let (mut known, mut rest) = (Known::default(), None);
        while let Some(folder) = folder.clone().filter(|_| rest.is_none_or(|rest| rest == SETTLED)) {
            tokio::time::sleep(rest.unwrap_or_default()).await;
            let app = self.clone();
            let looked = task::blocking(move || {
                let rest = app.import_folder_look(&folder, &mut known);
                (known, rest)
            });
            (known, rest) = looked.await.map(|(known, rest)| (known, Some(rest)))?;
        }
        Ok(self.import_folder())
    }

    fn import_folder_view(&self) -> MutexGuard<'_, ImportFolder> {
        self.inner.import_folder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn import_folder_in_force(&self) -> Option<PathBuf> {
        let settings = self.inner.settings.borrow();
        settings.import_folder.as_ref().filter(|_| !settings.background_paused).map(PathBuf::from)
    }

    /// Takes in what is new or changed. How long to rest then, if nothing happens.
    fn import_folder_look(&self, folder: &Path, known: &mut Known) -> Duration {
        let mut brought = Brought::default();
        let listed = list(folder);
        let missing = listed.is_err();
        if let Ok(files) = listed {
            known.files.retain(|name, _| files.contains_key(name));
            for (name, stamp) in files {
                // It was called off: what is not in yet stays out.
                if self.settings().import_folder.as_deref().map(Path::new) != Some(folder) {
                    break;
                }
                let before = known.files.get(&name).filter(|read| read.stamp == stamp);
                if before.is_some_and(|read| !read.is_read_again()) {
                    continue;
                }
                let since = before.map_or_else(Instant::now, |read| read.since);
                let outcome = self.import_folder_file(&folder.join(&name), &mut known.forgotten, &mut brought);
                known.files.insert(name, Read { stamp, outcome, since });
            }
        }
        self.import_folder_tell(folder, missing, known, &brought);
        let reads = || known.files.values();
        if reads().any(|read| read.outcome == Outcome::Answered) {
            WHILE_ANSWERED
        } else if reads().any(|read| matches!(read.outcome, Outcome::Skipped(_)) && read.since.elapsed() < SETTLED) {
            SETTLED
        } else {
            AT_LEAST
        }
    }

    fn import_folder_file(&self, file: &Path, forgotten: &mut Option<ForgottenIds>, brought: &mut Brought) -> Outcome {
        if fs_err::File::open(file).is_err() {
            return Outcome::Skipped(SkipReason::Unreadable);
        }
        let broken = |code: Code| matches!(code, Code::ImportInvalid | Code::InvalidInput);
        match self.import_folder_try(file, forgotten, brought) {
            Ok(outcome) => outcome,
            Err(Stop::Failed(error)) if broken(error.code) => Outcome::Skipped(SkipReason::Broken),
            Err(_) => Outcome::Later,
        }
    }

    fn import_folder_try(
        &self,
        file: &Path,
        forgotten: &mut Option<ForgottenIds>,
        brought: &mut Brought,
    ) -> Result<Outcome, Stop> {
        if !matches!(begins(file)?, Beginning::Json) {
            return Ok(Outcome::Foreign);
        }
        match json::no_seed(file, self.inner.clock.now())? {
            Some(SkipReason::NoConversation) => return Ok(Outcome::Foreign),
            Some(reason) => return Ok(Outcome::Skipped(reason)),
            None => {}
        }
        let Some(imported) = self.follow_seed(file, forgotten)? else { return Ok(Outcome::Answered) };
        brought.sessions += u32::from(imported.outcome == ImportOutcome::Imported);
        brought.messages = brought.messages.saturating_add(number(imported.new_messages));
        Ok(Outcome::Taken)
    }

    fn import_folder_tell(&self, folder: &Path, missing: bool, known: &Known, brought: &Brought) {
        let came = brought.messages > 0;
        let (mut foreign, mut skipped) = (0, SkippedList::default());
        for (name, read) in known.files.iter().filter(|_| !missing) {
            match read.outcome {
                Outcome::Foreign => foreign += 1,
                Outcome::Skipped(reason) if read.since.elapsed() >= SETTLED => {
                    skipped.add(name.display().to_string(), reason);
                }
                _ => {}
            }
        }
        let changed = {
            let mut view = self.import_folder_view();
            let path = Some(folder.display().to_string());
            let before =
                if view.path == path { view.clone() } else { ImportFolder { path, ..ImportFolder::default() } };
            let after = ImportFolder {
                path: before.path.clone(),
                missing,
                sessions: before.sessions.saturating_add(brought.sessions),
                messages: before.messages.saturating_add(brought.messages),
                last: if came { Some(self.inner.clock.now()) } else { before.last },
                foreign,
                skipped,
            };
            let changed = *view != after;
            *view = after;
            changed
        };
        if came {
            self.tell(Event::ChangedElsewhere);
        } else if changed {
            self.tell(Event::ImportFolderChanged);
        }
    }
}

/// The files in it that could be session files, as they are now. What a link points to is elsewhere, and what begins with a
/// dot is hidden on purpose, or not whole yet.
fn list(folder: &Path) -> std::io::Result<BTreeMap<OsString, Stamp>> {
    let mut files = BTreeMap::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let json = Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        // Of a link it is the link's own. One that went meanwhile is none.
        let Some(meta) = entry.metadata().ok().filter(|meta| json && meta.is_file()) else { continue };
        if !name.as_encoded_bytes().starts_with(b".") {
            files.insert(name, (meta.len(), meta.modified().ok()));
        }
    }
    Ok(files)
}
