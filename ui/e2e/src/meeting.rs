//! Where homes meet to sync, as it is said on the command line.

use std::path::PathBuf;
use std::process::{Command, Stdio};

const PASSPHRASE: &[u8] = b"nine geese over the harbour\n";
/// Of servers that look at no keys.
pub const ACCESS_KEY: &str = "AKIAEXAMPLE";
/// Its secret.
pub const SECRET: &str = "a-secret";

/// A folder or a bucket.
#[derive(Debug)]
pub enum Meeting {
    /// A folder that is there.
    Folder(PathBuf),
    /// A bucket that is there, at that server.
    Bucket {
        /// Its name.
        name: &'static str,
        /// Where to ask.
        endpoint: String,
    },
}

impl Meeting {
    /// Has the home of that `twin` begin there, the first one, or join.
    pub fn begin(&self, mut twin: Command, first: bool, device: &str) {
        twin.args(["sync", if first { "init" } else { "join" }, "--name", device]);
        let mut input = PASSPHRASE.to_vec();
        match self {
            Self::Folder(folder) => drop(twin.arg("--folder").arg(folder)),
            Self::Bucket { name, endpoint } => {
                twin.args(["--bucket", name, "--endpoint", endpoint, "--path-style"]);
                twin.args(["--region", "us-east-1", "--access-key-id", ACCESS_KEY]);
                input.splice(0..0, format!("{SECRET}\n").into_bytes());
            }
        }
        twin.arg("--passphrase-stdin").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = twin.spawn().expect("`twin` can be started");
        let mut taken = child.stdin.take().expect("standard input was asked for");
        std::io::Write::write_all(&mut taken, &input).expect("the program reads its input");
        drop(taken);
        assert!(child.wait().expect("the program can be waited for").success(), "{device} could not begin");
    }
}
