//! The large part of the picture: echoes per second, by number of connections.

use super::measured::{Measured, Series};
use super::svg::{WIDTH, line, rect, text, title};
use crate::figures::with_commas;
use std::collections::BTreeSet;

/// Where the first and the last number of connections stand. To the left are the ticks.
const LEFT: f64 = 72.0;
const RIGHT: f64 = WIDTH - 20.0;

/// Where the largest tick stands, and 0. Above are the title and the names.
const TOP: f64 = 64.0;
const BOTTOM: f64 = 244.0;

/// From one name to the next.
const NAME: f64 = 170.0;

/// Draws axes, lines and names.
pub(super) fn lines(measured: &Measured) -> String {
    let series = measured.series();
    let points = series.iter().flat_map(|series| series.points);
    let ticks = ticks(points.clone().map(|(_, point)| point.fastest).fold(1.0, f64::max));
    let top = ticks.last().copied().unwrap_or(1.0);
    let y = |rps: f64| BOTTOM - rps / top * (BOTTOM - TOP);
    let connections: BTreeSet<_> = points.map(|(connections, _)| *connections).collect();
    let least = connections.first().copied().unwrap_or(1);
    let most = connections.last().copied().unwrap_or(1);
    let x = |connections| LEFT + logarithmic(connections, least, most) * (RIGHT - LEFT);

    let mut svg = title(20.0, "echoes per second");
    for tick in ticks {
        let class = if tick == 0.0 { "plot-axis" } else { "plot-grid" };
        svg += &line(class, (LEFT, y(tick)), (RIGHT, y(tick)));
        svg += &text(LEFT - 12.0, y(tick) + 4.0, "end", &with_commas(tick));
    }
    for connections in connections {
        let x = x(connections);
        svg += &line("plot-axis", (x, BOTTOM), (x, BOTTOM + 6.0));
        svg += &text(x, BOTTOM + 22.0, "middle", &with_commas(connections.into()));
    }
    let axis = "connections, on a logarithmic scale";
    svg += &text((LEFT + RIGHT) / 2.0, BOTTOM + 44.0, "middle", axis);
    for (series, left) in series.iter().zip([0.0, NAME]) {
        svg += &curve(series, x, y);
        svg += &mark(series.key, left + 5.0, 40.0);
        svg += &text(left + 16.0, 45.0, "start", series.name);
    }
    svg
}

/// A line through the medians, and at each a mark and the spread.
fn curve(series: &Series<'_>, x: impl Fn(u32) -> f64, y: impl Fn(f64) -> f64) -> String {
    let class = format!("plot-{} plot-line", series.key);
    let mut corners = Vec::new();
    let mut marks = String::new();
    for (connections, point) in series.points {
        let (x, middle) = (x(*connections), y(point.rps));
        corners.push(format!("{x:.1},{middle:.1}"));
        marks += &line(&class, (x, y(point.slowest)), (x, y(point.fastest)));
        marks += &mark(series.key, x, middle);
    }
    let corners = corners.join(" ");
    format!("<polyline class=\"{class}\" style=\"fill:none\" points=\"{corners}\"/>\n{marks}")
}

/// What stands at each point of a line, and before its name: a square or a circle.
fn mark(key: &str, x: f64, y: f64) -> String {
    match key {
        "threads" => rect(key, x - 4.0, y - 4.0, 8.0, 8.0),
        _ => format!("<circle class=\"plot-{key}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>\n"),
    }
}

/// Where `value` stands between `from` and `to` if each step of the same length multiplies it by the
/// same: 0 at the one end, 1 at the other.
fn logarithmic(value: u32, from: u32, to: u32) -> f64 {
    let factor = |to: u32| (f64::from(to) / f64::from(from)).ln();
    if from == to { 0.5 } else { factor(value) / factor(to) }
}

/// Round numbers from 0 to at least `max`, which is positive: four to seven of them.
fn ticks(max: f64) -> Vec<f64> {
    let power = 10f64.powf(max.log10().floor());
    let step = [0.2, 0.5, 1.0].map(|step| step * power).into_iter().find(|step| max / step <= 6.0);
    let step = step.unwrap_or(2.0 * power);
    (0..=(max / step).ceil() as u32).map(|n| f64::from(n) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn more_is_higher_and_further_to_the_right() {
        let svg = lines(&serde_json::from_str(RESULTS).unwrap());
        // 150,000 of 200,000 is three quarters of the way up.
        let expected = format!("{:.1}", BOTTOM - 0.75 * (BOTTOM - TOP));
        let points = svg.split("plot-poll plot-line").nth(1).unwrap();
        assert!(points.contains(&format!(",{expected} {RIGHT:.1},")), "{points}");
    }

    #[test]
    fn the_same_factor_is_the_same_length() {
        let at = |value| logarithmic(value, 1, 10_000);
        assert_eq!([1, 100, 10_000].map(at), [0.0, 0.5, 1.0]);
        assert_eq!(logarithmic(7, 7, 7), 0.5);
    }

    #[test]
    fn ticks_are_round_and_reach_the_largest_figure() {
        assert_eq!(ticks(187_000.0), [0.0, 50_000.0, 100_000.0, 150_000.0, 200_000.0]);
        assert_eq!(ticks(100.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        for max in 1..=2000 {
            let ticks = ticks(f64::from(max));
            assert!((4..=7).contains(&ticks.len()), "{max}: {ticks:?}");
            assert!(*ticks.last().unwrap() >= f64::from(max), "{max}: {ticks:?}");
        }
    }
}
