//! Knows how to speak to what is outside the process: Amazon Bedrock, OpenAI-compatible servers, the keychain.
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
#[cfg(feature = "keychain")]
pub mod keychain;
#[cfg(feature = "openai")]
pub mod openai;
