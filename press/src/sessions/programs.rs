//! The programs of this workspace that the book's commands run: named by cargo's words or by their path,
//! built together, found where cargo says they are.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::shell::Word;
use workshop::cargo::{Build, Targets};
use workshop::own_target::{OwnTarget, Packages, say_waiting};
use workshop::workspace::target;

/// A program that a simple command runs.
#[derive(Debug, PartialEq)]
pub(crate) enum Wanted<'a> {
    /// The server, or whatever else the package's `main` is.
    Package(&'a str),
    /// An example, of this package if one is named.
    Example(Option<&'a str>, &'a str),
    /// This tool.
    Workshop,
}

impl<'a> Wanted<'a> {
    /// The package that is built for it, if it says which.
    pub(crate) fn package(&self) -> Option<&'a str> {
        match *self {
            Self::Package(package) | Self::Example(Some(package), _) => Some(package),
            Self::Example(None, _) | Self::Workshop => None,
        }
    }
}

/// Commands of this tool that end by themselves and change nothing.
const ENDING: [&str; 7] = ["check", "diff", "hint", "list", "next", "solution", "verify"];

/// Which program of ours a simple command runs, and the bytes of its line that name it. None: it runs
/// another one.
///
/// # Errors
/// A sentence, for what cargo might do and a session should not.
pub(crate) fn wanted<'a>(words: &[Word<'a>]) -> Result<Option<(Wanted<'a>, Range<usize>)>, String> {
    let texts: Vec<_> = words.iter().map(|word| word.text).collect();
    let span = |words: &[Word<'_>]| words[0].span.start..words[words.len() - 1].span.end;
    match texts[..] {
        ["cargo", "workshop", command, ..] if ENDING.contains(&command) => {
            Ok(Some((Wanted::Workshop, span(&words[..2]))))
        }
        ["cargo", "run", ..] => {
            let (wanted, length) = cargo_run(&texts[2..])?;
            Ok(Some((wanted, span(&words[..2 + length]))))
        }
        ["cargo", ..] => Err(format!(
            "`{}` cannot be replayed: sessions know `cargo run -p PACKAGE` and `cargo workshop` with {}. Show it in a ```console,try block.",
            texts.join(" "),
            ENDING.join(", ")
        )),
        [path, ..] => Ok(path.strip_prefix("target/debug/").map(|name| {
            let wanted = match name.strip_prefix("examples/") {
                Some(example) => Wanted::Example(None, example),
                None => Wanted::Package(name),
            };
            (wanted, words[0].span.clone())
        })),
        [] => Ok(None),
    }
}

/// What stands after `cargo run`, and how many words of it are cargo's.
fn cargo_run<'a>(words: &[&'a str]) -> Result<(Wanted<'a>, usize), String> {
    let (mut package, mut example) = (None, None);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match (*word, words.get(at + 1)) {
            ("--", _) => {
                at += 1;
                break;
            }
            ("-q" | "--quiet", _) => at += 1,
            ("-p" | "--package", Some(name)) => (package, at) = (Some(*name), at + 2),
            ("--example", Some(name)) => (example, at) = (Some(*name), at + 2),
            _ => {
                return Err(format!(
                    "`cargo run {word}` cannot be replayed: sessions know -q, -p PACKAGE, --example NAME, and what follows `--`."
                ));
            }
        }
    }
    match (package, example) {
        (Some(package), None) => Ok((Wanted::Package(package), at)),
        (Some(package), Some(example)) => Ok((Wanted::Example(Some(package), example), at)),
        (None, _) => Err("`cargo run` needs `-p PACKAGE` in a workspace: name the package.".into()),
    }
}

/// What cargo has built.
#[derive(Default)]
pub(crate) struct Programs(Vec<Program>);

struct Program {
    package: String,
    is_example: bool,
    path: PathBuf,
}

impl Program {
    fn new(package: &str, path: &Path) -> Self {
        let is_example = path.parent().is_some_and(|folder| folder.ends_with("examples"));
        Self { package: package.to_owned(), is_example, path: path.to_owned() }
    }
}

impl Programs {
    /// Packages and the paths of programs that are not there.
    #[cfg(test)]
    pub(super) fn of<const N: usize>(programs: [(&str, &str); N]) -> Self {
        Self(programs.map(|(package, path)| Program::new(package, Path::new(path))).into())
    }

    /// Builds the programs and examples of these packages, of what is in their files.
    ///
    /// # Errors
    /// The compiler's words, or cargo's.
    pub(crate) fn build(root: &Path, packages: &BTreeSet<&str>) -> Result<Self, String> {
        if packages.is_empty() {
            return Ok(Self::default());
        }
        let targets = build(root, packages).map_err(|error| format!("{error:#}"))?;
        let errors = targets.other_errors();
        if !errors.is_empty() {
            return Err(format!("what the book runs does not compile:\n{}", errors.trim_end()));
        }
        Ok(Self(targets.programs().map(|(package, path)| Program::new(package, path)).collect()))
    }

