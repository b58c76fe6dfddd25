//! What the program that people get is made of: crates, packages of the page, the model for meanings.

use crate::command::{Outcome, cargo, output, root};
use crate::window::FEATURES;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates whose binaries people get.
const DOORS: [&str; 2] = ["digital-twin", "twin-cli"];

/// Licences under which a package of the page may come in; crates have theirs in `deny.toml`.
const ALLOWED: [&str; 9] =
    ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "OFL-1.1", "Unlicense"];
/// One package, one licence beyond those: argparse is a translation from Python, whose licence is permissive.
const EXCEPTIONS: [(&str, &str); 1] = [("argparse", "PSF-2.0")];
/// Versions that name no licence; what the text in them is was read by a person. The next version is read again.
const READ: [(&str, &str, &str); 1] = [("khroma", "2.1.0", "MIT")];

/// Sources of C that a crate compiles into the program, so that they only look as if they were needed to build it.
const COMPILED: [&str; 2] = ["openssl-src", "sqlcipher-src"];

/// One part of the program.
pub(crate) struct Package {
    /// A package URL (<https://github.com/package-url/purl-spec>).
    pub(crate) url: String,
    pub(crate) name: String,
    /// Empty for the model.
    pub(crate) version: String,
    /// An SPDX expression.
    pub(crate) licence: String,
    pub(crate) authors: Vec<String>,
    /// Where its files lie.
    pub(crate) folder: PathBuf,
    /// What the lock file demands: the algorithm, as CycloneDX calls it, and the hash in hexadecimal digits.
    pub(crate) hash: Option<(&'static str, String)>,
    /// Whether it is of this project.
    pub(crate) ours: bool,
    /// The URLs of what it needs.
    pub(crate) needs: BTreeSet<String>,
}

/// All parts, by their URL.
pub(crate) fn all() -> Outcome<BTreeMap<String, Package>> {
    let packages = crates()?.into_iter().chain(pages()?).chain([model()]);
    Ok(packages.map(|package| (package.url.clone(), package)).collect())
}

/// Refuses packages of the page with a licence that nobody agreed to.
pub(crate) fn judge<'a>(packages: impl Iterator<Item = &'a Package>) -> Outcome {
    let refused: Vec<String> = packages
        .filter(|package| package.url.starts_with("pkg:npm/") && !permitted(&package.name, &package.licence))
        .map(|package| format!("{} {} ({})", package.name, package.version, or_none(&package.licence)))
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(format!("packages of the page with a licence that is not allowed: {}", refused.join(", ")))
}

/// One of the alternatives has to be allowed. What is more than alternatives is looked at by a person, and named.
fn permitted(name: &str, licence: &str) -> bool {
    let alternatives = licence.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(licence);
    alternatives.split(" OR ").any(|one| ALLOWED.contains(&one) || EXCEPTIONS.contains(&(name, one)))
}

fn or_none(licence: &str) -> &str {
    if licence.is_empty() { "none named" } else { licence }
}

/// The crates in the two binaries on this system, and the macros that wrote code for them. What only builds or tests is not
/// in what people get.
fn crates() -> Outcome<Vec<Package>> {
    let host = output("cargo", &["-vV"])
        .and_then(|about| about.lines().find_map(|line| line.strip_prefix("host: ").map(str::to_owned)))
        .ok_or("`cargo -vV` names no host")?;
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", &host];
    let answer = cargo(&[&arguments, FEATURES].concat())
        .output()
        .map_err(|error| format!("`cargo metadata` could not be started: {error}"))?;
    if !answer.status.success() {
        return Err(format!("`cargo metadata` failed: {}", String::from_utf8_lossy(&answer.stderr).trim()));
    }
    let metadata: Value = serde_json::from_slice(&answer.stdout)
        .map_err(|error| format!("`cargo metadata` did not answer in JSON: {error}"))?;
    let about: BTreeMap<&str, &Value> = list(&metadata["packages"]).map(|one| (text(&one["id"]), one)).collect();
    let compiled = |id: &str| about.get(id).is_some_and(|one| COMPILED.contains(&text(&one["name"])));
    let needs: BTreeMap<&str, BTreeSet<&str>> =
        list(&metadata["resolve"]["nodes"]).map(|node| (text(&node["id"]), linked(node, compiled))).collect();

    let mut open: Vec<&str> =
        about.iter().filter(|(_, one)| DOORS.contains(&text(&one["name"]))).map(|(id, _)| *id).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(needs.get(id).into_iter().flatten());
        }
    }
    let lock = fs_err::read_to_string(root().join("Cargo.lock")).map_err(|error| error.to_string())?;
    let hashes = checksums(&lock);
    let url = |one: &Value| format!("pkg:cargo/{}@{}", text(&one["name"]), text(&one["version"]).replace('+', "%2B"));
    let of = |id: &str| {
        let one = about.get(id)?;
        let (name, version) = (text(&one["name"]).to_owned(), text(&one["version"]).to_owned());
        Some(Package {
            url: url(one),
            // `A/B` is how crates once wrote it.
            licence: text(&one["license"]).replace(" / ", "/").replace('/', " OR "),
            authors: list(&one["authors"]).map(|author| text(author).to_owned()).collect(),
            folder: Path::new(text(&one["manifest_path"])).parent().map(Path::to_path_buf)?,
            hash: hashes.get(&(name.as_str(), version.as_str())).map(|hash| ("SHA-256", (*hash).to_owned())),
            ours: one["source"].is_null(),
            needs: needs.get(id)?.iter().filter_map(|need| about.get(need)).map(|need| url(need)).collect(),
            name,
            version,
        })
    };
    Ok(reached.into_iter().filter_map(of).collect())
}

