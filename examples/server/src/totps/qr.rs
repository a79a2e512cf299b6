//! QR codes as PNG images in data URLs, so that a web page can show one without another request.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use qrcode::{Color, EcLevel, QrCode};

/// The width of a module, in pixels.
const SCALE: usize = 5;

/// The width of the margin, in modules (ISO/IEC 18004 requires four).
const MARGIN: usize = 4;

/// Returns the QR code of a text: `data:image/png;base64,…`, black on white.
///
/// The error correction is level M: it restores 15 percent of the code, for dirty or reflecting
/// screens.
///
/// # Errors
///
/// If the text does not fit: at most 2,331 bytes do. URIs of this server have less than 800.
pub fn data_url(text: &str) -> Result<String, QrError> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| QrError)?;
    let png = png(&code).map_err(|_| QrError)?;
    Ok(format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png)))
}

/// Encodes a QR code with one bit per pixel.
fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let width = (code.width() + 2 * MARGIN) * SCALE;
    let side = u32::try_from(width).map_err(|_| png::EncodingError::LimitsExceeded)?;
    let mut rows = Vec::with_capacity(width * width.div_ceil(8));
    for y in 0..width {
        let mut row = vec![0xff; width.div_ceil(8)];
        for x in (0..width).filter(|x| is_dark(code, *x, y)) {
            row[x / 8] &= !(0x80 >> (x % 8));
        }
        rows.extend_from_slice(&row);
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(png)
}

/// Whether a pixel is black.
fn is_dark(code: &QrCode, x: usize, y: usize) -> bool {
    let module = |pixel: usize| (pixel / SCALE).checked_sub(MARGIN).filter(|module| *module < code.width());
    match (module(x), module(y)) {
        (Some(x), Some(y)) => code[(x, y)] == Color::Dark,
        _ => false,
    }
}

/// The error of a text that is too long for a QR code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QrError;

impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is too long for a QR code")
    }
}

impl std::error::Error for QrError {}

#[cfg(test)]
mod tests {
    use countersign::totp::{KeyUri, TotpSecret, TotpSettings, UriName};
    use countersign_server_tests::qr::read;

    use super::*;

    #[test]
    fn uris_are_read_back() {
        for (name, length) in [("a", 16), ("Acme & Co", 20), (&*"é".repeat(20), 64)] {
            let secret = TotpSecret::from_bytes(&[0x5a; 64][..length]).unwrap();
            let name = UriName::new(name).unwrap();
            let uri = KeyUri::new(name.clone(), name, secret, TotpSettings::DEFAULT);
            let url = data_url(uri.to_text().as_str()).unwrap();
            assert_eq!(read(&url), uri.to_text().as_str());
            assert!(url.len() < 8_000, "{}", url.len());
        }
    }

    #[test]
    fn texts_of_any_length_are_read_back() {
        for length in (1..800).step_by(47) {
            let text: String = (0..length).map(|at| char::from(b'!' + (at * 7 % 90) as u8)).collect();
            assert_eq!(read(&data_url(&text).unwrap()), text, "{length}");
        }
        assert_eq!(data_url(&"x".repeat(2_332)), Err(QrError));
    }
}
