//! A home, and the real program on it.

use rusqlite::Connection;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use twin_e2e::desktop::Desktop;
use twin_e2e::given;
use twin_e2e::stub::Stub;

/// A folder that holds a home, where it is.
pub(crate) struct Home<'a> {
    pub(crate) folder: PathBuf,
    pub(crate) desktop: &'a Desktop,
    pub(crate) stub: &'a Stub,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) worked: bool,
    pub(crate) printed: String,
    pub(crate) told: String,
    /// What no command may do: end by a signal or a panic, or fail without a word about what to do.
    pub(crate) fault: Option<String>,
}

impl Said {
    fn new(arguments: &[&str], output: &Output) -> Self {
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let clear = told.lines().any(|line| line.starts_with("error: "))
            && told.lines().any(|line| line.starts_with("       ") && !line.trim().is_empty());
        let worked = output.status.success();
        // Syncing says how it stands, with what failed and what to do, where it says what worked as well.
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let clear = clear || arguments.first() == Some(&"sync") && printed.contains("\n  → ");
        let fault = match output.status.code() {
            _ if told.contains("panicked") => Some(format!("twin {arguments:?} panicked: {told}")),
            Some(0) => None,
            Some(1) if clear => None,
            _ => Some(format!("twin {arguments:?} ended with {} and says: {told}", output.status)),
        };
        Self { worked, printed, told, fault }
    }

    /// Whether it failed with that code.
    pub(crate) fn is(&self, code: &str) -> bool {
        !self.worked && self.told.contains(&format!("({code})"))
    }
}

impl Home<'_> {
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("twin")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("twin.db")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.desktop.command(&given::twin());
        command
            .args(arguments)
            .env("TWIN_HOME", self.path())
            .env("AWS_ENDPOINT_URL", self.stub.origin())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "an-id")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// One that does not come to an end counts as a fault.
    pub(crate) fn twin(&self, arguments: &[&str]) -> Said {
        let twin = self.command(arguments);
        let mut command = self.desktop.command(Path::new("timeout"));
        command.args(["--kill-after=5", "60"]).arg(twin.get_program()).args(twin.get_args());
        command.envs(twin.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
        Said::new(arguments, &command.output().expect("`twin` can be started"))
    }

    /// What must work; what it printed.
    pub(crate) fn must(&self, arguments: &[&str]) -> String {
        let said = self.twin(arguments);
        assert!(said.worked, "twin {arguments:?} failed: {}", said.told);
        said.printed
    }

    pub(crate) fn say(&self, text: &str) -> Said {
        self.twin(&["chat", "--model", "offline", text])
    }

    /// As [`Self::say`], in the conversation that was spoken in last: each conversation more costs a look at it every time.
    pub(crate) fn say_on(&self, text: &str) -> Said {
        let list: Value = serde_json::from_str(&self.must(&["session", "list", "--json"])).unwrap_or_default();
        let session = list[0]["id"].as_str().unwrap_or_default();
        self.twin(&["chat", "--model", "offline", "--session", session, text])
    }

    /// Every message of a person that the program shows, or what it said instead.
    pub(crate) fn messages(&self) -> Result<BTreeSet<String>, Said> {
        let ask = |arguments: &[&str]| -> Result<Value, Said> {
            let mut said = self.twin(arguments);
            match serde_json::from_str(&said.printed) {
                Ok(value) if said.worked => Ok(value),
                _ => {
                    said.worked = false;
                    Err(said)
                }
            }
        };
        let mut messages = BTreeSet::new();
        for session in ask(&["session", "list", "--json"])?.as_array().into_iter().flatten() {
            let shown = ask(&["session", "show", session["id"].as_str().unwrap_or_default(), "--json"])?;
            let said = shown["messages"].as_array().into_iter().flatten();
            let of_a_person = said.filter(|message| message["role"] == "user");
            messages.extend(of_a_person.filter_map(|message| message["content"].as_str()).map(str::to_owned));
        }
        Ok(messages)
    }

    /// The places of all records in the one order, behind the program's back.
    pub(crate) fn records(&self) -> BTreeSet<(i64, i64)> {
        let database = Connection::open(self.database()).expect("the database can be opened");
        let mut rows = database.prepare("SELECT order_wall, order_counter FROM record").expect("there is a log");
        let places = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("it can be read");
        places.map(|place| place.expect("it can be read")).collect()
    }

    /// What SQLite says of it, and of what is folded from the log.
    pub(crate) fn fault_of_integrity(&self) -> Option<String> {
        let database = Connection::open(self.database()).ok()?;
        let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).ok()?;
        (verdict != "ok").then_some(verdict)
    }
}

/// Puts a copy of everything in `from` at `to`, and nothing else.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    drop(fs_err::remove_dir_all(to));
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status().expect("`cp` is there");
    assert!(copied.success(), "{} could not be copied", from.display());
}
