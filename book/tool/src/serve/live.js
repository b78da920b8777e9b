// What a page can do when `cargo book` serves it: run its steps, and follow the book's changes.
"use strict";

(() => {
  const token = document.currentScript.dataset.token;

  const { element, drawn, timeline } = window.manyHands; // from theme/many-hands.js, which every page has

  new EventSource("/-/changes").addEventListener("changed", () => location.reload());

  fetch("/-/runs")
    .then((answer) => answer.json())
    .then((offers) => {
      const seen = new Set(); // a command that the page shows twice gets one button
      for (const code of document.querySelectorAll("main pre > code")) {
        const offer = offers.find(({ command }) => `${code.textContent}\n`.startsWith(`${command}\n`));
        if (offer && !seen.has(offer.name)) {
          seen.add(offer.name);
          const twin = code.closest(".twin"); // below both tabs, so that it stays whichever is chosen
          (twin ?? code.closest("pre")).after(panel(offer, `▶ ${offer.verb}${twin ? " in Rust" : ""}`));
        }
      }
      document.body.dataset.runs = seen.size; // tells tests that all are there
    });

  // The panel below a recorded run: choices, Run, Stop, and the result.
  function panel(offer, title) {
    const inputs = offer.choices.map(input);
    const guess = element("input", { type: "number", min: 0, max: 600, step: "any", className: "run-number" });
    const isStep = offer.verb === "Run";
    const ask = element("label", { className: "run-guess", hidden: !isStep }, "Your guess first: how many seconds? ", guess);
    const run = element("button", { type: "submit", className: "run-button" }, title);
    const stop = element("button", { type: "button", className: "run-button", hidden: true }, "■ Stop");
    const status = element("span", { className: "run-status", role: "status" });
    const form = element("form", { className: "run-form" }, ask, ...inputs.map((i) => i.label), run, stop, status);
    const output = element("pre", { className: "run-output", tabIndex: 0, hidden: true });
    output.setAttribute("role", "log");
    output.setAttribute("aria-label", `What ${offer.name} prints here`);
    const figures = element("div", { className: "run-figures" });
    const section = element("section", { className: "run" }, form, output, figures);
    section.setAttribute("aria-label", `${offer.verb} ${offer.name} here`);

    // Room for what will come, so that the page does not jump when it does: two pictures for each in the book.
    function reserve() {
      const kept = [...document.querySelectorAll("figure.timeline[data-recording]")].filter(
        ({ dataset }) => dataset.recording === offer.name || dataset.recording.startsWith(`${offer.name}-`),
      );
      const heights = kept.map((figure) => figure.getBoundingClientRect().height);
      figures.style.minHeight = `${heights.reduce((sum, height) => sum + 2 * height + 40, 40)}px`;
    }

    let running = null;
    stop.addEventListener("click", () => running?.abort());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (running) return;
      running = new AbortController();
      run.hidden = true;
      stop.hidden = false;
      output.hidden = false;
      output.textContent = "";
      figures.replaceChildren();
      reserve();
      status.textContent = "building …";
      const choices = {};
      for (const { flag, value } of inputs) {
        const chosen = value();
        if (chosen !== null) choices[flag] = chosen;
      }
      const guessed = guess.value === "" ? null : Number(guess.value);
      try {
        await follow({ name: offer.name, choices, guess: guessed }, running.signal, (told) => show(told, guessed));
      } catch (error) {
        status.textContent = running.signal.aborted ? "stopped" : error.message;
      }
      running = null;
      run.hidden = false;
      stop.hidden = true;
    });

    function show(told, guessed) {
      const print = (text) => {
        const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
        output.append(text);
        if (atEnd) output.scrollTop = output.scrollHeight;
      };
      switch (told.event) {
        case "build":
          print(told.text);
          break;
        case "broken":
          status.textContent = "it does not compile";
          break;
        case "start":
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
          const took = `${told.seconds.toFixed(2)} s`;
          const guess = guessed === null ? "" : `; you guessed ${guessed} s, ${difference(guessed, told.seconds)}`;
          ask.hidden ||= told.success; // only the first run that ended well is a surprise
          status.textContent = told.seconds ? `${told.how}, after ${took}${guess}` : told.how;
          figures.replaceChildren(...told.figures.flatMap((f) => compared(f, told.figures.length === 1 ? guessed : null)));
          figures.querySelectorAll("figure").forEach((figure) => timeline(figure));
          if (told.figures.length > 0) figures.append(saving(told.trace));
          break;
        }
      }
    }
    return section;
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

  // Sends the request, and passes each line of the answer to `tell` as it comes.
  async function follow(wish, signal, tell) {
    const answer = await fetch("/-/run", {
      method: "POST",
      headers: { "content-type": "application/json", "x-book-token": token },
      body: JSON.stringify(wish),
      signal,
    });
    if (!answer.ok) throw new Error((await answer.text()).trim());
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
  function compared({ title, seconds, axis, mine, pool, recorded }, guessed) {
    const figure = (html, caption) => {
      const made = element("figure", { className: "timeline" });
      made.innerHTML = html; // drawn and escaped by the server
      made.prepend(element("figcaption", {}, caption));
      return made;
    };
    const here = figure(mine, `${title}: your run`);
    if (pool) here.dataset.pool = JSON.stringify(pool);
    if (guessed) here.querySelectorAll(":scope > svg").forEach((svg) => mark(svg, seconds, axis, guessed));
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

  function difference(guessed, seconds) {
    const off = guessed - seconds;
    if (Math.abs(off) < 0.05 * seconds) return "and that is it";
    return `${Math.abs(off).toFixed(2)} s too ${off > 0 ? "long" : "short"}`;
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
})();