/// What a node of cargo's graph needs to run, and what it compiles in; not what builds or tests it.
fn linked(node: &Value, compiled: impl Fn(&str) -> bool) -> BTreeSet<&str> {
    let normal = |need: &Value| list(&need["dep_kinds"]).any(|kind| kind["kind"].is_null());
    list(&node["deps"])
        .filter(|need| normal(need) || compiled(text(&need["pkg"])))
        .map(|need| text(&need["pkg"]))
        .collect()
}

/// The hashes in a `Cargo.lock`, by name and version.
fn checksums(lock: &str) -> BTreeMap<(&str, &str), &str> {
    fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
        entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"'))
    }
    let hash = |entry| Some(((value(entry, "name")?, value(entry, "version")?), value(entry, "checksum")?));
    lock.split("[[package]]").filter_map(hash).collect()
}

/// The page's packages but those that only build or test it, and the page itself.
/// Not `npm sbom --omit dev`: of version 11.19, it leaves out React.
fn pages() -> Outcome<Vec<Package>> {
    let folder = root().join("ui");
    let lock = fs_err::read(folder.join("package-lock.json")).map_err(|error| error.to_string())?;
    let lock: Value = serde_json::from_slice(&lock).map_err(|error| format!("ui/package-lock.json: {error}"))?;
    let entries = lock["packages"].as_object().ok_or("ui/package-lock.json lists no packages")?;
    let name = |path: &str, one: &Value| match path.rsplit_once("node_modules/") {
        Some((_, name)) => name.to_owned(),
        None => text(&one["name"]).to_owned(),
    };
    let url = |path: &str, one: &Value| {
        format!("pkg:npm/{}@{}", name(path, one).replacen('@', "%40", 1), text(&one["version"]))
    };
    let mut packages = Vec::new();
    for (path, one) in entries.iter().filter(|(_, one)| one["dev"] != true) {
        let needs = ["dependencies", "peerDependencies", "optionalDependencies"]
            .into_iter()
            .filter_map(|kind| one[kind].as_object());
        let found = needs.flat_map(|needs| needs.keys()).filter_map(|need| {
            // As Node looks for it: in the package's own folder, then further and further out.
            let mut from = Some(path.as_str());
            while let Some(folder) = from {
                let place = format!("{folder}/node_modules/{need}");
                let place = place.trim_start_matches('/');
                if let Some(one) = entries.get(place).filter(|one| one["dev"] != true) {
                    return Some(url(place, one));
                }
                from =
                    folder.rsplit_once("/node_modules/").map(|(outer, _)| outer).or((!folder.is_empty()).then_some(""));
            }
            None
        });
        let (name, version) = (name(path, one), text(&one["version"]).to_owned());
        let read = READ.iter().find(|(read, of, _)| (*read, *of) == (&name, &version)).map(|(_, _, licence)| *licence);
        packages.push(Package {
            url: url(path, one),
            licence: one["license"].as_str().or(read).unwrap_or_default().to_owned(),
            authors: Vec::new(),
            folder: folder.join(path),
            hash: one["integrity"]
                .as_str()
                .and_then(|hash| Some(("SHA-512", hexadecimal(hash.strip_prefix("sha512-")?)?))),
            ours: path.is_empty(),
            needs: found.collect(),
            name,
            version,
        });
    }
    Ok(packages)
}

/// Base64, as npm writes hashes, to hexadecimal digits, as CycloneDX does. `None` if it is not Base64.
fn hexadecimal(base64: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut hash) = (0_usize, 0_u32, String::new());
    for byte in base64.trim_end_matches('=').bytes() {
        bits = (bits << 6 | DIGITS.iter().position(|digit| *digit == byte)?) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            let byte = bits >> count & 0xff;
            hash.extend([byte >> 4, byte & 0xf].map(|digit| char::from(b"0123456789abcdef"[digit])));
        }
    }
    Some(hash)
}

/// See `crates/embed/model/NOTICE`.
fn model() -> Package {
    Package {
        url: "pkg:huggingface/sentence-transformers/all-MiniLM-L6-v2".to_owned(),
        name: "all-MiniLM-L6-v2".to_owned(),
        version: String::new(),
        licence: "Apache-2.0".to_owned(),
        authors: Vec::new(),
        folder: root().join("crates/embed/model"),
        hash: None,
        ours: false,
        needs: BTreeSet::new(),
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_alternative_is_enough_and_anything_else_is_refused() {
        for licence in ["MIT", "(MPL-2.0 OR Apache-2.0)", "GPL-3.0-only OR MIT"] {
            assert!(permitted("some", licence), "{licence}");
        }
        for licence in
            ["", "GPL-3.0-only", "MIT AND GPL-2.0-only", "PSF-2.0", "SEE LICENSE IN file", "(MIT AND BSD-3-Clause)"]
        {
            assert!(!permitted("some", licence), "{licence}");
        }
        assert!(permitted("argparse", "PSF-2.0"));
    }

    #[test]
    fn hashes_are_those_of_the_lock_files() {
        let lock = "[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"ab12\"\n";
        assert_eq!(checksums(lock), BTreeMap::from([(("a", "1.0.0"), "ab12")]));
        assert_eq!(hexadecimal("q80B").as_deref(), Some("abcd01"));
        assert_eq!(hexadecimal("/w==").as_deref(), Some("ff"));
        assert_eq!(hexadecimal("no base64!"), None);
    }
}
