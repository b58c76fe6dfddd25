use super::*;
use twin_core::error::Code;
use uuid::Uuid;

/// Frozen: do not modify. What stands here is in people's logs.
const GOLDEN: [(&str, &str); 36] = [
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
    (
        "session_created",
        r#"{"id":"00000000-0000-0000-0000-000000000001","title":"","audience":"owner","created_at":"2026-11-21T08:16:40.123Z","model":{"provider":"openai","server":"desk","id":"llama3.2:3b"}}"#,
    ),
    (
        "message",
        r#"{"id":"00000000-0000-0000-0000-000000000003","session_id":"00000000-0000-0000-0000-000000000001","parent_id":"00000000-0000-0000-0000-000000000002","role":"assistant","content":"Hello","created_at":"2026-11-21T08:16:40.123Z","status":"complete","model":{"provider":"bedrock","id":"some.model-v1:0"},"parts":[{"type":"reasoning","text":"Hm.","signature":"c2VhbA==","redacted":null},{"type":"tool","id":"call_1","name":"recall","input":"{\"query\":\"Fred\"}","output":"nothing","is_error":false},{"type":"text","text":"Hello"}],"attachments":[{"id":"00000000-0000-0000-0000-000000000004","name":"cat.png","media_type":"image/png","bytes":3,"sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","left_out":false}],"instead_of":{"provider":"openai","id":"llama3.2:3b"}}"#,
    ),
    (
        "attachment_left_out",
        r#"{"message_id":"00000000-0000-0000-0000-000000000003","attachment_id":"00000000-0000-0000-0000-000000000004","left_out":true}"#,
    ),
    ("session_model", r#"{"id":"00000000-0000-0000-0000-000000000001","model":null}"#),
    (
        "session_created",
        r#"{"id":"00000000-0000-0000-0000-000000000001","title":"Fred","audience":"owner","created_at":"2026-11-21T08:16:40.123Z","title_by":"owner","tags":["home","work \"1\""],"forked_from":"00000000-0000-0000-0000-000000000002"}"#,
    ),
    ("session_renamed", r#"{"id":"00000000-0000-0000-0000-000000000001","title":"Fred","by":"model"}"#),
    ("session_head", r#"{"id":"00000000-0000-0000-0000-000000000001","head":null}"#),
    ("session_pinned", r#"{"id":"00000000-0000-0000-0000-000000000001","pinned":true}"#),
    ("session_archived", r#"{"id":"00000000-0000-0000-0000-000000000001","archived":true}"#),
    ("session_tagged", r#"{"id":"00000000-0000-0000-0000-000000000001","tags":["home","work"]}"#),
    ("branch_deleted", r#"{"message_id":"00000000-0000-0000-0000-000000000002","deleted":true}"#),
    (
        "memory",
        r#"{"type":"learned","memory":{"id":"00000000-0000-0000-0000-000000000005","kind":"semantic","text":"Lives in \"London\"","topic":"home","people":["00000000-0000-0000-0000-000000000006"],"audience":"owner","teller":"owner","valid_from":"2026-11-21T08:16:40.123Z","valid_until":null,"learned_at":"2026-11-21T08:16:40.123Z","ended_at":null,"ending":null,"contradicts":["00000000-0000-0000-0000-000000000007"],"importance":3,"pinned":false,"sources":[{"type":"message","session_id":"00000000-0000-0000-0000-000000000001","message_id":"00000000-0000-0000-0000-000000000002"},{"type":"session","session_id":"00000000-0000-0000-0000-000000000001","through":"00000000-0000-0000-0000-000000000002"},{"type":"file","path":"private/cv.md","line":3},{"type":"typed","at":"2026-11-21T08:16:40.123Z"}]}}"#,
    ),
    (
        "memory",
        r#"{"type":"ended","id":"00000000-0000-0000-0000-000000000005","ending":{"type":"superseded","by":"00000000-0000-0000-0000-000000000007"},"at":"2026-11-21T08:16:40.123Z"}"#,
    ),
    (
        "memory",
        r#"{"type":"ended","id":"00000000-0000-0000-0000-000000000005","ending":{"type":"corrected","by":"00000000-0000-0000-0000-000000000007"},"at":"2026-11-21T08:16:40.123Z","said_in":"00000000-0000-0000-0000-000000000002"}"#,
    ),
    (
        "memory",
        r#"{"type":"ended","id":"00000000-0000-0000-0000-000000000005","ending":{"type":"merged","into":"00000000-0000-0000-0000-000000000007"},"at":"2026-11-21T08:16:40.123Z"}"#,
    ),
    (
        "memory",
        r#"{"type":"ended","id":"00000000-0000-0000-0000-000000000005","ending":{"type":"retracted"},"at":"2026-11-21T08:16:40.123Z"}"#,
    ),
    ("memory", r#"{"type":"restored","id":"00000000-0000-0000-0000-000000000005"}"#),
    ("memory", r#"{"type":"undone","id":"00000000-0000-0000-0000-000000000005","undone":true}"#),
    ("memory", r#"{"type":"pinned","id":"00000000-0000-0000-0000-000000000005","pinned":true}"#),
    ("memory", r#"{"type":"shared","id":"00000000-0000-0000-0000-000000000005","audience":"visitor"}"#),
    (
        "memory",
        r#"{"type":"confirmed","id":"00000000-0000-0000-0000-000000000005","source":{"type":"message","session_id":"00000000-0000-0000-0000-000000000001","message_id":"00000000-0000-0000-0000-000000000002"}}"#,
    ),
    (
        "memory",
        r#"{"type":"person","person":{"id":"00000000-0000-0000-0000-000000000006","name":"Anna","aliases":["my sister"],"relation":"sister","merged_into":null,"learned_at":"2026-11-21T08:16:40.123Z"}}"#,
    ),
    ("memory", r#"{"type":"person_merged","id":"00000000-0000-0000-0000-000000000006","into":null}"#),
    (
        "forgotten",
        r#"{"receipt":{"id":"00000000-0000-0000-0000-000000000008","at":"2026-11-21T08:16:40.123Z","scope":"session","reach":{"sessions":1,"messages":2,"memories":3,"summaries":4,"people":5,"vectors":6,"reports":7,"files":8,"backups":9,"records":10}},"sessions":["00000000-0000-0000-0000-000000000001"],"messages":["00000000-0000-0000-0000-000000000002"],"memories":["00000000-0000-0000-0000-000000000005"],"people":["00000000-0000-0000-0000-000000000006"]}"#,
    ),
    ("erased", "{}"),
    (
        "persona_file",
        r#"{"path":"private/cv.md","sha256":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}"#,
    ),
    ("persona_file", r#"{"path":"private/cv.md"}"#),
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

fn reply() -> Message {
    let uuid = |number| Uuid::from_u128(number);
    Message {
        id: MessageId::from_uuid(uuid(3)),
        session_id: SessionId::from_uuid(uuid(1)),
        parent_id: Some(MessageId::from_uuid(uuid(2))),
        role: Role::Assistant,
        content: "Hel".to_owned(),
        parts: Vec::new(),
        attachments: Vec::new(),
        created_at: Timestamp::from_millis(1_795_249_000_123),
        status: MessageStatus::Interrupted,
        model: Some(ModelRef::bedrock("some.model-v1:0")),
        instead_of: None,
        usage: Some(Usage { input: 1, output: 2, cache_read: 3, cache_write: 4 }),
        failure: Some(Failure::passing(Code::Throttled, "too many requests", "Wait.")),
        imported: None,
    }
}

#[test]
fn a_message_is_written_with_every_field() {
    assert_eq!(Change::from(&reply()).encode().unwrap().2, GOLDEN[5].1);
    let attachment = Attachment {
        id: AttachmentId::from_uuid(Uuid::from_u128(4)),
        name: "cat.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: 3,
        sha256: crate::Blob::new(b"abc".to_vec()).sha256,
        left_out: false,
    };
    let parts = vec![
        MessagePart::Reasoning { text: "Hm.".to_owned(), signature: Some("c2VhbA==".to_owned()), redacted: None },
        MessagePart::Tool {
            id: "call_1".to_owned(),
            name: "recall".to_owned(),
            input: r#"{"query":"Fred"}"#.to_owned(),
            output: Some("nothing".to_owned()),
            is_error: false,
        },
        MessagePart::Text { text: "Hello".to_owned() },
    ];
    let reply = Message {
        content: "Hello".to_owned(),
        parts,
        attachments: vec![attachment],
        status: MessageStatus::Complete,
        instead_of: Some(ModelRef::openai("llama3.2:3b")),
        usage: None,
        failure: None,
        ..reply()
    };
    assert_eq!(Change::from(&reply).encode().unwrap().2, GOLDEN[10].1);
}

#[test]
fn a_newer_version_is_not_read_and_a_broken_record_is_damage_without_its_words() {
    assert!(Change::decode(Kind::Message, 2, "anything").unwrap().is_none());
    let error = Change::decode(Kind::SessionHead, 1, r#"{"id":"private words"}"#).unwrap_err();
    assert!(matches!(error, StoreError::Damaged(_)));
    assert!(!format!("{error} {error:?}").contains("private"));
}
