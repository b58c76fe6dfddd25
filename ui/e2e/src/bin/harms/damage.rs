//! Damages to the database of a home with messages, files, a backup and, every second time, another device to sync with.

use crate::home::{Home, copy_folder};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::meeting::Meeting;
use twin_e2e::process::Running;
use twin_e2e::random::Random;
use twin_e2e::stub::Stub;

const PAGE: usize = 8192;
/// That are turned over when many are.
const BITS: usize = 64;
/// Messages before and after the backup, and after the last sync.
const BEFORE: usize = 12;
const AFTER: usize = 8;

/// A kind of harm, in the order in which they take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Harm {
    OneBit,
    ManyBits,
    OneLetter,
    CutShort,
    HeaderZeroed,
    PageZeroed,
    PagesSwapped,
    PageOfNoise,
    ByteTooMany,
    Empty,
    Foreign,
    OtherDatabase,
    Gone,
    LogGone,
    LogAndIndexGone,
    LogCutShort,
    LogBit,
    LogHeaderZeroed,
    LogForeign,
    HeaderZeroedBesideLog,
}

const HARMS: [Harm; 20] = [
    Harm::OneBit,
    Harm::ManyBits,
    Harm::OneLetter,
    Harm::CutShort,
    Harm::HeaderZeroed,
    Harm::PageZeroed,
    Harm::PagesSwapped,
    Harm::PageOfNoise,
    Harm::ByteTooMany,
    Harm::Empty,
    Harm::Foreign,
    Harm::OtherDatabase,
    Harm::Gone,
    Harm::LogGone,
    Harm::LogAndIndexGone,
    Harm::LogCutShort,
    Harm::LogBit,
    Harm::LogHeaderZeroed,
    Harm::LogForeign,
    Harm::HeaderZeroedBesideLog,
];

impl Harm {
    /// Whether it needs a log of changes with something in it, as a kill leaves it.
    fn needs_log(self) -> bool {
        self >= Self::LogGone
    }
}

/// What came of damages of one kind.
#[derive(Default)]
struct Tally {
    rounds: usize,
    harmless: usize,
    at_start: usize,
    at_a_look: usize,
    at_backup: usize,
    unnoticed: usize,
    recovered: usize,
    read: u64,
    lost: u64,
    altered: usize,
}

pub(crate) fn run(rounds: u32, one: Option<u32>, mut random: Random, faults: &mut BTreeSet<String>) {
    let folder = TempDir::with_prefix("twin-harms-").expect("a temporary folder can be made");
    let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
    let stub = Stub::start();
    let here = folder.path().join("here");
    let trial = Trial {
        home: Home { folder: here.clone(), desktop: &desktop, stub: &stub },
        alone: prepare(&here, folder.path(), &desktop, &stub, false),
        syncing: prepare(&here, folder.path(), &desktop, &stub, true),
    };
    let mut tallies: BTreeMap<Harm, Tally> = BTreeMap::new();
    let last = one.map_or(rounds, |one| one + 1) as usize;
    for round in 0..last {
        let harm = HARMS[round % HARMS.len()];
        let syncs = round / HARMS.len() % 2 == 1;
        if one.is_some() && round + 1 < last {
            trial.harm(harm, syncs, &mut random);
            continue;
        }
        let tally = tallies.entry(harm).or_default();
        if let Err(fault) = trial.round(harm, syncs, &mut random, tally) {
            faults.insert(format!("damage {round} ({harm:?}, syncs: {syncs}): {fault}"));
        }
    }
    table(&tallies);
}

fn table(tallies: &BTreeMap<Harm, Tally>) {
    println!(
        "{:<22} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "damage",
        "rounds",
        "harmless",
        "at start",
        "at a look",
        "at backup",
        "unseen",
        "recovered",
        "read",
        "lost",
        "altered"
    );
    let mut sum = Tally::default();
    for (harm, tally) in tallies {
        line(&format!("{harm:?}"), tally);
        sum.rounds += tally.rounds;
        sum.harmless += tally.harmless;
        sum.at_start += tally.at_start;
        sum.at_a_look += tally.at_a_look;
        sum.at_backup += tally.at_backup;
        sum.unnoticed += tally.unnoticed;
        sum.recovered += tally.recovered;
        sum.read += tally.read;
        sum.lost += tally.lost;
        sum.altered += tally.altered;
    }
    line("all", &sum);
}

