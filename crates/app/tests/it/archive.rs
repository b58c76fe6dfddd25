//! Everything in one file, and back.

use crate::testkit::{Home, say};
use rstest::rstest;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use twin_app::App;
use twin_app::import::{ImportKind, ImportPreview, ImportReport, SkipReason};
use twin_app::job::{Job, Stage};
use twin_core::chat::SessionChange;
use twin_core::error::Code;
use twin_core::id::SessionId;
use twin_core::memory::{ForgetScope, MemoryKind};
use twin_core::secret::Secret;

struct Lived {
    /// Held for its folder.
    _home: Home,
    app: App,
    session: SessionId,
    folder: TempDir,
}

/// A home with two branches, a picture, a memory, a setting and a persona of its own.
async fn lived_in() -> Lived {
    let home = Home::new();
    let app = home.open();
    let told = say(&app, None, "Remember the greyhounds", None).await;
    let session = told.session;
    let again = twin_app::chat::SendRequest {
        edits: told.question.map(|question| question.id),
        ..crate::testkit::request(Some(session), twin_core::chat::Audience::Owner, "Remember the walruses")
    };
    crate::testkit::send(&app, again, None).await.unwrap();
    app.memory_add(MemoryKind::Semantic, "Keeps a walrus", twin_core::chat::Audience::Owner).await.unwrap();
    let mut settings = app.settings();
    settings.theme = twin_core::settings::Theme::Dark;
    settings.text_size = 120;
    app.settings_save(settings).await.unwrap();
    let facts = "{\"full_name\": \"Mary Somerville\", \"name\": \"Mary\"}";
    fs_err::write(app.persona_folder().join("facts.json"), facts).unwrap();
    fs_err::write(app.persona_folder().join("private/diary.md"), "Engines sing.").unwrap();
    fs_err::remove_file(app.persona_folder().join("summary.md")).unwrap();
    Lived { _home: home, app, session, folder: TempDir::new().unwrap() }
}

impl Lived {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn archive(&self) -> PathBuf {
        let file = self.file("all.twin");
        self.app.archive_export(&file, None, Job::quiet()).await.unwrap().unwrap();
        file
    }
}

async fn import(app: &App, file: &Path) -> Result<ImportReport, twin_app::error::WireError> {
    Ok(app.import(file, None, Job::quiet()).await?.unwrap())
}

async fn preview(app: &App, file: &Path) -> ImportPreview {
    app.import_preview(file, None, Job::quiet()).await.unwrap().unwrap()
}

/// Name and content of every entry.
fn entries(file: &Path) -> Vec<(String, Vec<u8>)> {
    let unpacked = zstd::Decoder::new(fs_err::File::open(file).unwrap()).unwrap();
    let mut archive = tar::Archive::new(unpacked);
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (name, bytes)
    };
    archive.entries().unwrap().map(read).collect()
}

