//! One bucket after another under the same demands: a folder, MiniStack, and moto, an S3 by other people.

use crate::bucket_stage::{Stage, Which, absent, ask, config, cutting_proxy, matching, stored};
use futures_util::future::join_all;
use rstest::rstest;
use twin_connect::bucket::{S3Bucket, S3Config};
use twin_core::bucket::{ETag, Outcome, Request};
use twin_core::error::Code;

#[rstest]
#[case::folder(Which::Folder)]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn conditions_hold_and_a_writer_knows_its_own_object(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    for request in [Request::Get { name: "v/keyring".to_owned() }, Request::Head { name: "v/keyring".to_owned() }] {
        assert_eq!(stage.ask(request).await, Outcome::Absent);
    }
    let nothing = ETag("\"0123456789abcdef0123456789abcdef\"".to_owned());
    let outcome = stage.ask(matching("v/keyring", b"over nothing", "id-0", &nothing)).await;
    assert!(matches!(outcome, Outcome::Absent | Outcome::Refused), "{outcome:?}");

    let first = stage.put("v/keyring", b"first", "id-1").await;
    assert_eq!(stage.ask(absent("v/keyring", b"second", "id-2")).await, Outcome::Refused);
    assert_eq!(stage.get("v/keyring").await.unwrap(), b"first");
    assert_eq!(stage.put_id("v/keyring").await.as_deref(), Some("id-1"));

    let second = stored(stage.ask(matching("v/keyring", b"second", "id-3", &first)).await);
    assert_ne!(first, second);
    assert_eq!(stage.ask(matching("v/keyring", b"third", "id-4", &first)).await, Outcome::Refused);
    let found = Outcome::Found { bytes: b"second".to_vec(), etag: second.clone() };
    assert_eq!(stage.ask(Request::Get { name: "v/keyring".to_owned() }).await, found);
    let described = Outcome::Described { etag: second, put_id: Some("id-3".to_owned()) };
    let head = stage.bucket.ask(Request::Head { name: "v/keyring".to_owned() }).await;
    assert_eq!(head.outcome, described);
    assert_eq!(head.date.is_some(), which != Which::Folder, "S3 tells the time");

    for _ in 0..2 {
        assert_eq!(stage.ask(Request::Delete { name: "v/keyring".to_owned() }).await, Outcome::Deleted);
        assert_eq!(stage.get("v/keyring").await, None);
    }
    stage.put("v/keyring", b"again", "id-5").await;
    let sweep = Request::DeleteOldVersions { name: "v/keyring".to_owned() };
    assert_eq!(stage.ask(sweep).await, Outcome::Deleted, "without versions there is nothing to do");
    assert_eq!(stage.get("v/keyring").await.unwrap(), b"again");
}

#[rstest]
#[case::folder(Which::Folder)]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_writers_exactly_one_wins(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    for round in 0..8 {
        let name = format!("race/{round}");
        let winner = race(&stage, (0..16).map(|writer| absent(&name, format!("a{writer}").as_bytes(), "id")).collect());
        let (writer, etag) = winner.await;
        assert_eq!(stage.get(&name).await.unwrap(), format!("a{writer}").as_bytes());
        let replace = |writer: usize| matching(&name, format!("b{writer}").as_bytes(), "id", &etag);
        let (writer, _) = race(&stage, (0..16).map(replace).collect()).await;
        assert_eq!(stage.get(&name).await.unwrap(), format!("b{writer}").as_bytes());
    }
}

/// The one that won.
async fn race(stage: &Stage, requests: Vec<Request>) -> (usize, ETag) {
    let outcomes = join_all(requests.into_iter().map(|request| stage.ask(request))).await;
    let mut winners = Vec::new();
    for (writer, outcome) in outcomes.into_iter().enumerate() {
        match outcome {
            Outcome::Stored { etag } => winners.push((writer, etag)),
            Outcome::Refused | Outcome::Conflict => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    winners.remove(0)
}

#[rstest]
#[case::folder(Which::Folder)]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn every_name_and_every_size_comes_back_as_it_was(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    let mut names = vec![
        "Case",
        "case",
        "a",
        "a/b",
        "a b+c",
        "100%25",
        "q?x=1&y#z",
        "f\u{fc}r/\u{65e5}\u{672c}",
        "con/nul.txt",
        "a..b/.c.",
        "(x)'\"~*!",
    ];
    if which == Which::Folder {
        names.extend(["", "/", "//", "..", "../..", "./x/", "back\\slash", "tab\tline\nnull\0", "%2e", "%"]);
    }
    for (number, name) in names.iter().enumerate() {
        stage.put(name, name.as_bytes(), &format!("id-{number}")).await;
    }
    for (number, name) in names.iter().enumerate() {
        assert_eq!(stage.get(name).await.as_deref(), Some(name.as_bytes()), "{name}");
        assert_eq!(stage.put_id(name).await, Some(format!("id-{number}")), "{name}");
    }
    names.sort_unstable();
    assert_eq!(stage.list("", None).await.0, names);
    for name in names {
        assert_eq!(stage.ask(Request::Delete { name: name.to_owned() }).await, Outcome::Deleted, "{name}");
        assert_eq!(stage.get(name).await, None, "{name}");
    }

    let large: Vec<u8> = (0..20_u32 << 18).flat_map(|word| word.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    for (name, bytes) in [("empty", &[][..]), ("large", &large)] {
        let etag = stage.put(name, bytes, "id").await;
        assert!(stage.get(name).await.unwrap() == bytes, "{name}");
        stored(stage.ask(matching(name, b"small", "id", &etag)).await);
    }
}

#[rstest]
#[case::folder(Which::Folder)]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn a_thousand_names_are_listed_in_parts_and_in_order(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    let names: Vec<_> = (1..=1_005).map(|number| format!("v/s/device/{number:020}")).collect();
    for some in names.chunks(16) {
        join_all(some.iter().map(|name| stage.put(name, b"x", "id"))).await;
    }
    stage.put("v/s/device-2/1", b"x", "id").await;
    stage.put("w/keyring", b"x", "id").await;
    assert_eq!(stage.list("v/s/device/", None).await, (names[..1_000].to_vec(), true));
    assert_eq!(stage.list("v/s/device/", Some(&names[999])).await, (names[1_000..].to_vec(), false));
    assert_eq!(stage.list("v/s/device/", Some(&names[1_004])).await, (vec![], false));
    // Between two names.
    assert_eq!(stage.list("v/s/device/", Some("v/s/device/0000000000000000100")).await.0, names[999..]);
    assert_eq!(stage.list("v/s/device-", None).await, (vec!["v/s/device-2/1".to_owned()], false));
    assert_eq!(stage.list("", Some("v/s/device0")).await, (vec!["w/keyring".to_owned()], false));
}

