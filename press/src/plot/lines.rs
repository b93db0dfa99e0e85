//! The large part of the picture: echoes per second, by number of connections.

use super::measured::{Measured, Point, Series, number};
use super::scale::{WIDTH, logarithmic, ticks};
use std::fmt::Write;

/// Where the first and the last number of connections stand. To the left are the ticks.
const LEFT: f64 = 72.0;
const RIGHT: f64 = WIDTH - 20.0;

/// Where the largest tick stands, and 0. Above are the title and the names.
const TOP: f64 = 64.0;
const BOTTOM: f64 = 244.0;

/// From one name to the next.
const NAME: f64 = 170.0;

/// Draws axes, lines and names.
pub(super) fn lines(measured: &Measured<'_>) -> String {
    let ticks = ticks(measured.points().map(|point| point.fastest).fold(1.0, f64::max));
    let top = ticks.last().copied().unwrap_or(1.0);
    let y = |rps: f64| BOTTOM - rps / top * (BOTTOM - TOP);
    let connections = measured.points().map(|point| point.connections);
    let (least, most) =
        (connections.clone().min().unwrap_or(1), connections.clone().max().unwrap_or(1));
    let x = |connections: u64| {
        LEFT + logarithmic(connections as f64, least as f64, most as f64) * (RIGHT - LEFT)
    };

    let mut svg = "<text class=\"pic-t\" x=\"0\" y=\"20\">echoes per second</text>\n".to_owned();
    for tick in &ticks {
        let (y, text) = (y(*tick), number(*tick));
        let class = if *tick == 0.0 { "plot-axis" } else { "plot-grid" };
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\"/>\
             <text class=\"pic-s\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            LEFT - 12.0,
            y + 4.0,
        );
    }
    let each: std::collections::BTreeSet<_> = connections.collect();
    for connections in each {
        let (x, text) = (x(connections), number(connections as f64));
        let (y, baseline) = (BOTTOM + 6.0, BOTTOM + 22.0);
        let _ = writeln!(
            svg,
            "<line class=\"plot-axis\" x1=\"{x:.1}\" y1=\"{BOTTOM}\" x2=\"{x:.1}\" y2=\"{y}\"/>\
             <text class=\"pic-s\" x=\"{x:.1}\" y=\"{baseline}\" text-anchor=\"middle\">{text}</text>"
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"pic-s\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">connections, on a logarithmic scale</text>",
        (LEFT + RIGHT) / 2.0,
        BOTTOM + 44.0
    );
    for (series, x_of_name) in measured.series.iter().zip([0.0, NAME]) {
        svg += &curve(series, x, y);
        svg += &mark(series.key, x_of_name + 5.0, 40.0);
        let (x, name) = (x_of_name + 16.0, series.name);
        let _ = writeln!(svg, "<text class=\"pic-s\" x=\"{x:.1}\" y=\"45\">{name}</text>");
    }
    svg
}

/// A line through the medians, and at each a mark and the spread.
fn curve(series: &Series, x: impl Fn(u64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let key = series.key;
    let corner = |point: &Point| format!("{:.1},{:.1}", x(point.connections), y(point.rps));
    let corners: Vec<_> = series.points.iter().map(corner).collect();
    let mut svg = format!(
        "<polyline class=\"plot-{key} plot-line\" style=\"fill:none\" points=\"{}\"/>\n",
        corners.join(" ")
    );
    for point in &series.points {
        let (x, middle) = (x(point.connections), y(point.rps));
        let (low, high) = (y(point.slowest), y(point.fastest));
        let _ = write!(
            svg,
            "<line class=\"plot-{key} plot-line\" x1=\"{x:.1}\" y1=\"{low:.1}\" x2=\"{x:.1}\" y2=\"{high:.1}\"/>"
        );
        svg += &mark(key, x, middle);
    }
    svg
}

/// What stands at each point of a line, and before its name: a square or a circle.
fn mark(key: &str, x: f64, y: f64) -> String {
    match key {
        "threads" => format!(
            "<rect class=\"plot-{key}\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"/>\n",
            x - 4.0,
            y - 4.0
        ),
        _ => format!("<circle class=\"plot-{key}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn more_is_higher_and_further_to_the_right() {
        let json = serde_json::from_str(RESULTS).unwrap();
        let measured = Measured::read(&json).unwrap();
        let svg = lines(&measured);
        // 150,000 of 200,000 is three quarters of the way up.
        let expected = format!("{:.1}", BOTTOM - 0.75 * (BOTTOM - TOP));
        let points = svg.split("plot-poll plot-line").nth(1).unwrap();
        assert!(points.contains(&format!(",{expected} {RIGHT:.1},")), "{points}");
    }
}
