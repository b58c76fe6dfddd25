//! What goes wrong, and what is said then.

use super::place::{Folder, Keyed, Wrong, keyed_setup, keys};
use super::{Device, PASSPHRASE, passphrase, secret, two};
use crate::credential::NoKeychain;
use crate::testkit::Home;
use fs_err as fs;
use std::sync::Arc;
use twin_app::job::Job;
use twin_app::sync::{SyncAlarm, SyncSecret, SyncState};
use twin_core::error::Code;
use twin_core::settings::{S3Credentials, Settings, SyncPlace, SyncSettings};

#[tokio::test]
async fn a_wrong_secret_opens_nothing_and_writes_nothing() {
    let folder = Folder::new();
    let (_desk, code) = Device::first(&folder).await;
    let before = folder.files("");
    let stranger = Device::new(&folder);
    let mistyped = secret(&code.expose().replacen(code.expose().chars().next().unwrap(), "*", 1));
    let other = secret("0000-0000-0000-0000-0000-0000-0000");
    for (wrong, expected) in [
        (SyncSecret::Passphrase { passphrase: secret("not the passphrase") }, Code::SyncWrongKey),
        (SyncSecret::RecoveryCode { code: mistyped }, Code::SyncRecoveryCode),
        (SyncSecret::RecoveryCode { code: other }, Code::SyncRecoveryCode),
    ] {
        let error = stranger.app.sync_join(folder.setup("Stranger"), None, wrong).await.unwrap_err();
        assert_eq!(error.code, expected);
        assert!(!error.hint.is_empty());
    }
    assert_eq!(folder.files(""), before);
    assert_eq!(stranger.app.settings().sync, SyncSettings::default());
    assert_eq!(stranger.app.sync_status().await.unwrap().state, SyncState::Off);
    let error = stranger.app.sync_create(folder.setup("Stranger"), secret("too short")).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
    let error = stranger.app.sync_now().await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
}

#[tokio::test]
async fn a_bucket_that_overwrites_is_refused_before_anything_is_begun() {
    let folder = Folder::new();
    folder.goes_wrong(Wrong::Overwrites);
    let device = Device::new(&folder);
    assert_eq!(device.app.sync_test(folder.setup("Desk")).await.unwrap_err().code, Code::SyncConditionsIgnored);
    let error = device.app.sync_create(folder.setup("Desk"), secret(PASSPHRASE)).await.unwrap_err();
    assert_eq!(error.code, Code::SyncConditionsIgnored);
    assert_eq!(folder.files("keyring"), Vec::<String>::new());
    assert_eq!(device.app.settings().sync, SyncSettings::default());
}

#[tokio::test]
async fn a_test_names_the_vaults_and_changes_nothing() {
    let folder = Folder::new();
    let stranger = Device::new(&folder);
    assert_eq!(stranger.app.sync_test(folder.setup("")).await.unwrap().vaults, Vec::<String>::new());
    let error = stranger.app.sync_join(folder.setup("Laptop"), None, passphrase()).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
    Device::first(&folder).await;
    let (_other, _) = Device::first(&folder).await;
    let found = stranger.app.sync_test(folder.setup("")).await.unwrap().vaults;
    assert_eq!(found.len(), 2);
    let error = stranger.app.sync_join(folder.setup("Laptop"), None, passphrase()).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput, "which of the two has to be said");
    stranger.app.sync_join(folder.setup("Laptop"), Some(found[0].clone()), passphrase()).await.unwrap();
    let again = stranger.app.sync_create(folder.setup("Laptop"), secret(PASSPHRASE)).await.unwrap_err();
    assert_eq!(again.code, Code::InvalidInput, "it syncs already");
}

#[tokio::test]
async fn a_device_that_was_taken_out_says_so_and_reads_nothing_new() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let listed = desk.round().await.devices;
    let own = desk.app.sync_device_remove(listed[0].id).await.unwrap_err();
    assert_eq!(own.code, Code::InvalidInput);
    desk.app.sync_device_remove(listed[1].id).await.unwrap();
    let session = desk.say("Not for the laptop.").await;
    desk.round().await;
    let status = laptop.app.sync_now().await.unwrap();
    assert_eq!((status.state, &status.alarms[..]), (SyncState::Failed, &[SyncAlarm::Removed][..]));
    assert_eq!(status.failure.unwrap().code, Code::SyncRemoved);
    assert!(laptop.app.session_get(session).await.is_err());
    let last = laptop.say("Said into the void.").await;
    laptop.app.sync_now().await.unwrap();
    desk.round().await;
    assert!(desk.app.session_get(last).await.is_err());
    laptop.app.sync_leave().await.unwrap();
    assert_eq!(laptop.messages(last).await.len(), 2, "what is here stays");
}

