//! Choosing who answers, and what is seen of it.

use fantoccini::Locator;
use serde_json::{Value, json};
use std::io::Write as _;
use twin_e2e::World;
use twin_e2e::ministack::{Ministack, profile};
use twin_e2e::person::{HAIKU, QUESTION, WHOLE_ANSWER};
use twin_e2e::stub::Stub;

const PRICES: &str = r#"{
  "as_of": "2026-11-01",
  "source": "https://prices.example",
  "models": [{ "match": "nova-lite", "provider": "bedrock", "input": 1000, "output": 2000 }]
}"#;

/// A person whose AWS files name MiniStack in the profile `work`, with the window still closed.
async fn with_ministack(stub: &Stub, other_profiles: &str) -> (World, Ministack) {
    let world = World::plan().prepare();
    let ministack = Ministack::start(world.desktop(), stub).await;
    world.write(".aws/config", ministack.profile("work") + other_profiles);
    (world, ministack)
}

#[tokio::test]
async fn a_model_of_the_live_list_is_chosen_and_answers_and_its_cost_appears() {
    let stub = Stub::start();
    let (mut world, _ministack) = with_ministack(&stub, "").await;
    world.open().await;
    world.choose_profile("work").await;
    fs_err::write(world.home().join("prices.json"), PRICES).unwrap();

    world.click("model-chip").await;
    let listed = world.until("the live list is there", async |world| {
        let listed = world.texts("model-option").await;
        let is_listed = |name: &&str| listed.iter().any(|model| model.contains(name));
        ["Offline", "Claude 3.5 Sonnet v2", "Nova Pro", "Mistral Large"].iter().all(is_listed).then_some(listed)
    });
    let listed = listed.await;
    assert!(!listed.iter().any(|model| model.contains("Embeddings")), "only what can talk is listed: {listed:?}");
    assert_eq!(listed.iter().filter(|model| model.contains("Nova Pro")).count(), 1, "one entry a model: {listed:?}");
    world.fill("model-search", "nova lite").await;
    world.click("model-option[data-model='us.amazon.nova-lite-v1:0']").await;
    world.read("model-chip", "Nova Lite").await;

    stub.answer("I am Nova.");
    world.ask("Who are you?", "I am Nova.").await;
    assert_eq!(stub.asked()[0].body["model"], "us.amazon.nova-lite-v1:0");
    // 7 and 5 tokens, as the stub counts, at 1,000 and 2,000 dollars a million.
    world.read("spend", "$0.0170").await;
    world.read("answer-meta", "Nova Lite").await;

    // What was chosen is the session's: another one asks whom the settings say.
    world.click("new-chat").await;
    stub.answer("I am Claude.");
    world.ask("And you?", "I am Claude.").await;
    assert_eq!(stub.asked()[1].body["model"], HAIKU);
}

#[tokio::test]
async fn the_connection_test_ticks_its_steps_and_names_the_one_that_fails() {
    let stub = Stub::start();
    let (mut world, _ministack) = with_ministack(&stub, "").await;
    world.open().await;
    world.choose_profile("work").await;
    world.click("open-settings").await;
    stub.answer("yes");
    world.click("bedrock-test-run").await;
    for step in ["identity", "list", "invoke"] {
        world.see(&format!("test-step-{step}[data-state=passed]")).await;
    }
    world.read("test-step-identity", "arn:aws:iam::000000000000:root").await;
    world.read("test-step-list", "models").await;
    world.read("test-step-invoke", "for 12 tokens").await;

    // Answers are asked for elsewhere, where they are not allowed.
    world.click("bedrock-advanced summary").await;
    world.fill("bedrock-endpoint", &stub.origin()).await;
    let denied = "User: arn:aws:iam::1:user/ada is not authorized to perform: bedrock:InvokeModelWithResponseStream on resource: x";
    stub.refuse(403, "AccessDeniedException", denied);
    world.click("bedrock-test-run").await;
    world.see("test-step-invoke[data-state=failed]").await;
    world.see("test-step-identity[data-state=passed]").await;
    world.see("test-step-list[data-state=passed]").await;
    world.read("missing-action", "bedrock:InvokeModelWithResponseStream").await;
}

