use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

fn call(id: &str) -> Block {
    Block::ToolUse(ToolUse { id: id.to_owned(), name: "recall".to_owned(), input: json!({ "about": "Rome" }) })
}

fn result(id: &str, content: &str, is_error: bool) -> Block {
    Block::ToolResult { id: id.to_owned(), content: content.to_owned(), is_error }
}

fn thought(text: &str, signature: &str) -> Block {
    let signature = Some(signature.to_owned()).filter(|seal| !seal.is_empty());
    Block::Reasoning(Reasoning { text: text.to_owned(), signature, redacted: None })
}

fn user(content: Vec<Block>) -> Turn {
    Turn { role: Role::User, content }
}

fn twin(content: Vec<Block>) -> Turn {
    Turn { role: Role::Assistant, content }
}

/// Every rule that the list breaks, in words.
fn broken_rules(turns: &[Turn], tools: bool) -> Vec<&'static str> {
    let mut broken = Vec::new();
    let mut demand = |rule: &'static str, holds: bool| {
        if !holds {
            broken.push(rule);
        }
    };
    let is = |role: Role| move |turn: &Turn| turn.role == role;
    demand("first is the user's", turns.first().is_some_and(is(Role::User)));
    demand("last is the user's", turns.last().is_some_and(is(Role::User)));
    demand("roles alternate", turns.windows(2).all(|pair| pair[0].role != pair[1].role));
    let mut ids = HashSet::new();
    for (number, turn) in turns.iter().enumerate() {
        let before = number.checked_sub(1).map_or(&[][..], |before| &turns[before].content);
        let asked: Vec<&String> = before
            .iter()
            .filter_map(|block| match block {
                Block::ToolUse(tool) => Some(&tool.id),
                _ => None,
            })
            .collect();
        let given: Vec<&String> = turn
            .content
            .iter()
            .filter_map(|block| match block {
                Block::ToolResult { id, .. } => Some(id),
                _ => None,
            })
            .collect();
        let front = turn.content.iter().take_while(|block| matches!(block, Block::ToolResult { .. })).count();
        demand("every tool has its result", asked.iter().all(|id| given.contains(id)));
        demand("no other results", given.len() == asked.len() && given.iter().all(|id| asked.contains(id)));
        demand("results are in front", given.len() == front);
        demand("no turn is empty", !turn.content.is_empty());
        demand("thoughts are not the end", !matches!(turn.content.last(), Some(Block::Reasoning(_))));
        let mut uses_tools = false;
        for block in &turn.content {
            let of_twin = turn.role == Role::Assistant;
            match block {
                Block::Text(text) => demand("no text is blank", !is_blank(text)),
                Block::Image { .. } | Block::Document { .. } => demand("files are the user's", !of_twin),
                Block::Reasoning(thought) => {
                    demand("thoughts are the twin's", of_twin && is_sealed(thought));
                    demand("thoughts come before tools", !uses_tools);
                }
                Block::ToolUse(tool) => {
                    uses_tools = true;
                    demand("tools are on offer", tools && of_twin);
                    demand("ids are unique and legal", is_legal(&tool.id, "-_.:") && ids.insert(&tool.id));
                    demand("names are legal", is_legal(&tool.name, "-_"));
                    demand("arguments are an object", tool.input.is_object());
                }
                Block::ToolResult { content, .. } => {
                    demand("results are the user's", tools && !of_twin && !is_blank(content));
                }
            }
        }
    }
    broken
}

fn any_block() -> impl Strategy<Value = Block> {
    let words = prop_oneof![Just(String::new()), Just(" \n".to_owned()), "[a-z]{1,6}"];
    // Few ids, so that they meet; some that Bedrock takes for none.
    let id = prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just("call-1".to_owned()),
        Just(String::new()),
        Just("é x".to_owned())
    ];
    let seal = prop_oneof![Just(None), Just(Some(String::new())), Just(Some("c2VhbA==".to_owned()))];
    let input = prop_oneof![Just(json!({})), Just(Value::Null), Just(json!("half"))];
    prop_oneof![
        words.clone().prop_map(Block::Text),
        (words.clone(), seal.clone(), seal).prop_map(|(text, signature, redacted)| Block::Reasoning(Reasoning {
            text,
            signature,
            redacted
        })),
        (id.clone(), id.clone(), input).prop_map(|(id, name, input)| Block::ToolUse(ToolUse { id, name, input })),
        (id, words, any::<bool>()).prop_map(|(id, content, is_error)| Block::ToolResult { id, content, is_error }),
        Just(Block::Image { media_type: "image/png".to_owned(), bytes: vec![1].into() }),
    ]
}

