//! What stands in an object's file: one line, then the object.
//!
//! `digital-twin object 1 LENGTH PUT-ID` and a line feed. A file without it was put there by somebody else, and is an
//! object as it is.

use super::name;
use sha2::{Digest as _, Sha256};
use twin_core::bucket::{ETag, Outcome};
use twin_core::sync::hex;

const MAGIC: &[u8] = b"digital-twin object 1 ";
const LONGEST_LINE: usize = 4_096;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Absent,
    /// Another program is still carrying it here.
    Half,
    Whole {
        bytes: Vec<u8>,
        etag: ETag,
        put_id: Option<String>,
    },
}

impl Content {
    pub(super) fn of(mut file: Vec<u8>) -> Self {
        // An empty file as well: sync programs make those first.
        if MAGIC.starts_with(&file) {
            return Self::Half;
        }
        let etag = etag(&[&file]);
        if !file.starts_with(MAGIC) {
            return Self::Whole { bytes: file, etag, put_id: None };
        }
        let line = file.iter().take(LONGEST_LINE).position(|&byte| byte == b'\n');
        let words = line.and_then(|end| std::str::from_utf8(&file[MAGIC.len()..end]).ok());
        let parsed = words.and_then(|words| {
            let (length, put_id) = words.split_once(' ')?;
            Some((length.parse::<usize>().ok()?, name::decoded(put_id)?))
        });
        match (line, parsed) {
            (Some(end), Some((length, put_id))) if file.len() - end - 1 == length => {
                let bytes = file.split_off(end + 1);
                Self::Whole { bytes, etag, put_id: Some(put_id) }
            }
            _ => Self::Half,
        }
    }

    /// For what is not there, or not yet.
    pub(super) fn missing(&self) -> Outcome {
        match self {
            Self::Absent => Outcome::Absent,
            Self::Half | Self::Whole { .. } => Outcome::Lost,
        }
    }
}

pub(super) fn head(length: usize, put_id: &str) -> String {
    format!("digital-twin object 1 {length} {}\n", name::encoded(put_id))
}

/// Of line and object, so that each writing has its own: whoever writes the same bytes again has seen other ones.
pub(super) fn etag(parts: &[&[u8]]) -> ETag {
    ETag(hex(&parts.iter().fold(Sha256::new(), Sha256::chain_update).finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8], put_id: &str) -> Vec<u8> {
        [head(bytes.len(), put_id).as_bytes(), bytes].concat()
    }

    #[test]
    fn what_was_put_is_read_and_every_part_of_it_is_half() {
        for (bytes, put_id) in [(&b""[..], ""), (b"\n\n", "a b\nC"), (b"sealed", "0f")] {
            let whole = file(bytes, put_id);
            let Content::Whole { bytes: read, put_id: id, etag: tag } = Content::of(whole.clone()) else { panic!() };
            assert_eq!((&read[..], id.as_deref()), (bytes, Some(put_id)));
            assert_eq!(tag, etag(&[&whole]));
            for length in 0..whole.len() {
                assert_eq!(Content::of(whole[..length].to_vec()), Content::Half, "{length}");
            }
            assert_eq!(Content::of([&whole[..], b"x"].concat()), Content::Half);
        }
    }

    #[test]
    fn what_another_program_put_there_is_an_object() {
        let Content::Whole { bytes, put_id, .. } = Content::of(b"digital".repeat(9)) else { panic!() };
        assert_eq!((bytes, put_id), (b"digital".repeat(9), None));
    }
}
