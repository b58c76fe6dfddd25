use super::*;
use serde_json::json;
use twin_core::chat::MessagePart;
use twin_core::model::{Reasoning, ToolUse, Turn};

static LLAMA: LazyLock<ModelRef> = LazyLock::new(|| "openai:llama3.2:3b".parse().unwrap());

fn tool() -> ToolSpec {
    ToolSpec {
        name: "recall".to_owned(),
        description: "Looks things up.".to_owned(),
        input_schema: json!({ "type": "object" }),
    }
}

fn text(text: &str) -> MessagePart {
    MessagePart::Text { text: text.to_owned() }
}

fn thought(text: &str, signature: Option<&str>) -> MessagePart {
    MessagePart::Reasoning { text: text.to_owned(), signature: signature.map(str::to_owned), redacted: None }
}

fn called(id: &str, output: Option<&str>) -> MessagePart {
    MessagePart::Tool {
        id: id.to_owned(),
        name: "recall".to_owned(),
        input: format!(r#"{{"query":"{id}"}}"#),
        output: output.map(str::to_owned),
        is_error: false,
    }
}

fn answer(minute: i64, model: &ModelRef, parts: Vec<MessagePart>) -> Message {
    let words = parts.iter().filter_map(|part| match part {
        MessagePart::Text { text } => Some(text.as_str()),
        _ => None,
    });
    let content = words.collect::<Vec<_>>().join("\n\n");
    Message { parts, model: Some(model.clone()), ..message(minute, Role::Assistant, &content) }
}

/// What is sent to `model` for a question after this conversation.
fn sent_to(model: &ModelRef, history: &[Message], tools: &[ToolSpec]) -> Vec<Turn> {
    build(&ContextInput { history, model, tools, ..plain(&niamh()) }).request.turns
}

fn asks(words: &str) -> Turn {
    Turn { role: Role::User, content: vec![Block::Text(words.to_owned())] }
}

fn says(content: Vec<Block>) -> Turn {
    Turn { role: Role::Assistant, content }
}

fn gives(results: &[(&str, &str)]) -> Vec<Block> {
    let result = |(id, content): &(&str, &str)| Block::ToolResult {
        id: (*id).to_owned(),
        content: (*content).to_owned(),
        is_error: false,
    };
    results.iter().map(result).collect()
}

fn said_text(words: &str) -> Block {
    Block::Text(words.to_owned())
}

fn thinks(text: &str, signature: &str) -> Block {
    Block::Reasoning(Reasoning { text: text.to_owned(), signature: Some(signature.to_owned()), redacted: None })
}

fn calls(id: &str) -> Block {
    Block::ToolUse(ToolUse { id: id.to_owned(), name: "recall".to_owned(), input: json!({ "query": id }) })
}

/// With thoughts, two rounds of tools (the first with two calls at once), and words before, between and after.
fn long_answer(model: &ModelRef) -> Vec<Message> {
    let parts = vec![
        thought("I should look.", Some("seal 1")),
        text("Let me look."),
        called("a", Some("soup")),
        called("b", Some("bread")),
        // Newer models send only the seal.
        thought("", Some("seal 2")),
        called("c", Some("salt")),
        text("You had soup."),
    ];
    vec![message(1, Role::User, "What did I have?"), answer(2, model, parts)]
}

#[test]
fn a_model_gets_its_own_thoughts_and_tools_back_as_they_came() {
    let turns = sent_to(&CLAUDE, &long_answer(&CLAUDE), &[tool()]);
    assert_eq!(
        turns,
        [
            asks("What did I have?"),
            says(vec![thinks("I should look.", "seal 1"), said_text("Let me look."), calls("a"), calls("b")]),
            Turn { role: Role::User, content: gives(&[("a", "soup"), ("b", "bread")]) },
            says(vec![thinks("", "seal 2"), calls("c")]),
            Turn { role: Role::User, content: gives(&[("c", "salt")]) },
            says(vec![said_text("You had soup.")]),
            asks("What do you do?"),
        ]
    );
}

#[test]
fn another_model_gets_only_the_words() {
    let turns = sent_to(&LLAMA, &long_answer(&CLAUDE), &[tool()]);
    let words = says(vec![said_text("Let me look.\n\nYou had soup.")]);
    assert_eq!(turns, [asks("What did I have?"), words, asks("What do you do?")]);
}

#[test]
fn without_tools_on_offer_none_are_replayed() {
    let words = says(vec![said_text("Let me look."), said_text("You had soup.")]);
    let expected = [asks("What did I have?"), words, asks("What do you do?")];
    assert_eq!(sent_to(&CLAUDE, &long_answer(&CLAUDE), &[]), expected);

    // Nor are they offered to a model that has refused them.
    let niamh = niamh();
    let refused = Lessons::default().without(Feature::Tools);
    let (history, tools) = (long_answer(&CLAUDE), [tool()]);
    let built = build(&ContextInput { history: &history, tools: &tools, lessons: &refused, ..plain(&niamh) });
    assert_eq!((built.request.turns.as_slice(), built.request.tools.as_slice()), (&expected[..], &[][..]));
}

#[test]
fn thoughts_are_never_sent_with_a_gap_between_them() {
    let pure = |minute, words: &str| {
        let parts = vec![thought(words, Some(words)), text(words)];
        [message(minute, Role::User, words), answer(minute + 1, &CLAUDE, parts)]
    };
    let history = [pure(1, "first").to_vec(), long_answer(&CLAUDE), pure(7, "last").to_vec()].concat();
    let thoughts = |tools: Vec<ToolSpec>| {
        let turns = sent_to(&CLAUDE, &history, &tools);
        let text = |block: &Block| match block {
            Block::Reasoning(thought) => thought.signature.clone(),
            _ => None,
        };
        turns.iter().flat_map(|turn| &turn.content).filter_map(text).collect::<Vec<_>>()
    };
    assert_eq!(thoughts(vec![tool()]), ["first", "seal 1", "seal 2", "last"]);
    assert_eq!(thoughts(vec![]), ["last"], "the answer in between is sent without its tools");
}

#[test]
fn a_tool_that_was_stopped_does_not_poison_the_conversation() {
    let parts = vec![text("Let me look."), called("a", None)];
    let stopped = [message(1, Role::User, "one"), answer(2, &CLAUDE, parts)];
    let turns = sent_to(&CLAUDE, &stopped, &[tool()]);
    assert_eq!(turns, [asks("one"), says(vec![said_text("Let me look.")]), asks("What do you do?")]);

    // Stopped after its result: the result and the next question are one turn.
    let stopped = [message(1, Role::User, "one"), answer(2, &CLAUDE, vec![called("a", Some("soup"))])];
    let turns = sent_to(&CLAUDE, &stopped, &[tool()]);
    let mut last = gives(&[("a", "soup")]);
    last.push(said_text("What do you do?"));
    assert_eq!(turns, [asks("one"), says(vec![calls("a")]), Turn { role: Role::User, content: last }]);
}

#[test]
fn blank_and_broken_parts_are_left_out_or_made_whole() {
    let mut broken = called("a", Some("  "));
    if let MessagePart::Tool { input, .. } = &mut broken {
        *input = r#"{"query": "so"#.to_owned();
    }
    let parts = vec![thought("cut off", None), text(" \n"), broken, thought("and then", Some("seal"))];
    let turns = sent_to(&CLAUDE, &[message(1, Role::User, "one"), answer(2, &CLAUDE, parts)], &[tool()]);
    let call = ToolUse { id: "a".to_owned(), name: "recall".to_owned(), input: json!({}) };
    let mut last = gives(&[("a", "(It gave nothing.)")]);
    last.push(said_text("What do you do?"));
    let expected = [asks("one"), says(vec![Block::ToolUse(call)]), Turn { role: Role::User, content: last }];
    assert_eq!(turns, expected, "no thoughts without a seal, and none with nothing after them");
}

#[test]
fn tools_count_and_are_shown() {
    let niamh = niamh();
    let tools = [tool()];
    let with = build(&ContextInput { tools: &tools, ..plain(&niamh) });
    let without = build(&plain(&niamh));
    let part = part(&with, "recall");
    assert_eq!((part.kind, part.cacheable), (PartKind::Tools, true));
    assert_eq!(with.report.estimated_tokens, without.report.estimated_tokens + part.tokens);
    assert_eq!(with.request.tools, tools);
}

fn any_part() -> impl Strategy<Value = MessagePart> {
    let words = || "[ a-z\n]{0,60}";
    prop_oneof![
        3 => words().prop_map(|words| text(&words)),
        2 => (words(), any::<bool>()).prop_map(|(words, sealed)| thought(&words, sealed.then_some("seal"))),
        1 => Just(MessagePart::Reasoning { text: String::new(), signature: None, redacted: Some("QUJD".to_owned()) }),
        3 => (0..1_000, prop::option::of(words()))
            .prop_map(|(id, output)| called(&format!("call{id}"), output.as_deref())),
    ]
}

/// A message of a generated history: who wrote it, its words, its parts, its files (out, gone or there).
fn any_message() -> impl Strategy<Value = (bool, String, Vec<MessagePart>, Vec<(bool, bool)>)> {
    (
        any::<bool>(),
        "[ a-z\n]{0,300}",
        prop::collection::vec(any_part(), 0..8),
        prop::collection::vec(any::<(bool, bool)>(), 0..3),
    )
}

/// The ids of the calls in a turn.
fn used(turn: &Turn) -> Vec<&str> {
    let calls = turn.content.iter().filter_map(|block| match block {
        Block::ToolUse(call) => Some(call.id.as_str()),
        _ => None,
    });
    calls.collect()
}

/// The ids of the calls that a turn gives the results of.
fn answered(turn: &Turn) -> Vec<&str> {
    let results = turn.content.iter().filter_map(|block| match block {
        Block::ToolResult { id, .. } => Some(id.as_str()),
        _ => None,
    });
    results.collect()
}

proptest! {
    #[test]
    fn turns_alternate_nothing_is_blank_and_the_budget_holds(
        history in prop::collection::vec(any_message(), 0..20),
        own in any::<bool>(),
        offered in any::<bool>(),
        tokens in 900_u32..6_000,
    ) {
        let model = if own { &CLAUDE } else { &LLAMA };
        let messages: Vec<Message> = (0..)
            .zip(history)
            .map(|(minute, (user, words, parts, files))| {
                if user {
                    let file = |(left_out, gone): (bool, bool)| {
                        let attachment = super::attachment::attached(if gone { "gone" } else { "notes" }, "text/plain");
                        Attachment { left_out, ..attachment }
                    };
                    let attachments = files.into_iter().map(file).collect();
                    Message { attachments, ..message(minute, Role::User, &words) }
                } else {
                    answer(minute, model, parts)
                }
            })
            .collect();
        let files = super::attachment::files(&[("notes", "a few words of notes")]);
        let tools = if offered { vec![tool()] } else { Vec::new() };
        let niamh = niamh();
        let built = build(&ContextInput {
            history: &messages,
            files: &files,
            tools: &tools,
            budget: with_tokens(tokens),
            ..plain(&niamh)
        });
        let turns = &built.request.turns;
        prop_assert_eq!(turns.first().map(|turn| turn.role), Some(Role::User));
        prop_assert_eq!(turns.last().map(|turn| turn.role), Some(Role::User));
        prop_assert!(turns.windows(2).all(|pair| pair[0].role != pair[1].role));
        prop_assert!(turns.iter().all(|turn| !turn.content.is_empty()));
        for block in turns.iter().flat_map(|turn| &turn.content) {
            let blank = match block {
                Block::Text(text) | Block::ToolResult { content: text, .. } => text.trim().is_empty(),
                Block::Reasoning(reasoning) => reasoning.signature.is_none() && reasoning.redacted.is_none(),
                Block::Document { name, .. } => name.is_empty(),
                Block::Image { .. } | Block::ToolUse(_) => false,
            };
            prop_assert!(!blank, "{block:?}");
        }
        // Every call is answered in the next turn, and nothing else is.
        for pair in turns.windows(2) {
            prop_assert_eq!(used(&pair[0]), answered(&pair[1]));
        }
        prop_assert!(answered(&turns[0]).is_empty() && used(&turns[turns.len() - 1]).is_empty());
        prop_assert!(offered && own || turns.iter().all(|turn| used(turn).is_empty()));
        prop_assert!(built.report.estimated_tokens <= built.report.budget_tokens);
        let sum: u32 = built.report.parts.iter().map(|part| part.tokens).sum();
        prop_assert_eq!(built.report.estimated_tokens, sum);
    }
}