fn pack(file: &Path, entries: &[(String, Vec<u8>)]) {
    let mut tar = tar::Builder::new(zstd::Encoder::new(fs_err::File::create(file).unwrap(), 1).unwrap());
    for (name, bytes) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        // Also such names as a builder refuses.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

/// Everything in a home but what is of one device.
async fn content(app: &App) -> BTreeMap<String, Vec<u8>> {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("content");
    app.archive_export(&file, None, Job::quiet()).await.unwrap().unwrap();
    entries(&file).into_iter().filter(|(name, _)| name != "manifest.json").collect()
}

#[tokio::test]
async fn an_empty_home_gets_everything_and_gives_the_same_again() {
    let lived = lived_in().await;
    let file = lived.archive().await;
    let other = Home::new();
    let app = other.open();
    let looked = preview(&app, &file).await;
    assert_eq!((looked.kind, looked.locked, looked.sessions, looked.sessions_here), (ImportKind::Archive, false, 1, 0));
    assert_eq!((looked.messages, looked.messages_here), (4, 0));
    assert!(app.session_list(None).await.unwrap().is_empty(), "looking changes nothing");

    let report = import(&app, &file).await.unwrap();
    assert_eq!((report.sessions, report.messages, report.skipped.count), (1, 4, 0), "{report:?}");
    assert_eq!(content(&app).await, content(&lived.app).await, "to the byte");
    assert_eq!(app.settings().theme, twin_core::settings::Theme::Dark);
    assert_eq!(app.settings().text_size, 100, "of one device");
    assert_eq!(app.persona_view().name, "Mary", "the sample made room");
    assert!(!app.persona_folder().join("summary.md").exists());
    assert_eq!(app.session_messages(lived.session).await.unwrap().len(), 4);
    let hits = app.memory_search("walrus", twin_core::chat::Audience::Owner, None, 5).await.unwrap();
    assert!(!hits.is_empty());

    let before = content(&app).await;
    let again = import(&app, &file).await.unwrap();
    assert_eq!((again.sessions, again.messages, again.records, again.persona), (0, 0, 0, 0));
    assert_eq!(content(&app).await, before);
    assert_eq!(preview(&app, &file).await.messages_here, 4);
}

#[tokio::test]
async fn a_home_that_has_a_life_of_its_own_keeps_it() {
    let lived = lived_in().await;
    let file = lived.archive().await;
    let other = Home::new();
    other.pass(5);
    let app = other.open();
    let own = say(&app, None, "Mine alone", None).await.session;
    fs_err::write(app.persona_folder().join("facts.json"), "{\"full_name\": \"Ada L\", \"name\": \"Ada\"}").unwrap();
    let report = import(&app, &file).await.unwrap();
    let kept: Vec<_> = report.skipped.named.iter().map(|skipped| (skipped.place.as_str(), skipped.reason)).collect();
    assert_eq!(kept, [("persona/facts.json", SkipReason::PersonaKept)]);
    assert_eq!(app.persona_view().name, "Ada");
    assert!(app.persona_folder().join("private/diary.md").exists());
    let sessions: Vec<_> = app.session_list(None).await.unwrap().into_iter().map(|session| session.id).collect();
    assert_eq!(sessions, [own, lived.session]);
    say(&app, Some(lived.session), "And on", None).await;
    assert_eq!(app.session_messages(lived.session).await.unwrap().len(), 6);
}

#[tokio::test]
async fn only_who_knows_the_passphrase_reads_a_sealed_archive() {
    let lived = lived_in().await;
    let file = lived.file("sealed.twin");
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let made = lived.app.archive_export(&file, secret("correct horse"), Job::quiet()).await.unwrap().unwrap();
    assert!(made.sealed);
    let bytes = fs_err::read(&file).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "), "as other programs open it");

    let other = Home::new();
    let app = other.open();
    let looked = preview(&app, &file).await;
    assert!(looked.locked && looked.messages == 0);
    for wrong in [None, secret("wrong horse")] {
        let refused = app.import(&file, wrong, Job::quiet()).await.unwrap_err();
        assert_eq!(refused.code, Code::InvalidInput);
        assert!(refused.message.contains("passphrase") && !refused.hint.is_empty());
    }
    let cut = lived.file("cut.twin");
    fs_err::write(&cut, &bytes[..bytes.len() - 20]).unwrap();
    assert_eq!(app.import(&cut, secret("correct horse"), Job::quiet()).await.unwrap_err().code, Code::ImportInvalid);
    assert!(app.session_list(None).await.unwrap().is_empty());
    app.import(&file, secret("correct horse"), Job::quiet()).await.unwrap().unwrap();
    assert_eq!(content(&app).await, content(&lived.app).await);
}

#[tokio::test]
async fn no_byte_may_be_missing_or_another() {
    let lived = lived_in().await;
    let bytes = fs_err::read(lived.archive().await).unwrap();
    let other = Home::new();
    let app = other.open();
    let before = content(&app).await;
    let bad = lived.file("bad.twin");
    let steps = bytes.len() / 23;
    for at in (0..bytes.len()).step_by(steps) {
        fs_err::write(&bad, &bytes[..at]).unwrap();
        let refused = import(&app, &bad).await.unwrap_err();
        assert_eq!(refused.code, Code::ImportInvalid, "cut off at {at}");
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        fs_err::write(&bad, &flipped).unwrap();
        assert_eq!(import(&app, &bad).await.unwrap_err().code, Code::ImportInvalid, "flipped at {at}");
    }
    assert_eq!(content(&app).await, before, "nothing of it came in");
}

/// With sums that fit, as somebody would make it who means harm.
fn forged(entries: &mut Vec<(String, Vec<u8>)>, name: &str, bytes: &[u8]) {
    let place = entries.len() - 1;
    entries.insert(place, (name.to_owned(), bytes.to_vec()));
}

#[rstest]
#[case("persona/../../escaped.md")]
#[case("persona//etc/escaped.md")]
#[case("/etc/escaped.md")]
#[case("../escaped.md")]
#[case("persona/.hidden.md")]
#[case("persona/a\\..\\escaped.md")]
#[case("persona/c:escaped.md")]
#[case("persona/run.sh")]
#[case("records/000009.jsonl")]
#[case("files/../escaped")]
#[case("another")]
#[tokio::test]
async fn a_name_that_does_not_belong_there_is_refused(#[case] name: &str) {
    let lived = lived_in().await;
    let mut all = entries(&lived.archive().await);
    forged(&mut all, name, b"x");
    let file = lived.file("forged.twin");
    pack(&file, &all);
    let other = Home::new();
    let app = other.open();
    assert_eq!(import(&app, &file).await.unwrap_err().code, Code::ImportInvalid);
    assert!(app.session_list(None).await.unwrap().is_empty());
    for place in [other.path().join("escaped.md"), other.path().join("../escaped.md")] {
        assert!(!place.exists());
    }
}

#[tokio::test]
async fn a_link_is_refused() {
    let lived = lived_in().await;
    let file = lived.file("link.twin");
    let mut tar = tar::Builder::new(zstd::Encoder::new(fs_err::File::create(&file).unwrap(), 1).unwrap());
    let head = entries(&lived.archive().await).remove(0);
    let mut header = tar::Header::new_gnu();
    header.set_size(head.1.len() as u64);
    tar.append_data(&mut header, &head.0, head.1.as_slice()).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "persona/facts.json", "/etc/passwd").unwrap();
    tar.into_inner().unwrap().finish().unwrap();
    assert_eq!(import(&Home::new().open(), &file).await.unwrap_err().code, Code::ImportInvalid);
}

