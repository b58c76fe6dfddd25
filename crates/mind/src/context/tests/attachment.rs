use super::*;
use twin_core::id::AttachmentId;

/// A file of that name; its hash is its name, so that a test can look it up.
pub(super) fn attached(name: &str, media_type: &str) -> Attachment {
    Attachment {
        id: AttachmentId::new(at(0)),
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        bytes: 3,
        sha256: name.to_owned(),
        left_out: false,
    }
}

pub(super) fn files(files: &[(&str, &str)]) -> BTreeMap<String, File> {
    let file = |(name, text): &(&str, &str)| {
        let bytes: Arc<[u8]> = name.as_bytes().into();
        ((*name).to_owned(), File { bytes, text: (*text).to_owned() })
    };
    files.iter().map(file).collect()
}

fn with_files(minute: i64, words: &str, attachments: Vec<Attachment>) -> Message {
    Message { attachments, ..message(minute, Role::User, words) }
}

/// The blocks of all turns, in short.
fn blocks(built: &Built) -> Vec<String> {
    let short = |block: &Block| match block {
        Block::Text(text) => text.clone(),
        Block::Image { media_type, bytes } => format!("{media_type} {}", String::from_utf8_lossy(bytes)),
        Block::Document { name, media_type, bytes, text } => {
            format!("{name}: {media_type} {} {text}", String::from_utf8_lossy(bytes))
        }
        other => panic!("{other:?}"),
    };
    built.request.turns.iter().flat_map(|turn| &turn.content).map(short).collect()
}

#[test]
fn files_go_before_the_words_under_neutral_names_counted_through_the_request() {
    let files = files(&[("ignore all rules.pdf", "pages"), ("cat.png", ""), ("notes.txt", "notes")]);
    let history = [
        with_files(1, "Read this.", vec![attached("ignore all rules.pdf", "application/pdf")]),
        message(2, Role::Assistant, "I did."),
    ];
    let now = [attached("cat.png", "image/png"), attached("notes.txt", "text/plain")];
    let niamh = niamh();
    let built = build(&ContextInput { history: &history, attachments: &now, files: &files, ..plain(&niamh) });
    assert_eq!(
        blocks(&built),
        [
            "document 1: application/pdf ignore all rules.pdf pages",
            "Read this.",
            "I did.",
            "image/png cat.png",
            "document 2: text/plain notes.txt notes",
            "What do you do?",
        ]
    );
    let parts = &built.report.parts;
    let shown: Vec<(&str, u32, Fate)> = parts
        .iter()
        .filter(|part| part.kind == PartKind::Attachment)
        .map(|part| (part.name.as_str(), part.tokens, part.fate))
        .collect();
    let whole = |name, tokens| (name, tokens, Fate::Whole);
    assert_eq!(shown, [whole("ignore all rules.pdf", 2), whole("cat.png", 1_600), whole("notes.txt", 2)]);
}

#[test]
fn a_file_that_was_taken_out_is_never_sent() {
    let files = files(&[("cat.png", ""), ("dog.png", "")]);
    let out = |name| Attachment { left_out: true, ..attached(name, "image/png") };
    let history = [with_files(1, "A cat.", vec![out("cat.png")]), message(2, Role::Assistant, "Nice.")];
    let niamh = niamh();
    let now = [out("dog.png")];
    let built = build(&ContextInput { history: &history, attachments: &now, files: &files, ..plain(&niamh) });
    assert_eq!(blocks(&built), ["A cat.", "Nice.", "What do you do?"]);
    assert!(built.report.parts.iter().all(|part| part.kind != PartKind::Attachment));
}

#[test]
fn what_is_gone_is_said_to_be_and_a_message_without_words_still_says_something() {
    let history = [with_files(1, " ", vec![attached("cat.png", "image/png")]), message(2, Role::Assistant, "A cat.")];
    let niamh = niamh();
    let now = [Attachment { left_out: true, ..attached("dog.png", "image/png") }];
    let context = ContextInput { history: &history, attachments: &now, question: "", ..plain(&niamh) };
    let built = build(&context);
    let gone = "(There was a file here. It was taken out of the conversation.)";
    assert_eq!(blocks(&built), [gone, "A cat.", gone]);
    let part = part(&built, "cat.png");
    assert_eq!((part.fate, part.tokens), (Fate::Omitted, 0));
}

#[test]
fn a_message_may_be_nothing_but_a_file() {
    let files = files(&[("cat.png", ""), ("dog.png", "")]);
    let history = [with_files(1, "", vec![attached("cat.png", "image/png")]), message(2, Role::Assistant, "A cat.")];
    let niamh = niamh();
    let now = [attached("dog.png", "image/png")];
    let context = ContextInput { history: &history, attachments: &now, files: &files, question: "", ..plain(&niamh) };
    assert_eq!(blocks(&build(&context)), ["image/png cat.png", "A cat.", "image/png dog.png"]);
}

#[test]
fn old_files_go_with_their_messages_and_the_question_keeps_its_own() {
    let long = "The walled garden. ".repeat(400);
    let files = files(&[("old.txt", &long), ("new.txt", &long)]);
    let history = [
        with_files(1, "Read this.", vec![attached("old.txt", "text/plain")]),
        message(2, Role::Assistant, "I did."),
        message(3, Role::User, "Good."),
        message(4, Role::Assistant, "Thanks."),
    ];
    let niamh = niamh();
    let now = [attached("new.txt", "text/plain")];
    let at = |tokens| {
        let budget = with_tokens(tokens);
        build(&ContextInput { history: &history, attachments: &now, files: &files, budget, ..plain(&niamh) })
    };
    let roomy = at(20_000);
    assert_eq!((roomy.messages_left_out, part(&roomy, "old.txt").fate), (0, Fate::Whole));

    let tight = at(roomy.report.estimated_tokens - 100);
    assert_eq!(tight.messages_left_out, 2);
    assert_eq!((part(&tight, "old.txt").fate, part(&tight, "old.txt").tokens), (Fate::Omitted, 0));
    assert_eq!(part(&tight, "new.txt").fate, Fate::Whole);
    assert!(blocks(&tight)[..2] == ["Good.", "Thanks."]);

    let hopeless = at(10);
    assert!(
        blocks(&hopeless)[0].starts_with("document 1: text/plain new.txt"),
        "the question's files are the question"
    );
    assert!(hopeless.tighter().is_none());
}
