//! A tray: what a panel does with the icons of programs (org.kde.StatusNotifierWatcher and com.canonical.dbusmenu).

#![expect(clippy::unused_self, clippy::needless_pass_by_value, reason = "the bus's macro wants functions of this form")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zbus::message::Header;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, Proxy, connection, interface};

/// A panel that shows icons; gone when it is dropped.
#[derive(Debug)]
pub struct Tray {
    bus: Connection,
    items: Arc<Mutex<Vec<Item>>>,
}

/// Who put an icon there, and under which name.
#[derive(Debug, Clone)]
struct Item {
    owner: String,
    path: String,
}

/// An entry of an icon's menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    id: i32,
    /// What it says.
    pub label: String,
    /// Whether it bears a check mark; none if it never does.
    pub checked: Option<bool>,
}

struct Watcher(Arc<Mutex<Vec<Item>>>);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let owner = header.sender().expect("a bus names who calls").to_string();
        let path = if service.starts_with('/') { service } else { "/StatusNotifierItem" };
        self.0.lock().expect("no test panics here").push(Item { owner, path: path.to_owned() });
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Tray {
    /// A panel on the session bus of that address.
    pub async fn start(bus: &str) -> Self {
        let items = Arc::default();
        let watcher = Watcher(Arc::clone(&items));
        let bus = connection::Builder::address(bus)
            .and_then(|bus| bus.serve_at("/StatusNotifierWatcher", watcher))
            .and_then(|bus| bus.name("org.kde.StatusNotifierWatcher"))
            .expect("the names are right");
        Self { bus: bus.build().await.expect("the bus can be reached"), items }
    }

    /// The menu of the icon that was put there last; none while there is no icon.
    pub async fn menu(&self) -> Option<Vec<Entry>> {
        let menu = self.proxy().await?;
        let layout = (0_i32, -1_i32, Vec::<String>::new());
        // Panels say that they are about to show it; some menus are only filled then.
        let _: zbus::Result<bool> = menu.call("AboutToShow", &0_i32).await;
        let (_, (_, _, entries)): (u32, Layout) = menu.call("GetLayout", &layout).await.ok()?;
        Some(entries.into_iter().filter_map(entry).collect())
    }

    /// Chooses the entry that says `label`.
    pub async fn choose(&self, label: &str) {
        let menu = self.menu().await.expect("there is an icon with a menu");
        let entry = menu.iter().find(|entry| entry.label == label);
        let id = entry.unwrap_or_else(|| panic!("{label:?} is not in the menu: {menu:?}")).id;
        let menu = self.proxy().await.expect("there is an icon with a menu");
        let click = (id, "clicked", Value::from(0_i32), 0_u32);
        // The program may be gone before it answers.
        let _: zbus::Result<()> = menu.call("Event", &click).await;
    }

    async fn proxy(&self) -> Option<Proxy<'static>> {
        let Item { owner, path } = self.items.lock().expect("no test panics here").last()?.clone();
        let item = Proxy::new(&self.bus, owner.clone(), path, "org.kde.StatusNotifierItem").await.ok()?;
        let menu: OwnedObjectPath = item.get_property("Menu").await.ok()?;
        Proxy::new(&self.bus, owner, menu, "com.canonical.dbusmenu").await.ok()
    }
}

type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

fn entry(value: OwnedValue) -> Option<Entry> {
    let (id, mut of, _): Layout = value.try_into().ok()?;
    let label = String::try_from(of.remove("label")?).ok()?;
    let marked = of.remove("toggle-type").is_some();
    let checked = marked.then(|| of.remove("toggle-state").and_then(|state| i32::try_from(state).ok()) == Some(1));
    Some(Entry { id, label: label.replace('_', ""), checked })
}
