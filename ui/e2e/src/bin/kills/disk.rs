//! What a disk may hold after a power cut: everything that was synced, and of the rest any part that the rules allow.
//!
//! The rules are those of POSIX, not the kinder ones of a certain file system. What a file holds lasts once the file was synced;
//! of what was written later each sector may be there or not, and a new length as well. A name lasts once its folder was synced;
//! of the later ones those up to some moment are there, as a journal brings them back.

use crate::trace::{Argument, Call};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use twin_e2e::random::Random;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Of standard output.
const TOLD: i64 = 1;

/// What changes under the eyes of nobody, in memory that is shared; and is made anew where it is missing.
const SHARED: &str = "-shm";

/// A folder as a disk, up to a moment of what was recorded.
pub(crate) struct Disk {
    root: PathBuf,
    nodes: Vec<Node>,
    names: Vec<Name>,
    open: BTreeMap<i64, Open>,
    /// What the program had told by then.
    pub(crate) told: Vec<u8>,
    /// The disk says that it wrote, and did not: the control.
    lies: bool,
}

enum Node {
    File { lasting: Vec<u8>, live: Vec<u8>, pending: Vec<(usize, Change)> },
    Folder { lasting: BTreeMap<OsString, usize>, live: BTreeMap<OsString, usize> },
}

#[derive(Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Length(usize),
}

struct Name {
    at: usize,
    what: Rename,
    /// The folder that has to be synced before it lasts; none once it was.
    waits_for: Option<usize>,
}

/// A name comes, goes, or does both: folder and name each time.
#[derive(Clone)]
struct Rename {
    gone: Option<(usize, OsString)>,
    come: Option<(usize, OsString, usize)>,
}

#[derive(Clone, Copy)]
struct Open {
    node: usize,
    position: usize,
    appends: bool,
}

/// How much of what was not synced is there.
#[derive(Clone, Copy)]
enum Fate {
    Nothing,
    Everything,
    /// All writes up to one, which is torn.
    Beginning,
    Writes,
    Sectors,
}

impl Disk {
    /// As the folder stands now, all of it lasting.
    pub(crate) fn of(root: &Path, lies: bool) -> Self {
        let mut disk = Self {
            root: root.to_owned(),
            nodes: Vec::new(),
            names: Vec::new(),
            open: BTreeMap::new(),
            told: Vec::new(),
            lies,
        };
        disk.take_in(root);
        disk
    }

    fn take_in(&mut self, path: &Path) -> usize {
        let node = self.nodes.len();
        if !path.is_dir() {
            let bytes = fs_err::read(path).expect("a file of the scene can be read");
            self.nodes.push(Node::File { lasting: bytes.clone(), live: bytes, pending: Vec::new() });
            return node;
        }
        self.nodes.push(folder());
        let mut inside = BTreeMap::new();
        for entry in fs_err::read_dir(path).expect("a folder of the scene can be read") {
            let entry = entry.expect("a folder of the scene can be read");
            inside.insert(entry.file_name(), self.take_in(&entry.path()));
        }
        self.nodes[node] = Node::Folder { lasting: inside.clone(), live: inside };
        node
    }

    /// Does the calls as far as they had come at a moment; none: all of them.
    pub(crate) fn replay(&mut self, calls: &[Call], until: Option<usize>) {
        let mut moments: Vec<(usize, bool, &Call)> = Vec::new();
        for call in calls {
            moments.push((call.begin, false, call));
            moments.push((call.end, true, call));
        }
        moments.sort_by_key(|(at, ended, _)| (*at, *ended));
        for (at, ended, call) in moments {
            if until.is_some_and(|until| at > until) {
                break;
            }
            if ended {
                self.end(call);
            } else {
                self.begin(call);
            }
        }
    }

    /// The person may see it from then on, and another thread may be given that number from then on.
    fn begin(&mut self, call: &Call) {
        match call.name.as_str() {
            "write" | "writev" if number(call, 0) == TOLD => self.told.extend(&call.arguments[1].bytes),
            "close" => drop(self.open.remove(&number(call, 0))),
            _ => {}
        }
    }

