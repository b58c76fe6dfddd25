//! The commands of the product and who may call them, behind windows that let in everything else: any page can be framed here and
//! gone to, and one window is called `other`. So a test sees what refuses a call when all that stands before it has failed.
//!
//! With `--calls`, the calls of the main window come from the standard input, one on a line: a command, a space, its arguments. What
//! became of each is printed: `gave` or `refused` with what the command said, `broken` where it ended without a word, `silent` where
//! it has not ended.

#![expect(clippy::print_stdout, reason = "tells what became of the calls")]

use std::error::Error;
use std::io::{BufRead as _, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use tauri::ipc::{CallbackFn, Invoke, InvokeBody, InvokeResponse, InvokeResponseBody};
use tauri::webview::InvokeRequest;
use tauri::{AppHandle, Manager as _};
use twin_app::paths::Paths;

/// Longer than any command takes that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> Result<(), Box<dyn Error>> {
    let paths = Paths::resolve(None).map_err(|failure| failure.message)?;
    let calls = std::env::args().any(|argument| argument == "--calls");
    let bindings = digital_twin::bindings();
    let commands = bindings.invoke_handler();
    // Every call that was not refused, before the command sees it.
    let reached = paths.home().with_file_name("reached");
    let reached = fs_err::OpenOptions::new().create(true).append(true).open(reached)?.into_parts().0;
    digital_twin::answering(&paths, false)
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(move |invoke: Invoke| {
            let line = format!("{}\n", invoke.message.command());
            let written = (&reached).write_all(line.as_bytes());
            written.is_ok() && commands(invoke)
        })
        .setup(move |app| {
            bindings.mount_events(app);
            if calls {
                let app = app.handle().clone();
                std::thread::spawn(move || {
                    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                        println!("{}", call(&app, &line));
                    }
                    app.exit(0);
                });
            }
            Ok(())
        })
        .run(tauri::generate_context!("examples/undefended/tauri.conf.json"))?;
    Ok(())
}

/// As `tauri` takes what a page sends, with nothing left out but the way to it.
fn call(app: &AppHandle, line: &str) -> String {
    let (command, arguments) = line.split_once(' ').unwrap_or((line, ""));
    let arguments = match serde_json::from_str(arguments) {
        Ok(arguments) => InvokeBody::Json(arguments),
        Err(error) => return format!("refused {}", serde_json::json!(error.to_string())),
    };
    let Some(window) = app.get_webview_window("main") else { return "broken".to_owned() };
    let Ok(url) = "tauri://localhost".parse() else { return "broken".to_owned() };
    let request = InvokeRequest {
        cmd: command.to_owned(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url,
        body: arguments,
        headers: tauri::http::HeaderMap::new(),
        invoke_key: app.invoke_key().to_owned(),
    };
    let (tell, told) = mpsc::channel();
    let webview: &tauri::Webview = window.as_ref();
    webview.clone().on_message(request, Box::new(move |_, _, response, _, _| drop(tell.send(response))));
    match told.recv_timeout(PATIENCE) {
        Ok(InvokeResponse::Ok(InvokeResponseBody::Json(given))) => format!("gave {given}"),
        Ok(InvokeResponse::Ok(InvokeResponseBody::Raw(bytes))) => format!("gave {}", bytes.len()),
        Ok(InvokeResponse::Err(error)) => format!("refused {}", error.0),
        Err(RecvTimeoutError::Disconnected) => "broken".to_owned(),
        Err(RecvTimeoutError::Timeout) => "silent".to_owned(),
    }
}
