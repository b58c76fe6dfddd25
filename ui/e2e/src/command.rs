//! The commands of the window, as `ui/src/bindings.ts` has them. A test of the window's crate compares that file with the list.

const BINDINGS: &str = include_str!("../../src/bindings.ts");

/// The whole file.
pub(crate) const fn bindings() -> &'static str {
    BINDINGS
}

/// All their names.
pub fn all() -> Vec<&'static str> {
    BINDINGS.split("__TAURI_INVOKE<").skip(1).filter_map(name).collect()
}

/// What stands behind the type of the answer: `>("name"`.
pub(crate) fn name(call: &'static str) -> Option<&'static str> {
    let (_, rest) = call.split_once(">(\"")?;
    Some(rest.split_once('"')?.0)
}
