// Search: a dialog over an index of all sections that the build makes, loaded when it is first needed. It looks for
// parts of words, so `chunk_size` and `Executor.submit` are found as they are written, and knows what Python calls things.
"use strict";

(() => {
  const { element } = window.manyHands;
  const MOST = 20;

  let sections = null; // [{ page, title, href, text, synonyms }], once loaded
  function load() {
    sections ??= new Promise((done, failed) => {
      const script = element("script", { src: `${path_to_root}search-index.js` });
      script.addEventListener("load", () => done(window.bookSections));
      script.addEventListener("error", failed);
      document.head.append(script);
    });
    return sections;
  }

  const lower = (text) => text.toLowerCase();
  const words = (query) => lower(query).split(/[\s.()]+/).filter(Boolean);

  // How well a section answers the query; 0 if not at all.
  function score({ title, text, synonyms = [] }, query, parts) {
    const whole = lower(query).trim();
    if (synonyms.some((name) => lower(name) === whole || parts.every((part) => lower(name).includes(part)))) return 1000;
    const [inTitle, inText] = [lower(title), lower(text)];
    let points = inTitle.includes(whole) ? 60 : inText.includes(whole) ? 20 : 0;
    for (const part of parts) {
      const [titled, at] = [inTitle.includes(part), inText.indexOf(part)];
      if (!titled && at < 0) return 0;
      const starts = at >= 0 && !/\w/.test(inText[at - 1] ?? " ");
      points += (titled ? 30 : 0) + (starts ? 6 : 2) + Math.min(5, at < 0 ? 0 : inText.split(part).length - 1);
    }
    return points;
  }

  // The text around the first match, with every match marked.
  function excerpt(text, parts) {
    const found = parts.map((part) => lower(text).indexOf(part)).filter((at) => at >= 0);
    const first = found.length ? Math.min(...found) : 0;
    const from = Math.max(0, text.lastIndexOf(" ", Math.max(0, first - 60)));
    const to = text.indexOf(" ", first + 120);
    const shown = text.slice(from, to < 0 ? text.length : to).replace(/( · )+$/, "");
    const line = element("p", {}, from > 0 ? "… " : "");
    const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const pieces = escaped.length ? shown.split(new RegExp(`(${escaped.join("|")})`, "i")) : [shown];
    pieces.forEach((piece, n) => line.append(n % 2 ? element("mark", {}, piece) : piece));
    if (to >= 0) line.append(" …");
    return line;
  }

  const input = element("input", { type: "search", placeholder: "Search: chunk_size, apply_async, back-pressure …" });
  input.setAttribute("aria-label", "Search the book");
  const status = element("p", { className: "search-status" });
  status.setAttribute("role", "status");
  const list = element("ul", { className: "search-results" });
  const close = element("button", { type: "button", className: "big-button" }, "Close");
  const dialog = element("dialog", { className: "search" }, element("div", { className: "search-line" }, input, close), status, list);
  dialog.setAttribute("aria-label", "Search the book");
  document.body.append(dialog);

  function result({ page, title, href, text }, parts) {
    const link = element("a", { href: path_to_root + href }, element("b", {}, title));
    if (title !== page) link.append(element("span", {}, page));
    link.addEventListener("click", () => dialog.close());
    return element("li", {}, link, excerpt(text, parts));
  }

  async function find() {
    const query = input.value;
    const parts = words(query);
    if (parts.length === 0) {
      status.textContent = "";
      list.replaceChildren();
      return;
    }
    let all;
    try {
      all = await load();
    } catch {
      status.textContent = "This copy of the book has no search index: `cargo book build` makes one.";
      return;
    }
    if (query !== input.value) return; // typed on in the meantime
    const scored = all.map((section) => ({ section, points: score(section, query, parts) }));
    const found = scored.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
    const many = found.length === 1 ? "1 section" : `${found.length} sections`;
    status.textContent = found.length === 0 ? `Nothing found for “${query}”. Try fewer letters.` : many;
    list.replaceChildren(...found.slice(0, MOST).map(({ section }) => result(section, parts)));
  }

  function open() {
    if (!dialog.open) dialog.showModal();
    input.focus();
    input.select();
    load().catch(() => {}); // find() says it
  }

  input.addEventListener("input", find);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // outside of what it shows
  });
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else mdBook turns the page
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (event.key === "Enter" && event.target === input) links[0]?.click();
    if (to === undefined) return;
    event.preventDefault();
    (links[to] ?? (to < 0 ? input : links.at(-1)))?.focus();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !["/", "s", "S"].includes(event.key)) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("#search-open, [data-search]")) open();
  });
})();
