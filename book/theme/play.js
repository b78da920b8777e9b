// Recorded runs, played in time: the timeline grows, and what the run printed comes with it. It needs no server, so a
// link to a page shows the idea to somebody without Rust.
"use strict";

(() => {
  const { element, drawn, seconds } = window.manyHands;
  const [SHORTEST, LONGEST] = [2.5, 8]; // how long a replay takes, in seconds; in between, as long as the run
  let made = 0;

  // The bars and marks of a picture, in seconds from its start, and where its axis is.
  function read(svg, end) {
    const track = svg.querySelector(".mh-track");
    const bars = [...svg.querySelectorAll(":scope > g")].flatMap((bar) => {
      const title = bar.getAttribute("aria-label") ?? bar.querySelector("title")?.textContent ?? "";
      const found = /^(.+), ([^,]+): starts at ([^,]+), takes ([^,]+)/.exec(title);
      if (!found) return [];
      const [start, length] = [time(found[3]), time(found[4])];
      return [{ name: found[1], row: found[2], start, end: start + length }];
    });
    const [left, width] = ["x", "width"].map((name) => Number(track?.getAttribute(name)));
    // A result that is handed out is a mark on the axis, which ends where the tracks do.
    const marks = [...svg.querySelectorAll(":scope > .mh-mark")].flatMap((mark) => {
      const title = mark.getAttribute("aria-label") ?? mark.querySelector("title")?.textContent ?? "";
      if (!title.startsWith("result")) return [];
      const [, x] = /^M([\d.]+) /.exec(mark.getAttribute("d"));
      const many = Number(/(\d+) in all/.exec(title)?.[1] ?? 1);
      return new Array(many).fill(((Number(x) + 5 - left) / width) * end);
    });
    return { bars, marks: marks.sort((a, b) => a - b), left, width };
  }

  function time(text) {
    const [number, unit] = text.split(" ");
    return Number(number) * ({ s: 1, ms: 1e-3, µs: 1e-6 }[unit] ?? 1);
  }

  // An output with its folded parts.
  function whole(code) {
    const parts = [...(code.closest(".folded")?.querySelectorAll("code") ?? [code])];
    return parts.map((part) => part.textContent.trimEnd()).join("\n");
  }

  // The lines that the run printed, from the recorded output above the picture.
  function printed(figure) {
    const codes = [...document.querySelectorAll("main pre > code.language-console")];
    const home = figure.closest("[data-language]")?.dataset.language ?? "Rust";
    const isBefore = (code) => code.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING;
    const mine = (code) => (code.closest("[data-language]")?.dataset.language ?? "Rust") === home;
    const step = figure.dataset.recording.split("-")[0];
    const isCommand = (line) => line.startsWith("$ ") && line.includes(step);
    const outputs = codes.filter((it) => isBefore(it) && mine(it)).map((it) => whole(it).split("\n"));
    const all = outputs.filter((lines) => lines.some(isCommand)).at(-1) ?? [];
    const lines = all.slice(all.findIndex(isCommand) + 1);
    const title = figure.querySelector("figcaption")?.textContent.split(/:? [\d.]+ m?s/)[0].replace(/:$|, in Python.*$/, "");
    const first = lines.findIndex((line) => title && line.startsWith(`${title}:`));
    const part = first < 0 ? lines : lines.slice(first);
    const isOver = (line, n) => n > 0 && (line === "" || (first >= 0 && /^[a-z][\w ]*: /.test(line)) || line.startsWith("Finished"));
    const end = part.findIndex(isOver);
    return end < 0 ? part : part.slice(0, end);
  }

  // When each line was printed, as far as the picture tells: a line that says that something begins came with its bar, one
  // that says it is done with the bar's end, or with the mark for its result. `null` if most lines say neither.
  function timed(lines, { bars, marks }, end) {
    const open = { start: [...bars].sort((a, b) => a.start - b.start), end: [...bars].sort((a, b) => a.end - b.end) };
    const alone = new Set(bars.map(({ row }) => row)).size === 1;
    let [known, last, results] = [0, 0, 0];
    const take = (which, verb, number) => {
      const at = open[which].findIndex(({ name }) => {
        const [kind, ...rest] = name.split(" ");
        return verb.startsWith(kind) && (!number || rest.length === 0 || rest.includes(number));
      });
      return at < 0 ? null : open[which].splice(at, 1)[0][which];
    };
    const times = lines.map((line) => {
      const words = /^(Done )?([a-z]+ing)(?: ([\d.]+|\S+\.\w+))?/i.exec(line);
      if (words) {
        const [, done, verb, number] = words;
        const bar = take(done ? "end" : "start", verb.toLowerCase(), number);
        if (bar !== null) {
          known += 1;
          const result = () => (alone ? bar : marks.length ? (marks[results++] ?? end) : end);
          last = Math.max(last, done ? result() : bar);
        }
      }
      return last;
    });
    return known * 2 >= lines.length && known > 0 ? times : null;
  }

  function player(figure) {
    const pictures = [...figure.querySelectorAll(":scope > svg.mh-timeline")];
    const length = /([\d.]+ (?:s|ms|µs))$/.exec(figure.querySelector("figcaption")?.textContent.trim() ?? "");
    const end = length ? time(length[1]) : Math.max(0, ...read(pictures[0], 0).bars.map((bar) => bar.end));
    const run = read(pictures[0], end);
    if (run.bars.length === 0) return;
    const lines = printed(figure);
    const times = lines.length ? timed(lines, run, end) : null;

    const clips = pictures.map((svg) => {
      const { left, width } = read(svg, end);
      const id = `play-${++made}`;
      const rect = drawn("rect", { x: left - 6, y: 0, width: width + 12, height: 4000 });
      const clip = drawn("clipPath", { id });
      const line = drawn("path", { class: "mh-now", d: "" });
      clip.append(rect);
      svg.append(clip, line);
      const tracks = [...svg.querySelectorAll(".mh-track")].map((track) => Number(track.getAttribute("y")) + Number(track.getAttribute("height")));
      return { svg, id, rect, line, left, width, bottom: Math.max(...tracks) };
    });

    const button = element("button", { type: "button", className: "run-button" }, "▶ Play");
    const slider = element("input", { type: "range", min: 0, max: 1000, value: 1000 });
    slider.setAttribute("aria-label", "Moment of the run");
    const label = element("span", { className: "play-time" }, seconds(end));
    const output = element("pre", { className: "run-output play-output", hidden: true, tabIndex: 0 });
    output.setAttribute("aria-label", "What the run had printed by then");
    const note = element("p", { className: "play-note", hidden: true }, "Each line comes with the bar or the mark that it belongs to.");
    const bar = element("div", { className: "play" }, button, slider, label);

    let [now, frame, before] = [end, 0, 0];
    function show(moment) {
      now = Math.max(0, Math.min(moment, end));
      const isWhole = now >= end;
      slider.value = Math.round((now / end) * 1000);
      slider.setAttribute("aria-valuetext", `${seconds(now)} of ${seconds(end)}`);
      label.textContent = isWhole ? seconds(end) : `${seconds(now)} of ${seconds(end)}`;
      for (const { svg, id, rect, line, left, width, bottom } of clips) {
        rect.setAttribute("width", 6 + (width * now) / end + (isWhole ? 12 : 0));
        line.setAttribute("d", isWhole ? "" : `M${left + (width * now) / end} 16V${bottom + 4}`);
        for (const item of svg.querySelectorAll(":scope > g, :scope > .mh-mark")) {
          if (isWhole) item.removeAttribute("clip-path");
          else item.setAttribute("clip-path", `url(#${id})`);
        }
      }
      if (!times) return;
      output.hidden = note.hidden = false;
      output.textContent = lines.filter((_, n) => times[n] <= now).join("\n");
      output.scrollTop = output.scrollHeight;
    }
    function stop() {
      cancelAnimationFrame(frame);
      frame = 0;
      button.textContent = "▶ Play";
    }
    function step(at) {
      const pace = end / Math.max(SHORTEST, Math.min(end, LONGEST));
      show(now + ((at - before) / 1000) * pace);
      before = at;
      if (now >= end) stop();
      else frame = requestAnimationFrame(step);
    }
    button.addEventListener("click", () => {
      if (frame) return stop();
      if (now >= end) show(0);
      button.textContent = "❚❚ Pause";
      before = performance.now();
      frame = requestAnimationFrame(step);
    });
    slider.addEventListener("input", () => {
      stop();
      show((slider.value / 1000) * end);
    });
    pictures.at(-1).after(bar, output, note);
  }

  const dress = () => {
    for (const figure of document.querySelectorAll("main figure.timeline[data-recording]")) {
      if (!figure.querySelector(".play") && !figure.closest(".run") && figure.querySelector("svg.mh-timeline")) player(figure);
    }
  };
  dress();
  document.addEventListener("many-hands:replaced", dress);
})();
