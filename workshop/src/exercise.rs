//! One exercise: its files, what it says of itself, and the seal on its tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use hmac_sha256::Hash;
use serde::Deserialize;

/// An exercise as its folder describes it.
pub struct Exercise {
    /// The name of its `[[test]]` target, which is what learners call it.
    pub name: String,
    /// The stage's folder name, like `01-blocking`.
    pub stage: String,
    /// Where its files are.
    pub folder: PathBuf,
    /// What its exercise.toml says; or why it cannot be read, which is the trouble of this exercise
    /// alone.
    spec: Result<Spec, String>,
}

/// exercise.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What it is called.
    pub title: String,
    /// The page of the book to read first, from `book/src`.
    pub page: String,
    /// How long it takes a learner for whom the subject is new.
    pub minutes: u32,
    /// Whether later stages build on what is learnt here.
    pub core: bool,
    /// The tests, in the order in which they judge.
    pub tests: Vec<String>,
    /// SHA-256 of tests.rs: edited tests prove nothing.
    pub seal: String,
}

impl Exercise {
    pub(crate) fn at(name: String, stage: String, folder: PathBuf) -> Self {
        let file = folder.join("exercise.toml");
        let spec = std::fs::read_to_string(&file)
            .map_err(|error| error.to_string())
            .and_then(|text| toml::from_str(&text).map_err(|error| error.to_string()));
        Self { name, stage, folder, spec }
    }

    /// What exercise.toml says.
    ///
    /// # Errors
    /// What is wrong with it, and how to get it back.
    pub fn spec(&self) -> anyhow::Result<&Spec> {
        self.spec.as_ref().map_err(|error| {
            let file = self.folder.join("exercise.toml");
            anyhow!("{error}\n{}", restore(&file)).context(file.display().to_string())
        })
    }

    /// Stage and name, which no other exercise has.
    pub fn id(&self) -> String {
        format!("{}/{}", self.stage, self.name)
    }

    /// The stage's number, like `01`.
    pub fn stage_number(&self) -> &str {
        self.stage.split('-').next().unwrap_or_default()
    }

    /// What the book and the command line call it where one name could be two, like
    /// `01/echo_loop`.
    pub fn short_id(&self) -> String {
        format!("{}/{}", self.stage_number(), self.name)
    }

    /// The title, or the name where there is none.
    pub fn title(&self) -> &str {
        self.spec.as_ref().map_or(&self.name, |spec| &spec.title)
    }

    /// What the learner edits.
    pub fn answer(&self) -> PathBuf {
        self.folder.join("exercise.rs")
    }

    pub(crate) fn starter(&self) -> PathBuf {
        self.folder.join("starter.rs")
    }

    /// What judges the answer.
    pub fn tests(&self) -> PathBuf {
        self.folder.join("tests.rs")
    }

    /// The name of the target in the generated package that is this exercise's answer.
    pub(crate) fn target(&self) -> String {
        format!("stage_{}__{}", self.stage_number(), self.name)
    }

    /// What is in tests.rs.
    ///
    /// # Errors
    /// Why it proves nothing: it is missing, or is not what was sealed.
    pub(crate) fn sealed_tests(&self) -> Result<String, String> {
        let spec = self.spec().map_err(|error| format!("{error:#}"))?;
        let tests = self.tests();
        let text = shipped(&tests).map_err(|error| format!("{error:#}"))?;
        if seal(&text) != spec.seal {
            return Err(format!(
                "tests.rs is not the one that came with the exercise, so passing it proves nothing.\n{}",
                restore(&tests)
            ));
        }
        Ok(text)
    }
}

/// How a learner gets a file of an exercise back as it was. The command is on a line of its own.
pub fn restore(file: &Path) -> String {
    // ROOT/STAGE/exercises/EXERCISE/FILE
    let root = file.ancestors().nth(4).unwrap_or(file);
    let file = file.strip_prefix(root).unwrap_or(file).display();
    format!(
        "Copy it from another download of the project. Or, in the folder of your clone:\n  \
         git checkout -- \"{file}\""
    )
}

/// The SHA-256 of tests, in hexadecimal. Line endings don't count: git may change them.
pub(crate) fn seal(tests: &str) -> String {
    sha256(tests.replace("\r\n", "\n"))
}

/// The text of a file.
pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The text of a file that came with an exercise.
pub(crate) fn shipped(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| anyhow!("{} cannot be read ({error}). {}", file.display(), restore(file)))
}

/// In hexadecimal.
pub(crate) fn sha256(content: impl AsRef<[u8]>) -> String {
    Hash::hash(content.as_ref()).map(|byte| format!("{byte:02x}")).concat()
}
