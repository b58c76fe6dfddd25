//! A reply is text from outside: it may not do anything.

use serde_json::json;
use twin_e2e::World;
use twin_e2e::stub::Stub;

#[tokio::test]
async fn a_link_says_where_it_really_leads_before_it_is_followed() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    stub.answer("See [the bank](https://www.bank.example@thief.example/login).");
    world.ask("Where do I sign in?", "the bank").await;
    world.button("the bank").await.click().await.unwrap();
    let host = world.read("link-host", "thief.example").await;
    assert!(!host.contains("bank.example"), "{host}");
    world.button("Cancel").await.click().await.unwrap();
    world.gone("link-dialog").await;
    world.read("message", "the bank").await;
}

#[tokio::test]
async fn pictures_are_not_fetched_and_html_is_only_text() {
    let stub = Stub::start();
    let world = World::plan().open().await;
    world.choose_openai(&stub, None).await;
    let origin = stub.origin();
    stub.answer(&format!(
        "![chart]({origin}/markdown.png)\n\n\
         <img src=\"{origin}/html.png\" onerror=\"window.ran = true\">\n\n\
         <script>window.ran = true</script>\n\n\
         <iframe src=\"{origin}/frame\"></iframe>\n\n\
         <a href=\"{origin}/anchor\" ping=\"{origin}/ping\">anchor</a>\n\n\
         [script](javascript:window.ran=true) and the end."
    ));
    world.ask("Show me.", "and the end.").await;
    // A second whole round trip: by then anything that was to be fetched has been asked for.
    stub.answer("Nothing happened.");
    world.ask("What happened?", "Nothing happened.").await;

    let paths = stub.paths();
    assert!(paths.iter().all(|path| path == "/v1/chat/completions" || path == "/v1/models"), "{paths:?}");
    assert_eq!(world.run("return window.ran === undefined", vec![]).await, json!(true));
    assert_eq!(world.run("return Object.isFrozen(Object.prototype)", vec![]).await, json!(true));
    let script = "return document.querySelectorAll(\"[data-testid=message] :is(img, iframe, script, a)\").length";
    assert_eq!(world.run(script, vec![]).await, json!(0));
}
