//! Uses an installed window as on the first day: `first_day PROGRAM`. It ends well if the program opens, answers, keeps what was
//! said, and ends.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]
#![expect(clippy::expect_used, reason = "what breaks must fail loudly, there and then")]

use clap::Parser;
use std::path::PathBuf;
use twin_e2e::World;
use twin_e2e::person::ANSWER;

#[derive(Parser)]
struct Arguments {
    program: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Arguments { program } = Arguments::parse();
    let program = std::path::absolute(program).expect("there is a working directory");
    let mut world = World::plan().with_program(program).open().await;
    world.choose_offline().await;
    world.ask("Who taught you mathematics?", "from ").await;
    world.reopen().await;
    world.open_newest_session().await;
    world.read(ANSWER, "from ").await;
    world.close().await;
    println!("it opens, answers, keeps what was said, and ends");
}
