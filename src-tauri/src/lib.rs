//! Knows windows, and which call of the application each command stands for.
//! Never holds a rule about the domain: an `if` about sessions or models belongs in `twin-app`.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest; `tests/it` compares `ui/src/bindings.ts`.

#[cfg(target_os = "linux")]
mod card;
#[cfg(target_os = "linux")]
mod caret;
mod command;
mod desktop;
mod door;
mod gather;
mod instance;
mod jobs;
mod window;

use crate::desktop::{Desktop, DesktopEvent};
use crate::door::Door;
use crate::jobs::Jobs;
use std::process::ExitCode;
use tauri::{Manager as _, RunEvent, Window, WindowEvent};
use tauri_specta::{ErrorHandlingMode, Event, collect_commands, collect_events};
use twin_app::App;
use twin_app::paths::Paths;
use twin_app::telemetry;
use twin_core::event::Notice;

/// Something happened that the window may want to show.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, specta::Type, Event)]
#[tauri_specta(event_name = "notice")]
pub struct NoticeEvent(pub(crate) Notice);

/// Every command and event of the window; the test writes `ui/src/bindings.ts` from it.
#[expect(clippy::too_many_lines, reason = "one line for each command")]
pub fn bindings() -> tauri_specta::Builder<tauri::Wry> {
    tauri_specta::Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        // One type for both ways: nothing on this wire is written differently from how it is read.
        .disable_serde_phases()
        .commands(collect_commands![
            command::bootstrap,
            command::window_ready,
            command::session_list,
            command::session_path,
            command::session_show,
            command::session_change,
            command::session_fork,
            command::session_close,
            command::branch_delete,
            command::message_find,
            command::session_rename,
            command::chat_send,
            command::chat_regenerate,
            command::chat_stop,
            command::session_set_model,
            command::attachment_add,
            command::attachment_discard,
            command::attachment_data,
            command::attachment_leave_out,
            command::attachment_leave_out_all,
            command::context_report,
            command::context_claims,
            command::persona_view,
            command::persona_read,
            command::persona_check,
            command::persona_save,
            command::persona_template,
            command::persona_open_folder,
            command::persona_set_folder,
            command::persona_choose_folder,
            command::settings_save,
            command::credentials_save,
            command::credentials_forget,
            command::credentials_view,
            command::model_catalogue,
            command::model_forget_typed,
            command::lessons_forget,
            command::server_presets,
            command::server_find,
            command::server_models,
            command::embedder_test,
            command::aws_profiles,
            command::aws_identity,
            command::aws_policy,
            command::aws_sign_in,
            command::aws_sign_in_cancel,
            command::bedrock_test,
            command::usage_session,
            command::usage_months,
            command::price_view,
            command::price_open,
            command::memory::memory_list,
            command::memory::memory_get,
            command::memory::memory_search,
            command::memory::memory_stats,
            command::memory::memory_add,
            command::memory::memory_correct,
            command::memory::memory_retract,
            command::memory::memory_undo,
            command::memory::memory_pin,
            command::memory::memory_share,
            command::memory::memory_settle,
            command::memory::memory_notices,
            command::memory::person_list,
            command::memory::person_change,
            command::memory::person_merge,
            command::memory::forget_plan,
            command::memory::forget_drafts,
            command::memory::forget,
            command::memory::forget_receipts,
            command::archive::archive_export,
            command::archive::import_preview,
            command::archive::import_file,
            command::archive::session_export,
            command::archive::session_drag,
            command::archive::job_cancel,
            command::archive::export_list,
            command::archive::export_folder,
            command::archive::export_choose_file,
            command::archive::export_there,
            command::archive::export_show,
            command::archive::import_choose_file,
            command::archive::import_folder,
            command::archive::import_folder_set,
            command::archive::import_choose_folder,
            command::archive::import_drop,
            command::archive::import_drop_end,
            command::archive::backup_list,
            command::archive::backup_now,
            command::archive::backup_restore,
            command::archive::backup_list_closed,
            command::archive::backup_recover,
            command::encryption::encryption_state,
            command::encryption::encryption_unlock,
            command::encryption::encryption_on,
            command::encryption::encryption_off,
            command::encryption::encryption_code_new,
            command::encryption::encryption_passphrase_change,
            command::sync::sync_test,
            command::sync::sync_policy,
            command::sync::sync_create,
            command::sync::sync_join,
            command::sync::sync_now,
            command::sync::sync_look,
            command::sync::sync_status,
            command::sync::sync_pause,
            command::sync::sync_device_remove,
            command::sync::sync_rotate,
            command::sync::sync_access_keys_replace,
            command::sync::sync_passphrase_change,
            command::sync::sync_recovery_code_new,
            command::sync::sync_verify,
            command::sync::sync_leave,
            command::sync::sync_other_version_take,
            command::sync::sync_other_version_drop,
            command::sync::sync_choose_folder,
            command::link_inspect,
            command::link_open,
            desktop::desktop_view,
            desktop::desktop_words,
            desktop::desktop_set_start_at_login,
            desktop::quick_hide,
            desktop::main_show,
        ])
        .events(collect_events![NoticeEvent, DesktopEvent])
}

