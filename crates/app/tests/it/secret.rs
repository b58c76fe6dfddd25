//! Canaries through every flow of the real program at the finest log level, then a panic and a crash: no key is in any file,
//! nothing that was said is where it does not belong, and a process shows neither.
//!
//! The program is this very test binary, started again with a part to play. It stops wherever it is to be looked at.

use crate::testkit::{request, send};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use twin_app::chat::SendRequest;
use twin_app::credential::Credentials;
use twin_app::job::Job;
use twin_app::model::Providers;
use twin_app::paths::Paths;
use twin_app::sync::{Buckets, S3Keys, SyncSetup};
use twin_app::{App, Parts, SystemClock};
use twin_connect::keychain::SessionSecrets;
use twin_core::chat::Audience;
use twin_core::memory::MemoryKind;
use twin_core::model::ModelRef;
use twin_core::secret::Secret;
use twin_core::settings::{BedrockCredentials, S3Credentials, SyncPlace};

const WORLD: &str = "TWIN_SECRET_WORLD";
const SERVER: &str = "TWIN_SECRET_SERVER";
const SAYS: &str = "child says ";

/// What opens something: in no file at all.
const OPENAI: &str = "sk-kanary01-7f3a9c";
const ACCESS_ID: &str = "AKIAKANARY02QWERTY77";
const ACCESS_SECRET: &str = "kanary03SecretAccessKey81Zx";
const ACCESS_TOKEN: &str = "kanary04SessionToken5Tg9";
const BEARER: &str = "bedrock-kanary05-Hn27";
const S3_ID: &str = "AKIAKANARY06ASDFGH88";
const S3_SECRET: &str = "kanary07SecretBucketKey93Vb";
const S3_TOKEN: &str = "kanary08BucketToken2Kq4";
const PASSPHRASE: &str = "kanary09 hazel otter 31";
const NEW_PASSPHRASE: &str = "kanary10 lantern mill 46";
const ARCHIVE: &str = "kanary11 walnut sail 58";
/// Of a chat that is kept nowhere.
const TEMPORARY: &str = "kanary12-said-in-passing";
const TEMPORARY_FILE: &str = "kanary13-shown-in-passing";

const NOWHERE: [&str; 13] = [
    OPENAI,
    ACCESS_ID,
    ACCESS_SECRET,
    ACCESS_TOKEN,
    BEARER,
    S3_ID,
    S3_SECRET,
    S3_TOKEN,
    PASSPHRASE,
    NEW_PASSPHRASE,
    ARCHIVE,
    TEMPORARY,
    TEMPORARY_FILE,
];

/// What is private: in the persona and the database, and nowhere else.
const FACT: &str = "kanary14-private-fact";
const DIARY: &str = "kanary15-private-diary";
const SAID: &str = "kanary16-said-by-owner";
const ANSWERED: &str = "kanary17-said-by-model";
const TITLE: &str = "kanary18-title";
const MEMORY: &str = "kanary19-memory";
const FILE_NAME: &str = "kanary20-name-of-a-file";
const FILE_TEXT: &str = "kanary21-text-of-a-file";

const AT_HOME: [&str; 8] = [FACT, DIARY, SAID, ANSWERED, TITLE, MEMORY, FILE_NAME, FILE_TEXT];

