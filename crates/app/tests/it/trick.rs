//! Names and files that want to lead out of the folders, in every place that takes one from outside. Judged by what came of it: what
//! lies around the home is as it was to the byte, nothing of it came in, and nothing waits for ever.

use crate::testkit::{Home, say, scripted, whole};
use fs_err as fs;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tar::EntryType as Type;
use tempfile::TempDir;
use twin_app::job::Job;
use twin_app::session::SessionFormat;
use twin_app::{App, paths::Paths};
use twin_connect::bucket::FolderBucket;
use twin_core::bucket::{Bucket as _, Request};

/// Stands in every file outside, and nowhere else.
const CANARY: &str = "canary-8d1f-of-somebody-else";

/// A whole copy of the home's database, as copies are called.
const COPY: &str = "twin-2026-11-17T10-02-00.123Z.db";

/// Far more than anything here takes. Only reached by a failing test.
const FOR_EVER: Duration = Duration::from_secs(30);

/// One folder up, in the spellings that programs have fallen for.
const STEPS: [&str; 21] = [
    "....//",
    "..//",
    "./../",
    "a/../../",
    "..;/",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..%c0%af",
    "..\u{2215}",
    "..\u{ff0f}",
    "\u{ff0e}\u{ff0e}/",
    "\u{2024}\u{2024}/",
    "..\\/",
    "..\u{0}/",
    ".. /",
    ".\u{200b}./",
    "private/../../",
    "..\\../",
    "../\u{202e}",
];

/// Names that mean something else than a file of that name, somewhere.
const OTHERS: [&str; 54] = [
    "",
    " ",
    ".",
    "..",
    "/",
    "\\",
    "//",
    "...",
    "summary.md/",
    "summary.md/.",
    "summary.md/../facts.json",
    "summary.md.",
    "summary.md ",
    "summary.md:stream",
    "summary.md::$DATA",
    "C:secret.md",
    "C:\\secret.md",
    "\\\\server\\share\\secret.md",
    "\\\\?\\C:\\secret.md",
    "\\\\.\\pipe\\x.md",
    "con.md",
    "CON",
    "nul.txt",
    "aux.md",
    "com1.md",
    "lpt9.txt",
    ".hidden.md",
    ".ssh/authorized_keys",
    ".summary.md.saving",
    "-rf.md",
    "*.md",
    "$(touch x).md",
    "`touch x`.md",
    "|touch x.md",
    "a\nb.md",
    "a\r\nb.md",
    "\u{202e}dm.terces",
    "se\u{301}cret.md",
    "s\u{e9}cret.md",
    "SUMMARY.MD",
    "\u{feff}summary.md",
    "\u{1f4a9}.md",
    "/dev/stdin",
    "/dev/fd/0",
    "/dev/zero",
    "/proc/self/environ",
    "/etc/passwd",
    "linked/secret.md",
    "linked/new.md",
    "linked/../linked/new.md",
    "link.md",
    "dangling.md",
    "twin.db",
    "../twin.db",
];

struct Ground {
    home: Home,
    app: App,
    root: TempDir,
    before: BTreeMap<PathBuf, Vec<u8>>,
    beside: BTreeMap<PathBuf, Vec<u8>>,
    tried: usize,
}

