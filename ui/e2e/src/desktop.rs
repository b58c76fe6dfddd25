//! A desktop of one's own: display, session bus and, where asked for, a keychain. Nothing of the person's own desktop is
//! reached, and tests that run side by side cannot take each other's focus, bus names or secrets.

use crate::process::Running;
use crate::screen::Screen;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A bus with nothing on it: no service is started on demand, so none is left behind, and "no keychain" is the truth.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"#;

/// Whether a keychain is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keychain {
    /// None: the program must say so.
    Absent,
    /// gnome-keyring, unlocked.
    Unlocked,
}

/// The running desktop; it ends when this is dropped.
#[derive(Debug)]
pub struct Desktop {
    folder: PathBuf,
    display: String,
    bus: String,
    // Held to be ended with the desktop, in this order.
    keychain: Option<Running>,
    _bus: Running,
    _display: Running,
}

impl Desktop {
    /// Starts one whose user has `folder` as home. `size` is the screen's.
    pub fn start(folder: &Path, keychain: Keychain, size: (u32, u32)) -> Self {
        for name in ["user", "run"] {
            fs_err::create_dir_all(folder.join(name)).expect("the temporary folder can be written");
        }
        fs_err::set_permissions(folder.join("run"), std::fs::Permissions::from_mode(0o700)).expect("mode can be set");
        fs_err::write(folder.join("bus.conf"), BUS).expect("the temporary folder can be written");

        let screen = format!("{}x{}x24", size.0, size.1);
        let mut server = Command::new("Xvfb");
        // The server picks a free number itself and prints it.
        server.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]).stderr(Stdio::null());
        let (display_server, display) = Running::start_and_read_line(&mut server);

        let mut daemon = Command::new("dbus-daemon");
        daemon.arg("--nofork").arg("--print-address=1").arg("--config-file").arg(folder.join("bus.conf"));
        let (bus_daemon, bus) = Running::start_and_read_line(daemon.stderr(Stdio::null()));

        let mut desktop = Self {
            folder: folder.to_owned(),
            display: format!(":{display}"),
            bus,
            keychain: None,
            _bus: bus_daemon,
            _display: display_server,
        };
        if keychain == Keychain::Unlocked {
            let mut daemon = desktop.command(Path::new("gnome-keyring-daemon"));
            daemon
                .args(["--foreground", "--unlock", "--components=secrets"])
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            desktop.keychain = Some(Running::start_with_input(&mut daemon, b"a password"));
        }
        desktop
    }

    /// A program of this desktop's user, with nothing in its environment but what that user has.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.join("user"))
            .env("XDG_RUNTIME_DIR", self.folder.join("run"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "Europe/London")
            .env("DISPLAY", &self.display)
            .env("GDK_BACKEND", "x11")
            .env("GSETTINGS_BACKEND", "memory")
            .env("NO_AT_BRIDGE", "1")
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            // What services of the machine say, a test says here.
            .env("DBUS_SYSTEM_BUS_ADDRESS", &self.bus)
            // The standard chain must not look for a cloud machine's own credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// What stands on the screen.
    pub fn screen(&self) -> Screen {
        Screen::open(&self.display)
    }

    /// The name of the display.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// The address of the session bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    /// What is on the screen now, as a PNG; an error in words if the picture could not be taken.
    pub fn photograph(&self, file: &Path) -> Result<(), String> {
        let status = self.command(Path::new("import")).args(["-window", "root"]).arg(file).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("import failed ({status})")),
            Err(error) => Err(format!("import could not be started: {error}")),
        }
    }
}