fn line(name: &str, tally: &Tally) {
    let Tally { rounds, harmless, at_start, at_a_look, at_backup, unnoticed, recovered, read, lost, altered } = tally;
    println!(
        "{name:<22} {rounds:>6} {harmless:>9} {at_start:>9} {at_a_look:>9} {at_backup:>9} {unnoticed:>9} {recovered:>9} {read:>8} {lost:>8} {altered:>8}"
    );
}

/// A home as it was before any harm.
struct Template {
    folder: PathBuf,
    said: BTreeSet<String>,
    /// What the backup has.
    copied: BTreeSet<String>,
    /// What another device has as well.
    synced: BTreeSet<String>,
    records: BTreeSet<(i64, i64)>,
}

/// Two of each: closed, and killed with something in the log of changes.
struct Prepared {
    closed: Template,
    killed: Template,
}

fn prepare(here: &Path, templates: &Path, desktop: &Desktop, stub: &Stub, syncs: bool) -> Prepared {
    drop(fs_err::remove_dir_all(here));
    fs_err::create_dir_all(here).expect("the temporary folder can be written");
    let home = Home { folder: here.to_owned(), desktop, stub };
    let mut said = BTreeSet::new();
    let say = |said: &mut BTreeSet<String>, number: usize| {
        let text = format!("Message {number}: {}", "remember this, ".repeat(1 + number * 7 % 60));
        let told = if number.is_multiple_of(10) { home.say(&text) } else { home.say_on(&text) };
        assert!(told.worked, "the home works before it is harmed: {}", told.told);
        said.insert(text);
    };
    (0..BEFORE).for_each(|number| say(&mut said, number));
    if syncs {
        let meeting = Meeting::Folder(here.join("meeting"));
        fs_err::create_dir_all(here.join("meeting")).expect("the temporary folder can be written");
        meeting.begin(home.command(&[]), true, "First");
    }
    home.must(&["backup", "now"]);
    let copied = said.clone();
    (BEFORE..BEFORE + AFTER).for_each(|number| say(&mut said, number));
    let mut synced = BTreeSet::new();
    if syncs {
        home.must(&["sync", "now"]);
        synced.clone_from(&said);
        (BEFORE + AFTER..BEFORE + 2 * AFTER).for_each(|number| say(&mut said, number));
    }
    let name = if syncs { "syncing" } else { "alone" };
    let keep = |said: &BTreeSet<String>, kind: &str| {
        let folder = templates.join(format!("{name}-{kind}"));
        copy_folder(here, &folder);
        // Looked at in a copy: looking would fold the log of changes into the file.
        let look = Home { folder: templates.join("look"), desktop, stub };
        copy_folder(&folder, &look.folder);
        let records = look.records();
        Template { folder, said: said.clone(), copied: copied.clone(), synced: synced.clone(), records }
    };
    let closed = keep(&said, "closed");
    let gate = stub.answer_gated();
    gate.say("It begins.\n");
    let text = "A message that stands in the log of changes only".to_owned();
    let mut command = home.command(&["chat", "--model", "bedrock:stub", &text]);
    let (running, _line) = Running::start_and_read_line(command.stderr(Stdio::null()));
    drop(running);
    drop(gate);
    said.insert(text);
    Prepared { closed, killed: keep(&said, "killed") }
}

struct Trial<'a> {
    home: Home<'a>,
    alone: Prepared,
    syncing: Prepared,
}

