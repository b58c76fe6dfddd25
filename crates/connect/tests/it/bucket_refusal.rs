//! What S3 and its stand-ins answer when they do not say yes, and what a person reads of it.

use crate::bucket_stage::{absent, ask, config, matching, stored};
use crate::server::{Server, without_tls};
use rstest::rstest;
use std::net::TcpListener;
use std::time::Duration;
use twin_connect::bucket::{S3Auth, S3Bucket, S3Config};
use twin_core::bucket::{Bucket as _, ETag, LARGEST_OBJECT, Outcome, Request};
use twin_core::error::{Code, Failure};
use twin_core::secret::Secret;

/// An error as S3 writes it, with words that repeat what nobody may see.
fn error(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>SECRET-KEY and my sister</Message>\
        <RequestId>REQ1</RequestId><HostId>x</HostId></Error>"
    )
}

fn get() -> Request {
    Request::Get { name: "v/1".to_owned() }
}

fn put() -> Request {
    absent("v/1", b"sealed", "my-put-id")
}

fn list() -> Request {
    Request::List { prefix: "v/".to_owned(), after: None }
}

fn delete() -> Request {
    Request::Delete { name: "v/1".to_owned() }
}

fn sweep() -> Request {
    Request::DeleteOldVersions { name: "v/1".to_owned() }
}

/// Asks a server that answers so, which must be asked exactly once.
async fn answered(request: Request, status: u16, headers: &'static [(&str, &str)], body: String) -> Outcome {
    let server = Server::start(move |_, exchange| exchange.respond(status, headers, &body));
    let outcome = ask(&S3Bucket::new(config(&server.url)), request).await;
    assert_eq!(server.requests().len(), 1, "whoever asked decides whether to ask again");
    match outcome {
        Outcome::Failed(failure) => Outcome::Failed(crate::judged(failure)),
        other => other,
    }
}

