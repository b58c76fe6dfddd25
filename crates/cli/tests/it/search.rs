//! `twin search`.

use crate::Twin;
use serde_json::Value;

fn said(found: &Value) -> Vec<String> {
    let text = |hit: &Value| {
        let pieces = hit["snippet"].as_array().unwrap();
        pieces.iter().map(|piece| piece["text"].as_str().unwrap()).collect::<String>()
    };
    found["hits"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn what_was_said_is_found_by_the_beginning_of_a_word() {
    let twin = Twin::new();
    let first = twin.json(&["chat", "--json", "My greyhound is called Eustace"]);
    let session = first["session_id"].as_str().unwrap();
    twin.text(&["chat", "Greyhounds run fast <b>really</b>"]);
    twin.text(&["chat", "--audience", "visitor", "I fear greyhounds"]);

    let newest = twin.json(&["search", "--json", "greyh"]);
    assert_eq!(said(&newest), ["Greyhounds run fast <b>really</b>", "My greyhound is called Eustace"]);
    let hits: Vec<&Value> = newest["hits"][1]["snippet"].as_array().unwrap().iter().collect();
    assert!(
        hits.iter().any(|piece| piece["hit"] == true && piece["text"].as_str().unwrap().trim() == "greyhound"),
        "{hits:?}"
    );
    let oldest = said(&twin.json(&["search", "--json", "--order", "oldest", "--limit", "1", "greyh"]));
    assert_eq!(oldest, ["My greyhound is called Eustace"]);
    assert_eq!(said(&twin.json(&["search", "--json", "--session", session, "greyh"])), oldest);
    assert_eq!(said(&twin.json(&["search", "--json", "--audience", "visitor", "greyh"])), ["I fear greyhounds"]);
    assert_eq!(said(&twin.json(&["search", "--json", "--from", "2020-01-01", "greyh"])).len(), 2);
    assert!(said(&twin.json(&["search", "--json", "--before", "2020-01-01T00:00:00Z", "greyh"])).is_empty());

    let text = twin.text(&["search", "eustace greyhound"]);
    assert!(text.contains(session) && text.contains("you: My greyhound is called Eustace"), "{text}");
    assert_eq!(twin.text(&["search", "zorblax"]), "Nothing was found.\n");
    let output = twin.run(&["search", "--limit", "1", "greyh"]);
    assert!(String::from_utf8(output.stderr).unwrap().contains("--limit"), "that there is more is told");
}
