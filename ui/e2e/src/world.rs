//! A person, their home and the window in front of them.

use crate::desktop::{Desktop, Keychain};
use crate::given;
use crate::process::{Running, descendants, kill, port_of, program, wait_for_end};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// After this long a condition that has not come true counts as never coming true. Generous: it is only ever reached by
/// a failing test.
const DEADLINE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(30);

/// How a world is made.
#[derive(Debug)]
pub struct Plan {
    keychain: Keychain,
    size: (u32, u32),
    environment: Vec<(String, String)>,
    program: Option<PathBuf>,
    own_frame: bool,
}

impl Plan {
    /// With another program's window.
    #[must_use]
    pub fn with_program(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }

    /// With gnome-keyring, unlocked.
    #[must_use]
    pub fn with_keychain(mut self) -> Self {
        self.keychain = Keychain::Unlocked;
        self
    }

    /// With another size of screen and window.
    #[must_use]
    pub fn with_size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// With a variable in the program's environment.
    #[must_use]
    pub fn with_environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The window stands where the program puts it, and does not fill the screen.
    #[must_use]
    pub fn with_own_frame(mut self) -> Self {
        self.own_frame = true;
        self
    }

    /// Starts the desktop; the window stays closed.
    pub fn prepare(self) -> World {
        let folder = TempDir::with_prefix("twin-e2e-").expect("a temporary folder can be made");
        let desktop = Desktop::start(folder.path(), self.keychain, self.size);
        World { window: None, desktop, plan: self, folder }
    }

    /// Starts the desktop and opens the window.
    pub async fn open(self) -> World {
        let mut world = self.prepare();
        world.open().await;
        world
    }
}

#[derive(Debug)]
struct Window {
    client: Client,
    driver: Running,
}

/// A person, their home and the window in front of them. Everything ends when this is dropped.
#[derive(Debug)]
pub struct World {
    // Dropped in this order: the window before the desktop that it stands on, the folder last.
    window: Option<Window>,
    desktop: Desktop,
    plan: Plan,
    folder: TempDir,
}

impl World {
    /// No keychain, a screen of 1280×800.
    pub fn plan() -> Plan {
        Plan { keychain: Keychain::Absent, size: (1280, 800), environment: Vec::new(), program: None, own_frame: false }
    }

