// What a page can do when `cargo book` serves it: run its steps, and follow the book's changes.
"use strict";

(() => {
  const token = document.currentScript.dataset.token;

  const { element, drawn, timeline, strip } = window.manyHands; // from theme/many-hands.js, which every page has
  const { move, editable } = window.manyHands; // from edit-button.js

  const panels = new Map(); // by the name of their offer: they outlive the text around them
  let running = 0; // how many of them wait for an answer

  fetch("/-/runs")
    .then((answer) => answer.json())
    .then((offers) => {
      place(offers);
      document.addEventListener("many-hands:replacing", () => panels.forEach((panel) => move(panel, document.body)));
      document.addEventListener("many-hands:replaced", () => place(offers));
      document.dispatchEvent(new Event("many-hands:live"));
    });

  // Puts a panel below each command that may be run. A command that the page shows twice gets one.
  function place(offers) {
    const seen = new Set();
    for (const code of document.querySelectorAll("main pre > code")) {
      const offer = offers.find(({ command }) => `${code.textContent}\n`.startsWith(`${command}\n`));
      if (!offer || seen.has(offer.name)) continue;
      seen.add(offer.name);
      const twin = code.closest(".twin"); // below both tabs, so that it stays whichever is chosen
      const output = twin ?? code.closest(".folded") ?? code.closest("pre");
      const known = panels.get(offer.name);
      if (known) move(known, output.parentNode, output.nextSibling);
      else output.after(panel(offer, `▶ ${offer.verb}${twin ? " in Rust" : ""}`));
    }
    for (const [name, panel] of panels) if (!seen.has(name)) panel.remove();
    document.body.dataset.runs = seen.size; // tells tests that all are there
  }

  // The panel below a recorded run: choices, Run, Stop, and the result.
  function panel(offer, title) {
    const inputs = offer.choices.map(input);
    const ask = element("label", { className: "run-guess", hidden: !offer.asks });
    const guess = question(ask, offer.asks);
    const run = element("button", { type: "submit", className: "run-button" }, title);
    const stop = element("button", { type: "button", className: "run-button", hidden: true }, "■ Stop");
    const edit = element("button", { type: "button", className: "run-button" });
    const status = element("span", { className: "run-status", role: "status" });
    const form = element("form", { className: "run-form" }, ask, ...inputs.map((i) => i.label), element("span", { className: "run-buttons" }, run, stop, edit), status);
    const output = element("pre", { className: "run-output", tabIndex: 0, hidden: true });
    output.setAttribute("role", "log");
    output.setAttribute("aria-label", `What ${offer.name} prints here`);
    const figures = element("div", { className: "run-figures" });
    const section = element("section", { className: "run" }, form, output, figures);
    section.setAttribute("aria-label", `${offer.verb} ${offer.name} here`);
    section.id = `run-${offer.name.replace(" ", "-")}`;
    panels.set(offer.name, section);

    const editing = editable(offer.source, { section, form, edit, post }, (editor) => {
      run.textContent = editor?.isCopy ? "▶ Run your copy" : title;
      ask.hidden = Boolean(editor?.isCopy) || !ask.hasChildNodes(); // nobody knows how long a copy takes
    });

    // Room for what will come, so that the page does not jump when it does: two pictures for each in the book.
    function reserve() {
      const kept = [...document.querySelectorAll("figure.timeline[data-recording]")].filter(
        ({ dataset }) => dataset.recording === offer.name || dataset.recording.startsWith(`${offer.name}-`),
      );
      const heights = kept.map((figure) => figure.getBoundingClientRect().height);
      const pictures = document.querySelector(".mh-pictures")?.getBoundingClientRect().height ?? 0;
      figures.style.minHeight = `${heights.reduce((sum, height) => sum + 2 * height + 40, pictures + 80)}px`;
    }

    let request = null;
    stop.addEventListener("click", () => request?.abort());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (request) return;
      const editor = editing();
      if (editor && !(await editor.saveAll())) return; // it says why
      if (request) return;
      request = new AbortController();
      running += 1;
      run.hidden = true;
      stop.hidden = false;
      const choices = {};
      for (const { flag, value } of inputs) {
        const chosen = value();
        if (chosen !== null) choices[flag] = chosen;
      }
      const guessed = guess();
      const scratch = editor?.isCopy ?? false;
      const seconds = !scratch && offer.asks?.unit === "s" && typeof guessed === "number" ? guessed : null;
      const build = { crates: 0, from: performance.now(), note: "" };
      const clock = setInterval(() => built(build), 500);
      const begin = () => {
        output.hidden = false;
        output.textContent = "";
        output.classList.remove("compiler");
        figures.replaceChildren();
        reserve();
        built(build);
      };
      try {
        const wish = { name: offer.name, choices, guess: seconds, scratch };
        const answer = await turn(wish, request.signal, status);
        begin(); // from here on: what was refused leaves form and output as they were
        await follow(answer, (told) => show(told, scratch ? "copy" : "run", guessed, build));
        editor?.link(output);
      } catch (error) {
        status.textContent = request.signal.aborted ? "stopped" : error.message;
      }
      clearInterval(clock);
      request = null;
      running -= 1;
      run.hidden = false;
      stop.hidden = true;
      document.dispatchEvent(new Event("many-hands:idle"));
    });

    // How far the build is, until the step starts.
    function built(build) {
      if (build.is_over || output.hidden) return;
      const gone = `${((performance.now() - build.from) / 1000).toFixed(0)} s`;
      const crates = build.note || (build.crates ? `${build.crates} crates` : "");
      status.textContent = ["building …", crates, gone].filter(Boolean).join(" ");
    }

    function show(told, what, guessed, build) {
      const print = (text) => {
        const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
        output.append(text);
        if (atEnd) output.scrollTop = output.scrollHeight;
      };
      switch (told.event) {
        case "build":
          print(told.text);
          build.crates += /^\s+Compiling /.test(told.text);
          built(build);
          break;
        case "progress":
          build.note = `${told.done} of ${told.all} crates`;
          built(build);
          break;
        case "broken":
          build.is_over = true;
          status.textContent = "it does not compile";
          output.classList.add("compiler");
          output.replaceChildren(...remarks(told.text));
          output.scrollTop = 0;
          break;
        case "start":
          build.is_over = true;
          output.textContent = "";
          status.textContent = `running ${told.command}`;
          break;
        case "output":
          print(told.text);
          break;
        case "capped":
          print(`\n… it printed more than ${told.bytes} bytes: the rest is not shown\n`);
          break;
        case "end": {
          build.is_over = true;
          const took = `${told.seconds.toFixed(2)} s`;
          if (what === "run") judge(told, guessed);
          status.textContent = told.seconds ? `${told.how}, after ${took}` : told.how;
          figures.replaceChildren(...told.figures.flatMap((figure) => compared(figure, `your ${what === "copy" ? "copy" : "run"}`)));
          figures.querySelectorAll("figure").forEach((figure) => timeline(figure));
          if (told.figures.length > 0) figures.append(saving(told.trace));
          if (told.pictures.length > 0) figures.append(element("p", {}, "The thumbnails that your run made:"), strip(told.pictures));
          break;
        }
      }
    }

    // What the run says about the guess. A scratch copy says nothing: it may be another program.
    function judge(told, guessed) {
      const said = verdict(offer.asks, guessed, told.answer ?? (offer.asks?.choices.length ? null : told.seconds));
      if (told.ended && offer.asks) ask.replaceChildren(said || "\u00a0"); // only the first run is a surprise
      if (told.ended) offer.asks = null;
      document.dispatchEvent(new CustomEvent("many-hands:ran", { detail: { name: offer.name, how: told.how, said } }));
    }
    return section;
  }

  // What a compiler says, with its errors in colour.
  function remarks(text) {
    return text.split(/(?<=\n)/).map((line) => {
      const [kind] = /^(error|warning)/.exec(line) ?? [];
      return kind ? element("span", { className: `m-${kind}` }, line) : line;
    });
  }

  // Asks a question in the label, and returns what reads the answer: a number, one of the choices, or null.
  function question(label, asks) {
    if (!asks) return () => null;
    const { question, choices, unit } = asks;
    const field = choices.length
      ? element("select", {}, ...["", ...choices].map((choice) => element("option", { value: choice }, choice || "…")))
      : element("input", { type: "number", min: 0, max: 600, step: "any", className: "run-number" });
    label.append(`Your guess first: ${question} `, field, choices.length ? "" : ` ${unit}`);
    return () => (!field.isConnected || field.value === "" ? null : choices.length ? field.value : Number(field.value));
  }

  // What became of the guess; nothing, if there was none.
  function verdict(asks, guessed, answer) {
    if (!asks || guessed === null) return "";
    if (answer === null) return `You guessed ${guessed}. This run doesn't say: it had other tasks.`;
    if (typeof answer === "string") {
      return guessed === answer ? `You guessed ${guessed}, and that's it.` : `You guessed ${guessed}. It was ${answer}.`;
    }
    return `You guessed ${guessed} ${asks.unit}. It was ${answer.toFixed(2)} ${asks.unit}: ${difference(guessed, answer, asks.unit)}.`;
  }

  function input(choice) {
    const { flag, number, words, value } = choice;
    const field = words
      ? element("select", {}, ...words.map((word) => element("option", {}, word)))
      : element("input", {
          type: "number", min: number.least, max: number.most, step: number.step, className: "run-number",
          placeholder: "default",
        });
    if (value) field.value = value;
    const read = () => (field.value === "" ? null : words ? field.value : Number(field.value));
    return { flag, value: read, label: element("label", {}, `--${flag} `, field) };
  }

  const post = (address, body, signal) =>
    fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", "x-book-token": token },
      body: JSON.stringify(body),
      signal,
    });

  // Sends the request until it is its turn. What runs in another tab can be stopped from here.
  async function turn(wish, signal, status) {
    for (;;) {
      const answer = await post("/-/run", wish, signal);
      if (answer.ok) return answer;
      const why = (await answer.text()).trim();
      if (answer.status !== 409) throw new Error(why);
      if (!status.querySelector("button")) {
        const end = element("button", { type: "button", className: "run-button" }, "■ Stop it");
        end.addEventListener("click", () => post("/-/stop", {}));
        status.replaceChildren(`${why}. This one starts when it ends. `, end);
      }
      await new Promise((done) => setTimeout(done, 300));
      signal.throwIfAborted();
    }
  }

  // Passes each line of the answer to `tell` as it comes.
  async function follow(answer, tell) {
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      lines.forEach((line) => tell(JSON.parse(line)));
    }
  }

  // Two timelines to one scale: the reader's, and the one in the book.
  function compared({ title, seconds, axis, mine, guess, pool, recorded }, whose) {
    const figure = (html, caption) => {
      const made = element("figure", { className: "timeline" });
      made.innerHTML = html; // drawn and escaped by the server
      made.prepend(element("figcaption", {}, caption));
      return made;
    };
    const here = figure(mine, `${title}: ${whose}`);
    if (pool) here.dataset.pool = JSON.stringify(pool);
    if (guess !== null) here.querySelectorAll(":scope > svg").forEach((svg) => mark(svg, seconds, axis, guess));
    return recorded ? [here, figure(recorded, `${title}: the book's run, to the same scale`)] : [here];
  }

  // The trace of the reader's run, as a file.
  let saved = null;
  function saving(trace) {
    if (saved) URL.revokeObjectURL(saved);
    saved = null;
    const line = element("p", { className: "mh-save" });
    if (trace === null) {
      line.append("The trace of this run is too large for the page: run it in a terminal to keep it.");
      return line;
    }
    saved = URL.createObjectURL(new Blob([trace], { type: "application/json" }));
    line.append(
      "Open in Perfetto: ",
      element("a", { href: saved, download: "timeline.json" }, "save the trace of your run"),
      " and give it to ",
      element("a", { href: "https://ui.perfetto.dev" }, "ui.perfetto.dev"),
      ".",
    );
    return line;
  }

  function difference(guessed, was, unit) {
    const off = guessed - was;
    if (Math.abs(off) < 0.05 * was) return "well guessed";
    const words = unit === "s" ? ["long", "short"] : ["much", "little"];
    return `${Math.abs(off).toFixed(2)} ${unit} too ${words[off > 0 ? 0 : 1]}`;
  }

  // The guess, as a line across the rows.
  function mark(svg, seconds, axis, guessed) {
    const track = svg.querySelector(".mh-track");
    if (!track || seconds <= 0) return;
    const [left, width] = ["x", "width"].map((name) => Number(track.getAttribute(name)));
    const x = left + (Math.min(guessed, axis) * width) / seconds;
    const tracks = [...svg.querySelectorAll(".mh-track")].at(-1);
    const bottom = Number(tracks.getAttribute("y")) + Number(tracks.getAttribute("height"));
    const line = drawn("path", { class: "mh-guess", d: `M${x} 14V${bottom}` });
    line.append(drawn("title", {}, `Your guess: ${guessed} s`));
    const label = drawn("text", { class: "mh-mid mh-guess-label", x: Math.max(x, left + 24), y: 11 }, `you: ${guessed} s`);
    svg.append(line, label);
  }

  window.manyHands.isRunning = () => running > 0;
})();
