//! `{{#matrix DIR}}`: which server passes which conformance case, from the recorded runs; from some of
//! them with `{{#matrix DIR 01 02}}`.

use super::escape::escape;
use super::figures::read_json;
use serde::Deserialize;
use std::fmt::Write;
use std::path::Path;
use workshop::workspace::files;

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

/// An HTML table of the *.json files of a folder, which is relative to `root`: a row a case, a column a
/// server. The words after the folder are the files, if not all.
///
/// # Errors
/// A sentence that names the folder or the file and says what to do.
pub(super) fn table(arguments: &str, root: &Path) -> Result<String, String> {
    let mut words = arguments.split_whitespace();
    let folder = words.next().unwrap_or_default();
    let mut names: Vec<_> = words.map(|name| format!("{name}.json")).collect();
    if names.is_empty() {
        let all = files(&root.join(folder), "json").map_err(|error| format!("{error:#}"))?;
        names = all.iter().map(|name| name.display().to_string()).collect();
    }
    if names.is_empty() {
        return Err(format!(
            "the folder `{folder}` holds no .json file: the path starts at book/, and the conformance \
             suite makes them."
        ));
    }
    let runs: Result<Vec<Run>, _> =
        names.iter().map(|name| read_json(root, &format!("{folder}/{name}"))).collect();
    Ok(html(&runs?))
}

/// No line is blank: a blank line would end the HTML block, and Markdown would read the rest.
fn html(runs: &[Run]) -> String {
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
    html
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

    fn rows(html: &str) -> Vec<&str> {
        html.lines().filter(|line| line.starts_with("<tr>")).collect()
    }

    #[test]
    fn a_row_is_a_case_and_a_column_a_server() {
        let workspace = Workspace::with_book();
        let html = table("results/conformance", &workspace.path().join("book")).unwrap();
        let rows = rows(&html);
        assert!(rows[0].ends_with("<th scope=\"col\">blocking sequential</th><th scope=\"col\">blocking &lt;threads&gt;</th></tr>"));
        let first = "<tr><th scope=\"row\">round trip</th><td><span class=\"passes\">✓ passes";
        assert!(rows[1].starts_with(first) && rows[1].contains("✗ fails"), "{html}");
        let fails_and_not_run = "✗ fails</span></td><td><span class=\"skipped\">– not run";
        assert!(rows[2].contains(fails_and_not_run), "{html}");
        assert!(rows[3].contains("– skipped"));
        assert!(html.contains("Made by <code>cargo test -p blocking --test conformance</code>"));
        assert!(html.lines().all(|line| !line.trim().is_empty()));
    }

    #[test]
    fn files_are_joined_in_the_order_of_their_names_or_chosen() {
        let workspace = Workspace::with_book();
        let book = workspace.path().join("book");
        let run = r#"{"command": "second", "cases": ["extra", "round_trip"], "servers": [{"server": "mio", "cases": []}]}"#;
        workspace.write("book/results/conformance/02.json", run);
        workspace.write("book/results/bad/01.json", r#"{"command": 1}"#);
        let html = table("results/conformance", &book).unwrap();
        assert!(rows(&html)[0].ends_with("<th scope=\"col\">mio</th></tr>"));
        assert_eq!(rows(&html).len(), 5, "a case of two runs is one row: {html}");
        assert!(rows(&html)[4].contains("extra") && html.contains("</code>, <code>second</code>"));
        let second = table("results/conformance 02", &book).unwrap();
        assert!(second.contains("Made by <code>second</code>"), "{second}");
        for (arguments, sentence) in [
            ("results/conformance 03", "`results/conformance/03.json` cannot be read"),
            ("results/bad", "`results/bad/01.json` is not as expected"),
            ("none", "`none` holds no .json file"),
        ] {
            assert!(table(arguments, &book).unwrap_err().contains(sentence), "{arguments}");
        }
    }
}
