//! Knows how to speak to what is outside: Bedrock, OpenAI-compatible servers, S3, folders of objects, the keychain.
//! Never knows why it is asked, imports no other room, and puts neither content nor a secret into an error.
//! Proof: `tests/it` judges what is sent and made of each answer; `crates/app/tests/it/rooms.rs` reads the manifest.

#[cfg(any(feature = "bedrock", feature = "openai"))]
mod cause;
#[cfg(any(feature = "bedrock", feature = "openai"))]
mod embedding;
#[cfg(any(feature = "bedrock", feature = "openai"))]
pub mod network;
#[cfg(any(feature = "bedrock", feature = "openai"))]
mod quote;

#[cfg(feature = "bedrock")]
pub mod bedrock;
#[cfg(feature = "bucket")]
pub mod bucket;
#[cfg(feature = "keychain")]
pub mod keychain;
#[cfg(feature = "openai")]
pub mod openai;