async fn failed(request: Request, status: u16, headers: &'static [(&str, &str)], code: &str) -> Failure {
    match answered(request, status, headers, error(code)).await {
        Outcome::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn of_an_object_no_more_is_read_than_any_of_ours_can_have() {
    let server = Server::start(|_, exchange| {
        exchange.begin(&[("ETag", "\"e\"")]);
        let zeros = vec![0; 1 << 20];
        for _ in 0..2 * (LARGEST_OBJECT >> 20) {
            exchange.chunk(&zeros);
        }
        exchange.end();
    });
    let outcome = ask(&S3Bucket::new(config(&server.url)), get()).await;
    let Outcome::Found { bytes, .. } = outcome else { panic!("{outcome:?}") };
    assert!(bytes.len() > LARGEST_OBJECT && bytes.len() < LARGEST_OBJECT + (4 << 20), "{}", bytes.len());
}

#[rstest]
#[case::nothing_there(get(), 404, "NoSuchKey", Outcome::Absent)]
#[case::nothing_to_replace(matching("v/1", b"x", "id", &ETag("e".to_owned())), 404, "NoSuchKey", Outcome::Absent)]
#[case::deleted_before(delete(), 404, "NoSuchKey", Outcome::Deleted)]
#[case::condition(put(), 412, "PreconditionFailed", Outcome::Refused)]
#[case::race(put(), 409, "ConditionalRequestConflict", Outcome::Conflict)]
#[case::overloaded(put(), 503, "SlowDown", Outcome::Busy { retry_after: None })]
#[case::broken(get(), 500, "InternalError", Outcome::Busy { retry_after: None })]
#[case::gateway(list(), 502, "", Outcome::Busy { retry_after: None })]
#[case::slow_line(put(), 400, "RequestTimeout", Outcome::Busy { retry_after: None })]
#[case::no_versions(sweep(), 501, "NotImplemented", Outcome::Deleted)]
#[case::no_versions_either(sweep(), 405, "MethodNotAllowed", Outcome::Deleted)]
#[tokio::test]
async fn a_no_that_the_round_understands(
    #[case] request: Request,
    #[case] status: u16,
    #[case] code: &str,
    #[case] expected: Outcome,
) {
    assert_eq!(answered(request, status, &[], error(code)).await, expected);
}

#[tokio::test]
async fn when_to_come_back_is_told() {
    for status in [429, 503] {
        let outcome = answered(put(), status, &[("retry-after", "17")], "<html>".to_owned()).await;
        assert_eq!(outcome, Outcome::Busy { retry_after: Some(17) });
    }
    let outcome = answered(put(), 503, &[("retry-after", "4294967295")], "<html>".to_owned()).await;
    assert_eq!(outcome, Outcome::Busy { retry_after: Some(60) }, "nobody is held up for a lifetime");
}

#[rstest]
#[case::no_bucket(404, "NoSuchBucket", Code::NotFound, "there is no bucket twin-bucket at http://", "Create it there")]
#[case::no_right(
    403,
    "AccessDenied",
    Code::AccessDenied,
    "may not use the bucket twin-bucket (s3:PutObject)",
    "Ask the owner"
)]
#[case::wrong_key(
    403,
    "InvalidAccessKeyId",
    Code::CredentialsRejected,
    "does not accept the access key",
    "Enter both halves"
)]
#[case::wrong_secret(
    403,
    "SignatureDoesNotMatch",
    Code::CredentialsRejected,
    "does not accept the access key",
    "Enter both halves"
)]
#[case::expired(400, "ExpiredToken", Code::CredentialsRejected, "have expired", "Fetch or enter new ones")]
#[case::clock(403, "RequestTimeTooSkewed", Code::CredentialsRejected, "did not accept the time", "Set the clock")]
#[case::elsewhere(
    301,
    "PermanentRedirect",
    Code::InvalidInput,
    "is in the region eu-north-1",
    "Choose the region eu-north-1"
)]
#[case::signed_for_elsewhere(
    400,
    "AuthorizationHeaderMalformed",
    Code::InvalidInput,
    "is in the region eu-north-1",
    "Choose the region"
)]
#[case::full(507, "XMinioStorageFull", Code::QuotaExceeded, "no room left", "Make room")]
#[case::no_conditions(
    501,
    "NotImplemented",
    Code::RequestRefused,
    "refused the request with NotImplemented",
    "must know conditional writes"
)]
#[case::strange(418, "", Code::RequestRefused, "refused the request with HTTP 418", "Check the endpoint")]
#[case::web_server(404, "", Code::RequestRefused, "does not speak S3", "Check the endpoint")]
#[tokio::test]
async fn a_no_that_a_person_has_to_act_on(
    #[case] status: u16,
    #[case] said: &str,
    #[case] code: Code,
    #[case] message: &str,
    #[case] hint: &str,
) {
    let headers = &[("x-amz-request-id", "REQ1"), ("x-amz-bucket-region", "eu-north-1")];
    let failure = failed(put(), status, headers, said).await;
    assert_eq!(failure.code, code, "{failure:?}");
    assert!(failure.message.contains(message) && failure.hint.contains(hint), "{failure:?}");
    assert!(failure.message.ends_with("(request REQ1)"), "{failure:?}");
}

#[tokio::test]
async fn the_answer_to_head_has_no_words_and_is_understood() {
    let head = || Request::Head { name: "v/1".to_owned() };
    let empty = String::new;
    assert_eq!(answered(head(), 404, &[], empty()).await, Outcome::Absent);
    let region = &[("x-amz-bucket-region", "eu-north-1")];
    for (status, code) in [(403, Code::AccessDenied), (301, Code::InvalidInput), (400, Code::InvalidInput)] {
        let Outcome::Failed(failure) = answered(head(), status, region, empty()).await else { panic!("{status}") };
        assert_eq!(failure.code, code, "{failure:?}");
    }
}

