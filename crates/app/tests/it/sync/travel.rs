//! What travels, and what becomes of it.

use super::place::Folder;
use super::{Device, PASSPHRASE, passphrase, secret, two};
use crate::testkit::{asking, collecting, holding, told, whole};
use std::time::Duration;
use twin_app::chat::SendRequest;
use twin_app::job::Job;
use twin_app::sync::{SyncSecret, SyncSparing, SyncState};
use twin_core::memory::ForgetScope;
use twin_core::settings::{Settings, SyncSettings, Theme};
use twin_core::sync::OtherVersionOf;

#[tokio::test]
async fn what_is_said_on_each_of_three_devices_is_on_all_of_them() {
    let folder = Folder::new();
    let (desk, code) = Device::first(&folder).await;
    let before = desk.say("Said at the desk, before anybody joined.").await;
    desk.round().await;
    let laptop = Device::joined(&folder, "Laptop", passphrase()).await;
    let phone = Device::joined(&folder, "Phone", SyncSecret::RecoveryCode { code }).await;
    let on_laptop = laptop.say("Said on the laptop, pelikanwort.").await;
    let on_phone = phone.say("Said on the phone.").await;
    for device in [&laptop, &phone, &desk, &laptop] {
        device.round().await;
    }
    for device in [&desk, &laptop, &phone] {
        assert_eq!(device.messages(before).await, ["Said at the desk, before anybody joined.", "I see."]);
        assert_eq!(device.messages(on_laptop).await, ["Said on the laptop, pelikanwort.", "I see."]);
        assert_eq!(device.messages(on_phone).await, ["Said on the phone.", "I see."]);
    }
    let status = desk.app.sync_status().await.unwrap();
    let names: Vec<&str> = status.devices.iter().map(|device| device.name.as_str()).collect();
    assert_eq!(names, ["Desk", "Laptop", "Phone"]);
    assert!(status.devices[0].this && status.devices.iter().all(|device| device.records > 0));
    assert!(status.devices.iter().all(|device| device.last_record_at.is_some()));
    // Nothing of it can be read where it lies.
    for word in ["pelikanwort", "Laptop", PASSPHRASE] {
        assert_eq!(holding(folder.path(), word.as_bytes()), Vec::<String>::new(), "{word}");
    }
}

#[tokio::test]
async fn a_setting_that_travels_takes_effect_and_those_of_the_device_stay() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let mut settings = desk.app.settings();
    settings.theme = Theme::Dark;
    settings.tray = !settings.tray;
    // Beginning and leaving are more than a setting.
    settings.sync = SyncSettings::default();
    let saved = desk.app.settings_save(settings).await.unwrap();
    assert!(saved.sync.place.is_some());
    desk.round().await;
    laptop.round().await;
    let there = laptop.app.settings();
    assert_eq!(there.theme, Theme::Dark);
    assert_ne!(there.tray, saved.tray);
    assert_eq!(there.sync.device_name, "Laptop");
}

#[tokio::test]
async fn a_title_that_was_edited_on_two_devices_at_once_is_the_same_on_both_and_the_other_one_is_kept() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let session = desk.say("What shall this be called?").await;
    desk.round().await;
    laptop.round().await;
    desk.app.session_rename(session, "As the desk calls it").await.unwrap();
    laptop.home.pass(1);
    laptop.app.session_rename(session, "As the laptop calls it").await.unwrap();
    for device in [&desk, &laptop, &desk] {
        device.app.sync_now().await.unwrap();
    }
    for device in [&desk, &laptop] {
        assert_eq!(device.title(session).await, "As the laptop calls it");
        let lost = device.app.sync_status().await.unwrap().other_versions;
        let [lost] = &lost[..] else { panic!("{lost:?}") };
        assert_eq!(lost.value, "As the desk calls it");
        assert!(matches!(&lost.of, OtherVersionOf::Title { now, .. } if now == "As the laptop calls it"), "{lost:?}");
    }
    let id = desk.app.sync_status().await.unwrap().other_versions[0].id;
    desk.app.sync_other_version_take(id).await.unwrap();
    desk.round().await;
    laptop.round().await;
    for device in [&desk, &laptop] {
        assert_eq!(device.title(session).await, "As the desk calls it");
        assert_eq!(device.app.sync_status().await.unwrap().other_versions, []);
    }
}

