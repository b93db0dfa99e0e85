//! `{{#matrix 01 02}}`: which server of these stages passes which conformance case, from the recorded
//! runs.

use super::escape::escape;
use super::figures::read_json;
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;

/// One run of the suite: the servers of one stage. Other fields of the file are ignored.
#[derive(Deserialize)]
struct Run {
    /// What was typed to make the file.
    command: String,
    /// The rows, in the order the suite runs them.
    cases: Vec<String>,
    servers: Vec<Server>,
}

#[derive(Deserialize)]
struct Server {
    server: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Pass,
    Fail,
    Skipped,
}

/// An HTML table of the runs of these stages, as in `01 02`: a row a case, a column a server. No line is
/// blank: a blank line would end the HTML block, and Markdown would read the rest.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub(super) fn table(stages: &str, root: &Path) -> Result<String, String> {
    let run = |stage| read_json(root, &format!("results/conformance/{stage}.json"));
    let runs: Vec<Run> = stages.split(' ').map(run).collect::<Result<_, _>>()?;
    let servers: Vec<_> = runs.iter().flat_map(|run| &run.servers).collect();
    let mut cases: Vec<&str> = Vec::new();
    for case in runs.iter().flat_map(|run| &run.cases) {
        if !cases.contains(&case.as_str()) {
            cases.push(case);
        }
    }
    let commands: Vec<_> =
        runs.iter().map(|run| format!("<code>{}</code>", escape(&run.command))).collect();

    let mut html = String::from(
        "<figure class=\"matrix\">\n<div class=\"table-wrapper\">\n<table>\n<thead>\n<tr><th scope=\"col\">Case</th>",
    );
    for server in &servers {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(&server.server));
    }
    html += "</tr>\n</thead>\n<tbody>\n";
    for case in cases {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&case.replace('_', " ")));
        for server in &servers {
            let outcome = server.cases.iter().find(|of| of.case == case).map(|of| &of.outcome);
            let _ = write!(html, "<td>{}</td>", cell(outcome));
        }
        html += "</tr>\n";
    }
    let _ = writeln!(
        html,
        "</tbody>\n</table>\n</div>\n<figcaption>Made by {}</figcaption>\n</figure>",
        commands.join(", ")
    );
    Ok(html)
}

/// A sign and a word, so that no reader depends on colour.
fn cell(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Pass) => "<span class=\"passes\">✓ passes</span>",
        Some(Outcome::Fail) => "<span class=\"fails\">✗ fails</span>",
        Some(Outcome::Skipped) => "<span class=\"skipped\">– skipped</span>",
        None => "<span class=\"skipped\">– not run</span>",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn a_row_is_a_case_and_a_column_a_server() {
        let workspace = Workspace::with_book();
        let run = r#"{"command": "second", "cases": ["extra", "round_trip"], "servers": [{"server": "mio", "cases": []}]}"#;
        workspace.write("book/results/conformance/02.json", run);
        let html = table("01 02", &workspace.path().join("book")).unwrap();
        let rows: Vec<_> = html.lines().filter(|line| line.starts_with("<tr>")).collect();
        assert!(rows[0].contains("<th scope=\"col\">blocking &lt;threads&gt;</th>"), "{html}");
        let first = "<tr><th scope=\"row\">round trip</th><td><span class=\"passes\">✓ passes</span></td>\
                     <td><span class=\"skipped\">– not run</span></td></tr>";
        assert_eq!(rows[1], first);
        for (row, text) in [(0, ">mio<"), (2, "✗ fails"), (3, "– skipped"), (4, ">extra<")] {
            assert!(rows[row].contains(text), "{html}");
        }
        assert_eq!(rows.len(), 5, "a case of two runs is one row: {html}");
        assert!(html.contains("conformance</code>, <code>second</code>"), "{html}");
        assert!(html.lines().all(|line| !line.trim().is_empty()));
    }
}
