//! What the machine must have: system packages and Node.

use crate::command::{Outcome, command, output, run};
use crate::say;

/// What the window needs to be built and opened. `build-essential` brings the Perl that configures OpenSSL.
pub(crate) const WINDOW: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];
/// What the tests need besides: a driver for the window, a display, a session bus, a keychain, the library that the window
/// loads for an icon in the tray, screenshots, Python, who opens a keyring that is not us, and who sees every call of the system.
pub(crate) const TESTS: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "dbus-daemon",
    "gnome-keyring",
    "libayatana-appindicator3-1",
    "imagemagick",
    "python3-venv",
    "curl",
    "age",
    "strace",
];
/// What `cargo xtask bench` measures against.
pub(crate) const BENCH: &[&str] = &["ripgrep", "rclone"];

/// What `cargo xtask attacks` makes a network with.
pub(crate) const ATTACKS: &[&str] = &["iproute2"];

/// What `cargo xtask bundle` opens and installs packages of Fedora with, and by what Tauri's bundler knows on which library for an
/// icon in the tray a package depends.
pub(crate) const BUNDLES: &[&str] = &["rpm", "libayatana-appindicator3-dev"];

/// What `cargo xtask harms` sets the clock of one program with.
pub(crate) const HARMS: &[&str] = &["libfaketime"];

/// Oldest Node that Vite runs on.
const NODE: u32 = 20;

/// Installs those of `packages` that are missing, after saying so; elsewhere than on Debian and its children, says
/// what to install and fails if the library that the window cannot be built without is not there.
pub(crate) fn packages(packages: &[&str], purpose: &str) -> Outcome {
    if cfg!(target_os = "windows") {
        say(
            "Windows: WebView2 (part of Windows 11), the Visual C++ build tools and Perl (Strawberry Perl) are assumed",
        );
        return Ok(());
    }
    if cfg!(target_os = "macos") {
        return match output("xcode-select", &["-p"]) {
            Some(_) => Ok(()),
            None => {
                Err("the Xcode command line tools are missing: run `xcode-select --install`, then this again".into())
            }
        };
    }
    if output("dpkg-query", &["--version"]).is_none() || output("apt-get", &["--version"]).is_none() {
        return elsewhere(purpose);
    }
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(format_args!("These system packages are missing, needed to {purpose}: {}", missing.join(" ")));
    let root = output("id", &["-u"]).as_deref() == Some("0");
    let by_hand = format!("apt-get install --no-install-recommends {}", missing.join(" "));
    if !root && output("sudo", &["--version"]).is_none() {
        return Err(format!("there is no sudo here: run `{by_hand}` as root, then this again"));
    }
    if !root {
        say("They are installed now with sudo, which may ask for your password; nothing else is done with it");
    }
    // Through `env`, because sudo drops the variable: nothing may stop in the middle to ask about a configuration file.
    let apt = |arguments: &[&str]| {
        let line = [&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
        if root { command(line[0], &line[1..]) } else { command("sudo", &line) }
    };
    run(&mut apt(&["update"]))?;
    run(&mut apt(&[&["install", "--yes", "--no-install-recommends"], &missing[..]].concat()))
}

/// Node, recent enough.
pub(crate) fn node() -> Outcome {
    let version = output("node", &["--version"]);
    let major =
        version.as_deref().and_then(|version| version.trim_start_matches('v').split('.').next()?.parse::<u32>().ok());
    let npm = output(crate::ui::NPM, &["--version"]);
    match (major, npm) {
        (Some(major), Some(_)) if major >= NODE => Ok(()),
        (Some(_), None) => Err("Node is here but npm is not: install the `npm` that belongs to it".into()),
        _ => Err(format!(
            "Node {NODE} or newer is needed to build the window's pages, and this machine has {}: install it from \
             https://nodejs.org or with your version manager, then run this again",
            version.as_deref().unwrap_or("none"),
        )),
    }
}

/// Whether a program may be watched: not in every container.
pub(crate) fn traces() -> bool {
    output("strace", &["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=write", "true"]).is_some()
}

fn installed(package: &str) -> bool {
    // "triggers-pending" and the like are installed packages whose housekeeping is due.
    output("dpkg-query", &["--show", "--showformat=${db:Status-Status}", package])
        .is_some_and(|status| status == "installed" || status.starts_with("triggers-"))
}

fn elsewhere(purpose: &str) -> Outcome {
    say(format_args!(
        "This is not Debian or Ubuntu, so nothing is installed for you. What is needed to {purpose}:\n   \
         Fedora: sudo dnf install @development-tools perl-core webkit2gtk4.1-devel webkit2gtk-driver xorg-x11-server-Xvfb dbus-daemon \
         gnome-keyring libayatana-appindicator-gtk3 ImageMagick python3 curl age strace ripgrep rclone\n   \
         Arch:   sudo pacman -S --needed base-devel perl webkit2gtk-4.1 xorg-server-xvfb dbus gnome-keyring libayatana-appindicator imagemagick python curl age strace ripgrep rclone\n   \
         (a compiler, Perl and WebKitGTK 4.1 for the window, the others for the tests)"
    ));
    match output("pkg-config", &["--exists", "webkit2gtk-4.1"]) {
        Some(_) => Ok(()),
        None => Err("WebKitGTK 4.1 was not found by pkg-config: install it as above, then run this again".into()),
    }
}
