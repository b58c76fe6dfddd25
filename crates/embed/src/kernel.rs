//! The arithmetic of the model, written so that the compiler uses the widest instructions of the processor at hand.
//!
//! What is handed to `Multiply::run` is compiled twice: for processors with AVX2, and for any. Sums are added up in an
//! order that is written down, so both give the same numbers.

#![expect(clippy::inline_always, reason = "what is not inlined is compiled for any processor")]
#![expect(clippy::cast_precision_loss, reason = "a float holds these sums and widths, or all but their last bit")]

use pulp::{NullaryFnOnce, Simd, WithSimd};

/// Rows that are multiplied at a time: their sums and the weights that they share fit the registers.
pub(crate) const ROWS: usize = 4;
/// Outputs that lie beside each other in packed weights, and how many inputs of each.
pub(crate) const LANES: usize = 8;
pub(crate) const DEPTH: usize = 4;
const PACKED: usize = LANES * DEPTH;
/// Times `LANES`: outputs that are summed at a time.
const TOGETHER: usize = 2;
/// What is added to a whole number from -127 to 127 to store it without a sign.
const MIDDLE: u8 = 128;
/// Added to a small float, leaves its nearest whole number in the last bits (and rounds without a function of its own).
const WHOLE: f32 = 12_582_912.0;

/// A kind of processor, with the one step for which the compiler does not find the right instructions by itself.
pub(crate) trait Multiply: Copy {
    /// Does `work` with all instructions of this kind. One step of the model at a time: all of it in one function, and the
    /// inner loops run out of registers.
    fn run<Work: NullaryFnOnce>(self, work: Work) -> Work::Output;
    /// One sum for each of `LANES` outputs.
    type Sums: Copy;
    fn zero(self) -> Self::Sums;
    /// Adds `DEPTH` products to each sum. Weights are from -63 to 63: two products fit 16 bits.
    fn add(self, sums: Self::Sums, inputs: [u8; DEPTH], weights: &[i8; PACKED]) -> Self::Sums;
    fn lanes(self, sums: Self::Sums) -> [i32; LANES];
}

/// For any processor.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Multiply for Plain {
    type Sums = [i32; LANES];

    fn run<Work: NullaryFnOnce>(self, work: Work) -> Work::Output {
        work.call()
    }

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    fn add(self, mut sums: Self::Sums, inputs: [u8; DEPTH], weights: &[i8; PACKED]) -> Self::Sums {
        for (sum, weights) in sums.iter_mut().zip(weights.as_chunks::<DEPTH>().0) {
            for (input, weight) in inputs.iter().zip(weights) {
                *sum += i32::from(*input) * i32::from(*weight);
            }
        }
        sums
    }

    #[inline(always)]
    fn lanes(self, sums: Self::Sums) -> [i32; LANES] {
        sums
    }
}

#[cfg(target_arch = "x86_64")]
impl Multiply for pulp::x86::V3 {
    type Sums = std::arch::x86_64::__m256i;

    fn run<Work: NullaryFnOnce>(self, work: Work) -> Work::Output {
        self.vectorize(work)
    }

    #[inline(always)]
    fn zero(self) -> Self::Sums {
        self.avx._mm256_setzero_si256()
    }

    #[inline(always)]
    fn add(self, sums: Self::Sums, inputs: [u8; DEPTH], weights: &[i8; PACKED]) -> Self::Sums {
        let inputs = self.avx._mm256_set1_epi32(i32::from_le_bytes(inputs));
        let pairs = self.avx2._mm256_maddubs_epi16(inputs, pulp::cast(*weights));
        self.avx2._mm256_add_epi32(sums, self.avx2._mm256_madd_epi16(pairs, self.avx._mm256_set1_epi16(1)))
    }

    #[inline(always)]
    fn lanes(self, sums: Self::Sums) -> [i32; LANES] {
        pulp::cast(sums)
    }
}

