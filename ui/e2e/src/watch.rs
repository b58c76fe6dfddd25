//! What a page does that no text may make it do: run scripts, go elsewhere, call commands, hold elements that it did not make.

use crate::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The functions that attacks call are replaced by ones that count, so that no dialog holds the page up. Commands are counted
/// where they leave for the program: Tauri's own `invoke` cannot be replaced, and calls `fetch`.
const BEGIN: &str = "
    const seen = { scripts: {}, calls: {}, made: {}, stopped: {} };
    const count = (where, what) => { seen[where][what] = (seen[where][what] ?? 0) + 1; };
    if (window.watched) return void window.watched.again(seen, count);
    let tell = count;
    let now = seen;
    const watched = { at: location.href, now: () => now, again: (next, count) => { now = next; tell = count; } };
    Object.defineProperty(window, 'watched', { value: watched });
    for (const name of ['alert', 'confirm', 'prompt', 'print', 'open', 'eval']) {
        window[name] = () => { tell('scripts', name); return null; };
    }
    Object.defineProperty(window, 'ran', { set: () => tell('scripts', 'ran') });
    const fetched = window.fetch;
    window.fetch = (what, ...more) => {
        const address = new URL(what?.url ?? what, location.href);
        const name = /^ipc/.test(address.protocol + address.host) ? decodeURIComponent(address.pathname.slice(1)) : address.href;
        // How Tauri brings a long event to the page.
        if (!name.startsWith('plugin:__TAURI_CHANNEL__')) tell('calls', name);
        return fetched.call(window, what, ...more);
    };
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => tell('stopped', effectiveDirective));
    // What our own page is made of has none of these.
    const ours = (element) => element.matches('form:not([action]), img[src^=\"data:\"], img[src^=\"blob:\"]')
        || (element.localName === 'link' && element.href.startsWith(location.origin + '/assets/'));
    const others = 'script, iframe, frame, frameset, object, embed, applet, base, link, meta, form, a, area, img, picture, video, '
        + 'audio, source, track, bgsound, portal, marquee, template, foreignObject, image, use, feImage, animate, set';
    const look = (element) => {
        // Mermaid draws out of sight, as it pleases; what is shown of it is a picture.
        if (element.nodeType !== Node.ELEMENT_NODE || element.closest('svg[id^=\"diagram-\"]')) return;
        if (element.matches(others) && !ours(element)) tell('made', element.localName);
        for (const { name } of element.attributes) if (/^on|^srcdoc$|^ping$|^formaction$|^background$/i.test(name)) tell('made', name);
    };
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) {
            for (const node of addedNodes) {
                look(node);
                node.querySelectorAll?.('*').forEach(look);
            }
        }
    }).observe(document, { childList: true, subtree: true });";

const END: &str = "
    if (!window.watched) return null;
    return { away: location.href === watched.at ? 0 : 1, ...watched.now() };";

/// What was seen since the watch began.
#[derive(Debug, Default, Clone)]
pub struct Seen {
    /// What ran, and how often.
    pub scripts: BTreeMap<String, u64>,
    /// How often the page, or a new one, went elsewhere.
    pub navigations: u64,
    /// Commands of the program that were called, and whatever else was fetched.
    pub calls: BTreeMap<String, u64>,
    /// Elements and attributes that our page does not make.
    pub made: BTreeMap<String, u64>,
    /// What the content policy stopped, by its directive.
    pub stopped: BTreeMap<String, u64>,
}

impl Seen {
    /// What this and that have seen together.
    pub fn add(&mut self, other: Self) {
        self.navigations += other.navigations;
        let all = [
            (&mut self.scripts, other.scripts),
            (&mut self.calls, other.calls),
            (&mut self.made, other.made),
            (&mut self.stopped, other.stopped),
        ];
        for (mine, theirs) in all {
            for (name, count) in theirs {
                *mine.entry(name).or_default() += count;
            }
        }
    }
}

impl World {
    /// Begins to count in the page that is shown.
    pub async fn watch(&self) {
        self.client().execute(BEGIN, vec![]).await.expect("the page can be watched");
    }

    /// What was seen since; the page must not have been left by the test itself.
    pub async fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        // One that is open was not called by our page, whose own are replaced.
        while self.client().get_alert_text().await.is_ok() {
            *seen.scripts.entry("dialog".to_owned()).or_default() += 1;
            self.client().dismiss_alert().await.expect("a dialog can be closed");
        }
        let found = self.client().execute(END, vec![]).await.unwrap_or(Value::Null);
        let windows = self.client().windows().await.map_or(0, |windows| windows.len());
        if windows != 1 || found.is_null() || found["away"] != json!(0) {
            seen.navigations += 1;
        }
        let counts = |name: &str| -> BTreeMap<String, u64> {
            let counts = found[name].as_object().into_iter().flatten();
            counts.filter_map(|(name, count)| Some((name.clone(), count.as_u64()?))).collect()
        };
        seen.add(Seen {
            scripts: counts("scripts"),
            navigations: 0,
            calls: counts("calls"),
            made: counts("made"),
            stopped: counts("stopped"),
        });
        seen
    }
}