impl Ground {
    async fn new() -> Self {
        let home = Home::new();
        let app = home.open();
        // As the home of the scripted model is a folder of its own, what is outside lies beside it.
        let root = TempDir::new_in(home.path().parent().unwrap()).unwrap();
        for (name, text) in [
            ("secret.md", format!("# Secret\n\n{CANARY}\n")),
            ("facts.json", format!("{{\"full_name\": \"{CANARY}\"}}")),
            ("deep/secret.md", CANARY.to_owned()),
            (
                "00000000-0000-4000-8000-000000000001.json",
                format!("[{{\"role\": \"user\", \"content\": \"{CANARY}\"}}]"),
            ),
        ] {
            let file = root.path().join("outside").join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        // A copy that could be put back, if it lay where copies lie.
        let copy = app.backup_now().await.unwrap().name;
        fs::copy(home.path().join("backups").join(&copy), root.path().join("outside").join(COPY)).unwrap();
        let (before, beside) = (tree(root.path()), tree(Path::new(".")));
        Self { home, app, root, before, beside, tried: 0 }
    }

    fn outside(&self) -> PathBuf {
        self.root.path().join("outside")
    }

    fn persona(&self) -> PathBuf {
        self.app.persona_folder()
    }

    /// Names that lead, or look as if they led, to what is outside; seen from two folders below the home.
    fn names(&self) -> Vec<String> {
        let there = self.outside();
        let (there, name) = (there.display(), self.root.path().file_name().unwrap().to_string_lossy().into_owned());
        let up = |times: usize, by: &str| format!("{}{name}{by}outside{by}secret.md", format!("..{by}").repeat(times));
        let mut names: Vec<String> = (1..=6).map(|times| up(times, "/")).collect();
        names.extend((1..=3).map(|times| up(times, "\\")));
        names.extend(STEPS.iter().map(|step| format!("{}{name}/outside/secret.md", step.repeat(2))));
        names.extend([
            format!("{there}/secret.md"),
            format!("/{there}/secret.md"),
            format!("file://{there}/secret.md"),
        ]);
        names.extend([
            format!("/proc/self/root{there}/secret.md"),
            format!("{there}/secret.md\0.md"),
            format!("~{there}/secret.md"),
        ]);
        names.extend([
            "a".repeat(300) + ".md",
            "a".repeat(5_000) + ".md",
            "a/".repeat(200) + "a.md",
            "../".repeat(2_000) + "a.md",
        ]);
        names.extend(OTHERS.map(str::to_owned));
        names
    }

    /// Another trick. What came of it is of no interest, but that something came.
    async fn try_it<T>(&mut self, what: &str, done: impl Future<Output = T>) {
        self.tried += 1;
        if tokio::time::timeout(FOR_EVER, done).await.is_err() {
            // Whoever waits for a pipe is let go, or the test would not end either.
            let released = pipes(self.root.path()).into_iter().chain(pipes(self.home.path()));
            for pipe in released {
                drop(fs::OpenOptions::new().read(true).write(true).open(pipe));
            }
            panic!("{what:?} waits for ever");
        }
    }

    /// Nothing went out, and nothing came in.
    fn assert_kept(&self, after: &str) {
        assert_eq!(changes(&self.before, &tree(self.root.path())), Vec::<String>::new(), "after {after}");
        assert_eq!(
            changes(&self.beside, &tree(Path::new("."))),
            Vec::<String>::new(),
            "where the program was started, after {after}"
        );
        assert_eq!(holding_files(self.home.path()), Vec::<String>::new(), "after {after}");
    }
}

/// What changed between two looks.
fn changes(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let paths = before.keys().chain(after.keys().filter(|path| !before.contains_key(*path)));
    paths.filter(|path| before.get(*path) != after.get(*path)).map(|path| path.display().to_string()).collect()
}

/// Everything below a folder: the bytes of files, where links lead, and of the rest what it is.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // The store clears up beside the test.
        let Ok(kind) = fs::symlink_metadata(&path).map(|meta| meta.file_type()) else { continue };
        if kind.is_dir() {
            found.extend(tree(&path));
        }
        let bytes = if kind.is_file() {
            fs::read(&path).unwrap_or_default()
        } else if kind.is_symlink() {
            fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else {
            format!("{kind:?}").into_bytes()
        };
        found.insert(path, bytes);
    }
    found
}

fn pipes(folder: &Path) -> Vec<PathBuf> {
    let all = tree(folder).into_keys();
    all.filter(|path| fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_fifo())).collect()
}

/// The files of a home, none of which is a link or a pipe, that hold the canary.
fn holding_files(folder: &Path) -> Vec<String> {
    let files =
        tree(folder).into_iter().filter(|(path, _)| fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file()));
    let holds = |bytes: &[u8]| bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
    files.filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path.display().to_string()).collect()
}

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

/// What can stand where a file is expected, by what it is.
fn put(kind: &str, at: &Path, outside: &Path) {
    if at.symlink_metadata().is_ok() {
        fs::remove_file(at).unwrap();
    }
    let target = outside.join(if at.extension().is_some_and(|it| it == "json") { "facts.json" } else { "secret.md" });
    match kind {
        "a link out" => symlink(target, at).unwrap(),
        "a link out by steps" => {
            let name = outside.parent().unwrap().file_name().unwrap();
            symlink(Path::new("../..").join(name).join("outside").join(target.file_name().unwrap()), at).unwrap();
        }
        "a link to a link" => {
            let step = at.with_file_name(".step");
            drop(fs::remove_file(&step));
            symlink(target, &step).unwrap();
            symlink(step, at).unwrap();
        }
        "a link to nothing" => symlink(outside.join("new.md"), at).unwrap(),
        "a link to itself" => symlink(at.file_name().unwrap(), at).unwrap(),
        "a link to a device" => symlink("/dev/zero", at).unwrap(),
        "a link to a folder" => symlink(outside, at).unwrap(),
        "a pipe" => pipe(at),
        "a socket" => drop(UnixListener::bind(at).unwrap()),
        other => panic!("{other}"),
    }
}

