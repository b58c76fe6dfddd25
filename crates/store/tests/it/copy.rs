//! Forgetting what was copied, quoted, or typed and not sent.

use crate::forget::{CANARY, holding};
use crate::support::Fixture;
use twin_core::chat::{Audience, Message, PathPlace, Session};
use twin_core::id::SessionId;
use twin_core::memory::{ForgetScope, Unsent};

/// A chat of two turns, the second with the canary, a fork at its end and a fork of that, each of which went on.
struct Forked {
    fixture: Fixture,
    first: Session,
    plain: Message,
    said: Message,
    forks: [Session; 2],
}

fn forked() -> Forked {
    let fixture = Fixture::new();
    let first = fixture.session("A chat", Audience::Owner);
    let (plain, answered) = fixture.turn(&first, true, "I like rain", "Rain, then.");
    let (said, end) =
        fixture.turn_in(&first, Some(answered.id), &format!("My cat is called {CANARY}"), &format!("Hello {CANARY}"));
    let fork = fixture.store.session_fork(first.id, end.id).unwrap();
    let (_, end) = fixture.turn_in(&fork, fork.head, "And the weather?", "Rain.");
    let second = fixture.store.session_fork(fork.id, end.id).unwrap();
    fixture.turn_in(&second, second.head, "Anything else?", "No.");
    Forked { fixture, first, plain, said, forks: [fork, second] }
}

fn shown(fixture: &Fixture, session: SessionId) -> Vec<String> {
    let path = fixture.store.session_path(session, &PathPlace::End, 50).unwrap();
    path.messages.into_iter().map(|(message, _)| message.content).collect()
}

#[test]
fn a_message_goes_with_its_copies_and_what_follows_them() {
    let Forked { fixture, first, said, forks, .. } = forked();
    let scope = ForgetScope::Message { id: said.id };
    let plan = fixture.store.forget_plan(&scope).unwrap();
    // Two of the first chat, two copies with two more in its fork, and in the fork of that the copies of these with two more.
    assert_eq!((plan.sessions, plan.messages, plan.copies), (0, 2 + 4 + 6, 4 + 6));
    assert_eq!(fixture.store.forget(&scope).unwrap().reach, plan);
    assert_eq!(holding(&fixture), [""; 0]);
    for session in [first.id, forks[0].id, forks[1].id] {
        assert_eq!(shown(&fixture, session), ["I like rain", "Rain, then."]);
    }
}

#[test]
fn a_message_of_a_fork_goes_where_it_was_copied_from_as_well() {
    let Forked { fixture, first, forks, .. } = forked();
    let copy = fixture.store.message_list(forks[1].id).unwrap().remove(2);
    let reach = fixture.store.forget(&ForgetScope::Message { id: copy.id }).unwrap().reach;
    assert_eq!((reach.messages, reach.copies), (12, 6));
    assert_eq!(holding(&fixture), [""; 0]);
    assert_eq!(shown(&fixture, first.id), ["I like rain", "Rain, then."]);
}

#[test]
fn a_chat_goes_with_what_was_copied_out_of_it_and_what_the_copies_went_on_with_stays() {
    let Forked { fixture, first, forks, .. } = forked();
    let scope = ForgetScope::Session { id: first.id };
    let plan = fixture.store.forget_plan(&scope).unwrap();
    assert_eq!((plan.sessions, plan.messages, plan.copies), (1, 12, 8));
    fixture.store.forget(&scope).unwrap();
    assert_eq!(holding(&fixture), [""; 0]);
    assert_eq!(shown(&fixture, forks[0].id), ["And the weather?", "Rain."]);
    assert_eq!(shown(&fixture, forks[1].id), ["And the weather?", "Rain.", "Anything else?", "No."]);

    let before = shown(&fixture, forks[1].id);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(shown(&fixture, forks[1].id), before);
}

