//! Knows how to open the built window on a desktop of its own and to use it as a person would: by looking and typing.
//! Never reaches into the program: what it asserts was on the screen, in the home's files, or received by a server.
//! Proof: `Cargo.toml` names no crate of the product.

#![expect(clippy::print_stderr, reason = "a failing test says where its picture is")]
#![expect(clippy::expect_used, reason = "a test harness: a set-up that breaks must fail loudly, there and then")]

pub mod argument;
pub mod attack;
pub mod command;
pub mod desktop;
pub mod given;
pub mod history;
pub mod home;
pub mod look;
pub mod lossy;
pub mod meeting;
pub mod memory;
pub mod ministack;
pub mod moto;
pub mod person;
pub mod power;
pub mod process;
pub mod random;
pub mod screen;
pub mod slow;
pub mod stub;
pub mod taker;
pub mod tray;
pub mod watch;
pub mod world;

pub use world::World;
