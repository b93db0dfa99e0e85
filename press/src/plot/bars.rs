//! A small part of the picture: one figure of each contestant, as bars.

use super::measured::{Measured, Point, number};
use super::scale::WIDTH;
use std::fmt::Write;

/// From one bar to the next.
const ROW: f64 = 26.0;

/// Where bars begin, and how long the longest is. Left of it are the names, right of it the figures.
const NAMES: f64 = 122.0;
const LONGEST: f64 = WIDTH - NAMES - 88.0;

/// Draws one bar for each contestant, at the largest number of connections that all have, below a title
/// at `top`.
pub(super) fn bars(
    measured: &Measured<'_>,
    title: &str,
    top: f64,
    figure: impl Fn(&Point) -> f64,
) -> String {
    let connections = measured.most_connections();
    let of_all = |point: &&Point| point.connections == connections;
    let longest = measured.points().filter(of_all).map(&figure).fold(0.0, f64::max);
    let mut svg = format!(
        "<text class=\"pic-t\" x=\"0\" y=\"{top}\">{title}</text>\n\
         <text class=\"pic-s\" x=\"0\" y=\"{}\">with {} connections</text>\n",
        top + 20.0,
        number(connections as f64),
    );
    for (row, series) in (1..).zip(&measured.series) {
        let Some(value) = series.points.iter().find(of_all).map(&figure) else { continue };
        let (key, name, text) = (series.key, series.name, number(value));
        let y = top + 24.0 + f64::from(row) * ROW;
        // Nearly nothing is still to be seen.
        let width = if longest > 0.0 { (value / longest * LONGEST).max(1.0) } else { 1.0 };
        let _ = writeln!(
            svg,
            "<text class=\"pic-s\" x=\"0\" y=\"{:.1}\">{name}</text>\
             <rect class=\"plot-{key}\" x=\"{NAMES:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"12\"/>\
             <text class=\"pic-s\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
            y,
            y - 10.0,
            NAMES + width + 6.0,
            y,
        );
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn the_longest_bar_is_the_largest_figure_of_the_same_connections() {
        let json = serde_json::from_str(RESULTS).unwrap();
        let svg = bars(&Measured::read(&json).unwrap(), "KiB", 20.0, |point| point.kib);
        assert!(svg.contains("with 1000 connections"), "{svg}");
        assert!(svg.contains("width=\"140.0\"") && svg.contains(">25.5</text>"), "{svg}");
        assert!(svg.contains("width=\"1.0\"") && svg.contains(">0.084</text>"), "{svg}");
    }
}
