//! Arguments that nobody would give: every command takes them or refuses them, and the program goes on.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use twin_e2e::argument::Arguments;
use twin_e2e::{World, command, given};

/// So many for each command; more by the variable, up to which a run takes hours.
const EACH: usize = 60;
const EACH_VARIABLE: &str = "TWIN_E2E_ARGUMENTS";
/// Where they are drawn from.
const SEED_VARIABLE: &str = "TWIN_E2E_SEED";

/// What opens a dialog of the desktop, which waits for a person. Most take no arguments, so that none refuse them: left out.
const ASKS: &str = "_choose_";

/// What takes half a second or more is called a thirtieth as often: whole homes are written, or waited for.
const SLOW: [&str; 2] = ["archive_export", "backup_recover"];

struct Program {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Program {
    fn start(mut command: Command) -> Self {
        let mut child = command.arg("--calls").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    /// What became of a call; none if the program is gone.
    fn call(&mut self, command: &str, arguments: &str) -> Option<String> {
        let line = format!("{command} {}\n", arguments.replace('\n', " "));
        self.child.stdin.as_mut()?.write_all(line.as_bytes()).ok()?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer).ok()?;
        (!answer.is_empty()).then(|| answer.trim_end().to_owned())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Everything below a folder, by its path.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(tree(&path));
        } else if path.is_file() {
            found.insert(path.clone(), fs_err::read(path).unwrap());
        }
    }
    found
}

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var_os(variable).map_or(otherwise, |number| number.to_str().unwrap().parse().unwrap())
}

#[tokio::test]
async fn no_arguments_break_a_command_or_the_program() {
    let (each, seed) = (number(EACH_VARIABLE, EACH), number(SEED_VARIABLE, 1));
    let world = World::plan().prepare();
    let secret = world.write("sentinel/secret.md", "A secret of somebody else.");
    let given_file = world.write("ground/given/notes.md", "# Notes");
    world.write("ground/given/session.json", r#"[{"role": "user", "content": "Hello"}]"#);
    let ground = given_file.parent().unwrap().parent().unwrap().to_owned();
    symlink(secret.parent().unwrap(), ground.join("linked")).unwrap();
    // What the desktop would open is opened by nobody.
    let programs = world.write("programs/xdg-open", "#!/bin/sh\n");
    fs_err::set_permissions(&programs, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = tree(secret.parent().unwrap());

    let mut command = world.command(&given::undefended());
    fs_err::create_dir_all(world.home()).unwrap();
    command.current_dir(ground.join("given")).env("PATH", programs.parent().unwrap());
    // Whatever is asked for, nobody beyond this machine hears of it.
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "AWS_ENDPOINT_URL"] {
        command.env(proxy, "http://127.0.0.1:9");
    }
    let told = world.user("told");
    command.stderr(fs_err::File::create(&told).unwrap().into_parts().0);
    let mut program = Program::start(command);
    let mut arguments = Arguments::new(u64::try_from(seed).unwrap(), &ground.to_string_lossy());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for name in command::all().into_iter().filter(|name| !name.contains(ASKS)) {
        let calls = if SLOW.contains(&name) { each.div_ceil(30) } else { each };
        let started = std::time::Instant::now();
        for _ in 0..calls {
            let body = arguments.of(name);
            let Some(answer) = program.call(name, &body) else {
                panic!("{name} ended the program (seed {seed}): {body:.2000}");
            };
            let (what, said) = answer.split_once(' ').unwrap_or((&answer, ""));
            *counts.entry(what.to_owned()).or_default() += 1;
            match what {
                "gave" => arguments.learn(&serde_json::from_str(said).unwrap_or(Value::Null)),
                "refused" => {}
                _ => wrong.push(format!("{name} was {what} (seed {seed}): {body:.2000}")),
            }
        }
        if each > EACH {
            println!("{name}: {calls} in {:.1} s", started.elapsed().as_secs_f64());
        }
    }
    println!("{counts:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // It still does what it is for.
    let own = program.call("session_list", r#"{"audience": "owner"}"#).unwrap();
    assert!(own.starts_with("gave ["), "{own}");
    let said = fs_err::read_to_string(told).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(tree(secret.parent().unwrap()), before, "nothing outside was touched");
}
