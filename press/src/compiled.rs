//! Checks that Rust which a page includes is compiled: it lies where cargo, or `verify`, looks
//! for it.

use std::path::{Component, Path, PathBuf};

/// Where in a package lies what is compiled.
const FOLDERS: [&str; 5] = ["src", "examples", "tests", "benches", "exercises"];

/// What is wrong with an included file, if anything. Its path is without links and `..`.
pub(super) fn problem(file: &Path, workspace: &Path) -> Option<String> {
    if file.extension().is_none_or(|extension| extension != "rs") {
        return None;
    }
    let root = workspace.canonicalize().unwrap_or_else(|_| workspace.to_owned());
    let is_compiled = members(workspace).iter().any(|member| {
        let inside = file.strip_prefix(root.join(member)).ok();
        let folder = inside.and_then(|inside| inside.components().next());
        matches!(folder, Some(Component::Normal(name)) if FOLDERS.iter().any(|f| name == *f))
    });
    let shown = file.strip_prefix(&root).unwrap_or(file).display();
    (!is_compiled).then(|| {
        format!(
            "nothing compiles `{shown}`, so it may be wrong: move it into {} of a package that Cargo.toml names as a member.",
            FOLDERS.map(|folder| format!("{folder}/")).join(", ")
        )
    })
}

/// The folders of the workspace's packages, and of those that are workspaces of their own beside it. A
/// manifest that cannot be read is cargo's to explain.
fn members(workspace: &Path) -> Vec<PathBuf> {
    let text = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = toml::from_str(&text).unwrap_or_default();
    let workspace = manifest.get("workspace");
    let lists =
        ["members", "exclude"].into_iter().filter_map(|list| workspace?.get(list)?.as_array());
    lists.flatten().filter_map(|member| Some(PathBuf::from(member.as_str()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Workspace;

    /// What is said of a new file of the fixture, whose only package is `listing`.
    fn said(file: &str) -> String {
        let workspace = Workspace::with_book();
        workspace.write(file, "fn main() {}\n");
        problem(&workspace.path().canonicalize().unwrap().join(file), workspace.path())
            .unwrap_or_default()
    }

    #[test]
    fn rust_lies_where_cargo_compiles_it() {
        for file in ["listing/src/a/b.rs", "listing/examples/a.rs", "listing/exercises/1/a.rs"] {
            assert_eq!(said(file), "", "{file}");
        }
        for file in ["listing/a.rs", "listing/snippets/a.rs", "other/src/a.rs", "book/src/a.rs"] {
            let said = said(file);
            assert!(said.starts_with(&format!("nothing compiles `{file}`")), "{said}");
        }
    }

    #[test]
    fn other_files_lie_anywhere() {
        assert_eq!(said("book/sessions/a.txt"), "");
    }
}