impl Trial<'_> {
    /// A home of its own, harmed. Returns how it was before.
    fn harm(&self, harm: Harm, syncs: bool, random: &mut Random) -> &Template {
        let prepared = if syncs { &self.syncing } else { &self.alone };
        let template = if harm.needs_log() { &prepared.killed } else { &prepared.closed };
        copy_folder(&template.folder, &self.home.folder);
        do_harm(harm, &self.home.database(), random);
        template
    }

    fn round(&self, harm: Harm, syncs: bool, random: &mut Random, tally: &mut Tally) -> Result<(), String> {
        let template = self.harm(harm, syncs, random);
        tally.rounds += 1;
        let damaged = fs_err::read(self.home.database()).ok();
        let Some(found) = self.notice(template, tally)? else { return Ok(()) };
        if found == Found::Lacking {
            tally.unnoticed += 1;
            // Both the log and its index are gone: no file tells that there were any.
            return if harm == Harm::LogAndIndexGone {
                Ok(())
            } else {
                Err("something is missing, and nobody says so".to_owned())
            };
        }
        // As it is now: what was asked of it in between may have written.
        let damaged = if found == Found::AtStart { damaged } else { fs_err::read(self.home.database()).ok() };
        self.recover(template, damaged.as_deref(), syncs, tally)
    }

    /// Asks until something is said of the damage. None: all that was there is there.
    fn notice(&self, template: &Template, tally: &mut Tally) -> Result<Option<Found>, String> {
        let list = self.home.twin(&["session", "list", "--json"]);
        if let Some(fault) = &list.fault {
            return Err(fault.clone());
        }
        if !list.worked {
            tally.at_start += 1;
            return if list.is("store_damaged") {
                Ok(Some(Found::AtStart))
            } else {
                Err(format!("it says only: {}", list.told))
            };
        }
        let seen = match self.home.messages() {
            Ok(seen) => Some(seen),
            Err(said) if said.fault.is_some() => return Err(said.fault.unwrap_or_default()),
            Err(said) if said.is("store_damaged") => None,
            Err(said) => return Err(format!("a look says only: {}", said.told)),
        };
        let backup = self.home.twin(&["backup", "now"]);
        if let Some(fault) = &backup.fault {
            return Err(fault.clone());
        }
        match seen {
            None => {
                tally.at_a_look += 1;
                Ok(Some(Found::Later))
            }
            Some(_) if backup.is("store_damaged") => {
                tally.at_backup += 1;
                Ok(Some(Found::Later))
            }
            Some(_) if !backup.worked => Err(format!("the backup says only: {}", backup.told)),
            Some(seen) if seen == template.said && template.records.is_subset(&self.home.records()) => {
                tally.harmless += 1;
                Ok(None)
            }
            Some(seen) if seen.is_subset(&template.said) => Ok(Some(Found::Lacking)),
            Some(_) => Err("something else is shown, and nobody says so".to_owned()),
        }
    }

    /// One command, and everything that can be there is there.
    fn recover(
        &self,
        template: &Template,
        damaged: Option<&[u8]>,
        syncs: bool,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let restored = self.home.twin(&["backup", "restore", "--json"]);
        if !restored.worked {
            return Err(format!("it could not be recovered: {}", restored.told));
        }
        let told: Value = serde_json::from_str(&restored.printed).map_err(|error| error.to_string())?;
        let aside = told["aside"]["name"].as_str().map(|name| self.home.path().join("backups").join(name));
        let kept = aside.and_then(|path| fs_err::read(path).ok());
        if damaged.is_some() && kept.as_deref() != damaged {
            return Err("the damaged file was not kept as it was".to_owned());
        }
        let at_once = self.home.records();
        if syncs {
            for _ in 0..2 {
                let synced = self.home.twin(&["sync", "now"]);
                if !synced.worked {
                    return Err(format!("it does not sync afterwards: {}", synced.told));
                }
            }
        }
        let now = self.home.messages().map_err(|said| said.told)?;
        tally.altered += judge(template, &told, &at_once, &now)?;
        self.goes_on()?;
        tally.recovered += 1;
        tally.read += told["changes"].as_u64().unwrap_or_default();
        tally.lost += told["lost"].as_u64().unwrap_or_default();
        Ok(())
    }

    fn goes_on(&self) -> Result<(), String> {
        let text = "And it goes on";
        for said in [self.home.say(text), self.home.twin(&["backup", "now"])] {
            if !said.worked {
                return Err(format!("it does not go on: {}", said.told));
            }
        }
        if !self.home.messages().map_err(|said| said.told)?.contains(text) {
            return Err("what was said afterwards is not there".to_owned());
        }
        self.home.fault_of_integrity().map_or(Ok(()), |verdict| Err(format!("not sound afterwards: {verdict}")))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    AtStart,
    Later,
    /// Nothing was said, but not all is there.
    Lacking,
}

