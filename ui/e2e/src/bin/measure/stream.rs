//! A long, fast answer: how much the main thread of the web view has to do for it.

use crate::probe::{Probe, Readings, STAMP_FRAMES, TAKE_FRAMES, now};
use crate::row::{Target, quantile, row};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use twin_e2e::World;
use twin_e2e::stub::{Gate, Stub};

/// An answer of 8,000 pieces of about four characters, 1,000 a second, the same kind of text in each tenth.
const PIECES: usize = 8_000;
const TENTHS: usize = 10;
const PACE: Duration = Duration::from_millis(1);
/// What comes after the last piece is part of the answer's work, too.
const AFTERWARDS: Duration = Duration::from_millis(1_500);

/// Appends the same pieces at the same pace to a text node of the same page and keeps the end in view, once a frame.
const REFERENCE: &str = "
    const [pieces, pace, afterwards, done] = [window.benchPieces, ...arguments];
    const box = document.createElement('div');
    Object.assign(box.style, { position: 'fixed', inset: '0', overflow: 'auto', whiteSpace: 'pre-wrap',
        background: 'Canvas', zIndex: '1000' });
    const text = box.appendChild(document.createTextNode(''));
    document.body.append(box);
    const start = performance.now();
    let next = 0;
    const frame = () => {
        const due = Math.min(pieces.length, Math.floor((performance.now() - start) / pace));
        while (next < due) text.appendData(pieces[next++]);
        box.scrollTop = box.scrollHeight;
        if (next < pieces.length) return requestAnimationFrame(frame);
        setTimeout(() => { box.remove(); done(); }, afterwards);
    };
    requestAnimationFrame(frame);";

pub(crate) async fn rows(rounds: usize) -> Vec<Value> {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let pieces = pieces();
    world.run("window.benchPieces = arguments[0]", vec![json!(pieces)]).await;

    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    // In the first tenth the window is still filling: what an answer's length costs shows from the second one on.
    let [mut first, mut second, mut last] = [const { Vec::new() }; 3];
    let (mut frames, mut reference_frames, mut elements) = (Vec::new(), Vec::new(), Vec::new());
    // The first round compiles scripts and is not counted.
    for round in 0..=rounds {
        let theirs = appended(&world).await;
        let mine = answered(&world, &stub, &pieces).await;
        if round > 0 {
            reference.push(theirs.readings.all());
            reference_frames.push(quantile(&theirs.frames(), 0.99));
            ours.push(mine.readings.all());
            frames.push(quantile(&mine.frames(), 0.99));
            first.push(mine.tenth(0));
            second.push(mine.tenth(1));
            last.push(mine.tenth(TENTHS - 1));
            elements.push(crate::elements(&world).await);
        }
        eprintln!("   answer {round} of {rounds}");
    }
    vec![
        row("8,000 tokens streamed / into a text node", &ours, &reference, "ms", Target::Times(6.0)),
        row("its last tenth / its first tenth", &last, &first, "ms", Target::Times(1.2)),
        row("its last tenth / its second tenth", &last, &second, "ms", Target::None),
        row("work in a frame, 99th percentile", &frames, &reference_frames, "ms", Target::AtMost(8.0)),
        crate::elements_row("elements of the page after the answer", &elements),
    ]
}

/// What was seen of one answer.
struct Seen {
    readings: Readings,
    stamps: Vec<f64>,
    begin: f64,
    end: f64,
}