#[tokio::test]
async fn a_profile_of_the_aws_files_is_offered_chosen_and_used() {
    let stub = Stub::start();
    // Were it used instead, nobody would answer.
    let (mut world, _ministack) = with_ministack(&stub, &profile("elsewhere", "http://127.0.0.1:1")).await;
    world.open().await;
    world.click("choose-bedrock").await;
    world.see("bedrock-profiles [data-value=elsewhere]").await;
    assert!(world.shown("bedrock-profiles [data-state=checked]").await.is_none(), "of two none is chosen by itself");
    world.click("bedrock-profiles [data-value=work]").await;
    world.fill("bedrock-model", HAIKU).await;
    world.click("settings-save").await;
    stub.answer("Here.");
    world.ask("Are you there?", "Here.").await;
    assert_eq!(stub.asked().len(), 1);

    world.click("open-settings").await;
    let identity = world.read("aws-identity", "profile work").await;
    assert!(identity.contains("us-east-1") && identity.contains("MPLE"), "{identity}");
}

#[tokio::test]
async fn a_busy_provider_is_waited_for_in_sight() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.throttle(2);
    stub.answer("Now I have time.");
    world.say("Have you time?").await;
    world.read("waiting", "Trying again in").await;
    world.read(WHOLE_ANSWER, "Now I have time.").await;
    world.click("why-toggle").await;
    world.read("why-notes", "Asked again once").await;
    assert!(world.shown("failure-card").await.is_none());
    assert_eq!((stub.asked().len(), world.texts(QUESTION).await.len()), (2, 1));
}

#[tokio::test]
async fn waiting_for_a_busy_provider_can_be_stopped() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.throttle(100);
    world.say("Have you time?").await;
    world.click("waiting-stop").await;
    world.gone("waiting").await;
    assert_eq!(stub.asked().len(), 1);
    stub.answer("Now I have time.");
    world.ask("And now?", "Now I have time.").await;
}

#[tokio::test]
async fn another_model_answers_when_asked_to_and_the_answer_says_which() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    world.fall_back_to("other-model").await;
    stub.refuse(404, "model_not_found", "The model `stub-model` does not exist.");
    world.say("Are you there?").await;
    world.read("answer-with", "other-model").await;
    assert_eq!(stub.asked().len(), 1, "nobody else is asked by itself");

    stub.answer("I am.");
    world.click("answer-with").await;
    world.read(WHOLE_ANSWER, "I am.").await;
    world.read("answer-meta", "other-model").await;
    assert_eq!(stub.asked()[1].body["model"], "other-model");
    assert_eq!(world.texts(QUESTION).await, ["Are you there?"], "it was not asked twice");
}

#[tokio::test]
async fn an_answer_of_another_model_is_kept_beside_the_first() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("The first answer.");
    world.ask("Say something.", "The first answer.").await;
    stub.answer("The second answer.");
    world.pick("again-with", "other-model").await;
    world.read(WHOLE_ANSWER, "The second answer.").await;
    world.read("versions", "2 / 2").await;
    world.read("answer-meta", "other-model").await;
    assert_eq!(stub.asked()[1].body["model"], "other-model");

    world.button("Previous version").await.click().await.unwrap();
    world.read(WHOLE_ANSWER, "The first answer.").await;
    world.read("answer-meta", "stub-model").await;
}

