//! Two stages for tests.

/// A workspace of two tiny stages, in a folder that is removed afterwards.
pub(super) fn two_stages() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("the system's folder for temporary files is writable");
    for (file, text) in [
        ("01-old/src/lib.rs", "pub mod echo;\n"),
        (
            "01-old/src/echo.rs",
            "// ANCHOR: echo\npub fn echo() {\n    read();\n    write();\n}\n// ANCHOR_END: echo\n\n#[cfg(test)]\nmod tests {}\n",
        ),
        ("01-old/src/limit.rs", "pub struct Limit;\n"),
        ("02-new/src/lib.rs", "pub mod connection;\n"),
        (
            "02-new/src/connection.rs",
            "impl Connection {\n    pub fn echo() {\n        read();\n        wait();\n        write();\n    }\n}\n",
        ),
        ("02-new/src/slab/mod.rs", "pub struct Slab;\n"),
        (
            "02-new/diff.toml",
            "[[pair]]\nfrom = \"01\"\nold = \"src/echo.rs\"\nnew = \"src/connection.rs\"\nsays = \"It waits.\"\n",
        ),
    ] {
        let file = root.path().join(file);
        std::fs::create_dir_all(file.parent().expect("a file has a folder"))
            .and_then(|()| std::fs::write(&file, text))
            .expect("the temporary folder is writable");
    }
    root
}
