//! What a picture needs of the arena's results.

use crate::figures::with_commas;
use serde_json::Value;

/// The contestants that are drawn: their names in the results, and to readers.
const DRAWN: [(&str, &str); 2] = [("threads", "threads"), ("poll", "poll")];

pub(super) struct Measured<'a> {
    pub(super) command: &'a str,
    pub(super) machine: &'a str,
    pub(super) rounds: u64,
    pub(super) series: Vec<Series>,
}

/// One contestant.
pub(super) struct Series {
    /// Its name in the results, and in the style.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    /// By number of connections, the smallest first. At least one.
    pub(super) points: Vec<Point>,
}

#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) connections: u64,
    pub(super) rps: f64,
    pub(super) slowest: f64,
    pub(super) fastest: f64,
    pub(super) kib: f64,
    pub(super) switches: f64,
}

impl<'a> Measured<'a> {
    /// # Errors
    /// The key that is missing, or is no number where there should be one.
    pub(super) fn read(json: &'a Value) -> Result<Self, String> {
        let text = |key: &str| json[key].as_str().ok_or_else(|| format!("`{key}`"));
        Ok(Self {
            command: text("command")?,
            machine: text("machine")?,
            rounds: json["rounds"].as_u64().ok_or("`rounds`")?,
            series: DRAWN
                .into_iter()
                .map(|(key, name)| Ok(Series { key, name, points: points(key, &json[key])? }))
                .collect::<Result<_, String>>()?,
        })
    }

    /// All points of all contestants.
    pub(super) fn points(&self) -> impl Iterator<Item = &Point> + Clone {
        self.series.iter().flat_map(|series| &series.points)
    }

    /// The largest number of connections that was measured for all.
    pub(super) fn most_connections(&self) -> u64 {
        let most = self.series.iter().filter_map(|series| series.points.last());
        most.map(|point| point.connections).min().unwrap_or(0)
    }

    /// For those who do not see the picture.
    pub(super) fn in_words(&self) -> String {
        let mut words = "Echoes per second by number of connections.".to_owned();
        for series in &self.series {
            let point = |point: &Point| {
                format!("{} with {}", number(point.rps), number(point.connections as f64))
            };
            let points: Vec<_> = series.points.iter().map(point).collect();
            words += &format!(" {}: {}.", series.name, points.join(", "));
        }
        words
    }
}

/// As the book writes numbers.
pub(super) fn number(value: f64) -> String {
    serde_json::Number::from_f64(value).map_or_else(String::new, |number| with_commas(&number))
}

fn points(contestant: &str, json: &Value) -> Result<Vec<Point>, String> {
    let cells = json.as_object().ok_or_else(|| format!("`{contestant}`"))?;
    let mut points = Vec::new();
    for (name, cell) in cells {
        let Ok(connections) = name.parse() else { continue };
        // The picture leaves it out, and the page that shows it says why.
        if cell.get("not_measured").is_some() {
            continue;
        }
        let figure = |key: &str| {
            cell[key].as_f64().ok_or_else(|| format!("`{contestant}.{connections}.{key}`"))
        };
        points.push(Point {
            connections,
            rps: figure("rps")?,
            slowest: figure("rps_min")?,
            fastest: figure("rps_max")?,
            kib: figure("kib_per_connection")?,
            switches: figure("switches_per_echo")?,
        });
    }
    points.sort_by_key(|point| point.connections);
    if points.is_empty() {
        return Err(format!("figure in `{contestant}`"));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::tests::RESULTS;

    #[test]
    fn points_are_in_the_order_of_numbers_not_of_words() {
        let json = serde_json::from_str(&RESULTS.replace("\"1\":", "\"64\":")).unwrap();
        let measured = Measured::read(&json).unwrap();
        let connections: Vec<_> = measured.points().map(|point| point.connections).collect();
        assert_eq!(connections, [64, 1000, 64, 1000, 8000]);
        assert_eq!(measured.most_connections(), 1000, "threads have no 8000");
    }

    #[test]
    fn the_words_hold_each_point() {
        let json = serde_json::from_str(RESULTS).unwrap();
        let words = Measured::read(&json).unwrap().in_words();
        let threads = "threads: 15,000 with 1, 60,000 with 1000. poll: ";
        assert!(words.contains(threads), "{words}");
    }
}
