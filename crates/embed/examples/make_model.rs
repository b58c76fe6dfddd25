//! Makes `model/minilm.bin` from the published weights: `cargo run --release -p twin-embed --example make_model -- FOLDER FILE`.
//!
//! FOLDER holds `model.safetensors` and `vocab.txt` of sentence-transformers/all-MiniLM-L6-v2. The same bytes come out at
//! every run. `docs/decisions/0018-embeddings.md` says where to get the weights.

#![expect(clippy::print_stdout, reason = "a command line tool talks to the person in front of it")]

use serde_json::Value;
use sha2::{Digest, Sha256};
use std::error::Error;
use std::path::PathBuf;

const WEIGHTS: &str = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
/// What the model was trained to read at once.
const PLACES: usize = 256;
/// Outputs that lie beside each other, and inputs of each: as `src/kernel.rs` reads them.
const LANES: usize = 8;
const DEPTH: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: make_model FOLDER FILE".into());
    };
    let tensors = Tensors::read(&fs_err::read(folder.join("model.safetensors"))?)?;
    let mut out = Vec::new();

    put_rows(&mut out, &tensors.get("embeddings.word_embeddings.weight")?, 384);
    let kind = tensors.get("embeddings.token_type_embeddings.weight")?;
    let places = tensors.get("embeddings.position_embeddings.weight")?;
    put(&mut out, places.iter().zip(kind[..384].iter().cycle()).take(PLACES * 384).map(|(place, kind)| place + kind));
    put_norm(&mut out, &tensors, "embeddings.LayerNorm")?;
    for layer in 0..6 {
        let name = |part: &str| format!("encoder.layer.{layer}.{part}");
        let attention = ["query", "key", "value"].map(|part| name(&format!("attention.self.{part}")));
        put_linear(&mut out, &tensors, &attention, 384)?;
        put_linear(&mut out, &tensors, &[name("attention.output.dense")], 384)?;
        put_norm(&mut out, &tensors, &name("attention.output.LayerNorm"))?;
        put_linear(&mut out, &tensors, &[name("intermediate.dense")], 384)?;
        put_linear(&mut out, &tensors, &[name("output.dense")], 1536)?;
        put_norm(&mut out, &tensors, &name("output.LayerNorm"))?;
    }
    out.extend(fs_err::read(folder.join("vocab.txt"))?);

    println!("{} bytes, SHA-256 {}", out.len(), sha256(&out));
    Ok(fs_err::write(file, out)?)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The safetensors format: the length of a JSON header, the header, the numbers.
struct Tensors {
    header: Value,
    numbers: Vec<u8>,
}

impl Tensors {
    fn read(file: &[u8]) -> Result<Self, Box<dyn Error>> {
        let hash = sha256(file);
        if hash != WEIGHTS {
            return Err(format!("these are not the weights that were measured: SHA-256 {hash}").into());
        }
        let (length, rest) = file.split_first_chunk().ok_or("the file is empty")?;
        let (header, numbers) = rest.split_at(usize::try_from(u64::from_le_bytes(*length))?);
        Ok(Self { header: serde_json::from_slice(header)?, numbers: numbers.to_vec() })
    }

    fn get(&self, name: &str) -> Result<Vec<f32>, Box<dyn Error>> {
        let place = |at: usize| self.header[name]["data_offsets"][at].as_u64().map(usize::try_from);
        let (Some(from), Some(to)) = (place(0), place(1)) else { return Err(format!("there is no {name}").into()) };
        let (floats, _) = self.numbers[from?..to?].as_chunks();
        Ok(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }
}

fn put(out: &mut Vec<u8>, floats: impl IntoIterator<Item = f32>) {
    out.extend(floats.into_iter().flat_map(f32::to_le_bytes));
}

fn put_norm(out: &mut Vec<u8>, tensors: &Tensors, name: &str) -> Result<(), Box<dyn Error>> {
    put(out, tensors.get(&format!("{name}.weight"))?);
    put(out, tensors.get(&format!("{name}.bias"))?);
    Ok(())
}

/// Whole numbers from -`most` to `most`, and what a step is worth: the largest number of a row fits exactly.
fn quantise(row: &[f32], most: f32) -> (Vec<i8>, f32) {
    let step = row.iter().fold(0.0_f32, |largest, float| largest.max(float.abs())) / most;
    #[expect(clippy::cast_possible_truncation, reason = "at most `most`, by the division")]
    let values = row.iter().map(|float| (float / step).round() as i8).collect();
    (values, step)
}

fn put_rows(out: &mut Vec<u8>, floats: &[f32], width: usize) {
    let (rows, steps): (Vec<_>, Vec<_>) = floats.chunks_exact(width).map(|row| quantise(row, 127.0)).unzip();
    out.extend(rows.concat().into_iter().map(i8::cast_unsigned));
    put(out, steps);
}

/// Matrices with the same inputs, one below the other. From -63 to 63, because the product with an input of 8 bits, twice,
/// must fit 16 bits; the eighth bit of a weight is worth less than the instruction that this allows.
fn put_linear(out: &mut Vec<u8>, tensors: &Tensors, names: &[String], inputs: usize) -> Result<(), Box<dyn Error>> {
    let (mut weights, mut biases) = (Vec::new(), Vec::new());
    for name in names {
        weights.extend(tensors.get(&format!("{name}.weight"))?);
        biases.extend(tensors.get(&format!("{name}.bias"))?);
    }
    let (rows, steps): (Vec<_>, Vec<_>) = weights.chunks_exact(inputs).map(|row| quantise(row, 63.0)).unzip();
    for rows in rows.chunks_exact(LANES) {
        for from in (0..inputs).step_by(DEPTH) {
            out.extend(rows.iter().flat_map(|row| &row[from..][..DEPTH]).map(|value| value.cast_unsigned()));
        }
    }
    put(out, steps);
    // Inputs are stored 128 higher than they are: what that adds to a sum.
    #[expect(clippy::cast_precision_loss, reason = "at most 128 * 63 * 1536, which a float holds")]
    put(out, rows.iter().map(|row| (128 * row.iter().map(|value| i32::from(*value)).sum::<i32>()) as f32));
    put(out, biases);
    Ok(())
}
