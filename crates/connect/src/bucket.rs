//! Where sealed objects are kept: S3 and whatever speaks like it, or a plain folder. Which conditions each of them can
//! give is in `docs/decisions/0025-bucket.md`.

mod folder;
mod s3;

pub use folder::FolderBucket;
pub use s3::{S3Auth, S3Bucket, S3Config, policy};
