// What a reader edits in a page: the scratch copy of a step, or the answer to a challenge. Its files are read from the
// server and saved there; what isn't saved yet is kept in this browser.
import { editor } from "/-/editor.js";

const { element } = window.manyHands;
const DRAFT = "many-hands-draft";

const style = element("link", { rel: "stylesheet", href: "/-/edit.css" });
const styled = new Promise((done) => style.addEventListener("load", done, { once: true }));
document.head.append(style);

const drafts = (source) => `${DRAFT} ${source} `;
let made = 0;

// The editor of a source. `post` asks the server, and `run` presses the button of the panel.
export async function open(source, { post, run }) {
  const isCopy = !source.startsWith("challenge ");
  const ask = async (address, body) => {
    const answer = await post(address, body);
    if (answer.ok) return answer;
    throw Object.assign(new Error((await answer.text()).trim()), { status: answer.status });
  };
  const read = async () => {
    const { files } = await (await ask("/-/source", { name: source })).json();
    return files.map((file) => ({ ...file, text: file.text.replaceAll("\r\n", "\n") })); // as a text area has it
  };
  const [found] = await Promise.all([read(), styled]);

  const button = (text, act) => {
    const made = element("button", { type: "button", className: "run-button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const status = element("span", { className: "editor-status", role: "status" });
  const compare = button("What I changed", showChanges);
  const reset = button("Reset", () => now.edit.replace(now.original));
  const save = button("Save", () => saveAll());
  const bar = element("div", { className: "editor-bar" }, status, save, compare, reset);
  const conflict = element("div", { className: "editor-conflict", hidden: true });
  conflict.setAttribute("role", "alert");
  const changes = element("pre", { className: "changed-lines", hidden: true, tabIndex: 0 });
  changes.setAttribute("role", "region");
  changes.setAttribute("aria-label", "What you changed");
  const hint = element("p", { className: "editor-hint", id: `editor-hint-${++made}` });
  hint.textContent = `Tab indents; Esc, then Tab, leaves. Ctrl+Enter ${isCopy ? "runs your copy" : "checks it"}, Ctrl+S saves.`;
  const files = found.map(file);
  const tabs = element("div", { className: "editor-tabs", hidden: files.length < 2 });
  tabs.append(...files.map(({ tab }) => tab));
  const boxes = files.map(({ edit }) => edit.box);
  const section = element("div", { className: "editor" }, tabs, ...boxes, hint, bar, conflict, changes);
  let now = files[0];

  function file({ name, text, original, version, place }) {
    const draft = kept(name);
    const made = {
      name, original, version, place,
      saved: text,
      tab: button(name, () => choose(made)),
      edit: editor({
        label: isCopy ? `${name}, your copy` : `${name}, your answer`,
        text: draft?.text ?? text,
        hint: hint.id,
        save: () => saveAll(),
        run,
        changed: () => {
          keep(made);
          say();
        },
      }),
    };
    if (draft) made.version = draft.version;
    made.tab.className = "editor-tab";
    return made;
  }

  const isSaved = ({ edit, saved }) => edit.text() === saved;
  const isOriginal = ({ edit, original }) => edit.text() === original;

  // Shows one file, and what can be done with it.
  function choose(file) {
    now = file;
    for (const other of files) {
      other.edit.box.hidden = other !== file;
      other.tab.setAttribute("aria-pressed", other === file);
    }
    changes.hidden = true;
    say();
  }

  // What is true of the files now.
  function say() {
    for (const file of files) file.tab.textContent = isSaved(file) ? file.name : `${file.name} •`;
    const all = files.every(isSaved);
    const places = isCopy ? now.place.replace(/[^/]+$/, "") : now.place;
    const original = isCopy ? "As in the book. A change goes to a copy of your own, and examples/ stays as it is." : "The beginning, as in the book.";
    const text = all ? (files.every(isOriginal) ? original : `Saved in ${places}`) : "Not saved yet";
    if (status.textContent !== text) status.textContent = text;
    save.disabled = all;
    compare.disabled = reset.disabled = isOriginal(now);
    if (!changes.hidden) changes.hidden = true;
    compare.textContent = "What I changed";
  }

  async function showChanges() {
    if (changes.hidden) {
      await difference(now.original, now.edit.text());
      compare.textContent = "Hide what I changed";
    } else {
      say();
    }
  }

  async function difference(before, after) {
    changes.innerHTML = await (await ask("/-/compare", { old: before, new: after })).text(); // escaped by the server
    changes.hidden = false;
  }

  /* Unsaved text outlives the page: a reload loses nothing. */

  function keep(file) {
    try {
      const name = drafts(source) + file.name;
      if (isSaved(file)) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ text: file.edit.text(), version: file.version }));
    } catch {} // where nothing may be stored, nothing is kept
  }

  function kept(name) {
    try {
      return JSON.parse(localStorage.getItem(drafts(source) + name));
    } catch {
      return null;
    }
  }

  /* The file on disk is the reader's, and so is another editor in which it may be open. */

  // Saves what has changed, and says whether all is saved now.
  async function saveAll() {
    for (const file of files.filter((file) => !isSaved(file))) {
      const text = file.edit.text();
      try {
        const answer = await ask("/-/save", { name: source, file: file.name, text, version: file.version });
        Object.assign(file, { saved: text, version: (await answer.json()).version });
        keep(file);
      } catch (error) {
        if (error.status === 409) await meet(file);
        else status.textContent = `Not saved: ${error.message}`;
        return false;
      }
    }
    conflict.hidden = true;
    say();
    return true;
  }

  // Two versions of a file: the reader says which one stays.
  async function meet(file) {
    choose(file);
    const theirs = (await read()).find(({ name }) => name === file.name);
    if (theirs.text === file.edit.text()) {
      take(file, theirs);
      return;
    }
    const over = (choice) => () => {
      conflict.hidden = true;
      choice();
      file.edit.area.focus();
    };
    conflict.replaceChildren(
      element("p", {}, `${file.place} has changed on disk since it was opened here, so nothing was saved. `),
      button("Compare", () => difference(theirs.text, file.edit.text())),
      button("Take what is on disk", over(() => {
        file.edit.replace(theirs.text);
        take(file, theirs);
      })),
      button("Keep what is here", over(async () => {
        file.version = theirs.version;
        await saveAll();
      })),
    );
    conflict.hidden = false;
  }

  function take(file, { text, version }) {
    Object.assign(file, { saved: text, version });
    keep(file);
    say();
  }

  // What was changed elsewhere is shown, unless something is unsaved here: then saving notices it.
  async function look() {
    if (document.hidden || section.hidden || !section.isConnected) return;
    for (const theirs of await read().catch(() => [])) {
      const mine = files.find(({ name }) => name === theirs.name);
      if (!mine || mine.version === theirs.version || !isSaved(mine)) continue;
      const focused = document.activeElement;
      mine.edit.replace(theirs.text);
      focused?.focus({ preventScroll: true });
      take(mine, theirs);
    }
  }
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);

  // Shows the part of a file that a listing has.
  function showListing(listing) {
    const plain = (text) => text.split("\n").map((line) => line.trim());
    const wanted = plain(listing.trim());
    for (const file of files) {
      const all = plain(file.original);
      const at = all.findIndex((_, n) => wanted.every((line, m) => all[n + m] === line));
      if (at < 0) continue;
      choose(file);
      if (isOriginal(file)) file.edit.go(at + 1);
      return true;
    }
    return false;
  }

  // Makes the places that a compiler or a panic names lead to their lines.
  function link(output) {
    output.normalize();
    for (const [, name, line] of output.textContent.matchAll(/^error.*\n\s*--> (?:[\w./-]*\/)?(\w+\.rs):(\d+)/gm)) {
      files.find((file) => file.name === name)?.edit.mark(Number(line));
    }
    const places = /(?:[\w./-]*\/)?(\w+\.rs):(\d+):(\d+)/g;
    const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      const parts = [];
      let end = 0;
      for (const found of text.data.matchAll(places)) {
        const [whole, name, line, column] = found;
        const file = files.find((file) => file.name === name);
        if (!file) continue;
        const lead = button(whole, () => {
          choose(file);
          file.edit.go(Number(line), Number(column));
        });
        lead.className = "editor-place";
        parts.push(text.data.slice(end, found.index), lead);
        end = found.index + whole.length;
      }
      if (parts.length) text.replaceWith(...parts, text.data.slice(end));
    }
  }

  choose(now);
  return { section, saveAll, showListing, link, focus: () => now.edit.area.focus({ preventScroll: true }), isCopy };
}