    /// Where a program is.
    ///
    /// # Errors
    /// A sentence that names what there is.
    pub(crate) fn find(&self, wanted: &Wanted<'_>) -> Result<PathBuf, String> {
        let (package, name, is_example) = match *wanted {
            // It has started this program, and lies beside it.
            Wanted::Workshop => {
                let own = std::env::current_exe().map_err(|error| error.to_string())?;
                return Ok(own.with_file_name(format!("workshop{}", std::env::consts::EXE_SUFFIX)));
            }
            Wanted::Package(package) => (Some(package), package, false),
            Wanted::Example(package, name) => (package, name, true),
        };
        let fits = |program: &&Program| {
            package.is_none_or(|package| package == program.package)
                && program.is_example == is_example
                && program.path.file_stem().is_some_and(|stem| stem == name)
        };
        match self.0.iter().find(fits) {
            Some(program) => Ok(program.path.clone()),
            None => {
                let kind = if is_example { "example" } else { "program" };
                let same = self.0.iter().filter(|program| program.is_example == is_example);
                let names = same.filter_map(|program| program.path.file_stem());
                let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
                let of = package.map_or(String::new(), |package| format!("`{package}` has "));
                Err(format!("{of}no {kind} `{name}`: there are {}.", names.join(", ")))
            }
        }
    }
}

fn build(root: &Path, packages: &BTreeSet<&str>) -> anyhow::Result<Targets> {
    // Not held while they run: they may be this tool, which needs it.
    let target = OwnTarget::lock(&target(root)?, &say_waiting)?;
    for package in packages {
        let stamp = format!("program-{package}");
        target.forget_what_changed(&stamp, root, &Packages::of(root, package)?)?;
    }
    // What only pays off for whoever debugs or edits them is left out.
    let profile = ["debug", "incremental"].map(|what| format!("--config=profile.dev.{what}=false"));
    let mut arguments = vec!["--bins".to_owned(), "--examples".to_owned()];
    arguments.extend(profile);
    arguments.extend(packages.iter().map(|package| format!("--package={package}")));
    let target = Some(target.path());
    Build { folder: root, command: "build", arguments, target, colour: false }.run(|| ())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::Command;
    use std::time::{Duration, SystemTime};

    use super::super::shell::commands;
    use super::*;
    use crate::fixture::Workspace;

    /// Of a program that says what a package beside it says.
    fn says(workspace: &Workspace) -> String {
        let programs = Programs::build(workspace.path(), &["a"].into()).unwrap();
        let program = programs.find(&Wanted::Package("a")).unwrap();
        String::from_utf8(Command::new(program).output().unwrap().stdout).unwrap()
    }

    fn first(line: &str) -> Result<Option<(Wanted<'_>, &str)>, String> {
        let words = &commands(line).unwrap()[0];
        Ok(wanted(words)?.map(|(wanted, span)| (wanted, &line[span])))
    }

    #[test]
    fn cargo_run_and_paths_name_programs() {
        for (line, program, replaced) in [
            ("cargo run -q -p a x", Err(()), ""),
            ("cargo run", Err(()), ""),
            ("cargo run -q -p a -- x", Ok(Wanted::Package("a")), "cargo run -q -p a --"),
            (
                "cargo run -p a --example b",
                Ok(Wanted::Example(Some("a"), "b")),
                "cargo run -p a --example b",
            ),
            ("target/debug/a x", Ok(Wanted::Package("a")), "target/debug/a"),
            ("target/debug/examples/b", Ok(Wanted::Example(None, "b")), "target/debug/examples/b"),
            ("cargo workshop hint x", Ok(Wanted::Workshop), "cargo workshop"),
            ("cargo workshop diff 01 02 x", Ok(Wanted::Workshop), "cargo workshop"),
        ] {
            let expected = program.map(|program| Some((program, replaced)));
            assert_eq!(first(line).map_err(|_| ()), expected, "{line}");
        }
        assert_eq!(first("nc 127.0.0.1 1"), Ok(None));
    }

    #[test]
    fn what_does_not_end_or_writes_is_refused() {
        for line in
            ["cargo workshop", "cargo workshop watch", "cargo workshop reset a", "cargo build"]
        {
            assert!(first(line).unwrap_err().contains("cannot be replayed"), "{line}");
        }
    }

    #[test]
    fn a_program_that_is_missing_is_a_sentence_with_those_there_are() {
        let programs = Programs::of([("a", "/t/a"), ("a", "/t/examples/b")]);
        assert_eq!(programs.find(&Wanted::Package("a")), Ok("/t/a".into()));
        assert_eq!(programs.find(&Wanted::Example(None, "b")), Ok("/t/examples/b".into()));
        let error = programs.find(&Wanted::Example(Some("a"), "c")).unwrap_err();
        assert_eq!(error, "`a` has no example `c`: there are b.");
        assert!(programs.find(&Wanted::Example(Some("z"), "b")).is_err());
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
            assert_eq!(says(&workspace), word);
        }
    }
}
