//! A line between a program and a server on this machine that is as far away as a server elsewhere.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Listens for as long as the process lives.
#[derive(Debug)]
pub struct Slow {
    port: u16,
    sent: Arc<AtomicU64>,
}

impl Slow {
    /// A line to the server at that port whose answers come so long after what was asked, at least. As much goes over it at
    /// once as the machine carries.
    pub fn start(server: u16, there_and_back: Duration) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be bound");
        let port = listener.local_addr().expect("a bound port has an address").port();
        let sent = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&sent);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || {
                    // To connect is a question and an answer, too.
                    std::thread::sleep(there_and_back);
                    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, server)) else { return };
                    let (Ok(asks), Ok(asked)) = (client.try_clone(), server.try_clone()) else { return };
                    pass(asks, asked, there_and_back / 2, counted);
                    pass(server, client, there_and_back / 2, Arc::default());
                });
            }
        });
        Self { port, sent }
    }

    /// Where to ask.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many bytes went to the server until now.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Passes bytes on, each that much later than it came.
fn pass(mut from: TcpStream, mut to: TcpStream, later: Duration, counted: Arc<AtomicU64>) {
    let (put, take) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        let mut piece = vec![0; 256 << 10];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            counted.fetch_add(length as u64, Ordering::Relaxed);
            if put.send((Instant::now() + later, piece[..length].to_vec())).is_err() {
                break;
            }
        }
        // An error means that it has ended already.
        let _ = from.shutdown(Shutdown::Read);
    });
    std::thread::spawn(move || {
        for (due, piece) in take {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}