#[tokio::test]
async fn an_attached_file_travels_lies_there_once_and_goes_when_it_is_forgotten() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    // Those of the persona.
    let before = folder.files("/blob/");
    let text = "Notes on a zwiebackfile.".repeat(50);
    let staged = desk.app.attachment_add_bytes("notes.txt".to_owned(), text.clone().into_bytes()).await.unwrap();
    desk.home.answer(whole("I see."));
    let (sink, events) = collecting();
    let request = SendRequest { attachments: vec![staged.attachment.id], ..asking("Read this.") };
    desk.app.chat_send(request, sink).await.unwrap();
    let session = told(events).await.session;
    assert_eq!(desk.app.sync_status().await.unwrap().waiting.files, 1);
    assert_eq!(desk.round().await.waiting.files, 0);
    assert_eq!(folder.files("/blob/").len(), before.len() + 1);
    assert_eq!(holding(folder.path(), b"zwiebackfile"), Vec::<String>::new());
    laptop.round().await;
    let sha256 = staged.attachment.sha256;
    assert_eq!(
        laptop.app.attachment_data(sha256.clone()).await.unwrap(),
        desk.app.attachment_data(sha256.clone()).await.unwrap()
    );
    laptop.app.forget(ForgetScope::Session { id: session }).await.unwrap();
    laptop.round().await;
    assert_eq!(folder.files("/blob/"), before);
    desk.round().await;
    assert!(desk.app.attachment_data(sha256).await.is_err());
}

#[tokio::test]
async fn what_is_forgotten_on_one_device_is_gone_from_all_and_from_the_bucket() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let kept = desk.say("I play the harp.").await;
    let gone = desk.say("I keep a canaryzwieback.").await;
    desk.round().await;
    laptop.round().await;
    let contents =
        || folder.files("/s/").into_iter().map(|file| (fs_err::read(&file).unwrap(), file)).collect::<Vec<_>>();
    let before = contents();
    laptop.app.forget(ForgetScope::Session { id: gone }).await.unwrap();
    laptop.round().await;
    desk.round().await;
    for device in [&desk, &laptop] {
        assert!(device.app.session_get(gone).await.is_err());
        assert_eq!(device.messages(kept).await, ["I play the harp.", "I see."]);
        assert_eq!(holding(device.home.path(), b"canaryzwieback"), Vec::<String>::new());
    }
    // The segment that had it was sealed anew, by a device that did not write it.
    let after = contents();
    assert!(before.iter().any(|(bytes, file)| after.iter().any(|(now, same)| same == file && now != bytes)));
    let phone = Device::joined(&folder, "Phone", passphrase()).await;
    assert!(phone.app.session_get(gone).await.is_err());
    assert_eq!(phone.messages(kept).await, ["I play the harp.", "I see."]);
    let verified = phone.app.sync_verify(Job::quiet()).await.unwrap().unwrap();
    assert_eq!((verified.damaged.len(), verified.missing), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_travels_by_itself_unless_it_is_paused() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    // Nobody else is to ask the script.
    let settings = desk.app.settings();
    desk.app.settings_save(Settings { titles_by_model: false, ..settings }).await.unwrap();
    let _watching = [desk.app.watch(), laptop.app.watch()];
    let mut notices = laptop.app.notices();
    let session = desk.say("By itself.").await;
    while laptop.app.session_get(session).await.is_err() {
        notices.recv().await.unwrap();
    }
    assert_eq!(laptop.messages(session).await.first().unwrap(), "By itself.");

    desk.app.sync_pause(true).await.unwrap();
    let session = desk.say("Later.").await;
    tokio::time::sleep(std::time::Duration::from_mins(30)).await;
    let status = desk.app.sync_status().await.unwrap();
    assert_eq!(status.state, SyncState::Paused);
    assert!(status.waiting.records > 0 && laptop.app.session_get(session).await.is_err());
    desk.app.sync_pause(false).await.unwrap();
    laptop.app.sync_look();
    while laptop.app.session_get(session).await.is_err() {
        notices.recv().await.unwrap();
    }
}

