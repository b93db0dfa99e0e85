//! A wrong answer: what its learner believed, and what that changes in a right answer.

pub(crate) mod add;

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use diffy::Patch;

use crate::exercise::{Exercise, read};
use crate::workspace;

/// `wrong/NAME.diff`.
pub struct Wrong {
    /// Where it is.
    pub file: PathBuf,
    /// Like `M2`.
    pub misconception: String,
    /// What catches it.
    pub(crate) caught: Caught,
    /// What this learner believed, in a sentence or two.
    pub belief: String,
    /// A unified diff that names the right answer it changes.
    pub diff: String,
}

/// What catches a wrong answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caught {
    /// This test is the first that fails, and its message names the misconception.
    By(String),
    /// rustc refuses it with this code.
    Refused(String),
}

impl Display for Caught {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::By(test) => write!(f, "fails {test}"),
            Self::Refused(code) => write!(f, "is refused with {code}"),
        }
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
        let text = read(&file)?;
        let parts = || {
            let (head, diff) = text.split_once("\n\n")?;
            let (first, belief) = head.split_once('\n')?;
            let (misconception, claim) = first.split_once(" · ")?;
            let caught = match claim.split_once(": ")? {
                ("fails", test) => Caught::By(test.to_owned()),
                ("compile-fail", code) => Caught::Refused(code.to_owned()),
                _ => return None,
            };
            Some((misconception.to_owned(), caught, belief.to_owned(), diff.to_owned()))
        };
        let (misconception, caught, belief, diff) = parts().with_context(|| {
            format!(
                "{} is no wrong answer. One begins with what catches it, `M2 · fails: name_of_the_test` \
                 or `M2 · compile-fail: E0277`, a line with what this learner believed, and an empty \
                 line; then comes the difference",
                file.display()
            )
        })?;
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
            format!("its `---` line names `{base}`, which cannot be read: {error}")
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
