//! The bill of materials: every part of the program with its version, licence and hash, for machines.

use crate::command::{Outcome, output};
use crate::package::Package;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Without these something is wrong with how the parts were found, and an empty bill would look clean.
const KNOWN: [&str; 8] =
    ["tauri", "rusqlite", "sqlcipher-src", "openssl-src", "ring", "react", "mermaid", "all-MiniLM-L6-v2"];

/// In CycloneDX 1.5 (<https://cyclonedx.org/docs/1.5/json/>). No time and no serial number: of the same lock files comes the
/// same file.
pub(crate) fn write(packages: &BTreeMap<String, Package>) -> Outcome<Value> {
    let whole =
        packages.values().find(|package| package.name == "digital-twin").ok_or("the window is not among the parts")?;
    let mut needs: Vec<Value> =
        packages.values().map(|package| json!({ "ref": package.url, "dependsOn": package.needs })).collect();
    // The whole is no crate: it is what the doors, the page in one of them and the model in both make together.
    let doors = packages.values().filter(|one| one.ours || one.version.is_empty()).map(|one| &one.url);
    needs.push(json!({ "ref": "digital-twin", "dependsOn": doors.collect::<Vec<_>>() }));
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": {
            "bom-ref": "digital-twin", "type": "application", "name": "Digital Twin", "version": whole.version,
            "licenses": [{ "expression": whole.licence }],
        } },
        "components": packages.values().map(component).chain([rust_library()?]).collect::<Vec<_>>(),
        "dependencies": needs,
    }))
}

/// The library that every Rust program holds; no lock file names it.
fn rust_library() -> Outcome<Value> {
    let version = output("rustc", &["--version"]).ok_or("`rustc --version` failed")?;
    let version = version.split(' ').nth(1).ok_or("`rustc --version` names no version")?;
    let licence = json!([{ "expression": "MIT OR Apache-2.0" }]);
    Ok(json!({ "bom-ref": "std", "type": "library", "name": "std", "version": version, "licenses": licence }))
}

fn component(package: &Package) -> Value {
    let mut component = json!({
        "bom-ref": package.url,
        "type": if package.version.is_empty() { "machine-learning-model" } else { "library" },
        "name": package.name,
        "licenses": [{ "expression": package.licence }],
        "purl": package.url,
    });
    if !package.version.is_empty() {
        component["version"] = json!(package.version);
    }
    if let Some((algorithm, hash)) = &package.hash {
        component["hashes"] = json!([{ "alg": algorithm, "content": hash }]);
    }
    component
}

/// Whether a bill can be believed: what must be there is, and every part that others wrote says its licence and its hash.
pub(crate) fn check(packages: &BTreeMap<String, Package>) -> Outcome {
    let missing: Vec<&str> =
        KNOWN.into_iter().filter(|name| !packages.values().any(|package| package.name == *name)).collect();
    if !missing.is_empty() {
        return Err(format!("the bill of materials does not name {}", missing.join(", ")));
    }
    let vague = |package: &&Package| {
        package.licence.is_empty() || !package.ours && !package.version.is_empty() && package.hash.is_none()
    };
    let vague: Vec<&str> = packages.values().filter(vague).map(|package| package.url.as_str()).collect();
    if !vague.is_empty() {
        return Err(format!("parts without a licence or a hash: {}", vague.join(", ")));
    }
    let ours: Vec<&Package> = packages.values().filter(|package| package.ours).collect();
    if let [first, rest @ ..] = &ours[..]
        && let Some(other) = rest.iter().find(|other| other.version != first.version)
    {
        return Err(format!("{} and {} are of one program and have two versions", first.url, other.url));
    }
    Ok(())
}