const KINDS: [&str; 9] = [
    "a link out",
    "a link out by steps",
    "a link to a link",
    "a link to nothing",
    "a link to itself",
    "a link to a device",
    "a link to a folder",
    "a pipe",
    "a socket",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_name_and_no_file_leads_out_of_the_folders() {
    let mut ground = Ground::new().await;
    persona_names(&mut ground).await;
    persona_files(&mut ground).await;
    archives(&mut ground).await;
    dropped_and_copies(&mut ground).await;
    exports(&mut ground).await;
    files_by_path(&mut ground).await;
    a_folder_for_syncing(&mut ground).await;
    assert!(ground.tried >= 200, "{} were tried", ground.tried);
    // In what a model is sent there is nothing of it either, and the home still does what it is for.
    ground.home.answer(whole("Here."));
    say(&ground.app, None, "Are you there?", scripted()).await;
    let sent = format!("{:?}", ground.home.last_request());
    assert!(sent.contains("Are you there?") && !sent.contains(CANARY));
    ground.assert_kept("everything");
    println!("{} tricks", ground.tried);
}

async fn persona_names(ground: &mut Ground) {
    let (app, persona, outside) = (ground.app.clone(), ground.persona(), ground.outside());
    symlink(&outside, persona.join("linked")).unwrap();
    symlink(outside.join("secret.md"), persona.join("link.md")).unwrap();
    symlink(outside.join("new.md"), persona.join("dangling.md")).unwrap();
    for name in ground.names() {
        let read = app.persona_read(name.clone());
        ground
            .try_it(&name, async {
                if let Ok(text) = read.await {
                    assert!(!text.text.contains(CANARY), "{name:?}");
                }
            })
            .await;
        for fingerprint in [None, Some("0-0".to_owned())] {
            let save = app.persona_save(name.clone(), "Written by a trick.".to_owned(), fingerprint);
            ground.try_it(&name, save).await;
        }
        drop(app.persona_template(&name));
    }
    ground.assert_kept("names of persona files");
    for left in ["linked", "link.md", "dangling.md"] {
        drop(fs::remove_file(persona.join(left)));
    }
}

async fn persona_files(ground: &mut Ground) {
    let (app, persona, outside) = (ground.app.clone(), ground.persona(), ground.outside());
    for name in ["summary.md", "facts.json", "notes.md", "private/diary.md"] {
        let file = persona.join(name);
        for kind in KINDS {
            put(kind, &file, &outside);
            ground.try_it(&format!("{name} is {kind}"), app.persona_reload()).await;
            ground.try_it(&format!("{name} is {kind}, read"), app.persona_read(name.to_owned())).await;
            assert!(!format!("{:?}", app.persona_view()).contains(CANARY), "{name} is {kind}");
            let archive = ground.home.path().join("all.twin");
            ground.try_it(&format!("{name} is {kind}, packed"), app.archive_export(&archive, None, Job::quiet())).await;
            let unpacked =
                fs::read(&archive).map(|bytes| zstd::decode_all(bytes.as_slice()).unwrap()).unwrap_or_default();
            assert!(!String::from_utf8_lossy(&unpacked).contains(CANARY), "{name} is {kind}");
            drop(fs::remove_file(archive));
        }
        fs::remove_file(&file).unwrap();
        // What is written first, beside the file.
        let (folder, last) = (file.parent().unwrap(), file.file_name().unwrap().to_string_lossy());
        for kind in KINDS {
            put(kind, &folder.join(format!(".{last}.saving")), &outside);
            let facts = "{\"full_name\": \"Ada L\", \"name\": \"Ada\"}";
            let text = if last == "facts.json" { facts } else { "Written in peace." };
            drop(fs::remove_file(&file));
            let save = app.persona_save(name.to_owned(), text.to_owned(), None);
            ground.try_it(&format!("beside {name} is {kind}"), async { save.await.unwrap() }).await;
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            assert!(!file.is_symlink());
        }
        ground.assert_kept(name);
    }
}

/// An archive of nothing but its head and this entry; its manifest says so.
fn pack(file: &Path, kind: Type, name: &[u8], link: Option<&Path>, bytes: &[u8]) {
    let mut tar = tar::Builder::new(zstd::Encoder::new(fs::File::create(file).unwrap(), 1).unwrap());
    let mut entry = |kind, name: &[u8], link: Option<&Path>, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        if name.len() > 100 {
            let mut long = tar::Header::new_gnu();
            long.as_gnu_mut().unwrap().name[..13].copy_from_slice(b"././@LongLink");
            long.set_entry_type(Type::GNULongName);
            long.set_size(name.len() as u64);
            long.set_cksum();
            tar.append(&long, name).unwrap();
        }
        let short = &name[..name.len().min(100)];
        header.as_gnu_mut().unwrap().name[..short.len()].copy_from_slice(short);
        if let Some(link) = link {
            header.set_link_name(link).unwrap();
        }
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        tar.append(&header, bytes).unwrap();
    };
    entry(Type::Regular, b"archive.json", None, b"{\"format\":\"digital-twin-archive\",\"version\":1}");
    entry(kind, name, link, bytes);
    let part = serde_json::json!({ "name": String::from_utf8_lossy(name), "bytes": bytes.len(), "sha256": twin_store::Blob::new(bytes.to_vec()).sha256 });
    let manifest = serde_json::json!({ "exported_at": "2026-11-17T10:02:00Z", "program": "0", "records": 0, "files": 0, "parts": [part] });
    entry(Type::Regular, b"manifest.json", None, manifest.to_string().as_bytes());
    tar.into_inner().unwrap().finish().unwrap();
}