fn any_turns() -> impl Strategy<Value = Vec<Turn>> {
    let role = prop_oneof![Just(Role::User), Just(Role::Assistant)];
    let turn = (role, prop::collection::vec(any_block(), 0..5)).prop_map(|(role, content)| Turn { role, content });
    prop::collection::vec(turn, 0..8)
}

proptest! {
    #[test]
    fn any_list_of_turns_becomes_one_that_bedrock_takes(turns in any_turns(), tools: bool) {
        let mended = repaired(&turns, tools);
        prop_assert_eq!(broken_rules(&mended, tools), Vec::<&str>::new(), "{:?}", mended);
        // What is right is left alone, and so what was mended once is.
        prop_assert_eq!(repaired(&mended, tools), mended);
    }

    #[test]
    fn no_word_of_a_list_is_lost(turns in any_turns(), tools: bool) {
        let texts = |turns: &[Turn]| {
            let blocks = turns.iter().flat_map(|turn| turn.content.clone());
            let added = [FILLER, GO_ON];
            blocks.filter(|block| matches!(block, Block::Text(text) if !is_blank(text) && !added.contains(&text.as_str()))).collect::<Vec<_>>()
        };
        prop_assert_eq!(texts(&repaired(&turns, tools)), texts(&turns));
    }
}

#[test]
fn a_legal_conversation_is_left_as_it_is() {
    let turns = [
        user(vec![text("Where was I?"), Block::Image { media_type: "image/png".to_owned(), bytes: vec![1].into() }]),
        twin(vec![thought("", "seal"), text("Let me look."), thought("hm", "seal"), call("a"), call("b")]),
        user(vec![result("b", "Rome", false), result("a", "nobody knows", true), text("and?")]),
        twin(vec![text("In Rome.")]),
        user(vec![text("Thanks.")]),
    ];
    assert_eq!(broken_rules(&turns, true), Vec::<&str>::new());
    assert_eq!(repaired(&turns, true), turns);
}

#[test]
fn a_tool_that_was_stopped_gets_a_result_that_says_so() {
    let turns = [
        user(vec![text("Where was I?")]),
        twin(vec![call("a"), call("b")]),
        user(vec![text("never mind"), result("b", " ", false)]),
    ];
    let last = user(vec![result("b", NOTHING, false), result("a", NOT_RUN, true), text("never mind")]);
    assert_eq!(repaired(&turns, true)[2], last);
}

#[test]
fn a_result_that_nobody_asked_for_is_left_out() {
    let turns = [
        user(vec![text("hi"), result("x", "42", false)]),
        twin(vec![text("hello")]),
        user(vec![result("y", "43", false), text("bye")]),
    ];
    assert_eq!(repaired(&turns, true), [user(vec![text("hi")]), twin(vec![text("hello")]), user(vec![text("bye")])]);
}

#[test]
fn the_same_id_twice_becomes_two() {
    let turns = [
        user(vec![text("hi")]),
        twin(vec![call("a")]),
        user(vec![result("a", "one", false)]),
        twin(vec![call("a"), call("a")]),
        user(vec![result("a", "two", false), result("a", "three", false)]),
    ];
    let mended = repaired(&turns, true);
    assert_eq!(mended[3], twin(vec![call("call-2"), call("call-3")]));
    assert_eq!(mended[4], user(vec![result("call-2", "two", false), result("call-3", "three", false)]));
}

#[test]
fn without_tools_on_offer_their_blocks_are_left_out_and_the_words_stay() {
    let turns = [
        user(vec![text("Where was I?")]),
        twin(vec![thought("hm", "seal"), call("a")]),
        user(vec![result("a", "Rome", false)]),
        twin(vec![text("In Rome.")]),
        user(vec![text("Thanks.")]),
    ];
    let plain = [user(vec![text("Where was I?")]), twin(vec![text("In Rome.")]), user(vec![text("Thanks.")])];
    assert_eq!(repaired(&turns, false), plain);
}

#[test]
fn thoughts_without_a_seal_or_without_an_answer_are_left_out() {
    let turns = [
        user(vec![text("hi")]),
        twin(vec![thought("an open model's", ""), text("hello")]),
        user(vec![text("and?")]),
        twin(vec![thought("cut off", "seal")]),
    ];
    assert_eq!(repaired(&turns, true), [user(vec![text("hi")]), twin(vec![text("hello")]), user(vec![text("and?")])]);
}

#[test]
fn an_empty_list_and_one_of_the_twins_words_alone_can_be_sent() {
    assert_eq!(repaired(&[], true), [user(vec![text(FILLER)])]);
    assert_eq!(
        repaired(&[twin(vec![text("Hello!")])], true),
        [user(vec![text(FILLER)]), twin(vec![text("Hello!")]), user(vec![text(GO_ON)])]
    );
}
