//! Commands about the owner's devices, and the place where they meet.

use super::{Answer, archive};
use crate::door::Door;
use crate::jobs::Jobs;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt as _;
use twin_app::job::Progress;
use twin_app::sync::{S3Keys, SyncFound, SyncSecret, SyncSetup, SyncStatus, SyncVerified};
use twin_app::task;
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::settings::SyncPlace;

/// Makes sure that the place can be used, and says what is there. Changes nothing here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_test(window: AppHandle, door: State<'_, Door>, setup: SyncSetup) -> Answer<SyncFound> {
    door.app(&window).await?.sync_test(setup).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_policy(window: AppHandle, door: State<'_, Door>, place: SyncPlace) -> Answer<String> {
    Ok(door.app(&window).await?.sync_policy(&place))
}

/// The answer is the recovery code, which is shown once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_create(
    window: AppHandle,
    door: State<'_, Door>,
    setup: SyncSetup,
    passphrase: Secret<String>,
) -> Answer<String> {
    let code = door.app(&window).await?.sync_create(setup, passphrase).await?;
    Ok(code.expose().to_owned())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_join(
    window: AppHandle,
    door: State<'_, Door>,
    setup: SyncSetup,
    vault: Option<String>,
    secret: SyncSecret,
) -> Answer<()> {
    door.app(&window).await?.sync_join(setup, vault, secret).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now(window: AppHandle, door: State<'_, Door>) -> Answer<SyncStatus> {
    door.app(&window).await?.sync_now().await
}

/// The window has the focus: a good moment to see what came.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_look(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.sync_look();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_status(window: AppHandle, door: State<'_, Door>) -> Answer<SyncStatus> {
    door.app(&window).await?.sync_status().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_pause(window: AppHandle, door: State<'_, Door>, paused: bool) -> Answer<()> {
    door.app(&window).await?.sync_pause(paused).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_device_remove(window: AppHandle, door: State<'_, Door>, id: DeviceId) -> Answer<()> {
    door.app(&window).await?.sync_device_remove(id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_rotate(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.sync_rotate().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_access_keys_replace(window: AppHandle, door: State<'_, Door>, keys: S3Keys) -> Answer<()> {
    door.app(&window).await?.sync_access_keys_replace(keys).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_passphrase_change(
    window: AppHandle,
    door: State<'_, Door>,
    passphrase: Secret<String>,
) -> Answer<()> {
    door.app(&window).await?.sync_passphrase_change(passphrase).await
}

/// The answer is shown once, and the one before it opens nothing any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_recovery_code_new(window: AppHandle, door: State<'_, Door>) -> Answer<String> {
    let code = door.app(&window).await?.sync_recovery_code_new().await?;
    Ok(code.expose().to_owned())
}

/// None: it was called off, by `job_cancel` with the same name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_verify(
    window: AppHandle,
    door: State<'_, Door>,
    jobs: State<'_, Jobs>,
    job: String,
    progress: Channel<Progress>,
) -> Answer<Option<SyncVerified>> {
    let running = jobs.begin(job, progress);
    door.app(&window).await?.sync_verify(running.job()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_leave(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.sync_leave().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_other_version_take(window: AppHandle, door: State<'_, Door>, id: u32) -> Answer<()> {
    door.app(&window).await?.sync_other_version_take(id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_other_version_drop(window: AppHandle, door: State<'_, Door>, id: u32) -> Answer<()> {
    door.app(&window).await?.sync_other_version_drop(id).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_choose_folder(window: AppHandle) -> Answer<Option<String>> {
    Ok(archive::chosen(task::blocking(move || window.dialog().file().blocking_pick_folder()).await?))
}
