//! What a reader does with a page, and what they see.

use std::time::Instant;

use serde_json::{Value, json};

use crate::fixture::process::PATIENCE;
use crate::webdriver::Browser;

impl Browser {
    /// Opens a page, and waits until its fonts are there, which move what is to be clicked, and the
    /// browser has nothing left to do for it.
    pub fn open(&self, url: &str) {
        self.command("url", &json!({ "url": url })).unwrap_or_else(|e| panic!("{url}: {e}"));
        let script = "document.fonts.ready.then(() => requestIdleCallback(() => arguments[0]()))";
        self.run("async", script, json!([])).unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Runs JavaScript in the page: `return` what is asked for.
    pub fn ask(&self, script: &str) -> Value {
        self.ask_about(script, json!([]))
    }

    /// The same, with `arguments`.
    pub fn ask_about(&self, script: &str, arguments: Value) -> Value {
        self.run("sync", script, arguments).unwrap_or_else(|error| panic!("{error}, in {script}"))
    }

    /// Runs JavaScript in the page; where it is `async`, until it calls its last argument.
    fn run(&self, how: &str, script: &str, arguments: Value) -> Result<Value, String> {
        let script = json!({ "script": script, "args": arguments });
        self.command(&format!("execute/{how}"), &script)
    }

    /// Waits until an expression is true in the page, through reloads.
    #[track_caller]
    pub fn wait_until(&self, expression: &str, otherwise: &str) {
        let script = format!("return Boolean({expression})");
        let start = Instant::now();
        // An error is a page that left while it looked.
        while self.run("sync", &script, json!([])) != Ok(Value::Bool(true)) {
            assert!(start.elapsed() < PATIENCE, "{otherwise} (`{expression}` is not true)");
        }
    }

    /// Presses and releases one key after another.
    pub fn press(&self, keys: impl IntoIterator<Item = char>) {
        let strokes: Vec<_> = keys
            .into_iter()
            .flat_map(|key| ["keyDown", "keyUp"].map(|t| json!({ "type": t, "value": key })))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.command("actions", &json!({ "actions": [keyboard] })).unwrap();
    }

    /// Clicks the middle of an element.
    #[track_caller]
    pub fn click(&self, selector: &str) {
        let element = json!({ "using": "css selector", "value": selector });
        let found = self.command("element", &element).unwrap_or_else(|error| panic!("{error}"));
        // An object with one name, which says that it stands for an element.
        let id = found.as_object().unwrap().values().next().unwrap().as_str().unwrap();
        self.command(&format!("element/{id}/click"), &json!({}))
            .unwrap_or_else(|error| panic!("{error}: {selector}"));
    }

    /// The reader prefers `light` or `dark`.
    pub fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [feature] }));
    }

    /// The reader has a phone of this width.
    pub fn hold_a_phone(&self, width: u32) {
        let phone =
            json!({ "width": width, "height": 800, "deviceScaleFactor": 2, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", phone);
    }

    /// Errors in the console since they were last asked for.
    pub fn console_errors(&self) -> Vec<String> {
        let log = self.command("se/log", &json!({ "type": "browser" })).unwrap();
        let severe = log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
