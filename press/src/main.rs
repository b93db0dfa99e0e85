//! `press`: the book checked, built, served on loopback, and rebuilt when a file is saved; its
//! terminals replayed, its figures recorded. `cargo workshop` runs it.
//!
//! No async runtime: it depends on no stage, so that it can still say what is broken in one.

// The pages: what may stand in them, and what must.
mod book;
mod check;
mod console;
mod form;
mod includes;
mod scan;

// What the book and the exercises say of each other.
mod exercises;
mod misconceptions;

// What our own directives put into a page.
mod directives;
mod escape;
mod figures;
mod listings;
mod matrix;
mod plot;
mod progress_page;
mod timeline;
mod wrong_answers;

// What the book shows, tried.
mod sessions;
mod test;

// From pages to a browser.
mod answer;
mod build;
mod http;
mod serve;
mod site;

// What cargo workshop asks for.
mod cli;

#[cfg(test)]
mod fixture;

fn main() -> std::process::ExitCode {
    cli::run()
}
