//! Which file of the older stage became which of the newer one.

use std::path::Path;

use anyhow::bail;

use super::declared;
use super::pair::{Pair, sources};

/// Two stages, their files put side by side.
#[derive(Debug)]
pub(super) struct Beside {
    /// The folders' names, like `01-blocking`.
    pub(super) older: String,
    pub(super) newer: String,
    /// Those that the newer stage declares, in its order; then those of one name. A file may have
    /// several partners.
    pub(super) pairs: Vec<Pair>,
    /// Files of the older stage without a partner.
    pub(super) gone: Vec<String>,
    /// Files of the newer stage without a partner.
    pub(super) new: Vec<String>,
}

impl Beside {
    /// # Errors
    /// A folder cannot be read, or the newer stage's diff.toml is wrong.
    pub(super) fn read(root: &Path, older: &str, newer: &str) -> anyhow::Result<Self> {
        let (declared, problems) = declared::read(root, newer)?;
        if !problems.is_empty() {
            bail!(problems.join("\n"));
        }
        let from_older = declared.into_iter().filter(|declared| declared.older == older);
        let mut pairs: Vec<_> = from_older.map(|declared| declared.pair).collect();
        let (mut gone, mut new) = (sources(root, older)?, sources(root, newer)?);
        for name in gone.iter().filter(|name| new.contains(name)) {
            if !pairs.iter().any(|pair| pair.old == *name && pair.new == *name) {
                pairs.push(Pair { old: name.clone(), new: name.clone(), says: None });
            }
        }
        gone.retain(|file| pairs.iter().all(|pair| pair.old != *file));
        new.retain(|file| pairs.iter().all(|pair| pair.new != *file));
        Ok(Self { older: older.to_owned(), newer: newer.to_owned(), pairs, gone, new })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::fixture::two_stages;

    fn names(pairs: &[Pair]) -> Vec<(&str, &str)> {
        pairs.iter().map(|pair| (pair.old.as_str(), pair.new.as_str())).collect()
    }

    #[test]
    fn declared_pairs_come_first_then_files_of_one_name() {
        let beside = Beside::read(two_stages().path(), "01-old", "02-new").unwrap();
        let expected = [("src/echo.rs", "src/connection.rs"), ("src/lib.rs", "src/lib.rs")];
        assert_eq!(names(&beside.pairs), expected);
        assert_eq!(beside.gone, ["src/limit.rs"]);
        assert_eq!(beside.new, ["src/slab/mod.rs"]);
    }

    #[test]
    fn a_declared_pair_of_one_name_is_not_doubled() {
        let root = two_stages();
        let toml =
            "[[pair]]\nfrom = \"01\"\nold = \"src/lib.rs\"\nnew = \"src/lib.rs\"\nsays = \"x\"\n";
        std::fs::write(root.path().join("02-new/diff.toml"), toml).unwrap();
        let beside = Beside::read(root.path(), "01-old", "02-new").unwrap();
        assert_eq!(names(&beside.pairs), [("src/lib.rs", "src/lib.rs")]);
        assert_eq!(beside.pairs[0].says.as_deref(), Some("x"));
    }

    #[test]
    fn pairs_of_another_older_stage_are_its_own() {
        let root = two_stages();
        std::fs::create_dir_all(root.path().join("03-last/src")).unwrap();
        std::fs::write(root.path().join("03-last/src/slab.rs"), "").unwrap();
        let toml = "[[pair]]\nfrom = \"02\"\nold = \"src/slab/mod.rs\"\nnew = \"src/slab.rs\"\nsays = \"x\"\n";
        std::fs::write(root.path().join("03-last/diff.toml"), toml).unwrap();
        let pairs = |older| Beside::read(root.path(), older, "03-last").unwrap().pairs.len();
        assert_eq!((pairs("01-old"), pairs("02-new")), (0, 1));
    }
}