#[rstest]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn of_a_bucket_with_versions_nothing_old_is_left(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    let enabled = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>Enabled</Status></VersioningConfiguration>";
    // Written before there were versions, so that its version is called `null`.
    stage.put("v/a", b"zeroth", "id").await;
    stage.http("PUT", "?versioning", enabled);
    for name in ["v/a", "v/a2"] {
        stage.ask(Request::Delete { name: name.to_owned() }).await;
        let etag = stage.put(name, b"first", "id").await;
        stored(stage.ask(matching(name, b"second", "id", &etag)).await);
        stage.ask(Request::Delete { name: name.to_owned() }).await;
        stage.put(name, b"newest", "id").await;
    }
    let kept = || {
        let list = stage.http("GET", "?versions", "");
        let count = |words: &str| list.matches(words).count();
        (count("some/where/v/a</Key>"), count("some/where/v/a2</Key>"), count("<DeleteMarker>"))
    };
    let before = kept();
    assert!(before.0 >= 5 && before.1 >= 4 && before.2 >= 3, "{before:?}");
    let sweep = || Request::DeleteOldVersions { name: "v/a".to_owned() };
    assert_eq!(stage.ask(sweep()).await, Outcome::Deleted);
    assert_eq!((kept().0, kept().1), (1, before.1), "of others nothing is taken");
    assert_eq!(stage.get("v/a").await.unwrap(), b"newest");
    // What was deleted stays so.
    stage.ask(Request::Delete { name: "v/a".to_owned() }).await;
    assert_eq!(kept().0, 2);
    assert_eq!(stage.ask(sweep()).await, Outcome::Deleted);
    assert_eq!((kept().0, kept().1), (0, before.1));
    assert_eq!(stage.get("v/a").await, None);
    assert_eq!(stage.get("v/a2").await.unwrap(), b"newest");
}

#[rstest]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn an_answer_that_is_cut_is_lost_and_the_put_id_tells_whose_object_it_is(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    let deaf = S3Bucket::new(config(&cutting_proxy(stage.url(), 0)));
    assert_eq!(ask(&deaf, absent("v/1", &vec![7; 50_000], "mine")).await, Outcome::Lost);
    assert_eq!(stage.put_id("v/1").await.as_deref(), Some("mine"));
    assert_eq!(stage.ask(absent("v/1", &vec![7; 50_000], "mine")).await, Outcome::Refused);
    assert_eq!(ask(&deaf, Request::Get { name: "v/1".to_owned() }).await, Outcome::Lost);
    assert_eq!(ask(&deaf, Request::Head { name: "v/1".to_owned() }).await, Outcome::Lost);

    let half = S3Bucket::new(config(&cutting_proxy(stage.url(), 20_000)));
    assert_eq!(ask(&half, Request::Get { name: "v/1".to_owned() }).await, Outcome::Lost);
    for number in 0..200 {
        stage.put(&format!("many/{number}"), b"x", "id").await;
    }
    let list = Request::List { prefix: "many/".to_owned(), after: None };
    assert_eq!(ask(&half, list).await, Outcome::Lost);
}

#[rstest]
#[case::ministack(Which::Ministack)]
#[case::moto(Which::Moto)]
#[tokio::test]
async fn a_bucket_that_is_not_there_is_no_empty_one(#[case] which: Which) {
    let Some(stage) = Stage::set(which).await else { return };
    let bucket = S3Bucket::new(S3Config { bucket: "another-bucket".to_owned(), ..config(stage.url()) });
    for request in [
        absent("v/1", b"x", "id"),
        Request::Get { name: "v/1".to_owned() },
        Request::List { prefix: String::new(), after: None },
        Request::DeleteOldVersions { name: "v/1".to_owned() },
    ] {
        let Outcome::Failed(failure) = ask(&bucket, request.clone()).await else { panic!("{request:?}") };
        let failure = crate::judged(failure);
        assert_eq!(failure.code, Code::NotFound, "{failure:?}");
        assert!(failure.message.starts_with("there is no bucket another-bucket at http://127.0.0.1:"), "{failure:?}");
        assert!(failure.hint.starts_with("Create it there"), "{failure:?}");
    }
}
