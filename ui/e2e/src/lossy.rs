//! A line between a program and a server on this machine that loses answers after the server has done what was asked.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Listens for as long as the process lives.
#[derive(Debug)]
pub struct Lossy {
    port: u16,
    lost: Arc<AtomicU64>,
}

/// What one connection shares between its two directions.
struct Line {
    /// Something was asked since the last answer began.
    asked: AtomicBool,
}

impl Lossy {
    /// A line to the server at that port on which every `each`th answer is lost, with its connection.
    pub fn start(server: u16, each: u64) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be bound");
        let port = listener.local_addr().expect("a bound port has an address").port();
        let (answers, lost) = (Arc::new(AtomicU64::new(0)), Arc::<AtomicU64>::default());
        let counted = Arc::clone(&lost);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { continue };
                carry(client, server, each, &answers, &counted);
            }
        });
        Self { port, lost }
    }

    /// Where to ask.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many answers were lost.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }
}

fn carry(client: TcpStream, server: TcpStream, each: u64, answers: &Arc<AtomicU64>, lost: &Arc<AtomicU64>) {
    let line = Arc::new(Line { asked: AtomicBool::new(false) });
    let (Ok(from_client), Ok(to_server)) = (client.try_clone(), server.try_clone()) else { return };
    let asking = Arc::clone(&line);
    std::thread::spawn(move || {
        pass(from_client, to_server, || {
            asking.asked.store(true, Ordering::Relaxed);
            true
        });
    });
    let (answers, lost) = (Arc::clone(answers), Arc::clone(lost));
    std::thread::spawn(move || {
        pass(server, client, || {
            let begins = line.asked.swap(false, Ordering::Relaxed);
            let loses = begins && answers.fetch_add(1, Ordering::Relaxed) % each == each - 1;
            lost.fetch_add(u64::from(loses), Ordering::Relaxed);
            !loses
        });
    });
}

/// Passes bytes on until one side ends, or `goes_on` says no.
fn pass(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn() -> bool) {
    let mut piece = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece) {
        if !goes_on() || to.write_all(&piece[..length]).is_err() {
            break;
        }
    }
    // An error means that it has ended already.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
