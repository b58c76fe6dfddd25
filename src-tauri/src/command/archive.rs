//! Commands about what leaves the home as a file, what comes in, and the copies that stay.

use super::{Answer, open_outside};
use crate::door::Door;
use crate::jobs::Jobs;
use crate::window::drag_out;
use std::path::{Path, PathBuf};
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_plugin_dialog::{DialogExt as _, FilePath};
use twin_app::App;
use twin_app::archive::ArchiveMade;
use twin_app::import::{ImportFolder, ImportPreview, ImportReport};
use twin_app::job::Progress;
use twin_app::session::SessionFormat;
use twin_app::task;
use twin_core::error::{Code, Failure};
use twin_core::export::{Backup, ExportMade, Recovered};
use twin_core::id::SessionId;
use twin_core::secret::Secret;

/// None: it was called off, by `job_cancel` with the same name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn archive_export(
    window: AppHandle,
    door: State<'_, Door>,
    jobs: State<'_, Jobs>,
    path: String,
    passphrase: Option<Secret<String>>,
    job: String,
    progress: Channel<Progress>,
) -> Answer<Option<ArchiveMade>> {
    let running = jobs.begin(job, progress);
    door.app(&window).await?.archive_export(Path::new(&path), passphrase, running.job()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_preview(
    window: AppHandle,
    door: State<'_, Door>,
    jobs: State<'_, Jobs>,
    path: String,
    passphrase: Option<Secret<String>>,
    job: String,
    progress: Channel<Progress>,
) -> Answer<Option<ImportPreview>> {
    let running = jobs.begin(job, progress);
    door.app(&window).await?.import_preview(Path::new(&path), passphrase, running.job()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_file(
    window: AppHandle,
    door: State<'_, Door>,
    jobs: State<'_, Jobs>,
    path: String,
    passphrase: Option<Secret<String>>,
    job: String,
    progress: Channel<Progress>,
) -> Answer<Option<ImportReport>> {
    let running = jobs.begin(job, progress);
    door.app(&window).await?.import(Path::new(&path), passphrase, running.job()).await
}

/// False: it was called off.
#[tauri::command]
#[specta::specta]
#[expect(clippy::too_many_arguments, reason = "three of them are the window's, which the page does not give")]
pub(crate) async fn session_export(
    window: AppHandle,
    door: State<'_, Door>,
    jobs: State<'_, Jobs>,
    session_ids: Vec<SessionId>,
    format: SessionFormat,
    path: String,
    job: String,
    progress: Channel<Progress>,
) -> Answer<bool> {
    let running = jobs.begin(job, progress);
    door.app(&window).await?.session_export(session_ids, format, Path::new(&path), running.job()).await
}

/// Drags conversations out of the window as files. The page says which; where they lie it is not told.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_drag(
    window: WebviewWindow,
    door: State<'_, Door>,
    session_ids: Vec<SessionId>,
    format: SessionFormat,
) -> Answer<()> {
    let files = door.app(window.app_handle()).await?.session_drag(session_ids, format).await?;
    drag_out(&window, files).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn job_cancel(jobs: State<'_, Jobs>, job: String) -> Answer<()> {
    jobs.cancel(&job);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_list(window: AppHandle, door: State<'_, Door>) -> Answer<Vec<ExportMade>> {
    door.app(&window).await?.export_list().await
}

/// Where a file is put if nobody says otherwise.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_folder(window: AppHandle) -> Answer<String> {
    let paths = window.path();
    let usual = [paths.download_dir(), paths.document_dir(), paths.home_dir()];
    let folder = usual.into_iter().flatten().find(|folder| folder.is_dir());
    Ok(folder.unwrap_or_default().display().to_string())
}

/// Asks in the desktop's own dialog where to save; it also asks before a file is replaced.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_choose_file(window: AppHandle, path: String) -> Answer<Option<String>> {
    let path = PathBuf::from(path);
    let mut dialog = window.dialog().file();
    if let Some(name) = path.file_name() {
        dialog = dialog.set_file_name(name.to_string_lossy());
    }
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        dialog = dialog.set_directory(folder);
    }
    Ok(chosen(task::blocking(move || dialog.blocking_save_file()).await?))
}

/// Whether something would be replaced.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_there(path: String) -> Answer<bool> {
    task::blocking(move || Path::new(&path).symlink_metadata().is_ok()).await
}

/// Shows the folder of a file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_show(path: String) -> Answer<()> {
    let folder = Path::new(&path).parent().filter(|folder| folder.is_dir()).ok_or_else(|| {
        Failure::permanent(
            Code::NotFound,
            "the folder of the file is no longer there",
            "Look for it where you moved it.",
        )
    })?;
    open_outside(folder.into()).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_choose_file(window: AppHandle) -> Answer<Option<String>> {
    Ok(chosen(task::blocking(move || window.dialog().file().blocking_pick_file()).await?))
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_folder(window: AppHandle, door: State<'_, Door>) -> Answer<ImportFolder> {
    Ok(door.app(&window).await?.import_folder())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_folder_set(
    window: AppHandle,
    door: State<'_, Door>,
    folder: Option<String>,
) -> Answer<ImportFolder> {
    door.app(&window).await?.import_folder_set(folder).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_choose_folder(window: AppHandle) -> Answer<Option<String>> {
    Ok(chosen(task::blocking(move || window.dialog().file().blocking_pick_folder()).await?))
}

/// A part of a file that was dropped on the page, as base64; the first begins it. The answer is the path to import.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_drop(
    window: AppHandle,
    door: State<'_, Door>,
    name: String,
    first: bool,
    data: String,
) -> Answer<String> {
    door.app(&window).await?.import_drop(&name, first, data).await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn import_drop_end(window: AppHandle, door: State<'_, Door>) -> Answer<()> {
    door.app(&window).await?.import_drop_end().await
}

pub(super) fn chosen(file: Option<FilePath>) -> Option<String> {
    file?.into_path().ok().map(|path| path.display().to_string())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_list(window: AppHandle, door: State<'_, Door>) -> Answer<Vec<Backup>> {
    door.app(&window).await?.backup_list().await
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_now(window: AppHandle, door: State<'_, Door>) -> Answer<Backup> {
    door.app(&window).await?.backup_now().await
}

/// The answer is the copy of what was there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_restore(window: AppHandle, door: State<'_, Door>, name: String) -> Answer<Backup> {
    door.app(&window).await?.backup_restore(name).await
}

/// The copies of a home that cannot be opened.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_list_closed(door: State<'_, Door>) -> Answer<Vec<Backup>> {
    let paths = door.paths().clone();
    task::blocking(move || App::backup_list_closed(&paths)).await?
}

/// Puts the newest copy that is whole in the place of a damaged database, with what can still be read of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_recover(door: State<'_, Door>) -> Answer<Recovered> {
    door.closed(App::backup_recover).await
}
