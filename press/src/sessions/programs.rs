//! The programs of this workspace that the book's commands run: named by cargo's words or by their path,
//! built together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use workshop::cargo;
use workshop::metadata::Packages;
use workshop::own_target::{OwnTarget, say_waiting};
use workshop::workspace::target;

/// `cargo run -q -p a --example b --`, `target/debug/a`, `target/debug/examples/b`, `cargo workshop`.
static PROGRAM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\bcargo run(?: -q)? -p (?<package>[\w-]+)(?: --example (?<example>\w+))?(?: --(?: |$))?|\btarget/debug/(?<path>[\w/-]+)|\bcargo workshop\b",
    )
    .expect("a test compiles it")
});

/// The packages whose programs these commands name.
pub(crate) fn packages<'a>(commands: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let found = commands.into_iter().flat_map(|command| PROGRAM.captures_iter(command));
    let package = |found: Captures<'a>| {
        let path = found.name("path").filter(|path| !path.as_str().starts_with("examples/"));
        Some(found.name("package").or(path)?.as_str())
    };
    found.filter_map(package).collect()
}

/// Where programs are that were built.
pub(crate) struct Programs(PathBuf);

impl Programs {
    /// Builds the programs and examples of these packages, of what is in their files.
    ///
    /// # Errors
    /// The compiler's words, or cargo's.
    pub(crate) fn build(root: &Path, packages: &BTreeSet<&str>) -> anyhow::Result<Self> {
        if packages.is_empty() {
            return Ok(Self(PathBuf::new()));
        }
        // Not held while they run: they may be this tool, which needs it.
        let target = OwnTarget::lock(&target(root)?, &say_waiting)?;
        target.forget_what_changed(root, &Packages::of(root)?, packages.iter().copied())?;
        // What only pays off for whoever debugs or edits them is left out.
        let profile =
            ["debug", "incremental"].map(|what| format!("--config=profile.dev.{what}=false"));
        let mut arguments = ["build", "--bins", "--examples"].map(str::to_owned).to_vec();
        arguments.extend(profile);
        arguments.extend(packages.iter().map(|package| format!("--package={package}")));
        let built = cargo::build(root, &target.path(), &arguments, false)?;
        let errors = built.other_errors();
        anyhow::ensure!(
            errors.is_empty(),
            "what the book runs does not compile:\n{}",
            errors.trim_end()
        );
        Ok(Self(target.path().join("debug")))
    }

    /// A command with the paths of programs, each as one word of the shell, in place of the book's words
    /// for them.
    pub(crate) fn put_into(&self, command: &str) -> String {
        let path = |found: &Captures<'_>| {
            let path = if let Some(example) = found.name("example") {
                self.0.join("examples").join(example.as_str())
            } else if let Some(name) = found.name("package").or(found.name("path")) {
                self.0.join(name.as_str())
            } else {
                // It has started this program, and lies beside it.
                std::env::current_exe().unwrap_or_default().with_file_name("workshop")
            };
            let end = if found[0].ends_with(' ') { " " } else { "" };
            format!("'{}'{end}", path.to_string_lossy().replace('\'', r"'\''"))
        };
        PROGRAM.replace_all(command, path).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::Command;
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::fixture::Workspace;

    #[test]
    fn cargo_run_and_paths_name_programs() {
        let programs = Programs("/t".into());
        for (line, expected) in [
            ("cargo run -q -p a-b -- x", "'/t/a-b' x"),
            ("cargo run -p a --example b", "'/t/examples/b'"),
            ("(ulimit -n 16; target/debug/a x)", "(ulimit -n 16; '/t/a' x)"),
            ("target/debug/examples/b", "'/t/examples/b'"),
            ("nc 127.0.0.1 1", "nc 127.0.0.1 1"),
        ] {
            assert_eq!(programs.put_into(line), expected);
        }
        let line = programs.put_into("cargo workshop hint x");
        assert!(line.starts_with("'/") && line.ends_with("/workshop' hint x"), "{line}");
    }

    #[test]
    fn the_packages_of_commands_are_those_they_name() {
        let lines = ["cargo run -p b --example c", "(ulimit -n 9; target/debug/a)", "echo d"];
        assert_eq!(packages(lines), ["a", "b"].into());
        assert_eq!(packages(["target/debug/examples/b", "cargo workshop list"]), [].into());
    }

    #[test]
    fn older_code_that_is_put_back_is_run() {
        let workspace = Workspace::empty();
        workspace.write("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"a\", \"b\"]\n");
        let manifest = "[package]\nname = \"NAME\"\nedition = \"2024\"\n";
        let depends = "[dependencies]\nb = { path = \"../b\" }\n";
        workspace.write("a/Cargo.toml", &(manifest.replace("NAME", "a") + depends));
        workspace.write("b/Cargo.toml", &manifest.replace("NAME", "b"));
        workspace.write("a/src/main.rs", "fn main() { print!(\"{}\", b::WORD) }");
        for word in ["new", "old", "new"] {
            let file = "b/src/lib.rs";
            workspace.write(file, &format!("pub const WORD: &str = \"{word}\";"));
            let written = File::options().append(true).open(workspace.path().join(file)).unwrap();
            written.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
            let programs = Programs::build(workspace.path(), &["a"].into()).unwrap();
            let line = programs.put_into("cargo run -q -p a");
            let run = Command::new("sh").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(run.stdout).unwrap(), word);
        }
    }
}
