// Follows the book's changes: a new build replaces the text of the page in place, and one that fails says so.
"use strict";

(() => {
  const { element, dress, isRunning } = window.manyHands;
  const banner = element("pre", { className: "build-error", hidden: true });
  banner.setAttribute("role", "alert");
  document.body.append(banner);

  let shown = null; // the build that this page shows
  let events = null;

  // A page that nobody looks at keeps no connection: browsers have only six for a server.
  function listen() {
    if (document.hidden) {
      events?.close();
      events = null;
    } else {
      events ??= connect();
    }
  }

  function connect() {
    const source = new EventSource("/-/changes");
    source.addEventListener("built", ({ data }) => {
      banner.hidden = true;
      const [server] = data.split("-");
      if (shown === null || shown === data) shown = data;
      else if (shown.split("-")[0] !== server) whenIdle(() => location.reload()); // its token is another
      else replace().then(() => (shown = data));
    });
    source.addEventListener("broken", ({ data }) => {
      banner.textContent = `The book does not build, so this page is as it was:\n\n${data}`;
      banner.hidden = false;
    });
    return source;
  }

  // Nothing ends a run, but its reader.
  function whenIdle(act) {
    if (!isRunning()) act();
    else document.addEventListener("many-hands:idle", () => whenIdle(act), { once: true });
  }

  const sources = (page, what, name) => [...page.querySelectorAll(what)].map((it) => it.getAttribute(name)).join();

  async function replace() {
    const answer = await fetch(location.pathname, { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (sources(page, "script[src]", "src") !== sources(document, "body script[src], head script[src]:not([src*=search-index])", "src")) {
      whenIdle(() => location.reload()); // other scripts
      return;
    }
    styles(page);
    const [now, next] = [document.querySelector("main"), page.querySelector("main")];
    if (!next || now.dataset.source === next.innerHTML) return;
    const open = [...now.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
    const at = scrollY;
    now.style.minHeight = `${now.offsetHeight}px`; // so that the page does not become short in between
    document.dispatchEvent(new Event("many-hands:replacing")); // so that panels can step aside
    now.replaceChildren(...next.childNodes);
    document.title = page.title;
    for (const summary of now.querySelectorAll("details > summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    colour(now);
    dress();
    document.dispatchEvent(new Event("many-hands:replaced")); // run panels and answers go back to their places
    now.style.minHeight = "";
    scrollTo({ top: at, behavior: "instant" });
  }

  // A style that has changed has another address.
  function styles(page) {
    const links = [...document.querySelectorAll("link[rel=stylesheet]")];
    [...page.querySelectorAll("link[rel=stylesheet]")].forEach((link, n) => {
      const href = link.getAttribute("href");
      if (links[n] && links[n].getAttribute("href") !== href) links[n].setAttribute("href", href);
    });
  }

  // What mdBook does with listings when a page is opened.
  function colour(main) {
    for (const code of main.querySelectorAll("code")) {
      if (!code.parentElement.classList.contains("header")) hljs.highlightBlock(code);
      code.classList.add("hljs");
      if (code.parentElement.localName !== "pre" || code.parentElement.querySelector(".buttons")) continue;
      const copy = element("button", { className: "clip-button", title: "Copy to clipboard" }, element("i", { className: "tooltiptext" }));
      copy.setAttribute("aria-label", copy.title);
      code.before(element("div", { className: "buttons" }, copy));
    }
  }

  document.addEventListener("visibilitychange", listen);
  listen();
})();
