"""Records what ran when, and how much of it was computing. Copy this file beside your program:

    from timeline import Timeline, span

    with Timeline("my_job"):
        with span("download cat.jpg"):
            ...

Threads, pools and executors need nothing more, and neither do processes, whether they are forked or spawned, if they
are started while the timeline runs. It writes target/timelines/my_job.json, which https://ui.perfetto.dev opens and
`cargo run --example draw -- target/timelines/my_job.json` draws.
"""

import contextlib
import json
import multiprocessing
import os
import pathlib
import re
import tempfile
import threading
import time

FOLDER = "MANY_HANDS_TIMELINE"  # in the environment, where child processes find it


_waits = {}  # those of this process that haven't ended, in case they never do


@contextlib.contextmanager
def span(name):
    """Records that this thread does `name`. The first word of the name picks the colour. A wait that never ends,
    as in a deadlock, is recorded too if it is called so: `wait for the lock`."""
    row = (os.getpid(), threading.get_native_id(), *_who())
    start, used = time.monotonic_ns(), time.thread_time_ns()
    here = object()
    if name.startswith("wait "):
        _waits[here] = (name, start, row)
    try:
        yield
    finally:
        used, end = time.thread_time_ns() - used, time.monotonic_ns()
        _waits.pop(here, None)
        if folder := os.environ.get(FOLDER):
            with open(f"{folder}/{row[0]}-{row[1]}", "a", encoding="utf-8") as file:
                print(json.dumps([name, start, end, used, *row]), file=file)


def _who():
    """The kind and the number of this thread or process: ("worker", 3)."""
    process, thread = multiprocessing.current_process(), threading.current_thread()
    is_main = thread is threading.main_thread()
    if is_main and process.name == "MainProcess":
        return "main", 0
    name = process.name if is_main else thread.name
    if ours := re.fullmatch(r"(\D+) (\d+)", name):  # a name that the program gave it: "band 2"
        return ours[1], int(ours[2])
    numbers = re.findall(r"\d+", name.split(" (")[0])  # ThreadPoolExecutor-0_3, Thread-4 (target), ForkPoolWorker-2
    kind = "worker" if "Pool" in name or "(worker)" in name else "process" if is_main else "thread"
    return kind, int(numbers[-1]) if numbers else 0


class Timeline:
    """Records until the end of its `with`, then writes `file`, or target/timelines/<name>.json."""

    def __init__(self, name, file=None):
        self.name, self.sections = name, []
        self.file = pathlib.Path(file or f"target/timelines/{name}.json")

    def __enter__(self):
        if self.file.exists() and '"traceEvents"' not in self.file.read_text(encoding="utf-8", errors="replace"):
            raise FileExistsError(f"{self.file} is not a trace, so it is left alone")
        self.folder = tempfile.TemporaryDirectory()
        os.environ[FOLDER] = self.folder.name
        self.main, self.start = os.getpid(), time.monotonic_ns()
        return self

    def section(self, name):
        """Begins a new part, which gets a picture of its own."""
        self.end_section()
        self.sections.append({"name": name, "start": time.monotonic_ns(), "end": None})

    def end_section(self):
        """What comes now belongs to no part, until the next one begins."""
        if self.sections and self.sections[-1]["end"] is None:
            self.sections[-1]["end"] = time.monotonic_ns()

    def __exit__(self, *_):
        self.end_section()
        end = time.monotonic_ns()
        del os.environ[FOLDER]
        lines = [line for file in pathlib.Path(self.folder.name).iterdir() for line in file.open(encoding="utf-8")]
        self.folder.cleanup()
        stuck = [[name, start, end, 0, *row] for name, start, row in list(_waits.values())]
        rows, spans = self.rows([json.loads(line) for line in lines] + stuck)
        sections = [part | {"start": part["start"] / 1e3, "end": part["end"] / 1e3} for part in self.sections]
        run = {"step": self.name, "start": self.start / 1e3, "end": end / 1e3, "sections": sections, "dropped": 0}
        trace = {"traceEvents": rows + spans, "displayTimeUnit": "ms", "otherData": run}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(trace), encoding="utf-8")
        print(f"Timeline: {self.file} (opens in https://ui.perfetto.dev)")

    def rows(self, spans):
        """A row for each thread in each section, main first, and the spans on them."""
        place = lambda start: next((n for n, s in enumerate(self.sections) if s["start"] <= start <= s["end"]), None)
        main = [(n, "main", 0, self.main, 0) for n in range(len(self.sections))] or [(None, "main", 0, self.main, 0)]
        found = {(place(start), kind, number, pid, tid if kind != "main" else 0)
                 for _, start, _, _, pid, tid, kind, number in spans}
        order = sorted(found | set(main), key=lambda row: (-1 if row[0] is None else row[0], row[1] != "main", row[1:]))
        rows, tids, counted = [], {row: tid for tid, row in enumerate(order)}, {}
        for tid, (section, kind, _, pid, _) in enumerate(order):
            counted[section, kind] = counted.get((section, kind), 0) + 1
            name = kind if kind == "main" else f"{kind} {counted[section, kind]}"
            args = {"name": name, "section": section, "overhead": 0}
            rows.append({"ph": "M", "name": "thread_name", "pid": pid, "tid": tid, "args": args})
        events = [
            {"ph": "X", "name": name, "cat": "", "ts": start / 1e3, "dur": (end - start) / 1e3, "tdur": used / 1e3,
             "pid": pid, "tid": tids[place(start), kind, number, pid, tid if kind != "main" else 0]}
            for name, start, end, used, pid, tid, kind, number in sorted(spans, key=lambda span: span[1])
        ]
        return rows, events
