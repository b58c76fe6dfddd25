//! What is remembered: how it comes about, who is told of it, how it is corrected, and how it goes for good.

use fantoccini::key::Key;
use serde_json::{Value, json};
use twin_e2e::World;
use twin_e2e::home::Home;
use twin_e2e::memory::learned;
use twin_e2e::person::QUESTION;
use twin_e2e::stub::Stub;

const HARP: &str = "I play the harp on Sundays.";

/// What there is to learn from that.
fn harp() -> Value {
    learned("semantic", "I play the harp", "Plays the harp", &json!([]))
}

/// Asks in a chat of its own; all that the model was sent.
async fn sent_for(world: &World, stub: &Stub, question: &str) -> String {
    world.fresh().await;
    stub.answer("So it is.");
    world.ask(question, "So it is.").await;
    stub.asked().last().unwrap().body.to_string()
}

/// Corrects the memory that is open.
async fn correct(world: &World, text: &str) {
    world.click("memory-correct").await;
    world.fill("correct-text", text).await;
    world.click("correct-save").await;
    world.gone("correct-dialog").await;
    world.read("memory-text", text).await;
}

/// Waits until a list says just this.
async fn lists(world: &World, name: &str, expected: &[&str]) {
    world
        .until(&format!("`{name}` has {expected:?}"), async |world| {
            let texts = world.texts(name).await;
            let all = texts.len() == expected.len();
            (all && texts.iter().zip(expected).all(|(text, expected)| text.contains(expected))).then_some(())
        })
        .await;
}

#[tokio::test]
async fn what_is_said_is_learned_leads_back_to_its_message_and_is_undone() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.tell(&stub, HARP, &harp()).await;
    let asked = &stub.learned_from()[0];
    assert!(asked.body.to_string().contains(HARP), "{:?}", asked.body);

    // It lasts, and the screen knows where it comes from.
    world.reopen().await;
    world.open_memory().await;
    world.read("memory-count", "1").await;
    lists(&world, "memory-row", &["Plays the harp"]).await;
    world.click("memory-row").await;
    world.read("memory-source", HARP).await;
    world.click("memory-source").await;
    world.gone("memory-screen").await;
    world.read(QUESTION, HARP).await;

    world.read("notice-remembered", "Plays the harp").await;
    world.click("notice-undo").await;
    world.gone("notice-remembered").await;
    world.open_memory().await;
    world.see("memory-empty").await;
    // And back, by the toast.
    world.click("toast-action").await;
    lists(&world, "memory-row", &["Plays the harp"]).await;
}

#[tokio::test]
async fn without_a_model_one_has_something_remembered_corrected_and_forgotten_by_saying_so() {
    let world = World::plan().open().await;
    world.choose_offline().await;
    world.ask("Remember that I live in Rome", "").await;
    world.read("notice-remembered", "I live in Rome").await;

    world.fresh().await;
    world.ask("Where do I live?", "I live in Rome").await;
    world.ask("That is wrong, I live in Bath", "").await;
    world.read("notice-remembered", "I live in Bath instead of “I live in Rome”").await;

    world.fresh().await;
    world.ask("Forget that I live in Bath", "").await;
    world.read("notice-taken-back", "I live in Bath").await;
    world.open_memory().await;
    world.see("memory-empty").await;
    world.click("memory-with-ended").await;
    lists(&world, "memory-row", &["I live in Bath", "I live in Rome"]).await;
}

#[tokio::test]
async fn a_corrected_memory_shows_what_it_was_and_answers_of_the_past_go_by_that() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.open_memory().await;
    world.write_down("Lives in Rome").await;
    world.close().await;
    Home::of(&world).age(10);

    world.open().await;
    world.open_memory().await;
    world.click("memory-row").await;
    correct(&world, "Lives in Bath").await;
    lists(&world, "memory-history li", &["Lives in Bath", "Lives in Rome"]).await;
    world.click("memory-close").await;
    lists(&world, "memory-row", &["Lives in Bath"]).await;

    world.click("as-of").await;
    world.button("A week ago").await.click().await.unwrap();
    world.see("as-of-banner").await;
    lists(&world, "memory-row", &["Lives in Rome"]).await;
    world.button("Back to today").await.click().await.unwrap();
    lists(&world, "memory-row", &["Lives in Bath"]).await;

    // The same for an answer.
    world.click("nav-chat").await;
    let sent = sent_for(&world, &stub, "Where do I live now?").await;
    assert!(sent.contains("Lives in Bath") && !sent.contains("Lives in Rome"), "{sent}");
    world.fresh().await;
    world.click("answer-as-of").await;
    world.button("A week ago").await.click().await.unwrap();
    world.see("answer-as-of-note").await;
    stub.answer("In Rome.");
    world.ask("And where did I live?", "In Rome.").await;
    let sent = stub.asked().last().unwrap().body.to_string();
    assert!(sent.contains("Lives in Rome") && !sent.contains("Lives in Bath"), "{sent}");
    world.click("answer-as-of-end").await;
    world.gone("answer-as-of-note").await;
}

