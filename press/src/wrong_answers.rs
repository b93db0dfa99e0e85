//! `{{#wrong 02/drain stops_at_a_short_read}}`: a wrong answer, as the difference that it is;
//! `{{#wrong 02/drain stops_at_a_short_read:read_ready}}`: the function that it makes.

use super::book::Page;
use super::exercises;
use workshop::nearest::did_you_mean;
use workshop::wrong;

/// A block of code in Markdown.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn block(arguments: &str, page: &Page<'_>) -> Result<String, String> {
    let (exercise, wanted) = arguments.split_once(' ').ok_or(
        "which wrong answer? Write `{{#wrong 01/echo_loop NAME}}`, or `NAME:function` in place of NAME.",
    )?;
    let (name, function) = match wanted.split_once(':') {
        Some((name, function)) => (name, Some(function)),
        None => (wanted, None),
    };
    let exercise = exercises::find(exercise, page)?;
    let all = wrong::all(exercise).map_err(|error| format!("{error:#}"))?;
    let Some(wrong) = all.iter().find(|wrong| wrong.name() == name) else {
        let names: Vec<_> = all.iter().map(|wrong| wrong.name()).collect();
        let otherwise = ": name a file of its `wrong`, without `.diff`.";
        let near = did_you_mean(name, names.iter().map(AsRef::as_ref), otherwise);
        return Err(format!("`{}` has no wrong answer `{name}`{near}", exercise.short_id()));
    };
    let (language, code) = match function {
        None => ("diff", wrong.shown().skip(1).collect::<Vec<_>>().join("\n")),
        Some(function) => {
            let answer = wrong.answer().map_err(|why| format!("`{name}.diff`: {why}"))?;
            let code = self::function(&answer, function)
                .ok_or_else(|| format!("`{name}` has no function `{function}`."))?;
            ("rust", code)
        }
    };
    Ok(format!("```{language}\n{code}\n```"))
}

/// A function with what is said above it, as rustfmt leaves it: its last line is its first `}` that
/// stands below its `fn`.
fn function(text: &str, name: &str) -> Option<String> {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().starts_with("// ANCHOR")).collect();
    let begins = |line: &&str| ["(", "<"].iter().any(|p| line.contains(&format!("fn {name}{p}")));
    let head = lines.iter().position(begins)?;
    let indent = lines[head].len() - lines[head].trim_start().len();
    let belongs = |line: &&&str| ["//", "#["].iter().any(|sign| line.trim().starts_with(sign));
    let first = head - lines[..head].iter().rev().take_while(belongs).count();
    let ends = |line: &&str| line.len() == indent + 1 && line.ends_with('}');
    let last = match lines[head].ends_with('}') {
        true => head,
        false => head + lines[head..].iter().position(ends)?,
    };
    let cut = |line: &&str| line.get(indent..).unwrap_or_default().to_owned();
    Some(lines[first..=last].iter().map(cut).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use crate::fixture::Workspace;

    #[test]
    fn a_wrong_answer_is_shown_as_a_difference_or_as_a_function() {
        let workspace = Workspace::with_exercises();
        let html = workspace.built_with("{{#wrong 01/echo loses}}").unwrap();
        let difference = "<code class=\"language-diff\">@@ -3,3 +3,5 @@\n     /// Echoes.\n-    fn echo() {}\n+    fn echo() {\n+        lose();\n";
        assert!(html.contains(difference), "{html}");
        let html = workspace.built_with("{{#wrong 01/echo loses:echo}}").unwrap();
        assert!(html.contains("/// Echoes.\nfn echo() {\n    lose();\n}</code>"), "{html}");
        for (directive, sentence) in [
            ("{{#wrong 01/echo}}", "book/src/start.md:3: which wrong answer? "),
            ("{{#wrong 01/echo lose}}", "no wrong answer `lose`: did you mean `loses`?"),
            ("{{#wrong 01/echo loses:ehco}}", "`loses` has no function `ehco`."),
            ("see {{#wrong 01/echo loses}}", "alone on a line"),
        ] {
            let error = workspace.built_with(directive).unwrap_err();
            assert!(error.contains(sentence), "{error}");
        }
    }
}
