//! Conversations as files.

use crate::testkit::{Home, request, say, send};
use std::io::Read as _;
use tempfile::TempDir;
use twin_app::App;
use twin_app::chat::SendRequest;
use twin_app::job::Job;
use twin_app::session::SessionFormat;
use twin_core::chat::Audience;
use twin_core::error::Code;
use twin_core::memory::ForgetScope;

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

#[tokio::test]
async fn what_is_dragged_out_lies_in_a_private_folder_until_it_is_taken_away() {
    let home = Home::new();
    let app = home.open();
    let one = say(&app, None, "What of <b>engines</b>?", None).await.session;
    let other = say(&app, None, "What of <b>engines</b>?", None).await.session;
    let files = app.session_drag(vec![one, other], SessionFormat::Markdown).await.unwrap();
    let names: Vec<String> =
        files.iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["What of benginesb.md".to_owned(), format!("What of benginesb {other}.md")]);
    for (file, session) in files.iter().zip([one, other]) {
        let text = fs_err::read_to_string(file).unwrap();
        assert_eq!(text, app.session_document(session, SessionFormat::Markdown).await.unwrap());
    }
    let folder = home.path().join("dragged");
    assert!(files.iter().all(|file| file.is_absolute() && file.starts_with(&folder)), "{files:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs_err::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    assert!(app.export_list().await.unwrap().is_empty(), "where they go, nobody knows");

    let later = app.session_drag(vec![one], SessionFormat::Seed).await.unwrap();
    assert_eq!(
        fs_err::read_to_string(&later[0]).unwrap(),
        app.session_document(one, SessionFormat::Seed).await.unwrap()
    );
    assert!(files[0].exists(), "whoever took the first may not have read them yet");
    let missing = app
        .session_drag(vec![one, "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11".parse().unwrap()], SessionFormat::Text)
        .await
        .unwrap_err();
    assert_eq!(missing.code, Code::NotFound);
    assert_eq!(fs_err::read_dir(&folder).unwrap().count(), 2, "all of them or none");
    App::session_drag_end(app.paths()).unwrap();
    App::session_drag_end(app.paths()).unwrap();
    assert!(!folder.exists());
}

#[tokio::test]
async fn forgetting_takes_away_what_was_dragged_out_and_a_temporary_conversation_is_not_written() {
    let home = Home::new();
    let app = home.open();
    let session = say(&app, None, "What of engines?", None).await.session;
    let files = app.session_drag(vec![session], SessionFormat::Html).await.unwrap();
    app.forget(ForgetScope::Session { id: session }).await.unwrap();
    assert!(!files[0].exists());

    let unkept = SendRequest { temporary: true, ..request(None, Audience::Owner, "What of looms?") };
    let unkept = send(&app, unkept, None).await.unwrap().session;
    let refused = app.session_drag(vec![unkept], SessionFormat::Markdown).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidInput);
    assert!(!home.path().join("dragged").exists());
}
