use super::*;

#[rstest]
#[case("offline", 1_000_000)]
#[case("openai:llama3.2:3b", 8_192)]
#[case("bedrock:meta.llama3-70b-instruct-v1:0", 100_000)]
fn a_budget_follows_the_provider(#[case] model: &str, #[case] context_tokens: u32) {
    let budget = Budget::for_model(&model.parse().unwrap(), &NO_LESSONS, Effort::Unset);
    assert_eq!(budget.context_tokens, context_tokens);
}

#[test]
fn what_a_model_has_said_of_its_limits_rules() {
    let of = |lessons: &Lessons, effort| Budget::for_model(&CLAUDE, lessons, effort);
    let learned =
        |context_tokens, max_output_tokens| Lessons { context_tokens, max_output_tokens, ..Lessons::default() };
    let budget = |context_tokens, max_output_tokens| Budget { context_tokens, max_output_tokens };
    assert_eq!(of(&learned(Some(200_000), None), Effort::Unset), budget(200_000, 4_096));
    assert_eq!(
        of(&learned(Some(4_000), None), Effort::High),
        budget(4_000, 2_000),
        "half of it stays for the question"
    );
    assert_eq!(of(&learned(None, Some(2_048)), Effort::High), budget(100_000, 2_048));
    assert_eq!(
        of(&learned(None, Some(64_000)), Effort::Unset),
        budget(100_000, 4_096),
        "quotas reserve what is allowed"
    );
}

#[test]
fn thoughts_get_room_of_their_own() {
    let answer = |lessons: &Lessons, effort| Budget::for_model(&CLAUDE, lessons, effort).max_output_tokens;
    let seen = Lessons { reasons: true, ..Lessons::default() };
    let unset = answer(&NO_LESSONS, Effort::Unset);
    let efforts = [Effort::Low, Effort::Medium, Effort::High].map(|effort| answer(&NO_LESSONS, effort));
    assert!(unset < efforts[0] && efforts.is_sorted_by(|one, next| one < next), "{unset} {efforts:?}");
    assert!(answer(&seen, Effort::Unset) > unset, "it thinks by itself");
}

#[test]
fn a_conversation_that_is_too_long_is_sent_again_shorter_until_only_the_question_is_left() {
    let history: Vec<Message> = (0..20)
        .map(|index| {
            let role = if index % 2 == 0 { Role::User } else { Role::Assistant };
            message(index, role, &format!("{index} {}", "word ".repeat(200)))
        })
        .collect();
    let niamh = niamh();
    let ask = |budget: Option<Budget>| {
        built(&niamh, Audience::Owner, |input| {
            input.history = &history;
            input.budget = budget.unwrap_or(input.budget);
        })
    };
    let mut sent = ask(None);
    assert_eq!(sent.messages_left_out, 0);
    let mut steps = 0;
    while let Some(budget) = sent.tighter() {
        let next = ask(Some(budget));
        assert!(next.report.estimated_tokens <= sent.report.estimated_tokens * 6 / 10 + 1 || next.tighter().is_none());
        assert!(next.messages_left_out >= sent.messages_left_out);
        assert_eq!(next.request.max_output_tokens, sent.request.max_output_tokens);
        (sent, steps) = (next, steps + 1);
    }
    assert!((2..20).contains(&steps), "{steps}");
    assert_eq!(sent.messages_left_out, 20);
    assert_eq!(spoken(&sent), [(Role::User, "What do you do?".to_owned())]);
}