#[tokio::test]
async fn an_image_goes_along_is_shown_and_can_be_left_out() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let file = world.write("mill.png", include_bytes!("mill.png"));
    world.upload("attach-input", &file).await;
    world.read("tray-file", "mill.png").await;
    stub.answer("A mill.");
    world.ask("What is this?", "A mill.").await;
    assert!(world.shown("tray-file").await.is_none(), "what was sent does not wait any more");
    assert_eq!(images(&stub.asked()[0].body).len(), 1);
    assert!(images(&stub.asked()[0].body)[0].starts_with("data:image/png;base64,iVBORw0KGgo"));
    assert!(!stub.asked()[0].body.to_string().contains("mill.png"), "a file's name is not the model's business");

    // Drawn, also after a restart.
    world.reopen().await;
    world.open_newest_session().await;
    world.see("sent-picture img").await;
    let size = world.run("return document.querySelector('[data-testid=sent-picture] img').naturalWidth", vec![]);
    assert_eq!(size.await, json!(2));

    stub.answer("Still a mill.");
    world.ask("And now?", "Still a mill.").await;
    assert_eq!(images(&stub.asked()[1].body).len(), 1, "it is part of the history");
    world.click("sent-file-menu").await;
    let item = world.client().wait().for_element(Locator::XPath("//*[@role='menuitem'][contains(., 'Leave out')]"));
    item.await.unwrap().click().await.unwrap();
    world.read("sent-file", "left out").await;
    // The menu gives the focus back once it has faded.
    world.settled().await;
    stub.answer("I see nothing.");
    world.ask("And without it?", "I see nothing.").await;
    assert_eq!(images(&stub.asked()[2].body), Vec::<String>::new());
}

fn images(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().into_iter().flatten();
    let parts = messages.flat_map(|message| message["content"].as_array().into_iter().flatten());
    parts.filter_map(|part| part["image_url"]["url"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn what_the_model_thinks_is_folded_away_above_its_answer() {
    let stub = Stub::start();
    let mut world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let gate = stub.answer_gated();
    world.say("When was I in Turin?").await;
    gate.think("She gave a lecture there.");
    world.read("reasoning", "Thinking").await;
    gate.say("In the autumn of 1840.");
    gate.end();
    let answer = world.read(WHOLE_ANSWER, "In the autumn of 1840.").await;
    assert!(!answer.contains("lecture"), "it is folded: {answer}");
    world.click("reasoning button").await;
    world.read("reasoning", "She gave a lecture there.").await;

    // Kept with the answer, and not given to the model as its words.
    world.reopen().await;
    world.open_newest_session().await;
    world.click("reasoning button").await;
    world.read("reasoning", "She gave a lecture there.").await;
    stub.answer("Yes.");
    world.ask("Are you sure?", "Yes.").await;
    assert_eq!(stub.asked()[1].said_by("assistant"), ["In the autumn of 1840."]);
}

#[tokio::test]
async fn a_model_that_looks_into_the_memory_is_seen_to_do_so() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.call("recall", json!({ "query": "mathematics" }));
    stub.answer("William Frend taught me.");
    world.ask("Who taught you?", "William Frend taught me.").await;
    world.read("tool", "mathematics").await;
    let asked = stub.asked();
    assert_eq!(asked.len(), 2);
    let given = asked[1].said_by("tool").concat();
    assert!(given.contains("William Frend"), "what was found goes back to the model: {given}");
}

#[tokio::test]
async fn a_server_on_this_machine_is_found_by_itself() {
    // LM Studio's.
    let Some(stub) = Stub::start_at(1234) else {
        let words = "\nleft out: somebody listens at port 1234, so a server cannot be found there\n";
        std::io::stderr().write_all(words.as_bytes()).unwrap();
        return;
    };
    let world = World::plan().open().await;
    world.click("choose-openai").await;
    let found = world.read("found-server", "127.0.0.1:1234").await;
    assert!(found.contains("lm-studio") && found.contains('2'), "{found}");
    world.click("found-server [data-testid=add-found]").await;
    world.click("openai-model").await;
    world.click("openai-model-option[data-value=other-model]").await;
    world.click("settings-save").await;
    stub.answer("Here.");
    world.ask("Are you there?", "Here.").await;
    assert_eq!(stub.asked()[0].body["model"], "other-model");
}
