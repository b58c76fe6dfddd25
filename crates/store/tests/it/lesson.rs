//! What models have taught.

use crate::support::Fixture;
use twin_core::model::{Feature, Lessons, ModelRef};

#[test]
fn what_a_model_has_taught_is_known_after_a_restart_until_it_is_forgotten() {
    let fixture = Fixture::new();
    let [first, second] = [ModelRef::bedrock("some.model-v1:0"), ModelRef::openai("llama3.2:3b")];
    let server = ModelRef { server: Some("desk".to_owned()), ..second.clone() };
    let lessons = Lessons {
        called: Some("eu.some.model-v1:0".to_owned()),
        max_output_tokens: Some(4_096),
        caches: true,
        ..Lessons::default().without(Feature::Images).without(Feature::ToolsWhileStreaming)
    };
    fixture.store.lessons_put(&first, &Lessons::default()).unwrap();
    fixture.store.lessons_put(&first, &lessons).unwrap();
    fixture.store.lessons_put(&second, &Lessons::default()).unwrap();
    fixture.store.lessons_put(&server, &Lessons::default()).unwrap();

    let fixture = fixture.reopen();
    let all = fixture.store.lessons_all().unwrap();
    assert_eq!(all["bedrock:some.model-v1:0"], lessons);
    assert_eq!(all.keys().collect::<Vec<_>>(), [&first, &second, &server].map(ToString::to_string).each_ref());
    assert_eq!(fixture.store.info().unwrap().records, 0, "they stay on this device");

    fixture.store.lessons_forget().unwrap();
    assert!(fixture.store.lessons_all().unwrap().is_empty());
}

#[test]
fn lessons_that_cannot_be_read_do_not_hide_the_others() {
    let fixture = Fixture::new();
    fixture.store.lessons_put(&ModelRef::openai("known"), &Lessons::default()).unwrap();
    fixture
        .raw()
        .execute_batch(
            r#"INSERT INTO model_lessons VALUES ('openai:broken', '{'), ('openai:newer', '{"refused":["dreams"]}')"#,
        )
        .unwrap();
    assert_eq!(fixture.store.lessons_all().unwrap().keys().collect::<Vec<_>>(), ["openai:known"]);
}
