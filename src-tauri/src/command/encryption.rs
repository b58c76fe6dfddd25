//! Commands about the key of the home.

use super::Answer;
use crate::door::Door;
use tauri::{AppHandle, State};
use twin_app::encryption::{self, EncryptionState};
use twin_app::task;
use twin_core::secret::Secret;

#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_state(window: AppHandle, door: State<'_, Door>) -> Answer<EncryptionState> {
    let app = door.app(&window).await?;
    task::blocking(move || app.encryption_state()).await?
}

/// Opens an encrypted home whose key is not at hand, by its passphrase or its recovery code. What asks next finds it open.
#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_unlock(door: State<'_, Door>, secret: Secret<String>) -> Answer<()> {
    door.unlock(secret).await
}

/// Encrypts the database and its backups, with the key in the keychain unless there is a passphrase. The answer is the recovery
/// code, which is shown once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_on(door: State<'_, Door>, passphrase: Option<Secret<String>>) -> Answer<String> {
    Ok(door.encrypt(passphrase).await?.expose().to_owned())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_off(door: State<'_, Door>) -> Answer<()> {
    door.decrypt().await
}

/// The answer is shown once, and the one before it opens nothing any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_code_new(door: State<'_, Door>) -> Answer<String> {
    let code = door.with_key(encryption::new_code).await?;
    Ok(code.expose().to_owned())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn encryption_passphrase_change(door: State<'_, Door>, passphrase: Secret<String>) -> Answer<()> {
    door.with_key(move |paths, key| encryption::new_passphrase(paths, key, &passphrase)).await
}
