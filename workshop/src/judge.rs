//! What a learner's answer is worth: built, run test by test, and said in one diagnosis.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use serde::Serialize;

use crate::cargo::{Built, Targets};
use crate::exercise::{Exercise, restore};
use crate::package::{Package, Target};
use crate::run::{self, Failure};
use crate::workspace::Workspace;

/// The state of an exercise: found out now, stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// exercise.rs is the same text as the starter.
    NotStarted,
    /// All tests pass.
    Solved,
    /// A test fails.
    Fails,
    /// rustc does not accept the answer.
    DoesNotCompile,
    /// The tests are missing or edited, so nothing is proven.
    Tampered,
}

/// An exercise judged.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verdict {
    pub(crate) exercise: String,
    pub(crate) stage: String,
    pub(crate) title: String,
    /// The file to edit.
    pub(crate) file: PathBuf,
    pub(crate) state: State,
    /// The tests in their order; none if they could not be run.
    pub(crate) tests: Vec<TestResult>,
    /// Why it is not solved: what the first failing test, the compiler, or the seal says.
    pub(crate) diagnosis: Option<String>,
    /// The last lines that the answer printed in the first failing test.
    pub(crate) printed: Option<String>,
    /// How long the tests ran; without the build.
    pub(crate) seconds: f64,
}

/// One test of an exercise.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TestResult {
    pub(crate) test: String,
    pub(crate) passed: bool,
    /// Why it failed.
    pub(crate) message: Option<String>,
}

impl Verdict {
    pub(crate) fn new(exercise: &Exercise, state: State, diagnosis: Option<String>) -> Self {
        Self {
            exercise: exercise.name.clone(),
            stage: exercise.stage.clone(),
            title: exercise.title().to_owned(),
            file: exercise.answer(),
            state,
            tests: Vec::new(),
            diagnosis,
            printed: None,
            seconds: 0.0,
        }
    }

    /// Stage and name of the exercise.
    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.stage, self.exercise)
    }

    /// Whether the exercise was begun and is not solved.
    pub(crate) fn is_wrong(&self) -> bool {
        !matches!(self.state, State::Solved | State::NotStarted)
    }

    /// The first test that failed.
    pub(crate) fn failed_test(&self) -> Option<&str> {
        self.tests.iter().find(|test| !test.passed).map(|test| test.test.as_str())
    }
}

/// What the learner does next: the first exercise that is not solved, in the order of the book.
pub(crate) fn next(verdicts: &[Verdict]) -> Option<&Verdict> {
    verdicts.iter().find(|verdict| verdict.state != State::Solved)
}

/// Judges exercises. Those that the learner hasn't touched are not run, unless
/// `even_untouched`.
///
/// `waiting` is called as [`OwnTarget::lock`](crate::own_target::OwnTarget::lock) calls it.
pub(crate) fn judge(
    workspace: &Workspace,
    exercises: &[&Exercise],
    even_untouched: bool,
    colour: bool,
    waiting: &dyn Fn(bool),
) -> anyhow::Result<Vec<Verdict>> {
    let prepared: Vec<_> =
        exercises.iter().map(|e| prepare(workspace, e, even_untouched)).collect();
    let targets: Vec<_> = prepared.iter().flatten().collect();
    if targets.is_empty() {
        return Ok(prepared.into_iter().filter_map(Result::err).map(|verdict| *verdict).collect());
    }
    // No other process can build while the package is held.
    let package = Package::write(workspace, &targets, waiting)?;
    let mut built = package.cargo(&["build", "--tests"], colour)?;
    let mut verdicts = Vec::new();
    for (exercise, prepared) in exercises.iter().zip(prepared) {
        verdicts.push(match prepared {
            Ok(target) => judge_built(workspace, exercise, &target, &package, &mut built)?,
            Err(verdict) => *verdict,
        });
    }
    Ok(verdicts)
}

