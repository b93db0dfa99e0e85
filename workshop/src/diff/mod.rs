//! `cargo workshop diff 01 02`: two stages side by side. A file of the newer one reads like its
//! partner in the older one with the new idea added, so the difference is the idea.

// Which stages, and which of their files.
mod stages;

mod pair;

mod declared;

mod pairs;

mod choice;

// What differs between two files.
mod code;

mod difference;

// How it looks.
mod table;

mod unified;

#[cfg(test)]
mod fixture;

use std::path::Path;

use pairs::Beside;

pub use declared::problems;

/// Two stages side by side, as text: all their files in a table; or, with `file`, how that one
/// differs from its partners.
///
/// # Errors
/// A sentence: a stage or file that there is not, stages in the wrong order, a diff.toml that is
/// wrong, a file that cannot be read.
pub(crate) fn diff(
    root: &Path,
    older: &str,
    newer: &str,
    file: Option<&str>,
) -> anyhow::Result<String> {
    let stages = stages::names(root)?;
    let (older, newer) = stages::two(&stages, older, newer, file)?;
    let beside = Beside::read(root, older, newer)?;
    let Some(file) = file else { return table::table(root, &beside) };
    let shown = choice::partners(&beside, file)?
        .into_iter()
        .map(|pair| unified::unified(root, &beside, pair))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::fixture::two_stages;
    use super::*;

    #[test]
    fn without_a_file_all_of_them_are_listed() {
        let root = two_stages();
        let table = diff(root.path(), "01", "02", None).unwrap();
        assert!(table.contains("src/limit.rs") && table.contains("src/slab/mod.rs"), "{table}");
    }

    #[test]
    fn with_a_file_its_difference_is_shown() {
        let root = two_stages();
        let shown = diff(root.path(), "01", "02", Some("echo")).unwrap();
        assert!(anstream::adapter::strip_str(&shown).to_string().contains("\n+        wait();\n"));
    }

    #[test]
    fn what_the_command_line_has_wrong_is_a_sentence() {
        let root = two_stages();
        let error =
            |older, newer| format!("{:#}", diff(root.path(), older, newer, None).unwrap_err());
        assert!(error("01", "01").starts_with("both are 01-old"));
        assert!(error("01", "03").starts_with("there is no stage 03"));
    }
}
