//! Images below the providers' limits.

use crate::error::{WireError, invalid};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Bedrock takes 3.75 MB and counts 5 MiB after base64 for some models, which is the tighter of the two at 3.93 MB.
const MOST_BYTES: usize = 3_700_000;
/// Larger ones are scaled down by the providers themselves, or refused when there are many of them.
const MOST_PIXELS: u32 = 2_000;
/// A picture that would unpack to more is an attack or a mistake.
const MOST_MEMORY: u64 = 512 * 1024 * 1024;

/// The image as it was if it is small enough and carries nothing else, otherwise upright, scaled down and as JPEG.
pub(super) fn fit(name: &str, media_type: &'static str, bytes: Vec<u8>) -> Result<(&'static str, Vec<u8>), WireError> {
    let broken = || {
        invalid(
            format!("{name} is damaged, or not the image that it says it is"),
            "Save it again as PNG or JPEG, and attach that.",
        )
    };
    let mut reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format().map_err(|_| broken())?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| broken())?;
    // Where a photograph was taken is nobody's business: what a camera, or a program after it, wrote beside the picture is not
    // sent.
    let beside = [decoder.exif_metadata(), decoder.xmp_metadata(), decoder.iptc_metadata()];
    let is_bare = beside.iter().all(|metadata| matches!(metadata, Ok(None)));
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| broken())?;
    image.apply_orientation(orientation);
    if is_bare && bytes.len() <= MOST_BYTES && image.width().max(image.height()) <= MOST_PIXELS {
        return Ok((media_type, bytes));
    }
    let mut side = MOST_PIXELS;
    loop {
        let scaled = if image.width().max(image.height()) > side {
            image.resize(side, side, FilterType::Lanczos3)
        } else {
            image.clone()
        };
        let (media_type, scaled) = encode(&scaled).ok_or_else(broken)?;
        if scaled.len() <= MOST_BYTES {
            return Ok((media_type, scaled));
        }
        side = side * 3 / 4;
    }
}

/// PNG where something is transparent, because JPEG would make it black.
fn encode(image: &DynamicImage) -> Option<(&'static str, Vec<u8>)> {
    let mut bytes = Vec::new();
    if image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX) {
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
        return Some(("image/png", bytes));
    }
    JpegEncoder::new_with_quality(&mut bytes, 88).encode_image(&image.to_rgb8()).ok()?;
    Some(("image/jpeg", bytes))
}
