//! A network of our own, in which every address is this machine and every name has an answer, and every packet is seen: who
//! asks for a name or opens a connection is counted outside of the program, whatever in it did so.

use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketType, recv, socket};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};
use std::num::NonZeroU32;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What every name means: of the addresses for tests between networks (RFC 2544).
const EVERYWHERE: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);
/// With a route to all that is elsewhere, so that no program thinks that the machine is offline; and everything is here.
const ROUTES: &[&str] = &[
    "link set lo up",
    "addr add 198.18.0.2/15 dev lo",
    "route add default dev lo",
    "route add local 0.0.0.0/0 dev lo table local",
];
/// Where there is IPv6.
const ROUTES_6: &[&str] = &["-6 route add local ::/0 dev lo table local"];
const NAMES: &str = "/etc/resolv.conf";
/// Ports at which somebody answers, as a server that collects what it is told would.
const ANSWERED: [u16; 2] = [80, 443];

/// One attempt: what was wanted, and what tells it from the next such attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Attempt {
    /// `tcp 198.18.0.1:443`, `udp …`, `name leak.example`.
    pub(crate) target: String,
    mark: u32,
}

/// All that was seen so far.
#[derive(Clone)]
pub(crate) struct Wire(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    attempts: BTreeSet<Attempt>,
    /// Ports of this machine at which the harness itself listens: its drivers, servers and the web view's inspector.
    own: BTreeSet<u16>,
}

impl Wire {
    /// Only in a network namespace in which nothing was set up yet, or the machine's own network would be.
    pub(crate) fn open() -> Result<Self, String> {
        let devices = fs_err::read_to_string("/proc/self/net/dev").map_err(|error| error.to_string())?;
        if devices.lines().filter_map(|line| line.split_once(':')).any(|(name, _)| name.trim() != "lo") {
            return Err("this is no empty network of its own: run `cargo xtask attacks`".to_owned());
        }
        for route in ROUTES {
            run("ip", route)?;
        }
        for route in ROUTES_6 {
            if let Err(error) = run("ip", route) {
                eprintln!("   without IPv6: {error}");
            }
        }
        let names = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        fs_err::write(names.path(), "nameserver 127.0.0.1\n").map_err(|error| error.to_string())?;
        run("mount", &format!("--bind {} {NAMES}", names.path().display()))?;

        let wire = Self(Arc::default());
        wire.listen()?;
        answer_names()?;
        for port in ANSWERED {
            answer(port)?;
        }
        wire.prove()?;
        Ok(wire)
    }

    /// The attempts since `before`, without those that the harness makes itself.
    pub(crate) fn since(&self, before: &BTreeSet<Attempt>) -> Vec<String> {
        self.attempts().difference(before).map(|attempt| attempt.target.clone()).collect()
    }

    /// All attempts so far.
    pub(crate) fn attempts(&self) -> BTreeSet<Attempt> {
        let own = listening();
        let mut seen = self.seen();
        seen.own.extend(own);
        let is_own = |attempt: &Attempt| {
            let port = attempt.target.strip_prefix("tcp 127.0.0.1:").and_then(|port| port.parse().ok());
            port.is_some_and(|port| seen.own.contains(&port))
        };
        seen.attempts.iter().filter(|attempt| !is_own(attempt)).cloned().collect()
    }

    /// What counts nothing would find nothing.
    fn prove(&self) -> Result<(), String> {
        let address = ("counted.example", 80).to_socket_addrs().map_err(|error| error.to_string())?.next();
        let address = address.ok_or("the name server gives no address")?;
        let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        // Answered: by then the packets before it were read.
        stream.write_all(b"GET / HTTP/1.0\r\n\r\n").map_err(|error| error.to_string())?;
        stream.read_to_end(&mut Vec::new()).map_err(|error| error.to_string())?;
        std::thread::sleep(Duration::from_millis(200));
        let seen: Vec<String> = self.attempts().into_iter().map(|attempt| attempt.target).collect();
        let wanted = ["name counted.example".to_owned(), format!("tcp {EVERYWHERE}:80")];
        if wanted.iter().all(|wanted| seen.contains(wanted)) {
            return Ok(());
        }
        Err(format!("the connections of the harness itself are not counted, but only {seen:?}"))
    }

