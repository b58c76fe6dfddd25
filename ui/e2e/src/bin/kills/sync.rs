//! Three homes that sync in a folder, or in a bucket of S3 over a line that loses answers, and whose `twin sync now` is
//! killed at random moments. In the end all of them hold the same, byte for byte, and everything that was acknowledged.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::given;
use twin_e2e::lossy::Lossy;
use twin_e2e::meeting::Meeting;
use twin_e2e::ministack::Ministack;
use twin_e2e::moto::Moto;
use twin_e2e::process::Running;
use twin_e2e::random::Random;
use twin_e2e::stub::Stub;

const HOMES: usize = 3;
/// The longest that a walk is let live, in milliseconds: about as long as one takes.
const LONGEST: usize = 900;
const BUCKET: &str = "attic";
/// Of the answers of S3 one in so many is lost.
const LOST: u64 = 11;

/// What all homes must have alike: the log in its one order, and what is folded from it.
const ALIKE: [&str; 4] = [
    "SELECT device, seq, hlc_wall, hlc_counter, order_wall, order_counter, kind, version, payload FROM record ORDER BY 5, 6, 1, 2",
    "SELECT * FROM session ORDER BY id",
    "SELECT id, session_id, parent_id, depth, hidden, role, status, content FROM message ORDER BY number",
    "SELECT * FROM persona_file ORDER BY path",
];

pub(crate) fn run(rounds: usize, mut random: Random, server: Option<Server>) -> ExitCode {
    let folder = TempDir::with_prefix("twin-sync-kills-").expect("a temporary folder can be made");
    let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
    let s3 = server.map(|server| S3::start(&desktop, server));
    let trial = Trial { folder, desktop, s3 };
    trial.meet();
    let (mut said, mut faults) = (Vec::new(), BTreeSet::new());
    let (mut killed, mut ended) = (0, 0);
    for round in 1..=rounds {
        let home = random.below(HOMES);
        if random.below(2) == 0 {
            let text = format!("Message {round}: {}", "remember this, ".repeat(1 + random.below(400)));
            let output = trial.twin(home).args(["chat", "--model", "offline", &text]).output();
            if output.expect("`twin` can be started").status.success() {
                said.push(text);
            } else {
                faults.insert(format!("round {round}: twin chat failed"));
            }
        }
        let mut walk = trial.twin(home);
        walk.args(["sync", "now"]).stdout(Stdio::null()).stderr(Stdio::null());
        let mut walk = Running::start(&mut walk);
        // The random moment is the point: nothing is waited for here.
        std::thread::sleep(Duration::from_millis(random.below(LONGEST) as u64));
        *(if walk.is_running() { &mut killed } else { &mut ended }) += 1;
        drop(walk);
        if round % 50 == 0 {
            println!("{round:>5} of {rounds}: {killed} killed, {ended} ended before the kill, {} messages", said.len());
        }
    }
    // Quiet: whoever was first has to read what the others sent last. An answer may be lost once more.
    for home in [0, 1, 2, 0, 1, 2] {
        let mut said = String::new();
        let synced = (0..5).any(|_| {
            let output = trial.twin(home).args(["sync", "now"]).output().expect("`twin` can be started");
            said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            output.status.success()
        });
        if !synced {
            faults.insert(format!("home {home} does not sync: {said}"));
        }
    }
    let dumps: Vec<String> = (0..HOMES).map(|home| trial.dump(home)).collect();
    for (home, dump) in dumps.iter().enumerate().filter(|(_, dump)| **dump != dumps[0]) {
        faults.insert(format!("home {home} differs from home 0 ({} and {} bytes)", dump.len(), dumps[0].len()));
    }
    let lost = said.iter().filter(|text| !dumps.iter().all(|dump| dump.contains(*text))).count();
    println!(
        "{killed} killed, {ended} ended before the kill, {} messages acknowledged, {lost} lost, {} bytes alike in {HOMES} homes",
        said.len(),
        dumps[0].len(),
    );
    if let Some(s3) = &trial.s3 {
        println!("{} answers of S3 were lost on their way", s3.line.lost());
    }
    for fault in &faults {
        println!("FAULT: {fault}");
    }
    if lost == 0 && faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whose S3 it is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Server {
    Ministack,
    Moto,
}

/// The server, and the line to it.
struct S3 {
    line: Lossy,
    _running: Box<dyn std::any::Any>,
}

impl S3 {
    fn start(desktop: &Desktop, server: Server) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
        let (port, running): (u16, Box<dyn std::any::Any>) = runtime.block_on(async {
            match server {
                Server::Ministack => {
                    let stub = Stub::start();
                    let server = Ministack::start(desktop, &stub).await;
                    server.make_bucket(BUCKET).await;
                    (server.port(), Box::new((server, stub)) as _)
                }
                Server::Moto => {
                    let server = Moto::start(desktop, BUCKET).await;
                    (server.port(), Box::new(server) as _)
                }
            }
        });
        Self { line: Lossy::start(port, LOST), _running: running }
    }
}

struct Trial {
    folder: TempDir,
    desktop: Desktop,
    s3: Option<S3>,
}

impl Trial {
    fn home(&self, number: usize) -> PathBuf {
        self.folder.path().join(format!("home-{number}"))
    }

    fn twin(&self, home: usize) -> Command {
        let mut command = self.desktop.command(&given::twin());
        command.env("TWIN_HOME", self.home(home)).stdin(Stdio::null());
        command
    }

    /// The first sets up, the others join.
    fn meet(&self) {
        let meeting = match &self.s3 {
            None => {
                let place = self.folder.path().join("meeting");
                fs_err::create_dir_all(&place).expect("the temporary folder can be written");
                Meeting::Folder(place)
            }
            Some(s3) => Meeting::Bucket { name: BUCKET, endpoint: s3.line.origin() },
        };
        for home in 0..HOMES {
            meeting.begin(self.twin(home), home == 0, &format!("Home {home}"));
        }
    }

    fn dump(&self, home: usize) -> String {
        use std::fmt::Write as _;
        let database = Connection::open(self.home(home).join("twin.db")).expect("the database can be opened");
        let mut dump = String::new();
        for sql in ALIKE {
            let mut statement = database.prepare(sql).expect("the tables are there");
            let columns = statement.column_count();
            let mut rows = statement.query([]).expect("the tables can be read");
            while let Some(row) = rows.next().expect("the tables can be read") {
                for column in 0..columns {
                    let value = match row.get_ref(column).expect("there are as many columns") {
                        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                        other => format!("{other:?}"),
                    };
                    write!(dump, "{value}|").expect("a string takes everything");
                }
                dump.push('\n');
            }
        }
        dump
    }
}