/// Rows of whole numbers with what a step of each row is worth.
pub(crate) struct Rows {
    pub(crate) values: Vec<u8>,
    pub(crate) steps: Vec<f32>,
}

/// A float matrix, row by row, in 8 bits.
#[inline(always)]
pub(crate) fn quantise(floats: &[f32], width: usize) -> Rows {
    let mut rows = Rows { values: vec![0; floats.len()], steps: Vec::with_capacity(floats.len() / width) };
    for (values, floats) in rows.values.chunks_exact_mut(width).zip(floats.chunks_exact(width)) {
        let largest = largest(floats, f32::abs).max(1e-30);
        let factor = 127.0 / largest;
        for (value, float) in values.iter_mut().zip(floats) {
            #[expect(clippy::cast_possible_truncation, reason = "the last bits are the number")]
            let low = (float * factor + WHOLE).to_bits() as u8;
            *value = low.wrapping_add(MIDDLE);
        }
        rows.steps.push(largest / 127.0);
    }
    rows
}

/// A matrix of the model, in 8 bits.
pub(crate) struct Linear {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// `[outputs / LANES][inputs / DEPTH][LANES][DEPTH]`.
    pub(crate) weights: &'static [i8],
    /// For each output: what a step is worth, what `MIDDLE` added to its sum, and what is added in the end.
    pub(crate) steps: Vec<f32>,
    pub(crate) middles: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

impl Linear {
    /// Whole rows of `inputs`, their number a multiple of `ROWS`, to rows of `outputs`.
    #[inline(always)]
    pub(crate) fn apply(&self, multiply: impl Multiply, rows: &Rows) -> Vec<f32> {
        let mut out = vec![0.0; rows.steps.len() * self.outputs];
        let blocks = self.weights.chunks_exact(TOGETHER * LANES * self.inputs);
        for (weights, first) in blocks.zip((0..).step_by(TOGETHER * LANES)) {
            for (values, row) in rows.values.chunks_exact(ROWS * self.inputs).zip((0..).step_by(ROWS)) {
                let sums = self.sums(multiply, weights, values);
                for (sums, row) in sums.into_iter().zip(row..) {
                    for (sums, first) in sums.into_iter().zip((first..).step_by(LANES)) {
                        let out = &mut out[row * self.outputs + first..][..LANES];
                        self.put(multiply.lanes(sums), rows.steps[row], first, out);
                    }
                }
            }
        }
        out
    }

    /// `ROWS` rows times the weights of `TOGETHER * LANES` outputs.
    #[inline(always)]
    fn sums<M: Multiply>(&self, multiply: M, weights: &[i8], values: &[u8]) -> [[M::Sums; TOGETHER]; ROWS] {
        let (one, other) = weights.split_at(LANES * self.inputs);
        let (one, other) = (one.as_chunks::<PACKED>().0, other.as_chunks::<PACKED>().0);
        let values: [&[[u8; DEPTH]]; ROWS] =
            std::array::from_fn(|row| values[row * self.inputs..][..self.inputs].as_chunks().0);
        let mut sums = [[multiply.zero(); TOGETHER]; ROWS];
        for (at, (one, other)) in one.iter().zip(other).enumerate() {
            for (sums, values) in sums.iter_mut().zip(values) {
                sums[0] = multiply.add(sums[0], values[at], one);
                sums[1] = multiply.add(sums[1], values[at], other);
            }
        }
        sums
    }

