//! `{{#plot FILE}}`: a picture of what the arena measured, drawn from its file whenever the book is
//! built, so that it cannot be older than the file.
//!
//! Lines, bars and axes are written by hand: a plotting library writes colours as numbers, and these are
//! the theme's variables, which change with a click. What is needed of one is two scales and some lines.

mod measured;

mod svg;

mod lines;

mod bars;

use super::escape::escape;
use super::figures::read_json;
use bars::bars;
use lines::lines;
use measured::Measured;
use std::path::Path;
use svg::drawing;

/// The figure for FILE, which is relative to `root`. No line is blank: a blank line would end the HTML
/// block, and Markdown would read the rest.
///
/// # Errors
/// A sentence that names the file, and the figure that it lacks.
pub(super) fn figure(file: &str, root: &Path) -> Result<String, String> {
    let measured: Measured = read_json(root, file)?;
    let memory = "KiB of memory for each connection";
    let switches = "context switches for each echo";
    let both = bars(&measured, memory, 20.0, |point| point.kib)
        + &bars(&measured, switches, 150.0, |point| point.switches);
    Ok(format!(
        "<figure class=\"picture narrow\">\n{STYLE}\n{}{}\
         <figcaption>Made by <code>{}</code> on {}. A point is the median of {} rounds, the line \
         through it reaches from the slowest to the fastest.</figcaption>\n</figure>\n",
        drawing(300, &measured.in_words(), &lines(&measured)),
        drawing(240, &format!("{memory}; {switches}"), &both),
        escape(&measured.command),
        escape(&measured.machine),
        measured.rounds,
    ))
}

/// Shapes differ as well as colours. The names begin as those of the other pictures, and mean the same.
const STYLE: &str = "<style>
.pic-t{fill:var(--fg,#444);font:16px \"Open Sans\",sans-serif}
.pic-s{fill:var(--fg,#444);font:14px \"Open Sans\",sans-serif}
.plot-axis{stroke:var(--fg,#666);stroke-width:1.2}
.plot-grid{stroke:var(--quote-border,#ddd);stroke-width:1}
.plot-line{fill:none;stroke-width:2}
.plot-threads{stroke:var(--blockquote-warning-color,#9a6700);fill:var(--blockquote-warning-color,#9a6700)}
.plot-poll{stroke:var(--links,#2a62b8);fill:var(--links,#2a62b8)}
</style>";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    pub(super) const RESULTS: &str = r#"{"command": "arena <echo>", "machine": "2 cores", "rounds": 7,
        "threads": {
            "1": {"rps": 15000, "rps_min": 14000, "rps_max": 16000, "kib_per_connection": 28,
                "switches_per_echo": 1},
            "1000": {"rps": 60000, "rps_min": 50000, "rps_max": 70000, "kib_per_connection": 25.5,
                "switches_per_echo": 1},
            "8000": {"not_measured": "no thread left"}},
        "poll": {
            "1": {"rps": 15000, "rps_min": 14000, "rps_max": 16000, "kib_per_connection": 0,
                "switches_per_echo": 1},
            "1000": {"rps": 150000, "rps_min": 120000, "rps_max": 160000, "kib_per_connection": 0.084,
                "switches_per_echo": 0.002},
            "8000": {"rps": 100000, "rps_min": 90000, "rps_max": 110000, "kib_per_connection": 0.09,
                "switches_per_echo": 0.001},
            "syscalls": {"all": 2}}}"#;

    fn drawn(results: &str) -> Result<String, String> {
        let workspace = Workspace::empty();
        workspace.write("book/results/echo.json", results);
        figure("results/echo.json", &workspace.path().join("book"))
    }

    #[test]
    fn the_picture_shows_what_the_file_says() {
        let html = drawn(RESULTS).unwrap();
        assert_eq!(html.matches("<circle").count(), 3 + 1, "points, and the name: {html}");
        assert_eq!(html.matches("<rect").count(), 2 + 1 + 4, "points, the name, four bars: {html}");
        let other = drawn(&RESULTS.replace("150000", "140000")).unwrap();
        assert_ne!(html, other, "a figure of the file was changed, and the picture is the same");
        assert!(html.contains("<code>arena &lt;echo&gt;</code> on 2 cores"), "{html}");
        assert!(html.lines().all(|line| !line.trim().is_empty()));
    }

    #[test]
    fn colours_are_the_themes() {
        let html = drawn(RESULTS).unwrap();
        let (style, drawing) = html.split_once("</style>").unwrap();
        assert!(!drawing.contains('#') && !drawing.contains("rgb"), "{drawing}");
        let declared = style.matches("fill:").count() + style.matches("stroke:").count();
        assert_eq!(declared, style.matches(":var(--").count() + style.matches("fill:none").count());
    }

    #[test]
    fn numbers_are_in_order_in_the_words_too_and_what_was_not_measured_is_left_out() {
        let html = drawn(&RESULTS.replace("\"1\":", "\"64\":")).unwrap();
        let words =
            "threads, stage 01: 15,000 with 64, 60,000 with 1000. poll, stage 02: 15,000 with 64, ";
        assert!(html.contains(words), "{html}");
    }

    #[test]
    fn what_the_file_lacks_is_named() {
        for (results, expected) in [
            (RESULTS.replace("\"poll\"", "\"pol\""), "missing field `poll`"),
            (RESULTS.replace("\"rps_min\": 90000, ", ""), "`8000`: missing field `rps_min`"),
            ("{}".to_owned(), "missing field `command`"),
        ] {
            let error = drawn(&results).unwrap_err();
            let start = format!("`results/echo.json` is not as expected ({expected}");
            assert!(error.starts_with(&start), "{error}");
        }
    }
}
