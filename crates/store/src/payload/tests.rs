use super::*;
use twin_core::error::Code;
use twin_core::model::Provider;
use uuid::Uuid;

/// Frozen: do not modify. What stands here is in people's logs.
const GOLDEN: [(&str, &str); 9] = [
    (
        "session_created",
        r#"{"id":"00000000-0000-0000-0000-000000000001","title":"Fred","audience":"visitor","created_at":"2026-11-21T08:16:40.123Z"}"#,
    ),
    ("session_renamed", r#"{"id":"00000000-0000-0000-0000-000000000001","title":"Fred \"the\" first"}"#),
    ("session_deleted", r#"{"id":"00000000-0000-0000-0000-000000000001","deleted":true}"#),
    ("session_head", r#"{"id":"00000000-0000-0000-0000-000000000001","head":"00000000-0000-0000-0000-000000000002"}"#),
    (
        "message",
        r#"{"id":"00000000-0000-0000-0000-000000000002","session_id":"00000000-0000-0000-0000-000000000001","role":"user","content":"Hi","created_at":"2026-11-21T08:16:40.123Z","status":"complete","imported":{"timestamp":"2024-05-01T10:00:00"}}"#,
    ),
    (
        "message",
        r#"{"id":"00000000-0000-0000-0000-000000000003","session_id":"00000000-0000-0000-0000-000000000001","parent_id":"00000000-0000-0000-0000-000000000002","role":"assistant","content":"Hel","created_at":"2026-11-21T08:16:40.123Z","status":"interrupted","model":{"provider":"bedrock","id":"some.model-v1:0"},"usage":{"input":1,"output":2,"cache_read":3,"cache_write":4},"failure":{"code":"throttled","message":"too many requests","hint":"Wait.","retryable":true}}"#,
    ),
    (
        "context_report",
        r#"{"message_id":"00000000-0000-0000-0000-000000000003","report":{"b": 0.10, "a":"as it was written"}}"#,
    ),
    ("setting", r#"{"key":"theme","removed":false,"value":"dark"}"#),
    ("setting", r#"{"key":"theme","removed":true,"value":null}"#),
];

#[test]
fn what_was_written_is_read_and_written_again_to_the_byte() {
    for (name, payload) in GOLDEN {
        let change = Change::decode(Kind::parse(name).unwrap(), 1, payload).unwrap().unwrap();
        assert_eq!(change.encode().unwrap(), (Kind::parse(name).unwrap(), 1, payload.to_owned()));
    }
    for kind in Kind::ALL {
        assert!(GOLDEN.iter().any(|(name, _)| *name == kind.as_str()), "{kind:?} has no golden record");
    }
}

#[test]
fn a_message_is_written_with_every_field() {
    let uuid = |number| Uuid::from_u128(number);
    let message = Message {
        id: MessageId::from_uuid(uuid(3)),
        session_id: SessionId::from_uuid(uuid(1)),
        parent_id: Some(MessageId::from_uuid(uuid(2))),
        role: Role::Assistant,
        content: "Hel".to_owned(),
        created_at: Timestamp::from_millis(1_795_249_000_123),
        status: MessageStatus::Interrupted,
        model: Some(ModelRef { provider: Provider::Bedrock, id: "some.model-v1:0".to_owned() }),
        usage: Some(Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 }),
        failure: Some(Failure::passing(Code::Throttled, "too many requests", "Wait.")),
        imported: None,
    };
    assert_eq!(Change::from(&message).encode().unwrap().2, GOLDEN[5].1);
}

#[test]
fn a_newer_version_is_not_read_and_a_broken_record_is_damage_without_its_words() {
    assert!(Change::decode(Kind::Message, 2, "anything").unwrap().is_none());
    let error = Change::decode(Kind::SessionHead, 1, r#"{"id":"private words"}"#).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)));
    assert!(!format!("{error} {error:?}").contains("private"));
}