    fn end(&mut self, call: &Call) {
        let (at, taken) = (call.end, usize::try_from(call.result).unwrap_or_default());
        match call.name.as_str() {
            "openat" => self.opened(at, call, Some(number(call, 0)), &call.arguments[1], &call.arguments[2].text),
            "open" => self.opened(at, call, None, &call.arguments[0], &call.arguments[1].text),
            "dup" | "dup2" | "dup3" => self.doubled(call),
            "fcntl" if call.arguments[1].text.starts_with("F_DUPFD") => self.doubled(call),
            "lseek" => {
                if let Some(open) = self.open.get_mut(&number(call, 0)) {
                    open.position = taken;
                }
            }
            "write" | "writev" => self.written(at, number(call, 0), &call.arguments[1].bytes[..], taken),
            "pwrite64" | "pwritev" | "pwritev2" => {
                let to = usize::try_from(number(call, 3)).unwrap_or_default();
                self.change(at, call, |_| Change::Write { at: to, bytes: call.arguments[1].bytes[..taken].to_vec() });
            }
            "ftruncate" => {
                let to = usize::try_from(number(call, 1)).unwrap_or_default();
                self.change(at, call, |_| Change::Length(to));
            }
            "fallocate" => {
                let to = usize::try_from(number(call, 2) + number(call, 3)).unwrap_or_default();
                self.change(at, call, |live| Change::Length(to.max(live)));
            }
            "copy_file_range" => self.copied(at, number(call, 0), number(call, 2), taken),
            "sendfile" => self.copied(at, number(call, 1), number(call, 0), taken),
            "fsync" | "fdatasync" => self.synced(call),
            _ => self.renamed(at, call),
        }
    }

    fn renamed(&mut self, at: usize, call: &Call) {
        let path = |index: usize| call.arguments.get(index).map(|argument| argument.bytes.clone()).unwrap_or_default();
        let base = |index: usize| Some(number(call, index));
        let (from, to) = match call.name.as_str() {
            "mkdir" => (None, Some((None, path(0)))),
            "mkdirat" => (None, Some((base(0), path(1)))),
            "unlink" | "rmdir" => (Some((None, path(0))), None),
            "unlinkat" => (Some((base(0), path(1))), None),
            "rename" | "link" => (Some((None, path(0))), Some((None, path(1)))),
            "renameat" | "renameat2" | "linkat" => (Some((base(0), path(1))), Some((base(2), path(3)))),
            _ => return,
        };
        let from = from.and_then(|(base, path)| self.place(base, path));
        let Some((base, path)) = to else {
            return self.name(at, Rename { gone: from, come: None });
        };
        let Some((folder_of, name)) = self.place(base, path) else { return };
        let node = if let Some((folder_of, name)) = &from {
            self.inside(*folder_of)[name]
        } else {
            self.nodes.push(folder());
            self.nodes.len() - 1
        };
        let gone = from.filter(|_| !call.name.starts_with("link"));
        self.name(at, Rename { gone, come: Some((folder_of, name, node)) });
    }

    fn opened(&mut self, at: usize, call: &Call, base: Option<i64>, path: &Argument, flags: &str) {
        self.open.remove(&call.result);
        let Some((folder_of, name)) = self.place(base, path.bytes.clone()) else { return };
        let known = if name.is_empty() { Some(folder_of) } else { self.inside(folder_of).get(&name).copied() };
        let node = known.unwrap_or_else(|| {
            assert!(flags.contains("O_CREAT"), "a file was opened that nobody had made: {}", name.display());
            self.nodes.push(Node::File { lasting: Vec::new(), live: Vec::new(), pending: Vec::new() });
            let node = self.nodes.len() - 1;
            self.name(at, Rename { gone: None, come: Some((folder_of, name, node)) });
            node
        });
        self.open.insert(call.result, Open { node, position: 0, appends: flags.contains("O_APPEND") });
        if flags.contains("O_TRUNC") {
            self.changed(at, node, Change::Length(0));
        }
    }

    fn doubled(&mut self, call: &Call) {
        match self.open.get(&number(call, 0)).copied() {
            Some(open) => drop(self.open.insert(call.result, open)),
            None => drop(self.open.remove(&call.result)),
        }
    }

    fn written(&mut self, at: usize, file: i64, bytes: &[u8], taken: usize) {
        let Some(Open { node, position, appends }) = self.open.get(&file).copied() else { return };
        let to = if appends { self.length(node) } else { position };
        self.changed(at, node, Change::Write { at: to, bytes: bytes[..taken].to_vec() });
        self.open.insert(file, Open { node, position: to + taken, appends });
    }

