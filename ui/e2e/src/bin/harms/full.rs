//! A disk that is full: each step with so little room that it meets the end of it at every possible page.

use crate::home::{Home, Said, copy_folder};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::meeting::Meeting;
use twin_e2e::stub::Stub;

/// Of tmpfs.
const PAGE: u64 = 4096;
const ROOMY: u64 = 256 << 20;
/// Pages that are free at most: a step that needs more than this is a fault of this harness.
const MOST: u64 = 6000;

/// What is done where there is no room.
struct Step {
    name: &'static str,
    /// What it begins with.
    template: PathBuf,
    arguments: Vec<String>,
    /// What is there after it worked.
    says: Option<&'static str>,
}

pub(crate) fn run(faults: &mut BTreeSet<String>) {
    let folder = TempDir::with_prefix("twin-full-").expect("a temporary folder can be made");
    let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
    let stub = Stub::start();
    stub.otherwise("Yes. I remember what you said, and I shall say the same whenever you ask.");
    let disk = Disk(folder.path().join("disk"));
    fs_err::create_dir_all(&disk.0).expect("the temporary folder can be written");
    if !disk.mount(ROOMY) {
        faults.insert("no disk of its own can be mounted here: run `cargo xtask harms`".to_owned());
        return;
    }
    let home = Home { folder: disk.0.join("here"), desktop: &desktop, stub: &stub };
    let steps = steps(&home, folder.path());
    println!("{:<12} {:>6} {:>8} {:>8} {:>12}", "disk full in", "places", "refused", "worked", "pages needed");
    for step in &steps {
        let mut tally = Tally::default();
        let (mut free, mut worked) = (0, 0);
        while worked < 3 && free < MOST {
            match attempt(&disk, &home, step, free) {
                Ok(Came::Worked) => {
                    worked += 1;
                    tally.worked += 1;
                    tally.needed.get_or_insert(free);
                }
                Ok(Came::Refused) => {
                    worked = 0;
                    tally.needed = None;
                    tally.refused += 1;
                }
                Err(fault) => {
                    worked = 0;
                    faults.insert(format!("{} with {free} pages free: {fault}", step.name));
                    tally.refused += 1;
                }
            }
            free += 1 + free / 48;
        }
        if worked < 3 {
            faults.insert(format!("{} never works", step.name));
        }
        println!(
            "{:<12} {:>6} {:>8} {:>8} {:>12}",
            step.name,
            tally.refused + tally.worked,
            tally.refused,
            tally.worked,
            tally.needed.unwrap_or_default()
        );
    }
    disk.unmount();
}

#[derive(Default)]
struct Tally {
    refused: u32,
    worked: u32,
    needed: Option<u64>,
}

enum Came {
    Worked,
    Refused,
}

fn steps(home: &Home<'_>, folder: &Path) -> Vec<Step> {
    let new = folder.join("new");
    fs_err::create_dir_all(&new).expect("the temporary folder can be written");
    let of = |name: &str, prepare: &dyn Fn()| {
        drop(fs_err::remove_dir_all(&home.folder));
        fs_err::create_dir_all(&home.folder).expect("the disk can be written");
        (0..10).for_each(|number| {
            let text = format!("Message {number}: {}", "remember this, ".repeat(40));
            let told = if number == 0 { home.say(&text) } else { home.say_on(&text) };
            assert!(told.worked, "there is room: {}", told.told);
        });
        prepare();
        let template = folder.join(name);
        copy_folder(&home.folder, &template);
        template
    };
    let plain = of("plain", &|| {});
    let archive = folder.join("archive.tar.zst");
    home.must(&["export", "--archive", &archive.display().to_string()]);
    let picture = folder.join("notes.txt");
    fs_err::write(&picture, "what I wrote down, ".repeat(5000)).expect("the temporary folder can be written");
    let syncing = of("syncing", &|| {
        let meeting = home.folder.join("meeting");
        fs_err::create_dir_all(&meeting).expect("the disk can be written");
        Meeting::Folder(meeting).begin(home.command(&[]), true, "First");
        assert!(home.say("Not synced yet").worked, "there is room");
    });
    let damaged = of("damaged", &|| {
        home.must(&["backup", "now"]);
        let mut bytes = fs_err::read(home.database()).expect("there is a database");
        bytes[..100].fill(0);
        fs_err::write(home.database(), bytes).expect("the disk can be written");
    });
    let out = home.folder.join("out.tar.zst").display().to_string();
    let (archive, picture) = (archive.display().to_string(), picture.display().to_string());
    let step = |name, template: &PathBuf, arguments: &[&str], says| Step {
        name,
        template: template.clone(),
        arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        says,
    };
    vec![
        step("first start", &new, &["session", "list"], None),
        step("send", &plain, &["chat", "--model", "offline", "Sent with little room"], Some("Sent with little room")),
        step(
            "stream",
            &plain,
            &["chat", "--model", "bedrock:stub", "Streamed with little room"],
            Some("Streamed with little room"),
        ),
        step(
            "attach",
            &plain,
            &["chat", "--model", "offline", "--attach", &picture, "A file with little room"],
            Some("A file with little room"),
        ),
        step(
            "remember",
            &plain,
            &["chat", "--model", "offline", "Remember that I like pears"],
            Some("Remember that I like pears"),
        ),
        step("import", &new, &["import", &archive], Some("Message 3: ")),
        step("backup", &plain, &["backup", "now"], None),
        step("export", &plain, &["export", "--archive", &out], None),
        step("sync", &syncing, &["sync", "now"], None),
        step("recover", &damaged, &["backup", "restore"], None),
    ]
}

