//! `ui/src/bindings.ts` is what the commands and types say it is.

use std::path::Path;

/// Set it to write the file instead of comparing it.
const WRITE: &str = "TWIN_WRITE_BINDINGS";

#[test]
fn the_bindings_of_the_window_are_up_to_date() {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/bindings.ts");
    let folder = tempfile::TempDir::new().unwrap();
    let fresh = folder.path().join("bindings.ts");
    digital_twin::bindings().export(specta_typescript::Typescript::default(), &fresh).unwrap();
    let fresh = fs_err::read_to_string(fresh).unwrap();
    if std::env::var_os(WRITE).is_some() {
        fs_err::write(&committed, fresh).unwrap();
    } else {
        let committed = fs_err::read_to_string(committed).unwrap();
        assert!(committed == fresh, "run `{WRITE}=1 cargo test -p digital-twin` and commit ui/src/bindings.ts");
    }
}
