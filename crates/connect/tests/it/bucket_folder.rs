//! What a folder meets that no service does.

use crate::bucket_stage::{Stage, Which, absent, matching};
use fs_err as fs;
use std::path::{Path, PathBuf};
use twin_connect::bucket::FolderBucket;
use twin_core::bucket::{Bucket as _, ETag, LARGEST_OBJECT, Outcome, Request};
use twin_core::error::{Code, Failure};

fn every(name: &str) -> [Request; 7] {
    let name = name.to_owned();
    [
        absent(&name, b"x", "id"),
        matching(&name, b"x", "id", &ETag("e".to_owned())),
        Request::Get { name: name.clone() },
        Request::Head { name: name.clone() },
        Request::List { prefix: name.clone(), after: None },
        Request::Delete { name: name.clone() },
        Request::DeleteOldVersions { name },
    ]
}

fn failed(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Failed(failure) => crate::judged(failure),
        other => panic!("{other:?}"),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_drive_that_is_not_connected_does_not_look_like_an_empty_bucket() {
    let mount = tempfile::tempdir().unwrap();
    // Some systems leave the empty folder behind, others take it away.
    for root in [mount.path().to_owned(), mount.path().join("gone")] {
        let bucket = FolderBucket::new(&root);
        for request in every("v/keyring") {
            let failure = failed(bucket.ask(request).await.outcome);
            assert_eq!(failure.code, Code::NotFound);
            assert!(failure.message.contains("is not there") && failure.hint.starts_with("Connect the drive"));
        }
    }
    assert!(files(mount.path()).is_empty());
    let failure = crate::judged(FolderBucket::new(mount.path().join("gone")).set_up().await.unwrap_err());
    assert_eq!(failure.code, Code::NotFound);
}

#[tokio::test]
async fn a_file_that_is_larger_than_any_of_ours_is_not_read() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    stage.put("v/keyring", b"sealed", "id").await;
    let mut files = files(stage.folder()).into_iter();
    let file = files.find(|file| file.ends_with("keyring.twin")).unwrap();
    // Full of holes: it takes no room.
    fs::File::options().write(true).open(file).unwrap().set_len(LARGEST_OBJECT as u64 + 1).unwrap();
    let failure = failed(stage.ask(Request::Get { name: "v/keyring".to_owned() }).await);
    assert!(failure.message.contains("keyring"), "{failure:?}");
}

#[tokio::test]
async fn a_folder_is_set_up_by_any_device_and_keeps_what_it_has() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    stage.put("v/keyring", b"sealed", "id").await;
    let other = FolderBucket::new(stage.folder());
    other.set_up().await.unwrap();
    let found = other.ask(Request::Get { name: "v/keyring".to_owned() }).await.outcome;
    assert!(matches!(found, Outcome::Found { bytes, .. } if bytes == b"sealed"));
}

#[tokio::test]
async fn a_file_that_is_still_being_carried_is_lost_and_one_of_somebody_else_has_no_put_id() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    stage.put("v/1", b"sealed bytes", "id").await;
    let file = stage.folder().join("v/1.twin");
    let whole = fs::read(&file).unwrap();
    for length in [0, 5, whole.len() - 1] {
        fs::write(&file, &whole[..length]).unwrap();
        assert_eq!(stage.ask(Request::Get { name: "v/1".to_owned() }).await, Outcome::Lost, "{length}");
        assert_eq!(stage.ask(Request::Head { name: "v/1".to_owned() }).await, Outcome::Lost, "{length}");
    }
    fs::write(&file, "put here by hand").unwrap();
    assert_eq!(stage.get("v/1").await.unwrap(), b"put here by hand");
    assert_eq!(stage.put_id("v/1").await, None);
}

#[tokio::test]
async fn what_others_leave_in_the_folder_is_not_listed() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    stage.put("v/keyring", b"x", "id").await;
    for other in ["v/keyring (conflicted copy).twin", "v/.sync-conflict.twin", "v/keyring", ".stfolder/x.twin"] {
        let path = stage.folder().join(other);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    assert_eq!(stage.list("", None).await, (vec!["v/keyring".to_owned()], false));
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_leads_out_of_the_folder() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file.twin"), "private").unwrap();
    fs::create_dir(stage.folder().join("v")).unwrap();
    std::os::unix::fs::symlink(outside.path(), stage.folder().join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("file.twin"), stage.folder().join("v/file.twin")).unwrap();
    for name in ["out/file", "v/file", "out/new", "out/deep/new"] {
        for request in every(name).into_iter().filter(|request| !matches!(request, Request::List { .. })) {
            let is_sweep = matches!(request, Request::DeleteOldVersions { .. });
            if is_sweep && name == "v/file" {
                continue;
            }
            let failure = failed(stage.ask(request).await);
            assert!(failure.message.contains("is a link"), "{failure:?}");
        }
    }
    assert_eq!(stage.list("", None).await.0, Vec::<String>::new());
    assert_eq!(files(outside.path()), [outside.path().join("file.twin")]);
    assert_eq!(fs::read_to_string(outside.path().join("file.twin")).unwrap(), "private");
}

#[tokio::test]
async fn what_a_killed_process_left_behind_is_forgotten_with_its_object() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    stage.put("v/1", b"sealed", "id").await;
    assert_eq!(files(stage.folder()).len(), 2, "nothing unfinished stays behind after a writing");
    let hash = |name: &str| {
        let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
        let digits = digest.as_ref()[..8].iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect::<String>()
    };
    let (mine, others) = (format!("v/.{}-kill", hash("v/1")), format!("v/.{}-live", hash("v/2")));
    for left in [&mine, &others] {
        fs::write(stage.folder().join(left), "half of what was to be forgotten").unwrap();
    }
    assert_eq!(stage.list("", None).await.0, ["v/1"]);
    assert_eq!(stage.ask(Request::DeleteOldVersions { name: "v/1".to_owned() }).await, Outcome::Deleted);
    assert!(!stage.folder().join(mine).exists() && stage.folder().join(others).exists());
    assert_eq!(stage.get("v/1").await.unwrap(), b"sealed");
}

/// Another process writes: it holds the lock.
#[tokio::test]
async fn a_writer_waits_for_another_process_and_a_reader_does_not() {
    let stage = Stage::set(Which::Folder).await.unwrap();
    let etag = stage.put("v/keyring", b"first", "id").await;
    let marker = std::fs::File::options().read(true).open(stage.folder().join("Digital Twin.txt")).unwrap();
    marker.lock().unwrap();
    let mut writing = stage.bucket.ask(matching("v/keyring", b"second", "id", &etag));
    assert!(futures_util::poll!(&mut writing).is_pending());
    // It has written all that it can without the lock: the marker, the object, and what is to become the object.
    let ready = async {
        while files(stage.folder()).len() < 3 {
            tokio::task::yield_now().await;
        }
    };
    crate::soon(ready).await;
    for _ in 0..100 {
        assert_eq!(stage.get("v/keyring").await.unwrap(), b"first");
    }
    marker.unlock().unwrap();
    assert!(matches!(crate::soon(writing).await.outcome, Outcome::Stored { .. }));
}
