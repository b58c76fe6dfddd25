//! `twin sync …`.

use crate::Failed;
use crate::archive::{follow, job};
use crate::output::{Output, remark};
use crate::session::word;
use clap::{Args, Subcommand, ValueEnum};
use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;
use twin_app::App;
use twin_app::sync::{S3Keys, SyncAlarm, SyncSecret, SyncSetup, SyncState, SyncStatus};
use twin_core::id::DeviceId;
use twin_core::secret::Secret;
use twin_core::settings::{S3Credentials, SyncPlace};
use twin_core::sync::{OtherVersion, OtherVersionOf};

#[derive(Subcommand)]
pub(crate) enum SyncCommand {
    /// Begin: this device is the first in that place. Prints the recovery code, once
    Init(Begin),
    /// Add this device to those that sync in that place
    Join(Join),
    /// How syncing stands
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Sync once, until nothing is left to do
    Now {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Rest until `twin sync resume`
    Pause,
    /// Go on
    Resume,
    /// The devices that sync
    Devices {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a device out; what it already has stays with it
    Revoke {
        /// Its id, as `twin sync devices` has it
        id: DeviceId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Another passphrase; the one before opens nothing that is written from now on
    Passphrase {
        /// Read it from the first line of standard input
        #[arg(long)]
        passphrase_stdin: bool,
    },
    /// Another recovery code, which is printed once; the one before opens nothing that is written from now on
    RecoveryCode,
    /// Seal everything from now on with a new key
    Rotate,
    /// Use another access key for the bucket, once it was tried out
    AccessKey {
        /// The new one; its secret is asked for
        #[arg(value_name = "ID")]
        access_key_id: String,
        /// Read the secret from the first line of standard input
        #[arg(long)]
        secret_stdin: bool,
    },
    /// Read everything back from the bucket and open it
    Verify {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the least that an AWS identity must be allowed for that bucket, as a policy to copy
    Policy(Place),
    /// Sync no more on this device; everything that is here stays
    Leave {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Edits that were made on two devices at once and lost to the other one
    #[command(subcommand)]
    Versions(VersionsCommand),
}

#[derive(Subcommand)]
pub(crate) enum VersionsCommand {
    /// List them
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make one the one that counts
    Take {
        /// Its number in the list
        id: u32,
    },
    /// Drop one
    Drop {
        /// Its number in the list
        id: u32,
    },
}

/// Where the devices meet.
#[derive(Args)]
pub(crate) struct Place {
    #[command(flatten)]
    which: Which,
    /// With a bucket: what every name in it begins with
    #[arg(long, default_value = "", hide_default_value = true, conflicts_with = "folder")]
    prefix: String,
    /// With a bucket [default: as the AWS environment says]
    #[arg(long, default_value = "", hide_default_value = true, conflicts_with = "folder")]
    region: String,
    /// With a bucket: the address of a service other than AWS
    #[arg(long, default_value = "", hide_default_value = true, value_name = "URL", conflicts_with = "folder")]
    endpoint: String,
    /// With a bucket: its name stands in the path and not in the host's name
    #[arg(long, conflicts_with = "folder")]
    path_style: bool,
    /// With a bucket: a profile of the AWS files [default: the standard AWS chain]
    #[arg(long, conflicts_with_all = ["folder", "access_key_id"])]
    profile: Option<String>,
    /// With a bucket: this access key; its secret is asked for, or is the first line of standard input
    #[arg(long, value_name = "ID", conflicts_with = "folder")]
    access_key_id: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// A folder: a mounted drive, or one that another program carries between machines
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// A bucket of Amazon S3, or of a service that speaks like it
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
}

#[derive(Args)]
pub(crate) struct Begin {
    #[command(flatten)]
    place: Place,
    /// What to call this device
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Read the passphrase from the next line of standard input
    #[arg(long)]
    passphrase_stdin: bool,
}

#[derive(Args)]
pub(crate) struct Join {
    #[command(flatten)]
    begin: Begin,
    /// Which vault, if several are in that place
    #[arg(long, value_name = "ID")]
    vault: Option<String>,
    /// By what it is opened; the recovery code is read as the passphrase is
    #[arg(long, value_enum, default_value_t = By::Passphrase)]
    by: By,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Passphrase,
    RecoveryCode,
}

pub(crate) async fn run(app: &App, command: SyncCommand, output: &Output) -> Result<(), Failed> {
    match command {
        SyncCommand::Init(begin) => init(app, begin, output).await,
        SyncCommand::Join(join) => self::join(app, join, output).await,
        SyncCommand::Status { json } => {
            let status = app.sync_status().await?;
            show(&status, json, output);
            Ok(())
        }
        SyncCommand::Now { json } => now(app, json, output).await,
        SyncCommand::Pause => {
            app.sync_pause(true).await?;
            output.line("Paused.");
            Ok(())
        }
        SyncCommand::Resume => {
            app.sync_pause(false).await?;
            output.line("Goes on.");
            Ok(())
        }
        SyncCommand::Devices { json } => {
            let devices = app.sync_status().await?;
            if json {
                output.json(&devices.devices);
            } else {
                list_devices(&devices, output);
            }
            Ok(())
        }
        SyncCommand::Revoke { id, yes } => {
            confirm(
                yes,
                "What that device already has stays with it; it is given nothing more. Type yes to take it out:",
            )?;
            app.sync_device_remove(id).await?;
            output.line(
                "Taken out. Whoever holds that device may know the passphrase: change it with `twin sync passphrase`.",
            );
            Ok(())
        }
        SyncCommand::Passphrase { passphrase_stdin } => {
            let passphrase = new_passphrase(passphrase_stdin)?;
            app.sync_passphrase_change(passphrase).await?;
            output.line("Changed.");
            Ok(())
        }
        SyncCommand::RecoveryCode => {
            show_code(&app.sync_recovery_code_new().await?, output);
            Ok(())
        }
        SyncCommand::Rotate => {
            app.sync_rotate().await?;
            output.line("From now on everything is sealed with a new key.");
            Ok(())
        }
        SyncCommand::AccessKey { access_key_id, secret_stdin } => {
            app.sync_access_keys_replace(access_keys(&access_key_id, secret_stdin)?).await?;
            output.line("The new access key is in use.");
            Ok(())
        }
        SyncCommand::Verify { json } => verify(app, json, output).await,
        SyncCommand::Policy(place) => {
            output.line(&app.sync_policy(&place.place()?));
            Ok(())
        }
        SyncCommand::Leave { yes } => {
            confirm(yes, "Everything stays on this device, and nothing more comes or goes. Type yes to leave:")?;
            app.sync_leave().await?;
            output.line("This device syncs no more.");
            Ok(())
        }
        SyncCommand::Versions(command) => versions(app, command, output).await,
    }
}

async fn init(app: &App, begin: Begin, output: &Output) -> Result<(), Failed> {
    let (setup, passphrase_stdin) = begin.setup()?;
    let code = app.sync_create(setup, new_passphrase(passphrase_stdin)?).await?;
    show_code(&code, output);
    now(app, false, output).await
}

async fn join(app: &App, join: Join, output: &Output) -> Result<(), Failed> {
    let Join { begin, vault, by } = join;
    let (setup, stdin) = begin.setup()?;
    let secret = match by {
        By::Passphrase => SyncSecret::Passphrase { passphrase: secret("Passphrase", stdin)? },
        By::RecoveryCode => SyncSecret::RecoveryCode { code: secret("Recovery code", stdin)? },
    };
    app.sync_join(setup, vault, secret).await?;
    now(app, false, output).await
}

async fn now(app: &App, json: bool, output: &Output) -> Result<(), Failed> {
    let status = app.sync_now().await?;
    show(&status, json, output);
    if matches!(status.state, SyncState::Offline | SyncState::Failed) { Err(Failed::Told) } else { Ok(()) }
}

async fn verify(app: &App, json: bool, output: &Output) -> Result<(), Failed> {
    let job = job();
    let Some(found) = follow(&job, app.sync_verify(job.clone())).await? else {
        remark("Called off.");
        return Err(Failed::Told);
    };
    if json {
        output.json(&found);
    } else {
        output.line(&format!(
            "{} objects, {} records, {:.1} MB",
            found.objects,
            found.records,
            f64::from(found.kilobytes) / 1e3
        ));
        for name in &found.damaged {
            output.line(&format!("  damaged: {name}"));
        }
        if found.missing > 0 {
            output.line(&format!("  {} records that were there are not there any more", found.missing));
        }
    }
    if found.damaged.is_empty() && found.missing == 0 { Ok(()) } else { Err(Failed::Told) }
}

async fn versions(app: &App, command: VersionsCommand, output: &Output) -> Result<(), Failed> {
    match command {
        VersionsCommand::List { json } => {
            let versions = app.sync_status().await?.other_versions;
            if json {
                output.json(&versions);
            } else {
                for version in &versions {
                    output.line(&told(version));
                }
            }
        }
        VersionsCommand::Take { id } => {
            app.sync_other_version_take(id).await?;
            output.line("Taken.");
        }
        VersionsCommand::Drop { id } => {
            app.sync_other_version_drop(id).await?;
            output.line("Dropped.");
        }
    }
    Ok(())
}

fn told(version: &OtherVersion) -> String {
    let (what, now) = match &version.of {
        OtherVersionOf::Title { now, .. } => ("title".to_owned(), now.as_str()),
        OtherVersionOf::Tags { title, now, .. } => (format!("tags of {title}"), now.as_str()),
        OtherVersionOf::Setting { key, now } => (format!("setting {key}"), now.as_str()),
        OtherVersionOf::File { path } => (format!("persona file {path}"), "as in the folder"),
    };
    format!("{:>4}  {}  {what}: {} (now: {now})", version.id, version.at, version.value)
}

fn show(status: &SyncStatus, json: bool, output: &Output) {
    if json {
        output.json(status);
        return;
    }
    output.line(&match (&status.state, &status.place) {
        (state, Some(place)) => format!("{}  {}", word(state), called(place)),
        (state, None) => word(state),
    });
    if let Some(failure) = &status.failure {
        output.line(&format!("  {}", failure.message));
        output.line(&format!("  → {}", failure.hint));
    }
    for alarm in &status.alarms {
        output.line(&format!("  {}", alarmed(alarm)));
    }
    let waiting = &status.waiting;
    if waiting.records > 0 || waiting.files > 0 {
        output.line(&format!("  waiting: {} records, {} attached files", waiting.records, waiting.files));
    }
    list_devices(status, output);
    if !status.other_versions.is_empty() {
        let count = status.other_versions.len();
        output
            .line(&format!("  {count} edits lost to others that were made at the same time: twin sync versions list"));
    }
}

fn list_devices(status: &SyncStatus, output: &Output) {
    for device in &status.devices {
        let last = device.last_record_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let about = match (device.this, device.removed) {
            (_, Some(at)) => format!("  (taken out {at})"),
            (true, None) => "  (this one)".to_owned(),
            (false, None) => String::new(),
        };
        output.line(&format!("  {}  {:>7} records  {last}  {}{about}", device.id, device.records, device.name));
    }
}

fn called(place: &SyncPlace) -> String {
    match place {
        SyncPlace::Folder { path } => path.clone(),
        SyncPlace::S3 { bucket, prefix, .. } if prefix.is_empty() => format!("s3://{bucket}"),
        SyncPlace::S3 { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}"),
    }
}

fn alarmed(alarm: &SyncAlarm) -> String {
    match alarm {
        SyncAlarm::Removed => "This device was taken out.".to_owned(),
        SyncAlarm::KeyringMissing => "The keyring is gone from where it was.".to_owned(),
        SyncAlarm::KeyringRefused => {
            "The keyring is older than the one known here, or was not made by one of your devices.".to_owned()
        }
        SyncAlarm::Damaged { device } => {
            format!("Something that {device} wrote is damaged; nothing more of it is read.")
        }
        SyncAlarm::Missing { device, records } => {
            format!("{records} records of {device} are gone: somebody put an older state of the storage back.")
        }
        SyncAlarm::NewerFormat { device } => {
            format!("{device} has a newer version of this program; what it writes waits until this one is updated.")
        }
        SyncAlarm::RemovedWrites { device } => format!("{device} was taken out and went on writing. It is not read."),
        SyncAlarm::Forked => {
            "This home was copied, and the copy is in use: this one goes on as a device of its own.".to_owned()
        }
    }
}

impl Begin {
    /// What to begin with, and whether the passphrase is on standard input. The secret access key comes first.
    fn setup(self) -> Result<(SyncSetup, bool), Failed> {
        let keys = match &self.place.access_key_id {
            Some(id) => Some(access_keys(id, self.passphrase_stdin)?),
            None => None,
        };
        let setup = SyncSetup { place: self.place.place()?, keys, device_name: self.name };
        Ok((setup, self.passphrase_stdin))
    }
}

impl Place {
    fn place(&self) -> Result<SyncPlace, Failed> {
        let credentials = match (&self.profile, &self.access_key_id) {
            (Some(name), _) => S3Credentials::Profile { name: name.clone() },
            (None, Some(_)) => S3Credentials::Keys,
            (None, None) => S3Credentials::Chain,
        };
        match (&self.which.folder, &self.which.bucket) {
            (Some(folder), _) => {
                // It is kept, and the next command may be given elsewhere.
                let path = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
                let Some(path) = path.to_str() else {
                    remark("error: the name of the folder is not text\n       Choose another folder.");
                    return Err(Failed::Told);
                };
                Ok(SyncPlace::Folder { path: path.to_owned() })
            }
            (None, bucket) => Ok(SyncPlace::S3 {
                bucket: bucket.clone().unwrap_or_default(),
                prefix: self.prefix.clone(),
                region: self.region.clone(),
                endpoint_url: self.endpoint.clone(),
                path_style: self.path_style,
                credentials,
            }),
        }
    }
}

fn access_keys(id: &str, stdin: bool) -> Result<S3Keys, Failed> {
    Ok(S3Keys {
        access_key_id: Secret::new(id.to_owned()),
        secret_access_key: secret("Secret access key", stdin)?,
        session_token: None,
    })
}

fn show_code(code: &Secret<String>, output: &Output) {
    output.line(code.expose());
    remark(
        "This is the recovery code. It opens everything if the passphrase is forgotten, and is shown only now: write it down, and keep it where this device is not.",
    );
}

/// A line that nobody sees while it is typed; with `stdin`, the next one of standard input.
pub(crate) fn secret(what: &str, stdin: bool) -> Result<Secret<String>, Failed> {
    let line = if stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    } else if std::io::stdin().is_terminal() {
        rpassword::prompt_password(format!("{what}: "))
    } else {
        remark(&format!(
            "error: nobody is there to ask for it: {what}\n       --help names the option that reads it from standard input."
        ));
        return Err(Failed::Told);
    };
    let line = Secret::new(line.unwrap_or_default());
    let secret = Secret::new(line.expose().trim_end_matches(['\n', '\r']).to_owned());
    if secret.expose().is_empty() {
        remark(&format!("error: it is empty: {what}\n       Give it as one line."));
        return Err(Failed::Told);
    }
    Ok(secret)
}

/// Typed twice, because nobody can see it.
pub(crate) fn new_passphrase(stdin: bool) -> Result<Secret<String>, Failed> {
    let passphrase = secret("New passphrase", stdin)?;
    if !stdin && secret("The same once more", false)? != passphrase {
        remark("error: the two are not the same\n       Try again.");
        return Err(Failed::Told);
    }
    Ok(passphrase)
}

pub(crate) fn confirm(yes: bool, question: &str) -> Result<(), Failed> {
    if yes {
        return Ok(());
    }
    remark(question);
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_err() || answer.trim() != "yes" {
        remark("Nothing was done.");
        return Err(Failed::Told);
    }
    Ok(())
}