impl Seen {
    /// What the main thread did in each frame: from the beginning of its rendering to that of the next one's, whatever that
    /// was. A message that came in counts for the frame after which it came.
    fn frames(&self) -> Vec<f64> {
        let shown = self.stamps.iter().filter(|stamp| (self.begin..=self.end).contains(*stamp));
        let shown: Vec<f64> = shown.copied().collect();
        shown.windows(2).map(|pair| self.readings.between(pair[0], pair[1])).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    fn tenth(&self, number: usize) -> f64 {
        let tenth = (self.end - self.begin) / TENTHS as f64;
        let from = self.begin + tenth * number as f64;
        self.readings.between(from, from + tenth)
    }
}

async fn appended(world: &World) -> Seen {
    world.run(STAMP_FRAMES, vec![]).await;
    let probe = Probe::start(world.process());
    let begin = now();
    let arguments = vec![json!(PACE.as_millis()), json!(AFTERWARDS.as_millis())];
    world.client().execute_async(REFERENCE, arguments).await.expect("the reference runs");
    Seen { readings: probe.take(), stamps: stamps(world).await, begin, end: now() - AFTERWARDS.as_secs_f64() * 1000.0 }
}

async fn answered(world: &World, stub: &Stub, pieces: &[String]) -> Seen {
    world.press(&(Key::Control + "n")).await;
    let composer = world.see("composer").await;
    composer.send_keys("Tell me all of it.").await.expect("the composer can be typed into");
    world.settled().await;
    world.run(STAMP_FRAMES, vec![]).await;
    let (gate, asked) = (stub.answer_gated(), stub.asked().len());
    let probe = Probe::start(world.process());
    composer.send_keys(&Key::Enter).await.expect("the composer can be typed into");
    // The page is left alone until the end: every question to it would be work of its main thread.
    let (begin, end) = paced(stub, asked, gate, pieces.to_vec()).await;
    tokio::time::sleep(AFTERWARDS).await;
    let readings = probe.take();
    let stamps = stamps(world).await;
    world.read(twin_e2e::person::WHOLE_ANSWER, "End of part 10.").await;
    Seen { readings, stamps, begin, end }
}

/// Says the pieces at their pace once the model is asked; when the first was said, and when the last.
pub(crate) async fn paced(stub: &Stub, asked: usize, gate: Gate, pieces: Vec<String>) -> (f64, f64) {
    while stub.asked().len() == asked {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let saying = tokio::task::spawn_blocking(move || {
        let (start, begin) = (Instant::now(), now());
        for (piece, number) in pieces.iter().zip(1..) {
            let due = start + PACE * number;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            gate.say(piece);
        }
        gate.end();
        (begin, now())
    });
    saying.await.expect("the pieces are said")
}

async fn stamps(world: &World) -> Vec<f64> {
    let stamps = world.run(TAKE_FRAMES, vec![]).await;
    stamps.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// Ten parts with everything that answers are made of, cut as models cut: about four characters a piece.
pub(crate) fn pieces() -> Vec<String> {
    let mut pieces: Vec<String> = Vec::with_capacity(PIECES);
    for number in 1..=TENTHS {
        let of_part = PIECES / TENTHS;
        let end: Vec<char> = format!("\n\nEnd of part {number}.\n\n").chars().collect();
        let mut characters: Vec<char> = (1..).flat_map(section).take(of_part * 4 - end.len()).collect();
        // A part that breaks off within a block of code would make the next one code as well.
        let text: String = characters.iter().collect();
        if text.matches("```").count() % 2 == 1 {
            characters.truncate(characters.len() - 5);
            characters.extend("\n```\n".chars());
        }
        characters.extend(end);
        pieces.extend(characters.chunks(4).map(|piece| piece.iter().collect::<String>()));
    }
    assert_eq!(pieces.len(), PIECES, "pieces of the answer");
    pieces
}

fn section(number: usize) -> Vec<char> {
    format!(
        "## Step {number}: the mill and the store\n\n\
         The **store** holds the numbers on columns of discs, and the *mill* works on them, as `operation({number})` asks. \
         What is brought from one to the other is written on a card, so that nobody has to remember it: the engine \
         follows the [cards](https://www.example.org/cards), and the cards may be turned back. It originates nothing; it \
         can do whatever we know how to order it to perform.\n\n\
         - Operations 1 to 7 prepare the first term, in the order of the table.\n\
         - Operations 13 to 23 are repeated, with **other columns** each time:\n  \
           - the divisor grows by one,\n  \
           - the result goes to `column {number}`.\n\
         - The last one puts the number where it is read.\n\n\
         ```python\ndef bernoulli(n: int) -> Fraction:\n    \"\"\"The n-th number, by the table of the Notes.\"\"\"\n    \
         row = [Fraction(0)] * (n + 1)\n    for m in range(n + 1):\n        row[m] = Fraction(1, m + 1)\n        \
         for j in range(m, 0, -1):\n            row[j - 1] = j * (row[j - 1] - row[j])  # one card\n    return row[0]\n```\n\n\
         | Part | Office | Columns |\n|---|---|---:|\n| Store | numbers, on columns of discs | {number} |\n\
         | Mill | the operations | 3 |\n| Cards | the order | 25 |\n\n\
         > The engine weaves algebraic patterns just as the loom weaves flowers and leaves.\n\n\
         1. Write down what is known.\n2. Say what is wanted.\n3. Let the cards say how, and look at the result.\n\n"
    )
    .chars()
    .collect()
}
