//! Memory after long use.

use crate::row::{Target, row};
use crate::start::at_rest;
use fantoccini::key::Key;
use serde_json::Value;
use std::time::Duration;
use twin_e2e::World;
use twin_e2e::stub::Stub;

const TURNS: usize = 500;
const SWITCHES: usize = 200;
const IN_A_SESSION: usize = 50;

/// Memory of all processes at rest after 500 turns and 200 changes of the conversation, against after the first turn of the
/// same window: by then everything that a conversation needs is loaded.
pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
    let (mut after, mut before) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let stub = Stub::start();
        stub.otherwise(
            "The **mill** works on the numbers, and the store holds them:\n\n- columns of discs,\n- read by cards.",
        );
        let world = World::plan().open().await;
        world.choose_openai(&stub, None).await;
        turn(&world, &stub).await;
        before.push(at_rest(world.process()));
        for number in 1..TURNS {
            if number % IN_A_SESSION == 0 {
                world.press(&(Key::Control + "n")).await;
                world.see("greeting").await;
            }
            turn(&world, &stub).await;
            if number % 100 == 0 {
                eprintln!("   turn {number} of {TURNS}");
            }
        }
        for number in 0..SWITCHES {
            let nth = number % (TURNS / IN_A_SESSION) + 1;
            world.click(&format!("session-item:nth-of-type({nth}) button")).await;
            world.see(twin_e2e::person::WHOLE_ANSWER).await;
        }
        after.push(at_rest(world.process()));
        eprintln!("   use {round} of {rounds}");
    }
    vec![row("memory after 500 turns, 200 switches / first", &after, &before, "MiB", Target::Times(1.15))]
}

/// One turn, as fast as the window goes.
async fn turn(world: &World, stub: &Stub) {
    let asked = stub.asked().len();
    world.see("composer").await.send_keys("What is the mill, and what does it do?").await.expect("a field");
    world.press(&Key::Enter.to_string()).await;
    while stub.asked().len() == asked {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.gone("stop").await;
}