/// What a fault says of what it was reading.
const PANIC: &str = "kanary22-in-a-panic";
/// What a library logs.
const LIBRARY: &str = "kanary23-in-a-library";

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn say(what: &str) {
    // The test harness prints, too: a line of its own.
    std::io::stdout().write_all(format!("\n{SAYS}{what}\n").as_bytes()).unwrap();
    std::io::stdout().flush().unwrap();
    // Until the parent has looked.
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Without a world, as in any ordinary run, there is nothing to do.
#[test]
fn plays_its_part() {
    let (Some(world), Some(server)) = (std::env::var_os(WORLD), std::env::var_os(SERVER)) else { return };
    let (world, server) = (PathBuf::from(world), server.into_string().unwrap());
    let paths = Paths::resolve(Some(world.join("home"))).unwrap();
    twin_app::telemetry::start(&paths);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(live(&world, paths, &server));
    tracing::trace!(target: "twin_app", "the finest level is on");
    tracing::error!(target: "hyper::proto", body = LIBRARY, "{LIBRARY}");
    tracing::trace!(target: "aws_smithy_runtime", body = LIBRARY, "{LIBRARY}");
    assert!(std::thread::spawn(fault).join().is_err());
    say("panicked");
    // With everything still in memory.
    let held = NOWHERE.map(secret);
    std::hint::black_box(&held);
    std::process::abort();
}

/// As one that quotes what it was reading.
fn fault() {
    panic!("cannot read {PANIC}, {OPENAI}");
}

async fn live(world: &Path, paths: Paths, server: &str) {
    let providers = std::sync::Arc::<Providers>::default();
    let app = App::open(Parts {
        paths,
        clock: std::sync::Arc::new(SystemClock),
        zone: jiff::tz::TimeZone::UTC,
        secrets: std::sync::Arc::new(SessionSecrets::default()),
        models: Box::new(std::sync::Arc::clone(&providers)),
        providers,
        buckets: Box::new(Buckets),
    })
    .unwrap();
    let watch = app.watch();
    talk(&app, server).await;
    say("talked");
    amazon(&app, server).await;
    say("refused");
    meet(&app, world, server).await;
    let archive = world.join("out/all.dtwin");
    app.archive_export(&archive, Some(secret(ARCHIVE)), Job::quiet()).await.unwrap().unwrap();
    assert!(app.import(&archive, Some(secret("not this one at all")), Job::quiet()).await.is_err());
    app.import(&archive, Some(secret(ARCHIVE)), Job::quiet()).await.unwrap().unwrap();
    drop(watch);
}

fn model(of: &str) -> ModelRef {
    of.parse().unwrap()
}

/// With a server that has a key, that quotes it where it refuses, and that breaks off.
async fn talk(app: &App, server: &str) {
    let mut settings = app.settings();
    settings.openai.servers[0].base_url = format!("{server}/v1");
    app.settings_save(settings).await.unwrap();
    let key = Credentials::Openai { server: "ollama".to_owned(), key: secret(OPENAI) };
    app.credentials_save(key).await.unwrap();
    let file = app.attachment_add_bytes(format!("{FILE_NAME}.txt"), FILE_TEXT.as_bytes().to_vec()).await.unwrap();
    let said = SendRequest { attachments: vec![file.attachment.id], ..request(None, Audience::Owner, SAID) };
    let told = send(app, said, model("openai:m")).await.unwrap();
    app.session_rename(told.session, TITLE).await.unwrap();
    app.memory_add(MemoryKind::Semantic, MEMORY, Audience::Owner).await.unwrap();
    app.memory_index(|_| {}).await.unwrap();
    app.memory_search(MEMORY, Audience::Owner, None, 5).await.unwrap();

    for refused in ["refuse", "break"] {
        let told =
            send(app, request(None, Audience::Owner, refused), model(&format!("openai:{refused}"))).await.unwrap();
        assert!(told.failure.is_some());
    }
    send(app, request(None, Audience::Visitor, "Who are you?"), model("openai:m")).await.unwrap();
    let file = app.attachment_add_bytes("note.txt".to_owned(), TEMPORARY_FILE.as_bytes().to_vec()).await.unwrap();
    let passing = SendRequest {
        temporary: true,
        attachments: vec![file.attachment.id],
        ..request(None, Audience::Owner, TEMPORARY)
    };
    send(app, passing, model("openai:m")).await.unwrap();
    drop(
        app.server_models(twin_app::model::Server { base_url: format!("{server}/v1"), key: Some(secret(OPENAI)) })
            .await,
    );
}

/// With Amazon's keys, all three kinds, at a server that refuses them and says why.
async fn amazon(app: &App, server: &str) {
    let mut settings = app.settings();
    "eu-central-1".clone_into(&mut settings.bedrock.region);
    server.clone_into(&mut settings.bedrock.endpoint_url);
    server.clone_into(&mut settings.bedrock.control_endpoint_url);
    settings.bedrock.credentials = BedrockCredentials::Keys;
    app.settings_save(settings).await.unwrap();
    let keys = Credentials::Bedrock {
        access_key_id: secret(ACCESS_ID),
        secret_access_key: secret(ACCESS_SECRET),
        session_token: Some(secret(ACCESS_TOKEN)),
    };
    app.credentials_save(keys).await.unwrap();
    drop(send(app, request(None, Audience::Owner, "And now?"), model("bedrock:anthropic.claude-x")).await.unwrap());
    app.credentials_save(Credentials::BedrockApiKey { key: secret(BEARER) }).await.unwrap();
    let mut settings = app.settings();
    settings.bedrock.credentials = BedrockCredentials::ApiKey;
    app.settings_save(settings).await.unwrap();
    drop(send(app, request(None, Audience::Owner, "And now?"), model("bedrock:anthropic.claude-x")).await.unwrap());
    drop(app.model_catalogue(true).await);
}

/// In a bucket that refuses its keys, then in a folder.
async fn meet(app: &App, world: &Path, server: &str) {
    let place = SyncPlace::S3 {
        bucket: "attic".to_owned(),
        prefix: String::new(),
        region: String::new(),
        endpoint_url: server.to_owned(),
        path_style: true,
        credentials: S3Credentials::Keys,
    };
    let keys = S3Keys {
        access_key_id: secret(S3_ID),
        secret_access_key: secret(S3_SECRET),
        session_token: Some(secret(S3_TOKEN)),
    };
    let setup = SyncSetup { place, keys: Some(keys), device_name: "Laptop".to_owned() };
    assert!(app.sync_test(setup.clone()).await.is_err());
    assert!(app.sync_create(setup, secret(PASSPHRASE)).await.is_err());
    let path = world.join("bucket").display().to_string();
    let setup = SyncSetup { place: SyncPlace::Folder { path }, keys: None, device_name: "Laptop".to_owned() };
    let code = app.sync_create(setup, secret(PASSPHRASE)).await.unwrap();
    app.sync_now().await.unwrap();
    say(code.expose());
    app.sync_passphrase_change(secret(NEW_PASSPHRASE)).await.unwrap();
    say(app.sync_recovery_code_new().await.unwrap().expose());
    app.sync_now().await.unwrap();
}

/// A server that answers, refuses with the key that it was sent, or breaks off with it; Amazon is refused.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).is_ok_and(|read| read > 0) {}
                let header = |name: &str| {
                    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
                    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value).to_owned()
                };
                let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
                if reader.read_exact(&mut body).is_err() {
                    return;
                }
                let body = String::from_utf8_lossy(&body).into_owned();
                let key = header("authorization");
                let (status, answer) = answer(&head, &body, &key);
                let head = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: {}\r\ncontent-length: {}\r\nx-amzn-requestid: {key}\r\nconnection: close\r\n\r\n",
                    if status == 200 { "text/event-stream" } else { "application/json" },
                    answer.len()
                );
                // A client that leaves is no fault of the server's.
                let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(answer.as_bytes()));
            });
        }
    });
    url
}

