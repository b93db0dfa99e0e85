//! `{{#plot FILE}}`: a picture of what the arena measured, drawn from its file whenever the book is
//! built, so that it cannot be older than the file.
//!
//! Lines, bars and axes are written by hand: a plotting library writes colours as numbers, and these are
//! the theme's variables, which change with a click. What is needed of one is two scales and some lines.

mod measured;

mod scale;

mod lines;

mod bars;

use super::escape::escape;
use super::figures::read_json;
use bars::bars;
use lines::lines;
use measured::Measured;
use scale::WIDTH;
use std::path::Path;

/// The figure for FILE, which is relative to `root`.
///
/// # Errors
/// A sentence that names the file, and the figure that it lacks.
pub(super) fn figure(file: &str, root: &Path) -> Result<String, String> {
    let json = read_json(root, file)?;
    let measured = Measured::read(&json).map_err(|missing| {
        format!("`{file}` has no {missing}: a plot is drawn from what `cargo arena echo` writes.")
    })?;
    Ok(html(&measured))
}

/// No line is blank: a blank line would end the HTML block, and Markdown would read the rest.
fn html(measured: &Measured<'_>) -> String {
    let memory = "KiB of memory for each connection";
    let switches = "context switches for each echo";
    format!(
        "<figure class=\"picture narrow\">\n{STYLE}\n{}{}\
         <figcaption>Made by <code>{}</code> on {}. A point is the median of {} rounds, the line \
         through it reaches from the slowest to the fastest.</figcaption>\n</figure>\n",
        drawing(300, &measured.in_words(), &lines(measured)),
        drawing(
            240,
            &format!("{memory}; {switches}"),
            &(bars(measured, memory, 20.0, |point| point.kib)
                + &bars(measured, switches, 150.0, |point| point.switches)),
        ),
        escape(measured.command),
        escape(measured.machine),
        measured.rounds,
    )
}

/// One part of the picture, and what it says to those who do not see it.
fn drawing(height: u32, words: &str, content: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" aria-label=\"{}\">\n{content}</svg>\n",
        escape(words),
    )
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
        let workspace = Workspace::with_book();
        workspace.write("book/results/echo.json", results);
        figure("results/echo.json", &workspace.path().join("book"))
    }

    #[test]
    fn the_picture_shows_what_the_file_says() {
        let html = drawn(RESULTS).unwrap();
        assert_eq!(
            html.matches("<circle").count(),
            3 + 1,
            "each number of connections, and the name"
        );
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
    fn what_the_arena_has_written_can_be_drawn() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book");
        let html = figure("results/echo.json", &book).unwrap();
        assert!(html.contains("<code>cargo arena echo"), "{html}");
    }

    #[test]
    fn what_the_file_lacks_is_named() {
        let error = drawn(&RESULTS.replace("\"poll\"", "\"pol\"")).unwrap_err();
        assert!(error.starts_with("`results/echo.json` has no `poll`: a plot is drawn"), "{error}");
        let error = drawn(&RESULTS.replace("\"rps_min\": 90000, ", "")).unwrap_err();
        assert!(error.contains("has no `poll.8000.rps_min`"), "{error}");
        assert!(drawn("{}").unwrap_err().contains("has no `command`"));
        assert!(drawn("").unwrap_err().contains("is not as expected"));
    }
}