/// Whether what is there now is what it says that it is; how many messages have other letters than they had. Only one that
/// neither the backup nor another device has can be so: of a record and a table that differ, nobody knows which is right.
fn judge(
    template: &Template,
    told: &Value,
    at_once: &BTreeSet<(i64, i64)>,
    now: &BTreeSet<String>,
) -> Result<usize, String> {
    let altered = now.difference(&template.said).collect::<Vec<_>>();
    let is_like = |strange: &str, said: &str| {
        let differing = strange.bytes().zip(said.bytes()).filter(|(one, other)| one != other).count();
        strange.len() == said.len() && differing <= BITS
    };
    if let Some(strange) = altered.iter().find(|strange| !template.said.iter().any(|said| is_like(strange, said))) {
        return Err(format!("a message that nobody sent: {strange:.60}"));
    }
    if let Some(lost) = template.copied.union(&template.synced).find(|text| !now.contains(*text)) {
        return Err(format!("lost, although the backup or another device has it: {lost:.60}"));
    }
    let readable = told["readable"] == true;
    let lost = usize::try_from(told["lost"].as_u64().unwrap_or_default()).unwrap_or_default();
    if !readable {
        return if lost == 0 {
            Ok(altered.len())
        } else {
            Err("nothing could be read, yet something is said to be lost".to_owned())
        };
    }
    let missing: Vec<_> = template.records.difference(at_once).collect();
    // What is cut off at the end leaves no number behind: what is said of that is when the newest was made that is there.
    let between = missing.iter().filter(|place| at_once.last().is_some_and(|last| **place < last)).count();
    if lost < between || lost > missing.len() {
        return Err(format!("{lost} changes are said to be lost; {} are, {between} between others", missing.len()));
    }
    Ok(altered.len())
}

fn do_harm(harm: Harm, database: &Path, random: &mut Random) {
    let log = database.with_file_name("twin.db-wal");
    let file = if harm.needs_log() && harm != Harm::HeaderZeroedBesideLog { &log } else { database };
    let mut bytes = fs_err::read(file).expect("what is to be harmed is there");
    let pages = bytes.len() / PAGE;
    let noise = |bytes: &mut [u8], random: &mut Random| {
        for byte in bytes {
            *byte = u8::try_from(random.below(256)).unwrap_or_default();
        }
    };
    match harm {
        Harm::OneBit | Harm::LogBit => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        Harm::ManyBits => (0..BITS).for_each(|_| {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }),
        Harm::OneLetter => {
            let word = b"remember this";
            let places: Vec<usize> =
                (0..bytes.len() - word.len()).filter(|at| bytes[*at..].starts_with(word)).collect();
            bytes[places[random.below(places.len())]] ^= 0x01;
        }
        Harm::CutShort | Harm::LogCutShort => bytes.truncate(1 + random.below(bytes.len() - 1)),
        Harm::HeaderZeroed | Harm::HeaderZeroedBesideLog => bytes[..100].fill(0),
        Harm::LogHeaderZeroed => bytes[..32].fill(0),
        Harm::PageZeroed => bytes[random.below(pages) * PAGE..][..PAGE].fill(0),
        Harm::PageOfNoise => noise(&mut bytes[random.below(pages) * PAGE..][..PAGE], random),
        Harm::PagesSwapped => {
            let (one, other) = (random.below(pages), random.below(pages));
            for at in 0..PAGE {
                bytes.swap(one * PAGE + at, other * PAGE + at);
            }
        }
        Harm::ByteTooMany => bytes.insert(random.below(bytes.len()), 0x42),
        Harm::Empty => bytes.clear(),
        Harm::Foreign | Harm::LogForeign => bytes = b"Dear diary, this is not a database at all. ".repeat(3000),
        Harm::OtherDatabase | Harm::Gone | Harm::LogGone | Harm::LogAndIndexGone => {}
    }
    fs_err::write(file, &bytes).expect("what is to be harmed can be written");
    match harm {
        Harm::OtherDatabase => {
            fs_err::remove_file(database).expect("it can be removed");
            let other = Connection::open(database).expect("a database can be made");
            other
                .execute_batch("CREATE TABLE bookmark (url); INSERT INTO bookmark VALUES ('a place')")
                .expect("it can be written");
        }
        Harm::Gone => fs_err::remove_file(database).expect("it can be removed"),
        Harm::LogGone => fs_err::remove_file(&log).expect("it can be removed"),
        Harm::LogAndIndexGone => {
            fs_err::remove_file(&log).expect("it can be removed");
            drop(fs_err::remove_file(database.with_file_name("twin.db-shm")));
        }
        _ => {}
    }
}
