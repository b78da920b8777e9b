// What a reader edits in a page: the scratch copy of a step, or the answer to a challenge. Its files are read from the
// server and saved there.
import { editor } from "/-/editor.js";
import { errors, lineOf, link } from "/-/places.js";

const { element } = window.manyHands;

const style = element("link", { rel: "stylesheet", href: "/-/edit.css" });
const styled = new Promise((done) => ["load", "error"].forEach((end) => style.addEventListener(end, done, { once: true })));
document.head.append(style);

// What isn't saved yet is kept in this browser, so that a reload loses nothing.
const drafts = {
  name: (source, file) => `many-hands-draft ${source} ${file}`,
  read(source, file) {
    try {
      return JSON.parse(localStorage.getItem(drafts.name(source, file)));
    } catch {
      return null;
    }
  },
  write(source, file, draft) {
    try {
      if (draft) localStorage.setItem(drafts.name(source, file), JSON.stringify(draft));
      else localStorage.removeItem(drafts.name(source, file));
    } catch {} // where nothing may be stored, nothing is kept
  },
};

function button(text, act) {
  const made = element("button", { type: "button", className: "run-button" }, text);
  made.addEventListener("click", act);
  return made;
}

// The files of a source, as the server has them. `post` sends a request.
function server(source, post) {
  const ask = async (address, body) => {
    const answer = await post(address, body);
    if (answer.ok) return answer;
    throw Object.assign(new Error((await answer.text()).trim()), { status: answer.status });
  };
  return {
    async read() {
      const { files } = await (await ask("/-/source", { name: source })).json();
      return files.map((file) => ({ ...file, text: file.text.replaceAll("\r\n", "\n") })); // as a text area has it
    },
    // Returns the new version. An error has the status of the answer.
    async save(file, text, version) {
      return (await (await ask("/-/save", { name: source, file, text, version })).json()).version;
    },
    compare: async (before, after) => (await ask("/-/compare", { old: before, new: after })).text(),
  };
}

let made = 0;