#[tokio::test]
async fn a_conversation_that_is_forgotten_leaves_no_trace_but_a_receipt() {
    const CANARY: &str = "zyzzogeton";
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let text = "Has a secret engine called Zyzzogeton";
    let quote = "my secret engine is called Zyzzogeton";
    world.fresh().await;
    stub.lesson(json!([learned("semantic", quote, text, &json!([]))]));
    stub.answer("Zyzzogeton, what a name.");
    world.ask("Between us, my secret engine is called Zyzzogeton.", "what a name").await;
    world.read("notice-remembered", text).await;
    // An answer elsewhere that was given it; what it says itself stays.
    let sent = sent_for(&world, &stub, "What is the name of my secret engine?").await;
    assert!(sent.to_lowercase().contains(CANARY), "{sent}");
    let home = Home::of(&world);
    // The question, the answer and the memory.
    world.until("they are found by their meaning", async |_| (home.vectors() >= 3).then_some(())).await;
    assert!(!home.files_with(CANARY).is_empty());

    world.open_memory().await;
    world.click("memory-row").await;
    world.click("memory-forget").await;
    world.click("forget-what label:last-of-type").await;
    let plan = world.read("forget-plan", "1 chat").await;
    for part in ["2 messages", "1 memory", "2 reports of answers"] {
        assert!(plan.contains(part), "{part}: {plan}");
    }
    world.click("forget-sure").await;
    world.read("receipt", "1 chat").await;
    world.click("forgotten-close").await;
    world.see("memory-empty").await;
    lists(&world, "session-item", &["What is the name"]).await;
    assert_eq!(home.files_with(CANARY), Vec::<String>::new(), "while the window is open");
    assert_eq!(home.stray_vectors(), 0);

    world.reopen().await;
    world.open_memory().await;
    world.click("memory-menu").await;
    world.choose("Receipts").await;
    world.read("receipt", "1 chat").await;
    world.close().await;
    assert_eq!(home.files_with(CANARY), Vec::<String>::new(), "after it was closed");
}

#[tokio::test]
async fn what_was_learned_in_one_chat_is_given_to_the_model_in_another_also_when_it_is_asked_in_other_words() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.tell(&stub, HARP, &harp()).await;
    let home = Home::of(&world);
    world.until("it is found by its meaning", async |_| (home.vectors() >= 3).then_some(())).await;

    let sent = sent_for(&world, &stub, "Which stringed instruments are practised here?").await;
    assert!(sent.contains("Plays the harp"), "{sent}");
    world.click("why-toggle").await;
    let passage = "passage[data-source=memory]";
    world.read(passage, "Plays the harp").await;
    let why = world.read(&format!("{passage} [data-testid=signals]"), "Found by").await;
    assert!(why.contains("its meaning") && !why.contains("its words"), "{why}");
    world.click(passage).await;
    world.read("memory-text", "Plays the harp").await;
    world.read("memory-used", "1").await;
}

#[tokio::test]
async fn two_people_who_are_one_are_merged_and_separated_again() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let person = |name: &str| json!([{ "name": name, "relation": "sister" }]);
    let said = [("My sister Wilhelmina paints.", "Wilhelmina paints"), ("Our Minna sails.", "Minna sails")];
    for (sentence, text) in said {
        let name = text.split(' ').next().unwrap();
        world.tell(&stub, sentence, &learned("social", text, text, &person(name))).await;
    }
    world.open_memory().await;
    world.click("memory-tab-social").await;
    lists(&world, "person-row", &["Minna", "Wilhelmina"]).await;
    world.click("person-row:first-of-type").await;
    world.read("person-detail", "Minna sails").await;
    world.click("person-same").await;
    world.fill("person-same-field", "Wilhelmina").await;
    world.press(&Key::Enter.to_string()).await;
    lists(&world, "person-row", &["2 memories"]).await;
    lists(&world, "person-memories li", &["Minna sails", "Wilhelmina paints"]).await;
    world.click("person-separate").await;
    lists(&world, "person-row", &["1 memory", "1 memory"]).await;
    lists(&world, "person-memories li", &["Minna sails"]).await;
}

#[tokio::test]
async fn a_visitor_gets_nothing_of_it_until_the_owner_says_so() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.tell(&stub, HARP, &harp()).await;
    let home = Home::of(&world);
    world.until("it is found by its meaning", async |_| (home.vectors() >= 3).then_some(())).await;

    world.click("audience [data-value=visitor]").await;
    world.see("visitor-banner").await;
    let sent = sent_for(&world, &stub, "Does she play the harp?").await;
    assert!(!sent.contains("Plays the harp") && !sent.contains("Sundays"), "{sent}");
    world.open_memory().await;
    world.see("memory-empty").await;

    world.click("audience [data-value=owner]").await;
    world.open_memory().await;
    world.click("memory-row").await;
    world.click("memory-hear [data-value=visitor]").await;
    world.see("memory-hear [data-value=visitor][aria-checked=true]").await;
    world.click("nav-chat").await;
    world.click("audience [data-value=visitor]").await;
    world.see("visitor-banner").await;
    let sent = sent_for(&world, &stub, "Does she play the harp?").await;
    assert!(sent.contains("Plays the harp") && !sent.contains("Sundays"), "{sent}");
    world.open_memory().await;
    lists(&world, "memory-row", &["Plays the harp"]).await;
}
