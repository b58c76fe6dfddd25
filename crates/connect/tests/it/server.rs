//! An HTTP server of a few lines that does to each connection what its test says, byte by byte: no framework would let
//! a test cut a chunk in two.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Receiver<Request>,
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// `POST /v1/chat/completions`
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// One request, to be answered. Dropping it closes the connection.
pub(crate) struct Exchange {
    stream: TcpStream,
    pub(crate) request: Request,
}

impl Server {
    /// Calls `script` with each request and its number, from 0.
    pub(crate) fn start(script: impl Fn(usize, &mut Exchange) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            let exchanges = listener.incoming().filter_map(|stream| Exchange::read(stream.ok()?));
            for (number, mut exchange) in exchanges.enumerate() {
                let _ = sender.send(exchange.request.clone());
                script(number, &mut exchange);
            }
        });
        Self { url, requests }
    }

    /// The next request that came in; there must be one.
    pub(crate) fn request(&self) -> Request {
        self.requests.try_recv().expect("a request should have come in")
    }

    /// All that came in since.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.try_iter().collect()
    }

    pub(crate) fn has_no_more_requests(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

impl Exchange {
    pub(crate) fn read(stream: TcpStream) -> Option<Self> {
        stream.set_nodelay(true).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let target = line.rsplit_once(" HTTP/")?.0.to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut request = Request { target, headers, body: Value::Null };
        if let Some(length) = request.header("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).ok()?;
            request.body = serde_json::from_slice(&body).unwrap_or_default();
        }
        Some(Self { stream, request })
    }

    /// A client that left is no fault of the server's.
    fn write(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    pub(crate) fn respond(&mut self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = lines(headers);
        let length = body.len();
        self.write(
            format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}")
                .as_bytes(),
        );
    }

    /// Begins a body of chunks.
    pub(crate) fn begin(&mut self, headers: &[(&str, &str)]) {
        let headers = lines(headers);
        self.write(
            format!("HTTP/1.1 200 x\r\n{headers}transfer-encoding: chunked\r\nconnection: close\r\n\r\n").as_bytes(),
        );
    }

    pub(crate) fn chunk(&mut self, bytes: &[u8]) {
        self.write(format!("{:x}\r\n", bytes.len()).as_bytes());
        self.write(bytes);
        self.write(b"\r\n");
    }

    /// Ends the body of chunks as HTTP wants it.
    pub(crate) fn end(&mut self) {
        self.write(b"0\r\n\r\n");
    }

    /// Ends the connection in the middle of a chunk.
    pub(crate) fn cut(&mut self) {
        self.write(b"ff\r\nhalf");
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Returns when the client has closed the connection.
    pub(crate) fn wait_for_close(&mut self) {
        while matches!(self.stream.read(&mut [0; 64]), Ok(1..)) {}
    }
}

fn lines(headers: &[(&str, &str)]) -> String {
    headers.iter().flat_map(|&(name, value)| [name, ": ", value, "\r\n"]).collect()
}

/// The https address of a server that does not speak TLS and reacts to it with these words.
pub(crate) fn without_tls(reaction: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().filter_map(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(reaction.as_bytes());
        }
    });
    url
}