    /// The home (`TWIN_HOME`).
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("twin")
    }

    /// A file of the person's own, outside of the program's home: `.aws/config`.
    pub fn user(&self, path: &str) -> PathBuf {
        self.folder.path().join("user").join(path)
    }

    /// Writes a file of the person's own, with the folders above it; where it is.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let file = self.user(path);
        let written = file.parent().map_or(Ok(()), fs_err::create_dir_all).and_then(|()| fs_err::write(&file, bytes));
        written.expect("the person's files can be written");
        file
    }

    /// A file of the persona.
    pub fn persona(&self, path: &str) -> PathBuf {
        self.home().join("persona").join(path)
    }

    /// The desktop that the window stands on.
    pub fn desktop(&self) -> &Desktop {
        &self.desktop
    }

    /// A program started by this person: their desktop, their home.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = self.desktop.command(program);
        command.env("TWIN_HOME", self.home());
        command.envs(self.plan.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the command line on the same home; what it printed. Fails unless it succeeds.
    pub fn twin(&self, arguments: &[&str]) -> String {
        let output = self.command(&given::twin()).args(arguments).output().expect("`twin` can be started");
        let (printed, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "twin {arguments:?} failed ({}): {said}", output.status);
        printed.into_owned()
    }

    /// Opens the window and waits until it shows something.
    pub async fn open(&mut self) {
        // Without tauri-driver: all it does is to rename the capabilities and to set these two variables.
        let mut driver = self.command(Path::new("WebKitWebDriver"));
        driver
            // A port of the kernel's choice: one that was looked for before could be taken by a test beside this one.
            .args(["--port=0", "--host=127.0.0.1"])
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null());
        let driver = Running::start(&mut driver);
        let port = eventually("the driver listens", async || port_of(driver.id())).await;
        let address = format!("http://127.0.0.1:{port}");
        let options = json!({ "binary": self.program(), "args": [] });
        let capabilities: Capabilities =
            [("browserName".to_owned(), json!("wry")), ("webkitgtk:browserOptions".to_owned(), options)]
                .into_iter()
                .collect();
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let connecting = builder.capabilities(capabilities).connect(&address);
        // The driver itself waits without end for a program that does not answer it.
        let client = tokio::time::timeout(DEADLINE, connecting).await.expect("the program answers the driver");
        let client = client.unwrap_or_else(|error| panic!("the window did not open: {error}"));
        let (width, height) = self.plan.size;
        if !self.plan.own_frame {
            client.set_window_rect(0, 0, width, height).await.expect("the window can be resized");
        }
        self.window = Some(Window { client, driver });
        self.until("the window shows something", async |world| {
            let script =
                "return document.body.innerText.trim().length > 0 || document.querySelector('textarea') != null";
            world.run(script, vec![]).await.as_bool()?.then_some(())
        })
        .await;
    }

    /// Closes the window as its session ends, and waits until the program is gone.
    pub async fn close(&mut self) {
        let window = self.window.take().expect("the window is open");
        let process = application(&window.driver, &self.program()).expect("the program runs");
        window.client.close().await.expect("the window closes");
        wait_for_end(process);
    }

    /// Does what closes the window, and waits until the program is gone.
    pub fn shut(&mut self, close: impl FnOnce()) {
        let process = self.process();
        close();
        wait_for_end(process);
        self.window = None;
    }

    /// The program's process.
    pub fn process(&self) -> u32 {
        application(&self.window.as_ref().expect("the window is open").driver, &self.program())
            .expect("the program runs")
    }

    /// Kills the program at once, as a power cut would.
    pub fn kill(&mut self) {
        let window = self.window.take().expect("the window is open");
        let process = application(&window.driver, &self.program()).expect("the program runs");
        kill(process);
        wait_for_end(process);
    }

    fn program(&self) -> PathBuf {
        self.plan.program.clone().unwrap_or_else(given::window)
    }

    /// Closes the window and opens it again on the same home.
    pub async fn reopen(&mut self) {
        self.close().await;
        self.open().await;
    }

    /// The WebDriver session.
    pub fn client(&self) -> &Client {
        &self.window.as_ref().expect("the window is open").client
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client().execute(script, arguments).await.unwrap_or(Value::Null)
    }

    /// Waits until `condition` gives something.
    pub async fn until<T>(&self, what: &str, mut condition: impl AsyncFnMut(&World) -> Option<T>) -> T {
        eventually(what, async || condition(self).await).await
    }

    /// The element of this name, once it is on the screen.
    pub async fn see(&self, name: &str) -> Element {
        self.until(&format!("`{name}` is on the screen"), async |world| world.shown(name).await).await
    }

    /// Waits until no element of this name is on the screen.
    pub async fn gone(&self, name: &str) {
        self.until(&format!("`{name}` is gone"), async |world| world.shown(name).await.is_none().then_some(())).await;
    }

    /// The element of this name, if it is on the screen now.
    pub async fn shown(&self, name: &str) -> Option<Element> {
        let element = self.client().find(Locator::Css(&selector(name))).await.ok()?;
        self.is_shown(&element).await.then_some(element)
    }

    /// Whether an element is drawn. The engine is asked: WebDriver's own guess is wrong about some flex rows.
    pub async fn is_shown(&self, element: &Element) -> bool {
        let element = serde_json::to_value(element).unwrap_or_default();
        let script = "return arguments[0].checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })";
        self.run(script, vec![element]).await == json!(true)
    }

    /// Clicks on it, once it is on the screen and can be clicked.
    pub async fn click(&self, name: &str) {
        self.until(&format!("`{name}` can be clicked"), async |world| {
            let element = world.shown(name).await?;
            element.is_enabled().await.ok()?.then_some(())?;
            // The driver scrolls the page, but not every box in it.
            let target = serde_json::to_value(&element).ok()?;
            world.run("arguments[0].scrollIntoView({ block: 'center' })", vec![target]).await;
            element.click().await.ok()
        })
        .await;
    }

    /// Types into it, replacing what was there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.see(name).await;
        // As a person would; WebDriver's own "clear" goes behind the page's back.
        field.send_keys(&(Key::Control + "a")).await.expect("the field can be typed into");
        field.send_keys(text).await.expect("the field can be typed into");
        let value = field.prop("value").await.expect("a field has a value");
        assert_eq!(value.as_deref(), Some(text), "what `{name}` holds after it was typed into");
    }

    /// Gives a file to a file input, which pages hide behind a button of their own.
    pub async fn upload(&self, name: &str, file: &Path) {
        let input = self.client().find(Locator::Css(&selector(name))).await.expect("the page has the file input");
        input.send_keys(&file.to_string_lossy()).await.expect("a file can be given");
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let focused = self.client().active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("keys can be pressed");
    }

    /// The texts of all elements of this name, in the order of the page.
    pub async fn texts(&self, name: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText)";
        let texts = self.run(script, vec![json!(selector(name))]).await;
        texts.as_array().into_iter().flatten().filter_map(Value::as_str).map(|text| text.trim().to_owned()).collect()
    }

    /// Waits until the last element of this name contains `text`; its whole text.
    pub async fn read(&self, name: &str, text: &str) -> String {
        let what = format!("`{name}` says {text:?}");
        self.until(&what, async |world| world.texts(name).await.pop().filter(|found| found.contains(text))).await
    }

    /// Waits until what the page has become is drawn, in the next frame, which has ended when the one after it begins.
    async fn drawn(&self) {
        let script = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))";
        self.client().execute_async(script, vec![]).await.expect("the page is drawn");
    }

    /// Waits until nothing moves any more: fonts and pictures are there, and no animation that ends is running.
    pub async fn settled(&self) {
        // By then an animation that was asked for has begun.
        self.drawn().await;
        let script = "
            const done = (animation) =>
                animation.playState === 'finished' || animation.effect.getTiming().iterations === Infinity;
            return document.fonts.status === 'loaded'
                && [...document.images].every((picture) => picture.complete)
                && document.getAnimations().every(done)";
        self.until("the page has settled", async |world| world.run(script, vec![]).await.as_bool()?.then_some(()))
            .await;
    }

    /// What the page shows, as a PNG.
    pub async fn photograph(&self, file: &Path) {
        self.drawn().await;
        let picture = self.client().screenshot().await.expect("a picture can be taken");
        fs_err::write(file, picture).expect("the picture can be written");
    }

    /// Fails if any file of the home, however deep, contains `text`.
    pub fn assert_nowhere_in_home(&self, text: &str) {
        let mut folders = vec![self.home(), self.user("")];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).expect("a folder of the home can be listed") {
                let path = entry.expect("a folder of the home can be listed").path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = fs_err::read(&path) {
                    let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                    assert!(!found, "{} contains what must not be written to a file", path.display());
                }
            }
        }
    }
}