#[tokio::test(start_paused = true)]
async fn a_place_that_does_not_answer_is_no_failure_and_is_tried_again() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    folder.goes_wrong(Wrong::Silent);
    let session = desk.say("While offline.").await;
    let status = desk.app.sync_now().await.unwrap();
    assert_eq!((status.state, status.failure.unwrap().code), (SyncState::Offline, Code::Unreachable));
    assert!(status.waiting.records > 0);
    folder.goes_wrong(Wrong::Forbids);
    let status = desk.app.sync_now().await.unwrap();
    assert_eq!(
        (status.state, status.failure.unwrap().message),
        (SyncState::Failed, "the bucket may not be read".to_owned())
    );
    folder.goes_wrong(Wrong::Nothing);
    let settings = desk.app.settings();
    desk.app.settings_save(Settings { titles_by_model: false, ..settings }).await.unwrap();
    let _watching = desk.app.watch();
    let mut notices = desk.app.notices();
    while desk.app.sync_status().await.unwrap().state != SyncState::Settled {
        notices.recv().await.unwrap();
    }
    laptop.round().await;
    assert_eq!(laptop.messages(session).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn answers_that_are_lost_lose_nothing_and_double_nothing() {
    let folder = Folder::new();
    folder.goes_wrong(Wrong::LosesAnswers);
    let (desk, laptop) = two(&folder).await;
    let first = desk.say("Said at the desk.").await;
    let second = laptop.say("Said on the laptop.").await;
    for device in [&desk, &laptop, &desk] {
        device.round().await;
    }
    for device in [&desk, &laptop] {
        assert_eq!(device.messages(first).await, ["Said at the desk.", "I see."]);
        assert_eq!(device.messages(second).await, ["Said on the laptop.", "I see."]);
        assert_eq!(device.app.sync_status().await.unwrap().devices.len(), 2);
    }
}

#[tokio::test]
async fn verifying_names_what_is_damaged_and_counts_what_is_missing() {
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    for text in ["One.", "Two.", "Three."] {
        desk.say(text).await;
        desk.round().await;
    }
    let whole = desk.app.sync_verify(Job::quiet()).await.unwrap().unwrap();
    assert_eq!((&whole.damaged[..], whole.missing), (&[][..], 0));
    let segments = folder.files("/s/");
    assert_eq!(whole.objects as usize, 1 + segments.len() + folder.files("/blob/").len());
    assert!(whole.records > 0 && whole.kilobytes > 0);
    let mut bytes = fs::read(&segments[1]).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&segments[1], bytes).unwrap();
    let found = desk.app.sync_verify(Job::quiet()).await.unwrap().unwrap();
    assert_eq!(found.damaged.len(), 1);
    assert!(segments[1].contains(found.damaged[0].rsplit('/').next().unwrap()), "{:?}", found.damaged);
    assert_eq!(found.records + found.missing, whole.records, "the ones behind it are whole");
    fs::remove_file(segments.last().unwrap()).unwrap();
    let found = desk.app.sync_verify(Job::quiet()).await.unwrap().unwrap();
    assert_eq!(found.records + found.missing, whole.records);
    let job = Job::quiet();
    job.cancel();
    assert_eq!(desk.app.sync_verify(job).await.unwrap(), None);
}

#[tokio::test]
async fn a_damaged_segment_is_told_with_the_name_of_its_device() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    desk.say("Soon damaged.").await;
    desk.round().await;
    let newest = folder.files("/s/").into_iter().max_by_key(|file| fs::metadata(file).unwrap().modified().unwrap());
    let file = newest.unwrap();
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    let status = laptop.app.sync_now().await.unwrap();
    assert_eq!(status.alarms, [SyncAlarm::Damaged { device: "Desk".to_owned() }]);
}

/// As a program with a fault would write it: the newest record of that home is followed by one that nobody can read.
fn write_nonsense(device: &Device) {
    let database = rusqlite::Connection::open(device.home.path().join("twin.db")).unwrap();
    let written = database.execute(
        "INSERT INTO record (device, seq, hlc_wall, hlc_counter, kind, version, payload, order_wall, order_counter)
         SELECT device, seq + 1, hlc_wall, hlc_counter + 1, 'message', version, '{}', order_wall, order_counter + 1
         FROM record WHERE device = (SELECT device FROM this_device) ORDER BY seq DESC LIMIT 1",
        [],
    );
    assert_eq!(written.unwrap(), 1);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_keeps_nothing_of_the_others_from_coming_and_going() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let phone = Device::joined(&folder, "Phone", passphrase()).await;
    let whole = laptop.say("Said on the laptop.").await;
    for device in [&laptop, &desk] {
        device.round().await;
    }
    write_nonsense(&desk);
    desk.app.sync_now().await.unwrap();
    let own = phone.say("Said on the phone.").await;
    for _ in 0..2 {
        let status = phone.app.sync_now().await.unwrap();
        assert_eq!((status.state, status.failure), (SyncState::Settled, None));
        assert_eq!(status.alarms, [SyncAlarm::Damaged { device: "Desk".to_owned() }]);
        assert_eq!(status.waiting.records, 0);
    }
    assert_eq!(phone.messages(whole).await, ["Said on the laptop.", "I see."]);
    laptop.app.sync_now().await.unwrap();
    assert_eq!(laptop.messages(own).await, ["Said on the phone.", "I see."]);
}

