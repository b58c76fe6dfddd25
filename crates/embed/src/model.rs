//! The file of the model, as `examples/make_model.rs` writes it.

use crate::kernel::Linear;
use crate::word_piece::MAX_PIECES;

const FILE: &[u8] = include_bytes!("../model/minilm.bin");

/// How many numbers the embedded model makes of a text.
pub const DIMENSIONS: usize = 384;
/// Pieces in the vocabulary.
const VOCABULARY: usize = 30_522;
const LAYERS: usize = 6;
/// Width in the middle of a layer.
const INNER: usize = 1536;

/// The encoder of all-MiniLM-L6-v2 (BERT with 6 layers). Matrices stay where they are, in the program's own file.
pub(crate) struct Model {
    /// A row of `DIMENSIONS` for each piece, and what a step of each row is worth.
    pub(crate) pieces: &'static [i8],
    pub(crate) piece_steps: Vec<f32>,
    /// A row of `DIMENSIONS` for each place in the text.
    pub(crate) places: Vec<f32>,
    pub(crate) norm: Norm,
    pub(crate) layers: Vec<Layer>,
}

pub(crate) struct Norm {
    pub(crate) scales: Vec<f32>,
    pub(crate) biases: Vec<f32>,
}

pub(crate) struct Layer {
    /// Queries, keys and values of all heads, side by side.
    pub(crate) attend: Linear,
    pub(crate) attended: Linear,
    pub(crate) attended_norm: Norm,
    pub(crate) widen: Linear,
    pub(crate) narrow: Linear,
    pub(crate) norm: Norm,
}

impl Model {
    /// With its vocabulary.
    pub(crate) fn embedded() -> (Self, &'static str) {
        let mut reader = Reader(FILE);
        let model = Self {
            pieces: reader.bytes(VOCABULARY * DIMENSIONS),
            piece_steps: reader.floats(VOCABULARY),
            places: reader.floats(MAX_PIECES * DIMENSIONS),
            norm: reader.norm(),
            layers: (0..LAYERS).map(|_| reader.layer()).collect(),
        };
        // The tool wrote what was text before; a test counts the pieces.
        (model, str::from_utf8(reader.0).unwrap_or_default())
    }
}

/// Takes the file apart from its beginning: no headers, everything has the size that the architecture gives it.
struct Reader(&'static [u8]);

impl Reader {
    fn bytes(&mut self, count: usize) -> &'static [i8] {
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        pulp::bytemuck::cast_slice(bytes)
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        let (floats, _) = pulp::bytemuck::cast_slice(self.bytes(count * size_of::<f32>())).as_chunks();
        floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    fn norm(&mut self) -> Norm {
        Norm { scales: self.floats(DIMENSIONS), biases: self.floats(DIMENSIONS) }
    }

    fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        Linear {
            inputs,
            outputs,
            weights: self.bytes(inputs * outputs),
            steps: self.floats(outputs),
            middles: self.floats(outputs),
            biases: self.floats(outputs),
        }
    }

    fn layer(&mut self) -> Layer {
        Layer {
            attend: self.linear(DIMENSIONS, 3 * DIMENSIONS),
            attended: self.linear(DIMENSIONS, DIMENSIONS),
            attended_norm: self.norm(),
            widen: self.linear(DIMENSIONS, INNER),
            narrow: self.linear(INNER, DIMENSIONS),
            norm: self.norm(),
        }
    }
}
