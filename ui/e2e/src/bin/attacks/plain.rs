//! A window without any of the product's defences: the control, without which zeros would prove nothing, and where exported
//! pages are opened as in any browser.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::Duration;
use twin_e2e::watch::Seen;
use twin_e2e::{World, given};

/// Texts that are put into one page: whatever a text does to its page, those in others are not touched by it.
const IN_A_PAGE: usize = 10;
/// What is loaded, drawn and run after a text was put into a page is done by then, or not counted: the control may count too
/// little.
const AFTERWARDS: Duration = Duration::from_millis(150);
/// A page that nothing brings to an answer is given up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The page of the control: no policy, and texts become markup.
const PAGE: &str = "<!DOCTYPE html><meta charset=utf-8><title>Control</title><body><p>Control</p>";

/// As somebody in a hurry would draw Markdown, whole and as it grows.
const DRAW: &str = "
    const markup = (text) => text
        .replace(/!\\[([^\\]]*)\\]\\(<?([^)>\\s]*)>?[^)]*\\)/g, '<img alt=\"$1\" src=\"$2\">')
        .replace(/\\[([^\\]]*)\\]\\(<?([^)>]*)>?\\)/g, '<a href=\"$2\">$1</a>');
    for (const text of arguments[0]) {
        const place = document.body.appendChild(document.createElement('div'));
        if (!arguments[1]) { place.innerHTML = markup(text); continue; }
        const characters = [...text];
        for (let end = 1; end <= characters.length; end += 1) place.innerHTML = markup(characters.slice(0, end).join(''));
    }";

/// What a page that was opened holds and has run.
const LOOK: &str = "
    const made = {};
    const add = (name) => { made[name] = (made[name] ?? 0) + 1; };
    const others = 'script, iframe, frame, object, embed, base, link, form, area, video, audio, source, svg, math, template, '
        + 'img:not([src^=\"data:\"]), a:not([href^=\"http:\" i]):not([href^=\"https:\" i]):not([href^=\"mailto:\" i])';
    for (const element of document.querySelectorAll('*')) {
        if (element.matches(others)) add(element.localName);
        for (const { name } of element.attributes) if (/^on|^style$|^srcdoc$|^ping$/i.test(name)) add(name);
    }
    return { made, ran: window.ran !== undefined, articles: document.querySelectorAll('article').length };";

pub(crate) struct Plain {
    world: World,
    address: String,
}

impl Plain {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be bound");
        let port = listener.local_addr().expect("a bound port has an address").port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length:";
                // The browser may have hung up.
                let _ = write!(stream, "{head} {}\r\n\r\n{PAGE}", PAGE.len());
            }
        });
        let world = World::plan().with_program(given::bare_window()).open().await;
        Self { world, address: format!("http://127.0.0.1:{port}/") }
    }

    /// What the texts do where nothing stops them.
    pub(crate) async fn unguarded(&mut self, texts: &[String], streamed: bool) -> Seen {
        let mut seen = Seen::default();
        for texts in texts.chunks(IN_A_PAGE) {
            let one = tokio::time::timeout(PATIENCE, self.page(texts, streamed)).await;
            if let Ok(Some(one)) = one {
                seen.add(one);
            } else {
                // It left, and took what was counted with it.
                seen.navigations += 1;
                *self = Self::open().await;
            }
        }
        seen
    }

    /// None: the page could not be asked any more.
    async fn page(&self, texts: &[String], streamed: bool) -> Option<Seen> {
        self.world.client().goto(&self.address).await.ok()?;
        self.world.client().execute("delete window.watched", vec![]).await.ok()?;
        self.world.watch().await;
        // A dialog, or another page: the counts tell.
        let _ = self.world.client().execute(DRAW, vec![json!(texts), json!(streamed)]).await;
        tokio::time::sleep(AFTERWARDS).await;
        Some(self.world.seen().await)
    }

    /// What an exported page does when it is opened, and how many messages it shows. A script before the page's own cannot be
    /// put there, so a dialog is the sign of one that ran, and what is in the page of one that could.
    pub(crate) async fn exported(&self, file: &Path) -> (Seen, usize) {
        let mut seen = Seen::default();
        let client = self.world.client();
        let address = format!("file://{}", file.display());
        // A dialog that is open refuses to go on; it is met below.
        let _ = client.goto(&address).await;
        while client.get_alert_text().await.is_ok() {
            *seen.scripts.entry("dialog".to_owned()).or_default() += 1;
            client.dismiss_alert().await.expect("a dialog can be closed");
        }
        tokio::time::sleep(AFTERWARDS).await;
        let found = client.execute(LOOK, vec![]).await.unwrap_or(Value::Null);
        let here = client.current_url().await.is_ok_and(|here| here.as_str() == address);
        let windows = client.windows().await.map_or(0, |windows| windows.len());
        seen.navigations = u64::from(!here || windows != 1);
        if found["ran"] != json!(false) {
            *seen.scripts.entry("ran".to_owned()).or_default() += 1;
        }
        for (name, count) in found["made"].as_object().into_iter().flatten() {
            seen.made.insert(name.clone(), count.as_u64().unwrap_or(1));
        }
        let shown = found["articles"].as_u64().and_then(|shown| usize::try_from(shown).ok());
        (seen, shown.unwrap_or(0))
    }

    /// The same for a page into which the texts were written as they are.
    pub(crate) async fn careless(&self, texts: &[String]) -> Seen {
        let mut seen = Seen::default();
        for (at, texts) in texts.chunks(IN_A_PAGE).enumerate() {
            let file = self.world.write(&format!("careless-{at}.html"), format!("{PAGE}{}", texts.join("<p>")));
            seen.add(self.exported(&file).await.0);
        }
        seen
    }
}
