//! `{{#plot FILE}}`: what the arena measured of two servers, as a table with bars. It is made from the
//! file whenever the book is built, so that it cannot be older than the file.

use super::escape::escape;
use super::figures::{read_json, with_commas};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Measured {
    command: String,
    machine: String,
    rounds: u64,
    threads: Map<String, Value>,
    poll: Map<String, Value>,
}

#[derive(Deserialize)]
struct Point {
    rps: f64,
    rps_min: f64,
    rps_max: f64,
    kib_per_connection: f64,
    switches_per_echo: f64,
}

/// An HTML table of FILE, which is relative to `root`. No line is blank: a blank line would end the HTML
/// block, and Markdown would read the rest.
///
/// # Errors
/// A sentence that names the file, and what it lacks.
pub(super) fn figure(file: &str, root: &Path) -> Result<String, String> {
    let Measured { command, machine, rounds, threads, poll } = read_json(root, file)?;
    // By number of connections.
    let mut points: BTreeMap<u32, [Option<Point>; 2]> = BTreeMap::new();
    for (column, results) in [threads, poll].into_iter().enumerate() {
        for (name, figures) in results {
            // What has another name, or says why it was not measured, is no point.
            let Ok(connections) = name.parse() else { continue };
            if figures.get("not_measured").is_none() {
                let point = Point::deserialize(figures)
                    .map_err(|error| format!("`{file}`, `{name}`: {error}: measure it again."))?;
                points.entry(connections).or_default()[column] = Some(point);
            }
        }
    }

    let most = points.values().flatten().flatten().map(|point| point.rps).fold(0.0, f64::max);
    let mut echoes = String::new();
    for (connections, of_both) in &points {
        let cells = of_both.each_ref().map(|point| match point {
            Some(point) => {
                let [slowest, fastest] = [point.rps_min, point.rps_max].map(with_commas);
                bar(point.rps, most, &format!("{slowest} to {fastest}"))
            }
            None => "–".to_owned(),
        });
        echoes += &row(&with_commas(f64::from(*connections)), cells);
    }

    let is_complete = |(_, of_both): &(_, &[Option<_>; 2])| of_both.iter().all(Option::is_some);
    let Some((connections, [Some(threads), Some(poll)])) = points.iter().rfind(is_complete) else {
        return Err(format!(
            "`{file}` has no number of connections with which both were measured: measure it again."
        ));
    };
    let compared = |label, threads: f64, poll: f64| {
        row(label, [threads, poll].map(|figure| bar(figure, threads.max(poll), "")))
    };
    Ok(format!(
        "<figure class=\"plot\">\n<div class=\"table-wrapper\">\n<table>\n<thead>\n<tr><td></td>\
         <th scope=\"col\">threads, stage&nbsp;01</th><th scope=\"col\">poll, stage&nbsp;02</th></tr>\n\
         </thead>\n<tbody>\n\
         <tr><th colspan=\"3\" scope=\"rowgroup\">Echoes per second, by number of connections</th></tr>\n\
         {echoes}</tbody>\n<tbody>\n\
         <tr><th colspan=\"3\" scope=\"rowgroup\">With {} connections</th></tr>\n\
         {}{}</tbody>\n</table>\n</div>\n\
         <figcaption>Made by <code>{}</code> on {}. Medians of {rounds} rounds; in small type, the \
         slowest and the fastest.</figcaption>\n</figure>\n",
        with_commas(f64::from(*connections)),
        compared(
            "KiB of memory for each connection",
            threads.kib_per_connection,
            poll.kib_per_connection
        ),
        compared(
            "Context switches for each echo",
            threads.switches_per_echo,
            poll.switches_per_echo
        ),
        escape(&command),
        escape(&machine),
    ))
}

fn row(label: &str, [threads, poll]: [String; 2]) -> String {
    format!("<tr><th scope=\"row\">{label}</th><td>{threads}</td><td>{poll}</td></tr>\n")
}

/// A figure, how far apart the rounds are, and a bar: its share of the largest.
fn bar(figure: f64, largest: f64, range: &str) -> String {
    format!(
        "<b>{}</b> <small>{range}</small><span class=\"bar\" style=\"width:{:.1}%\"></span>",
        with_commas(figure),
        100.0 * figure / largest.max(f64::MIN_POSITIVE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    const RESULTS: &str = r#"{"command": "arena <echo>", "machine": "2 cores", "rounds": 7,
        "threads": {
            "1000": {"rps": 60000, "rps_min": 50000, "rps_max": 70000, "kib_per_connection": 25,
                "switches_per_echo": 1},
            "64": {"rps": 75000, "rps_min": 70000, "rps_max": 80000, "kib_per_connection": 28,
                "switches_per_echo": 1},
            "8000": {"not_measured": "no thread left"}},
        "poll": {
            "1000": {"rps": 150000, "rps_min": 120000, "rps_max": 160000, "kib_per_connection": 0.05,
                "switches_per_echo": 0.002},
            "8000": {"rps": 100000, "rps_min": 90000, "rps_max": 110000, "kib_per_connection": 0.09,
                "switches_per_echo": 0.001},
            "syscalls": {"all": 2}}}"#;

    fn shown(results: &str) -> Result<String, String> {
        let workspace = Workspace::empty();
        workspace.write("book/results/echo.json", results);
        figure("results/echo.json", &workspace.path().join("book"))
    }

    #[test]
    fn bars_are_shares_of_the_largest_and_what_was_not_measured_is_a_dash() {
        let html = shown(RESULTS).unwrap();
        let rows: Vec<_> = html.lines().filter(|line| line.starts_with("<tr>")).collect();
        for (row, parts) in rows[2..].iter().zip([
            ["64</th>", "75,000</b> <small>70,000 to 80,000</small>", "width:50.0%", "<td>–</td>"],
            ["1,000</th>", "60,000</b>", "width:40.0%", "width:100.0%"],
            ["8,000</th>", "<td>–</td>", "100,000</b>", "width:66.7%"],
            ["With 1,000 connections", "", "", ""],
            ["KiB of memory", "25</b>", "width:100.0%", "width:0.2%"],
            ["switches", "1</b>", "0.002</b>", "width:0.2%"],
        ]) {
            assert!(parts.iter().all(|part| row.contains(part)), "{parts:?}, but {row}");
        }
        assert_eq!(rows.len(), 2 + 6, "{html}");
        assert!(html.contains("<code>arena &lt;echo&gt;</code> on 2 cores"), "{html}");
        assert!(html.lines().all(|line| !line.trim().is_empty()), "{html}");
    }

    #[test]
    fn what_the_file_lacks_is_an_error() {
        for (from, to, expected) in [
            ("\"rps_min\": 90000, ", "", "`results/echo.json`, `8000`: missing field `rps_min`"),
            ("\"poll\"", "\"pol\"", "`results/echo.json` is not as expected (missing field `poll`"),
        ] {
            let error = shown(&RESULTS.replace(from, to)).unwrap_err();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
