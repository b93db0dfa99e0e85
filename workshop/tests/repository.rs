//! This repository itself: what the book shows is what happens, and what exercises and book say of
//! each other is true.

#![allow(clippy::unwrap_used, reason = "helpers of tests: the panic is the report")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Files below a folder of the repository, target/ left out.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            files(&path, found);
        } else if path.is_file() {
            found.push(path);
        }
    }
}

/// Folders of exercises, by stage and name.
fn exercises() -> BTreeMap<String, PathBuf> {
    let mut all = Vec::new();
    files(&root(), &mut all);
    let manifests = all.into_iter().filter(|file| file.ends_with("exercise.toml"));
    let folders = manifests.map(|file| file.parent().unwrap().to_owned());
    let name = |folder: &Path| folder.strip_prefix(root()).unwrap().display().to_string();
    folders.map(|folder| (name(&folder), folder)).collect()
}

/// The titles of the book's pages, each with its headings.
fn pages() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = Vec::new();
    files(&root().join("book/src"), &mut all);
    let mut pages = BTreeMap::new();
    for page in all.iter().filter(|file| file.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(page).unwrap();
        let heading = |line: &str, mark: &str| {
            let heading = line.strip_prefix(mark)?;
            Some(heading.split(" {#").next().unwrap().trim().replace('`', ""))
        };
        let Some(title) = text.lines().find_map(|line| heading(line, "# ")) else { continue };
        pages.insert(title, text.lines().filter_map(|line| heading(line, "## ")).collect());
    }
    pages
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

/// The constants that hold the beginning of a reference: the declaration, the name, the value.
fn named_pages(text: &str) -> Vec<(String, String, String)> {
    let constants = text.lines().map(|line| line.replace("\\\"", "\"")).filter_map(|line| {
        let (name, value) = line.strip_prefix("const ")?.split_once(": &str = \"")?;
        let value = value.strip_suffix("\";").filter(|value| value.starts_with("Book: "))?;
        Some((line.clone(), name.to_owned(), value.to_owned()))
    });
    constants.collect()
}

#[test]
fn every_message_points_to_a_section_that_exists() {
    let pages = pages();
    let mut checked = 0;
    for (exercise, folder) in exercises() {
        let text = std::fs::read_to_string(folder.join("tests.rs")).unwrap();
        // A string goes on in the next line after a backslash, and a quote in it has one before it.
        let mut lines = text.split("\\\n").map(str::trim_start);
        let joined = lines.next().unwrap().to_owned() + &lines.collect::<String>();
        let mut joined = joined.replace("\\\"", "\"");
        // A page that several messages send to has a name: `const PAGE: &str = "Book: Pin,";`.
        for (declaration, name, page) in named_pages(&text) {
            joined = joined.replace(&declaration, "").replace(&format!("{{{name}}}"), &page);
        }
        // A test may also look for the mark itself.
        let is_reference = |text: &&str| !text.starts_with('"');
        for reference in joined.split("Book: ").skip(1).filter(is_reference) {
            let (page, rest) = reference.split_once(", \"").unwrap_or_else(|| {
                let start: String = reference.chars().take(60).collect();
                panic!("{exercise}: tests.rs names no section after `Book: {start}`")
            });
            let section = rest.split_once('"').unwrap().0.replace('`', "");
            let sections = pages.get(page);
            assert!(
                sections.is_some_and(|sections| sections.contains(&section)),
                "{exercise}: tests.rs sends learners to `{page}`, \"{section}\", and there is no \
                 such section. Pages and sections: {pages:#?}"
            );
            checked += 1;
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
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let version = |package: &serde_json::Value| -> Option<(u32, u32)> {
        let mut numbers = package["rust_version"].as_str()?.split('.').map(|n| n.parse().unwrap());
        Some((numbers.next()?, numbers.next()?))
    };
    let packages = metadata["packages"].as_array().unwrap();
    let ours = |package: &&serde_json::Value| package["source"].is_null();
    let needed = packages.iter().filter(|p| !ours(p)).filter_map(version).max().unwrap();
    for package in packages.iter().filter(ours) {
        assert_eq!(
            version(package),
            Some(needed),
            "rust-version in Cargo.toml (left) is not the most that a dependency asks for (right)"
        );
    }
}
