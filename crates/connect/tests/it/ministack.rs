//! MiniStack, an AWS that is not ours: Bedrock and S3. And moto, another S3 that is not ours.

use crate::bedrock_boto::python;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// moto on the port that it is told, one request at a time: it looks whether an object is there and then writes it, without a
/// lock (5.2.5), so that its own server lets two writers win now and then.
const MOTO: &str = "
import sys, werkzeug.serving as w, moto.moto_server.werkzeug_app as m
w.run_simple('127.0.0.1', int(sys.argv[1]), m.DomainDispatcherApplication(m.create_backend_app))";

/// A server in a folder of its own; it ends when this is dropped.
pub(crate) struct Ministack {
    pub(crate) url: String,
    program: Child,
    _folder: TempDir,
}

impl Ministack {
    /// Starts one of its own and waits until it says that it runs. None, after saying what is left out, where it is not
    /// installed. Bedrock's words come from `stub`, a server that speaks the OpenAI protocol.
    pub(crate) fn start(left_out: &str, stub: Option<&str>) -> Option<Self> {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let mut command = Command::new(python(left_out)?.with_file_name("ministack"));
        // It listens on every interface unless told otherwise.
        command.env_clear().env("BIND_HOST", "127.0.0.1").env("GATEWAY_PORT", port.to_string());
        command.env("S3_DATA_DIR", folder.path().join("s3"));
        command.envs(stub.map(|stub| ("MINISTACK_BEDROCK_PROXY_URL", stub)));
        Some(Self::wait(command, port, folder))
    }

    /// The same with moto, which speaks S3 only.
    pub(crate) fn start_moto(left_out: &str) -> Option<Self> {
        let (folder, port) = (TempDir::new().unwrap(), free_port());
        let mut command = Command::new(python(left_out)?);
        command.env_clear().args(["-c", MOTO, &port.to_string()]);
        Some(Self::wait(command, port, folder))
    }

    fn wait(mut command: Command, port: u16, folder: TempDir) -> Self {
        let program = command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut started = Self { url: format!("http://127.0.0.1:{port}"), program, _folder: folder };
        let mut words = BufReader::new(started.program.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(words.any(|line| line.contains("Running on")), "the server did not start");
        // Whatever else it says must go somewhere, or it would wait once the pipe is full.
        std::thread::spawn(move || words.for_each(drop));
        started
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // An error means that it has ended already.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
