//! A reader changes a step or an answer in the page.

use std::fs;
use std::path::Path;
use std::process::Command;

use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use harness::wait_until;
use serde_json::json;
use tempfile::TempDir;

use crate::barriers::barriers;
use crate::driver::{Driver, chord, count, key, press, script, text, until};
use crate::server::Server;
use crate::small::themed;

const STEP: &str = "\
fn main() {
    // ANCHOR: main
    println!(\"as it was\");
    // ANCHOR_END: main
}
";

const PAGE: &str = "\
# One

```rust
{{#include ../../examples/one.rs:main}}
```

```console
{{#include recorded/one.txt}}
```
";

/// A clone with one step and the book's own look.
fn clone() -> TempDir {
    let clone = themed();
    let write = |name: &str, text: &str| {
        let file = clone.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    write("Cargo.toml", "[package]\nname = \"small\"\nedition = \"2024\"\n[workspace]\n");
    write("book/src/SUMMARY.md", "- [One](one.md)\n");
    write("book/src/one.md", PAGE);
    write("book/src/recorded/one.txt", "$ cargo run --example one\nas it was\n");
    write("book/recordings.toml", "[[recording]]\nname = \"one\"\nstep = \"one\"\n");
    write("examples/one.rs", STEP);
    clone
}

fn serve(root: &Path) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.arg("--root").arg(root);
    Server::start_with(command)
}

/// Opens the page, and on it the editor.
async fn edit(server: &Server, browser: &Client, page: &str) {
    browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
    press(browser, "Edit").await;
    browser.wait().for_element(Locator::Css(".editor textarea")).await.expect("an editor");
    until(browser, "the focus", "document.activeElement.matches('.editor textarea')").await;
}

const AREA: &str = "document.querySelector('.editor-box:not([hidden]) textarea')";

/// Selects a text in the editor.
async fn select(browser: &Client, what: &str) {
    let code = format!(
        "const area = {AREA}; const at = area.value.indexOf(arguments[0]); \
         area.focus(); area.setSelectionRange(at, at + arguments[0].length)"
    );
    browser.execute(&code, vec![json!(what)]).await.unwrap();
}

async fn shown(browser: &Client) -> String {
    let value = script(browser, &format!("return {AREA}.value")).await;
    value.as_str().unwrap().to_owned()
}

async fn enter(browser: &Client, text: &str) {
    browser.active_element().await.unwrap().send_keys(text).await.unwrap();
}

async fn status(browser: &Client) -> String {
    text(browser, ".editor-status").await
}

