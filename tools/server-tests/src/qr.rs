//! Reads QR codes as a phone's camera does.

use std::io::Cursor;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Returns the text of the QR code in a data URL with a PNG image.
pub fn read(url: &str) -> String {
    let image = url.strip_prefix("data:image/png;base64,").unwrap();
    read_png(&BASE64_STANDARD.decode(image).unwrap())
}

/// Returns the text of the only QR code in a PNG image, such as a screenshot.
pub fn read_png(png: &[u8]) -> String {
    let mut decoder = png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (frame.width as usize, frame.height as usize);
    // Of coloured pixels, the first component is enough: QR codes are black and white.
    let light = |x: usize, y: usize| pixels[y * frame.line_size + x * frame.color_type.samples()];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, light);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "QR codes in an image of {width} by {height} pixels");
    codes[0].decode().unwrap().1
}