    fn copied(&mut self, at: usize, from: i64, to: i64, taken: usize) {
        let Some(source) = self.open.get(&from).copied() else {
            assert!(!self.open.contains_key(&to), "what was copied from elsewhere is not known");
            return;
        };
        let Node::File { live, .. } = &self.nodes[source.node] else { return };
        let bytes = live[source.position..source.position + taken].to_vec();
        self.open.insert(from, Open { position: source.position + taken, ..source });
        self.written(at, to, &bytes, taken);
    }

    fn change(&mut self, at: usize, call: &Call, change: impl FnOnce(usize) -> Change) {
        if let Some(Open { node, .. }) = self.open.get(&number(call, 0)).copied() {
            self.changed(at, node, change(self.length(node)));
        }
    }

    fn changed(&mut self, at: usize, node: usize, change: Change) {
        if let Node::File { live, pending, .. } = &mut self.nodes[node] {
            apply(live, &change);
            pending.push((at, change));
        }
    }

    /// What was written before the sync began lasts once it has ended.
    fn synced(&mut self, call: &Call) {
        let Some(Open { node, .. }) = self.open.get(&number(call, 0)).copied().filter(|_| !self.lies) else { return };
        match &mut self.nodes[node] {
            Node::File { lasting, pending, .. } => {
                let late = pending.partition_point(|(at, _)| *at <= call.begin);
                for (_, change) in pending.drain(..late) {
                    apply(lasting, &change);
                }
            }
            Node::Folder { .. } => {
                for name in self.names.iter_mut().filter(|name| name.at <= call.begin) {
                    name.waits_for = name.waits_for.filter(|folder| *folder != node);
                }
            }
        }
    }

    fn name(&mut self, at: usize, what: Rename) {
        if let Some((folder_of, name)) = &what.gone {
            self.inside(*folder_of).remove(name);
        }
        if let Some((folder_of, name, node)) = &what.come {
            self.inside(*folder_of).insert(name.clone(), *node);
        }
        let folders = [what.gone.as_ref().map(|gone| gone.0), what.come.as_ref().map(|come| come.0)];
        match folders {
            // From one folder into another: each keeps its own half.
            [Some(from), Some(to)] if from != to => {
                self.names.push(Name { at, what: Rename { gone: None, ..what.clone() }, waits_for: Some(to) });
                self.names.push(Name { at, what: Rename { come: None, ..what }, waits_for: Some(from) });
            }
            [from, to] => {
                let waits_for = to.or(from);
                if waits_for.is_some() {
                    self.names.push(Name { at, what, waits_for });
                }
            }
        }
    }

    /// Folder and name of a path; none if it lies outside of the scene. Of the folder at the root the name is empty.
    fn place(&mut self, base: Option<i64>, path: Vec<u8>) -> Option<(usize, OsString)> {
        let path = PathBuf::from(OsString::from_vec(path));
        let (mut node, rest) = if path.is_absolute() {
            (0, path.strip_prefix(&self.root).ok()?.to_owned())
        } else {
            (self.open.get(&base?)?.node, path)
        };
        let mut parts: Vec<OsString> = rest.components().filter_map(named).collect();
        let name = parts.pop().unwrap_or_default();
        for part in parts {
            node = *self.inside(node).get(&part)?;
        }
        Some((node, name))
    }

    fn inside(&mut self, node: usize) -> &mut BTreeMap<OsString, usize> {
        match &mut self.nodes[node] {
            Node::Folder { live, .. } => live,
            Node::File { .. } => panic!("a file was taken for a folder"),
        }
    }

    fn length(&self, node: usize) -> usize {
        if let Node::File { live, .. } = &self.nodes[node] { live.len() } else { 0 }
    }

    /// Every file as the program saw it.
    pub(crate) fn seen(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let folders: Vec<_> = self.nodes.iter().map(|node| folder_of(node, true)).collect();
        let mut files = BTreeMap::new();
        self.walk(&folders, 0, Path::new(""), &mut |path, node| {
            if let Some(Node::File { live, .. }) = node.filter(|_| !is_shared(path)) {
                files.insert(path.to_owned(), live.clone());
            }
        });
        files
    }