#[tokio::test]
async fn a_newer_format_and_a_forged_content_are_refused_with_a_reason() {
    let lived = lived_in().await;
    let all = entries(&lived.archive().await);
    let other = Home::new();
    let app = other.open();
    let file = lived.file("other.twin");
    let mut newer = all.clone();
    newer[0].1 = b"{\"format\":\"digital-twin-archive\",\"version\":2}".to_vec();
    pack(&file, &newer);
    assert!(import(&app, &file).await.unwrap_err().message.contains("newer version"));
    let mut changed = all.clone();
    let text = String::from_utf8(changed[1].1.clone()).unwrap();
    changed[1].1 = text.replace("greyhounds", "greyhoundz").into_bytes();
    pack(&file, &changed);
    assert!(import(&app, &file).await.unwrap_err().message.contains("damaged"));
    let mut without_end = all;
    without_end.pop();
    pack(&file, &without_end);
    assert!(import(&app, &file).await.unwrap_err().message.contains("damaged"));
    assert!(app.session_list(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_would_fill_a_disk_is_refused_long_before() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("bomb.twin");
    let mut packed = zstd::Encoder::new(fs_err::File::create(&file).unwrap(), 19).unwrap();
    let mut header = tar::Header::new_gnu();
    let head = b"{\"format\":\"digital-twin-archive\",\"version\":1}";
    header.set_size(head.len() as u64);
    header.set_path("archive.json").unwrap();
    header.set_cksum();
    packed.write_all(header.as_bytes()).unwrap();
    packed.write_all(head).unwrap();
    packed.write_all(&[0; 1024 - 512].map(|byte: u8| byte)[head.len()..]).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_size(1 << 40);
    header.set_path("records/000001.jsonl").unwrap();
    header.set_cksum();
    packed.write_all(header.as_bytes()).unwrap();
    // Short lines, so that only the sum of them is too much; the first is no record, so read past it by a long one.
    let zeros = vec![b' '; 8 << 20];
    for _ in 0..40 {
        packed.write_all(&zeros).unwrap();
    }
    packed.finish().unwrap();
    let refused = import(&Home::new().open(), &file).await.unwrap_err();
    assert_eq!(refused.code, Code::ImportInvalid);
}

#[tokio::test]
async fn a_setting_of_one_device_does_not_come_in_with_an_archive() {
    let lived = lived_in().await;
    let mut all = entries(&lived.archive().await);
    let line = String::from_utf8(all[1].1.clone()).unwrap();
    let theme = line.lines().find(|line| line.contains("\\\"theme\\\"")).unwrap().to_owned();
    let evil = theme
        .replace("\\\"theme\\\"", "\\\"network\\\"")
        .replace("\\\"dark\\\"", "{\\\"proxy\\\":\\\"http://evil\\\"}");
    all[1].1 = line.replace(&theme, &evil).into_bytes();
    resum(&mut all);
    let file = lived.file("evil.twin");
    pack(&file, &all);
    let app = Home::new().open();
    let report = import(&app, &file).await.unwrap();
    assert_eq!(report.skipped.named[0].reason, SkipReason::DeviceSetting);
    assert_eq!(app.settings().network.proxy, "");
}

/// The sum of the first part, made to fit.
fn resum(all: &mut [(String, Vec<u8>)]) {
    let sum = twin_store::Blob::new(all[1].1.clone()).sha256;
    let last = all.len() - 1;
    let mut manifest: serde_json::Value = serde_json::from_slice(&all[last].1).unwrap();
    manifest["parts"][0]["sha256"] = sum.into();
    manifest["parts"][0]["bytes"] = all[1].1.len().into();
    all[last].1 = serde_json::to_vec(&manifest).unwrap();
}

#[tokio::test]
async fn a_job_that_is_called_off_leaves_no_file_and_a_home_as_it_was() {
    let lived = lived_in().await;
    let file = lived.archive().await;
    let job = Job::quiet();
    job.cancel();
    let nowhere = lived.file("called-off.twin");
    assert_eq!(lived.app.archive_export(&nowhere, None, job.clone()).await.unwrap(), None);
    let names: Vec<_> =
        fs_err::read_dir(lived.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["all.twin"]);

    let app = Home::new().open();
    // In the middle: at the first word of progress.
    let called_off: Arc<Mutex<Option<Job>>> = Arc::default();
    let hold = Arc::clone(&called_off);
    let job = Job::new(Arc::new(move |progress| {
        assert_eq!(progress.stage, Stage::Reading);
        if let Some(job) = hold.lock().unwrap().as_ref() {
            job.cancel();
        }
    }));
    *called_off.lock().unwrap() = Some(job.clone());
    assert_eq!(app.import(&file, None, job).await.unwrap(), None);
    assert!(app.session_list(None).await.unwrap().is_empty());
    import(&app, &file).await.unwrap();
    assert_eq!(app.session_list(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_exported_is_known_to_the_plan_of_forgetting_and_nothing_forgotten_comes_back() {
    let lived = lived_in().await;
    let file = lived.archive().await;
    let path = file.display().to_string();
    let listed: Vec<_> = lived.app.export_list().await.unwrap().into_iter().map(|made| made.path).collect();
    assert_eq!(listed, [path]);
    let scope = ForgetScope::Session { id: lived.session };
    assert_eq!(lived.app.forget_plan(scope.clone()).await.unwrap().exports, 1);
    lived.app.forget(scope).await.unwrap();
    import(&lived.app, &file).await.unwrap();
    assert!(lived.app.session_list(None).await.unwrap().is_empty());
    fs_err::remove_file(&file).unwrap();
    assert!(lived.app.export_list().await.unwrap().is_empty(), "a file that is gone holds nothing");
}

#[tokio::test]
async fn a_large_home_is_written_in_parts_that_do_not_grow_with_it() {
    let home = Home::new();
    let app = home.open();
    let folder = TempDir::new().unwrap();
    let id = "6f1c0e3e-3b0e-4a55-9c7c-0d9f5f2b8a11";
    let seed = folder.path().join(format!("{id}.json"));
    let messages: Vec<_> = (0..300)
        .map(|number| serde_json::json!({ "role": "user", "content": format!("{number} {}", "words ".repeat(8_000)) }))
        .collect();
    fs_err::write(&seed, serde_json::to_vec(&messages).unwrap()).unwrap();
    app.session_import_seed(&seed).await.unwrap();
    let file = folder.path().join("large.twin");
    app.archive_export(&file, None, Job::quiet()).await.unwrap().unwrap();
    let parts: Vec<usize> =
        entries(&file).iter().filter(|(name, _)| name.starts_with("records/")).map(|(_, bytes)| bytes.len()).collect();
    assert!(parts.len() >= 3, "{parts:?}");
    assert!(
        parts.iter().all(|bytes| *bytes < (4 << 20) + 100_000),
        "a part ends after the line that filled it: {parts:?}"
    );
    let app = Home::new().open();
    assert_eq!(import(&app, &file).await.unwrap().messages, 300);
    let gone = SessionChange::Deleted { deleted: true };
    app.session_change(vec![id.parse().unwrap()], gone).await.unwrap();
    assert_eq!(import(&app, &file).await.unwrap().records, 0, "an archive is no wish to have something back");
}
