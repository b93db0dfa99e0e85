//! `cargo workshop`.

fn main() -> std::process::ExitCode {
    workshop::cli::run()
}
