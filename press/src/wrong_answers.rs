//! `{{#wrong 02/drain stops_at_a_short_read:read_ready}}`: the function that a wrong answer makes.

use super::book::Page;
use workshop::wrong::Wrong;

/// A block of code in Markdown.
///
/// # Errors
/// A sentence that says what is wrong and what to do.
pub(super) fn block(arguments: &str, page: &Page<'_>) -> Result<String, String> {
    let (exercise, wanted) = arguments.split_once(' ').unwrap_or_default();
    let (name, function) = wanted
        .split_once(':')
        .ok_or("which wrong answer? Write `{{#wrong 01/echo_loop NAME:function}}`.")?;
    let exercise = page.book.workspace.exercise(exercise).map_err(|no| no.to_string())?;
    let file = exercise.folder.join(format!("wrong/{name}.diff"));
    let wrong = Wrong::read(file).map_err(|error| format!("{error:#}"))?;
    let answer = wrong.answer().map_err(|why| format!("`{name}.diff`: {why}"))?;
    let code = self::function(&answer, function)
        .ok_or_else(|| format!("`{name}` has no function `{function}`."))?;
    Ok(format!("```rust\n{code}\n```"))
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
