//! strace beside the program: kills at a named call, and the calls by which files change, with what they wrote.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls by which a file, or the name of one, changes or is made to last, and by which the person is told. What precedes one and
/// what follows it differ on the disk or on the screen, so these are all the places where a kill can matter.
const CHANGES: [&str; 21] = [
    "write",
    "writev",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "copy_file_range",
    "sendfile",
    "ftruncate",
    "fallocate",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
];

/// What must be known besides to tell which file a call means. `?`: where the machine has no such call, it is not missed.
const OPENS: &str = "openat,?open,?creat,close,lseek,fcntl,dup,?dup2,dup3";

/// A call that came to its end.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) result: i64,
    thread: u32,
    /// Where in the order of everything it began and ended.
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

impl Call {
    /// Whether the person sees something by it.
    pub(crate) fn tells(&self) -> bool {
        self.name == "write" && self.arguments[0].text == "1"
    }
}

/// An argument as strace writes it, and its bytes if it is text or data.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) text: String,
    pub(crate) bytes: Vec<u8>,
}

/// Whether strace may watch a program here. Not in every container.
pub(crate) fn is_possible() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=write", "true"]);
    strace.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The command, killed when one of its threads begins its call `name` number `number`.
pub(crate) fn killed_at(command: &Command, name: &str, number: u32) -> Command {
    let inject = format!("inject={name}:signal=SIGKILL:when={number}");
    // Not with --seccomp-bpf: strace 6.1 then never sends the signal.
    beside(command, &["-o", "/dev/null", "-e", &format!("trace={name}"), "-e", &inject])
}

/// The command, with its calls written into a file.
pub(crate) fn recorded(command: &Command, file: &Path) -> Command {
    let changes: Vec<String> = CHANGES.iter().map(|name| format!("?{name}")).collect();
    let trace = format!("trace={OPENS},{}", changes.join(","));
    let file = file.to_str().expect("the temporary folder's name is text");
    // --seccomp-bpf: only the calls that are asked for stop it, so it runs at nearly its own pace. -xx: bytes as they are. -s: all
    // of them.
    beside(command, &["--seccomp-bpf", "-xx", "-s", "268435456", "-o", file, "-e", &trace])
}

fn beside(command: &Command, options: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq"]).args(options).arg("--").arg(command.get_program());
    strace.args(command.get_args()).env_clear();
    strace.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    strace.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?)))).stdin(Stdio::null());
    strace
}

/// The points at which the recorded program can be killed: each kind of call as often as the thread that made most of them made it.
pub(crate) fn points(calls: &[Call]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    for call in calls.iter().filter(|call| CHANGES.contains(&call.name.as_str())) {
        *counts.entry((&call.name, call.thread)).or_default() += 1;
    }
    let mut most: BTreeMap<&str, u32> = BTreeMap::new();
    for ((name, _), count) in counts {
        let known = most.entry(name).or_default();
        *known = count.max(*known);
    }
    most.into_iter().flat_map(|(name, count)| (1..=count).map(move |number| (name.to_owned(), number))).collect()
}

/// What strace wrote into the file, in the order in which the calls began.
pub(crate) fn read(file: &Path) -> Vec<Call> {
    let text = fs_err::read_to_string(file).expect("strace wrote its file");
    let mut waiting: BTreeMap<u32, (usize, String)> = BTreeMap::new();
    let mut calls = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let Some((thread, line)) = line.trim_start().split_once(' ') else { continue };
        let thread: u32 = thread.parse().expect("a line of strace begins with the thread");
        let line = line.trim_start();
        if let Some(begun) = line.strip_suffix("<unfinished ...>") {
            waiting.insert(thread, (at, begun.trim_end().to_owned()));
        } else if let Some(rest) = line.strip_prefix("<... ") {
            let (begin, first) = waiting.remove(&thread).expect("what is resumed had begun");
            let (_, rest) = rest.split_once(" resumed>").expect("strace says what is resumed");
            calls.extend(call(thread, begin, at, &format!("{first}{rest}")));
        } else {
            calls.extend(call(thread, at, at, line));
        }
    }
    calls.sort_by_key(|call| call.begin);
    calls
}

/// None for a call that failed, or that the end of the program cut off, and for what is no call.
fn call(thread: u32, begin: usize, end: usize, line: &str) -> Option<Call> {
    let (called, result) = line.rsplit_once(" = ")?;
    let result: i64 = result.split_whitespace().next()?.parse().ok().filter(|result| *result >= 0)?;
    let (name, arguments) = called.trim_end().strip_suffix(')')?.split_once('(')?;
    Some(Call { name: name.to_owned(), arguments: split(arguments), result, thread, begin, end })
}

/// At the commas that stand in no brackets. With -xx none stands in a text.
fn split(text: &str) -> Vec<Argument> {
    let (mut depth, mut from) = (0_u32, 0);
    let mut found = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                found.push(argument(&text[from..at]));
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(argument(&text[from..]));
    found
}

fn argument(text: &str) -> Argument {
    let text = text.trim();
    assert!(!text.contains("\"..."), "strace cut a text short");
    // Of writev there are several.
    let quoted = text.split('"').skip(1).step_by(2);
    let bytes = quoted.flat_map(|quoted| quoted.split("\\x").skip(1).map(byte)).collect();
    let text = if text.contains('"') { String::new() } else { text.to_owned() };
    Argument { text, bytes }
}

fn byte(digits: &str) -> u8 {
    u8::from_str_radix(digits, 16).expect("strace writes two digits")
}
