//! What answers cost.

use crate::model::{ModelRef, Usage};
use serde::{Deserialize, Serialize};

/// What one or several answers used.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct Spend {
    /// Tokens, as the providers counted.
    pub usage: Usage,
    /// US dollars by the price file, of the answers whose price is known; none if that is none of them.
    pub dollars: Option<f64>,
    /// How many answers.
    pub answers: u32,
    /// How many of them have no known price.
    pub unpriced: u32,
}

/// One model's share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct ModelSpend {
    /// Which model.
    pub model: ModelRef,
    /// What it used.
    pub spend: Spend,
}

/// A month's use, of deleted sessions as well: they were paid for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "specta", derive(specta::Type))]
pub struct MonthUsage {
    /// `2026-11`, in the person's zone.
    pub month: String,
    /// All of it.
    pub total: Spend,
    /// By model, the dearest first.
    pub models: Vec<ModelSpend>,
}
