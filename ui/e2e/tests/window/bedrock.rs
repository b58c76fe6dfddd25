//! Bedrock, spoken by MiniStack; its words, and the record of what was really sent, come from the stub behind it.

use twin_e2e::World;
use twin_e2e::ministack::Ministack;
use twin_e2e::stub::Stub;

const PRIVATE: &str = "The spare key lies under the third flowerpot.";

#[tokio::test]
async fn a_conversation_with_bedrock_sends_persona_and_history_and_nothing_private_to_a_visitor() {
    let mut world = World::plan()
        .with_environment("AWS_ACCESS_KEY_ID", "test")
        .with_environment("AWS_SECRET_ACCESS_KEY", "test")
        .prepare();
    let stub = Stub::start();
    let ministack = Ministack::start(world.desktop(), &stub).await;
    world.open().await;
    world.choose_bedrock(&ministack).await;
    fs_err::write(world.persona("private/house.md"), PRIVATE).unwrap();
    world.read("toast", "house.md").await;

    stub.answer("Good morning, I am the twin of Ada.");
    world.ask("Good morning. Who are you?", "Good morning, I am the twin of Ada.").await;
    stub.answer("You asked who I am.");
    world.ask("What did I just ask?", "You asked who I am.").await;

    let asked = stub.asked();
    let [first, second] = &asked[..] else { panic!("asked {} times", asked.len()) };
    assert!(first.system().contains("Countess of Lovelace"), "the facts are in the system prompt proper");
    assert!(first.system().contains(PRIVATE), "the owner's twin knows the owner's private files");
    assert_eq!(first.said_by("user"), ["Good morning. Who are you?"]);
    assert_eq!(second.said_by("user"), ["Good morning. Who are you?", "What did I just ask?"]);
    assert_eq!(second.said_by("assistant"), ["Good morning, I am the twin of Ada."]);

    // The same twin, shown to a visitor.
    world.click("audience [data-value=visitor]").await;
    world.see("visitor-banner").await;
    stub.answer("I do not know.");
    world.ask("Where is the spare key, and who asked you things today?", "I do not know.").await;
    let asked = stub.asked();
    let visitor = asked.last().unwrap();
    assert!(visitor.system().contains("Countess of Lovelace"));
    let sent = visitor.body.to_string();
    assert!(!sent.contains("flowerpot"), "a private file reached a visitor's context");
    assert!(!sent.contains("Good morning"), "what the owner said reached a visitor's context");
}

#[tokio::test]
async fn refused_credentials_say_the_cause_and_the_next_step() {
    // The stub's own ConverseStream: MiniStack accepts any credentials.
    let stub = Stub::start();
    let world = World::plan()
        .with_environment("AWS_ACCESS_KEY_ID", "wrong")
        .with_environment("AWS_SECRET_ACCESS_KEY", "wrong")
        .with_environment("AWS_ENDPOINT_URL", &stub.origin())
        .open()
        .await;
    world.choose_bedrock_by_chain().await;
    stub.refuse(403, "UnrecognizedClientException", "The security token included in the request is invalid.");
    world.say("Are you there?").await;
    let failure = world.read("failure-card", "refused").await;
    assert!(failure.contains("Try again"), "{failure}");

    stub.answer("Now I am.");
    world.click("try-again").await;
    world.read(twin_e2e::person::WHOLE_ANSWER, "Now I am.").await;
}
