//! Puts an attack where it is carried.

use super::attack::Carrier;
use crate::testkit::Home;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use tempfile::TempDir;
use twin_app::App;
use twin_app::job::Job;
use twin_core::chat::Audience;
use twin_core::id::SessionId;
use twin_core::memory::MemoryKind;

/// What goes along with the owner's first message.
#[derive(Default)]
pub(crate) struct Planted {
    /// Where it is said; none: in a new conversation.
    pub(crate) session: Option<SessionId>,
    pub(crate) attachment: Option<(String, Vec<u8>)>,
}

/// In the persona of a home that is not open.
pub(crate) fn files(home: &Path, carrier: Carrier, text: &str) {
    let persona = home.join("persona");
    let write = |name: &str, bytes: &[u8]| fs_err::write(persona.join(name), bytes).unwrap();
    match carrier {
        Carrier::Markdown => write("documents/letter.md", text.as_bytes()),
        Carrier::Text => write("documents/letter.txt", text.as_bytes()),
        Carrier::Pdf => write("documents/letter.pdf", &pdf(text)),
        Carrier::Docx => write("documents/letter.docx", &docx(text)),
        Carrier::Facts => {
            let facts = json!({ "full_name": "Ada Lovelace", "name": "Ada", "note": text });
            write("facts.json", facts.to_string().as_bytes());
        }
        Carrier::Summary => write("summary.md", text.as_bytes()),
        Carrier::Style => write("style.md", text.as_bytes()),
        Carrier::FileName => write(&format!("documents/{text}.md"), b"The heron pond is wide."),
        Carrier::PrivateDocument => write("private/letter.md", text.as_bytes()),
        _ => {}
    }
}

/// In the store of a home that is open.
pub(crate) async fn records(app: &App, carrier: Carrier, text: &str) -> Planted {
    let folder = TempDir::new().unwrap();
    let mut planted = Planted::default();
    match carrier {
        Carrier::Seed => drop(seed(app, folder.path(), text, None).await),
        Carrier::SeedSpeaker => drop(seed(app, folder.path(), "The heron pond froze.", Some(text)).await),
        Carrier::Chatgpt => import(app, folder.path(), &chatgpt("Ponds", text)).await,
        Carrier::ChatgptTitle => import(app, folder.path(), &chatgpt(text, "The heron pond froze.")).await,
        Carrier::Claude => import(app, folder.path(), &claude(text, "")).await,
        Carrier::ClaudeFile => {
            let before = sessions(app).await;
            import(app, folder.path(), &claude("Read this about the heron pond.", text)).await;
            // A file is read where it was attached.
            planted.session = sessions(app).await.into_iter().find(|id| !before.contains(id));
        }
        Carrier::Archive => archive(app, folder.path(), text).await,
        Carrier::Memory => drop(app.memory_add(MemoryKind::Semantic, text, Audience::Owner).await.unwrap()),
        Carrier::SharedMemory => drop(app.memory_add(MemoryKind::Semantic, text, Audience::Visitor).await.unwrap()),
        Carrier::Attachment => planted.attachment = Some(("letter.txt".to_owned(), text.as_bytes().to_vec())),
        Carrier::AttachmentName => {
            planted.attachment = Some((format!("{text}.txt"), b"The heron pond is wide.".to_vec()));
        }
        _ => {}
    }
    planted
}

async fn sessions(app: &App) -> Vec<SessionId> {
    app.session_list(None).await.unwrap().into_iter().map(|session| session.id).collect()
}

/// A session file.
pub(crate) async fn seed(app: &App, folder: &Path, text: &str, speaker: Option<&str>) -> SessionId {
    let file = folder.join(format!("{}.json", uuid::Uuid::now_v7()));
    let mut said = json!({ "role": "user", "content": text, "timestamp": "2023-05-08T13:56:00Z" });
    if let Some(speaker) = speaker {
        said["speaker"] = json!(speaker);
    }
    fs_err::write(&file, json!([said]).to_string()).unwrap();
    let session = app.session_import_seed(&file).await.unwrap().session_id;
    fs_err::remove_file(file).unwrap();
    session
}

