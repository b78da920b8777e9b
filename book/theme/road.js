// Where the reader is on the road, and how far: answers of quizzes, guesses, challenges and chapters that are done. All of
// it stays in this browser's storage. The page `progress.html` shows it, and saves it as a file.
"use strict";

(() => {
  const { element } = window.manyHands;
  const STORE = "many-hands-progress";
  const VERSION = 1;
  const page = (location.pathname.split("/").pop() || "index.html").replace(/\.html$/, "");

  // { pages: { "03_pool": { done, quiz: { 1: { first, last, right, firstRight } }, guesses: { "03_pool": "You guessed …" },
  //   challenges: { "03_imap": "done" } } } }
  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(STORE) ?? "{}");
      return kept.pages ? kept : { pages: {} };
    } catch {
      return { pages: {} }; // where nothing may be stored, nothing is kept
    }
  }

  function change(name, edit) {
    const all = read();
    edit((all.pages[name] ??= {}));
    try {
      localStorage.setItem(STORE, JSON.stringify(all));
    } catch {}
    showMarks();
    showTable();
  }

  /* Marks beside the chapters. */

  function state(kept) {
    if (!kept) return "";
    if (kept.done) return "done";
    return Object.keys(kept.quiz ?? {}).length + Object.keys(kept.challenges ?? {}).length > 0 ? "begun" : "";
  }

  function showMarks() {
    const { pages } = read();
    for (const link of document.querySelectorAll("#mdbook-sidebar a[href], .road-list a[href]")) {
      const name = link.pathname.split("/").pop().replace(/\.html$/, "");
      if (link.hash || !/^\d/.test(name)) continue;
      link.querySelector(".road-mark")?.remove();
      const now = state(pages[name]);
      if (!now) continue;
      const mark = element("span", { className: `road-mark is-${now}` }, now === "done" ? "✓" : "◐");
      mark.setAttribute("role", "img");
      mark.setAttribute("aria-label", now);
      link.append(" ", mark);
    }
    const button = document.querySelector(".road-done button");
    if (button) button.setAttribute("aria-pressed", Boolean(pages[page]?.done));
  }

  /* What this page asks. */

  function keepQuiz() {
    for (const choice of document.querySelectorAll(".quiz details[name]")) {
      const number = choice.getAttribute("name").split("-").pop();
      const all = [...document.querySelectorAll(`.quiz details[name="${choice.getAttribute("name")}"]`)];
      const [at, right] = [all.indexOf(choice), choice.classList.contains("quiz-right")];
      if (read().pages[page]?.quiz?.[number]?.last === at) choice.open = true;
      choice.addEventListener("toggle", () => {
        if (!choice.open || read().pages[page]?.quiz?.[number]?.last === at) return;
        change(page, (kept) => {
          const before = (kept.quiz ??= {})[number];
          kept.quiz[number] = { first: before?.first ?? at, firstRight: before?.firstRight ?? right, last: at, right };
        });
      });
    }
  }

  // Sent by the page when a run or a check has ended.
  document.addEventListener("many-hands:ran", ({ detail: { name, how, said } }) => {
    const challenge = /^challenge (.+)$/.exec(name)?.[1];
    if (challenge) change(page, (kept) => ((kept.challenges ??= {})[challenge] = how === "done" ? "done" : "not yet"));
    else if (said) change(page, (kept) => ((kept.guesses ??= {})[name] ??= said)); // only the first one counts
  });

  // A switch at the foot of each step.
  function offerDone() {
    const card = document.querySelector(".lesson-card");
    if (!card) return;
    const button = element("button", { type: "button", className: "big-button" }, "✓ I’m done with this step");
    button.addEventListener("click", () => change(page, (kept) => (kept.done = !kept.done)));
    const line = element("p", { className: "road-done" }, button, " ", element("a", { href: `${path_to_root}progress.html` }, "Your progress"));
    document.querySelector("main").append(line);
  }

  /* progress.html */

  const table = document.querySelector(".progress-table");
  function showTable() {
    if (!table) return;
    const { pages } = read();
    for (const row of table.querySelectorAll("tr[data-page]")) {
      const { page: name, questions, challenges } = row.dataset;
      const kept = pages[name] ?? {};
      const cells = row.querySelectorAll("td");
      const quiz = Object.values(kept.quiz ?? {});
      const names = challenges ? challenges.split(" ") : [];
      const done = names.filter((challenge) => kept.challenges?.[challenge] === "done");
      cells[1].textContent = state(kept) || "–";
      const right = quiz.filter(({ firstRight }) => firstRight).length;
      cells[2].textContent = quiz.length === 0 ? "–" : `${right} right the first time, of ${quiz.length < questions ? `${quiz.length} so far` : questions}`;
      cells[3].textContent = Object.values(kept.guesses ?? {}).join(" ") || "–";
      cells[4].textContent = names.length === 0 ? "–" : `${done.length} of ${names.length}`;
    }
  }

  // The lines of `progress.txt`: a name says that this challenge is done.
  function countChallenges(text) {
    const done = text.split("\n").map((line) => line.trim());
    for (const row of table.querySelectorAll("tr[data-page]")) {
      const found = row.dataset.challenges.split(" ").filter((name) => name && done.includes(name));
      if (found.length === 0) continue;
      change(row.dataset.page, (kept) => found.forEach((name) => ((kept.challenges ??= {})[name] = "done")));
    }
  }

  function tools() {
    const [name, save, forget, file] = ["name", "save", "forget", "challenges"].map((id) => document.getElementById(`progress-${id}`));
    save.addEventListener("click", () => {
      const content = JSON.stringify({ many_hands: VERSION, name: name.value.trim(), pages: read().pages }, null, 1);
      const href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
      const who = name.value.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
      element("a", { href, download: `many-hands-${who || "progress"}.json` }).click();
      setTimeout(() => URL.revokeObjectURL(href), 10_000);
    });
    forget.addEventListener("click", () => {
      if (!confirm("Forget all answers, guesses and marks in this browser?")) return;
      localStorage.removeItem(STORE);
      showMarks();
      showTable();
    });
    file.addEventListener("change", async () => file.files[0] && countChallenges(await file.files[0].text()));
    // Only `cargo book` answers this.
    document.addEventListener("many-hands:live", async () => {
      const answer = await fetch("/-/progress");
      if (answer.ok) countChallenges(await answer.text());
    });
  }

  /* mdBook's switch of the table of contents is a check box that nobody sees: a button takes keys, too. */
  document.getElementById("mdbook-sidebar-toggle")?.addEventListener("click", () => {
    document.getElementById("mdbook-sidebar-toggle-anchor").click();
  });

  keepQuiz();
  offerDone();
  showMarks();
  if (table) {
    tools();
    showTable();
  }
  // What was replaced by a newer build is looked at again.
  document.addEventListener("many-hands:replaced", () => {
    keepQuiz();
    offerDone();
    showMarks();
  });
})();