#[tokio::test(start_paused = true)]
async fn two_processes_of_one_home_do_not_sync_at_once() {
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    let lock = fs::OpenOptions::new().write(true).open(desk.home.path().join("sync.lock")).unwrap();
    lock.file().try_lock().unwrap();
    assert_eq!(desk.app.sync_now().await.unwrap_err().code, Code::StoreBusy);
    drop(lock);
    desk.round().await;
}

#[tokio::test]
async fn a_home_whose_keychain_was_emptied_says_what_to_do() {
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    let name = desk.app.settings().sync.device_secret.unwrap();
    desk.home.secrets.delete(&name).unwrap();
    let again = desk.home.open_with(folder.source());
    let status = again.sync_now().await.unwrap();
    assert_eq!((status.state, status.failure.unwrap().code), (SyncState::Failed, Code::CredentialsMissing));
    again.sync_leave().await.unwrap();
    again.sync_join(folder.setup("Desk again"), None, passphrase()).await.unwrap();
    let status = again.sync_now().await.unwrap();
    assert_eq!((status.state, status.failure), (SyncState::Settled, None));
}

#[tokio::test]
async fn without_a_keychain_the_first_test_says_so_and_nothing_is_written() {
    let folder = Folder::new();
    let home = Home { secrets: Arc::new(NoKeychain), ..Home::new() };
    let error = home.open_with(folder.source()).sync_test(folder.setup("Desk")).await.unwrap_err();
    assert_eq!(error.code, Code::KeychainUnavailable);
    assert!(error.hint.starts_with("Start a keychain"), "{error:?}");
    assert_eq!(folder.written(), 0);
}

#[tokio::test]
async fn a_bucket_without_its_keys_and_a_folder_without_its_path_are_refused() {
    let folder = Folder::new();
    let device = Device::new(&folder);
    let s3 = SyncPlace::S3 {
        bucket: "attic".to_owned(),
        prefix: "twin".to_owned(),
        region: String::new(),
        endpoint_url: String::new(),
        path_style: false,
        credentials: S3Credentials::Keys,
    };
    let policy = device.app.sync_policy(&s3);
    assert!(policy.contains("arn:aws:s3:::attic/twin/*"), "{policy}");
    let mut setup = folder.setup("Desk");
    setup.place = s3;
    assert_eq!(device.app.sync_test(setup.clone()).await.unwrap_err().code, Code::CredentialsMissing);
    setup.place = SyncPlace::Folder { path: "beside/the/point".to_owned() };
    assert_eq!(device.app.sync_policy(&setup.place), "");
    assert_eq!(device.app.sync_test(setup).await.unwrap_err().code, Code::InvalidInput);
    let error = device.app.sync_create(folder.setup(" \t"), secret(PASSPHRASE)).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidInput);
}

#[tokio::test]
async fn access_keys_are_replaced_by_others_that_work_and_by_no_others() {
    let bucket = Keyed::new("AKIAFIRST");
    let home = Home::new();
    let app = home.open_with(bucket.source());
    app.sync_create(keyed_setup("AKIAFIRST"), secret(PASSPHRASE)).await.unwrap();
    assert_eq!(app.sync_now().await.unwrap().state, SyncState::Settled);
    let first = app.settings().sync.keys_secret.unwrap();

    let error = app.sync_access_keys_replace(keys("AKIAWRONG")).await.unwrap_err();
    assert_eq!(error.code, Code::CredentialsRejected);
    assert_eq!(app.settings().sync.keys_secret.as_ref(), Some(&first));
    assert_eq!(app.sync_now().await.unwrap().state, SyncState::Settled);

    *bucket.right.lock().unwrap() = "AKIASECOND";
    let status = app.sync_now().await.unwrap();
    assert_eq!((status.state, status.failure.unwrap().code), (SyncState::Failed, Code::CredentialsRejected));
    app.sync_access_keys_replace(keys("AKIASECOND")).await.unwrap();
    assert_eq!(app.sync_now().await.unwrap().state, SyncState::Settled);
    // The old ones are gone, and the new ones outlast the program.
    assert_eq!(home.secrets.get(&first).unwrap(), None);
    drop(app);
    assert_eq!(home.open_with(bucket.source()).sync_now().await.unwrap().state, SyncState::Settled);

    // Keys may be good for another bucket of that name.
    let vaults = fs::read_dir(bucket.folder.path()).unwrap().map(|file| file.unwrap().path());
    for vault in vaults.filter(|path| path.is_dir()) {
        fs::remove_dir_all(vault).unwrap();
    }
    let app = home.open_with(bucket.source());
    assert_eq!(app.sync_access_keys_replace(keys("AKIASECOND")).await.unwrap_err().code, Code::NotFound);
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    assert_eq!(desk.app.sync_access_keys_replace(keys("AKIA")).await.unwrap_err().code, Code::InvalidInput);
}
