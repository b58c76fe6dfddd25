//! What goes with the program: the bill of its materials and the notices of whose work is in it, in `supply/` (git-ignored).

use crate::command::{Outcome, root};
use crate::{bill, notice, package, say, system, ui};

/// Installs what the packages' own texts are read from, then writes both.
pub(crate) fn prepare() -> Outcome {
    system::node()?;
    ui::install()?;
    write()
}

/// Writes both, after judging what goes into them.
pub(crate) fn write() -> Outcome {
    let packages = package::all()?;
    package::judge(packages.values())?;
    bill::check(&packages)?;
    let folder = root().join("supply");
    fs_err::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let bill = bill::write(&packages)?;
    let notices = notice::write(&packages)?;
    for (name, content) in [("digital-twin.cdx.json", format!("{bill:#}\n")), ("THIRD-PARTY.txt", notices)] {
        fs_err::write(folder.join(name), content).map_err(|error| error.to_string())?;
    }
    fs_err::copy(notice::rust_library()?, folder.join("RUST-LIBRARY.html")).map_err(|error| error.to_string())?;
    say(format_args!("{} parts are listed in {}", packages.len(), folder.display()));
    Ok(())
}
