//! A browser, and how it is told what to do: W3C WebDriver, JSON over HTTP.

use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::process::{PATIENCE, Process};

const INSTALL: &str =
    "install chromium and chromium-driver (Debian: `apt-get install chromium chromium-driver`)";

/// The browser of one test. It ends when it is dropped.
pub struct Browser {
    /// Answers at `session`.
    _driver: Process,
    /// `http://127.0.0.1:PORT/session/ID`
    session: String,
    /// Nobody's history and settings, and what the browser leaves behind.
    _folder: TempDir,
}

impl Browser {
    /// A window of 1200 by 900. None, and a line on standard error, where there is no chromedriver.
    pub fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut chromedriver = Command::new("chromedriver");
        chromedriver.arg("--port=0").env("TMPDIR", folder.path());
        let driver = match chromedriver.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() {
            Ok(child) => Process::new(child),
            Err(error)
                if error.kind() == ErrorKind::NotFound && std::env::var_os("CI").is_none() =>
            {
                // Not eprintln!, which is shown for failed tests only.
                let _ = writeln!(std::io::stderr(), "skipped: no chromedriver; {INSTALL}");
                return None;
            }
            Err(error) => panic!("chromedriver cannot be started ({error}): {INSTALL}"),
        };
        let port = driver.says("started successfully on port ");
        let address = format!("http://127.0.0.1:{}/session", port.trim_end_matches('.'));
        let arguments = [
            "--headless=new",
            "--no-sandbox", // which root has none of, in containers
            "--disable-gpu",
            "--window-size=1200,900",
            // What asks for something elsewhere leaves an error in the console.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ];
        let capabilities = json!({ "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } });
        let session = call(&address, &json!({ "capabilities": capabilities }))
            .unwrap_or_else(|error| panic!("Chromium cannot be started ({error}): {INSTALL}"));
        let id = session["sessionId"].as_str().expect("a new session has an id");
        Some(Self { _driver: driver, session: format!("{address}/{id}"), _folder: folder })
    }

    /// Sends one of WebDriver's commands.
    ///
    /// # Errors
    /// What the browser says about it.
    pub fn command(&self, name: &str, parameters: &Value) -> Result<Value, String> {
        call(&format!("{}/{name}", self.session), parameters)
    }

    /// Sends a command of the Chrome DevTools Protocol, for what WebDriver has no word for.
    pub fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Before chromedriver is killed: Chromium would outlive it.
        let _ = minreq::delete(&self.session).with_timeout(20).send();
    }
}

fn call(url: &str, body: &Value) -> Result<Value, String> {
    let request = minreq::post(url).with_header("Content-Type", "application/json");
    let request = request.with_body(body.to_string()).with_timeout(PATIENCE.as_secs());
    let response = request.send().expect("chromedriver answers");
    let mut answer: Value =
        serde_json::from_slice(response.as_bytes()).expect("chromedriver answers in JSON");
    let value = answer["value"].take();
    let Some(error) = value["error"].as_str() else { return Ok(value) };
    // Its first line; chromedriver's stack comes after it.
    let message = value["message"].as_str().and_then(|message| message.lines().next());
    Err(format!("{error}: {}", message.unwrap_or_default()))
}
