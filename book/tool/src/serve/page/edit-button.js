// The button beside Run and Check that opens an editor. There is one editor for each step and each answer; it is in the
// panel that asked for it last. It is loaded when somebody presses the button.
"use strict";

(() => {
  // Moves something with all that it holds: an editor in it keeps its focus and its place, if the browser can.
  function move(what, parent, before = null) {
    const [held, at] = [document.activeElement, [...what.querySelectorAll(".editor-box, pre")].map((box) => [box, box.scrollTop])];
    if (what.isConnected && parent.moveBefore) parent.moveBefore(what, before);
    else parent.insertBefore(what, before);
    for (const [box, top] of at) box.scrollTop = top;
    if (what.contains(held)) held.focus({ preventScroll: true });
  }

  const editors = new Map(); // by their source: a promise of { editor, owner }

  function editorOf(source, post) {
    if (!editors.has(source)) {
      const held = { owner: null };
      const opened = import("/-/edit.js").then(({ open }) =>
        open(source, {
          post,
          run: () => held.owner?.run(),
        }),
      );
      editors.set(source, opened.then((editor) => Object.assign(held, { editor })));
      opened.catch(() => editors.delete(source)); // another press tries again
    }
    return editors.get(source);
  }

  // Makes a panel's button open and close the editor. Returns what says which editor is open in the panel, if any.
  function editable(source, { section, form, edit, post }, changed) {
    let held = null;
    const panel = {
      run: () => form.requestSubmit(),
      label() {
        edit.textContent = held?.owner === panel ? "✕ Close" : "✎ Edit";
        edit.setAttribute("aria-expanded", held?.owner === panel);
      },
      leave() {
        held.owner = null;
        held = null;
        panel.label();
        changed(null);
      },
    };
    async function open(isWanted) {
      edit.disabled = true;
      const found = await editorOf(source, post).catch((error) => void form.querySelector(".run-status").replaceChildren(error.message));
      edit.disabled = false;
      if (!found) return;
      found.owner?.leave();
      held = Object.assign(found, { owner: panel });
      const { editor } = held;
      editor.section.hidden = false;
      move(editor.section, section, form);
      panel.label();
      changed(editor);
      if (editor.isCopy) listings(section).some((code) => editor.showListing(code.textContent));
      if (isWanted) editor.focus();
    }
    edit.addEventListener("click", () => {
      if (!held) return open(true);
      held.editor.section.hidden = true;
      panel.leave();
    });
    panel.label();
    if (hasDraft(source) && !editors.has(source)) open(false);
    return () => held?.editor;
  }

  // The listings of the page: first those above the panel, the nearest one first.
  function listings(section) {
    const all = [...document.querySelectorAll("main pre > code.language-rust")];
    const isAbove = (code) => code.compareDocumentPosition(section) & Node.DOCUMENT_POSITION_FOLLOWING;
    return [...all.filter(isAbove).reverse(), ...all.filter((code) => !isAbove(code))];
  }

  // Whether something was left unsaved when the page was closed or loaded again.
  function hasDraft(source) {
    try {
      return Object.keys(localStorage).some((name) => name.startsWith(`many-hands-draft ${source} `));
    } catch {
      return false;
    }
  }

  Object.assign(window.manyHands, { move, editable });
})();
