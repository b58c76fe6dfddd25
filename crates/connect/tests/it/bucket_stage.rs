//! Buckets of every kind, for tests that make the same demands on each.

use crate::ministack::Ministack;
use crate::within;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;
use tempfile::TempDir;
use twin_connect::bucket::{FolderBucket, S3Auth, S3Bucket, S3Config};
use twin_core::bucket::{Bucket, ETag, Outcome, Request};
use twin_core::secret::Secret;

/// The bucket of every server.
const BUCKET: &str = "twin-bucket";

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Which {
    Folder,
    Ministack,
    Moto,
}

pub(crate) struct Stage {
    pub(crate) bucket: Box<dyn Bucket>,
    server: Option<Ministack>,
    folder: TempDir,
}

impl Stage {
    /// None, after saying so, where the server is not installed.
    pub(crate) async fn set(which: Which) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let server = match which {
            Which::Folder => None,
            Which::Ministack => Some(Ministack::start("a bucket of MiniStack", None)?),
            Which::Moto => Some(Ministack::start_moto("a bucket of moto")?),
        };
        let bucket: Box<dyn Bucket> = if let Some(server) = &server {
            http(&server.url, "PUT", &format!("/{BUCKET}"), "");
            Box::new(S3Bucket::new(config(&server.url)))
        } else {
            let bucket = FolderBucket::new(folder.path());
            bucket.set_up().await.unwrap();
            Box::new(bucket)
        };
        Some(Self { bucket, server, folder })
    }

    pub(crate) fn url(&self) -> &str {
        &self.server.as_ref().unwrap().url
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Straight to the server's bucket, past what is tested.
    pub(crate) fn http(&self, method: &str, target: &str, body: &str) -> String {
        http(self.url(), method, &format!("/{BUCKET}{target}"), body)
    }

    pub(crate) async fn ask(&self, request: Request) -> Outcome {
        ask(&*self.bucket, request).await
    }

    pub(crate) async fn put(&self, name: &str, bytes: &[u8], put_id: &str) -> ETag {
        stored(self.ask(absent(name, bytes, put_id)).await)
    }

    pub(crate) async fn get(&self, name: &str) -> Option<Vec<u8>> {
        match self.ask(Request::Get { name: name.to_owned() }).await {
            Outcome::Found { bytes, .. } => Some(bytes),
            Outcome::Absent => None,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn put_id(&self, name: &str) -> Option<String> {
        match self.ask(Request::Head { name: name.to_owned() }).await {
            Outcome::Described { put_id, .. } => put_id,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn list(&self, prefix: &str, after: Option<&str>) -> (Vec<String>, bool) {
        match self.ask(Request::List { prefix: prefix.to_owned(), after: after.map(str::to_owned) }).await {
            Outcome::Listed { names, more } => (names, more),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn config(url: &str) -> S3Config {
    S3Config {
        bucket: BUCKET.to_owned(),
        prefix: "some/where".to_owned(),
        region: Some("us-east-1".to_owned()),
        endpoint_url: Some(url.to_owned()),
        path_style: true,
        credentials: S3Auth::Keys {
            access_key_id: Secret::new("AKIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: None,
        },
        ..S3Config::default()
    }
}

pub(crate) async fn ask(bucket: &dyn Bucket, request: Request) -> Outcome {
    within(Duration::from_mins(2), bucket.ask(request)).await.outcome
}

pub(crate) fn absent(name: &str, bytes: &[u8], put_id: &str) -> Request {
    Request::PutIfAbsent { name: name.to_owned(), bytes: bytes.to_vec(), put_id: put_id.to_owned() }
}

pub(crate) fn matching(name: &str, bytes: &[u8], put_id: &str, etag: &ETag) -> Request {
    let (bytes, put_id) = (bytes.to_vec(), put_id.to_owned());
    Request::PutIfMatch { name: name.to_owned(), bytes, put_id, etag: etag.clone() }
}

pub(crate) fn stored(outcome: Outcome) -> ETag {
    match outcome {
        Outcome::Stored { etag } => etag,
        other => panic!("{other:?}"),
    }
}

fn http(url: &str, method: &str, target: &str, body: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    // Some servers look at it to know which account asks.
    let who =
        "AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nauthorization: {who}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{answer}");
    answer
}

/// Passes requests on to `url`, and of each answer no more than its first `most` bytes.
pub(crate) fn cutting_proxy(url: &str, most: usize) -> String {
    let upstream = url.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let mut server = TcpStream::connect(&upstream).unwrap();
            let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from, &mut to));
            // Not before there is an answer: then it is certain that the request was done.
            let mut bytes = vec![0; most.max(1)];
            let mut read = 0;
            while read < bytes.len() {
                match server.read(&mut bytes[read..]) {
                    Ok(more @ 1..) => read += more,
                    _ => break,
                }
            }
            let _ = (&client).write_all(&bytes[..read.min(most)]);
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
        }
    });
    proxy
}
