//! Where a flow plays: two homes, a folder in which they meet, files that come in and go out. All of it can be put back.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use twin_e2e::desktop::{Desktop, Keychain};
use twin_e2e::given;
use twin_e2e::stub::Stub;

/// What the model says: long enough for a kill to land in the middle of it.
const ANSWER: &str = "Yes. I remember what you said, and I shall remember it after the lights have gone out, because it \
                      was written down before I was asked. Ask me again whenever you like, and I shall say the same.";

/// Of the homes that are encrypted. Not by the keychain: what is in it does not come back with the files.
const PASSPHRASE: &str = "eleven geese over the harbour at dawn";

/// The file that stands for what a person types.
const TYPED: &str = "typed";

/// Homes and files, a desktop with a keychain, and a model to talk to.
pub(crate) struct Scene {
    folder: TempDir,
    desktop: Desktop,
    stub: Stub,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("twin-kills-").expect("a temporary folder can be made");
        let desktop = Desktop::start(folder.path(), Keychain::Unlocked, (64, 64));
        let stub = Stub::start();
        stub.otherwise(ANSWER);
        stub.pace(Duration::from_millis(4));
        let scene = Self { folder, desktop, stub };
        scene.empty();
        fs_err::write(scene.outside(TYPED), PASSPHRASE).expect("the temporary folder can be written");
        scene
    }

    /// Everything of a flow lies in it.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("scene")
    }

    /// The first one is where things happen.
    pub(crate) fn home(&self, number: usize) -> PathBuf {
        self.root().join(format!("home-{number}"))
    }

    /// Where the first home or the second is looked at that is encrypted: a copy, decrypted.
    pub(crate) fn decrypted(&self, number: usize) -> Result<PathBuf, String> {
        let copied = self.outside("decrypted");
        if copied.exists() {
            fs_err::remove_dir_all(&copied).map_err(|error| error.to_string())?;
        }
        copy(&self.home(number), &copied);
        let mut off = self.twin(number, &["encryption", "off", "--yes"]);
        said(off.env("TWIN_HOME", &copied)).map(|_| copied)
    }

    /// A place beside the homes.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    /// A file that is no part of the scene.
    pub(crate) fn outside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn empty(&self) {
        fs_err::create_dir_all(self.root()).expect("the temporary folder can be written");
        clear(&self.root());
        fs_err::create_dir_all(self.beside("files")).expect("the temporary folder can be written");
    }

    /// Keeps everything as it is now.
    pub(crate) fn keep(&self, name: &str) {
        let kept = self.outside(name);
        if kept.exists() {
            fs_err::remove_dir_all(&kept).expect("the temporary folder can be written");
        }
        copy(&self.root(), &kept);
    }

    /// Everything as it was kept under that name, in the same place.
    pub(crate) fn back(&self, name: &str) {
        clear(&self.root());
        copy(&self.outside(name), &self.root());
    }

    pub(crate) fn twin(&self, home: usize, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Command {
        let mut command = self.desktop.command(&given::twin());
        command
            .env("TWIN_HOME", self.home(home))
            .env("TWIN_PASSPHRASE", PASSPHRASE)
            .env("AWS_ENDPOINT_URL", self.stub.origin())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "an-id")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret")
            .args(arguments)
            .stdin(self.typed(arguments));
        command
    }

    /// What is typed where the command with these arguments asks.
    pub(crate) fn typed(&self, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Stdio {
        if arguments.iter().any(|argument| argument.as_ref() == "--passphrase-stdin") {
            let typed = fs_err::File::open(self.outside(TYPED)).expect("the temporary folder can be read");
            typed.into_parts().0.into()
        } else {
            Stdio::null()
        }
    }

    /// What the command printed; an error in words if it failed.
    pub(crate) fn ask(&self, home: usize, arguments: &[impl AsRef<std::ffi::OsStr>]) -> Result<String, String> {
        said(&mut self.twin(home, arguments))
    }

    /// As [`ask`](Self::ask), where nothing has been killed.
    pub(crate) fn run(&self, home: usize, arguments: &[impl AsRef<std::ffi::OsStr>]) -> String {
        self.ask(home, arguments).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The id of a session of the first home.
    pub(crate) fn session(&self, title: &str) -> String {
        let listed = self.run(0, &["session", "list", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed).expect("it is JSON");
        let found = listed.as_array().into_iter().flatten().find(|session| session["title"] == title);
        found.and_then(|session| session["id"].as_str()).expect("there is such a session").to_owned()
    }
}

/// What the command printed; an error in words if it failed.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().expect("`twin` can be started");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let asked: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    Err(format!("twin {} failed: {}", asked.join(" "), String::from_utf8_lossy(&output.stderr)))
}

/// Takes out everything that is in a folder.
pub(crate) fn clear(folder: &Path) {
    for entry in fs_err::read_dir(folder).expect("the scene can be read") {
        let path = entry.expect("the scene can be read").path();
        let removed = if path.is_dir() { fs_err::remove_dir_all(&path) } else { fs_err::remove_file(&path) };
        removed.expect("the scene can be written");
    }
}

fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).expect("the temporary folder can be written");
    for entry in fs_err::read_dir(from).expect("the scene can be read") {
        let entry = entry.expect("the scene can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs_err::copy(entry.path(), target).expect("the temporary folder can be written");
        }
    }
}