/// Once with so many pages free, then with room.
fn attempt(disk: &Disk, home: &Home<'_>, step: &Step, free: u64) -> Result<Came, String> {
    disk.resize(ROOMY)?;
    drop(fs_err::remove_dir_all(&home.folder));
    copy_folder(&step.template, &home.folder);
    let recovers = step.name == "recover";
    // Of a damaged home every message can still be read.
    let before =
        shown_in_copy(home, &if recovers { step.template.with_file_name("plain") } else { step.template.clone() })?;
    let arguments: Vec<&str> = step.arguments.iter().map(String::as_str).collect();
    disk.leave(free)?;
    let said = home.twin(&arguments);
    disk.resize(ROOMY)?;
    if let Some(fault) = &said.fault {
        return Err(fault.clone());
    }
    // How syncing stands is told as a result, without a code.
    let is_told = ["there is no room left for", "the disk is full"].iter().any(|words| said.printed.contains(words));
    if !said.worked && !said.is("store_full") && !is_told {
        return Err(format!("it says only: {}{}", said.told, said.printed));
    }
    if said.worked {
        kept(home, step, &said)?;
    }
    if recovers && !said.worked {
        again(home, &arguments)?;
    }
    let after = home.messages().map_err(|said| format!("with room again: {}", said.told))?;
    if let Some(lost) = before.difference(&after).next() {
        return Err(format!("lost: {lost:.60}"));
    }
    if !said.worked && !recovers {
        drop(fs_err::remove_file(home.folder.join("out.tar.zst")));
        again(home, &arguments)?;
        kept(home, step, &said)?;
    }
    if let Some(verdict) = home.fault_of_integrity() {
        return Err(format!("not sound afterwards: {verdict}"));
    }
    Ok(if said.worked { Came::Worked } else { Came::Refused })
}

fn again(home: &Home<'_>, arguments: &[&str]) -> Result<(), String> {
    let said = home.twin(arguments);
    if said.worked { Ok(()) } else { Err(format!("it does not go on with room: {}", said.told)) }
}

/// Whether what was said to have worked is there.
fn kept(home: &Home<'_>, step: &Step, said: &Said) -> Result<(), String> {
    let there = match step.name {
        "backup" => home.must(&["backup", "list", "--json"]).contains("twin-"),
        "export" => home.twin(&["import", "--preview", step.arguments.last().map_or("", String::as_str)]).worked,
        _ => step.says.is_none_or(|text| {
            home.messages().is_ok_and(|messages| messages.iter().any(|message| message.starts_with(text)))
        }),
    };
    if there { Ok(()) } else { Err(format!("it says that it worked, but did not: {}", said.printed)) }
}

/// What a template shows, asked once of a copy: asking writes.
fn shown_in_copy(home: &Home<'_>, template: &Path) -> Result<BTreeSet<String>, String> {
    static SHOWN: std::sync::Mutex<BTreeMap<PathBuf, BTreeSet<String>>> = std::sync::Mutex::new(BTreeMap::new());
    let mut shown = SHOWN.lock().map_err(|error| error.to_string())?;
    if let Some(known) = shown.get(template) {
        return Ok(known.clone());
    }
    let copy = Home { folder: template.with_extension("look"), desktop: home.desktop, stub: home.stub };
    copy_folder(template, &copy.folder);
    let messages = copy.messages().map_err(|said| said.told)?;
    shown.insert(template.to_owned(), messages.clone());
    Ok(messages)
}

/// A disk in memory.
pub(crate) struct Disk(pub(crate) PathBuf);

impl Disk {
    pub(crate) fn mount(&self, bytes: u64) -> bool {
        let size = format!("size={bytes}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&self.0);
        mount.status().is_ok_and(|status| status.success())
    }

    pub(crate) fn unmount(&self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }

    fn resize(&self, bytes: u64) -> Result<(), String> {
        let options = format!("remount,size={bytes}");
        let status = Command::new("mount").args(["-o", &options]).arg(&self.0).status();
        if status.is_ok_and(|status| status.success()) { Ok(()) } else { Err("the disk cannot be resized".to_owned()) }
    }

    /// Leaves so many pages free.
    fn leave(&self, pages: u64) -> Result<(), String> {
        let output = Command::new("stat").args(["-f", "-c", "%b %f"]).arg(&self.0).output();
        let output = output.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<u64> = text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [all, free] = numbers[..] else { return Err(format!("`stat` says {text}")) };
        // A size of nothing is to tmpfs one without a limit.
        self.resize((all - free + pages).max(1) * PAGE)
    }
}
