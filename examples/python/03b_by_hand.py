"""A pool by hand: a queue of inputs, a few threads that take from it, a queue of results.

    python3 examples/python/03b_by_hand.py
"""

import argparse
import queue
import threading
import time

from timeline import Timeline, span


def main(args):
    with Timeline("03b_by_hand", args.timeline):
        start = time.perf_counter()

        sleeps = [units * args.seconds for units in (4, 3, 2, 1, 5)]
        for done in pool_by_hand(args.workers, sleeps):
            print(done)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


# ANCHOR: pool
def pool_by_hand(workers, sleeps):
    inputs, results = queue.Queue(), queue.Queue()

    def work():
        while (seconds := inputs.get()) is not None:
            results.put(do_something(seconds))

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for seconds in sleeps:
        inputs.put(seconds)
    for _ in threads:
        inputs.put(None)  # a queue doesn't end by itself: each worker has to be told
    for thread in threads:
        thread.join()
    return [results.get() for _ in sleeps]
# ANCHOR_END: pool


def do_something(seconds):
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...")
        time.sleep(seconds)
    return f"Done sleeping {seconds:g} second(s)"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A pool by hand: two queues and a few threads.")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="the unit of sleep")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())