#[tokio::test]
async fn the_sign_in_page_of_a_hotel_is_no_bucket() {
    for request in [get(), put(), list(), sweep()] {
        let page = "<html>Welcome, SECRET guest</html>".to_owned();
        let Outcome::Failed(failure) = answered(request, 200, &[], page).await else { panic!() };
        assert_eq!(failure.code, Code::RequestRefused);
        assert!(failure.message.contains("does not speak S3") && failure.hint.contains("sign-in page"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_body_shorter_than_it_was_announced_is_lost() {
    let server = Server::start(|_, exchange| {
        exchange.begin(&[("etag", "\"e\"")]);
        exchange.chunk(b"half");
        exchange.cut();
    });
    assert_eq!(ask(&S3Bucket::new(config(&server.url)), get()).await, Outcome::Lost);
}

#[tokio::test]
async fn silence_before_and_within_an_answer_is_lost() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let patience = Duration::from_millis(300);
    assert_eq!(ask(&S3Bucket::with_patience(config(&url), patience), delete()).await, Outcome::Lost);
    let server = Server::start(|_, exchange| {
        exchange.begin(&[("etag", "\"e\"")]);
        exchange.chunk(b"half");
        exchange.wait_for_close();
    });
    assert_eq!(ask(&S3Bucket::with_patience(config(&server.url), patience), get()).await, Outcome::Lost);
}

#[tokio::test]
async fn nobody_at_the_address_is_told() {
    let nobody = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for (url, message) in [
        (nobody, "nothing answers at http://127.0.0.1:"),
        ("http://bucket.invalid.localhost:1".to_owned(), "at http://bucket.invalid.localhost:1"),
        (without_tls("HTTP/1.1 400 x\r\n\r\n"), "no secure connection to https://127.0.0.1:"),
    ] {
        let outcome = ask(&S3Bucket::new(config(&url)), put()).await;
        let Outcome::Failed(failure) = outcome else { panic!("{url} {outcome:?}") };
        let failure = crate::judged(failure);
        assert_eq!(failure.code, Code::Unreachable, "{failure:?}");
        assert!(failure.message.contains(message) || failure.message.contains("cannot be found"), "{failure:?}");
    }
}

#[tokio::test]
async fn settings_that_cannot_be_are_told_before_anything_is_sent() {
    let server = Server::start(|_, exchange| exchange.respond(500, &[], ""));
    let fine = || config(&server.url);
    let token = |url: &str| {
        let credentials = S3Auth::Keys {
            access_key_id: Secret::new("ASIAEXAMPLE".to_owned()),
            secret_access_key: Secret::new("SECRET-KEY".to_owned()),
            session_token: Some(Secret::new("SECRET-TOKEN".to_owned())),
        };
        S3Config { credentials, ..config(url) }
    };
    for (config, message) in [
        (S3Config { bucket: "s3://twin/x".to_owned(), ..fine() }, "bucket's name"),
        (S3Config { endpoint_url: Some("nonsense".to_owned()), ..fine() }, "endpoint in the settings is no address"),
        (S3Config { region: Some("eu/../x".to_owned()), ..fine() }, "region in the settings is none"),
        (token("http://nas.example:9000"), "session token would travel unencrypted"),
    ] {
        let shown = format!("{config:?} {:?}", S3Bucket::new(config.clone()));
        assert!(!shown.contains("SECRET"), "{shown}");
        let Outcome::Failed(failure) = ask(&S3Bucket::new(config), put()).await else { panic!("{message}") };
        let failure = crate::judged(failure);
        assert_eq!(failure.code, Code::InvalidInput);
        assert!(failure.message.contains(message), "{failure:?}");
    }
    assert!(server.has_no_more_requests());
}

#[tokio::test]
async fn a_request_carries_its_condition_and_its_id_and_no_checksum_that_others_refuse() {
    let server = Server::start(|_, exchange| {
        exchange.respond(200, &[("etag", "\"e\""), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")], "");
    });
    let bucket = S3Bucket::new(config(&server.url));
    let answer = bucket.ask(put()).await;
    assert_eq!(stored(answer.outcome), ETag("\"e\"".to_owned()));
    assert_eq!(answer.date.unwrap().to_string(), "1994-11-06T08:49:37.000Z");
    let sent = server.request();
    assert_eq!(sent.target.split('?').next().unwrap(), "PUT /twin-bucket/some/where/v/1");
    assert_eq!((sent.header("if-none-match"), sent.header("if-match")), (Some("*"), None));
    assert_eq!(sent.header("x-amz-meta-put-id"), Some("my-put-id"));
    assert_eq!(sent.header("x-amz-content-sha256").unwrap().len(), 64, "S3 checks what arrives against it");
    for checksum in ["x-amz-sdk-checksum-algorithm", "x-amz-trailer", "x-amz-checksum-crc32", "content-encoding"] {
        assert_eq!(sent.header(checksum), None);
    }
    ask(&bucket, matching("v/1", b"x", "id", &ETag("\"e\"".to_owned()))).await;
    let sent = server.request();
    assert_eq!((sent.header("if-none-match"), sent.header("if-match")), (None, Some("\"e\"")));
    let refused = Server::start(|_, exchange| {
        exchange.respond(412, &[("date", "Sun, 06 Nov 1994 08:49:37 GMT")], &error("PreconditionFailed"));
    });
    assert!(S3Bucket::new(config(&refused.url)).ask(put()).await.date.is_some(), "a no tells the time as well");
}
