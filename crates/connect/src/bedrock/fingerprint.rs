//! Whether the AWS files have changed: somebody signed in, or edited a profile.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

/// A value that changes when the AWS configuration file, the credentials file or a kept sign-in changes. It reads no
/// content, so it may be asked before every request. Means nothing to another process.
pub fn files_fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    look(&config_file(), &mut hasher);
    look(&credentials_file(), &mut hasher);
    if let Some(cache) = sign_in_cache() {
        let mut entries: Vec<_> =
            fs_err::read_dir(cache).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort_unstable();
        for path in entries {
            look(&path, &mut hasher);
        }
    }
    hasher.finish()
}

fn look(path: &Path, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    if let Ok(found) = fs_err::metadata(path) {
        found.len().hash(hasher);
        found.modified().ok().hash(hasher);
    }
}

fn config_file() -> PathBuf {
    file("AWS_CONFIG_FILE", ".aws/config")
}

fn credentials_file() -> PathBuf {
    file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
}

/// Where the AWS command line and the SDKs keep sign-ins.
pub(super) fn sign_in_cache() -> Option<PathBuf> {
    Some(home()?.join(".aws/sso/cache"))
}

fn file(variable: &str, default: &str) -> PathBuf {
    let home = home().unwrap_or_default();
    match std::env::var_os(variable).filter(|path| !path.is_empty()) {
        // Where no shell has written it out, the SDK does.
        Some(path) => match Path::new(&path).strip_prefix("~") {
            Ok(rest) => home.join(rest),
            Err(_) => PathBuf::from(path),
        },
        None => home.join(default),
    }
}

/// As the SDKs have it: `HOME` comes first on Windows as well.
fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from).or_else(std::env::home_dir)
}
