//! A plot of requests answered with 200 over time, with a strip per fault.

use std::fmt::{Error, Write};

use super::tally::{Counts, STEP};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 16.0;
const STRIP: f64 = 78.0;
const CURVE: f64 = 48.0;

pub(crate) fn svg(rows: &[(&str, &Counts)]) -> Result<String, Error> {
    let height = STRIP * rows.len() as f64 + 24.0;
    let steps = rows.iter().map(|(_, counts)| counts.done.len()).max().unwrap_or(1).max(1);
    let x = |step: f64| LEFT + step / steps as f64 * (WIDTH - 2.0 * LEFT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (at, (name, counts)) in rows.iter().enumerate() {
        let bottom = STRIP * (at + 1) as f64;
        let most = counts.done.iter().copied().max().unwrap_or(0).max(1) as f64;
        if let Some((from, to)) = counts.fault_in_steps() {
            writeln!(
                svg,
                "<rect x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{CURVE}\" fill=\"#f6c8c0\"/>",
                x(from),
                bottom - CURVE,
                x(to) - x(from)
            )?;
        }
        write!(svg, "<path fill=\"#4878a8\" d=\"M{:.1} {bottom}", x(0.0))?;
        for (step, done) in counts.done.iter().enumerate() {
            let y = bottom - *done as f64 / most * CURVE;
            write!(svg, "L{:.1} {y:.1}L{:.1} {y:.1}", x(step as f64), x(step as f64 + 1.0))?;
        }
        writeln!(svg, "L{:.1} {bottom}Z\"/>", x(counts.done.len() as f64))?;
        writeln!(
            svg,
            "<text x=\"{LEFT}\" y=\"{:.1}\">{name}: up to {:.0} requests per second answered with 200</text>",
            bottom - CURVE - 6.0,
            most * 1000.0 / STEP as f64
        )?;
    }
    let seconds = steps as u64 * STEP / 1000;
    for second in (0..=seconds).step_by(5) {
        let at = x((second * 1000 / STEP) as f64);
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{second} s</text>", height - 6.0)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