impl Drop for World {
    /// A failing test leaves a picture of what the person saw.
    fn drop(&mut self) {
        let Some(screens) = given::screens().filter(|_| std::thread::panicking()) else { return };
        let folder = screens.join("failures");
        let name = std::thread::current().name().unwrap_or("test").replace("::", "-");
        let file = folder.join(format!("{name}.png"));
        let taken = fs_err::create_dir_all(&folder).map_err(|error| error.to_string());
        let taken = taken.and_then(|()| self.desktop.photograph(&file));
        eprintln!("{}", taken.map_or_else(|error| error, |()| format!("the screen is in {}", file.display())));
    }
}

/// Asks until the answer is something, or fails with `what`.
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = condition().await {
                return answer;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    // Around the asking, too: the driver answers when the page does, and that may be never.
    let answer = tokio::time::timeout(DEADLINE, asking).await;
    answer.unwrap_or_else(|_| panic!("waited {DEADLINE:?} in vain until {what}"))
}

/// `name` is a `data-testid`, which further conditions of CSS may follow: `message[data-role=assistant]`.
pub(crate) fn selector(name: &str) -> String {
    let end =
        name.find(|character: char| !character.is_alphanumeric() && !"-_".contains(character)).unwrap_or(name.len());
    let (testid, conditions) = name.split_at(end);
    format!("[data-testid='{testid}']{conditions}")
}

/// The program that the driver started.
fn application(driver: &Running, started: &Path) -> Option<u32> {
    descendants(driver.id()).into_iter().find(|process| program(*process).as_deref() == Some(started))
}
