//! A small part of the picture: one figure of each contestant, as bars.

use super::measured::{Measured, Point};
use super::svg::{WIDTH, rect, text, title};
use crate::figures::with_commas;

/// From one bar to the next.
const ROW: f64 = 26.0;

/// Where bars begin, and how long the longest is. Left of it are the names, right of it the figures.
const NAMES: f64 = 122.0;
const LONGEST: f64 = WIDTH - NAMES - 88.0;

/// Draws one bar for each contestant, at the largest number of connections that all have, below a title
/// at `top`.
pub(super) fn bars(
    measured: &Measured,
    heading: &str,
    top: f64,
    figure: impl Fn(&Point) -> f64,
) -> String {
    let Some(connections) = measured.most_connections() else { return String::new() };
    let series = measured.series();
    let values = series.each_ref().map(|series| figure(&series.points[&connections]));
    let longest = values.into_iter().fold(0.0, f64::max);
    let with = format!("with {} connections", with_commas(connections.into()));
    let mut svg = title(top, heading) + &text(0.0, top + 20.0, "start", &with);
    let mut y = top + 24.0;
    for (series, value) in series.iter().zip(values) {
        y += ROW;
        // Nearly nothing is still to be seen.
        let width = (value / longest * LONGEST).max(1.0);
        svg += &text(0.0, y, "start", series.name);
        svg += &rect(series.key, NAMES, y - 10.0, width, 12.0);
        svg += &text(NAMES + width + 6.0, y, "start", &with_commas(value));
    }
    svg
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn the_longest_bar_is_the_largest_figure_of_the_same_connections() {
        let measured = serde_json::from_str(RESULTS).unwrap();
        let svg = bars(&measured, "KiB", 20.0, |point| point.kib);
        assert!(svg.contains("with 1000 connections"), "{svg}");
        assert!(svg.contains("width=\"140.0\"") && svg.contains(">25.5</text>"), "{svg}");
        assert!(svg.contains("width=\"1.0\"") && svg.contains(">0.084</text>"), "{svg}");
    }
}