async fn archives(ground: &mut Ground) {
    let (app, outside) = (ground.app.clone(), ground.outside());
    let file = ground.home.path().join("trick.twin");
    // The same, with a name that is no trick, comes in: what is refused is the name.
    pack(&file, Type::Regular, b"persona/plain.md", None, b"Written by nobody.");
    assert_eq!(app.import(&file, None, Job::quiet()).await.unwrap().unwrap().persona, 1);
    for name in ground.names() {
        for above in ["persona/", ""] {
            let name = format!("{above}{name}");
            pack(&file, Type::Regular, name.as_bytes(), None, b"Written by a trick.");
            ground.try_it(&name, app.import(&file, None, Job::quiet())).await;
        }
    }
    for kind in [
        Type::Symlink,
        Type::Link,
        Type::Directory,
        Type::Fifo,
        Type::Char,
        Type::Block,
        Type::Continuous,
        Type::GNUSparse,
    ] {
        for name in ["persona/plain.md", "persona/linked", "files/x", "records/000001.jsonl"] {
            for link in [Some(outside.join("secret.md")), Some(PathBuf::from("../../outside")), None] {
                pack(&file, kind, name.as_bytes(), link.as_deref(), b"");
                ground.try_it(&format!("{name} as {kind:?}"), app.import(&file, None, Job::quiet())).await;
            }
        }
    }
    // A folder of the persona that is a link takes nothing in.
    symlink(&outside, ground.persona().join("elsewhere")).unwrap();
    for name in ["persona/elsewhere/new.md", "persona/elsewhere/secret.md", "persona/elsewhere/deep/new.md"] {
        pack(&file, Type::Regular, name.as_bytes(), None, b"Written by a trick.");
        ground.try_it(name, app.import(&file, None, Job::quiet())).await;
    }
    fs::remove_file(ground.persona().join("elsewhere")).unwrap();
    ground.assert_kept("archives");
    let conversation = "[{\"mapping\": {}, \"title\": \"x\", \"id\": \"x\"}]";
    for name in ground.names().into_iter().filter(|name| name.len() < 60_000) {
        let mut zip = zip::ZipWriter::new(fs::File::create(&file).unwrap());
        let begun = zip.start_file(format!("{name}/conversations.json"), zip::write::SimpleFileOptions::default());
        if begun.is_ok() && zip.write_all(conversation.as_bytes()).is_ok() && zip.finish().is_ok() {
            ground.try_it(&name, app.import(&file, None, Job::quiet())).await;
        }
    }
    fs::remove_file(&file).unwrap();
    ground.assert_kept("ZIPs");
}

async fn dropped_and_copies(ground: &mut Ground) {
    let app = ground.app.clone();
    let closed = Home::new();
    let closed = Paths::resolve(Some(closed.path().to_owned())).unwrap();
    for name in ground.names() {
        for first in [true, false] {
            let dropped = app.import_drop(&name, first, "V3JpdHRlbiBieSBhIHRyaWNrLg==".to_owned());
            let home = ground.home.path().to_owned();
            ground
                .try_it(&name, async {
                    if let Ok(path) = dropped.await {
                        assert!(
                            Path::new(&path).canonicalize().unwrap().starts_with(home.canonicalize().unwrap()),
                            "{name:?}"
                        );
                    }
                })
                .await;
        }
        let copy = name.replace("secret.md", COPY);
        let restore = app.backup_restore(copy.clone());
        ground.try_it(&copy, async { restore.await.unwrap_err() }).await;
        // Where nobody has the home open.
        assert!(App::backup_restore_closed(&closed, None, &copy).is_err(), "{copy:?}");
        ground.try_it(&name, async { app.attachment_data(name.clone()).await.unwrap_err() }).await;
    }
    app.import_drop_end().await.unwrap();
    ground.assert_kept("what was dropped, copies and hashes");
}

