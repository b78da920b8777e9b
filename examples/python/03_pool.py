"""A pool: four workers share five sleeps, and hand back the results in three ways. The workers are threads,
or processes.

    python3 examples/python/03_pool.py
    python3 examples/python/03_pool.py --kind processes
    python3 examples/python/03_pool.py --workers 2 --seconds 0.2
"""

import argparse

# ANCHOR: main
import multiprocessing
import time
from multiprocessing.pool import ThreadPool

from timeline import Timeline, span


def main(args):
    with Timeline("03_pool", args.timeline) as timeline:
        start = time.perf_counter()

        sleeps = [units * args.seconds for units in (4, 3, 2, 1, 5)]
        new_pool = ThreadPool if args.kind == "threads" else multiprocessing.Pool
        with new_pool(args.workers) as pool:
            in_three_ways(pool, sleeps, timeline)
            in_chunks(pool, sleeps, timeline)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


# ANCHOR: ways
def in_three_ways(pool, sleeps, timeline):
    timeline.section("map")
    print("map: all results at the end, in the order of the inputs")
    for done in pool.map(do_something, sleeps):
        print(done)

    timeline.section("imap")
    print("imap: each result as soon as its turn has come")
    for done in pool.imap(do_something, sleeps):
        print(done)

    timeline.section("imap_unordered")
    print("imap_unordered: each result as soon as it is there")
    for done in pool.imap_unordered(do_something, sleeps):
        print(done)
# ANCHOR_END: ways


# ANCHOR: chunks
def in_chunks(pool, sleeps, timeline):
    timeline.section("imap in chunks of 2")
    print("imap in chunks of 2: a chunk comes back as a whole")
    for done in pool.imap(do_something, sleeps, chunksize=2):
        print(done)
# ANCHOR_END: chunks


# ANCHOR: task
def do_something(seconds):
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...")
        time.sleep(seconds)
    return f"Done sleeping {seconds:g} second(s)"
# ANCHOR_END: task


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A pool: four workers share five sleeps.")
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="the unit of sleep")
    parser.add_argument("--workers", type=int, default=4, metavar="N")
    parser.add_argument("--kind", choices=["threads", "processes"], default="threads")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    main(parser.parse_args())