fn answer(head: &str, body: &str, key: &str) -> (u16, String) {
    let said = format!("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{ANSWERED}\"}}}}]}}\n\n");
    let quoted = serde_json::json!({ "error": { "message": format!("Incorrect key: {key}"), "code": key, "type": key, "param": key } });
    if !head.starts_with("POST /v1/chat/completions") {
        (403, serde_json::json!({ "message": format!("denied: {key}"), "code": key, "__type": key }).to_string())
    } else if body.contains("\"model\":\"refuse\"") {
        (401, quoted.to_string())
    } else if body.contains("\"model\":\"break\"") {
        (200, format!("{said}data: {quoted}\n\n"))
    } else {
        (
            200,
            format!(
                "{said}data: {{\"choices\":[{{\"index\":0,\"delta\":{{}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n"
            ),
        )
    }
}

/// Every way in which a text may stand in bytes.
fn spellings(text: &str) -> Vec<String> {
    use base64::Engine as _;
    let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let wide = text.chars().flat_map(|char| [char, '\0']).collect();
    let mut all = vec![text.to_owned(), text.to_lowercase(), wide, hex.to_uppercase(), hex];
    all.extend(["%20", "+"].map(|space| text.replace(' ', space)));
    for engine in [&base64::engine::general_purpose::STANDARD_NO_PAD, &base64::engine::general_purpose::URL_SAFE_NO_PAD]
    {
        // Wherever among three bytes it begins; without the characters that depend on its neighbours.
        for before in 0..3 {
            let coded = engine.encode([vec![b' '; before].as_slice(), text.as_bytes()].concat());
            all.push(coded[if before == 0 { 0 } else { 4 }..coded.len() - 2].to_owned());
        }
    }
    all
}

/// A file as it is searched: what is packed is opened. What is no text has no part in it.
fn readable(bytes: &[u8]) -> String {
    let opened = if bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) {
        zstd::decode_all(bytes).unwrap_or_default()
    } else {
        Vec::new()
    };
    [String::from_utf8_lossy(bytes), String::from_utf8_lossy(&opened)].join("\n")
}

fn holds(file: &str, text: &str) -> bool {
    spellings(text).iter().any(|spelled| file.contains(spelled.as_str()))
}

fn files(folder: &Path, found: &mut BTreeMap<String, String>) {
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            // Names count as well; locks and what was taken away meanwhile have no content.
            let name = path.display().to_string();
            let file = readable(&fs_err::read(&path).unwrap_or_default());
            found.insert(name.clone(), format!("{name}\n{file}"));
        }
    }
}

struct Program {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    world: TempDir,
    /// What it was given back to keep, which opens things as well.
    codes: Vec<String>,
    hits: Vec<String>,
    looked_at: usize,
}

