//! The middle of several rounds, and how far they lie apart.

use serde_json::Value;

/// Several measurements of the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// As many were smaller as larger: one bad round does not move it.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of at least one measurement.
    ///
    /// # Panics
    /// There is none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut sorted: Vec<_> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            panic!("nothing was measured, and its middle was asked for");
        };
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            1 => sorted[middle],
            _ => sorted[middle - 1].midpoint(sorted[middle]),
        };
        Self { median, min, max }
    }

    /// Of the ratios within each round. Both of a pair have met the same mood of the machine, so their
    /// ratio is steadier than that of two medians.
    ///
    /// # Panics
    /// There are no rounds, or one side has more of them.
    pub fn of_ratios(ours: &[f64], theirs: &[f64]) -> Self {
        assert_eq!(ours.len(), theirs.len(), "each round has both sides");
        Self::of(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
    }
}

/// A number for the results, with three digits that mean something: the others differ in every run.
pub fn rounded(value: f64) -> Value {
    // Rust prints the nearest decimal, where dividing by a power of ten would leave 0.30000000000000004.
    let three: f64 = format!("{value:.2e}").parse().expect("Rust reads what it has written");
    if three.fract() == 0.0 { Value::from(three as i64) } else { Value::from(three) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        let spread = Spread::of([9.0, 1.0, 1000.0, 5.0, 3.0]);
        assert_eq!(spread, Spread { median: 5.0, min: 1.0, max: 1000.0 });
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]).median, 2.5);
        assert_eq!(Spread::of([7.0]), Spread { median: 7.0, min: 7.0, max: 7.0 });
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The second round was slow for both. The ratio of the medians would be 30 / 20.
        let spread = Spread::of_ratios(&[60.0, 10.0, 30.0], &[40.0, 10.0, 20.0]);
        assert_eq!(spread, Spread { median: 1.5, min: 1.0, max: 1.5 });
        let spread = Spread::of_ratios(&[10.0, 30.0, 100.0], &[10.0, 10.0, 1000.0]);
        assert_eq!(spread, Spread { median: 1.0, min: 0.1, max: 3.0 });
    }

    #[test]
    fn three_digits_are_kept() {
        for (value, expected) in [
            (123_456.7, "123000"),
            (99_999.0, "100000"),
            (12.345, "12.3"),
            (0.300_04, "0.3"),
            (0.001_234_9, "0.00123"),
            (29.0, "29"),
            (0.0, "0"),
        ] {
            assert_eq!(rounded(value).to_string(), expected);
        }
    }
}
