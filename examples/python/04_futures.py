"""Futures: submit now, collect later, as they complete or in order; what goes wrong is raised again.

    python3 examples/python/04_futures.py
    python3 examples/python/04_futures.py --kind processes
"""

import argparse

# ANCHOR: main
import multiprocessing
import os
import time
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, ThreadPoolExecutor, TimeoutError, as_completed, wait

from timeline import Timeline, span


def main(args):
    multiprocessing.set_start_method("fork")  # the fastest; the default on Linux up to Python 3.13
    with Timeline("04_futures", args.timeline) as timeline:
        start = time.perf_counter()
        sleeps = [units * args.seconds for units in (4, 3, 2, 1, 5)]
        new_executor = ThreadPoolExecutor if args.kind == "threads" else ProcessPoolExecutor
        with new_executor(args.workers) as executor:
            collect(executor, sleeps, timeline)

        timeline.section("what goes wrong")
        with new_executor(args.workers) as executor:
            print("And what becomes of these:", flush=True)
            tasks = zip(["well", "well", "well", "error", "well"], sleeps)
            futures = {executor.submit(tempt, *task): task[0] for task in tasks}
            if args.kind == "processes":
                wait(futures, return_when=FIRST_EXCEPTION)  # the error, before the crash takes its process along
                futures[executor.submit(tempt, "crash", 1.5 * args.seconds)] = "crash"
            report(futures)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: collect
def collect(executor, sleeps, timeline):
    timeline.section("as completed")
    futures = {executor.submit(do_something, seconds): seconds for seconds in sleeps}
    print("All submitted. As they complete:", flush=True)
    for future in as_completed(futures):
        print(f"{future.result()} {futures[future]:g} second(s)", flush=True)

    timeline.section("in order")
    futures = [executor.submit(do_something, seconds) for seconds in sleeps]
    print("All submitted. In order, with little patience:", flush=True)
    for future, seconds in zip(futures, sleeps):
        try:
            done = future.result(timeout=sleeps[3])
        except TimeoutError:
            print("Not done yet, and it goes on. Waiting for it again", flush=True)
            done = future.result()
        print(f"{done} {seconds:g} second(s)", flush=True)

    timeline.section("in one word")
    print("In order, in one word:", flush=True)
    for done, seconds in zip(executor.map(do_something, sleeps), sleeps):
        print(f"{done} {seconds:g} second(s)", flush=True)
# ANCHOR_END: collect


# ANCHOR: report
def report(futures):
    for future in as_completed(futures):
        error = future.exception()
        what = future.result() if error is None else f"{type(error).__name__}: {error}"
        print(f"{futures[future]}: {what}", flush=True)
# ANCHOR_END: report


# ANCHOR: tasks
def do_something(seconds):
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...", flush=True)
        time.sleep(seconds)
    return "Done sleeping"


def tempt(fate, seconds):
    done = do_something(seconds)
    if fate == "error":
        open("no-such-file")
    if fate == "crash":
        os.abort()
    return done
# ANCHOR_END: tasks


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Futures: five sleeps, collected in four ways.")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="the unit of sleep")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    parser.add_argument("--kind", choices=["threads", "processes"], default="threads")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())