impl Program {
    /// Lets it go on until it says something.
    fn hears(&mut self) -> String {
        let says = |line: String| line.strip_prefix(SAYS).map(str::to_owned);
        self.lines.by_ref().find_map(|line| says(line.unwrap())).unwrap()
    }

    fn go_on(&mut self) {
        self.child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// What is on the disk, and what anybody may see of the process and of those that it started.
    fn look(&mut self, when: &str) {
        let mut found = BTreeMap::new();
        files(self.world.path(), &mut found);
        for pid in family(self.child.id()) {
            for of in ["cmdline", "environ"] {
                let name = format!("/proc/{pid}/{of}");
                found.insert(name.clone(), readable(&fs_err::read(name).unwrap_or_default()));
            }
        }
        self.looked_at += found.len();
        let home = self.world.path().join("home").display().to_string();
        let belongs = |name: &str| {
            let inside = name.strip_prefix(&home).unwrap_or_default();
            ["/twin.db", "/backups/", "/persona/private/"].iter().any(|place| inside.starts_with(place))
        };
        let codes: Vec<&str> = self.codes.iter().map(String::as_str).collect();
        for (name, file) in &found {
            for text in NOWHERE.iter().chain(&[PANIC, LIBRARY]).chain(&codes) {
                if holds(file, text) {
                    self.hits.push(format!("{when}: {text} in {name}"));
                }
            }
            for text in AT_HOME.iter().filter(|_| !belongs(name)) {
                if holds(file, text) {
                    self.hits.push(format!("{when}: {text} in {name}"));
                }
            }
        }
    }
}

/// A process and all that it started.
fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    for task in fs_err::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok) {
        let children = fs_err::read_to_string(task.path().join("children")).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|child| child.parse().ok()).flat_map(family));
    }
    all
}

fn started() -> Program {
    let world = TempDir::new().unwrap();
    for folder in ["home", "user", "tmp", "out", "bucket", "cwd"] {
        fs_err::create_dir(world.path().join(folder)).unwrap();
    }
    let private = world.path().join("home/persona/private");
    fs_err::create_dir_all(&private).unwrap();
    fs_err::write(private.join("facts.json"), format!("{{\"secret\":\"{FACT}\"}}")).unwrap();
    fs_err::write(private.join("diary.md"), DIARY).unwrap();
    let stderr = fs_err::File::create(world.path().join("stderr")).unwrap().into_parts().0;
    // A shell allows what the program has to forbid.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "secret::plays_its_part", "--nocapture"]).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace");
    command.env("TWIN_LOG", "trace").env("HOME", world.path().join("user")).env("TMPDIR", world.path().join("tmp"));
    command.env(WORLD, world.path()).env(SERVER, serve()).current_dir(world.path().join("cwd"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    Program { child, lines, world, codes: Vec::new(), hits: Vec::new(), looked_at: 0 }
}

#[test]
fn nothing_secret_is_left_anywhere_also_at_the_finest_level_after_a_panic_and_a_crash() {
    let mut program = started();
    for when in ["talked", "refused"] {
        assert_eq!(program.hears(), when);
        program.look(when);
        program.go_on();
    }
    for when in ["syncing", "syncing with another passphrase"] {
        let code = program.hears();
        assert!(code.len() > 20 && code.contains('-'), "a recovery code");
        // As it is shown, and as it is meant.
        program.codes.extend([code.replace('-', ""), code]);
        program.look(when);
        program.go_on();
    }
    assert_eq!(program.hears(), "panicked");
    program.look("after a panic");
    let limits = fs_err::read_to_string(format!("/proc/{}/limits", program.child.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    program.go_on();
    let status = program.child.wait().unwrap();
    assert_eq!((status.signal(), status.core_dumped()), (Some(6), false));
    program.look("after a crash");
    assert_eq!(program.hits, [""; 0]);

    // It was looked for in the right places, and by a search that finds.
    let home = program.world.path().join("home");
    let mut found = BTreeMap::new();
    files(&home, &mut found);
    for text in AT_HOME {
        assert!(found.values().any(|file| holds(file, text)), "{text} was never kept");
    }
    let log = fs_err::read_to_string(home.join("logs/twin.log")).unwrap();
    assert!(log.contains("the finest level is on") && log.contains("a fault of this program"), "{log}");
    assert!(log.contains("tests/it/secret.rs"), "where the fault is");
    let mut sealed = BTreeMap::new();
    files(&program.world.path().join("bucket"), &mut sealed);
    assert!(sealed.len() > 2 && program.world.path().join("out/all.dtwin").exists(), "{}", sealed.len());
    assert!(holds("..a2FuYXJ5MTYtc2FpZC1ieS1vd25lcg..", SAID) && !holds("nothing", SAID));
    println!("{} files and views of processes", program.looked_at);
}
