// Places in a file: where a listing is, and what a compiler or a panic names.

const { element } = window.manyHands;
const PLACE = /((?:[\w./-]*\/)?\w+\.rs):(\d+):(\d+)/g; // path, line, column
const ERROR = /^error.*\n\s*--> ([\w./-]+\.rs):(\d+)/gm;

// The line where a text has these lines, whatever their indentation. `undefined` if it hasn't.
export function lineOf(listing, text) {
  const plain = (text) => text.split("\n").map((line) => line.trim());
  const [wanted, all] = [plain(listing.trim()), plain(text)];
  const at = all.findIndex((_, n) => wanted.every((line, m) => all[n + m] === line));
  return at < 0 ? undefined : at + 1;
}

// The path and the line of each error of a compiler.
export const errors = (text) => [...text.matchAll(ERROR)].map(([, path, line]) => ({ path, line: Number(line) }));

// Makes the places in an output lead there: `lead` says for a path how, or nothing if it isn't known.
export function link(output, lead) {
  output.normalize();
  const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = [];
    let end = 0;
    for (const found of text.data.matchAll(PLACE)) {
      const [whole, path, line, column] = found;
      const go = lead(path);
      if (!go) continue;
      const place = element("button", { type: "button", className: "editor-place" }, whole);
      place.addEventListener("click", () => go(Number(line), Number(column)));
      parts.push(text.data.slice(end, found.index), place);
      end = found.index + whole.length;
    }
    if (parts.length) text.replaceWith(...parts, text.data.slice(end));
  }
}
