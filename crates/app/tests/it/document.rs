//! Conversations as files.

use crate::testkit::{Home, say};
use std::io::Read as _;
use tempfile::TempDir;
use twin_app::job::Job;
use twin_app::session::SessionFormat;
use twin_core::error::Code;

#[tokio::test]
async fn one_conversation_is_written_as_it_is_and_several_as_a_zip() {
    let home = Home::new();
    let app = home.open();
    let one = say(&app, None, "What of <b>engines</b>?", None).await.session;
    let other = say(&app, None, "What of <b>engines</b>?", None).await.session;
    let folder = TempDir::new().unwrap();
    for format in
        [SessionFormat::Seed, SessionFormat::Json, SessionFormat::Markdown, SessionFormat::Html, SessionFormat::Text]
    {
        let file = folder.path().join(format!("one.{}", format.extension()));
        assert!(app.session_export(vec![one], format, &file, Job::quiet()).await.unwrap());
        let text = fs_err::read_to_string(&file).unwrap();
        assert_eq!(text, app.session_document(one, format).await.unwrap());
        assert!(text.contains("engines"), "{format:?}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&app.session_document(one, SessionFormat::Json).await.unwrap()).unwrap();
    assert_eq!(json["messages"].as_array().unwrap().len(), 2);
    let file = folder.path().join("both.zip");
    assert!(app.session_export(vec![one, other], SessionFormat::Html, &file, Job::quiet()).await.unwrap());
    let mut zip = zip::ZipArchive::new(fs_err::File::open(&file).unwrap()).unwrap();
    assert_eq!(zip.len(), 2, "one title twice makes two files");
    let mut page = String::new();
    zip.by_index(0).unwrap().read_to_string(&mut page).unwrap();
    assert!(page.contains("What of &lt;b&gt;engines"), "{page}");
    assert_eq!(app.export_list().await.unwrap().len(), 5, "two forms had one name");

    let job = Job::quiet();
    job.cancel();
    let nowhere = folder.path().join("called-off.md");
    assert!(!app.session_export(vec![one], SessionFormat::Markdown, &nowhere, job).await.unwrap());
    assert!(!nowhere.exists());
    let lost = folder.path().join("no/such/folder/x.md");
    let refused = app.session_export(vec![one], SessionFormat::Markdown, &lost, Job::quiet()).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
}
