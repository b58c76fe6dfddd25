//! A long conversation against a short one: opening it, what it takes of the memory, and typing in it while an answer comes.

use crate::probe::now;
use crate::row::{Target, row};
use crate::start::at_rest;
use crate::stream::{paced, pieces};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::Duration;
use twin_e2e::history::{last_word, session_file};
use twin_e2e::screen::Screen;
use twin_e2e::stub::Stub;
use twin_e2e::{World, given};

const LONG: usize = 10_000;
const SHORT: usize = 50;
/// Keys typed during one answer; it takes eight seconds.
const KEYS: usize = 60;

/// Clicks on a conversation of the list; how long until a frame was drawn with its last message in sight. It is opened for
/// the first time, so nothing of it is in the page's caches.
const OPEN: &str = "
    const [title, word, done] = arguments;
    const items = [...document.querySelectorAll('[data-testid=session-item]')];
    const button = items.find((item) => item.textContent.includes(title)).querySelector('button');
    const inSight = () => {
        const last = [...document.querySelectorAll('[data-testid=message]')].at(-1);
        if (!last?.textContent.includes(word)) return false;
        const { top, bottom, height } = last.getBoundingClientRect();
        return height > 0 && top < innerHeight && bottom > 0;
    };
    const start = performance.now();
    const look = () => {
        if (!inSight()) return requestAnimationFrame(look);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - start);
        port2.postMessage(0);
    };
    requestAnimationFrame(look);
    button.click();";

/// Stamps the end of each frame that shows what was typed.
const STAMP_KEYS: &str = "
    window.benchKeys = [];
    if (!window.benchListens) addEventListener('input', () => requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => window.benchKeys.push(Date.now());
        port2.postMessage(0);
    }), true);
    window.benchListens = true;";

pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.close().await;
    eprintln!("   importing {} conversations of {LONG} messages", rounds + 1);
    import(&world, rounds);

    let [long_memory, short_memory] = memory(&mut world, rounds).await;
    world.open().await;
    let (mut long, mut short, mut elements) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        // In turns, so that neither is always the first after the other.
        let mut names = [Kind::Long, Kind::Short];
        names.rotate_left(round % 2);
        for kind in names {
            let took = open(&world, kind, round).await;
            world.settled().await;
            if round > 0 {
                if kind == Kind::Long { &mut long } else { &mut short }.push(took);
                elements.push(crate::elements(&world).await);
            }
        }
    }
    let (ours, reference) = typing(&world, &stub, rounds.min(3), &mut elements).await;
    vec![
        row("opening 10,000 messages / 50", &long, &short, "ms", Target::Times(1.2)),
        row("memory with 10,000 messages open / 50", &long_memory, &short_memory, "MiB", Target::More(15.0)),
        row("key to paint while streaming there / bare", &ours, &reference, "ms", Target::Times(1.5)),
        crate::elements_row("elements of the page in 10,000 messages", &elements),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Long,
    Short,
}

/// The number of a conversation: each is opened once.
fn number(kind: Kind, round: usize) -> usize {
    if kind == Kind::Long { 1_000 + round } else { 2_000 + round }
}

fn import(world: &World, rounds: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for round in 0..=rounds {
        let files = [(Kind::Long, LONG), (Kind::Short, SHORT)]
            .map(|(kind, messages)| session_file(folder.path(), "Conversation", number(kind, round), messages));
        world.twin(&["session", "import", &files[0].to_string_lossy(), &files[1].to_string_lossy()]);
    }
}

async fn open(world: &World, kind: Kind, round: usize) -> f64 {
    let number = number(kind, round);
    world
        .until("the conversation is in the list", async |world| {
            let titles = world.texts("session-item").await;
            titles.iter().any(|title| title.contains(&format!("Conversation {number}"))).then_some(())
        })
        .await;
    let arguments = vec![json!(format!("Conversation {number}")), json!(last_word(number))];
    let took = world.client().execute_async(OPEN, arguments).await.expect("the conversation opens");
    took.as_f64().expect("a time")
}

/// Of a window that was started, opened one conversation and came to rest.
async fn memory(world: &mut World, rounds: usize) -> [Vec<f64>; 2] {
    let mut memory = [const { Vec::new() }; 2];
    for round in 0..rounds.min(3) {
        for (kind, memory) in [Kind::Long, Kind::Short].into_iter().zip(&mut memory) {
            world.open().await;
            open(world, kind, round).await;
            memory.push(at_rest(world.process()));
            world.close().await;
        }
    }
    memory
}

/// Milliseconds from a key at the display's server to the end of the frame that shows it: in the long conversation while an
/// answer of 1,000 tokens a second comes, and in a bare text field.
async fn typing(world: &World, stub: &Stub, rounds: usize, elements: &mut Vec<f64>) -> (Vec<f64>, Vec<f64>) {
    let bare = World::plan().with_program(given::bare_window()).open().await;
    bare.until("the field has the focus", async |bare| bare.has_focus("composer").await.then_some(())).await;
    let pieces = pieces();
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    open(world, Kind::Long, 0).await;
    for round in 0..=rounds {
        let theirs = typed(&bare, "Bare window").await;
        world.press(&(Key::Control + "a")).await;
        let composer = world.see("composer").await;
        composer.send_keys("Tell me all of it.").await.expect("the composer can be typed into");
        let (gate, asked) = (stub.answer_gated(), stub.asked().len());
        composer.send_keys(&Key::Enter).await.expect("the composer can be typed into");
        let saying = paced(stub, asked, gate, pieces.clone());
        let typing = async {
            // From the middle of the first tenth to that of the last one.
            tokio::time::sleep(Duration::from_millis(400)).await;
            typed(world, "Digital Twin").await
        };
        let (_, mine) = tokio::join!(saying, typing);
        world.gone("stop").await;
        elements.push(crate::elements(world).await);
        if round > 0 {
            ours.extend(mine);
            reference.extend(theirs);
        }
        eprintln!("   typing {round} of {rounds}");
    }
    (ours, reference)
}

/// The time of each key.
async fn typed(world: &World, name: &str) -> Vec<f64> {
    world.run(STAMP_KEYS, vec![]).await;
    let screen = world.desktop().screen();
    screen.give_keyboard(name);
    let typing = tokio::task::spawn_blocking(move || taps(&screen));
    let pressed = typing.await.expect("keys can be pressed");
    let shown = world
        .until("every key is shown", async |world| {
            let shown = world.run("return window.benchKeys", vec![]).await;
            let shown: Vec<f64> = shown.as_array()?.iter().filter_map(Value::as_f64).collect();
            (shown.len() >= KEYS).then_some(shown)
        })
        .await;
    assert_eq!(shown.len(), KEYS, "one stamp a key");
    shown.iter().zip(pressed).map(|(shown, pressed)| shown - pressed).collect()
}

/// Presses the keys, at moments that keep no step with the frames; when each was pressed.
fn taps(screen: &Screen) -> Vec<f64> {
    let press = |number: usize| {
        std::thread::sleep(Duration::from_millis(97 + (number as u64 * 37) % 50));
        let pressed = now();
        screen.press(&[u32::from('a')]);
        pressed
    };
    (0..KEYS).map(press).collect()
}
