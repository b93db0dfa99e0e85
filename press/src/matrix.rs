//! `{{#matrix DIR}}`: which server passes which conformance case, from the recorded runs; from some of
//! them with `{{#matrix DIR 01 02}}`.

use super::escape::escape;
use super::figures::read_json;
use serde::Deserialize;
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

#[derive(Deserialize, Clone, Copy)]
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
    let chosen: Vec<_> = words.map(|name| format!("{name}.json")).collect();
    let entries = root.join(folder).read_dir().map_err(|error| {
        format!("the folder `{folder}` cannot be listed ({error}): the path starts at book/.")
    })?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".json")).collect();
    names.sort();
    if let Some(missing) = chosen.iter().find(|name| !names.contains(name)) {
        return Err(format!(
            "the folder `{folder}` has no `{missing}`: it has {}.",
            names.join(", ")
        ));
    }
    names.retain(|name| chosen.is_empty() || chosen.contains(name));
    if names.is_empty() {
        return Err(format!(
            "the folder `{folder}` holds no .json file: run the conformance suite to make them."
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
    let mut commands: Vec<String> = Vec::new();
    for run in runs {
        for case in &run.cases {
            if !cases.contains(&case.as_str()) {
                cases.push(case);
            }
        }
        let command = format!("<code>{}</code>", escape(&run.command));
        if !commands.contains(&command) {
            commands.push(command);
        }
    }

    let mut html = String::from(
        "<figure class=\"matrix\">\n<div class=\"table-wrapper\">\n<table>\n<thead>\n<tr><th scope=\"col\">Case</th>",
    );
    for server in &servers {
        html += &format!("<th scope=\"col\">{}</th>", escape(&server.server));
    }
    html += "</tr>\n</thead>\n<tbody>\n";
    for case in cases {
        html += &format!("<tr><th scope=\"row\">{}</th>", escape(&case.replace('_', " ")));
        for server in &servers {
            html += &format!("<td>{}</td>", cell(server.cases.iter().find(|c| c.case == case)));
        }
        html += "</tr>\n";
    }
    html += &format!(
        "</tbody>\n</table>\n</div>\n<figcaption>Made by {}</figcaption>\n</figure>\n",
        commands.join(", ")
    );
    html
}

/// A sign and a word, so that no reader depends on colour.
fn cell(case: Option<&Case>) -> &'static str {
    let Some(case) = case else {
        return "<span class=\"skipped\">– not run</span>";
    };
    match case.outcome {
        Outcome::Pass => "<span class=\"passes\">✓ passes</span>",
        Outcome::Fail => "<span class=\"fails\">✗ fails</span>",
        Outcome::Skipped => "<span class=\"skipped\">– skipped</span>",
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
        assert!(
            rows[1].starts_with("<tr><th scope=\"row\">round trip</th><td><span class=\"passes\">"),
            "{html}"
        );
        assert!(rows[1].contains("✗ fails"));
        assert!(rows[2].contains(
            "<span class=\"fails\">✗ fails</span></td><td><span class=\"skipped\">– not run"
        ));
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
            ("results/conformance 03", "has no `03.json`"),
            ("results/bad", "`results/bad/01.json` is not as expected"),
            ("src", "holds no .json file"),
            ("none", "`none` cannot be listed"),
        ] {
            assert!(table(arguments, &book).unwrap_err().contains(sentence), "{arguments}");
        }
    }
}
