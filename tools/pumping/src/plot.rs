//! A plot of dollars lost and logins refused over time, a panel for each scenario.

use svg::node::element::{Path, Rectangle, Style, Text, Title};
use svg::{Document, Node};

use crate::outcome::{Curve, Outcome};
use crate::scenario::DAYS;
use crate::table::Row;

const WIDTH: f64 = 920.0;
const MARGIN: f64 = 24.0;
const HEADER: f64 = 76.0;
/// The panels: two side by side.
const PANEL: (f64, f64) = (448.0, 150.0);
/// The charts of a panel: where they begin, and how wide they are.
const DOLLARS: (f64, f64) = (44.0, 210.0);
const REFUSED: (f64, f64) = (302.0, 110.0);
const CHART_TOP: f64 = 34.0;
const CHART_HEIGHT: f64 = 76.0;

const LIGHT: &str = "
text { font-family: Helvetica, Arial, sans-serif; font-size: 11px; fill: #333 }
.title { font-size: 15px; font-weight: bold }
.name { font-size: 13px; font-weight: bold }
.paper { fill: #fff }
path { fill: none; stroke-width: 1.8 }
.axis { stroke: #999; stroke-width: 1 }
.limit { stroke: #777; stroke-width: 1; stroke-dasharray: 4 3 }
.without { stroke: #c4472b }
.with { stroke: #1f6fb2 }
";

const DARK: &str = "
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
.paper { fill: #15181c }
.axis { stroke: #777 }
.limit { stroke: #aaa }
.without { stroke: #ff8a6b }
.with { stroke: #6cb8ff }
}
";

/// Draws the whole plot. It follows the reader's choice of a light or a dark page.
pub(crate) fn plot(rows: &[Row], subtitle: &str) -> Document {
    let height = HEADER + PANEL.1 * rows.len().div_ceil(2) as f64 + 8.0;
    let heading = "Toll fraud against countersign's guard";
    let mut picture = Picture(
        Document::new()
            .set("viewBox", (0, 0, WIDTH, height))
            .set("width", WIDTH)
            .set("height", height)
            .set("role", "img")
            .add(Title::new(heading))
            .add(Style::new(format!("{LIGHT}{DARK}")))
            .add(Rectangle::new().set("class", "paper").set("width", "100%").set("height", "100%")),
    );
    picture.text((MARGIN, 28.0), "title", "start", heading);
    picture.text((MARGIN, 46.0), "", "start", subtitle);
    let mut left = MARGIN;
    for (class, label, width) in [
        ("without", "without the guard", 150.0),
        ("with", "with the guard", 130.0),
        ("limit", "limit to keep", 0.0),
    ] {
        picture.line(class, &[(left, 60.0), (left + 22.0, 60.0)]);
        picture.text((left + 28.0, 64.0), "", "start", label);
        left += width;
    }
    for (place, row) in rows.iter().enumerate() {
        let left = MARGIN + PANEL.0 * (place % 2) as f64;
        picture.panel((left, HEADER + PANEL.1 * (place / 2) as f64), row);
    }
    picture.0
}

struct Picture(Document);

impl Picture {
    fn panel(&mut self, (left, top): (f64, f64), Row { scenario, guarded, unguarded }: &Row) {
        self.text((left, top + 14.0), "name", "start", scenario.name);
        let limit = guarded.lost_limit();
        let chart = Chart::new((left, top), DOLLARS, guarded.planned.max(limit));
        let label = format!("dollars lost: {:.0} without, {:.1} with", unguarded.lost, guarded.lost);
        self.chart(&chart, &label, limit, &format!("{:.0}", chart.most));
        self.curve("without", &chart, &unguarded.lost_by, 1.0);
        self.curve("with", &chart, &guarded.lost_by, 1.0);

        let percent = 100.0 / guarded.asked.max(1.0);
        let (refused, limit) = (100.0 * Outcome::refused_share(guarded), 100.0 * scenario.refused);
        let chart = Chart::new((left, top), REFUSED, refused.max(limit));
        self.chart(&chart, &format!("refused first: {refused:.3}%"), limit, &format!("{:.1}%", chart.most));
        self.curve("with", &chart, &guarded.refused_by, percent);
    }

    /// Axes, labels and the line of the limit.
    fn chart(&mut self, chart: &Chart, label: &str, limit: f64, most: &str) {
        self.text((chart.left, chart.bottom - CHART_HEIGHT - 6.0), "", "start", label);
        self.text((chart.left - 5.0, chart.bottom - CHART_HEIGHT + 9.0), "", "end", most);
        self.text((chart.left - 5.0, chart.bottom), "", "end", "0");
        self.line("axis", &[(0.0, chart.most), (0.0, 0.0), (DAYS, 0.0)].map(|point| chart.at(point)));
        self.line("limit", &[(0.0, limit), (DAYS, limit)].map(|point| chart.at(point)));
        for (day, label) in [(0.0, "day 0"), (9.0, "9"), (DAYS, "16")] {
            let (x, y) = chart.at((day, 0.0));
            self.text((x, y + 14.0), "", "middle", label);
        }
    }

    fn curve(&mut self, class: &str, chart: &Chart, curve: &Curve, factor: f64) {
        let points = curve.sums().into_iter().map(|(day, sum)| chart.at((day, sum * factor)));
        self.line(class, &points.collect::<Vec<_>>());
    }

    fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let mut path = String::new();
        for (x, y) in points {
            path += &format!("{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        }
        self.add(Path::new().set("class", class).set("d", path));
    }

    fn text(&mut self, (x, y): (f64, f64), class: &str, anchor: &str, text: &str) {
        let mut element = Text::new(text).set("x", x).set("y", y).set("text-anchor", anchor);
        if !class.is_empty() {
            element = element.set("class", class);
        }
        self.add(element);
    }

    fn add(&mut self, node: impl Into<Box<dyn Node>>) {
        self.0.append(node);
    }
}

/// Where a chart is, and its highest value.
struct Chart {
    left: f64,
    width: f64,
    bottom: f64,
    most: f64,
}

impl Chart {
    fn new((left, top): (f64, f64), (offset, width): (f64, f64), most: f64) -> Self {
        Self { left: left + offset, width, bottom: top + CHART_TOP + CHART_HEIGHT, most }
    }

    fn at(&self, (day, value): (f64, f64)) -> (f64, f64) {
        (self.left + self.width * day / DAYS, self.bottom - CHART_HEIGHT * value / self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::all;

    #[test]
    fn each_scenario_has_a_panel_with_its_curves() {
        let outcome = Outcome { planned: 100.0, lost: 5.0, asked: 10.0, ..Outcome::default() };
        let rows: Vec<Row> = all()
            .into_iter()
            .map(|scenario| Row { scenario, guarded: outcome.clone(), unguarded: outcome.clone() })
            .collect();
        let svg = plot(&rows, "a <subtitle>").to_string();
        for row in &rows {
            assert!(svg.contains(row.scenario.name), "{} is missing", row.scenario.name);
        }
        // The legend shows each line once. A panel has two curves of dollars and one of refusals.
        assert_eq!(svg.matches("class=\"without\"").count(), 1 + rows.len());
        assert_eq!(svg.matches("class=\"with\"").count(), 1 + 2 * rows.len());
        assert!(svg.contains("prefers-color-scheme: dark") && svg.contains("a &lt;subtitle&gt;"));
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}
