//! Who of the parts of a prompt gets how many tokens.

use super::history::Exchange;
use super::material::Material;
use super::meter::Meter;
use super::share::{self, Claim};
use twin_core::report::PartKind;

/// Who gets how many tokens.
pub(super) struct Grants {
    /// In the order of the persona's files.
    pub(super) materials: Vec<u32>,
    pub(super) memory: u32,
    pub(super) history: u32,
}

impl Grants {
    /// Most useful first: facts, summary, style, what is remembered, the conversation, the CV, documents. Where it is
    /// tight, documents therefore go first (their best sentences are still recalled), then the CV, then the oldest of
    /// the conversation, and so on.
    pub(super) fn new(
        room: u32,
        materials: &[Material<'_>],
        memory: u32,
        exchanges: &[Exchange<'_>],
        meter: Meter,
    ) -> Self {
        let conversation = exchanges.iter().map(|exchange| exchange.tokens).sum();
        // (usefulness, what, claim)
        let mut claims: Vec<(u8, Claimant, Claim)> = vec![
            (3, Claimant::Memory, Claim { need: memory, floor: 15, divisible: true }),
            (4, Claimant::History, Claim { need: conversation, floor: 25, divisible: true }),
        ];
        for (index, material) in materials.iter().enumerate() {
            let (usefulness, floor, divisible) = match material.kind {
                PartKind::Facts => (0, 30, true),
                PartKind::Summary => (1, 20, true),
                PartKind::Style => (2, 10, true),
                _ if material.is_cv => (5, 0, true),
                _ => (6, 0, false),
            };
            let need = meter.tokens(&material.whole());
            claims.push((usefulness, Claimant::Material(index), Claim { need, floor, divisible }));
        }
        claims.sort_by_key(|(usefulness, _, _)| *usefulness);
        let granted = share::grant(room, &claims.iter().map(|(_, _, claim)| *claim).collect::<Vec<_>>());

        let mut grants = Self { materials: vec![0; materials.len()], memory: 0, history: 0 };
        for ((_, claimant, _), tokens) in claims.iter().zip(granted) {
            match claimant {
                Claimant::Memory => grants.memory = tokens,
                Claimant::History => grants.history = tokens,
                Claimant::Material(index) => grants.materials[*index] = tokens,
            }
        }
        grants
    }
}

enum Claimant {
    Memory,
    History,
    Material(usize),
}
