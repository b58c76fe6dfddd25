//! The use cases, with a scripted model, a fixed clock and a home of their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answer;
mod archive;
mod attachment;
mod backup;
mod chat;
mod credential;
mod document;
mod embedder;
mod encryption;
mod forget;
mod heed;
mod import;
mod injection;
mod learn;
mod memory;
mod model;
mod persona;
mod provenance;
mod recall;
mod rooms;
#[cfg(target_os = "linux")]
mod secret;
mod session;
mod setting;
mod sync;
mod temporary;
mod testkit;
mod title;
mod trick;
mod usage;
mod watched;
