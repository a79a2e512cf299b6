//! Draws `scale.svg`: calls per second by the number of recipients, for one thread and for two.
//! Each panel is scaled to its threads, so that perfect scaling looks the same in both.

use core::fmt::{Error, Write};

use super::{Generator, Row};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 372.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 304.0;
/// The left edge of each panel, and its width. The names of its lines are to the right.
const PANELS: [f64; 2] = [112.0, 506.0];
const PANEL: f64 = 232.0;
/// The minimum distance between names of lines.
const APART: f64 = 15.0;

/// Returns the whole picture, on white so that it is readable on a dark page too.
pub(crate) fn svg(rows: &[Row]) -> Result<String, Error> {
    let title = "Calls a second against MemoryStore, by live recipients";
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"20\" y=\"32\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n"
    );
    let a_thread = |row: &Row| row.rates.starts.max(row.rates.checks) / row.threads as f64;
    let most = rows.iter().map(a_thread).fold(0.0, f64::max);
    // For one thread, so that the four grid lines are at round figures.
    let top = (most / 200_000.0).ceil() * 200_000.0;
    for (left, threads) in PANELS.into_iter().zip([1, 2]) {
        let rows: Vec<&Row> = rows.iter().filter(|row| row.threads == threads).collect();
        panel(&mut svg, left, threads, &rows, top)?;
    }
    for (index, name) in ["recipients", "bytes each", "random read"].iter().enumerate() {
        text(&mut svg, (PANELS[0] - 30.0, below(index)), "end", GREY, name)?;
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

const GREY: &str = "font-size=\"11\" fill=\"#666\"";

/// A line of a panel, and its style.
struct Line {
    name: &'static str,
    style: &'static str,
    generator: Generator,
    rate: fn(&Row) -> f64,
}

const LINES: [Line; 4] = [
    Line {
        name: "check",
        style: "stroke=\"#0b6e4f\" stroke-width=\"2.5\"",
        generator: Generator::Userspace,
        rate: |row| row.rates.checks,
    },
    Line {
        name: "check, system",
        style: "stroke=\"#0b6e4f\" stroke-dasharray=\"4 3\"",
        generator: Generator::System,
        rate: |row| row.rates.checks,
    },
    Line {
        name: "start",
        style: "stroke=\"#8a94a6\" stroke-width=\"2.5\"",
        generator: Generator::Userspace,
        rate: |row| row.rates.starts,
    },
    Line {
        name: "start, system",
        style: "stroke=\"#8a94a6\" stroke-dasharray=\"4 3\"",
        generator: Generator::System,
        rate: |row| row.rates.starts,
    },
];

fn panel(svg: &mut String, left: f64, threads: usize, rows: &[&Row], top: f64) -> Result<(), Error> {
    let heading = if threads == 1 { "one thread" } else { "two threads" };
    text(svg, (left, TOP - 18.0), "start", "", heading)?;
    for quarter in 0..5 {
        let share = f64::from(quarter) / 4.0;
        let y = BOTTOM - (BOTTOM - TOP) * share;
        writeln!(svg, "<path d=\"M{left} {y}H{}\" stroke=\"#ddd\"/>", left + PANEL)?;
        text(svg, (left - 10.0, y + 4.0), "end", GREY, &short(share * top * threads as f64))?;
    }
    // All decades are equally wide.
    let decade = PANEL / rows.iter().map(|row| row.recipients.ilog10() - 3).max().unwrap_or(1).max(1) as f64;
    let x = |row: &Row| left + decade * f64::from(row.recipients.ilog10() - 3);
    let height = |rate: f64| BOTTOM - (BOTTOM - TOP) * rate / (top * threads as f64);

    for row in rows.iter().filter(|row| row.generator == Generator::System) {
        let bytes = row.bytes.map_or("-".to_owned(), |bytes| format!("{bytes:.0} B"));
        let figures = [short(row.recipients as f64), bytes, format!("{:.0} ns", row.random_read)];
        for (index, figure) in figures.iter().enumerate() {
            text(svg, (x(row), below(index)), "middle", GREY, figure)?;
        }
    }
    let mut names = Vec::new();
    for Line { name, style, generator, rate } in &LINES {
        let rows: Vec<&&Row> = rows.iter().filter(|row| row.generator == *generator).collect();
        let places = rows.iter().map(|row| format!("{:.1},{:.1}", x(row), height(rate(row))));
        let places: Vec<String> = places.collect();
        writeln!(svg, "<polyline points=\"{}\" fill=\"none\" {style}/>", places.join(" "))?;
        names.extend(rows.last().map(|row| (height(rate(row)), *name)));
    }
    names.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut free = 0.0_f64;
    for (y, name) in names {
        let y = y.max(free);
        free = y + APART;
        text(svg, (left + PANEL + 8.0, y + 4.0), "start", "font-size=\"12\"", name)?;
    }
    Ok(())
}

/// Returns the vertical position of a row of figures under the panels.
fn below(row: usize) -> f64 {
    BOTTOM + 20.0 + 17.0 * row as f64
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, style: &str, text: &str) -> Result<(), Error> {
    writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {style}>{text}</text>")
}

/// Formats a count: 1k, 250k, 1.5M.
fn short(count: f64) -> String {
    match count {
        1e6.. => format!("{}M", count / 1e6),
        1e3.. => format!("{}k", count / 1e3),
        _ => format!("{count}"),
    }
}
