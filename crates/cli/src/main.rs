//! `twin`: the headless door. Parses first, decides nothing: every command is one call of the application.

mod archive;
mod chat;
mod encryption;
mod memory;
mod model;
mod output;
mod persona;
mod search;
mod session;
mod sync;

use clap::{Args, Parser, Subcommand};
use output::{Output, complain};
use std::path::PathBuf;
use std::process::ExitCode;
use twin_app::error::WireError;
use twin_app::paths::Paths;
use twin_app::{App, doctor, telemetry};
use twin_core::chat::Audience;
use twin_core::id::SessionId;
use twin_core::model::ModelRef;
use twin_core::time::Timestamp;

/// Talk to your twin, and look after what it knows, without a window.
#[derive(Parser)]
#[command(name = "twin", version, after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage.")]
struct Arguments {
    /// The home folder [default: $TWIN_HOME, else the platform's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Say something and print the reply as it comes
    Chat {
        #[command(flatten)]
        say: Say,
        /// Send a file along: an image, a document or text; may be given several times
        #[arg(long, value_name = "FILE")]
        attach: Vec<PathBuf>,
    },
    /// What would be sent to the model
    #[command(subcommand)]
    Context(ContextCommand),
    /// The persona folder
    #[command(subcommand)]
    Persona(PersonaCommand),
    /// Conversations
    #[command(subcommand)]
    Session(SessionCommand),
    /// Find what was said
    Search(Search),
    /// What is remembered, and forgetting
    #[command(subcommand)]
    Memory(memory::MemoryCommand),
    /// Write everything into one file: conversations, memory, settings that travel, attached files, persona; never a key
    Export(Export),
    /// Take in an archive, a session file, or what ChatGPT or Claude exported; the same once more changes nothing
    Import(Import),
    /// Copies of the database inside of the home
    #[command(subcommand)]
    Backup(BackupCommand),
    /// A database that nobody can read who has the disk but not its key
    #[command(subcommand)]
    Encryption(encryption::EncryptionCommand),
    /// Several devices of one owner that meet in a bucket or a folder
    #[command(subcommand)]
    Sync(sync::SyncCommand),
    /// Who can answer
    #[command(subcommand)]
    Model(ModelCommand),
    /// Tokens and cost, by month and model
    Usage {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Check everything that the twin stands on
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct Say {
    /// Continue this conversation [default: begin a new one]
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
    /// offline, bedrock:ID, openai:ID or openai@SERVER:ID [default: as chosen in the session, else in the settings]
    #[arg(long)]
    model: Option<ModelRef>,
    /// Who is talking
    #[arg(long, value_parser = audience, default_value = "owner", value_name = "owner|visitor")]
    audience: Audience,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// What to say; - reads it from standard input
    message: String,
}

#[derive(Args)]
struct Search {
    /// Every word must be there, the last may be the beginning of one; "words in quotes" are a phrase
    query: String,
    /// Only in this conversation
    #[arg(long, value_name = "ID")]
    session: Option<SessionId>,
    /// Only what was written on this day or later, as 2026-11-21, or at this time or later, as 2026-11-21T08:15:00Z
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Timestamp>,
    /// Only what was written before
    #[arg(long, value_name = "DATE", value_parser = date)]
    before: Option<Timestamp>,
    /// Print so many at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// Which come first; in the order of time, of the thousand that came in last (or first) with what is looked for
    #[arg(long, value_enum, default_value_t = Order::Newest)]
    order: Order,
    /// Whose conversations are looked through
    #[arg(long, value_parser = audience, default_value = "owner", value_name = "owner|visitor")]
    audience: Audience,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Export {
    /// The file to write
    #[arg(long, value_name = "FILE")]
    archive: PathBuf,
    /// Seal it with the passphrase that is the first line of standard input
    #[arg(long)]
    passphrase_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Import {
    #[command(subcommand)]
    command: Option<ImportCommand>,
    /// The file; what it is, it says itself
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Only say what it would bring
    #[arg(long)]
    preview: bool,
    /// Open it with the passphrase that is the first line of standard input
    #[arg(long)]
    passphrase_stdin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum ImportCommand {
    /// Choose a folder whose session files come in by themselves while the window runs, and take in what lies there now
    Watch {
        /// The folder [default: only say which it is]
        folder: Option<PathBuf>,
        /// Watch none; what came in stays
        #[arg(long, conflicts_with = "folder")]
        off: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum BackupCommand {
    /// List them, the newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make one
    Now {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put one in the place of the database, which is copied first; the home must not be open elsewhere
    Restore {
        /// Its name, as the list has it [default: the newest that is whole, with all that can still be read of a damaged database]
        name: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Order {
    Newest,
    Best,
    Oldest,
}

#[derive(Subcommand)]
enum ContextCommand {
    /// Print the exact prompt that would be sent, and the report
    Show(Say),
}

#[derive(Subcommand)]
enum PersonaCommand {
    /// Read a persona folder and say what is wrong with it
    Check {
        /// The folder [default: the one in use]
        dir: Option<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum ModelCommand {
    /// List the models of every provider that is set up
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Try the connection to Bedrock step by step
    Test {
        /// The model that is to give one short answer [default: as chosen in the settings]
        #[arg(long)]
        model: Option<ModelRef>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the least that an AWS identity must be allowed, as a policy to copy
    Policy,
}

#[derive(Subcommand)]
enum SessionCommand {
    /// List the conversations, the newest first, after those that are pinned
    List {
        /// Those that were archived instead
        #[arg(long)]
        archived: bool,
        /// Only those with this tag
        #[arg(long)]
        tag: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a conversation
    Show {
        /// Its id
        id: SessionId,
        /// Print JSON: every branch, not only the one that is shown
        #[arg(long)]
        json: bool,
    },
    /// Give a conversation another title
    Rename {
        /// Its id
        id: SessionId,
        /// The title
        title: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep a conversation at the top of the list
    Pin {
        /// Its id
        id: SessionId,
        /// No longer
        #[arg(long)]
        off: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a conversation out of the list; it is still found
    Archive {
        /// Its id
        id: SessionId,
        /// Put it back
        #[arg(long)]
        off: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a tag on a conversation
    Tag {
        /// Its id
        id: SessionId,
        /// The tag
        tag: String,
        /// Take it off
        #[arg(long)]
        off: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete a conversation
    Delete {
        /// Its id
        id: SessionId,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a conversation to standard output, or one or several to a file
    Export {
        /// Their ids
        #[arg(required = true, value_name = "ID")]
        ids: Vec<SessionId>,
        /// seed: the session file of the first digital twin; json: every branch
        #[arg(long, value_enum)]
        format: Format,
        /// The file to write; several conversations become a ZIP
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Take in session files; a file that is here already changes nothing
    Import {
        /// Files named SESSION-ID.json
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    Seed,
    Json,
    Markdown,
    Html,
    Text,
}

fn audience(text: &str) -> Result<Audience, String> {
    match text {
        "owner" => Ok(Audience::Owner),
        "visitor" => Ok(Audience::Visitor),
        _ => Err("it is owner or visitor".to_owned()),
    }
}

/// A day begins at midnight where its owner is.
fn date(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::system()).ok();
    let time = text.parse::<jiff::Timestamp>().ok().or_else(|| Some(day()?.timestamp()));
    time.map(Timestamp::from).ok_or_else(|| "it is written as 2026-11-21 or 2026-11-21T08:15:00Z".to_owned())
}

/// Why a command did not succeed.
enum Failed {
    /// Told to the person, with what to do.
    Because(WireError),
    /// Everything was said already.
    Told,
}

impl From<WireError> for Failed {
    fn from(error: WireError) -> Self {
        Self::Because(error)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { home, command } = Arguments::parse();
    let output = Output::new();
    match run(home, command, &output).await {
        Ok(()) if output.is_whole() => ExitCode::SUCCESS,
        Ok(()) | Err(Failed::Told) => ExitCode::FAILURE,
        Err(Failed::Because(error)) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(home: Option<PathBuf>, command: Command, output: &Output) -> Result<(), Failed> {
    if let Command::Persona(PersonaCommand::Check { dir: Some(dir), json }) = &command {
        // Needs no home: a folder can be judged before anything is installed.
        return persona::check(&App::persona_check_folder(dir)?, *json, output);
    }
    let paths = Paths::resolve(home).map_err(WireError::from)?;
    telemetry::start(&paths);
    if let Command::Backup(BackupCommand::Restore { name, json }) = &command {
        // The home must not be open, not even here; and it may be one that cannot be.
        return archive::restore(&paths, name.as_deref(), *json, output);
    }
    if let Command::Encryption(command) = command {
        return encryption::run(&paths, command, output);
    }
    let app = encryption::open(&paths);
    match command {
        // They need a home that is closed.
        Command::Encryption(_) => {}
        Command::Doctor { json } => return examine(&paths, app, json, output).await,
        Command::Chat { say, attach } => chat::chat(&app?, say, &attach, output).await?,
        Command::Context(ContextCommand::Show(say)) => chat::context(&app?, say, output).await?,
        Command::Persona(PersonaCommand::Check { json, .. }) => {
            persona::check(&app?.persona_view(), json, output)?;
        }
        Command::Session(command) => session::run(&app?, command, output).await?,
        Command::Search(search) => search::run(&app?, search, output).await?,
        Command::Memory(command) => memory::run(&app?, command, output).await?,
        Command::Export(export) => archive::export(&app?, export, output).await?,
        Command::Import(import) => archive::import(&app?, import, output).await?,
        Command::Backup(command) => archive::backup(&paths, app, command, output).await?,
        Command::Sync(command) => sync::run(&app?, command, output).await?,
        Command::Model(command) => model::run(&app?, command, output).await?,
        Command::Usage { json } => model::usage(&app?, json, output).await?,
    }
    Ok(())
}

async fn examine(paths: &Paths, app: Result<App, WireError>, json: bool, output: &Output) -> Result<(), Failed> {
    let checks = doctor::examine(paths, app).await;
    if json {
        output.json(&checks);
    } else {
        for check in &checks {
            let mark = match check.health {
                doctor::Health::Ok => "ok    ",
                doctor::Health::Notice => "note  ",
                doctor::Health::Failed => "FAILED",
            };
            output.line(&format!("{mark}  {:<9} {}", check.name, check.detail));
            if !check.hint.is_empty() {
                output.line(&format!("        {:<9} → {}", "", check.hint));
            }
        }
    }
    let failed = checks.iter().any(|check| check.health == doctor::Health::Failed);
    if failed { Err(Failed::Told) } else { Ok(()) }
}
