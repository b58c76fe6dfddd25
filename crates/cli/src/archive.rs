//! `twin export`, `twin import`, `twin backup …`.

use crate::output::{Output, remark};
use crate::session::word;
use crate::{BackupCommand, Export, Failed, Import, ImportCommand};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use twin_app::App;
use twin_app::error::WireError;
use twin_app::import::{ImportFolder, ImportReport, SkippedList};
use twin_app::job::{Job, Progress};
use twin_app::paths::Paths;
use twin_core::export::{Backup, Recovered};
use twin_core::secret::Secret;

pub(crate) async fn export(app: &App, export: Export, output: &Output) -> Result<(), Failed> {
    let Export { archive, passphrase_stdin, json } = export;
    refuse_to_replace(&archive)?;
    let passphrase = passphrase(passphrase_stdin)?;
    let job = job();
    let Some(made) = follow(&job, app.archive_export(&archive, passphrase, job.clone())).await? else {
        remark("Called off; no file was written.");
        return Err(Failed::Told);
    };
    if json {
        output.json(&made);
        return Ok(());
    }
    let (records, files, persona) = (made.records, made.files, made.persona);
    output.line(&format!("{}  {records} records, {files} attached files, {persona} persona files", made.path));
    for path in made.left_out {
        output.line(&format!("  left out: {path} (the twin cannot read it)"));
    }
    Ok(())
}

pub(crate) async fn import(app: &App, import: Import, output: &Output) -> Result<(), Failed> {
    let Import { command, file, preview, passphrase_stdin, json } = import;
    if let Some(ImportCommand::Watch { folder, off, json }) = command {
        return watch(app, folder, off, json, output).await;
    }
    // Required where no command stands in its place.
    let file = file.unwrap_or_default();
    let (passphrase, job) = (passphrase(passphrase_stdin)?, job());
    if preview {
        let looked = follow(&job, app.import_preview(&file, passphrase, job.clone())).await?;
        let Some(looked) = looked else { return Err(Failed::Told) };
        if json {
            output.json(&looked);
        } else if looked.locked {
            output.line("An archive that is sealed with a passphrase.");
        } else {
            let (kind, sessions, messages) = (word(&looked.kind), looked.sessions, looked.messages);
            let (sessions_here, messages_here) = (looked.sessions_here, looked.messages_here);
            output.line(&format!(
                "{kind}: {sessions} conversations ({sessions_here} here), {messages} messages ({messages_here} here)"
            ));
            tell_skipped(&looked.skipped, output);
        }
        return Ok(());
    }
    let Some(report) = follow(&job, app.import(&file, passphrase, job.clone())).await? else {
        remark("Called off. What came in whole before is kept; import it again to go on.");
        return Err(Failed::Told);
    };
    if json {
        output.json(&report);
    } else {
        let ImportReport { kind, sessions, messages, records, files, persona, forgotten, skipped } = report;
        output.line(&format!("{}: {sessions} new conversations, {messages} new messages", word(&kind)));
        if records + files + persona > 0 {
            output.line(&format!("  {records} new records, {files} attached files, {persona} persona files"));
        }
        if forgotten {
            output.line("  What had been forgotten was left out.");
        }
        tell_skipped(&skipped, output);
    }
    Ok(())
}

async fn watch(app: &App, folder: Option<PathBuf>, off: bool, json: bool, output: &Output) -> Result<(), Failed> {
    let watched = match folder {
        Some(folder) => {
            // One that is refused is said as it was given.
            let folder = std::path::absolute(&folder).unwrap_or(folder);
            app.import_folder_set(Some(folder.display().to_string())).await?;
            app.import_folder_once().await?
        }
        None if off => app.import_folder_set(None).await?,
        None => app.import_folder(),
    };
    if json {
        output.json(&watched);
        return Ok(());
    }
    let ImportFolder { path, missing, sessions, messages, last: _, foreign, skipped } = watched;
    let Some(path) = path else {
        output.line("No folder is watched.");
        return Ok(());
    };
    output.line(&format!("Watched while the window runs: {path}"));
    if missing {
        output.line("  It cannot be read now.");
    }
    if messages > 0 {
        output.line(&format!("{sessions} new conversations, {messages} new messages"));
    }
    if foreign > 0 {
        output.line(&format!("Not session files, to be imported one by one: {foreign}"));
    }
    tell_skipped(&skipped, output);
    Ok(())
}

fn tell_skipped(skipped: &SkippedList, output: &Output) {
    if skipped.count == 0 {
        return;
    }
    output.line(&format!("Not taken in: {}", skipped.count));
    for one in &skipped.named {
        output.line(&format!("  {}  {}", one.place, word(&one.reason)));
    }
    let more = skipped.count.saturating_sub(u32::try_from(skipped.named.len()).unwrap_or(u32::MAX));
    if more > 0 {
        output.line(&format!("  … and {more} more"));
    }
}