    /// Sums of whole numbers become floats.
    #[inline(always)]
    fn put(&self, sums: [i32; LANES], step: f32, first: usize, out: &mut [f32]) {
        let of = |floats: &[f32], lane: usize| floats[first..][..LANES][lane];
        for lane in 0..LANES {
            let sum = sums[lane] as f32 - of(&self.middles, lane);
            out[lane] = sum * (step * of(&self.steps, lane)) + of(&self.biases, lane);
        }
    }
}

/// Folds what is read from each float, in sixteen lanes: in one, every step would wait for the one before.
#[inline(always)]
fn fold(floats: &[f32], from: f32, read: impl Fn(f32) -> f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [from; 16];
    let (chunks, rest) = floats.as_chunks::<16>();
    for chunk in chunks {
        for (lane, float) in lanes.iter_mut().zip(chunk) {
            *lane = join(*lane, read(*float));
        }
    }
    for (lane, float) in lanes.iter_mut().zip(rest) {
        *lane = join(*lane, read(*float));
    }
    lanes.into_iter().fold(from, join)
}

#[inline(always)]
fn sum(floats: &[f32], read: impl Fn(f32) -> f32) -> f32 {
    fold(floats, 0.0, read, |sum, float| sum + float)
}

#[inline(always)]
fn largest(floats: &[f32], read: impl Fn(f32) -> f32) -> f32 {
    fold(floats, f32::MIN, read, |largest, float| if float > largest { float } else { largest })
}

/// Mean 0 and variance 1 in each row, then scaled and moved.
#[inline(always)]
pub(crate) fn normalise(floats: &mut [f32], scales: &[f32], biases: &[f32]) {
    let width = scales.len() as f32;
    for row in floats.chunks_exact_mut(scales.len()) {
        let mean = sum(row, |float| float) / width;
        for float in row.iter_mut() {
            *float -= mean;
        }
        let variance = sum(row, |float| float * float) / width;
        let factor = 1.0 / (variance + 1e-12).sqrt();
        for ((float, scale), bias) in row.iter_mut().zip(scales).zip(biases) {
            *float = *float * factor * scale + bias;
        }
    }
}

/// GELU (Hendrycks and Gimpel 2016), exact to 2e-7: the error function is formula 7.1.26 of Abramowitz and Stegun.
#[inline(always)]
pub(crate) fn gelu(floats: &mut [f32]) {
    for float in floats {
        let x = float.abs() * std::f32::consts::FRAC_1_SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * x);
        let series = ((((1.061_405_4 * t - 1.453_152) * t + 1.421_413_7) * t - 0.284_496_74) * t + 0.254_829_6) * t;
        let error_function = (1.0 - series * exp(-x * x)).copysign(*float);
        *float *= 0.5 * (1.0 + error_function);
    }
}

/// e^x to 2 units in the last place, for x up to 80; below -80 as at -80.
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = if x < -80.0 { -80.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + WHOLE;
    let whole = shifted - WHOLE;
    // ln 2 in two parts, so that the product with the first is exact.
    let rest = x - whole * 0.693_359_4 + whole * 2.121_944_4e-4;
    let series = 1.0
        + rest
        + rest
            * rest
            * (0.5 + rest * (0.166_666_65 + rest * (0.041_665_796 + rest * (0.008_333_452 + rest * 0.001_398_2))));
    // The whole number becomes the exponent.
    series * f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()))
}

/// e^x of each, divided by their sum.
#[inline(always)]
pub(crate) fn softmax(floats: &mut [f32]) {
    let largest = largest(floats, |float| float);
    for float in floats.iter_mut() {
        *float = exp(*float - largest);
    }
    let factor = 1.0 / sum(floats, |float| float);
    for float in floats {
        *float *= factor;
    }
}

/// Adds `factor` times each of `more`.
#[inline(always)]
pub(crate) fn add_times(floats: &mut [f32], more: &[f32], factor: f32) {
    floats.iter_mut().zip(more).for_each(|(float, more)| *float += more * factor);
}

/// The sum of the products of two vectors of one length.
pub(crate) struct Dot<'a>(pub(crate) &'a [i8], pub(crate) &'a [i8]);

impl WithSimd for Dot<'_> {
    type Output = i32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> i32 {
        let products = self.0.iter().zip(self.1).map(|(one, other)| i32::from(*one) * i32::from(*other));
        products.sum()
    }
}
