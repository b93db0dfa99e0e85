//! What stands in a recording, and when.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::recording::Recorder;
use tracing::{Dispatch, dispatcher, info, trace, trace_span};
use tracing_subscriber::layer::SubscriberExt;

/// Records what `work` does on this thread, and on those to which it hands the dispatch.
fn recorded(work: impl FnOnce(&Dispatch, &Path)) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("trace.json");
    let recorder = Recorder::create(&file).expect("the file can be created");
    let dispatch = Dispatch::new(tracing_subscriber::registry().with(recorder));
    dispatcher::with_default(&dispatch, || work(&dispatch, &file));
    read(&file)
}

/// The events so far: the array is never closed.
fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("the file is there");
    let array = format!("{}]", text.trim_end().trim_end_matches(','));
    serde_json::from_str(&array).unwrap_or_else(|error| panic!("{error}: {array}"))
}

fn wait_for(file: &Path, what: &str, is_there: impl Fn(&[Value]) -> bool) {
    let start = Instant::now();
    while !is_there(&read(file)) {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: {:#?}", read(file));
        thread::yield_now();
    }
}

fn named<'a>(events: &'a [Value], name: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["name"] == name).collect()
}

/// What happened, without the names of threads.
fn told(events: &[Value]) -> Vec<String> {
    let told = events.iter().filter(|event| event["ph"] != "M");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    told.map(|event| format!("{} {}", text(&event["ph"]), text(&event["name"]))).collect()
}

#[test]
fn a_file_that_exists_is_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "what somebody wrote").expect("the file can be written");
    let error = Recorder::create(&file).err().expect("the file was replaced");
    assert!(format!("{error:#}").contains("name a new file"), "{error:#}");
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "what somebody wrote");
}

#[test]
fn a_span_is_a_slice_with_its_fields_and_its_source_line() {
    let line = line!() + 1;
    let events = recorded(|_, _| trace_span!("write", bytes = 6).in_scope(|| {}));
    let slices = named(&events, "write");
    assert_eq!(slices.iter().map(|event| &event["ph"]).collect::<Vec<_>>(), ["B", "E"]);
    assert_eq!(slices[0]["args"]["bytes"], 6);
    assert_eq!(slices[0]["args"]["file"], file!().replace('\\', "/"));
    assert_eq!(slices[0]["args"]["line"], line);
    assert!(slices[0]["ts"].as_f64().unwrap() <= slices[1]["ts"].as_f64().unwrap());
}

#[test]
fn an_event_is_an_instant_called_by_its_message() {
    let events = recorded(|_, _| info!(client = 2, peer = %"[::1]:7", "says \"hello\""));
    let event = named(&events, "says \"hello\"")[0];
    assert_eq!((&event["ph"], &event["s"]), (&"i".into(), &"t".into()));
    assert_eq!((&event["args"]["client"], &event["args"]["peer"]), (&2.into(), &"[::1]:7".into()));
}

#[test]
fn a_thread_has_a_lane_that_ends_with_it() {
    let events = recorded(|dispatch, _| {
        let dispatch = dispatch.clone();
        let work = move || dispatcher::with_default(&dispatch, || info!("works"));
        thread::Builder::new().name("helper".into()).spawn(work).unwrap().join().unwrap();
        info!("goes on");
    });
    let lane = &named(&events, "works")[0]["tid"];
    assert_ne!(*lane, named(&events, "goes on")[0]["tid"]);
    let name = events.iter().find(|event| event["ph"] == "M" && event["tid"] == *lane).unwrap();
    assert_eq!(name["args"]["name"], "helper");
    assert_eq!(named(&events, "thread ended")[0]["tid"], *lane);
}

#[cfg(target_os = "linux")]
#[test]
fn who_sleeps_in_a_call_is_seen_while_it_sleeps() {
    let events = recorded(|dispatch, file| {
        let (wake, sleep) = mpsc::channel::<()>();
        let dispatch = dispatch.clone();
        let sleeper = thread::spawn(move || {
            dispatcher::with_default(&dispatch, || {
                let _ = trace_span!("receive", from = "me").in_scope(|| sleep.recv());
            });
        });
        wait_for(file, "nobody was seen asleep", |events| named(events, "asleep").len() == 1);
        assert!(named(&read(file), "receive").len() == 1, "it has not returned");
        wake.send(()).unwrap();
        sleeper.join().unwrap();
    });
    let expected = ["B receive", "B asleep", "E asleep", "E receive", "i thread ended"];
    assert_eq!(told(&events), expected);
    assert_eq!(named(&events, "asleep")[0]["args"]["from"], "me");
}

#[cfg(target_os = "linux")]
#[test]
fn who_does_something_in_a_call_sleeps_no_more() {
    let events = recorded(|dispatch, file| {
        let (wake, sleep) = mpsc::channel::<()>();
        let dispatch = dispatch.clone();
        let sleeper = thread::spawn(move || {
            dispatcher::with_default(&dispatch, || {
                trace_span!("serve").in_scope(|| {
                    let _ = sleep.recv();
                    info!("awake");
                });
            });
        });
        wait_for(file, "nobody was seen asleep", |events| named(events, "asleep").len() == 1);
        drop(wake);
        sleeper.join().unwrap();
    });
    let expected = ["B serve", "B asleep", "E asleep", "i awake", "E serve", "i thread ended"];
    assert_eq!(told(&events), expected);
}

#[cfg(target_os = "linux")]
#[test]
fn who_waits_for_the_recorder_does_not_sleep_in_its_call() {
    let events = recorded(|dispatch, _| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let dispatch = dispatch.clone();
                thread::spawn(move || {
                    dispatcher::with_default(&dispatch, || {
                        for round in 0..2000 {
                            trace_span!("compute").in_scope(|| trace!(round, "works"));
                        }
                    });
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    assert_eq!(named(&events, "works").len(), 16_000);
    let asleep = named(&events, "asleep").len();
    assert_eq!(asleep, 0, "eight threads that never sleep were seen asleep {asleep} times");
}

#[cfg(target_os = "linux")]
#[test]
fn who_works_in_a_call_is_not_seen_asleep() {
    let events = recorded(|dispatch, file| {
        let (wake, sleep) = mpsc::channel::<()>();
        let dispatch = dispatch.clone();
        let sleeper = trace_span!("compute").in_scope(|| {
            let sleeper = thread::spawn(move || {
                dispatcher::with_default(&dispatch, || {
                    let _ = trace_span!("receive").in_scope(|| sleep.recv());
                });
            });
            // Busy until the recorder has looked often enough to see another thread asleep.
            wait_for(file, "nobody was seen asleep", |events| !named(events, "asleep").is_empty());
            sleeper
        });
        drop(wake);
        sleeper.join().unwrap();
    });
    let lane = &named(&events, "receive")[0]["tid"];
    let asleep = named(&events, "asleep");
    assert!(asleep.iter().all(|event| event["tid"] == *lane), "{asleep:#?}");
}

#[test]
fn a_file_that_cannot_be_created_is_named() {
    let Err(error) = Recorder::create(Path::new("no/such/folder/trace.json")) else {
        panic!("there is no such folder")
    };
    assert_eq!(error.to_string(), "creating no/such/folder/trace.json for --trace");
}
