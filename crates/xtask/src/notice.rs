//! The notices that have to go wherever the program goes: whose work is in it, and under which terms.

use crate::command::{Outcome, output};
use crate::package::Package;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// How files begin that say the terms, in small letters.
const NAMES: [&str; 7] = ["licen", "copying", "copyright", "notice", "unlicense", "ofl", "patents"];
/// Programs may be called so as well.
const CODE: [&str; 9] = ["rs", "js", "mjs", "cjs", "ts", "py", "c", "h", "json"];

/// Terms of packages that name them and carry no text of them.
const STANDARD: [(&str, &str); 4] = [
    ("MIT", include_str!("notice/MIT.txt")),
    ("BSD-2-Clause", include_str!("notice/BSD-2-Clause.txt")),
    ("BSD-3-Clause", include_str!("notice/BSD-3-Clause.txt")),
    ("MPL-2.0", include_str!("notice/MPL-2.0.txt")),
];

const RULE: &str = "────────────────────────────────────────────────────────────────────────────────";

/// One text for all packages of others. An error if a package has no terms that could be printed.
pub(crate) fn write(packages: &BTreeMap<String, Package>) -> Outcome<String> {
    let others: Vec<&Package> = packages.values().filter(|package| !package.ours).collect();
    let mut notices = String::from(
        "Digital Twin contains the work of others, named here with their terms. Where a package may be used under one of several\n\
         licences, or says how others may use parts of it, all of its texts are printed; it is used under the terms that\n\
         permit the most. The terms of Rust's own library are in RUST-LIBRARY.html. What the system brings (WebKitGTK, GTK,\n\
         the C library) is not part of Digital Twin.\n\n",
    );
    // By text and not by package: hundreds say the same.
    let mut terms: BTreeMap<Words, (String, BTreeSet<&str>)> = BTreeMap::new();
    let mut without = Vec::new();
    for package in others {
        let line = [&package.name, &package.version, &package.licence].map(String::as_str).join("  ");
        let _ = writeln!(notices, "{line}");
        let texts = texts(package)?;
        if texts.is_empty() {
            without.push(package.url.as_str());
        }
        for text in texts {
            terms.entry(Words::of(&text)).or_insert((text, BTreeSet::new())).1.insert(&package.url);
        }
    }
    if !without.is_empty() {
        return Err(format!("packages without a text of their terms: {}", without.join(", ")));
    }
    let mut terms: Vec<_> = terms.into_values().collect();
    terms.sort_by(|(_, one), (_, other)| one.first().cmp(&other.first()));
    for (text, users) in terms {
        let users = users.into_iter().collect::<Vec<_>>().join("\n");
        let _ = write!(notices, "\n{RULE}\n{users}\n{RULE}\n\n{}\n", text.trim_matches('\n'));
    }
    Ok(notices)
}

/// What of a text counts when two are compared: not how its lines are broken.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Words(String);

impl Words {
    fn of(text: &str) -> Self {
        Self(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

/// The terms that a package carries, also those of what it took in itself; otherwise the standard text of its licence.
fn texts(package: &Package) -> Outcome<Vec<String>> {
    let mut files = Vec::new();
    look(&package.folder, &mut files)?;
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let text = fs_err::read(&file).map_err(|error| error.to_string())?;
        texts.push(String::from_utf8_lossy(&text).replace("\r\n", "\n"));
    }
    texts.retain(|text| !text.trim().is_empty());
    if texts.is_empty() {
        texts.extend(standard(package));
    }
    Ok(texts)
}

fn look(folder: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    for entry in fs_err::read_dir(folder).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        // Packages inside of packages are listed on their own, and OpenSSL's Perl only builds it.
        if path.is_dir() && name != "node_modules" && name != "perl" {
            look(&path, files)?;
        } else if path.is_file()
            && NAMES.iter().any(|start| name.starts_with(start))
            && !extension.is_some_and(|extension| CODE.contains(&extension.as_str()))
        {
            files.push(path);
        }
    }
    Ok(())
}

fn standard(package: &Package) -> Option<String> {
    let alternatives: Vec<&str> = package.licence.split(" OR ").collect();
    let (_, text) = STANDARD.iter().find(|(name, _)| alternatives.contains(name))?;
    let names = package.authors.iter().map(|author| author.split(" <").next().unwrap_or_default());
    let mut holders = names.collect::<Vec<_>>().join(", ");
    if holders.is_empty() {
        holders = format!("the authors of {}", package.name);
    }
    Some(text.replace("{holders}", &holders))
}

/// What the toolchain says about the library that every Rust program holds.
pub(crate) fn rust_library() -> Outcome<PathBuf> {
    let file = output("rustc", &["--print", "sysroot"])
        .map(|root| Path::new(&root).join("share/doc/rust/COPYRIGHT-library.html"))
        .ok_or("`rustc --print sysroot` failed")?;
    if file.exists() {
        return Ok(file);
    }
    Err(format!("{} is missing: it comes with Rust from https://rustup.rs", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(licence: &str, folder: &Path) -> BTreeMap<String, Package> {
        let package = Package {
            url: "pkg:cargo/some@1.0.0".to_owned(),
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            authors: vec!["Ada <ada@example.org>".to_owned()],
            folder: folder.to_owned(),
            hash: None,
            ours: false,
            needs: BTreeSet::new(),
        };
        BTreeMap::from([(package.url.clone(), package)])
    }

    #[test]
    fn a_package_without_a_text_gets_the_standard_one_with_its_authors() {
        let empty = crate::command::root().join("crates/xtask/src/notice");
        let notices = write(&package("Apache-2.0 OR MIT", &empty)).unwrap();
        assert!(notices.contains("some  1.0.0  Apache-2.0 OR MIT"));
        assert!(notices.contains("Copyright (c) Ada\n\nPermission is hereby granted"));
    }

    #[test]
    fn a_package_whose_terms_are_nowhere_is_refused() {
        let empty = crate::command::root().join("crates/xtask/src/notice");
        let error = write(&package("MIT AND Unheard-Of", &empty)).unwrap_err();
        assert_eq!(error, "packages without a text of their terms: pkg:cargo/some@1.0.0");
    }

    #[test]
    fn the_texts_of_a_package_are_printed_whole() {
        let model = crate::command::root().join("crates/embed/model");
        let notices = write(&package("Apache-2.0", &model)).unwrap();
        for file in ["LICENSE", "NOTICE"] {
            assert!(notices.contains(fs_err::read_to_string(model.join(file)).unwrap().trim_matches('\n')), "{file}");
        }
    }
}
