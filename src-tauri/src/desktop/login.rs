//! Starting at login: an entry in the desktop's own folder for it. The system's state is the truth, there is no setting.
//!
//! Not `tauri-plugin-autostart`: it writes the path unquoted, ignores `XDG_CONFIG_HOME` and what desktops write into the
//! entry to turn it off, and has no place for the home.

use super::AT_LOGIN;
use std::path::{Path, PathBuf};
use twin_app::paths::{HOME_VARIABLE, Paths};
use twin_core::error::{Code, Failure};

/// None where it cannot be arranged.
pub(super) fn is_on(paths: &Paths) -> Option<bool> {
    let entry = fs_err::read_to_string(entry(paths)?);
    Some(entry.is_ok_and(|entry| !entry.lines().any(is_turned_off)))
}

/// As the specification and GNOME turn off what stays in its place.
fn is_turned_off(line: &str) -> bool {
    let line = line.replace(' ', "");
    line == "Hidden=true" || line == "X-GNOME-Autostart-enabled=false"
}

pub(super) fn set(paths: &Paths, on: bool) -> Result<(), Failure> {
    let (Some(entry), Ok(program)) = (entry(paths), std::env::current_exe()) else {
        return Err(refused("this system has no place for what starts at login"));
    };
    let done = if on {
        // After an upgrade the system calls the program that runs by a name at which there is nothing any more.
        if !program.is_file() {
            return Err(refused("the program is no longer where it was started from"));
        }
        let text = text(&program, paths)
            .ok_or_else(|| refused("a path with line breaks or unreadable characters cannot be started at login"))?;
        let written = entry.parent().map_or(Ok(()), fs_err::create_dir_all);
        written.and_then(|()| fs_err::write(&entry, text))
    } else if entry.exists() {
        fs_err::remove_file(&entry)
    } else {
        Ok(())
    };
    done.map_err(|error| refused(format!("starting at login could not be changed: {error}")))
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::permanent(Code::StoreReadOnly, message, "Arrange it in the settings of your desktop.")
}

/// One a home, so that two homes do not take it from each other.
fn entry(paths: &Paths) -> Option<PathBuf> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let home = if paths.is_moved() { format!("-{:016x}", hash(paths.home())) } else { String::new() };
    Some(Paths::login()?.join(format!("digital-twin{home}.desktop")))
}

/// Of the path, because the system's own numbers for a folder may be others after the next boot. FNV-1a: it has to be
/// the same in every version of this program, and need not be safe.
fn hash(home: &Path) -> u64 {
    let home = fs_err::canonicalize(home).unwrap_or_else(|_| home.to_path_buf());
    let bytes = home.as_os_str().as_encoded_bytes();
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// None for a path that cannot be written as one argument on one line: what follows a line break would be another key.
fn text(program: &Path, paths: &Paths) -> Option<String> {
    let program = quoted(plain(program)?);
    // A home that was named has to be named again; the usual one is found again, wherever it will be by then.
    let command = if paths.is_moved() {
        format!("env {} {program}", quoted(&format!("{HOME_VARIABLE}={}", plain(paths.home())?)))
    } else {
        program
    };
    Some(format!("[Desktop Entry]\nType=Application\nName=Digital Twin\nExec={command} {AT_LOGIN}\nTerminal=false\n"))
}

fn plain(path: &Path) -> Option<&str> {
    path.to_str().filter(|path| !path.contains(char::is_control))
}

/// An argument of `Exec` (Desktop Entry Specification, "The Exec key"): quoted, then escaped as every value.
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for character in argument.chars() {
        match character {
            '"' | '`' | '$' => text.extend(["\\\\", &character.to_string()]),
            '\\' => text.push_str("\\\\\\\\"),
            '%' => text.push_str("%%"),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_home_is_named_again_and_odd_paths_stay_one_argument() {
        let paths = Paths::resolve(Some("/mnt/my \"disk\"/50%".into())).unwrap();
        let text = text(Path::new("/opt/digital twin/digital-twin"), &paths).unwrap();
        let line = r#"Exec=env "TWIN_HOME=/mnt/my \\"disk\\"/50%%" "/opt/digital twin/digital-twin" --at-login"#;
        assert!(text.lines().any(|found| found == line), "{text}");
    }

    #[test]
    fn a_path_that_would_write_keys_of_its_own_is_refused() {
        let (fine, odd) = ("/opt/twin", "/opt/twin\nHidden=true");
        let paths = |home: &str| Paths::resolve(Some(home.into())).unwrap();
        assert!(text(Path::new(fine), &paths(fine)).is_some());
        assert_eq!(text(Path::new(odd), &paths(fine)), None);
        assert_eq!(text(Path::new(fine), &paths(odd)), None);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt as _;
            assert_eq!(text(Path::new(std::ffi::OsStr::from_bytes(b"/opt/\xff")), &paths(fine)), None);
        }
    }

    #[test]
    fn the_entry_of_a_home_has_one_name_for_ever_whichever_path_leads_there() {
        assert_eq!(hash(Path::new("/")), 0xaf63_a24c_8601_89fe);
        let folder = tempfile::TempDir::new().unwrap();
        let (home, other) = (folder.path().join("home"), folder.path().join("other"));
        for folder in [&home, &other] {
            fs_err::create_dir(folder).unwrap();
        }
        assert_eq!(hash(&home), hash(&home.join("../home")));
        assert_ne!(hash(&home), hash(&other));
    }

    #[test]
    fn what_the_desktop_turned_off_is_off() {
        assert!(is_turned_off("Hidden=true"));
        assert!(is_turned_off("X-GNOME-Autostart-enabled = false"));
        assert!(!is_turned_off("Hidden=false"));
    }
}
