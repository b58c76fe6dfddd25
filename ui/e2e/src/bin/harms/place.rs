//! A home that cannot be written, is gone, or lies under a clock that is wrong.

use crate::full::Disk;
use crate::home::Home;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::meeting::Meeting;
use twin_e2e::process::Running;
use twin_e2e::stub::Stub;

/// Where Debian's `libfaketime` puts it.
const FAKETIME: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"];

type Outcome = Result<String, String>;

pub(crate) fn run(faults: &mut BTreeSet<String>) {
    let folder = TempDir::with_prefix("twin-place-").expect("a temporary folder can be made");
    let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
    let stub = Stub::start();
    let trial = Trial { folder: folder.path(), desktop: &desktop, stub: &stub };
    let checks: [(&str, &dyn Fn() -> Outcome); 4] = [
        ("read-only home", &|| trial.read_only()),
        ("home gone between runs", &|| trial.gone_between()),
        ("home gone while it runs", &|| trial.gone_while_running()),
        ("clock of other years", &|| trial.clocks()),
    ];
    for (name, check) in checks {
        match check() {
            Ok(came) => println!("{name:<24} {came}"),
            Err(fault) => {
                println!("{name:<24} FAULT");
                faults.insert(format!("{name}: {fault}"));
            }
        }
    }
}

struct Trial<'a> {
    folder: &'a Path,
    desktop: &'a Desktop,
    stub: &'a Stub,
}