/// Days go by on the wall, and none of them by the machine's own count.
#[tokio::test(start_paused = true)]
async fn after_days_asleep_the_devices_meet_within_minutes() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let settings = laptop.app.settings();
    laptop.app.settings_save(Settings { titles_by_model: false, ..settings }).await.unwrap();
    let _watching = [desk.app.watch(), laptop.app.watch()];
    tokio::time::sleep(Duration::from_hours(2)).await;
    for device in [&desk, &laptop] {
        device.home.pass(9 * 24);
    }
    let woke = tokio::time::Instant::now();
    let session = laptop.say("Said after nine days.").await;
    while desk.app.session_get(session).await.is_err() {
        assert!(woke.elapsed() <= Duration::from_mins(6));
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_that_rests_asks_rarely() {
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    let _watching = desk.app.watch();
    tokio::time::sleep(std::time::Duration::from_hours(1)).await;
    let begun = folder.asked();
    tokio::time::sleep(std::time::Duration::from_hours(5)).await;
    // Alone, it has nobody to ask for; once an hour it looks at the keyring, and whether somebody writes under its id.
    assert!((8..=12).contains(&(folder.asked() - begun)), "{}", folder.asked() - begun);
}

/// What comes of it, too: what is written elsewhere arrives later, and at once when it is plugged in.
#[tokio::test(start_paused = true)]
async fn on_battery_it_asks_less_often_until_it_is_plugged_in() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let _watching = laptop.app.watch();
    let minutes = |minutes| tokio::time::sleep(std::time::Duration::from_mins(minutes));
    minutes(2).await;
    let begun = folder.asked();
    minutes(4).await;
    let usual = folder.asked() - begun;
    laptop.app.sync_spare(Some(SyncSparing::Battery));
    assert_eq!(laptop.app.sync_status().await.unwrap().sparing, Some(SyncSparing::Battery));
    minutes(2).await;
    let begun = folder.asked();
    minutes(4).await;
    let sparing = folder.asked() - begun;
    assert!(0 < sparing && sparing * 3 < usual, "{sparing} and {usual} requests");

    let session = desk.say("Are you plugged in?").await;
    desk.round().await;
    minutes(1).await;
    assert!(laptop.app.session_get(session).await.is_err(), "not yet");
    laptop.app.sync_spare(None);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(laptop.messages(session).await.len(), 2);
}

/// What storage in a bucket costs is counted in requests.
#[tokio::test(start_paused = true)]
async fn a_turn_costs_two_writes_at_most_and_a_day_of_three_devices_six_thousand_requests() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let phone = Device::joined(&folder, "Phone", passphrase()).await;
    for device in [&desk, &laptop, &phone] {
        let settings = device.app.settings();
        device.app.settings_save(Settings { titles_by_model: false, ..settings }).await.unwrap();
    }
    let _watching = [&desk, &laptop, &phone].map(|device| device.app.watch());
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    let begun = folder.written();
    let session = desk.say("What does it cost?").await;
    tokio::time::sleep(std::time::Duration::from_mins(10)).await;
    assert_eq!(laptop.messages(session).await.len(), 2);
    let written = folder.written() - begun;
    assert!((1..=2).contains(&written), "{written} writes for a turn");

    let begun = folder.asked();
    for hour in 0..24 {
        // Somebody comes to one of them now and then, as people do.
        [&desk, &laptop, &phone][hour % 3].app.sync_look();
        tokio::time::sleep(std::time::Duration::from_hours(1)).await;
    }
    let asked = folder.asked() - begun;
    assert!(asked <= 6_000, "{asked} requests in a day");
}

/// As `twin sync now` does it, in a process of its own each time.
#[tokio::test]
async fn a_look_that_finds_nothing_asks_three_things() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    desk.round().await;
    laptop.round().await;
    let Device { home, app } = desk;
    drop(app);
    let app = home.open_with(folder.source());
    let begun = folder.asked();
    assert_eq!(app.sync_now().await.unwrap().state, SyncState::Settled);
    // The keyring, what the laptop wrote next, and whether another process writes as this device.
    assert_eq!(folder.asked() - begun, 3);
}

