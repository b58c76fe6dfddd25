//! The built application in a real window, used as a person uses it. Run by `cargo xtask test`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accessibility;
mod archive;
mod argument;
mod attack;
mod bedrock;
mod caller;
mod composer;
mod crash;
mod desktop;
mod encryption;
mod filing;
mod find;
mod first_run;
mod keyboard;
mod keychain;
mod language;
mod markdown;
mod memory;
mod models;
mod openai;
mod palette;
mod persona;
mod remembered;
mod safety;
mod sync;
mod thread;
mod trouble;
