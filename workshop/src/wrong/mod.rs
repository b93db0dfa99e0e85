//! A wrong answer: what its learner believed, and what that changes in a right answer.

pub(crate) mod add;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use diffy::Patch;

use crate::exercise::Exercise;
use crate::workspace;

/// `wrong/NAME.diff`.
pub struct Wrong {
    /// Where it is.
    pub file: PathBuf,
    /// Like `M2`.
    pub misconception: String,
    /// What catches it.
    pub caught: Caught,
    /// What this learner believed, in a sentence or two.
    pub belief: String,
    /// A unified diff that names the right answer it changes.
    pub diff: String,
}

/// What catches a wrong answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caught {
    /// This test is the first that fails, and its message names the misconception.
    By(String),
    /// rustc refuses it with this code.
    Refused(String),
}

impl Caught {
    /// The test, or the compiler's code.
    pub fn name(&self) -> &str {
        let (Self::By(name) | Self::Refused(name)) = self;
        name
    }
}

/// The wrong answers of an exercise, in the order of their names.
///
/// # Errors
/// One of them cannot be read, or says nothing of what catches it.
pub fn all(exercise: &Exercise) -> anyhow::Result<Vec<Wrong>> {
    let files = files(&exercise.folder.join("wrong"), "diff")?;
    files.into_iter().map(Wrong::read).collect()
}

/// The files with this ending in a folder, which need not be there.
pub(crate) fn files(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let names = workspace::files(folder, ending)?.into_iter();
    Ok(names.map(|name| folder.join(name)).collect())
}

impl Wrong {
    /// Its name, as in `wrong/NAME.diff`.
    pub fn name(&self) -> std::borrow::Cow<'_, str> {
        self.file.file_stem().unwrap_or_default().to_string_lossy()
    }

    /// # Errors
    /// The file cannot be read, or does not begin with its head.
    pub fn read(file: PathBuf) -> anyhow::Result<Self> {
        let text = fs::read_to_string(&file)
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let parts = text.split_once("\n\n").and_then(|(head, diff)| {
            let (first, belief) = head.split_once('\n')?;
            let (misconception, caught) = claim(first)?;
            Some((misconception, caught, belief.to_owned(), diff.to_owned()))
        });
        let Some((misconception, caught, belief, diff)) = parts else {
            bail!(
                "{}: a wrong answer begins with what catches it, `M2 · fails: name_of_the_test` or \
                 `M2 · compile-fail: E0277`, a line with what this learner believed, and an empty \
                 line; then comes the difference. Here the first line is `{}`",
                file.display(),
                text.lines().next().unwrap_or_default()
            );
        };
        Ok(Self { file, misconception, caught, belief, diff })
    }

    /// The lines of the difference for a reader: the name of the right answer, and what changes in it,
    /// without the book's marks.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &str> {
        let is_for_tools = |line: &&str| line.starts_with("+++ ") || line.contains("// ANCHOR");
        self.diff.lines().filter(move |line| !is_for_tools(line))
    }

    /// The whole wrong answer: the right one that the difference names, changed.
    ///
    /// # Errors
    /// Why it does not fit, and what to do.
    pub fn answer(&self) -> Result<String, String> {
        let patch = Patch::from_str(&self.diff)
            .map_err(|error| format!("this is not a unified diff: {error}"))?;
        let base = patch.original().unwrap_or_default();
        let folder = self.file.ancestors().nth(2).unwrap_or(Path::new(""));
        let text = fs::read_to_string(folder.join(base)).map_err(|error| {
            format!(
                "its `---` line names `{base}`, which cannot be read ({error}): name `solution.rs`, \
                 or a file of `right/`"
            )
        })?;
        diffy::apply(&text, &patch).map_err(|error| {
            format!("it no longer fits {base} ({error}): update its lines to those of {base}")
        })
    }
}

/// The numbers of misconceptions that a message names, as whole words: `M28` does not name M2.
pub fn misconceptions(message: &str) -> impl Iterator<Item = &str> {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.strip_prefix('M').is_some_and(|n| n.parse::<u32>().is_ok()))
}

/// Reads `M2 · fails: TEST` or `M2 · compile-fail: E0277`.
fn claim(line: &str) -> Option<(String, Caught)> {
    let (misconception, claim) = line.split_once(" · ")?;
    misconception.strip_prefix('M')?.parse::<u32>().ok()?;
    let caught = match claim.split_once(": ")? {
        ("fails", test) => Caught::By(test.trim().to_owned()),
        ("compile-fail", code) => Caught::Refused(code.trim().to_owned()),
        _ => return None,
    };
    Some((misconception.to_owned(), caught))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misconception_is_named_as_a_whole_word() {
        let named: Vec<_> = misconceptions("M28: see (M2), not xM3, Mx or M").collect();
        assert_eq!(named, ["M28", "M2"]);
    }

    #[test]
    fn a_first_line_claims_a_test_or_a_code() {
        let claimed = |caught| Some(("M2".to_owned(), caught));
        assert_eq!(claim("M2 · fails: a_test"), claimed(Caught::By("a_test".to_owned())));
        assert_eq!(claim("M2 · compile-fail: E0277"), claimed(Caught::Refused("E0277".to_owned())));
        for line in ["", "M · fails: x", "M2 fails: x", "M2 · falls: x", "--- solution.rs"] {
            assert_eq!(claim(line), None, "{line}");
        }
    }
}
