// What a page adds for readers with a script: Python one tab away, timelines to look into, and a pool to try with
// other numbers. Without it the page says the same, one thing after the other. Nothing is asked of any server.
"use strict";

window.manyHands = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const drawn = (name, attributes = {}, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(text);
    return made;
  };

  /* Python beside Rust: a tab each, and one choice for all pages. */

  const CHOICE = "many-hands-language";
  const twins = [];

  function twin(box) {
    const panels = [...box.children].filter((child) => child.dataset.language);
    if (panels.length < 2) return;
    const list = element("div", { className: "twin-tabs" });
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Language");
    const tabs = panels.map((panel) => {
      const language = panel.dataset.language;
      panel.id = `twin-${twins.length + 1}-${language.toLowerCase().replaceAll(" ", "-")}`;
      const tab = element("button", { type: "button", id: `${panel.id}-tab`, textContent: language });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      tab.addEventListener("click", () => choose(language, list));
      panel.addEventListener("beforematch", () => choose(language, list)); // found by the browser's search
      return tab;
    });
    list.append(...tabs);
    list.addEventListener("keydown", (event) => {
      const now = tabs.indexOf(event.target);
      const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation(); // else mdBook turns the page
      const tab = tabs[(to + tabs.length) % tabs.length];
      tab.click();
      tab.focus();
    });
    box.prepend(list);
    box.classList.add("has-tabs");
    twins.push({ panels, tabs });
  }

  // The reader's choice. The tabs that were used stay where they are on the screen.
  function choose(language, list) {
    const before = list.getBoundingClientRect().top;
    show(language);
    window.scrollBy({ top: list.getBoundingClientRect().top - before, behavior: "instant" });
    try {
      localStorage.setItem(CHOICE, language);
    } catch {} // where nothing may be stored, nothing is remembered
  }

  // Shows a language everywhere; the first one, where there is none of this name.
  function show(language) {
    for (const { panels, tabs } of twins) {
      const chosen = Math.max(0, panels.findIndex((panel) => panel.dataset.language === language));
      panels.forEach((panel, n) => {
        if (n === chosen) panel.removeAttribute("hidden");
        else panel.setAttribute("hidden", "until-found");
        tabs[n].setAttribute("aria-selected", n === chosen);
        tabs[n].tabIndex = n === chosen ? 0 : -1;
      });
    }
  }

  function remembered() {
    try {
      return localStorage.getItem(CHOICE);
    } catch {
      return null;
    }
  }

  /* Timelines to look into: what is under the pointer, the finger or the focus, in a box beside it. */

  // What a bar or a mark says, as the picture wrote it for everybody: its name, and lines about it.
  function told(title) {
    const bar = /^(.+), ([^,]+): (starts at [^,]+), (takes [^,]+)(?:, ((?:computes|stolen) .+))?$/.exec(title);
    if (bar) return { name: bar[1], lines: bar.slice(2).filter(Boolean) };
    const many = /^(\d+ spans), ([^,]+): (from [^,]+, within [^,]+), (busy .+)$/.exec(title);
    if (many) return { name: many[1], lines: many.slice(2) };
    return { name: title, lines: [] };
  }

  // Where the middle of a bar or a mark is, in units of the picture.
  function middle(item) {
    const rect = item.querySelector("rect");
    if (rect) {
      const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
      return { x: x + width / 2, y: y + height / 2 };
    }
    const [, x, y] = /^M([\d.]+) ([\d.]+)/.exec(item.getAttribute("d"));
    return { x: Number(x) + 5, y: Number(y) };
  }

  function lookInto(svg, figure) {
    const box = figure.querySelector(".mh-box") ?? figure.appendChild(element("div", { className: "mh-box", hidden: true }));
    box.setAttribute("aria-hidden", "true"); // what it says is the name of what has the focus
    const rows = [...svg.querySelectorAll(".mh-track")].map((track) => middle({ querySelector: () => track }).y);
    const items = [...svg.querySelectorAll("g, .mh-mark")].flatMap((item) => {
      const title = item.querySelector("title");
      if (!title) return [];
      const { x, y } = middle(item);
      const away = rows.map((row) => Math.abs(row - y));
      const text = title.textContent;
      title.remove(); // it would come up beside the box
      item.setAttribute("role", "img");
      item.setAttribute("aria-label", text);
      item.setAttribute("tabindex", -1);
      return [{ item, text, x, row: away.indexOf(Math.min(...away)) }];
    });
    if (items.length === 0) return;
    items.sort((a, b) => a.row - b.row || a.x - b.x);
    items[0].item.setAttribute("tabindex", 0);

    const name = svg.querySelector(":scope > title");
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `${name?.textContent ?? "Timeline"}. The arrow keys move from bar to bar`);
    name?.remove();

    const of = (target) => items.find(({ item }) => item.contains(target));
    const show = ({ item, text }) => {
      const { name, lines } = told(text);
      const about = pictured(text);
      const pictures = element("span", { className: "mh-box-pictures" }, ...likenesses(about));
      box.replaceChildren(element("b", {}, name), ...lines.map((line) => element("span", {}, line)), pictures);
      pointAt(about);
      box.hidden = false;
      const [at, frame] = [item.getBoundingClientRect(), figure.getBoundingClientRect()];
      const left = at.left + at.width / 2 - frame.left - box.offsetWidth / 2;
      box.style.left = `${Math.max(0, Math.min(left, frame.width - box.offsetWidth))}px`;
      const above = at.top - box.offsetHeight - 8;
      box.style.top = `${(above > 60 ? above : at.bottom + 8) - frame.top}px`; // mdBook's bar is up there
    };
    const hide = () => {
      box.hidden = true;
      pointAt();
      const focused = of(document.activeElement);
      if (focused) show(focused);
    };
    svg.addEventListener("pointerover", (event) => {
      const found = of(event.target);
      if (found) show(found);
      else hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("click", (event) => of(event.target)?.item.focus()); // a finger does not hover
    svg.addEventListener("focusin", (event) => {
      const found = of(event.target);
      if (!found) return;
      items.forEach(({ item }) => item.setAttribute("tabindex", item === found.item ? 0 : -1));
      show(found);
    });
    svg.addEventListener("focusout", () => {
      box.hidden = true;
      pointAt();
    });
    svg.addEventListener("keydown", (event) => {
      const now = items.indexOf(of(event.target));
      if (now < 0) return;
      if (event.key === "Escape") box.hidden = true;
      const { row, x } = items[now];
      const nearest = (rows) => {
        const found = rows.find((n) => items.some((item) => item.row === n));
        const there = items.filter((item) => item.row === found);
        return there.sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x))[0];
      };
      const beside = (n) => (items[n]?.row === row ? items[n] : undefined);
      const moves = {
        ArrowLeft: () => beside(now - 1),
        ArrowRight: () => beside(now + 1),
        ArrowUp: () => nearest(rows.map((_, n) => row - 1 - n)),
        ArrowDown: () => nearest(rows.map((_, n) => row + 1 + n)),
        Home: () => items[0],
        End: () => items.at(-1),
      };
      if (!moves[event.key]) return;
      event.preventDefault();
      event.stopPropagation(); // else mdBook turns the page
      moves[event.key]()?.item.focus();
    });
  }

  /* The pictures that a run worked on, and its bars: point at one, and see the other. */

  // The picture that a bar is about. `download half-moon.png` and `save processed_half-moon.png` are about half-moon.
  function pictured(text) {
    return /^\S+ (?:processed_)?([^\s,]+)\.\w+, /.exec(text)?.[1];
  }

  const buttonsOf = (name) => [...document.querySelectorAll(".mh-pictures button")].filter((b) => b.dataset.picture === name);

  // How a picture looks, for the box beside a bar.
  function likenesses(name) {
    const images = name ? (buttonsOf(name)[0]?.querySelectorAll("img") ?? []) : [];
    return [...images].map((image) => element("img", { src: image.src, alt: "" }));
  }

  const barsOf = (name) =>
    [...document.querySelectorAll("figure.timeline > svg g[aria-label]")].filter(
      (bar) => pictured(bar.getAttribute("aria-label")) === name,
    );

  // Marks all that is about a picture; nothing, if there is none. If `alone`, the other bars turn pale.
  function pointAt(name, alone = false) {
    document.querySelectorAll(".mh-same, .mh-pale").forEach((marked) => marked.classList.remove("mh-same", "mh-pale"));
    if (!name) return;
    const bars = barsOf(name);
    for (const marked of [...bars, ...buttonsOf(name)]) marked.classList.add("mh-same");
    if (alone) bars.forEach((bar) => bar.ownerSVGElement.classList.add("mh-pale"));
  }

  function pictures() {
    const under = (event) => event.target.closest?.(".mh-pictures button");
    for (const [comes, goes] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
      document.addEventListener(comes, (event) => under(event) && pointAt(under(event).dataset.picture, true));
      document.addEventListener(goes, (event) => under(event) && pointAt());
    }
    // Enter leads from a picture to its first bar that is shown, and from a bar to its picture.
    document.addEventListener("click", (event) => {
      const shown = under(event) && barsOf(under(event).dataset.picture).find((bar) => bar.getClientRects().length > 0);
      shown?.focus();
    });
    document.addEventListener("keydown", (event) => {
      const bar = event.key === "Enter" && event.target.closest?.("figure.timeline g[aria-label]");
      const button = bar && buttonsOf(pictured(bar.getAttribute("aria-label"))).at(0);
      if (!button) return;
      event.preventDefault(); // else this Enter would press the button, too
      button.focus();
    });
  }

  // Pictures of the reader's own run, with the originals that the page has already.
  function strip(made) {
    const buttons = made.map(({ name, thumbnail }) => {
      const original = likenesses(name).at(0);
      const images = [original ?? [], element("img", { src: thumbnail, alt: "its thumbnail" })].flat();
      return element("button", { type: "button" }, ...images, element("span", {}, name.replaceAll("-", " ")));
    });
    buttons.forEach((button, n) => (button.dataset.picture = made[n].name));
    return element("div", { className: "mh-pictures" }, ...buttons);
  }

  /* What if: the tasks of a pool again, with other numbers. */

  // The pool's own rule. There is one queue; the worker that is free first takes the next chunk, in the order of
  // the inputs. A task is [name, from, length][], in seconds from its start.
  function schedule(tasks, workers, chunk) {
    const free = new Array(workers).fill(0);
    const placed = [];
    for (let first = 0; first < tasks.length; first += chunk) {
      const worker = free.indexOf(Math.min(...free));
      for (let task = first; task < Math.min(first + chunk, tasks.length); task++) {
        placed.push({ task, worker, start: free[worker] });
        free[worker] += length(tasks[task]);
      }
    }
    return { placed, seconds: Math.max(...free) };
  }

  const length = (task) => Math.max(...task.map(([, from, length]) => from + length));
  const sum = (tasks) => tasks.reduce((sum, task) => sum + length(task), 0);

  // What no schedule beats: the longest chunk stays in one piece, and the work is as much as it is.
  function bound(tasks, workers, chunk) {
    let longest = { seconds: 0, tasks: [] };
    for (let first = 0; first < tasks.length; first += chunk) {
      const part = tasks.slice(first, first + chunk);
      if (sum(part) > longest.seconds) longest = { seconds: sum(part), tasks: part };
    }
    return { longest, share: sum(tasks) / workers };
  }

  function seconds(time) {
    if (time <= 0) return "0 s";
    if (time < 0.001) return `${(time * 1e6).toFixed(0)} µs`;
    if (time < 0.1) return `${(time * 1e3).toFixed(1)} ms`;
    return `${time.toFixed(2)} s`;
  }

  // The bars of the recorded run, as its picture shows them: [worker, start, length], in seconds.
  function recordedBars(svg, ran) {
    const track = svg.querySelector(".mh-track");
    if (!track) return [];
    const [left, width] = ["x", "width"].map((name) => Number(track.getAttribute(name)));
    return [...svg.querySelectorAll("g[aria-label]")].flatMap((bar) => {
      const worker = /, worker (\d+): starts at/.exec(bar.getAttribute("aria-label"));
      if (!worker) return [];
      const [x, length] = ["x", "width"].map((name) => Number(bar.querySelector("rect").getAttribute(name)));
      return [[Number(worker[1]) - 1, ((x - left) / width) * ran, (length / width) * ran]];
    });
  }

  function whatIf(figure, colours) {
    const { workers, chunk, seconds: ran, lead, tail, tasks } = JSON.parse(figure.dataset.pool);
    const slider = (name, value, most) => {
      const input = element("input", { type: "range", min: 1, max: most, value });
      const number = element("span", {}, value);
      return { input, number, label: element("label", {}, `${name} `, input, " ", number) };
    };
    const ghost = recordedBars(figure.querySelector(":scope > svg.mh-timeline"), ran);
    // The axis stays as it is, whatever is chosen, so that bars can be compared by eye.
    const scale = Math.max(ran, Math.min(lead + sum(tasks) + tail, 2 * ran));
    const [many, size] = [slider("workers", workers, 64), slider("chunk size", chunk ?? 1, tasks.length)];
    const result = element("p", { className: "what-if-result" });
    result.setAttribute("role", "status");
    const picture = element("div");
    const details = element(
      "details",
      { className: "what-if" },
      element("summary", {}, "What if there were more workers, or larger chunks?"),
      element(
        "p",
        {},
        element("b", {}, "A model, not a run. "),
        "Each task takes as long as it did in this run, and the next free worker takes the next chunk from the queue. ",
        "What the tasks share is left out, cores, servers and disks, and what lies between two tasks. ",
        `The run itself, with ${workers} worker${workers === 1 ? "" : "s"}, took ${seconds(ran)}`,
        chunk === null ? "; its chunks became smaller and smaller, and here they are of one size." : ".",
      ),
      element("div", { className: "what-if-form" }, many.label, size.label),
      result,
      picture,
    );

    const name = (task) => task.map(([name]) => name).join(", ");
    function update() {
      const [workers, chunk] = [many, size].map(({ input }) => Number(input.value));
      many.number.textContent = workers;
      size.number.textContent = chunk;
      many.input.setAttribute("aria-valuetext", `${workers} workers`);
      size.input.setAttribute("aria-valuetext", `chunks of ${chunk}`);
      const plan = schedule(tasks, workers, chunk);
      const { longest, share } = bound(tasks, workers, chunk);
      const [whole, alone] = [lead + plan.seconds + tail, lead + sum(tasks) + tail];
      const what = longest.tasks.length === 1 ? "task" : "chunk";
      const names = longest.tasks.slice(0, 3).map(name).join("; ") + (longest.tasks.length > 3 ? "; …" : "");
      result.replaceChildren(
        element("b", {}, seconds(whole)),
        `, ${(alone / whole).toFixed(1)} times as fast as one worker (${seconds(alone)}). `,
        longest.seconds < share
          ? `With ${workers} it cannot be less than ${seconds(share)}: that is the sum of all tasks, ${seconds(sum(tasks))}, shared by ${workers}.`
          : plan.seconds < 1.001 * longest.seconds
            ? `No more workers can shorten it: it is as long as the longest ${what}, ${seconds(longest.seconds)} (${names}).`
            : `No number of workers gets below the longest ${what}, ${seconds(longest.seconds)} (${names}).`,
        lead + tail > 0.01 * whole ? ` ${seconds(lead + tail)} before the first task and after the last stay.` : "",
      );
      const svg = model(tasks, plan, workers, { lead, whole, scale, colours, ghost, ran });
      picture.replaceChildren(svg);
      lookInto(svg, figure);
    }
    for (const { input } of [many, size]) input.addEventListener("input", update);
    details.addEventListener("toggle", () => {
      if (details.open && !picture.firstChild) update();
    });
    return details;
  }

  // The picture of the model, in the manner of the recorded one.
  function model(tasks, { placed }, workers, { lead, whole, scale, colours, ghost, ran }) {
    // A phone shows a unit as a pixel.
    const [width, font] = matchMedia("(max-width: 620px)").matches ? [360, 13] : [600, 16];
    const [left, right] = [(workers > 9 ? 5.7 : 5.1) * font, width - 3 * font];
    const pitch = workers > 24 ? 9 : workers > 8 ? 19 : 30;
    const height = pitch > 20 ? pitch - 7 : pitch - 2;
    const x = (time) => left + (Math.min(time, scale) / scale) * (right - left);
    const bottom = workers * pitch;
    const svg = drawn("svg", { class: "mh-timeline", viewBox: `0 0 ${width} ${bottom + 26}`, role: "img" });
    svg.style.fontSize = `${font}px`;
    svg.append(drawn("title", {}, `Model of a pool with ${workers} worker${workers === 1 ? "" : "s"}`));
    for (let worker = 0; worker < workers; worker++) {
      const y = worker * pitch + (pitch - height) / 2;
      const track = { class: "mh-track", x: left, y, width: x(whole) - left, height, rx: 3 };
      svg.append(drawn("rect", track));
      if (pitch > 10 || worker === 0 || (worker + 1) % 8 === 0) {
        svg.append(drawn("text", { x: 0, y: y + height / 2 + 5.6 }, `worker ${worker + 1}`));
      }
    }
    for (const { task, worker, start } of placed) {
      for (const [name, from, length] of tasks[task]) {
        const at = lead + start + from;
        const long = Math.max(x(at + length) - x(at), 0.8);
        const y = worker * pitch + (pitch - height) / 2;
        const kind = name.split(" ", 1)[0];
        const bar = drawn("g", { class: colours.get(kind) ?? "mh-0", "data-task": task, "data-worker": worker + 1 });
        const title = `${name}, worker ${worker + 1}: starts at ${seconds(at)}, takes ${seconds(length)}`;
        bar.append(drawn("title", {}, title));
        bar.append(drawn("rect", { x: x(at), y, width: long, height, rx: Math.min(4, long / 2, height / 2) }));
        if (pitch > 10 && name.length * 0.5 * font < long - 8) {
          bar.append(drawn("text", { x: x(at) + long / 2, y: y + height / 2 + 5.2 }, name));
        }
        svg.append(bar);
      }
    }
    const tick = (time, label, anchor) => {
      svg.append(drawn("path", { class: "mh-grid", d: `M${x(time)} 0V${bottom + 3}` }));
      svg.append(drawn("text", { class: anchor, x: x(time), y: bottom + 20 }, label));
    };
    for (const [worker, start, length] of ghost) {
      if (worker >= workers) continue;
      const y = worker * pitch + (pitch - height) / 2 - 2;
      const [from, to] = [x(start), x(start + length)];
      svg.append(drawn("rect", { class: "mh-ghost", x: from, y, width: to - from, height: height + 4, rx: 4 }));
    }
    tick(0, "0", "mh-mid");
    const apart = (a, b) => Math.abs(x(a) - x(b)) > 90;
    if (x(whole) - left > 50) tick(whole, whole > scale ? `${seconds(whole)} →` : seconds(whole), "mh-mid");
    if (x(ran) - left > 50 && apart(ran, whole)) tick(ran, `the run: ${seconds(ran)}`, "mh-mid");
    return svg;
  }

  /* Code that is wider than the page scrolls: by keyboard, too, in every browser. */

  const codes = [...document.querySelectorAll("main pre > code")];
  function reach(code) {
    if (code.scrollWidth > code.clientWidth) code.setAttribute("tabindex", 0);
    else code.removeAttribute("tabindex");
  }
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => reach(target)));
  codes.forEach((code) => resized.observe(code)); // also when what was folded opens
  document.fonts.ready.then(() => codes.forEach(reach));

  /* A schedule to step through: what has happened so far, and what each shared variable is then. */

  function stepThrough(svg, figure) {
    const rows = [...figure.querySelectorAll(".mh-table tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent));
    const names = [...figure.querySelectorAll(".mh-table thead th")].map((head) => head.textContent).slice(3);
    const bars = [...svg.querySelectorAll("[data-from]")];
    const tracks = [...svg.querySelectorAll(".mh-track")];
    const [left, width] = ["x", "width"].map((name) => Number(tracks[0].getAttribute(name)));
    const last = Number(tracks.at(-1).getAttribute("y")) + Number(tracks.at(-1).getAttribute("height"));
    const now = drawn("path", { class: "mh-now" });
    svg.append(now);
    const input = element("input", { type: "range", min: 0, max: rows.length, value: rows.length });
    const what = element("span");
    what.setAttribute("role", "status");
    const values = element("dl", { className: "mh-values" });
    const update = () => {
      const step = Number(input.value);
      const [, thread, operation] = rows[step - 1] ?? [];
      what.textContent = step === 0 ? "nothing has happened yet" : `${step}: ${thread}, ${operation}`;
      input.setAttribute("aria-valuetext", what.textContent);
      for (const bar of bars) bar.classList.toggle("mh-later", Number(bar.dataset.from) >= Math.max(step, 1));
      now.setAttribute("d", `M${left + (width * step) / rows.length} 18V${last + 2}`);
      const shown = names.map((name, n) => {
        const before = svg.querySelector(`[data-variable="${n}"][data-from="0"] text`)?.textContent ?? "";
        return element("div", {}, element("dt", {}, `${name} =`), element("dd", {}, step === 0 ? before : rows[step - 1][n + 3]));
      });
      values.replaceChildren(...shown);
    };
    // A long schedule is wider than the page: the operations around the line stay in view.
    const follow = () => {
      const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      const column = (width * scale) / rows.length;
      const most = column * (Number(input.value) - 1);
      const least = left * scale + column * (Number(input.value) + 1) - figure.clientWidth;
      figure.scrollLeft = Math.min(Math.max(figure.scrollLeft, least), most);
    };
    input.addEventListener("input", () => {
      update();
      follow();
    });
    input.addEventListener("keydown", (event) => event.stopPropagation()); // else mdBook turns the page
    update();
    svg.after(element("div", { className: "mh-steps" }, element("label", {}, "operation ", input, " "), what, values));
  }

  /* All together. */

  function timeline(figure) {
    const pictures = figure.querySelectorAll(":scope > svg.mh-timeline"); // one for wide pages, one for phones
    if (pictures.length === 0 || figure.classList.contains("mh-live")) return;
    figure.classList.add("mh-live");
    const colours = new Map();
    for (const bar of pictures[0].querySelectorAll("g")) {
      const kind = bar.querySelector("title")?.textContent.split(/[ ,]/, 1)[0];
      if (kind && !/^\d+$/.test(kind)) colours.set(kind, bar.getAttribute("class"));
    }
    pictures.forEach((svg) => lookInto(svg, figure));
    const schedule = figure.querySelector(":scope > svg.mh-schedule");
    if (schedule) stepThrough(schedule, figure);
    if (figure.dataset.pool) figure.append(whatIf(figure, colours));
  }

  // Adds all of this to the page's text, once it is there.
  function dress() {
    document.querySelectorAll(".twin:not(.has-tabs)").forEach(twin);
    show(remembered());
    document.querySelectorAll("figure.timeline").forEach(timeline);
  }
  dress();
  pictures();
  return { dress, timeline, lookInto, schedule, model, seconds, element, drawn, strip };
})();
