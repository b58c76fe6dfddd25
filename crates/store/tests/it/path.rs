//! The branch that a session shows.

use crate::support::{Fixture, attached, finished};
use proptest::prelude::*;
use twin_core::chat::{Audience, Message, MessageStatus, PathPlace, Role, Session};
use twin_core::id::MessageId;
use twin_store::{ReplyDraft, StoreError, StoredPath, TurnBegin};

fn whole(fixture: &Fixture, session: &Session) -> StoredPath {
    fixture.store.session_path(session.id, &PathPlace::End, 1_000).unwrap()
}

fn contents(path: &StoredPath) -> Vec<&str> {
    path.messages.iter().map(|(message, _)| message.content.as_str()).collect()
}

/// Begins another answer to `question`.
fn answer_again(fixture: &Fixture, question: &Message) -> ReplyDraft {
    let reply = fixture.draft(question);
    let turn = TurnBegin { session: None, user_message: None, blobs: Vec::new(), reply: reply.clone() };
    fixture.store.turn_begin(&turn).unwrap();
    reply
}

#[test]
fn a_long_branch_read_in_pages_is_the_whole_branch() {
    let fixture = Fixture::new();
    let session = fixture.session("Long", Audience::Owner);
    let mut messages: Vec<Message> = Vec::new();
    for number in 0..10_000 {
        let parent = messages.last().map(|last| last.id);
        messages.push(fixture.user(session.id, parent, &format!("message {number}")));
    }
    fixture.store.session_import(&session, &messages).unwrap();

    let end = fixture.store.session_path(session.id, &PathPlace::End, 50).unwrap();
    assert_eq!((end.leaf, end.total, end.start), (Some(messages[9_999].id), 10_000, 9_950));
    let mut read = Vec::new();
    while read.len() < messages.len() {
        let place = PathPlace::From { index: u32::try_from(read.len()).unwrap() };
        let page = fixture.store.session_path(session.id, &place, 999).unwrap();
        assert_eq!((page.leaf, page.total, page.start as usize), (end.leaf, 10_000, read.len()));
        read.extend(page.messages.into_iter().map(|(message, _)| message));
    }
    assert_eq!(read, fixture.store.message_path(messages[9_999].id).unwrap());
    assert_eq!(read, messages);

    let around = PathPlace::Around { message: messages[5_000].id };
    let middle = fixture.store.session_path(session.id, &around, 11).unwrap();
    assert_eq!((middle.start, &middle.messages[5].0), (4_995, &messages[5_000]));
    // At either end as many as elsewhere.
    for (message, start) in [(0, 0), (3, 0), (9_999, 9_989)] {
        let around = PathPlace::Around { message: messages[message].id };
        let page = fixture.store.session_path(session.id, &around, 11).unwrap();
        assert_eq!((page.start, page.messages.len()), (start, 11));
    }
}

#[test]
fn an_empty_session_and_a_place_behind_the_end_have_no_messages() {
    let fixture = Fixture::new();
    let session = fixture.session("Empty", Audience::Owner);
    fixture.store.session_import(&session, &[]).unwrap();
    let nothing = StoredPath { leaf: None, total: 0, start: 0, messages: Vec::new() };
    for place in [PathPlace::End, PathPlace::From { index: 7 }] {
        assert_eq!(fixture.store.session_path(session.id, &place, 50).unwrap(), nothing);
    }
    let (_, answer) = {
        let question = fixture.user(session.id, None, "one");
        fixture.store.session_import(&session, std::slice::from_ref(&question)).unwrap();
        (question.clone(), finished(&answer_again(&fixture, &question), "two"))
    };
    fixture.store.reply_finish(&answer, None).unwrap();
    let behind = fixture.store.session_path(session.id, &PathPlace::From { index: 7 }, 50).unwrap();
    assert_eq!(behind, StoredPath { leaf: Some(answer.id), total: 2, start: 2, messages: Vec::new() });
}

