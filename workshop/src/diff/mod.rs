//! `cargo workshop diff 01 02`: two stages side by side. A file of the newer one reads like its
//! partner in the older one with the new idea added, so the difference is the idea.

// Which file stands beside which.
mod pairs;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, ensure};
use similar::{Algorithm, DiffOp, capture_diff_slices_by_key, group_diff_ops};

use crate::terminal::{QUIET, STRONG, marked, paragraph, styled, widest};
use crate::workspace::stage_names;
use pairs::Pair;

/// How many lines that stay are shown around those that do not.
const CONTEXT: usize = 3;

/// Two stages, and their files side by side.
struct Stages<'a> {
    root: &'a Path,
    /// The folders' names, like `01-blocking`.
    older: &'a str,
    newer: &'a str,
    pairs: Vec<Pair>,
}

/// Two stages side by side, as text: all their files in a table; or, with `file`, how that one
/// differs from its partners.
pub(crate) fn diff(
    root: &Path,
    one: &str,
    other: &str,
    file: Option<&str>,
) -> anyhow::Result<String> {
    let stages = stage_names(root, "src")?;
    let (one, other) = (find(&stages, one)?, find(&stages, other)?);
    ensure!(one != other, "both are {one}, and no stage differs from itself: name two");
    let (older, newer) = (one.min(other), one.max(other));
    let pairs = pairs::between(root, &stages, older, newer)?;
    let stages = Stages { root, older, newer, pairs };
    match file {
        Some(file) => stages.file(file),
        None => stages.table(),
    }
}

/// What is wrong with the diff.toml of any stage, a sentence each.
///
/// # Errors
/// A folder cannot be read.
pub fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let stages = stage_names(root, "src")?;
    let errors = stages.iter().filter_map(|stage| pairs::declared(root, &stages, stage).err());
    Ok(errors.map(|error| format!("{error:#}")).collect())
}

/// The stage of this number or name: `01`, `1`, `01-blocking` and `blocking` are one.
fn find<'a>(stages: &'a [String], spoken: &str) -> anyhow::Result<&'a str> {
    let is_meant = |stage: &&String| {
        let (number, name) = stage.split_once('-').unwrap_or_default();
        [number, number.trim_start_matches('0'), name, stage.as_str()].contains(&spoken)
    };
    let found = stages.iter().find(is_meant).map(String::as_str);
    found.with_context(|| {
        format!("there is no stage {spoken}: those with code are {}", stages.join(", "))
    })
}

/// The lines of a file without its tests, which end it, and the book's marks; none of no file.
fn code(root: &Path, stage: &str, file: Option<&String>) -> anyhow::Result<Vec<String>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(root.join(stage).join(file))
        .with_context(|| format!("{stage}/{file} cannot be read"))?;
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().trim_end();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("// ANCHOR"));
    Ok(lines.map(str::to_owned).collect())
}

/// How one file becomes the other. Patience looks for lines that each file has once, which are those
/// that a reader knows again: a name, a signature, and no closing brace. Indentation does not count: a
/// function that became a method is still the same function.
fn steps(old: &[String], new: &[String]) -> Vec<DiffOp> {
    capture_diff_slices_by_key(Algorithm::Patience, old, new, |line| line.trim().to_owned())
}

impl Stages<'_> {
    /// All pairs, each with how many lines stay, go and come.
    fn table(&self) -> anyhow::Result<String> {
        let Self { older, newer, pairs, .. } = self;
        let old_width = widest(pairs.iter().map(Pair::old_name).chain([*older]));
        let new_width = widest(pairs.iter().map(Pair::new_name).chain([*newer]));
        let head = format!("{older:old_width$}  {newer:new_width$}  stay    go  come");
        let mut text = format!("{}\n", styled(STRONG, head));
        for pair in pairs {
            let (old, new) = self.code(pair)?;
            let stays = |step: &DiffOp| match step {
                DiffOp::Equal { len, .. } => *len,
                _ => 0,
            };
            let stay: usize = steps(&old, &new).iter().map(stays).sum();
            let names = format!("{:old_width$}  {:new_width$}", pair.old_name(), pair.new_name());
            let (go, come) = (old.len() - stay, new.len() - stay);
            let _ = writeln!(text, "{names}  {stay:>4}  {go:>4}  {come:>4}");
            text += &styled(QUIET, paragraph(&pair.says));
        }
        let file = pairs.first().map(Pair::old_name).unwrap_or_default();
        let name = file.trim_start_matches("src/").trim_end_matches(".rs");
        let _ = writeln!(
            text,
            "\nLines are those of the code, without tests; indentation does not count.\n\
             One file's difference: {} {name}",
            self.command()
        );
        Ok(text)
    }

    /// What became of the file of either stage that is called so.
    fn file(&self, spoken: &str) -> anyhow::Result<String> {
        let Self { older, newer, pairs, .. } = self;
        let meant = pairs.iter().filter(|pair| pair.has(older, newer, spoken));
        let shown = meant.map(|pair| self.unified(pair)).collect::<anyhow::Result<Vec<_>>>()?;
        ensure!(
            !shown.is_empty(),
            "neither {older} nor {newer} has a file {spoken}. Those there are: {}",
            self.command()
        );
        Ok(shown.join("\n"))
    }

    /// What becomes of a file, then its lines: `-` goes, `+` comes.
    fn unified(&self, pair: &Pair) -> anyhow::Result<String> {
        let (old, new) = self.code(pair)?;
        let hunk = |steps: &Vec<DiffOp>| steps.iter().map(|step| lines(&old, &new, step)).collect();
        let hunks: Vec<String> =
            group_diff_ops(steps(&old, &new), CONTEXT).iter().map(hunk).collect();
        let differs = match hunks.is_empty() {
            true => "No line of their code differs.\n".to_owned(),
            false => hunks.join(&format!("{}\n", styled(QUIET, "⋮"))),
        };
        let says = paragraph(&pair.says);
        let from = marked(&format!("--- {}/{}", self.older, pair.old_name()));
        let to = marked(&format!("+++ {}/{}", self.newer, pair.new_name()));
        Ok(format!("{says}{from}\n{to}\n{differs}"))
    }

    fn code(&self, Pair { old, new, .. }: &Pair) -> anyhow::Result<(Vec<String>, Vec<String>)> {
        Ok((code(self.root, self.older, old.as_ref())?, code(self.root, self.newer, new.as_ref())?))
    }

    /// What shows the table.
    fn command(&self) -> String {
        let [older, newer] = [self.older, self.newer].map(|stage| &stage[..2]);
        format!("cargo workshop diff {older} {newer}")
    }
}

/// The lines of a step behind their marks.
fn lines(old: &[String], new: &[String], step: &DiffOp) -> String {
    let lines = |mark, lines: &[String]| -> String {
        lines.iter().map(|line| marked(&format!("{mark}{line}")) + "\n").collect()
    };
    let (gone, come) = (&old[step.old_range()], &new[step.new_range()]);
    match step {
        DiffOp::Equal { .. } => lines(' ', come),
        _ => lines('-', gone) + &lines('+', come),
    }
}
