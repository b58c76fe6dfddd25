//! Started programs that never outlive the test that started them.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running program, killed with everything that it started when this is dropped.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it with nothing to read on its standard input.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdin(Stdio::null()).spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?} could not be started: {error}")))
    }

    /// Starts it with `input` as its standard input.
    pub fn start_with_input(command: &mut Command, input: &[u8]) -> Self {
        let child = command.stdin(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?} could not be started: {error}"));
        let mut stdin = child.stdin.take().expect("standard input was asked for");
        std::io::Write::write_all(&mut stdin, input).expect("the program reads its input");
        Self(child)
    }

    /// Starts it and waits for the first line that it prints, which is how X servers and buses tell their address.
    pub fn start_and_read_line(command: &mut Command) -> (Self, String) {
        let mut running = Self::start(command.stdout(Stdio::piped()));
        let mut line = String::new();
        let stdout = running.0.stdout.take().expect("standard output was asked for");
        let mut reader = BufReader::new(stdout);
        reader.read_line(&mut line).expect("the program prints a line");
        assert!(!line.trim().is_empty(), "{command:?} ended without telling its address");
        // Whatever else it prints must go somewhere, or it would block once the pipe is full.
        std::thread::spawn(move || reader.read_to_end(&mut Vec::new()));
        (running, line.trim().to_owned())
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let descendants = descendants(self.0.id());
        // An error means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
        for process in descendants {
            kill(process);
        }
    }
}

/// Kills a process at once, as the kernel or a power cut would; nothing happens if it has ended already.
pub fn kill(process: u32) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(process, Signal::KILL);
    }
}

/// Waits until a process has ended and let go of all that it held. Before that `/proc` names no program for it any more, but
/// it still owns its name on the bus: the same program, started then, would leave the window to it and end.
pub fn wait_for_end(process: u32) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    // An error means that it has ended already.
    let Some(Ok(handle)) = process.map(|process| pidfd_open(process, PidfdFlags::empty())) else { return };
    let limit = Timespec { tv_sec: 30, tv_nsec: 0 };
    let ended = poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&limit));
    assert_eq!(ended, Ok(1), "the program ends");
}

/// The processes that `parent` started, and those that they started, and so on.
pub fn descendants(parent: u32) -> Vec<u32> {
    let all: Vec<(u32, u32)> = fs_err::read_dir("/proc")
        .expect("/proc can be listed")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|process| Some((process, parent_of(process)?)))
        .collect();
    let mut found = vec![parent];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(process, _)| *process));
        next += 1;
    }
    found.split_off(1)
}

/// The program that a process runs; none once it has ended.
pub fn program(process: u32) -> Option<PathBuf> {
    fs_err::read_link(format!("/proc/{process}/exe")).ok()
}

/// Proportional set size of one process in KiB: shared pages are divided among those who share them.
pub fn proportional_set_size(process: u32) -> Option<u64> {
    in_rollup(process, "Pss:")
}

/// The part of it that no file on the disk stands behind: what the process has allocated. How much of a library counts for one
/// process depends on who else has it open just now, so of two moments only this says whether something grew.
pub fn allocated(process: u32) -> Option<u64> {
    Some(in_rollup(process, "Pss_Anon:")? + in_rollup(process, "Pss_Shmem:")?)
}

/// In KiB.
fn in_rollup(process: u32, name: &str) -> Option<u64> {
    let rollup = fs_err::read_to_string(Path::new("/proc").join(process.to_string()).join("smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// How long all threads of a process have run; those that have ended are not counted.
pub fn time_of_all_threads(process: u32) -> Duration {
    let times = threads(process).filter_map(|thread| {
        let times = fs_err::read_to_string(thread.join("schedstat")).ok()?;
        Some(Duration::from_nanos(times.split_whitespace().next()?.parse().ok()?))
    });
    times.sum()
}

/// The names of all threads of a process. The kernel knows their first 15 bytes.
pub fn thread_names(process: u32) -> Vec<String> {
    let names = threads(process).filter_map(|thread| fs_err::read_to_string(thread.join("comm")).ok());
    names.map(|name| name.trim_end().to_owned()).collect()
}

/// What a process holds open, as the kernel calls it: a path, or `socket:[12345]`.
pub fn open_files(process: u32) -> Vec<String> {
    let files = fs_err::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
    let files = files.filter_map(|file| fs_err::read_link(file.path()).ok());
    files.map(|file| file.display().to_string()).collect()
}

fn threads(process: u32) -> impl Iterator<Item = PathBuf> {
    fs_err::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten().map(|thread| thread.path())
}

/// How often each thread of a process went to sleep so far, which is as often as it was woken.
pub fn wake_ups(process: u32) -> BTreeMap<PathBuf, u64> {
    threads(process)
        .filter_map(|thread| {
            let status = fs_err::read_to_string(thread.join("status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            Some((thread, line.trim().parse().ok()?))
        })
        .collect()
}

/// The port of this machine that a process listens on; none if it does not, or not yet.
pub fn port_of(process: u32) -> Option<u16> {
    let files = fs_err::read_dir(format!("/proc/{process}/fd")).ok()?.flatten();
    let open: Vec<PathBuf> = files.filter_map(|file| fs_err::read_link(file.path()).ok()).collect();
    // proc_pid_net(5): local address, remote address, state (0A: listening), …, inode as the tenth.
    fs_err::read_to_string(format!("/proc/{process}/net/tcp")).ok()?.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, "0A", _, _, _, _, _, inode, ..] = fields[..] else { return None };
        open.contains(&PathBuf::from(format!("socket:[{inode}]"))).then_some(())?;
        u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()
    })
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be bound");
    listener.local_addr().expect("a bound port has an address").port()
}

/// The fourth field of `/proc/PID/stat`; the second is the program's name in brackets and may contain anything.
fn parent_of(process: u32) -> Option<u32> {
    let stat = fs_err::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
