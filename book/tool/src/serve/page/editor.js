// A small editor of Rust: a text area, which the browser gives its keys, its undo and its accessibility, over the same
// text in colours. It knows nothing of files. A page loads it when it is wanted.

const { element } = window.manyHands;
const INDENT = "    ";

// The HTML of each line. A comment or a string that goes on in the next line is closed in between.
function lines(text) {
  const open = [];
  return hljs.highlight(text, { language: "rust", ignoreIllegals: true }).value.split("\n").map((line) => {
    const start = open.join("");
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g)) {
      if (tag === "</span>") open.pop();
      else open.push(tag);
    }
    return start + line + "</span>".repeat(open.length);
  });
}

// An editor for `text`. It calls `changed` after each change, `save` and `run` for their keys.
export function editor({ label, text, hint, changed, save, run }) {
  const area = element("textarea", { className: "editor-text", spellcheck: false, autocapitalize: "off", autocomplete: "off", value: text });
  area.setAttribute("aria-label", label);
  area.setAttribute("aria-describedby", hint);
  area.setAttribute("autocorrect", "off");
  const shown = element("div", { className: "editor-shown hljs" });
  shown.setAttribute("aria-hidden", "true");
  const box = element("div", { className: "editor-box" }, shown, area);

  let drawn = [];
  function draw() {
    const now = lines(area.value);
    while (shown.children.length > now.length) shown.lastChild.remove();
    now.forEach((html, n) => {
      const line = shown.children[n] ?? shown.appendChild(element("div"));
      line.classList.remove("is-wrong");
      if (drawn[n] !== html) line.innerHTML = html; // escaped by highlight.js
    });
    drawn = now;
  }

  // Puts something in the place of what is selected, so that the browser can undo it.
  function put(text) {
    document.execCommand(text ? "insertText" : "delete", false, text);
  }

  const startOf = (at) => area.value.lastIndexOf("\n", at - 1) + 1;

  // The lines of the selection, each as `change` makes it, and selected again.
  function changeLines(change) {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const start = startOf(from);
    const end = value.indexOf("\n", Math.max(start, to > from && value[to - 1] === "\n" ? to - 1 : to));
    const old = value.slice(start, end < 0 ? value.length : end);
    const now = old.split("\n").map(change).join("\n");
    if (now === old) return;
    area.setSelectionRange(start, start + old.length);
    put(now);
    const first = now.split("\n")[0].length - old.split("\n")[0].length;
    if (from === to) area.setSelectionRange(Math.max(start, from + first), Math.max(start, from + first));
    else area.setSelectionRange(start, start + now.length);
  }

  const indent = (line) => (line.trim() ? INDENT + line : line);
  const outdent = (line) => line.replace(/^ {1,4}/, "");

  function comment() {
    const { selectionStart: from, selectionEnd: to, value } = area;
    const chosen = value.slice(startOf(from), to).split("\n").filter((line) => line.trim());
    const isComment = chosen.length > 0 && chosen.every((line) => /^\s*\/\//.test(line));
    changeLines((line) => (isComment ? line.replace(/^(\s*)\/\/ ?/, "$1") : line.replace(/^(\s*)(?=\S)/, "$1// ")));
  }

  function newLine() {
    const { selectionStart: at, selectionEnd: to, value } = area;
    const before = value.slice(startOf(at), at);
    const space = /^\s*/.exec(before)[0];
    const opens = /[{([]\s*$/.test(before);
    const closes = opens && /^\s*[})\]]/.test(value.slice(to));
    put(`\n${space}${opens ? INDENT : ""}${closes ? `\n${space}` : ""}`);
    if (closes) area.setSelectionRange(area.selectionStart - space.length - 1, area.selectionStart - space.length - 1);
  }

  let leaves = false; // Escape was pressed, and the next Tab leaves
  area.addEventListener("keydown", (event) => {
    event.stopPropagation(); // else mdBook turns the page
    const { key, shiftKey, isComposing } = event;
    const command = event.ctrlKey || event.metaKey;
    const wasLeaving = leaves;
    leaves = key === "Escape" || (leaves && key === "Shift");
    if (isComposing || event.altKey) return;
    const { selectionStart: from, selectionEnd: to, value } = area;
    const before = value.slice(startOf(from), from);
    const actions = {
      Tab: () => {
        if (shiftKey) changeLines(outdent);
        else if (value.slice(from, to).includes("\n")) changeLines(indent);
        else put(INDENT.slice(before.length % INDENT.length));
      },
      Enter: newLine,
      Backspace: () => {
        area.setSelectionRange(from - (before.length % INDENT.length || INDENT.length), from);
        put("");
      },
      "}": () => {
        area.setSelectionRange(from - INDENT.length, to);
        put("}");
      },
    };
    const commands = { s: save, Enter: run, "/": comment };
    const isBlank = from === to && before.length > 0 && !before.trim();
    const applies = { Tab: !wasLeaving, Backspace: isBlank && !shiftKey, "}": isBlank && before.length >= INDENT.length }[key] ?? true;
    const act = command ? commands[key] : applies && actions[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  area.addEventListener("blur", () => (leaves = false));
  area.addEventListener("input", () => {
    draw();
    changed();
  });
  draw();
  area.setSelectionRange(0, 0);

  return {
    box,
    area,
    text: () => area.value,
    // Replaces the text, in a way that can be undone.
    replace(text) {
      area.focus({ preventScroll: true });
      if (document.activeElement === area) {
        area.select();
        put(text);
        area.setSelectionRange(0, 0);
      } else {
        area.value = text; // of a file that isn't shown
        draw();
        changed();
      }
    },
    // Brings a line into view, with the caret in it. The editor gets the focus if a column is given.
    go(line, column) {
      const target = shown.children[Math.min(line, shown.children.length) - 1];
      box.scrollTop = target.offsetTop - box.clientHeight / 4;
      const all = area.value.split("\n");
      const start = all.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
      const at = start + Math.min((column ?? 1) - 1, all[line - 1]?.length ?? 0);
      area.setSelectionRange(at, at);
      if (column === undefined) return;
      area.focus({ preventScroll: true });
      box.scrollIntoView({ block: "nearest" });
    },
    mark: (line) => shown.children[line - 1]?.classList.add("is-wrong"),
  };
}