/// Needs no open home: one that is damaged is put back as well.
pub(crate) fn restore(paths: &Paths, name: Option<&str>, json: bool, output: &Output) -> Result<(), Failed> {
    let Some(name) = name else { return recover(paths, json, output) };
    let aside = App::backup_restore_closed(paths, crate::encryption::key(paths)?.as_ref(), name)?;
    if json {
        output.json(&serde_json::json!({ "restored": name, "aside": aside }));
        return Ok(());
    }
    output.line(&format!("Restored {name}."));
    if let Some(aside) = aside {
        output.line(&format!("What was there is kept as {}.", aside.name));
    }
    Ok(())
}

fn recover(paths: &Paths, json: bool, output: &Output) -> Result<(), Failed> {
    let recovered = App::backup_recover(paths, crate::encryption::key(paths)?.as_ref())?;
    if json {
        output.json(&recovered);
        return Ok(());
    }
    let Recovered { backup, aside, readable, messages, changes, lost, lost_from, lost_to, until, syncs } = recovered;
    match &backup {
        Some(backup) => output.line(&format!("Restored {}.", backup.name)),
        None => output.line("There is no backup that is whole: begun with an empty database."),
    }
    if let Some(aside) = aside {
        output.line(&format!("The damaged file is kept as {}.", aside.name));
    }
    if readable {
        output.line(&format!("Read from it and added: {messages} messages, {changes} changes in all."));
    } else {
        let since = backup.map_or_else(String::new, |backup| format!(" that was said after {}", backup.at));
        output.line(&format!("Nothing of it could be read: whatever was in it{since} is missing."));
    }
    if lost > 0 {
        let when = match (lost_from, lost_to) {
            (Some(from), Some(to)) => format!(", made between {from} and {to}"),
            _ => String::new(),
        };
        output.line(&format!("Lost: {lost} changes that could not be read{when}."));
    } else if readable {
        output.line("Nothing is missing between what could be read.");
    }
    if let Some(until) = until {
        output.line(&format!("The newest that is here is from {until}."));
    }
    if syncs {
        output.line("What was synced comes back now: twin sync now");
    }
    Ok(())
}

pub(crate) async fn backup(
    paths: &Paths,
    app: Result<App, WireError>,
    command: BackupCommand,
    output: &Output,
) -> Result<(), Failed> {
    match command {
        BackupCommand::List { json } => {
            // Also of a home that cannot be opened, where they are needed most.
            let backups = App::backup_list_closed(paths)?;
            if json {
                output.json(&backups);
            } else if backups.is_empty() {
                output.line("No backups yet. Make one: twin backup now");
            } else {
                for backup in &backups {
                    output.line(&summary(backup));
                }
            }
        }
        BackupCommand::Now { json } => {
            let made = app?.backup_now().await?;
            if json {
                output.json(&made);
            } else {
                output.line(&summary(&made));
            }
        }
        BackupCommand::Restore { name, json } => {
            drop(app);
            restore(paths, name.as_deref(), json, output)?;
        }
    }
    Ok(())
}

fn summary(backup: &Backup) -> String {
    format!("{}  {:>9} kB  {:<14}  {}", backup.at, backup.kilobytes, word(&backup.reason), backup.name)
}

/// A script that is wrong about a name must not lose a file.
pub(crate) fn refuse_to_replace(file: &Path) -> Result<(), Failed> {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    remark(&format!(
        "error: there is a file already: {}\n       Choose another name, or move it away.",
        file.display()
    ));
    Err(Failed::Told)
}

/// The first line of standard input.
fn passphrase(wanted: bool) -> Result<Option<Secret<String>>, Failed> {
    if !wanted {
        return Ok(None);
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line);
    let passphrase = Secret::new(line.trim_end_matches(['\n', '\r']).to_owned());
    drop(Secret::new(line));
    if read.is_err() || passphrase.expose().is_empty() {
        remark("error: there is no passphrase on standard input\n       Give it as one line.");
        return Err(Failed::Told);
    }
    Ok(Some(passphrase))
}

/// Tells a person how far it is, and nobody else.
pub(crate) fn job() -> Job {
    if !std::io::stderr().is_terminal() {
        return Job::quiet();
    }
    Job::new(Arc::new(|Progress { percent, .. }| {
        // With no standard error left there is nobody to tell.
        drop(write!(std::io::stderr(), "\r{percent:>3} %\r"));
    }))
}

/// Waits for it; Ctrl-C calls it off.
pub(crate) async fn follow<T>(job: &Job, work: impl Future<Output = Result<T, WireError>>) -> Result<T, WireError> {
    tokio::pin!(work);
    tokio::select! {
        done = &mut work => done,
        _ = tokio::signal::ctrl_c() => {
            job.cancel();
            work.await
        }
    }
}
