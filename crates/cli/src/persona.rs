//! `twin persona check`.

use crate::Failed;
use crate::output::Output;
use crate::session::word;
use twin_app::persona::PersonaView;

pub(crate) fn check(view: &PersonaView, json: bool, output: &Output) -> Result<(), Failed> {
    let failed = view.files.iter().any(|file| file.problem.is_some());
    if json {
        output.json(view);
    } else {
        output.line(&format!("{}  ({})", view.full_name, view.folder));
        for file in &view.files {
            let private = if file.private { ", private" } else { "" };
            let mark = if file.problem.is_some() { "FAILED" } else { "ok    " };
            output.line(&format!("{mark}  {} ({}{private}, {} words)", file.path, word(&file.kind), file.words));
            if let Some(problem) = &file.problem {
                let line = problem.line.map(|line| format!("line {line}")).unwrap_or_default();
                let column = problem.column.map(|column| format!(", column {column}")).unwrap_or_default();
                let place = if line.is_empty() { String::new() } else { format!("{line}{column}: ") };
                output.line(&format!("        {place}{}", problem.message));
                output.line(&format!("        → {}", problem.hint));
            }
        }
        for file in &view.missing {
            output.line(&format!("none    {} ({})", file.path, file.purpose));
        }
    }
    if failed { Err(Failed::Told) } else { Ok(()) }
}