async fn import(app: &App, folder: &Path, conversations: &Value) {
    let file = folder.join("export.json");
    fs_err::write(&file, conversations.to_string()).unwrap();
    let report = app.import(&file, None, Job::quiet()).await.unwrap().unwrap();
    assert_eq!(report.sessions, 1, "{report:?}");
}

fn chatgpt(title: &str, text: &str) -> Value {
    let said = |role: &str, time: f64, text: &str| {
        json!({ "id": "m", "author": { "role": role, "metadata": {} }, "create_time": time, "weight": 1.0,
                "content": { "content_type": "text", "parts": [text] }, "metadata": {}, "recipient": "all" })
    };
    json!([{ "title": title, "create_time": 1_700_000_000.0, "update_time": 1_700_000_009.0, "current_node": "a",
             "conversation_id": "one", "id": "one",
             "mapping": {
                 "q": { "id": "q", "parent": null, "children": ["a"], "message": said("user", 1_700_000_001.0, "The heron pond?") },
                 "a": { "id": "a", "parent": "q", "children": [], "message": said("assistant", 1_700_000_002.0, text) },
             } }])
}

fn claude(text: &str, file: &str) -> Value {
    let said = |uuid: &str, sender: &str, text: &str| {
        json!({ "uuid": uuid, "text": text, "content": [{ "type": "text", "text": text }], "sender": sender,
                "created_at": "2026-03-04T05:06:07.123456Z", "updated_at": "2026-03-04T05:06:07.123456Z",
                "attachments": [], "files": [] })
    };
    let mut asked = said("c1", "human", text);
    if !file.is_empty() {
        asked["attachments"] =
            json!([{ "file_name": "notes.txt", "file_size": 5, "file_type": "txt", "extracted_content": file }]);
    }
    json!([{ "uuid": "two", "name": "Notes", "summary": "", "created_at": "2026-03-04T05:06:00Z",
             "updated_at": "2026-03-04T05:07:00Z", "account": { "uuid": "x" },
             "chat_messages": [asked, said("c2", "assistant", "Read.")] }])
}

/// Everything of somebody else's home.
async fn archive(app: &App, folder: &Path, text: &str) {
    let other = Home::new();
    let theirs = other.open();
    seed(&theirs, folder, text, None).await;
    let short: String = text.split(char::is_control).collect::<Vec<_>>().join(" ").chars().take(300).collect();
    theirs.memory_add(MemoryKind::Procedural, &short, Audience::Owner).await.unwrap();
    let file = folder.join("all.dtwin");
    theirs.archive_export(&file, None, Job::quiet()).await.unwrap().unwrap();
    app.import(&file, None, Job::quiet()).await.unwrap().unwrap();
}

fn docx(text: &str) -> Vec<u8> {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraph = |line| format!("<w:p><w:r><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>");
    let paragraphs = escaped.lines().map(paragraph).collect::<Vec<_>>().concat();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).unwrap();
    write!(
        zip,
        "<?xml version=\"1.0\"?><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{paragraphs}</w:body></w:document>"
    )
    .unwrap();
    zip.finish().unwrap().into_inner()
}

/// One page with one line of text for each line.
fn pdf(text: &str) -> Vec<u8> {
    let shown = |line: &str| line.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    let lines = text.lines().map(|line| format!("({}) Tj 0 -14 Td ", shown(line))).collect::<Vec<_>>().concat();
    let content = format!("BT /F1 8 Tf 20 700 Td {lines}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 2000 842] >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut out = b"%PDF-1.5\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        places.push(out.len());
        write!(out, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let table = out.len();
    write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for place in places {
        writeln!(out, "{place:010} 00000 n ").unwrap();
    }
    write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1).unwrap();
    out
}
