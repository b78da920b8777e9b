//! What keeps a page from readers who see little, or use no mouse.

use fantoccini::Client;
use serde_json::json;

use crate::driver::Driver;
use crate::pages;
use crate::server::Server;

#[tokio::test]
#[ignore = "needs axe-core in AXE: ./tests/run sets it"]
async fn no_page_of_the_road_has_a_barrier_in_any_theme() {
    no_barrier(|page| page.starts_with(|c: char| c.is_ascii_digit())).await;
}

#[tokio::test]
#[ignore = "needs axe-core in AXE: ./tests/run sets it"]
async fn no_other_page_has_a_barrier_in_any_theme() {
    no_barrier(|page| !page.starts_with(|c: char| c.is_ascii_digit())).await;
}

async fn no_barrier(is_asked: impl Fn(&str) -> bool) {
    let (server, driver) = (Server::shared(), Driver::start());
    let browser = driver.open(false).await;
    let mut found = Vec::new();
    for page in pages().into_iter().filter(|page| is_asked(page)) {
        browser.goto(&format!("{}/{page}.html", server.address)).await.unwrap();
        let barriers = barriers(&browser).await.into_iter();
        found.extend(barriers.map(|barrier| format!("{page}, {barrier}")));
    }
    browser.close().await.unwrap();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The barriers on the page that the browser shows, in each theme: each is the favourite of
/// someone.
pub(crate) async fn barriers(browser: &Client) -> Vec<String> {
    let axe = std::env::var("AXE").expect("the path of axe.min.js");
    let axe = std::fs::read_to_string(axe).unwrap();
    browser.execute(&axe, Vec::new()).await.unwrap();
    browser.execute(UNFOLD, Vec::new()).await.unwrap();
    let mut barriers = Vec::new();
    for theme in ["light", "rust", "coal", "navy", "ayu"] {
        let found = browser.execute_async(BARRIERS, vec![json!(theme)]).await.unwrap();
        let found = found.as_array().unwrap().iter().map(|barrier| barrier.as_str().unwrap());
        barriers.extend(found.map(|barrier| format!("{theme}: {barrier}")));
    }
    barriers
}

/// Folded text counts, too, but not the long tables beside pictures: they are all alike.
const UNFOLD: &str = "for (const folded of document.querySelectorAll('main details:not(.mh-table)')) folded.open = true";

/// What axe-core finds in a theme, anywhere on the page.
///
/// Most rules do not depend on colours, so they run once a page. Those that do run in each theme,
/// but only on one element of each look: the computed style of its text and of everything around
/// it. Most pages have few that no page before had.
const BARRIERS: &str = "
    const [theme, done] = arguments;
    document.getElementById(`mdbook-theme-${theme}`).click();
    const has_come = () => [...document.querySelectorAll('link[rel=stylesheet]')]
        .every((link) => link.disabled || link.sheet);
    const drawn = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ready = async () => {
        do await drawn(); while (!has_come());
        await document.fonts.ready;
        await drawn();
    };
    const LOOK = ['color', 'backgroundColor', 'backgroundImage', 'opacity', 'fill', 'fontSize', 'fontWeight',
        'textDecorationLine', 'textShadow', 'visibility', 'position'];
    const unseen = () => {
        const key = `looks in ${theme}`;
        const looks = new Map(JSON.parse(sessionStorage.getItem(key) ?? '[]'));
        const known = new Map();
        const look = (element) => {
            if (!element) return 0;
            if (!known.has(element)) {
                const style = getComputedStyle(element);
                const own = [look(element.parentElement), element.localName === 'a', ...LOOK.map((name) => style[name])].join();
                if (!looks.has(own)) looks.set(own, looks.size + 1);
                known.set(element, looks.get(own));
            }
            return known.get(element);
        };
        const has_text = (element) => element.matches('input, select')
            || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        const first = new Map();
        const before = looks.size;
        for (const element of document.querySelectorAll('body *')) {
            if (!has_text(element) || !element.checkVisibility()) continue;
            const number = look(element);
            if (number > before && !first.has(number)) first.set(number, element);
        }
        sessionStorage.setItem(key, JSON.stringify([...looks]));
        return [...first.values()];
    };
    const COLOURS = ['color-contrast', 'link-in-text-block'];
    const resultTypes = ['violations'];
    const others = Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }]));
    const run = async () => {
        await ready();
        const found = [];
        if (theme === 'light') found.push(await axe.run(document, { resultTypes, rules: others }));
        const elements = unseen();
        const runOnly = { type: 'rule', values: COLOURS };
        if (elements.length) found.push(await axe.run(elements, { resultTypes, runOnly }));
        return found.flatMap(({ violations }) => violations);
    };
    run().then((violations) => done(violations.flatMap(({ id, nodes }) => nodes.map(
        (node) => `${id}: ${node.target} ${node.any.map((check) => check.message)}`))));
";
