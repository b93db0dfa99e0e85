//! The large part of the picture: echoes per second, by number of connections.

use super::measured::{Measured, Point, Series, number};
use super::scale::{logarithmic, ticks};
use std::fmt::Write;

/// Where the first and the last number of connections stand. To the right are the names.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 520.0;

/// Where the largest tick stands, and 0.
const TOP: f64 = 44.0;
const BOTTOM: f64 = 230.0;

/// How far two names must be from each other to be read.
const LINE: f64 = 16.0;

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

    let mut svg = "<text class=\"pic-t\" x=\"8\" y=\"20\">echoes per second</text>\n".to_owned();
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
        let (y, baseline) = (BOTTOM + 6.0, BOTTOM + 21.0);
        let _ = writeln!(
            svg,
            "<line class=\"plot-axis\" x1=\"{x:.1}\" y1=\"{BOTTOM}\" x2=\"{x:.1}\" y2=\"{y}\"/>\
             <text class=\"pic-s\" x=\"{x:.1}\" y=\"{baseline}\" text-anchor=\"middle\">{text}</text>"
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"pic-s\" x=\"{:.1}\" y=\"{}\">connections</text>\
         <text class=\"pic-s\" x=\"{:.1}\" y=\"{}\">(logarithmic)</text>",
        RIGHT + 34.0,
        BOTTOM + 21.0,
        RIGHT + 34.0,
        BOTTOM + 37.0
    );
    for series in &measured.series {
        svg += &curve(series, x, y);
    }
    for (series, y) in measured.series.iter().zip(names(&measured.series, y)) {
        let (x, name) = (RIGHT + 14.0, series.name);
        let _ = writeln!(svg, "<text class=\"pic-t\" x=\"{x:.1}\" y=\"{y:.1}\">{name}</text>");
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
        let _ = match key {
            "threads" => writeln!(
                svg,
                "<rect class=\"plot-{key}\" x=\"{:.1}\" y=\"{:.1}\" width=\"8\" height=\"8\"/>",
                x - 4.0,
                middle - 4.0
            ),
            _ => writeln!(
                svg,
                "<circle class=\"plot-{key}\" cx=\"{x:.1}\" cy=\"{middle:.1}\" r=\"4.5\"/>"
            ),
        };
    }
    svg
}

/// Where each name stands: at the end of its line, and not on another name.
fn names(series: &[Series], y: impl Fn(f64) -> f64) -> Vec<f64> {
    let ends = series.iter().filter_map(|series| series.points.last());
    let mut places: Vec<_> = ends.map(|point| y(point.rps) + 5.0).collect();
    let mut from_the_top: Vec<_> = (0..places.len()).collect();
    from_the_top.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    for pair in from_the_top.windows(2) {
        places[pair[1]] = places[pair[1]].max(places[pair[0]] + LINE);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn names_do_not_stand_on_each_other() {
        let json = serde_json::from_str(RESULTS).unwrap();
        let measured = Measured::read(&json).unwrap();
        assert_eq!(names(&measured.series, |_| 50.0), [55.0, 55.0 + LINE]);
        assert_eq!(names(&measured.series, |rps| -rps), [-59_995.0, -99_995.0]);
    }

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
