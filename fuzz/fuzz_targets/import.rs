//! Files that are imported: session files, archives, what ChatGPT and Claude give. Looked at first, and what can be read is
//! taken in twice.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use twin_app::error::WireError;
use twin_app::import::{ImportKind, ImportPreview};
use twin_app::job::Job;
use twin_app::model::Providers;
use twin_app::paths::Paths;
use twin_app::sync::Buckets;
use twin_app::{App, Parts};
use twin_connect::keychain::SessionSecrets;
use twin_core::error::Code;
use twin_core::port::Clock;
use twin_core::time::Timestamp;
use twin_fuzz::most_held;
use twin_store::Blob;

/// 17 November 2026, 10:02 UTC.
const BEGINNING: i64 = 1_794_909_720_000;

/// However small the file is: what SQLite does not take for itself, and the sample.
const HELD_ANYWAY: usize = 64 << 20;
/// As places of a conversation, and what is made of them.
const HELD_FOR_A_BYTE: usize = 1024;
/// No message is said in less.
const LEAST_MESSAGE: usize = 20;
/// By what unpacks further than any text: 256 MB of it are believed to be one, of which a list that grows has two copies.
const HELD_UNPACKED: usize = 1 << 30;

/// Every look is later than the one before.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

struct World {
    runtime: Runtime,
    folder: TempDir,
    /// A home that nothing is taken into, to look from. Others begin as a copy of one that was just made.
    app: App,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be started");
    let folder = tempfile::Builder::new().prefix("twin-fuzz-").tempdir().expect("a temporary folder can be made");
    let _within = runtime.enter();
    drop(open(&folder.path().join("new")));
    // Each home would read it anew, and that takes longer than everything else.
    std::fs::remove_file(folder.path().join("new/persona/linkedin.pdf")).expect("the sample has it");
    copy(&folder.path().join("new"), &folder.path().join("looking"));
    let app = open(&folder.path().join("looking"));
    World { runtime, folder, app }
});

fuzz_target!(|data: &[u8]| {
    let Some((first, bytes)) = data.split_first() else { return };
    let made = match first {
        b'A' => Some(archive(bytes)),
        b'T' => Some(bytes.to_vec()),
        _ => None,
    };
    let packed = made.as_ref().map(|made| zstd::encode_all(&made[..], 1).expect("memory can be packed"));
    let world = &*WORLD;
    // A session file is known by its name.
    let file = world.folder.path().join("00000000-0000-4000-8000-000000000001.json");
    std::fs::write(&file, packed.as_deref().unwrap_or(bytes)).expect("a file can be written");

    let (looked, held) = most_held(|| world.runtime.block_on(world.app.import_preview(&file, None, Job::quiet())));
    let unpacks = made.is_none() && [&b"\x28\xB5\x2F\xFD"[..], b"PK"].iter().any(|magic| bytes.starts_with(magic));
    let plain = made.as_ref().map_or(bytes.len(), Vec::len);
    let most = if unpacks { HELD_UNPACKED } else { HELD_ANYWAY + HELD_FOR_A_BYTE * plain };
    assert!(held <= most, "{held} bytes were held for {plain}");

    if let Some(looked) = unless_refused(looked).filter(|looked| !looked.locked) {
        assert!(unpacks || looked.messages as usize * LEAST_MESSAGE <= plain, "{looked:?} of {plain} bytes");
        let home = world.folder.path().join("home");
        copy(&world.folder.path().join("new"), &home);
        let app = {
            let _within = world.runtime.enter();
            open(&home)
        };
        world.runtime.block_on(take_in(&app, &file, &looked));
        drop(app);
        std::fs::remove_dir_all(&home).expect("the home can be removed");
    }
});

