//! The built application in a real window, used as a person uses it. Run by `cargo xtask test`.

mod bedrock;
mod crash;
mod first_run;
mod keyboard;
mod keychain;
mod memory;
mod models;
mod openai;
mod persona;
mod safety;
mod trouble;