#[test]
fn a_chat_that_was_copied_itself_takes_nothing_of_the_first_one_along() {
    let Forked { fixture, first, forks, .. } = forked();
    let reach = fixture.store.forget(&ForgetScope::Session { id: forks[0].id }).unwrap().reach;
    // Its six, and the copies of all of them in its own fork.
    assert_eq!((reach.sessions, reach.messages, reach.copies), (1, 12, 6));
    assert_eq!(shown(&fixture, first.id).len(), 4);
    assert_eq!(shown(&fixture, forks[1].id), ["Anything else?", "No."]);
}

#[test]
fn copies_are_found_also_where_what_they_were_forked_at_is_gone_or_deleted() {
    let Forked { fixture, plain, forks, first, .. } = forked();
    fixture.set_deleted(forks[1].id, true).unwrap();
    // Both forks began at the end of another one, which goes alone with its time.
    for session in [first.id, forks[0].id] {
        let end = fixture.store.message_list(session).unwrap().pop().unwrap();
        let before = twin_core::time::Timestamp::from_millis(end.created_at.as_millis() + 1);
        fixture.store.forget(&ForgetScope::Span { from: end.created_at, before }).unwrap();
    }
    let reach = fixture.store.forget(&ForgetScope::Message { id: plain.id }).unwrap().reach;
    assert!(reach.copies > reach.messages / 2, "{reach:?}");
    for text in ["rain", "cat"] {
        assert!(fixture.store.message_find(&crate::find::query(text)).unwrap().hits.is_empty(), "{text}");
    }
    fixture.set_deleted(forks[1].id, false).unwrap();
    assert!(!shown(&fixture, forks[1].id).contains(&"I like rain".to_owned()));
}

#[test]
fn the_same_words_of_another_chat_are_no_copy() {
    let Forked { fixture, said, .. } = forked();
    let other = fixture.session("Other", Audience::Owner);
    let text = &said.content;
    fixture.turn(&other, true, text, "I know.");
    fixture.turn(&other, false, &format!("As I said: “{}!”", text.to_uppercase()), "Yes.");
    let plan = fixture.store.forget_plan(&ForgetScope::Message { id: said.id }).unwrap();
    assert_eq!((plan.messages, plan.quotes), (12, 2), "they stay, and are told");
    fixture.store.forget(&ForgetScope::Message { id: said.id }).unwrap();
    assert_eq!(shown(&fixture, other.id).len(), 4);
}

#[test]
fn drafts_that_quote_what_goes_are_named_and_others_are_not() {
    let fixture = Fixture::new();
    let session = fixture.session("A chat", Audience::Owner);
    let (_, hello) = fixture.turn(&session, true, "Hello", "How are you today, my friend?");
    let long = "My cat is called Bella and she sleeps in the red chair all day";
    let (said, _) = fixture.turn(&session, false, long, "Ok");
    fixture.learn(&said, "Bella has three legs");
    fixture.turn(&session, false, "我们的猫今天在红色的椅子上睡觉", "Ok");
    let typed = |text: &str| Unsent { text: text.to_owned(), edits: None };
    let drafts = [
        typed("You wrote that SHE sleeps in the red chair. Why?"),
        typed("The red chair is mine, and she sleeps well"),
        typed("Ok"),
        typed("Ok, then another question"),
        typed("her name: bella has three legs"),
        typed("猫今天在红色的椅子上？"),
        typed("红色的椅子"),
        Unsent { text: "nothing of it".to_owned(), edits: Some(said.id) },
        Unsent { text: "nothing of it".to_owned(), edits: Some(hello.id) },
        typed("How are you today?"),
    ];
    let scope = ForgetScope::Message { id: said.id };
    assert_eq!(fixture.store.forget_drafts(&scope, &drafts).unwrap(), [0, 2, 4, 5, 7]);
    let whole = ForgetScope::Session { id: session.id };
    assert_eq!(fixture.store.forget_drafts(&whole, &drafts).unwrap(), [0, 2, 4, 5, 7, 8]);
    assert_eq!(fixture.store.forget_drafts(&whole, &[]).unwrap(), [0; 0]);
    assert_eq!(fixture.store.info().unwrap().messages, 6, "nothing is changed");
}