    /// Puts what a power cut may leave into the folder.
    pub(crate) fn cut(&self, random: &mut Random) {
        let mut folders: Vec<_> = self.nodes.iter().map(|node| folder_of(node, false)).collect();
        let uncertain = self.names.iter().filter(|name| name.waits_for.is_some()).count();
        let mut kept = match random.below(3) {
            0 => 0,
            1 => uncertain,
            _ => random.below(uncertain + 1),
        };
        for Name { what, waits_for, .. } in &self.names {
            if waits_for.is_some() {
                if kept == 0 {
                    continue;
                }
                kept -= 1;
            }
            if let Some((folder_of, name)) = &what.gone {
                folders[*folder_of].remove(name);
            }
            if let Some((folder_of, name, node)) = &what.come {
                folders[*folder_of].insert(name.clone(), *node);
            }
        }
        let fates = [Fate::Nothing, Fate::Everything, Fate::Beginning, Fate::Writes, Fate::Sectors];
        let fate = fates[random.below(fates.len())];
        crate::scene::clear(&self.root);
        self.walk(&folders, 0, Path::new(""), &mut |path, node| {
            let target = self.root.join(path);
            match node {
                Some(Node::File { lasting, pending, .. }) if !is_shared(path) => {
                    let bytes = left(lasting, pending, fate, random);
                    fs_err::write(target, bytes).expect("the scene can be written");
                }
                Some(Node::File { .. }) => {}
                Some(Node::Folder { .. }) | None => {
                    fs_err::create_dir_all(target).expect("the scene can be written");
                }
            }
        });
    }

    fn walk(
        &self,
        folders: &[BTreeMap<OsString, usize>],
        from: usize,
        path: &Path,
        visit: &mut impl FnMut(&Path, Option<&Node>),
    ) {
        for (name, node) in &folders[from] {
            let path = path.join(name);
            visit(&path, self.nodes.get(*node));
            if let Node::Folder { .. } = &self.nodes[*node] {
                self.walk(folders, *node, &path, visit);
            }
        }
    }
}

fn folder() -> Node {
    Node::Folder { lasting: BTreeMap::new(), live: BTreeMap::new() }
}

fn folder_of(node: &Node, as_seen: bool) -> BTreeMap<OsString, usize> {
    match node {
        Node::Folder { live, .. } if as_seen => live.clone(),
        Node::Folder { lasting, .. } => lasting.clone(),
        Node::File { .. } => BTreeMap::new(),
    }
}

pub(crate) fn is_shared(path: &Path) -> bool {
    path.to_string_lossy().ends_with(SHARED)
}

fn named(part: Component<'_>) -> Option<OsString> {
    match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::CurDir => None,
        other => panic!("a path that is not plain: {other:?}"),
    }
}

fn number(call: &Call, index: usize) -> i64 {
    // AT_FDCWD and the like are no numbers.
    call.arguments.get(index).and_then(|argument| argument.text.parse().ok()).unwrap_or(-1)
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(length) => bytes.resize(*length, 0),
        Change::Write { at, bytes: new } => {
            let end = at + new.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[*at..end].copy_from_slice(new);
        }
    }
}

/// What is left of a file.
fn left(lasting: &[u8], pending: &[(usize, Change)], fate: Fate, random: &mut Random) -> Vec<u8> {
    let mut bytes = lasting.to_vec();
    let torn = random.below(pending.len() + 1);
    for (index, (_, change)) in pending.iter().enumerate() {
        let whole = match fate {
            Fate::Nothing | Fate::Sectors => false,
            Fate::Everything => true,
            Fate::Beginning => index < torn,
            Fate::Writes => random.below(2) == 0,
        };
        if whole {
            apply(&mut bytes, change);
            continue;
        }
        let in_parts = matches!(fate, Fate::Sectors) || matches!(fate, Fate::Beginning) && index == torn;
        match change {
            Change::Write { at, bytes: new } if in_parts => {
                for (from, sector) in sectors(*at, new) {
                    if random.below(2) == 0 {
                        apply(&mut bytes, &Change::Write { at: from, bytes: sector.to_vec() });
                    }
                }
            }
            Change::Length(_) if in_parts && random.below(2) == 0 => apply(&mut bytes, change),
            _ => {}
        }
    }
    bytes
}

/// The parts of a write that lie in one sector each.
fn sectors(at: usize, bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut parts = Vec::new();
    let (mut from, mut rest) = (at, bytes);
    while !rest.is_empty() {
        let (sector, later) = rest.split_at(rest.len().min(SECTOR - from % SECTOR));
        parts.push((from, sector));
        from += sector.len();
        rest = later;
    }
    parts
}
