//! A row of the table, and the figures in it.

use serde_json::{Value, json};

/// What a row demands.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Ours is at most so many times the reference.
    Times(f64),
    /// Ours is at most that, whatever the reference is.
    AtMost(f64),
    /// Ours is at most that more than the reference.
    More(f64),
    /// Told beside another row, to explain it.
    None,
}

/// Medians: one round that the machine was busy with something else does not move them.
pub(crate) fn row(name: &str, ours: &[f64], reference: &[f64], unit: &str, target: Target) -> Value {
    let (mine, theirs) = (quantile(ours, 0.5), quantile(reference, 0.5));
    let ratio = mine / theirs;
    let (told, met) = match target {
        Target::Times(limit) => (format!("≤ {limit}×"), Some(ratio <= limit)),
        Target::AtMost(limit) => (format!("≤ {limit} {unit}"), Some(mine <= limit)),
        Target::More(limit) => (format!("≤ +{limit} {unit}"), Some(mine - theirs <= limit)),
        Target::None => ("none".to_owned(), None),
    };
    let range = |values: &[f64]| {
        let (low, high) = (quantile(values, 0.1), quantile(values, 0.9));
        let places = if high < 10.0 { 2 } else { 0 };
        format!("{low:.places$}–{high:.places$}")
    };
    json!({
        "name": name, "ours": mine, "reference": theirs, "unit": unit, "ratio": ratio, "target": told, "met": met,
        "spread": format!("{} / {}", range(ours), range(reference)),
    })
}

/// The value that this share of the values is not above.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list that fits into memory"
)]
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}
