// The first page: five tasks that the reader's slider turns from one row into four. It is the model of *what if*.
"use strict";

(() => {
  const stage = document.querySelector(".welcome-stage");
  if (!stage) return;
  const { element, schedule, model, lookInto, seconds } = window.manyHands;
  const TASKS = [["A", 1.2], ["B", 2], ["C", 0.8], ["D", 1.6], ["E", 1.4]].map(([name, length]) => [[name, 0, length]]);
  const colours = new Map(TASKS.map(([[name]], n) => [name, `mh-${n}`]));
  const MOST = 4;

  const [figure, input, output] = ["figure", "input", "output"].map((name) => stage.querySelector(name));
  const picture = figure.querySelector("div");
  const alone = schedule(TASKS, 1, 1).seconds;
  function update() {
    const workers = Number(input.value);
    const plan = schedule(TASKS, workers, 1);
    const whole = plan.seconds;
    // All rows are always there, so nothing moves: those of idle workers are empty.
    const svg = model(TASKS, plan, MOST, { lead: 0, whole, scale: alone, colours, ghost: [], ran: 0 });
    svg.querySelector("title").textContent = `Model of a pool: five tasks on ${workers} of ${MOST} workers`;
    picture.replaceChildren(svg);
    lookInto(svg, figure);
    const faster = workers === 1 ? "" : `, ${(alone / whole).toFixed(1)} times as fast`;
    output.textContent = `${workers} worker${workers === 1 ? "" : "s"}: ${seconds(whole)}${faster}`;
  }
  input.max = MOST;
  input.addEventListener("input", update);
  update();
})();