#[tokio::test]
async fn a_reader_changes_a_copy_runs_it_and_gets_the_step_back() {
    let clone = clone();
    let (server, driver) = (serve(clone.path()), Driver::start());
    let browser = driver.open(false).await;
    let page = format!("{}/one.html", server.address);
    browser.goto(&page).await.unwrap();
    browser.wait().for_element(Locator::Css(".run")).await.unwrap();
    let loaded = "return performance.getEntriesByType('resource').filter(e => e.name.includes('/-/edit')).length";
    assert_eq!(script(&browser, loaded).await, json!(0), "nothing is loaded before it is wanted");

    edit(&server, &browser, "one").await;
    assert_eq!(
        shown(&browser).await,
        STEP.replace("    // ANCHOR: main\n", "").replace("    // ANCHOR_END: main\n", "")
    );
    select(&browser, "as it was").await;
    enter(&browser, "as I like it").await;
    until(
        &browser,
        "colours",
        "document.querySelector('.editor-shown .hljs-string').textContent.includes('as I like it')",
    )
    .await;
    assert_eq!(status(&browser).await, "Not saved yet");
    press(&browser, "Run your copy").await;
    until(
        &browser,
        "the output",
        "document.querySelector('.run-output').textContent.includes('as I like it')",
    )
    .await;
    assert_eq!(fs::read_to_string(clone.path().join("examples/one.rs")).unwrap(), STEP);
    assert_eq!(status(&browser).await, "Saved in target/scratch/one/");

    // What doesn't compile leads to its line.
    select(&browser, "println!").await;
    enter(&browser, "let n: u32 = \"\"; println!").await;
    chord(&browser, Key::Control, Key::Enter).await;
    until(&browser, "the error", "document.querySelector('.run .editor-place')").await;
    assert_eq!(text(&browser, ".editor-place").await, "one.rs:2:18");
    assert_eq!(count(&browser, ".editor-shown > .is-wrong").await, 1);
    script(&browser, "document.querySelector('.editor-place').click()").await;
    let at = script(&browser, &format!("const area = {AREA}; return document.activeElement === area && area.value.slice(0, area.selectionStart).endsWith('u32 = ')")).await;
    assert_eq!(at, json!(true), "the caret is where the error is");

    press(&browser, "What I changed").await;
    until(&browser, "the changes", "document.querySelectorAll('.editor ins').length === 1").await;
    assert!(text(&browser, ".changed-lines del").await.contains("as it was"));

    press(&browser, "Reset").await;
    assert!(shown(&browser).await.contains("as it was"));
    chord(&browser, Key::Control, 'z').await;
    assert!(shown(&browser).await.contains("as I like it"), "a reset can be undone");
    press(&browser, "Reset").await;
    press(&browser, "Close").await;
    assert_eq!(count(&browser, ".editor[hidden]").await, 1);
    press(&browser, "Run").await;
    until(
        &browser,
        "the step",
        "document.querySelector('.run-output').textContent.includes('as it was')",
    )
    .await;
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn what_is_not_saved_outlives_a_new_build_and_a_reload() {
    let clone = clone();
    let (server, driver) = (serve(clone.path()), Driver::start());
    let browser = driver.open(false).await;
    edit(&server, &browser, "one").await;
    select(&browser, "as it was").await;
    enter(&browser, "as I like it").await;
    fs::write(clone.path().join("book/src/one.md"), format!("{PAGE}\nOne more line.\n")).unwrap();
    until(
        &browser,
        "the new text",
        "document.querySelector('main').textContent.includes('One more line.')",
    )
    .await;
    assert!(shown(&browser).await.contains("as I like it"), "it is in the new page");
    let focus = format!("return document.activeElement === {AREA}");
    assert_eq!(script(&browser, &focus).await, json!(true), "and has the focus still");
    enter(&browser, ", and more").await;

    browser.refresh().await.unwrap();
    until(&browser, "the editor again", "document.querySelector('.editor textarea')").await;
    assert!(shown(&browser).await.contains("as I like it, and more"));
    assert_eq!(status(&browser).await, "Not saved yet");
    assert!(!clone.path().join("target/scratch/one/one.rs").exists());
    browser.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_was_changed_elsewhere_is_noticed_and_the_reader_decides() {
    let clone = clone();
    let (server, driver) = (serve(clone.path()), Driver::start());
    let browser = driver.open(false).await;
    let copy = clone.path().join("target/scratch/one/one.rs");
    edit(&server, &browser, "one").await;
    select(&browser, "as it was").await;
    enter(&browser, "mine").await;
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::write(&copy, "// theirs\nfn main() {}\n").unwrap();
    chord(&browser, Key::Control, 's').await;
    until(&browser, "the conflict", "document.querySelector('.editor-conflict').checkVisibility()")
        .await;
    let said = text(&browser, ".editor-conflict").await;
    assert!(said.contains("target/scratch/one/one.rs has changed on disk"), "{said}");
    assert_eq!(fs::read_to_string(&copy).unwrap(), "// theirs\nfn main() {}\n");
    press(&browser, "Compare").await;
    until(
        &browser,
        "both",
        "document.querySelector('.editor del')?.textContent.includes('// theirs')",
    )
    .await;
    press(&browser, "Take what is on disk").await;
    assert_eq!(shown(&browser).await, "// theirs\nfn main() {}\n");
    chord(&browser, Key::Control, 'z').await;
    assert!(shown(&browser).await.contains("mine"), "what was here is not lost either");

    fs::write(&copy, "// theirs again\n").unwrap();
    chord(&browser, Key::Control, 's').await;
    until(&browser, "the conflict", "document.querySelector('.editor-conflict').checkVisibility()")
        .await;
    press(&browser, "Keep what is here").await;
    wait_until("mine is kept", || fs::read_to_string(&copy).unwrap().contains("mine"));

    // What is saved here follows the file.
    until(
        &browser,
        "the save",
        "document.querySelector('.editor-status').textContent.startsWith('Saved')",
    )
    .await;
    fs::write(&copy, "// theirs at last\n").unwrap();
    script(&browser, "window.dispatchEvent(new Event('focus'))").await;
    until(&browser, "their text", &format!("{AREA}.value === '// theirs at last\\n'")).await;
    browser.close().await.unwrap();
}

#[tokio::test]
async fn an_answer_is_changed_and_checked_by_keyboard_alone() {
    let mine = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command.env("CHALLENGES", mine.path());
    let (server, driver) = (Server::start_with(command), Driver::start());
    let browser = driver.open(false).await;
    browser.goto(&format!("{}/02_process.html", server.address)).await.unwrap();
    browser.wait().for_element(Locator::Css("#run-challenge-02_join_all")).await.unwrap();
    let edit = "const button = document.querySelector('#run-challenge-02_join_all .run-buttons button:last-child'); button.focus()";
    script(&browser, edit).await;
    key(&browser, Key::Enter).await;
    until(&browser, "the focus", "document.activeElement.matches('.editor textarea')").await;
    let named = script(&browser, "return document.activeElement.getAttribute('aria-label')").await;
    assert_eq!(named, json!("02_join_all.rs, your answer"));

    // Tab indents, and Shift+Tab takes it back. After Escape it leaves.
    key(&browser, Key::Tab).await;
    assert!(shown(&browser).await.starts_with("    "));
    chord(&browser, Key::Control, 'z').await;
    assert!(!shown(&browser).await.starts_with(' '), "a browser's own undo");
    key(&browser, Key::Escape).await;
    key(&browser, Key::Tab).await;
    let outside = "return !document.activeElement.matches('textarea')";
    assert_eq!(script(&browser, outside).await, json!(true), "nobody is caught");
    chord(&browser, Key::Shift, Key::Tab).await;
    assert_eq!(script(&browser, outside).await, json!(false), "and the way back");

    let home = harness::root().join("lessons/challenges/exercises/02_join_all");
    let solution = fs::read_to_string(home.join("solution.rs")).unwrap();
    let fill = format!("{AREA}.select(); document.execCommand('insertText', false, arguments[0])");
    browser.execute(&fill, vec![json!(solution)]).await.unwrap();
    chord(&browser, Key::Control, Key::Enter).await;
    let status = "document.querySelector('#run-challenge-02_join_all .run-status').textContent";
    until(&browser, "the check", &format!("{status}.startsWith('done')")).await;
    assert_eq!(fs::read_to_string(mine.path().join("02_join_all.rs")).unwrap(), solution);
    assert_eq!(driver.complaints(&browser).await, [""; 0]);
    browser.close().await.unwrap();
}

#[tokio::test]
async fn an_editor_fits_a_phone_and_its_text_lies_under_the_caret() {
    let clone = clone();
    let (server, driver) = (serve(clone.path()), Driver::start());
    let browser = driver.open(true).await;
    for width in [1400, 500] {
        browser.set_window_size(width, 844).await.unwrap();
        edit(&server, &browser, "one").await;
        script(&browser, &format!("{AREA}.select()")).await;
        enter(&browser, &"let a_long_line = [1, 2, 3]; ".repeat(12)).await;
        let out = "return document.documentElement.scrollWidth > innerWidth";
        assert_eq!(script(&browser, out).await, json!(false), "{width}");
        let alike = "const [shown, area] = document.querySelector('.editor-box').children; \
                     const looks = (it) => ['fontSize', 'lineHeight', 'fontFamily', 'padding', 'letterSpacing', 'tabSize'] \
                       .map((name) => getComputedStyle(it)[name]); \
                     return [String(looks(shown)) === String(looks(area)), shown.clientWidth === area.clientWidth, \
                       area.scrollHeight <= area.clientHeight]";
        assert_eq!(script(&browser, alike).await, json!([true, true, true]), "{width}");
        script(&browser, "localStorage.clear()").await;
    }
    browser.close().await.unwrap();
}

#[tokio::test]
#[ignore = "needs axe-core in AXE: ./tests/run sets it"]
async fn an_editor_has_no_barrier_in_any_theme() {
    let clone = clone();
    let (server, driver) = (serve(clone.path()), Driver::start());
    let browser = driver.open(false).await;
    edit(&server, &browser, "one").await;
    select(&browser, "println!").await;
    enter(&browser, "let n: u32 = \"\"; println!").await;
    chord(&browser, Key::Control, Key::Enter).await;
    until(&browser, "the error", "document.querySelector('.run .editor-place')").await;
    press(&browser, "What I changed").await;
    until(&browser, "the changes", "document.querySelector('.editor ins')").await;
    let found = barriers(&browser).await;
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    browser.close().await.unwrap();
}
