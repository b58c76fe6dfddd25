//! From word pieces to the meaning of a text: the encoder of BERT (Devlin et al. 2019), the mean of its last layer.

#![expect(clippy::inline_always, reason = "what is not inlined is compiled for any processor")]
#![expect(clippy::cast_precision_loss, reason = "a text has at most 256 pieces")]

use crate::kernel::{self, LANES, Linear, Multiply, Plain, ROWS};
use crate::model::{DIMENSIONS, Model, Norm};
use pulp::NullaryFnOnce;

const HEADS: usize = 12;
const HEAD: usize = DIMENSIONS / HEADS;
/// Pieces that go through the model at once: what is between two steps then stays in the cache of a core.
const BATCH: usize = 128;

/// A direction for each text, not of length one.
pub(crate) fn encode(model: &Model, texts: &[Vec<u16>]) -> Vec<[f32; DIMENSIONS]> {
    #[cfg(target_arch = "x86_64")]
    if let Some(avx2) = pulp::x86::V3::try_new() {
        return batches(texts).flat_map(|texts| Encode { model, texts, multiply: avx2 }.run()).collect();
    }
    encode_plainly(model, texts)
}

/// The same without any special instruction.
pub(crate) fn encode_plainly(model: &Model, texts: &[Vec<u16>]) -> Vec<[f32; DIMENSIONS]> {
    batches(texts).flat_map(|texts| Encode { model, texts, multiply: Plain }.run()).collect()
}

/// At least one text at a time.
fn batches(texts: &[Vec<u16>]) -> impl Iterator<Item = &[Vec<u16>]> {
    let mut rest = texts;
    std::iter::from_fn(move || {
        let mut pieces = 0;
        let fit = rest.iter().take_while(|text| {
            pieces += text.len();
            pieces <= BATCH
        });
        let (batch, after) = rest.split_at(fit.count().max(1).min(rest.len()));
        rest = after;
        (!batch.is_empty()).then_some(batch)
    })
}

/// The work of one batch.
struct Encode<'a, M> {
    model: &'a Model,
    texts: &'a [Vec<u16>],
    multiply: M,
}

impl<M: Multiply> Encode<'_, M> {
    fn run(&self) -> Vec<[f32; DIMENSIONS]> {
        let mut states = self.look_up();
        for layer in &self.model.layers {
            let asked = self.apply(&layer.attend, &states);
            let taken = self.multiply.run(Attend { texts: self.texts, asked: &asked });
            self.add(&mut states, &self.apply(&layer.attended, &taken), &layer.attended_norm);
            let mut wide = self.apply(&layer.widen, &states);
            self.multiply.run(Gelu(&mut wide));
            self.add(&mut states, &self.apply(&layer.narrow, &wide), &layer.norm);
        }
        self.means(&states)
    }

    fn apply(&self, linear: &Linear, floats: &[f32]) -> Vec<f32> {
        self.multiply.run(Apply { linear, floats, multiply: self.multiply })
    }

    fn add(&self, states: &mut [f32], more: &[f32], norm: &Norm) {
        self.multiply.run(Add { states, more, norm });
    }

    /// A row for each piece of all texts, one text after the other, filled up to whole `ROWS`.
    fn look_up(&self) -> Vec<f32> {
        let pieces: usize = self.texts.iter().map(Vec::len).sum();
        let mut states = vec![0.0; pieces.next_multiple_of(ROWS) * DIMENSIONS];
        let places = self.texts.iter().flat_map(|text| text.iter().zip(self.model.places.chunks_exact(DIMENSIONS)));
        for (state, (piece, place)) in states.chunks_exact_mut(DIMENSIONS).zip(places) {
            let piece = usize::from(*piece);
            let values = &self.model.pieces[piece * DIMENSIONS..][..DIMENSIONS];
            let step = self.model.piece_steps[piece];
            for ((state, value), place) in state.iter_mut().zip(values).zip(place) {
                *state = f32::from(*value) * step + place;
            }
        }
        kernel::normalise(&mut states, &self.model.norm.scales, &self.model.norm.biases);
        states
    }

    /// The mean of the rows of each text.
    fn means(&self, states: &[f32]) -> Vec<[f32; DIMENSIONS]> {
        let mut rows = states.chunks_exact(DIMENSIONS);
        let mean = |text: &Vec<u16>| {
            let mut mean = [0.0; DIMENSIONS];
            rows.by_ref().take(text.len()).for_each(|row| kernel::add_times(&mut mean, row, 1.0 / text.len() as f32));
            mean
        };
        self.texts.iter().map(mean).collect()
    }
}

// The steps, as values: a closure is not compiled for the processor that `Multiply::run` stands for.

struct Apply<'a, M> {
    linear: &'a Linear,
    floats: &'a [f32],
    multiply: M,
}

impl<M: Multiply> NullaryFnOnce for Apply<'_, M> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        self.linear.apply(self.multiply, &kernel::quantise(self.floats, self.linear.inputs))
    }
}

struct Gelu<'a>(&'a mut [f32]);

impl NullaryFnOnce for Gelu<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        kernel::gelu(self.0);
    }
}

/// What a step found is added to what was there, and brought to one size.
struct Add<'a> {
    states: &'a mut [f32],
    more: &'a [f32],
    norm: &'a Norm,
}

impl NullaryFnOnce for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        kernel::add_times(self.states, self.more, 1.0);
        kernel::normalise(self.states, &self.norm.scales, &self.norm.biases);
    }
}

/// Each piece takes from all pieces of its text what it asks for.
struct Attend<'a> {
    texts: &'a [Vec<u16>],
    asked: &'a [f32],
}

impl NullaryFnOnce for Attend<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let mut taken = vec![0.0; self.asked.len() / 3];
        let (mut asked, mut rest) = (self.asked, taken.as_mut_slice());
        for text in self.texts {
            let (rows, after) = asked.split_at(text.len() * 3 * DIMENSIONS);
            let (out, after_out) = rest.split_at_mut(text.len() * DIMENSIONS);
            (asked, rest) = (after, after_out);
            for head in 0..HEADS {
                attend_head(rows, head * HEAD, out);
            }
        }
        taken
    }
}

/// One head of one text: softmax(Q K^T / sqrt(32)) V. `rows` hold queries, keys and values side by side; `first` is where
/// the head begins in each of the three.
#[inline(always)]
fn attend_head(rows: &[f32], first: usize, out: &mut [f32]) {
    let pieces = out.len() / DIMENSIONS;
    let part = |row: usize, part: usize| &rows[(3 * row + part) * DIMENSIONS + first..][..HEAD];
    // Keys lie column by column: then a row of scores is made of sums of whole rows. These are filled up to what the
    // processor takes at once.
    let width = pieces.next_multiple_of(LANES);
    let mut columns = vec![0.0; HEAD * width];
    for row in 0..pieces {
        for (column, key) in part(row, 1).iter().enumerate() {
            columns[column * width + row] = key / (HEAD as f32).sqrt();
        }
    }
    let mut scores = vec![0.0; width];
    for (row, out) in out.chunks_exact_mut(DIMENSIONS).enumerate() {
        scores.fill(0.0);
        for (query, column) in part(row, 0).iter().zip(columns.chunks_exact(width)) {
            kernel::add_times(&mut scores, column, *query);
        }
        kernel::softmax(&mut scores[..pieces]);
        let mut sums = [0.0; HEAD];
        for (other, score) in scores[..pieces].iter().enumerate() {
            kernel::add_times(&mut sums, part(other, 2), *score);
        }
        out[first..][..HEAD].copy_from_slice(&sums);
    }
}
