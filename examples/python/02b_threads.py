"""Threads: the same as 02_process in one process, where memory is shared.

    python3 examples/python/02b_threads.py
    python3 examples/python/02b_threads.py --seconds 0.2
"""

import argparse
import threading
import time

from timeline import Timeline, span


def main(args):
    with Timeline("02b_threads", args.timeline) as timeline:
        start = time.perf_counter()

        timeline.section("one")
        one(args.seconds)
        timeline.section("ten")
        ten(1.5 * args.seconds)
        timeline.section("a lazy chain")
        lazy_chain(0.5 * args.seconds)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


# ANCHOR: one
def one(seconds):
    answers = []  # a thread's function returns to nobody

    def work():
        print(f"Hello from thread: {time.ctime()}")
        do_something(seconds)
        answers.append(6 * 7)

    thread = threading.Thread(target=work)
    thread.start()
    print(f"Hello from main thread: {time.ctime()}")
    thread.join()
    print(f"Thread complete. It brought back {answers[0]}")
# ANCHOR_END: one


# ANCHOR: ten
def ten(seconds):
    counter, lock = 0, threading.Lock()

    def work():
        nonlocal counter
        do_something(seconds)
        with lock:
            counter += 1

    threads = []
    for _ in range(10):
        threads.append(threading.Thread(target=work))
        threads[-1].start()
    for thread in threads:
        thread.join()
    print(f"Ten threads have counted to {counter}")
# ANCHOR_END: ten


# ANCHOR: lazy
def lazy_chain(seconds):
    """Looks concurrent, and is not: Python's map is as lazy as Rust's."""

    def spawn(_):
        thread = threading.Thread(target=do_something, args=(seconds,))
        thread.start()
        return thread

    for thread in map(spawn, range(3)):
        thread.join()
# ANCHOR_END: lazy


def do_something(seconds):
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...")
        time.sleep(seconds)
    print("Done sleeping")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Threads: one, ten, and three that look concurrent and are not.")
    parser.add_argument("--seconds", type=float, default=1, metavar="S", help="the unit of sleep")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())
