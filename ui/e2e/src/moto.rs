//! moto: one more S3 that is not ours. It answers one request at a time, because it looks whether an object is there and then
//! writes it, without a lock (5.2.5): its own server lets two writers win now and then.

use crate::desktop::Desktop;
use crate::given;
use crate::ministack::request;
use crate::process::{Running, free_port};
use crate::world::eventually;
use std::process::Stdio;
use tempfile::TempDir;

const SERVE: &str = "
import sys, werkzeug.serving as w, moto.moto_server.werkzeug_app as m
w.run_simple('127.0.0.1', int(sys.argv[1]), m.DomainDispatcherApplication(m.create_backend_app))";

/// The running server.
#[derive(Debug)]
pub struct Moto {
    port: u16,
    _running: Running,
    _folder: TempDir,
}

impl Moto {
    /// Starts one of its own with an empty bucket.
    pub async fn start(desktop: &Desktop, bucket: &str) -> Self {
        let folder = TempDir::with_prefix("twin-moto-").expect("a temporary folder can be made");
        let port = free_port();
        let mut program = desktop.command(&given::ministack().with_file_name("python"));
        program.args(["-c", SERVE, &port.to_string()]).env("HOME", folder.path()).env("TMPDIR", folder.path());
        let running = Running::start(program.stdout(Stdio::null()).stderr(Stdio::null()));
        eventually("moto has made a bucket", async || request(port, &format!("PUT /{bucket}")).await).await;
        Self { port, _running: running, _folder: folder }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}