async fn exports(ground: &mut Ground) {
    let app = ground.app.clone();
    let paths = Paths::resolve(Some(ground.home.path().to_owned())).unwrap();
    let mut ids = Vec::new();
    for name in ground.names() {
        let told = say(&app, None, "A conversation", None).await;
        // What cannot be a title keeps the one that it has.
        drop(app.session_rename(told.session, &name).await);
        ids.push(told.session);
        ground
            .try_it(&name, async { app.session_drag(vec![told.session], SessionFormat::Markdown).await.unwrap() })
            .await;
    }
    let file = ground.home.path().join("several.zip");
    for format in [SessionFormat::Markdown, SessionFormat::Html, SessionFormat::Seed] {
        app.session_export(ids.clone(), format, &file, Job::quiet()).await.unwrap();
        let packed = zip::ZipArchive::new(fs::File::open(&file).unwrap()).unwrap();
        assert_eq!(packed.len(), ids.len());
        for name in packed.file_names().map(Result::unwrap) {
            let plain = !name.contains(['/', '\\', ':', '\0']) && !name.starts_with('.') && name.len() < 255;
            assert!(plain, "{name:?}");
        }
    }
    App::session_drag_end(&paths).unwrap();
    fs::remove_file(file).unwrap();
    ground.assert_kept("titles");
}

async fn files_by_path(ground: &mut Ground) {
    let (app, outside) = (ground.app.clone(), ground.outside());
    let folder = ground.home.path().join("given");
    fs::create_dir(&folder).unwrap();
    for kind in
        ["a link to nothing", "a link to itself", "a link to a device", "a link to a folder", "a pipe", "a socket"]
    {
        for name in ["00000000-0000-4000-8000-000000000002.json", "notes.md"] {
            let file = folder.join(name);
            put(kind, &file, &outside);
            ground.try_it(kind, async { app.attachment_add_file(&file).await.unwrap_err() }).await;
            ground.try_it(kind, async { app.import(&file, None, Job::quiet()).await.unwrap_err() }).await;
            ground.try_it(kind, async { app.import_preview(&file, None, Job::quiet()).await.unwrap_err() }).await;
            ground.try_it(kind, async { app.session_import_seed(&file).await.unwrap_err() }).await;
            fs::remove_file(file).unwrap();
        }
    }
    app.import_folder_set(Some(folder.display().to_string())).await.unwrap();
    for kind in KINDS {
        let file = folder.join("00000000-0000-4000-8000-000000000001.json");
        put(kind, &file, &outside);
        if kind.starts_with("a link out") {
            fs::remove_file(&file).unwrap();
            symlink(outside.join(file.file_name().unwrap()), &file).unwrap();
        }
        ground.try_it(kind, async { app.import_folder_once().await.unwrap() }).await;
        fs::remove_file(file).unwrap();
    }
    app.import_folder_set(None).await.unwrap();
    drop(fs::remove_file(folder.join(".step")));
    ground.assert_kept("files by their paths");
}

async fn a_folder_for_syncing(ground: &mut Ground) {
    let folder = ground.home.path().join("carried");
    fs::create_dir(&folder).unwrap();
    let bucket = FolderBucket::new(&folder);
    bucket.set_up().await.unwrap();
    symlink(ground.outside(), folder.join("linked")).unwrap();
    symlink(ground.outside().join("secret.md"), folder.join("link.twin")).unwrap();
    pipe(&folder.join("pipe.twin"));
    let names = ground.names().into_iter().chain(["linked/secret", "linked/new", "link", "pipe"].map(str::to_owned));
    for name in names.collect::<Vec<_>>() {
        let put =
            Request::PutIfAbsent { name: name.clone(), bytes: b"Written by a trick.".to_vec(), put_id: "1".to_owned() };
        let requests = [
            put,
            Request::Get { name: name.clone() },
            Request::Head { name: name.clone() },
            Request::List { prefix: name.clone(), after: None },
            Request::DeleteOldVersions { name: name.clone() },
            Request::Delete { name: name.clone() },
        ];
        for request in requests {
            let asked = bucket.ask(request);
            ground.try_it(&name, async { assert!(!format!("{:?}", asked.await).contains(CANARY), "{name:?}") }).await;
        }
    }
    fs::remove_dir_all(folder).unwrap();
    ground.assert_kept("a folder for syncing");
}
