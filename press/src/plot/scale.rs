//! From a figure to a place in the picture.

/// Each part of the picture is as wide as a phone's page. On a desk they stand side by side.
pub(super) const WIDTH: f64 = 350.0;

/// Where `value` stands between `from` and `to` if each step of the same length multiplies it by the
/// same: 0 at the one end, 1 at the other.
pub(super) fn logarithmic(value: f64, from: f64, to: f64) -> f64 {
    if from == to { 0.5 } else { (value / from).ln() / (to / from).ln() }
}

/// Round numbers from 0 to at least `max`, which is positive: four to seven of them.
pub(super) fn ticks(max: f64) -> Vec<f64> {
    let power = 10f64.powf(max.log10().floor());
    // 10 reaches any number below the next power.
    let steps = [0.2, 0.5, 1.0, 2.0].map(|step| step * power);
    let step = steps.into_iter().find(|step| max / step <= 6.0).unwrap_or(2.0 * power);
    (0..=(max / step).ceil() as u32).map(|n| f64::from(n) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_factor_is_the_same_length() {
        let at = |value| logarithmic(value, 1.0, 10_000.0);
        assert_eq!([1.0, 100.0, 10_000.0].map(at), [0.0, 0.5, 1.0]);
        assert_eq!(logarithmic(7.0, 7.0, 7.0), 0.5);
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