/// What to build for an exercise. Or its verdict, where no test has to run for that: the tests are not the
/// sealed ones, or there is no answer yet.
fn prepare(
    workspace: &Workspace,
    exercise: &Exercise,
    even_untouched: bool,
) -> Result<Target, Box<Verdict>> {
    let verdict = |state, why| Box::new(Verdict::new(exercise, state, why));
    let tests = exercise.sealed_tests().map_err(|why| verdict(State::Tampered, Some(why)))?;
    let answer = std::fs::read_to_string(exercise.answer()).map_err(|error| {
        let name = workspace.spoken(exercise);
        let why = format!(
            "exercise.rs cannot be read: {error}. Start again with: cargo workshop reset {name}"
        );
        verdict(State::DoesNotCompile, Some(why))
    })?;
    if !even_untouched && std::fs::read_to_string(exercise.starter()).is_ok_and(|s| s == answer) {
        return Err(verdict(State::NotStarted, None));
    }
    Ok(Target { name: exercise.target(), tests, exercise: answer })
}

fn judge_built(
    workspace: &Workspace,
    exercise: &Exercise,
    target: &Target,
    package: &Package<'_>,
    targets: &mut Targets,
) -> anyhow::Result<Verdict> {
    let start = Instant::now();
    // What was built is a copy: name the learner's file.
    let folder = workspace.shown(&exercise.folder).to_string();
    let in_place = |words: &str| words.replace(&package.place(target), &folder);
    let Built { program, errors, .. } = package.take(targets, target);
    let Some(program) = program else {
        let words: String = errors.iter().map(|error| in_place(&error.rendered)).collect();
        ensure!(
            !words.is_empty(),
            "a package that the exercises depend on does not compile. Your answer is not the cause:\n{}",
            targets.other_errors()
        );
        return Ok(Verdict::new(exercise, State::DoesNotCompile, Some(words)));
    };
    let spec = exercise.spec()?;
    if run::list(&program)? != spec.tests.iter().cloned().collect() {
        let why = format!(
            "the tests that exercise.toml names are not those in tests.rs, so passing them proves \
             nothing.\n{}",
            restore(&exercise.folder.join("exercise.toml"))
        );
        return Ok(Verdict::new(exercise, State::Tampered, Some(why)));
    }
    let mut verdict = Verdict::new(exercise, State::Solved, None);
    let failures = run_all(&program, &spec.tests, workspace.limit)?;
    if let Some(first) = failures.iter().flatten().next() {
        verdict.state = State::Fails;
        verdict.diagnosis = Some(in_place(&first.why));
        verdict.printed = first.printed.as_deref().map(in_place);
    }
    let result = |(test, failure): (&String, &Option<Failure>)| TestResult {
        test: test.clone(),
        passed: failure.is_none(),
        message: failure.as_ref().map(|failure| in_place(&failure.why)),
    };
    verdict.tests = spec.tests.iter().zip(&failures).map(result).collect();
    verdict.seconds = start.elapsed().as_secs_f64();
    Ok(verdict)
}

/// How long a test may run once one before it has failed after as much time: that one is the diagnosis, and
/// the learner waits for it.
const AFTER_A_HANG: Duration = Duration::from_secs(2);

/// Runs every test in a process of its own, several at once: a test that hangs costs no processor.
fn run_all(
    program: &Path,
    tests: &[String],
    limit: Duration,
) -> anyhow::Result<Vec<Option<Failure>>> {
    let one_hung = AtomicBool::new(false);
    // Few at once: an answer may spin in each, and what watches it needs the processor, too.
    in_parallel(tests, 4, |test| {
        let hurry = one_hung.load(Ordering::Relaxed);
        let limit = if hurry { limit.min(AFTER_A_HANG) } else { limit };
        let start = Instant::now();
        let failure = run::test(program, test, limit)?;
        let hung = failure.is_some() && start.elapsed() >= AFTER_A_HANG.min(limit);
        one_hung.fetch_or(hung, Ordering::Relaxed);
        Ok(failure)
    })
}

/// Calls `work` for each item on so many threads, and returns the results in the items' order, or the
/// first error.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let queue = Mutex::new(items.iter().enumerate());
    let results = Mutex::new(BTreeMap::new());
    let worker = || loop {
        let next = queue.lock().expect("no worker panics while it holds this").next();
        let Some((index, item)) = next else { break };
        let result = work(item);
        results.lock().expect("no worker panics while it holds this").insert(index, result);
    };
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(worker))));
    results.into_inner().expect("no worker has panicked").into_values().collect()
}
