//! Unpredictable bytes from the operating system.

use crate::error::WireError;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng as _};
use twin_core::error::{Code, Failure};
use twin_core::port::Random;

/// A generator that the operating system has seeded. A seed and not the system itself for each byte: the system may refuse,
/// which is to be known before anything is begun, and never in the middle of a key.
pub(crate) struct MachineRandom(StdRng);

impl MachineRandom {
    /// A new one, with a seed of its own.
    pub(crate) fn new() -> Result<Self, WireError> {
        StdRng::try_from_rng(&mut SysRng).map(Self).map_err(|_| {
            let hint = "Try again; if it stays, restart the machine.";
            Failure::passing(Code::Internal, "the system gave no random numbers", hint).into()
        })
    }
}

impl Random for MachineRandom {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }
}
