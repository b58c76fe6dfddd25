//! Markdown while it arrives, in the real engine.

use twin_e2e::World;
use twin_e2e::person::{ANSWER, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

#[tokio::test]
async fn code_formulas_and_diagrams_are_drawn_as_they_arrive_and_nothing_is_fetched() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("Show me everything.").await;
    gate.say("The numbers follow from $B_n = \\sum_{k=0}^{n} \\binom{n}{k}");
    world.read(ANSWER, "The numbers follow from").await;
    gate.say(" \\frac{B_k}{k+1}$ and\n\n$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$\n\n");
    world.see("formula math").await;
    gate.say("```python\ndef bernoulli(n: int) -> Fraction:\n    return ");
    world.read("code-block", "def bernoulli").await;
    gate.say("row[0]  # one card\n```\n\n| Part | Office |\n|---|---|\n| Mill | ");
    world.see("message[data-role=assistant] table").await;
    gate.say("the operations |\n\n- [x] read\n- [ ] write\n\n```mermaid\nflowchart LR\n  Cards --> Mill\n");
    world.read(ANSWER, "the operations").await;
    gate.say("  Mill <--> Store\n```\n\nThat is all of it.");
    gate.end();
    world.read(WHOLE_ANSWER, "That is all of it.").await;
    world.see("diagram img").await;
    world.settled().await;
    assert_eq!(world.texts("code-block").await.len(), 1, "the diagram is drawn, not shown as code");
    let paths = stub.paths();
    assert!(paths.iter().all(|path| path == "/v1/chat/completions" || path == "/v1/models"), "{paths:?}");
}