/// A program with what the commands ask for, and no window yet. Who may call them say the capabilities.
pub fn answering(paths: &Paths, at_login: bool) -> tauri::Builder<tauri::Wry> {
    tauri::Builder::default()
        .manage(Door::new(paths.clone()))
        .manage(Desktop::new(paths.clone(), at_login))
        .manage(Jobs::default())
}

/// Opens the home and the window, and returns when the program is to end.
pub fn run() -> ExitCode {
    #[cfg(target_os = "linux")]
    card::choose();
    let paths = match Paths::resolve(None) {
        Ok(paths) => paths,
        Err(failure) => {
            tracing::error!(code = ?failure.code, "there is no home");
            return ExitCode::FAILURE;
        }
    };
    telemetry::start(&paths);
    let bindings = bindings();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at_login = arguments.iter().any(|argument| argument == desktop::AT_LOGIN);
    // Before the plugins: another start on this home may speak to this one as soon as they are there.
    let mut builder = answering(&paths, at_login).invoke_handler(bindings.invoke_handler());
    if let Some(plugin) = instance::plugin(&paths) {
        builder = builder.plugin(plugin);
    }
    let here = paths.clone();
    let started = builder
        .plugin(tauri_plugin_dialog::init())
        .on_window_event(move |window, event| window_event(window, event, &here))
        .setup(move |app| {
            bindings.mount_events(app);
            #[cfg(target_os = "linux")]
            caret::rest();
            window::open(app.handle(), &paths, !at_login)?;
            if arguments.iter().any(|argument| argument == desktop::SHOW_QUICK) {
                window::toggle_quick(app.handle(), &paths);
            }
            app.state::<Desktop>().opened(app.handle());
            // The home opens while the page loads.
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                // A failure is met again, and told, by the page's first call.
                drop(handle.state::<Door>().app(&handle).await);
            });
            Ok(())
        })
        .build(tauri::generate_context!());
    match started {
        Ok(app) => {
            app.run(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    app.state::<Jobs>().end();
                    // A failure is in the log, and the next start tries again.
                    drop(App::session_drag_end(app.state::<Door>().paths()));
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

fn window_event(window: &Window, event: &WindowEvent, paths: &Paths) {
    let app = window.app_handle();
    match event {
        WindowEvent::CloseRequested { api, .. } if window.label() == window::QUICK => {
            api.prevent_close();
            window::hide_quick(app);
        }
        WindowEvent::CloseRequested { api, .. } => {
            window::keep(app, paths);
            if app.state::<Desktop>().outlives_window(app) {
                api.prevent_close();
                window::told(window.hide(), "the window could not be hidden");
            }
        }
        // A session that ends takes the window without asking it to close.
        WindowEvent::Focused(false) => window::keep(app, paths),
        // The quick window alone is no reason to go on.
        WindowEvent::Destroyed if window.label() == window::MAIN => app.exit(0),
        _ => {}
    }
}
