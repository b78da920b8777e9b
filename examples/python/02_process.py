"""Processes: the parent goes on while the children work.

    python3 examples/python/02_process.py
    python3 examples/python/02_process.py --seconds 0.2
"""

import argparse

# ANCHOR: main
import multiprocessing
import time

from timeline import Timeline, span

counter = 0


def main(args):
    global counter
    multiprocessing.set_start_method("fork")  # the default on Linux up to Python 3.13
    with Timeline("02_process", args.timeline) as timeline:
        start = time.perf_counter()

        timeline.section("one")
        counter = 7
        child = multiprocessing.Process(target=greet, args=(args.seconds,))
        child.start()
        print(f"Hello from main process: {time.ctime()}", flush=True)
        child.join()
        print("Process complete.")
        print(f"In the main process the counter is {counter}", flush=True)

        timeline.section("ten")
        ten(1.5 * args.seconds)
        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: ten
def ten(seconds):
    children = []
    for _ in range(10):
        child = multiprocessing.Process(target=do_something, args=(seconds,))
        child.start()
        children.append(child)
    for child in children:
        child.join()
# ANCHOR_END: ten


# ANCHOR: child
def greet(seconds):
    global counter
    with span("greet"):
        print(f"Hello from process: {time.ctime()}", flush=True)
        time.sleep(seconds)
    before, counter = counter, counter + 1
    print(f"In the child the counter was {before}, and is {counter} now")
# ANCHOR_END: child


def do_something(seconds):
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...", flush=True)
        time.sleep(seconds)
    print("Done sleeping")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Processes: one that greets, and ten that sleep.")
    parser.add_argument("--seconds", type=float, default=1, metavar="S", help="the unit of sleep")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())