/// Takes the file into a home that is new, and once more.
async fn take_in(app: &App, file: &Path, looked: &ImportPreview) {
    let Some(report) = unless_refused(app.import(file, None, Job::quiet()).await) else {
        // Others come in one conversation after the other.
        let nothing = looked.kind != ImportKind::Archive || sessions(app).await == 0;
        assert!(nothing, "an archive that was refused left something");
        return;
    };
    assert_eq!(report.kind, looked.kind);
    assert!(report.sessions <= looked.sessions && report.messages <= looked.messages, "{report:?} of {looked:?}");
    assert!(sessions(app).await <= report.sessions as usize, "{report:?}");

    let again = unless_refused(app.import(file, None, Job::quiet()).await).expect("what came in comes in again");
    let new = (again.sessions, again.messages, again.records, again.files, again.persona);
    assert_eq!(new, (0, 0, 0, 0, 0), "the same once more changes nothing");
    let here = unless_refused(app.import_preview(file, None, Job::quiet()).await).expect("it can be looked at again");
    if looked.kind != ImportKind::Archive {
        assert_eq!((here.sessions_here, here.messages_here), (here.sessions, here.messages), "all of it is here");
    }
}

/// How many conversations there are, each of which can be read.
async fn sessions(app: &App) -> usize {
    let all = app.session_list(None).await.expect("conversations can be listed");
    for session in &all {
        app.session_messages(session.id).await.expect("a conversation can be read");
    }
    all.len()
}

/// Whatever stands in a file, it is the file that is at fault, and not the program.
fn unless_refused<T>(told: Result<Option<T>, WireError>) -> Option<T> {
    match told {
        Ok(told) => Some(told.expect("nobody called it off")),
        Err(error) => {
            assert!(matches!(error.code, Code::ImportInvalid | Code::InvalidInput), "{error:?}");
            None
        }
    }
}

/// Entries begin with a line `=NAME`. They get sums that fit, `=records` and `=files` also names, and behind them comes the
/// manifest: otherwise nothing would come past those.
fn archive(bytes: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut append = |name: &[u8], content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        // Also names that the builder refuses.
        let length = name.len().min(100);
        header.as_old_mut().name[..length].copy_from_slice(&name[..length]);
        header.set_cksum();
        tar.append(&header, content).expect("memory can be written");
    };
    append(b"archive.json", br#"{"format": "digital-twin-archive", "version": 1}"#);
    let (mut records, mut numbered, mut files, mut parts) = (0, 0, 0, Vec::new());
    let mut entry = |name: &[u8], content: &[u8]| {
        let sha256 = Blob::new(content.to_vec()).sha256;
        let mut part = |name: String| {
            append(name.as_bytes(), content);
            parts.push(serde_json::json!({ "name": name, "bytes": content.len(), "sha256": sha256 }));
        };
        match name {
            b"records" => {
                numbered += 1;
                records += content.split_inclusive(|byte| *byte == b'\n').count();
                part(format!("records/{numbered:06}.jsonl"));
            }
            b"files" => {
                files += 1;
                append(format!("files/{sha256}").as_bytes(), content);
            }
            name => part(String::from_utf8_lossy(name).into_owned()),
        }
    };
    let (mut name, mut content) = (None, Vec::new());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(next) = line.strip_prefix(b"=") else {
            content.extend(line);
            continue;
        };
        if let Some(name) = name.replace(next.strip_suffix(b"\n").unwrap_or(next)) {
            entry(name, &content);
        }
        content.clear();
    }
    if let Some(name) = name {
        entry(name, &content);
    }
    let manifest = serde_json::json!({
        "exported_at": "2026-11-17T10:02:00Z", "program": "", "records": records, "files": files, "parts": parts });
    append(b"manifest.json", manifest.to_string().as_bytes());
    tar.into_inner().expect("memory can be written")
}

/// Nothing of it reaches outside of the home.
fn open(home: &Path) -> App {
    let parts = Parts {
        paths: Paths::resolve(Some(home.to_owned())).expect("a home can be named"),
        clock: Arc::new(Ticking(AtomicI64::new(BEGINNING))),
        zone: jiff::tz::TimeZone::UTC,
        secrets: Arc::new(SessionSecrets::default()),
        models: Box::new(Arc::new(Providers::default())),
        providers: Arc::default(),
        buckets: Box::new(Buckets),
    };
    App::open(parts).expect("a home can be opened")
}

/// A folder and what is in it, in place of what is there.
fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a file can be copied");
        }
    }
}