// The editor of a source. `run` presses the button of its panel.
export async function open(source, { post, run }) {
  const isCopy = !source.startsWith("challenge ");
  const { read, save, compare } = server(source, post);
  const [found] = await Promise.all([read(), styled]);

  /* What there is to see. */

  const hint = element("p", { className: "editor-hint", id: `editor-hint-${++made}` });
  hint.textContent = `Tab indents; Esc, then Tab, leaves. Ctrl+Enter ${isCopy ? "runs your copy" : "checks it"}, Ctrl+S saves.`;
  const status = element("span", { className: "editor-status", role: "status" });
  const [saves, compares] = [button("Save", saveAll), button("", showChanges)];
  const resets = button("Reset", () => now.edit.replace(now.original));
  const bar = element("div", { className: "editor-bar" }, status, saves, compares, resets);
  const conflict = element("div", { className: "editor-conflict", hidden: true });
  conflict.setAttribute("role", "alert");
  const changes = element("pre", { className: "changed-lines", hidden: true, tabIndex: 0 });
  changes.setAttribute("role", "region");
  changes.setAttribute("aria-label", "What you changed");
  const files = found.map(opened);
  const tabs = element("div", { className: "editor-tabs", hidden: files.length < 2 });
  tabs.append(...files.map(({ tab }) => tab));
  const section = element("div", { className: "editor" }, tabs, ...files.map(({ edit }) => edit.box), hint, bar, conflict, changes);
  let now = files[0];

  function opened({ name, text, original, version, place }) {
    const left = drafts.read(source, name);
    const draft = left?.text === text ? null : left; // if not, it was saved elsewhere
    const label = `${name}, your ${isCopy ? "copy" : "answer"}`;
    const changed = () => {
      keep(file);
      say();
    };
    const edit = editor({ label, text: draft?.text ?? text, hint: hint.id, save: saveAll, run, changed });
    const tab = button(name, () => choose(file));
    tab.className = "editor-tab";
    const file = { name, original, place, edit, tab, saved: text, version: draft?.version ?? version };
    return file;
  }

  const isSaved = ({ edit, saved }) => edit.text() === saved;
  const isOriginal = ({ edit, original }) => edit.text() === original;
  const keep = (file) => drafts.write(source, file.name, isSaved(file) ? null : { text: file.edit.text(), version: file.version });

  // Shows one file, and what can be done with it.
  function choose(file) {
    now = file;
    for (const other of files) {
      other.edit.box.hidden = other !== file;
      other.tab.setAttribute("aria-pressed", other === file);
    }
    say();
  }

  function state() {
    if (!files.every(isSaved)) return "Not saved yet";
    if (!files.every(isOriginal)) return `Saved in ${isCopy ? now.place.replace(/[^/]+$/, "") : now.place}`;
    if (!isCopy) return "The beginning, as in the book.";
    return "As in the book. A change goes to a copy of your own, and examples/ stays as it is.";
  }

  // Says what is true of the files now.
  function say() {
    for (const file of files) file.tab.textContent = isSaved(file) ? file.name : `${file.name} •`;
    if (status.textContent !== state()) status.textContent = state();
    saves.disabled = files.every(isSaved);
    compares.disabled = resets.disabled = isOriginal(now);
    compares.textContent = "What I changed";
    changes.hidden = true;
  }

  async function showChanges() {
    if (!changes.hidden) return say();
    await difference(now.original, now.edit.text());
    compares.textContent = "Hide what I changed";
  }

  async function difference(before, after) {
    changes.innerHTML = await compare(before, after); // escaped by the server
    changes.hidden = false;
  }

  /* The file on disk is the reader's, and so is another editor in which it may be open. */

  // Saves what has changed, and says whether all is saved now.
  async function saveAll() {
    try {
      for (const file of files.filter((file) => !isSaved(file))) {
        if (!(await saveOne(file))) return false;
      }
    } catch (error) {
      status.textContent = `Not saved: ${error.message}`;
      return false;
    }
    conflict.hidden = true;
    return true;
  }

  async function saveOne(file) {
    const text = file.edit.text();
    try {
      take(file, { text, version: await save(file.name, text, file.version) });
      return true;
    } catch (error) {
      if (error.status !== 409) throw error;
    }
    const theirs = (await read()).find(({ name }) => name === file.name);
    if (theirs.text === text) take(file, theirs);
    else ask(file, theirs);
    return theirs.text === text;
  }

  // The file is now as it is on disk.
  function take(file, { text, version }) {
    Object.assign(file, { saved: text, version });
    keep(file);
    say();
  }

  // There are two versions of a file: the reader says which one stays.
  function ask(file, theirs) {
    choose(file);
    const over = (choice) => () => {
      conflict.hidden = true;
      choice();
      file.edit.area.focus();
    };
    conflict.replaceChildren(
      element("p", {}, `${file.place} has changed on disk since it was opened here, so nothing was saved.`),
      button("Compare", () => difference(theirs.text, file.edit.text())),
      button("Take what is on disk", over(() => {
        file.edit.replace(theirs.text);
        take(file, theirs);
      })),
      button("Keep what is here", over(() => {
        file.version = theirs.version;
        saveAll();
      })),
    );
    conflict.hidden = false;
  }

  // Shows what was changed elsewhere, unless something is unsaved here: then saving notices it.
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

  /* Places in the files. */

  // Shows where a listing is, and says whether it is from here.
  function showListing(listing) {
    const file = files.find(({ original }) => lineOf(listing, original));
    if (!file) return false;
    choose(file);
    const line = lineOf(listing, file.edit.text());
    if (line) file.edit.go(line);
    return true;
  }

  // The file of a path that was printed. A copy is compiled in its own folder, so another folder is another file.
  const named = (path) => files.find(({ name }) => (isCopy ? path : path.split("/").at(-1)) === name);

  // Makes what a compiler or a program has printed lead to its places.
  function linkTo(output) {
    for (const { path, line } of errors(output.textContent)) named(path)?.edit.mark(line);
    link(output, (path) => {
      const file = named(path);
      return file && ((line, column) => {
        choose(file);
        file.edit.go(line, column);
      });
    });
  }

  choose(now);
  return { section, saveAll, showListing, link: linkTo, focus: () => now.edit.area.focus({ preventScroll: true }), isCopy };
}
