//! Knows how a text becomes a vector, and which of many vectors are nearest to one.
//! Never opens a file, a socket or a clock, and knows no other crate of the product: texts and slices come in.
//! Proof: `crates/app/tests/it/rooms.rs` reads this crate's manifest.

mod encoder;
mod kernel;
mod model;
pub mod scan;
mod vector;
mod word_piece;

#[cfg(test)]
mod tests;

pub use model::DIMENSIONS;
pub use vector::Vector;

use model::Model;
use word_piece::WordPiece;

/// The sentence model that ships in the application: all-MiniLM-L6-v2 in 8 bits.
pub struct Embedder {
    words: WordPiece,
    model: Model,
}

impl Embedder {
    /// The model, ready to use. Some milliseconds: make it once.
    pub fn embedded() -> Self {
        let (model, vocabulary) = Model::embedded();
        Self { words: WordPiece::new(vocabulary), model }
    }

    /// One vector for each text, in order, of its first 254 word pieces (about 190 words): cut longer texts before.
    /// The result for a text does not depend on what stands beside it.
    pub fn embed(&self, texts: &[&str]) -> Vec<Vector> {
        let pieces: Vec<Vec<u16>> = texts.iter().map(|text| self.words.cut(text)).collect();
        encoder::encode(&self.model, &pieces).iter().map(|floats| Vector::from_floats(floats)).collect()
    }
}
