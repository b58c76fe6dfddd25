//! MiniStack: a Bedrock server that is not ours, whose words come from a [`Stub`].

use crate::desktop::Desktop;
use crate::given;
use crate::process::{Running, free_port};
use crate::stub::Stub;
use crate::world::eventually;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The running server.
#[derive(Debug)]
pub struct Ministack {
    port: u16,
    _running: Running,
    _folder: TempDir,
}

impl Ministack {
    /// Starts one of its own and waits until it is healthy.
    pub async fn start(desktop: &Desktop, stub: &Stub) -> Self {
        let folder = TempDir::with_prefix("twin-ministack-").expect("a temporary folder can be made");
        let port = free_port();
        let mut program = desktop.command(&given::ministack());
        program
            // It listens on every interface unless told otherwise.
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .env("S3_DATA_DIR", folder.path().join("s3"))
            .env("MINISTACK_BEDROCK_PROXY_URL", stub.origin())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let running = Running::start(&mut program);
        eventually("MiniStack is healthy", async || healthy(port).await).await;
        Self { port, _running: running, _folder: folder }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty bucket of S3.
    pub async fn make_bucket(&self, name: &str) {
        let made = request(self.port, &format!("PUT /{name}")).await;
        assert!(made.is_some(), "the bucket could not be made");
    }

    /// Its address, as `AWS_ENDPOINT_URL` wants it.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A profile of the AWS files, through which every service is asked here.
    pub fn profile(&self, name: &str) -> String {
        profile(name, &self.endpoint())
    }
}

/// A profile of the AWS files with keys that nobody knows, through which every service is asked at `endpoint`.
pub fn profile(name: &str, endpoint: &str) -> String {
    format!(
        "[profile {name}]\nregion = us-east-1\nendpoint_url = {endpoint}\n\
         aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n\n"
    )
}

async fn healthy(port: u16) -> Option<()> {
    request(port, "GET /_ministack/health").await
}

/// None unless it is done.
pub(crate) async fn request(port: u16, what: &str) -> Option<()> {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let head = format!("{what} HTTP/1.0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    connection.write_all(head.as_bytes()).await.ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.ok()?;
    answer.lines().next()?.contains(" 200").then_some(())
}
