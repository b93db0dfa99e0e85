//! The file that the learner means, and its partners.

use anyhow::bail;

use super::pair::Pair;
use super::pairs::Beside;
use super::stages::command;
use crate::nearest::did_you_mean;

/// The pairs that hold a file of either stage. The file is called by its name, with or without folders
/// and `.rs`.
///
/// # Errors
/// No file has that name, or it has no partner; the message says what to do instead.
pub(super) fn partners<'a>(beside: &'a Beside, spoken: &str) -> anyhow::Result<Vec<&'a Pair>> {
    let Beside { older, newer, pairs, gone, new } = beside;
    let meant =
        |pair: &&Pair| is_called(older, &pair.old, spoken) || is_called(newer, &pair.new, spoken);
    let meant: Vec<_> = pairs.iter().filter(meant).collect();
    if !meant.is_empty() {
        return Ok(meant);
    }
    if let Some(file) = gone.iter().find(|file| is_called(older, file, spoken)) {
        bail!("{older}/{file} has no counterpart in {newer}: there is no difference to show");
    }
    if let Some(file) = new.iter().find(|file| is_called(newer, file, spoken)) {
        bail!(
            "{newer}/{file} is new, without a counterpart in {older}: there is no difference to show"
        );
    }
    let files = pairs.iter().flat_map(|pair| [&pair.old, &pair.new]).chain(gone).chain(new);
    let names = files.filter_map(|file| file.rsplit('/').next()?.strip_suffix(".rs"));
    let otherwise = format!(". To list the files: {}", command(older, newer, None));
    // Names are near, whatever folder was typed before them.
    let name = spoken.rsplit('/').next().unwrap_or_default();
    let hint = did_you_mean(name.strip_suffix(".rs").unwrap_or(name), names, &otherwise);
    bail!("neither {older} nor {newer} has a file {spoken}{hint}");
}

fn is_called(stage: &str, file: &str, spoken: &str) -> bool {
    let whole = format!("/{stage}/{file}");
    let spoken = spoken.strip_suffix(".rs").unwrap_or(spoken);
    whole.strip_suffix(".rs").is_some_and(|whole| whole.ends_with(&format!("/{spoken}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fixture::two_stages;

    fn partners_of(spoken: &str) -> Result<Vec<String>, String> {
        let beside = Beside::read(two_stages().path(), "01-old", "02-new").unwrap();
        match partners(&beside, spoken) {
            Ok(pairs) => {
                Ok(pairs.iter().map(|pair| format!("{} {}", pair.old, pair.new)).collect())
            }
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_file_is_called_by_its_name_on_either_side() {
        for spoken in ["echo", "echo.rs", "src/echo", "01-old/src/echo.rs", "connection"] {
            assert_eq!(partners_of(spoken).unwrap(), ["src/echo.rs src/connection.rs"], "{spoken}");
        }
        for spoken in ["cho", "01-old/src/connection.rs", ""] {
            assert!(partners_of(spoken).is_err(), "{spoken}");
        }
    }

    #[test]
    fn a_file_with_two_partners_is_shown_beside_both() {
        let mut beside = Beside::read(two_stages().path(), "01-old", "02-new").unwrap();
        let (old, new) = ("src/echo.rs".to_owned(), "src/slab/mod.rs".to_owned());
        beside.pairs.push(Pair { old, new, says: None });
        assert_eq!(partners(&beside, "echo").unwrap().len(), 2);
        assert_eq!(partners(&beside, "connection").unwrap().len(), 1);
    }

    #[test]
    fn a_file_without_a_partner_is_told_apart_from_none() {
        assert!(
            partners_of("limit").unwrap_err().starts_with("01-old/src/limit.rs has no counterpart")
        );
        assert!(partners_of("slab/mod").unwrap_err().starts_with("02-new/src/slab/mod.rs is new"));
    }

    #[test]
    fn an_unknown_file_gets_the_nearest_name_or_the_command_that_lists_them() {
        assert_eq!(
            partners_of("src/ehco.rs").unwrap_err(),
            "neither 01-old nor 02-new has a file src/ehco.rs: did you mean `echo`?"
        );
        assert!(partners_of("zzz").unwrap_err().ends_with("cargo workshop diff 01 02"));
    }
}