    fn listen(&self) -> Result<(), String> {
        // Every protocol, in the network's order of bytes.
        let every = NonZeroU32::new(u32::from(3_u16.to_be())).map(Protocol::from_raw);
        let packets = socket(AddressFamily::PACKET, SocketType::DGRAM, every);
        let packets = packets.map_err(|error| format!("packets cannot be listened to: {error}"))?;
        let wire = self.clone();
        std::thread::spawn(move || {
            let mut packet = [0; 2048];
            while let Ok((length, _)) = recv(&packets, &mut packet[..], RecvFlags::empty()) {
                if let Some(attempt) = attempt(&packet[..length.min(packet.len())]) {
                    wire.seen().attempts.insert(attempt);
                }
            }
        });
        Ok(())
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().expect("nobody panics while it holds the lock")
    }
}

/// What a packet wants, if it is the first of something.
fn attempt(packet: &[u8]) -> Option<Attempt> {
    let (protocol, to, rest) = match packet.first()? >> 4 {
        4 => {
            let header = usize::from(packet[0] & 15) * 4;
            let to: [u8; 4] = packet.get(16..20)?.try_into().ok()?;
            (*packet.get(9)?, Ipv4Addr::from(to).to_string(), packet.get(header..)?)
        }
        6 => {
            let to: [u8; 16] = packet.get(24..40)?.try_into().ok()?;
            (*packet.get(6)?, format!("[{}]", std::net::Ipv6Addr::from(to)), packet.get(40..)?)
        }
        _ => return None,
    };
    let word = |at: usize| Some(u16::from_be_bytes([*rest.get(at)?, *rest.get(at + 1)?]));
    let (from, port) = (word(0)?, word(2)?);
    let flags = *rest.get(13).unwrap_or(&0);
    match protocol {
        // SYN without ACK. A source port is used again only after all others.
        6 if flags & 0b1_0010 == 0b10 => Some(Attempt { target: format!("tcp {to}:{port}"), mark: u32::from(from) }),
        17 if port == 53 => {
            let name = name(rest.get(8 + 12..)?)?;
            Some(Attempt { target: format!("name {name}"), mark: u32::from(word(8)?) })
        }
        // An answer to a question for a name.
        17 if from == 53 => None,
        17 => Some(Attempt { target: format!("udp {to}:{port}"), mark: u32::from(from) }),
        _ => None,
    }
}

/// A name as RFC 1035 writes it: pieces, each behind its length.
fn name(mut bytes: &[u8]) -> Option<String> {
    let mut pieces = Vec::new();
    while let Some((&length, rest)) = bytes.split_first()
        && length > 0
    {
        let (piece, next) = rest.split_at_checked(usize::from(length))?;
        pieces.push(String::from_utf8_lossy(piece).to_lowercase());
        bytes = next;
    }
    Some(pieces.join("."))
}

/// Every name has the same address, and none of IPv6.
fn answer_names() -> Result<(), String> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 53)).map_err(|error| format!("names: {error}"))?;
    std::thread::spawn(move || {
        let mut question = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut question) {
            let Some(answer) = answer_to(&question[..length]) else { continue };
            // Whoever asked may be gone.
            let _ = socket.send_to(&answer, from);
        }
    });
    Ok(())
}

fn answer_to(question: &[u8]) -> Option<Vec<u8>> {
    let length = question.get(12..)?.iter().position(|byte| *byte == 0)? + 5;
    let asked = question.get(12..12 + length)?;
    let wants_address = asked[length - 4..] == [0, 1, 0, 1];
    let mut answer = question.get(..2)?.to_vec();
    answer.extend([0x81, 0x80, 0, 1, 0, u8::from(wants_address), 0, 0, 0, 0]);
    answer.extend(asked);
    if wants_address {
        // The name as above, an address, for no time at all: every attempt asks again.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        answer.extend(EVERYWHERE.octets());
    }
    Some(answer)
}

fn answer(port: u16) -> Result<(), String> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).map_err(|error| format!("port {port}: {error}"))?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // What is wrong with the other side is not our business: that it came has been counted.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
            let _ = stream.read(&mut [0; 2048]);
        }
    });
    Ok(())
}

/// Ports of this machine that somebody of the harness listens at now.
fn listening() -> BTreeSet<u16> {
    // proc_pid_net(5): local address, remote address, state (0A: listening).
    let sockets = fs_err::read_to_string("/proc/self/net/tcp").unwrap_or_default();
    let ports = sockets.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [_, local, _, "0A", ..] = fields[..] else { return None };
        u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()
    });
    ports.filter(|port| !ANSWERED.contains(port)).collect()
}

fn run(program: &str, arguments: &str) -> Result<(), String> {
    let output = Command::new(program).args(arguments.split(' ')).output();
    let output = output.map_err(|error| format!("{program} could not be started: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("{program} {arguments}: {}", said.trim())) }
}