#[tokio::test]
async fn the_persona_of_the_first_device_is_that_of_all_and_an_edit_on_two_at_once_loses_neither() {
    let folder = Folder::new();
    let (desk, _) = Device::first(&folder).await;
    let file = |device: &Device| device.app.persona_folder().join("style.md");
    fs_err::write(file(&desk), "Dry, and short.").unwrap();
    desk.app.persona_reload().await.unwrap();
    desk.round().await;
    let laptop = Device::joined(&folder, "Laptop", passphrase()).await;
    laptop.round().await;
    // The sample that came with the laptop's program is nobody's edit.
    for device in [&laptop, &desk] {
        assert_eq!(device.round().await.other_versions, []);
        assert_eq!(fs_err::read_to_string(file(device)).unwrap(), "Dry, and short.");
    }
    let listed = |device: &Device| {
        let files = device.app.persona_view().files;
        files.into_iter().map(|file| file.path).collect::<Vec<_>>()
    };
    assert_eq!(listed(&laptop), listed(&desk), "the twin knows of it without a restart");

    for (device, text) in [(&desk, "Of the desk."), (&laptop, "Of the laptop.")] {
        fs_err::write(file(device), text).unwrap();
        device.app.persona_reload().await.unwrap();
    }
    for device in [&desk, &laptop, &desk, &laptop] {
        device.round().await;
    }
    let stands = fs_err::read_to_string(file(&desk)).unwrap();
    assert_eq!(fs_err::read_to_string(file(&laptop)).unwrap(), stands);
    // The laptop's record was made when the desk's was not known there, or it took the place of it knowingly.
    let lost = if stands == "Of the desk." { "Of the laptop." } else { "Of the desk." };
    let versions = laptop.app.sync_status().await.unwrap().other_versions;
    let path = "style.md".to_owned();
    let shown: Vec<_> = versions.iter().map(|version| (&version.of, version.value.as_str())).collect();
    assert_eq!(shown, [(&OtherVersionOf::File { path }, lost)]);
    laptop.app.sync_other_version_take(versions[0].id).await.unwrap();
    for device in [&laptop, &desk, &laptop] {
        device.round().await;
    }
    for device in [&desk, &laptop] {
        assert_eq!(fs_err::read_to_string(file(device)).unwrap(), lost);
    }
}

#[tokio::test]
async fn whoever_left_keeps_everything_and_may_join_again() {
    let folder = Folder::new();
    let (desk, laptop) = two(&folder).await;
    let session = laptop.say("Before I left.").await;
    laptop.app.sync_leave().await.unwrap();
    assert_eq!(laptop.app.sync_status().await.unwrap().state, SyncState::Off);
    assert_eq!(laptop.app.settings().sync, SyncSettings::default());
    assert_eq!(laptop.messages(session).await.len(), 2);
    let alone = laptop.say("While I was away.").await;
    let status = desk.round().await;
    assert!(status.devices[1].removed.is_some());
    assert_eq!(desk.messages(session).await.len(), 2, "what waited was sent before");
    assert!(desk.app.session_get(alone).await.is_err());
    laptop.app.sync_join(folder.setup("Laptop again"), None, passphrase()).await.unwrap();
    laptop.round().await;
    desk.round().await;
    for device in [&desk, &laptop] {
        assert_eq!(device.messages(session).await.len(), 2);
        assert_eq!(device.messages(alone).await.len(), 2);
    }
    assert_eq!(desk.app.sync_status().await.unwrap().devices.len(), 3);
}

#[tokio::test]
async fn another_passphrase_another_code_and_another_key_open_what_the_ones_before_do_not() {
    let folder = Folder::new();
    let (desk, old) = Device::first(&folder).await;
    desk.app.sync_passphrase_change(secret("five words and no harp")).await.unwrap();
    let code = desk.app.sync_recovery_code_new().await.unwrap();
    desk.app.sync_rotate().await.unwrap();
    let session = desk.say("Under the new key.").await;
    desk.round().await;
    let stranger = Device::new(&folder);
    for before in [passphrase(), SyncSecret::RecoveryCode { code: old }] {
        let refused = stranger.app.sync_join(folder.setup("Stranger"), None, before).await.unwrap_err();
        assert_eq!(refused.code, twin_core::error::Code::SyncWrongKey);
    }
    let laptop = Device::joined(&folder, "Laptop", SyncSecret::RecoveryCode { code }).await;
    assert_eq!(laptop.messages(session).await.len(), 2);
}