#[test]
fn what_stands_in_the_same_place_is_told_without_attempts_that_brought_nothing() {
    let fixture = Fixture::new();
    let session = fixture.session("Versions", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let failed =
        Message { status: MessageStatus::Interrupted, ..finished(&answer_again(&fixture, &question), " \u{A0}\n\t") };
    fixture.store.reply_finish(&failed, None).unwrap();
    let second = finished(&answer_again(&fixture, &question), "another two");
    fixture.store.reply_finish(&second, None).unwrap();
    // One that says nothing, but brings a file; and one of somebody else: it could not be reached otherwise.
    let (edited, _) = attached(fixture.clock.as_ref(), fixture.user(session.id, None, ""), b"a picture");
    let odd = Message { role: Role::Assistant, ..fixture.user(session.id, None, "I begin") };
    fixture.store.session_import(&session, &[edited.clone(), odd.clone()]).unwrap();

    fixture.store.session_show(session.id, first.id).unwrap();
    let path = whole(&fixture, &session);
    assert_eq!(path.leaf, Some(first.id));
    assert_eq!(path.messages[0], (question.clone(), vec![question.id, edited.id, odd.id]));
    assert_eq!(path.messages[1], (first.clone(), vec![first.id, second.id]));
    // It is told of itself.
    fixture.store.session_show(session.id, failed.id).unwrap();
    assert_eq!(whole(&fixture, &session).messages[1].1, [first.id, failed.id, second.id]);
}

#[test]
fn a_growing_reply_is_the_last_message_until_another_branch_is_chosen() {
    let fixture = Fixture::new();
    let session = fixture.session("Growing", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let draft = answer_again(&fixture, &question);
    let path = whole(&fixture, &session);
    assert_eq!((path.leaf, path.total, contents(&path)), (Some(draft.id), 2, vec!["one", ""]));
    assert_eq!(path.messages[1].0.status, MessageStatus::Streaming);
    assert_eq!(path.messages[1].1, [first.id, draft.id]);
    let around = PathPlace::Around { message: draft.id };
    assert_eq!(fixture.store.session_path(session.id, &around, 1).unwrap().messages[0].0.id, draft.id);

    // A first word makes it a version for the others, too.
    assert_eq!(fixture.store.session_show(session.id, first.id).unwrap(), first.id);
    assert_eq!(whole(&fixture, &session).messages[1].1, [first.id]);
    fixture.store.reply_grow(draft.id, "an", &[]).unwrap();
    assert_eq!(whole(&fixture, &session).messages[1].1, [first.id, draft.id]);
    assert!(fixture.store.session_path(session.id, &around, 1).is_err());

    for place in [draft.id, question.id] {
        assert_eq!(fixture.store.session_show(session.id, first.id).unwrap(), first.id);
        assert_eq!(fixture.store.session_show(session.id, place).unwrap(), draft.id);
        assert_eq!(contents(&whole(&fixture, &session)), ["one", "an"]);
    }
}

#[test]
fn whoever_looks_at_another_branch_when_a_reply_ends_stays_there() {
    let fixture = Fixture::new();
    let session = fixture.session("Elsewhere", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let draft = answer_again(&fixture, &question);
    fixture.store.session_show(session.id, first.id).unwrap();
    fixture.store.reply_finish(&finished(&draft, "another two"), None).unwrap();
    assert_eq!(contents(&whole(&fixture, &session)), ["one", "two"]);
    fixture.store.rebuild_projections().unwrap();
    assert_eq!(contents(&whole(&fixture, &session)), ["one", "two"]);
    assert_eq!(fixture.store.session_show(session.id, question.id).unwrap(), draft.id);
}

#[test]
fn whoever_looks_at_another_branch_when_a_reply_is_cut_off_stays_there() {
    let fixture = Fixture::new();
    let session = fixture.session("Cut off", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let draft = answer_again(&fixture, &question);
    fixture.store.reply_grow(draft.id, "another t", &[]).unwrap();
    fixture.store.session_show(session.id, first.id).unwrap();
    // Its writer is gone.
    fixture.raw().execute("UPDATE reply_draft SET owner = 'nobody'", []).unwrap();
    assert!(fixture.store.recover_interrupted().unwrap());
    assert_eq!(contents(&whole(&fixture, &session)), ["one", "two"]);
    assert_eq!(whole(&fixture, &session).messages[1].1, [first.id, draft.id]);
}

#[test]
fn without_a_head_the_newest_branch_is_shown() {
    let fixture = Fixture::new();
    let session = fixture.session("Lost", Audience::Owner);
    let (question, first) = fixture.turn(&session, true, "one", "two");
    let second = finished(&answer_again(&fixture, &question), "another two");
    fixture.store.reply_finish(&second, None).unwrap();
    fixture.store.session_show(session.id, first.id).unwrap();
    assert_eq!(contents(&whole(&fixture, &session)), ["one", "two"]);
    fixture.raw().execute("UPDATE session SET head = randomblob(16)", []).unwrap();
    assert_eq!(contents(&whole(&fixture, &session)), ["one", "another two"]);
    assert_eq!(fixture.store.session_leaf(session.id).unwrap(), Some(second.id));
}

#[test]
fn a_branch_is_shown_without_a_record_where_it_is_shown_already() {
    let fixture = Fixture::new();
    let session = fixture.session("Same", Audience::Owner);
    let (question, answer) = fixture.turn(&session, true, "one", "two");
    let records = fixture.store.info().unwrap().records;
    assert_eq!(fixture.store.session_show(session.id, question.id).unwrap(), answer.id);
    assert_eq!(fixture.store.info().unwrap().records, records);
    let elsewhere = fixture.session("Elsewhere", Audience::Owner);
    fixture.turn(&elsewhere, true, "one", "two");
    let refused = fixture.store.session_path(elsewhere.id, &PathPlace::Around { message: answer.id }, 50);
    assert!(matches!(refused, Err(StoreError::NotFound("message"))), "{refused:?}");
}

/// A tree in which the message of each number answers one of those before it, or none.
fn tree(fixture: &Fixture, parents: &[Option<usize>]) -> (Session, Vec<Message>) {
    let session = fixture.session("Tree", Audience::Owner);
    let mut messages: Vec<Message> = Vec::new();
    for (number, parent) in parents.iter().enumerate() {
        let parent = parent.filter(|_| number > 0).map(|parent| messages[parent % number].id);
        messages.push(fixture.user(session.id, parent, &number.to_string()));
    }
    fixture.store.session_import(&session, &messages).unwrap();
    (session, messages)
}

/// Deleting and restoring, against flags on a list.
struct Model {
    messages: Vec<Message>,
    deleted: Vec<bool>,
    head: Option<MessageId>,
}

impl Model {
    fn index(&self, id: MessageId) -> usize {
        self.messages.iter().position(|message| message.id == id).unwrap()
    }

    /// The places from the message of that number up to the first.
    fn up(&self, from: usize) -> Vec<usize> {
        let mut up = vec![from];
        while let Some(parent) = self.messages[*up.last().unwrap()].parent_id {
            up.push(self.index(parent));
        }
        up
    }

    fn visible(&self, number: usize) -> bool {
        self.up(number).iter().all(|above| !self.deleted[*above])
    }

    fn shown(&self) -> Vec<usize> {
        (0..self.messages.len()).filter(|number| self.visible(*number)).collect()
    }

    fn newest_under(&self, number: usize) -> Option<usize> {
        self.shown().into_iter().rfind(|other| self.up(*other).contains(&number))
    }

    fn delete(&mut self, number: usize, deleted: bool) {
        let was_seen = self.head.is_some_and(|head| self.visible(self.index(head)));
        self.deleted[number] = deleted;
        if was_seen && !self.visible(self.index(self.head.unwrap())) {
            let parent = self.messages[number].parent_id;
            let siblings = self.shown().into_iter().filter(|other| self.messages[*other].parent_id == parent);
            let newest = siblings.filter_map(|sibling| self.newest_under(sibling)).max();
            self.head = newest.map(|newest| self.messages[newest].id).or(parent);
        } else if !was_seen && !deleted {
            self.head = self.newest_under(number).map(|newest| self.messages[newest].id).or(self.head);
        }
    }

    fn path(&self) -> Vec<Message> {
        let head = self.head.map(|head| self.index(head)).filter(|head| self.visible(*head));
        let Some(last) = head.or_else(|| self.shown().last().copied()) else { return Vec::new() };
        self.up(last).into_iter().rev().map(|number| self.messages[number].clone()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn branches_inside_of_branches_come_and_go_in_any_order(
        parents in prop::collection::vec(prop::option::weighted(0.9, any::<usize>()), 1..20),
        steps in prop::collection::vec((any::<usize>(), 0..4_u8), 0..25),
    ) {
        let fixture = Fixture::new();
        let (session, messages) = tree(&fixture, &parents);
        let (store, count) = (&fixture.store, messages.len());
        let mut model = Model { head: messages.last().map(|last| last.id), deleted: vec![false; count], messages };
        for (number, step) in steps {
            let (number, id) = (number % count, model.messages[number % count].id);
            if step < 3 {
                store.branch_delete(session.id, id, step < 2).unwrap();
                if model.deleted[number] != (step < 2) {
                    model.delete(number, step < 2);
                }
            } else {
                let shown = store.session_show(session.id, id).ok();
                let expected = model.newest_under(number).map(|newest| model.messages[newest].id);
                prop_assert_eq!(shown, expected);
                model.head = expected.or(model.head);
            }
            let visible: Vec<_> = model.shown().iter().map(|number| model.messages[*number].clone()).collect();
            prop_assert_eq!(store.message_list(session.id).unwrap(), visible.clone());
            prop_assert_eq!(store.session_get(session.id).unwrap().head, model.head);
            let path = store.session_path(session.id, &PathPlace::End, 1_000).unwrap();
            for (message, versions) in &path.messages {
                let same = visible.iter().filter(|other| other.parent_id == message.parent_id);
                prop_assert_eq!(versions, &same.map(|other| other.id).collect::<Vec<_>>());
            }
            let shown: Vec<Message> = path.messages.into_iter().map(|(message, _)| message).collect();
            prop_assert_eq!(shown, model.path());
        }
    }

    #[test]
    fn every_place_of_a_path_is_a_part_of_the_whole(
        parents in prop::collection::vec(prop::option::weighted(0.95, any::<usize>()), 1..30),
        shown in any::<usize>(),
        places in prop::collection::vec((any::<usize>(), 1..8_u32), 1..8),
    ) {
        let fixture = Fixture::new();
        let (session, messages) = tree(&fixture, &parents);
        let leaf = fixture.store.session_show(session.id, messages[shown % messages.len()].id).unwrap();
        let whole = fixture.store.message_path(leaf).unwrap();
        for (number, count) in places {
            let message = messages[number % messages.len()].id;
            let index = number % (whole.len() + 2);
            let end = whole.len().saturating_sub(count as usize);
            let at = whole.iter().position(|other| other.id == message);
            let around = at.map(|at| at.saturating_sub(count as usize / 2).min(end));
            for (place, start) in [
                (PathPlace::End, Some(end)),
                (PathPlace::From { index: u32::try_from(index).unwrap() }, Some(index.min(whole.len()))),
                (PathPlace::Around { message }, around),
            ] {
                let page = fixture.store.session_path(session.id, &place, count);
                let Some(start) = start else {
                    prop_assert!(matches!(page, Err(StoreError::NotFound("message"))), "{:?}", page);
                    continue;
                };
                let page = page.unwrap();
                let expected = &whole[start..whole.len().min(start + count as usize)];
                prop_assert_eq!((page.leaf, page.total as usize, page.start as usize), (Some(leaf), whole.len(), start));
                prop_assert_eq!(page.messages.into_iter().map(|(message, _)| message).collect::<Vec<_>>(), expected);
            }
        }
    }
}
