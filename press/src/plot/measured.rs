//! What a picture needs of the arena's results.

use crate::figures::with_commas;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::Map;
use std::collections::BTreeMap;

#[derive(Deserialize)]
pub(super) struct Measured {
    pub(super) command: String,
    pub(super) machine: String,
    pub(super) rounds: u64,
    #[serde(deserialize_with = "points")]
    threads: Points,
    #[serde(deserialize_with = "points")]
    poll: Points,
}

/// By number of connections.
type Points = BTreeMap<u32, Point>;

#[derive(Deserialize)]
pub(super) struct Point {
    pub(super) rps: f64,
    #[serde(rename = "rps_min")]
    pub(super) slowest: f64,
    #[serde(rename = "rps_max")]
    pub(super) fastest: f64,
    #[serde(rename = "kib_per_connection")]
    pub(super) kib: f64,
    #[serde(rename = "switches_per_echo")]
    pub(super) switches: f64,
}

/// One contestant.
pub(super) struct Series<'a> {
    /// Its name in the results, and in the style.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) points: &'a Points,
}

impl Measured {
    /// The contestants that are drawn.
    pub(super) fn series(&self) -> [Series<'_>; 2] {
        [
            Series { key: "threads", name: "threads, stage 01", points: &self.threads },
            Series { key: "poll", name: "poll, stage 02", points: &self.poll },
        ]
    }

    /// The largest number of connections that was measured for both.
    pub(super) fn most_connections(&self) -> Option<u32> {
        self.threads.keys().rev().copied().find(|connections| self.poll.contains_key(connections))
    }

    /// For those who do not see the picture.
    pub(super) fn in_words(&self) -> String {
        let mut words = "Echoes per second by number of connections.".to_owned();
        for Series { name, points, .. } in self.series() {
            let points = points.iter().map(|(connections, point)| {
                format!("{} with {}", with_commas(point.rps), with_commas((*connections).into()))
            });
            words += &format!(" {name}: {}.", points.collect::<Vec<_>>().join(", "));
        }
        words
    }
}

/// The points among what the arena has written of a contestant: their names are numbers.
fn points<'de, D: Deserializer<'de>>(json: D) -> Result<Points, D::Error> {
    let mut points = Points::new();
    for (name, cell) in Map::deserialize(json)? {
        let Ok(connections) = name.parse() else { continue };
        // The picture leaves it out, and the page that shows it says why.
        if cell.get("not_measured").is_none() {
            let point = Point::deserialize(cell)
                .map_err(|error| D::Error::custom(format!("`{name}`: {error}")))?;
            points.insert(connections, point);
        }
    }
    Ok(points)
}
