//! The persona folder: copied at the first run, read, watched, and edited in place.

mod edit;
mod folder;
mod watcher;

pub use edit::PersonaText;
pub(crate) use edit::{inside, write_whole};
pub(crate) use folder::{
    MAX_BYTES, MAX_FILES, cannot_write, contents, install_sample, is_plain, is_sample, read, take_in,
};
pub(crate) use watcher::watch;

use crate::error::{WireError, invalid};
use crate::paths::Paths;
use crate::{App, task};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use twin_core::event::Event;
use twin_core::settings::Settings;
use twin_mind::persona::Persona;
pub use twin_mind::persona::{PersonaView, Problem};

/// The folder in force.
pub(crate) fn folder(paths: &Paths, settings: &Settings) -> PathBuf {
    settings.persona_folder.as_ref().map_or_else(|| paths.persona(), PathBuf::from)
}

/// The persona of a home that could not be opened.
pub fn nobody() -> PersonaView {
    Persona::default().view()
}

impl App {
    /// The folder in force.
    pub fn persona_folder(&self) -> PathBuf {
        folder(&self.inner.paths, &self.settings())
    }

    /// What the twin knows and from which file.
    pub fn persona_view(&self) -> PersonaView {
        let persona = self.persona();
        PersonaView {
            folder: self.persona_folder().display().to_string(),
            avatar: folder::avatar(&persona),
            ..persona.view()
        }
    }

    /// Reads the folder again and tells the window what changed.
    pub async fn persona_reload(&self) -> Result<(), WireError> {
        let app = self.clone();
        let changed = task::blocking(move || app.persona_read_again()).await?;
        if let Some(event) = changed {
            self.tell(event);
        }
        Ok(())
    }

    fn persona_read_again(&self) -> Option<Event> {
        let _reading = self.inner.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.persona_folder();
        let (before, known) = self.inner.persona.read().unwrap_or_else(PoisonError::into_inner).clone();
        // Another folder is another person: nothing of the first one may stand in for a broken file of the second.
        let persona = read(&folder, (before == folder).then_some(&*known));
        let files = persona.changed_since(&known);
        if files.is_empty() && before == folder {
            return None;
        }
        let problems = persona.problems().len();
        // Held for the exchange only: a reply that begins meanwhile does not wait for a PDF.
        *self.inner.persona.write().unwrap_or_else(PoisonError::into_inner) = (folder, Arc::new(persona));
        Some(Event::PersonaReloaded { files, problems: u32::try_from(problems).unwrap_or(u32::MAX) })
    }

    /// Uses another folder, or with none the one inside the home again.
    pub async fn persona_set_folder(&self, folder: Option<String>) -> Result<PersonaView, WireError> {
        if let Some(folder) = &folder {
            let path = std::path::Path::new(folder);
            if !path.is_absolute() || !path.is_dir() {
                return Err(invalid("that is not a folder", "Choose a folder that exists, by its whole path."));
            }
        }
        let mut settings = self.settings();
        settings.persona_folder = folder;
        self.settings_save(settings).await?;
        Ok(self.persona_view())
    }

    /// What would be wrong with `text` as the file at `path`.
    pub fn persona_check(&self, path: &str, text: &str) -> Vec<Problem> {
        twin_mind::persona::check_text(path, text)
    }

    /// Reads and judges any folder, changing nothing: for `twin persona check`.
    pub fn persona_check_folder(folder: &std::path::Path) -> Result<PersonaView, WireError> {
        if !folder.is_dir() {
            return Err(invalid("that is not a folder", "Give the path of a folder with persona files."));
        }
        Ok(PersonaView { folder: folder.display().to_string(), ..read(folder, None).view() })
    }
}
