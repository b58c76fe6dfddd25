//! Tokens and dollars.

use crate::testkit::{Home, Line, say};
use twin_core::chat::PathPlace;
use twin_core::model::{ModelEvent, ModelRef, StopReason, Usage};

const USED: Usage = Usage { input: 1_000_000, output: 100_000, cache_read: 500_000, cache_write: 0 };

fn priced() -> ModelRef {
    "bedrock:eu.acme.thinker-v1:0".parse().unwrap()
}

fn answer() -> Vec<Line> {
    vec![Line::Say("Yes."), Line::Event(ModelEvent::Usage(USED)), Line::End(StopReason::EndTurn)]
}

fn write_prices(home: &Home, text: &str) {
    fs_err::write(home.path().join("prices.json"), text).unwrap();
}

const PRICES: &str = r#"{ "as_of": "2026-11-01", "source": "https://acme.example/prices", "models": [
    { "match": "acme.thinker", "input": 2.0, "output": 10.0, "cache_read": 0.2 } ] }"#;

#[tokio::test]
async fn an_answer_a_session_and_a_month_have_their_cost() {
    let home = Home::new();
    let app = home.open();
    write_prices(&home, PRICES);
    home.answer(answer());
    let told = say(&app, None, "Hello", priced()).await;
    home.answer(answer());
    say(&app, Some(told.session), "Hello again", priced()).await;

    let path = app.session_path(told.session, PathPlace::End, 50).await.unwrap().messages;
    // 1 M at 2, 0.1 M at 10, 0.5 M at 0.2 dollars; the questions cost nothing of their own.
    let dollars = path.iter().map(|message| message.spend.as_ref().and_then(|spend| spend.dollars));
    assert_eq!(dollars.collect::<Vec<_>>(), [None, Some(3.1), None, Some(3.1)]);
    assert_eq!(path[1].spend.as_ref().unwrap().usage, USED);
    let total = app.usage_session(told.session).await.unwrap();
    assert_eq!((total.dollars, total.answers), (Some(6.2), 2));

    let months = app.usage_months().await.unwrap();
    assert_eq!(months.iter().map(|month| month.month.as_str()).collect::<Vec<_>>(), ["2026-11"]);
    assert_eq!((months[0].total.dollars, months[0].models[0].model.clone()), (Some(6.2), priced()));
}

#[tokio::test]
async fn the_price_of_a_model_that_nobody_listed_is_unknown_and_not_nothing() {
    let home = Home::new();
    let app = home.open();
    write_prices(&home, PRICES);
    home.answer(answer());
    let told = say(&app, None, "Hello", "bedrock:other.model-v1:0".parse::<ModelRef>().unwrap()).await;
    let total = app.usage_session(told.session).await.unwrap();
    assert_eq!((total.dollars, total.unpriced), (None, 1));
}

#[tokio::test]
async fn what_runs_on_this_machine_costs_nothing() {
    let home = Home::new();
    let app = home.open();
    home.answer(answer());
    let told = say(&app, None, "Hello", "openai:llama3.2".parse::<ModelRef>().unwrap()).await;
    let total = app.usage_session(told.session).await.unwrap();
    assert_eq!((total.dollars, total.unpriced), (Some(0.0), 0));
}

#[tokio::test]
async fn a_gateway_on_this_machine_costs_what_the_owner_wrote_down() {
    let home = Home::new();
    let app = home.open();
    write_prices(&home, PRICES);
    home.answer(answer());
    let told = say(&app, None, "Hello", "openai:acme.thinker".parse::<ModelRef>().unwrap()).await;
    assert_eq!(app.usage_session(told.session).await.unwrap().dollars, Some(3.1));
}

#[tokio::test]
async fn a_mistake_in_the_price_file_is_shown_with_its_line_and_the_shipped_list_is_used() {
    let home = Home::new();
    let app = home.open();
    write_prices(&home, "{\n  \"as_of\": \"2026-11-01\",\n  \"models\": [ oops ]\n}");
    let view = app.price_view().await.unwrap();
    assert!(!view.own);
    assert_eq!(view.problem.unwrap().line, 3);
    assert!(view.source.starts_with("https://"));
}

#[tokio::test]
async fn the_owners_price_file_begins_as_the_shipped_one_and_is_never_overwritten() {
    let home = Home::new();
    let app = home.open();
    let file = app.price_file().await.unwrap();
    assert!(app.price_view().await.unwrap().own);
    fs_err::write(&file, PRICES).unwrap();
    app.price_file().await.unwrap();
    assert_eq!(app.price_view().await.unwrap().source, "https://acme.example/prices");
}

#[tokio::test]
async fn months_go_back_as_far_as_something_was_used() {
    let home = Home::new();
    let app = home.open();
    home.answer(answer());
    say(&app, None, "Long ago", priced()).await;
    home.pass(24 * 70);
    home.answer(answer());
    say(&app, None, "Today", priced()).await;
    let months: Vec<String> = app.usage_months().await.unwrap().into_iter().map(|month| month.month).collect();
    assert_eq!(months, ["2027-01", "2026-11"], "a month without use is not shown");
}
