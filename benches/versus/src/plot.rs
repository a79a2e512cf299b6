//! `versus.svg`: a bar for each library, as long as the logarithm of its time.

use std::fmt::Write;

/// A library's bar.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) nanos: f64,
    /// What stands behind the time.
    pub(crate) label: String,
}

const WIDTH: f64 = 860.0;
/// Where one nanosecond is.
const LEFT: f64 = 170.0;
const TOP: f64 = 62.0;
const ROW: f64 = 40.0;
const DECADE: f64 = 62.0;
/// From 1 ns to 10 ms.
const TICKS: [&str; 8] = ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms"];

/// The whole picture, on white so that it can be read on a dark page too.
pub(crate) fn svg(title: &str, bars: &[Bar]) -> Result<String, std::fmt::Error> {
    let bottom = TOP + ROW * bars.len() as f64;
    let height = bottom + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"20\" y=\"32\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n"
    );
    for (index, tick) in TICKS.iter().enumerate() {
        let x = LEFT + DECADE * index as f64;
        writeln!(svg, "<path d=\"M{x} {TOP}V{bottom}\" stroke=\"#ddd\"/>")?;
        let y = bottom + 20.0;
        writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" font-size=\"11\" fill=\"#666\">{tick}</text>"
        )?;
    }
    for (index, Bar { name, nanos, label }) in bars.iter().enumerate() {
        let y = TOP + ROW * index as f64 + 8.0;
        let text = y + 17.0;
        let length = DECADE * nanos.max(1.0).log10();
        let color = if index == 0 { "#0b6e4f" } else { "#8a94a6" };
        let (end, behind) = (LEFT - 10.0, LEFT + length + 8.0);
        writeln!(svg, "<text x=\"{end}\" y=\"{text}\" text-anchor=\"end\">{name}</text>")?;
        writeln!(svg, "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"24\" fill=\"{color}\"/>")?;
        // White behind the letters, so that no line of the grid goes through them.
        writeln!(
            svg,
            "<text x=\"{behind:.1}\" y=\"{text}\" stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\">{label}</text>"
        )?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