impl Trial<'_> {
    fn home(&self, name: &str) -> Home<'_> {
        let folder = self.folder.join(name);
        fs_err::create_dir_all(&folder).expect("the temporary folder can be written");
        Home { folder, desktop: self.desktop, stub: self.stub }
    }

    fn read_only(&self) -> Outcome {
        let home = self.home("read-only");
        let disk = Disk(home.folder.clone());
        if !disk.mount(64 << 20) {
            return Err("no disk of its own can be mounted here: run `cargo xtask harms`".to_owned());
        }
        home.must(&["chat", "--model", "offline", "Before"]);
        home.must(&["backup", "now"]);
        let options = |options: &str| {
            let status = Command::new("mount").args(["-o", options]).arg(&home.folder).status();
            assert!(status.is_ok_and(|status| status.success()), "the disk can be mounted anew");
        };
        options("remount,ro");
        let mut refused = 0;
        for arguments in [
            &["session", "list"][..],
            &["chat", "--model", "offline", "Meanwhile"],
            &["backup", "now"],
            &["backup", "restore"],
            &["memory", "search", "pears"],
            &["sync", "status"],
        ] {
            let said = home.twin(arguments);
            if !said.is("store_read_only") {
                return Err(format!("twin {arguments:?} says: {}{}", said.told, said.printed));
            }
            refused += 1;
        }
        options("remount,rw");
        home.must(&["chat", "--model", "offline", "After"]);
        let messages = home.messages().map_err(|said| said.told)?;
        disk.unmount();
        if messages.iter().map(String::as_str).eq(["After", "Before"]) {
            Ok(format!("{refused} commands say so and what to do; all there and goes on when it can be written"))
        } else {
            Err(format!("afterwards it has {messages:?}"))
        }
    }

    fn gone_between(&self) -> Outcome {
        let home = self.home("gone-between");
        home.must(&["chat", "--model", "offline", "Before"]);
        let away = self.folder.join("away");
        fs_err::rename(home.path(), &away).expect("it can be moved");
        let meanwhile = home.twin(&["session", "list"]);
        if meanwhile.fault.is_some() {
            return Err(meanwhile.told);
        }
        drop(fs_err::remove_dir_all(home.path()));
        fs_err::rename(&away, home.path()).expect("it can be moved");
        home.must(&["chat", "--model", "offline", "After"]);
        let messages = home.messages().map_err(|said| said.told)?;
        if messages.len() == 2 {
            Ok("a new one is begun in its place; back where it was, all of it is there".to_owned())
        } else {
            Err(format!("afterwards it has {messages:?}"))
        }
    }

    fn gone_while_running(&self) -> Outcome {
        let home = self.home("gone-running");
        home.must(&["chat", "--model", "offline", "Before"]);
        let gate = self.stub.answer_gated();
        gate.say("It begins.\n");
        let mut command = home.command(&["chat", "--model", "bedrock:stub", "Sent before it went"]);
        let (mut running, _line) = Running::start_and_read_line(command.stderr(Stdio::null()));
        let away = self.folder.join("away-running");
        fs_err::rename(home.path(), &away).expect("it can be moved");
        gate.say("And it goes on.");
        gate.end();
        for _ in 0..600 {
            if !running.is_running() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let ended = !running.is_running();
        drop(running);
        drop(fs_err::remove_dir_all(home.path()));
        fs_err::rename(&away, home.path()).expect("it can be moved");
        let messages = home.messages().map_err(|said| said.told)?;
        let sound = home.fault_of_integrity();
        if messages.len() != 2 || sound.is_some() {
            return Err(format!("afterwards it has {messages:?}, {sound:?}"));
        }
        if !ended {
            return Err("it did not end within 30 s of the end of the reply".to_owned());
        }
        Ok("the reply ends; back where it was, what was acknowledged is there and sound".to_owned())
    }

    fn clocks(&self) -> Outcome {
        let Some(library) = FAKETIME.into_iter().find(|path| Path::new(path).exists()) else {
            return Ok("NOT CHECKED: the package libfaketime is missing".to_owned());
        };
        let (one, other) = (self.home("clock-one"), self.home("clock-other"));
        let meeting = self.folder.join("clock-meeting");
        fs_err::create_dir_all(&meeting).expect("the temporary folder can be written");
        let meeting = Meeting::Folder(meeting);
        meeting.begin(one.command(&[]), true, "One");
        meeting.begin(other.command(&[]), false, "Other");
        let offsets = ["+0", "-3y", "+4y", "-9y", "+0", "+1d"];
        let mut session: Option<String> = None;
        let mut said = Vec::new();
        for (number, off) in offsets.iter().enumerate() {
            let text = format!("Message {number}");
            // By turns, each after it has heard of what came before.
            let home = if number % 2 == 0 { &one } else { &other };
            home.must(&["sync", "now"]);
            let printed = say_at(home, library, off, session.as_deref(), &text)?;
            if session.is_none() {
                let list: Value = serde_json::from_str(&one.must(&["session", "list", "--json"]))
                    .map_err(|error| format!("{error}: {printed}"))?;
                session = list[0]["id"].as_str().map(str::to_owned);
            }
            home.must(&["sync", "now"]);
            said.push(text);
        }
        for home in [&one, &other, &one, &other] {
            home.must(&["sync", "now"]);
        }
        let session = session.unwrap_or_default();
        for home in [&one, &other] {
            let shown: Value = serde_json::from_str(&home.must(&["session", "show", &session, "--json"]))
                .map_err(|error| error.to_string())?;
            let messages = shown["messages"].as_array().cloned().unwrap_or_default();
            let in_order: Vec<&str> = messages
                .iter()
                .filter(|message| message["role"] == "user")
                .filter_map(|message| message["content"].as_str())
                .collect();
            if in_order != said {
                return Err(format!("the order is {in_order:?}"));
            }
            if let Some(verdict) = home.fault_of_integrity() {
                return Err(verdict);
            }
        }
        if one.records() != other.records() {
            return Err("the two logs differ".to_owned());
        }
        // Ten years back between two runs: what is said comes last.
        say_at(&one, library, "-10y", Some(&session), "Last")?;
        let text = one.must(&["session", "show", &session]);
        if !text.contains("Last") {
            return Err("what was said last is not shown".to_owned());
        }
        Ok(format!(
            "{} messages of two devices under clocks from -10 to +4 years: one order, the same in both",
            said.len() + 1
        ))
    }
}

/// Says something under a clock that is off by so much.
fn say_at(home: &Home<'_>, library: &str, off: &str, session: Option<&str>, text: &str) -> Outcome {
    let mut arguments = vec!["chat", "--model", "offline", "--json"];
    arguments.extend(session.iter().flat_map(|id| ["--session", *id]));
    arguments.push(text);
    let mut command = home.command(&arguments);
    command.env("LD_PRELOAD", library).env("FAKETIME", off).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let output = command.output().expect("`twin` can be started");
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("under a clock of {off}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
