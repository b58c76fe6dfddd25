use super::*;
use proptest::prelude::*;
use serde_json::json;

fn add() -> Value {
    json!({ "op": "add", "kind": "semantic", "text": "Lives in Bath", "topic": "home", "people": [],
            "quote": "I live in Bath", "message": 1, "importance": 4, "basis": "stated" })
}

#[test]
fn every_operation_is_read() {
    let with = |op: &str| {
        let mut value = add();
        value["op"] = json!(op);
        value["memory"] = json!(2);
        value
    };
    let acts = ["add", "supersede", "correct", "contradict", "retract", "confirm"];
    let input = json!({ "operations": acts.map(with), "summary": " They talked of home. " });
    let Proposal { operations, summary } = parse(&input);
    assert_eq!(summary.as_deref(), Some("They talked of home."));
    let statement = Statement {
        kind: MemoryKind::Semantic,
        text: "Lives in Bath".to_owned(),
        topic: "home".to_owned(),
        people: Vec::new(),
        importance: 4,
        valid_from: None,
        valid_until: None,
        basis: Some(Basis::Stated),
    };
    let read: Vec<Act> = operations.iter().map(|operation| operation.act.clone()).collect();
    let expected = [
        Act::Add(statement.clone()),
        Act::Supersede(2, statement.clone()),
        Act::Correct(2, statement.clone()),
        Act::Contradict(2, statement),
        Act::Retract(2),
        Act::Confirm(2),
    ];
    assert_eq!(read, expected);
    assert!(operations.iter().all(|operation| operation.message == 1 && operation.quote == "I live in Bath"));
}

#[test]
fn one_bad_operation_does_not_stop_the_rest() {
    let bad = [
        json!(null),
        json!("add"),
        json!([]),
        json!({}),
        json!({ "op": "obey" }),
        json!({ "op": "retract", "message": 1 }),
        json!({ "op": "retract", "memory": -1, "message": 1 }),
        json!({ "op": "add", "kind": "secret", "message": 1 }),
        json!({ "op": "add", "kind": "semantic", "text": "no message" }),
    ];
    let operations: Vec<Value> = bad.into_iter().chain([add()]).collect();
    assert_eq!(parse(&json!({ "operations": operations })).operations.len(), 1);
}

#[test]
fn sloppy_spellings_are_read() {
    let sloppy = json!({ "op": "ADD", "kind": "Social", "text": "t", "message": "[1]", "importance": 99.0,
                         "people": "Tom", "basis": "STATED", "quote": 3 });
    let read = parse(&sloppy);
    let Act::Add(statement) = &read.operations[0].act else { panic!("{read:?}") };
    assert_eq!(statement.importance, 5);
    assert_eq!(statement.people, [Named { name: "Tom".to_owned(), relation: String::new() }]);
    assert_eq!(statement.basis, Some(Basis::Stated));
    assert_eq!(read.operations[0].message, 1);
    for wrapped in
        [json!([add()]), json!(json!([add()]).to_string()), json!({ "operations": json!([add()]).to_string() })]
    {
        assert_eq!(parse(&wrapped).operations.len(), 1, "{wrapped}");
    }
}

#[test]
fn at_most_twelve_are_read() {
    assert_eq!(parse(&json!({ "operations": vec![add(); 20] })).operations.len(), 12);
}

#[test]
fn json_is_found_in_prose() {
    let answer = format!("Here [1], {{as asked}}:\n```json\n{}\n```\nAll.", json!({ "operations": [add()] }));
    assert_eq!(from_text(&answer).operations.len(), 1);
    assert_eq!(from_text("I shall remember that you live in Bath."), Proposal::default());
    assert_eq!(from_text("{\"operations\": [{\"op\": \"add\", "), Proposal::default());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["add", "retract", "semantic", "stated", "1"]).prop_map(Value::from),
    ];
    let names =
        vec!["operations", "op", "kind", "text", "people", "message", "memory", "quote", "basis", "summary", "name"];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let names = prop::sample::select(names.clone()).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(names, inner, 0..10).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_is_too_odd(value in any_json(), text in "[{\\[\"a-z:,\\]} \\\\]{0,60}") {
        parse(&value);
        from_text(&value.to_string());
        from_text(&text);
    }
}
