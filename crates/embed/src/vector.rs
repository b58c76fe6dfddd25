//! A direction in the space of meanings, in 8 bits a dimension.

use crate::kernel::Dot;
use pulp::Arch;

/// A vector of length one, of as many numbers as its model gives (384 to 3072 and more): each is `values[i] * scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector {
    /// From -127 to 127.
    pub values: Box<[i8]>,
    /// What one step of `values` is worth.
    pub scale: f32,
}

impl Vector {
    /// Of any direction but none; what comes in need not have length one, but must be finite.
    pub fn from_floats(floats: &[f32]) -> Self {
        let length = floats.iter().map(|float| float * float).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let largest = floats.iter().fold(f32::MIN_POSITIVE, |largest, float| largest.max(float.abs()));
        #[expect(clippy::cast_possible_truncation, reason = "from -127 to 127 by the division through the largest")]
        let values = floats.iter().map(|float| (float / largest * 127.0).round() as i8).collect();
        Self { values, scale: largest / 127.0 / length }
    }

    /// The cosine of the angle between two vectors: 1 for the same direction. 0 for vectors of different lengths: they
    /// are of two models, and have nothing to do with each other.
    pub fn dot(&self, other: &Self) -> f32 {
        if self.values.len() != other.values.len() {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a float holds such sums, or all but their last bits")]
        let sum = Arch::new().dispatch(Dot(&self.values, &other.values)) as f32;
        sum * self.scale * other.scale
    }

    /// To store: the scale, little end first, then the values.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.scale.to_le_bytes(), pulp::bytemuck::cast_slice(&self.values)].concat()
    }

    /// What was stored; none if it can be no vector. Of which model it is, and so how many numbers it should have, is
    /// known where it was stored.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (scale, values) = bytes.split_first_chunk()?;
        let scale = f32::from_le_bytes(*scale);
        let values: Box<[i8]> = values.iter().copied().map(u8::cast_signed).collect();
        (scale.is_finite() && !values.is_empty()).then_some(Self { values, scale })
    }
}
