//! This repository itself: what the book shows is what happens, and what exercises and book say of
//! each other is true.

#![allow(clippy::unwrap_used, reason = "helpers of tests: the panic is the report")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use workshop::title::{heading, title};
use workshop::workspace;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn what_the_book_shows_is_what_happens() {
    let output = Command::new(env!("CARGO_BIN_EXE_workshop"))
        .args(["book", "test"])
        .current_dir(root())
        .output()
        .unwrap();
    let (said, skipped) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprint!("{skipped}");
    assert!(output.status.success(), "{said}{skipped}");
}

/// Each section of the book as a message of a test names it: `Pin, "What moves"`.
fn sections() -> BTreeSet<String> {
    let source = root().join("book/src");
    let mut sections = BTreeSet::new();
    for file in workspace::files(&source, "md").unwrap() {
        let Some(page) = title(root(), file.to_str().unwrap()) else { continue };
        let text = std::fs::read_to_string(source.join(file)).unwrap();
        for (_, section) in text.lines().filter_map(heading).filter(|(level, _)| *level == 2) {
            let section = section.split(" {#").next().unwrap().trim().replace('`', "");
            sections.insert(format!("{page}, \"{section}\""));
        }
    }
    sections
}

/// What follows each `Book: ` in a tests.rs.
fn references(tests: &str) -> Vec<String> {
    // A string goes on in the next line after a backslash, and a quote in it has one before it.
    let text: String = tests.split("\\\n").map(str::trim_start).collect();
    let mut text = text.replace("\\\"", "\"").replace('`', "");
    // A page that several messages send to has a name: `const PAGE: &str = "Book: Pin,";`.
    for line in text.clone().lines() {
        let constant = line.strip_prefix("const ").and_then(|line| line.split_once(": &str = \""));
        let Some((name, value)) = constant else { continue };
        if let Some(page) = value.strip_suffix("\";").filter(|page| page.starts_with("Book: ")) {
            text = text.replace(line, "").replace(&format!("{{{name}}}"), page);
        }
    }
    // A test may also look for the mark itself.
    let references = text.split("Book: ").skip(1).filter(|text| !text.starts_with('"'));
    references.map(str::to_owned).collect()
}

#[test]
fn every_message_points_to_a_section_that_exists() {
    let sections = sections();
    let mut checked = 0;
    for stage in workspace::stages(root()).unwrap() {
        for exercise in stage.exercises {
            let tests = std::fs::read_to_string(exercise.folder.join("tests.rs")).unwrap();
            for reference in references(&tests) {
                assert!(
                    sections.iter().any(|section| reference.starts_with(section)),
                    "{}: tests.rs sends learners to a section that does not exist: {reference:.100}\n\
                     Pages and sections: {sections:#?}",
                    exercise.id()
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "only {checked} references were found: has their form changed?");
}

#[test]
fn rust_version_is_what_the_lock_file_needs() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let version = |package: &Value| -> Option<(u32, u32)> {
        let mut numbers = package["rust_version"].as_str()?.split('.').map(|n| n.parse().unwrap());
        Some((numbers.next()?, numbers.next()?))
    };
    let packages = metadata["packages"].as_array().unwrap().iter();
    let (ours, others): (Vec<_>, Vec<_>) =
        packages.partition(|package| package["source"].is_null());
    let needed = others.into_iter().filter_map(version).max();
    for package in ours {
        assert_eq!(
            version(package),
            needed,
            "rust-version in Cargo.toml (left) is not the most that a dependency asks for (right)"
        );
    }
}
