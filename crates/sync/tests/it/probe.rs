//! What a probe says of buckets that keep their word, and of those that do not.

use twin_core::bucket::{Answer, Outcome, Request};
use twin_sync::probe::Conditions;
use twin_sync::round::{Ended, Input, Round, Step};
use twin_sync::sim::{MemoryBucket, Seeded};

/// How the probe ends; `answer` stands between it and the bucket.
fn probed(bucket: &mut MemoryBucket, mut answer: impl FnMut(&mut MemoryBucket, Request) -> Outcome) -> Ended {
    let mut round = Round::probe(Box::new(Seeded::new(1)));
    let mut input = Input::Done;
    loop {
        input = match round.step(input) {
            Step::Ask(request) => Input::Answer(Answer { outcome: answer(bucket, request), date: None }),
            Step::Finished(ended) => return ended,
            _ => Input::Done,
        };
    }
}

#[test]
fn an_honest_bucket_passes_and_nothing_is_left_in_it() {
    let mut bucket = MemoryBucket::default();
    assert_eq!(probed(&mut bucket, MemoryBucket::ask), Ended::Probed(Conditions::Honoured));
    assert!(bucket.objects.values().all(Vec::is_empty), "{:?}", bucket.objects.keys());
}

#[test]
fn a_bucket_that_ignores_if_none_match_is_found() {
    let mut bucket = MemoryBucket::default();
    bucket.ignores_absent = true;
    assert_eq!(probed(&mut bucket, MemoryBucket::ask), Ended::Probed(Conditions::IfAbsentIgnored));
}

#[test]
fn a_bucket_that_ignores_if_match_is_found() {
    let mut bucket = MemoryBucket::default();
    bucket.ignores_match = true;
    assert_eq!(probed(&mut bucket, MemoryBucket::ask), Ended::Probed(Conditions::IfMatchIgnored));
}

#[test]
fn a_bucket_that_says_refused_and_writes_all_the_same_is_found() {
    let overwrites = |bucket: &mut MemoryBucket, request: Request| match request {
        Request::PutIfAbsent { name, bytes, put_id } if bucket.newest(&name).is_some() => {
            bucket.put(&name, bytes, &put_id);
            Outcome::Refused
        }
        other => bucket.ask(other),
    };
    assert_eq!(probed(&mut MemoryBucket::default(), overwrites), Ended::Probed(Conditions::IfAbsentIgnored));
    let overwrites = |bucket: &mut MemoryBucket, request: Request| match request {
        Request::PutIfMatch { name, bytes, put_id, etag } if bucket.newest(&name).is_some_and(|v| v.etag != etag) => {
            bucket.put(&name, bytes, &put_id);
            Outcome::Refused
        }
        other => bucket.ask(other),
    };
    assert_eq!(probed(&mut MemoryBucket::default(), overwrites), Ended::Probed(Conditions::IfMatchIgnored));
}

#[test]
fn an_honest_bucket_that_loses_races_and_answers_passes() {
    // Each request is first lost to somebody else (409), then done without an answer, then answered.
    let mut tries = 0;
    let unlucky = |bucket: &mut MemoryBucket, request: Request| {
        tries += 1;
        match tries % 3 {
            1 => Outcome::Conflict,
            2 => {
                bucket.ask(request);
                Outcome::Lost
            }
            _ => bucket.ask(request),
        }
    };
    assert_eq!(probed(&mut MemoryBucket::default(), unlucky), Ended::Probed(Conditions::Honoured));
}

#[test]
fn a_bucket_that_never_answers_is_neither() {
    assert_eq!(probed(&mut MemoryBucket::default(), |_, _| Outcome::Lost), Ended::Unreachable);
}
