"""CPU-bound work: lists of random numbers, made by 1, 2 and 4 workers of several kinds.

    python3 examples/python/05_cpu_bound.py
    python3 examples/python/05_cpu_bound.py --jobs 8 --numbers 100000
"""

import argparse
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from timeline import Timeline, span


# ANCHOR: job
def list_append(job):
    seed, numbers = job
    with span(f"list {seed}"):
        random_numbers = random.Random(seed)
        result = []
        for _ in range(numbers):
            result.append(random_numbers.random())
        return result


def list_checksum(job):
    return sum(list_append(job))  # the list stays where it is
# ANCHOR_END: job


# ANCHOR: ways
def checksums(way, workers, jobs):
    if way == "one-by-one":
        return [list_checksum(job) for job in jobs]
    if way == "thread-pool":
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(list_checksum, jobs))
    with ProcessPoolExecutor(workers) as pool:
        if way == "process-pool":
            return list(pool.map(list_checksum, jobs))
        return [sum(numbers) for numbers in pool.map(list_append, jobs)]  # process-pool-home
# ANCHOR_END: ways


# ANCHOR: main
def main():
    args = arguments()
    with Timeline("05_cpu_bound", args.timeline) as timeline:
        measure(args, timeline)


def measure(args, timeline):
    multiprocessing.set_start_method("fork")  # so that processes are children of ours, whose time is counted
    jobs = [(seed, args.numbers) for seed in range(args.jobs)]
    print(f"{args.jobs} lists of {args.numbers} random numbers")
    print(f"Cores: os.cpu_count() {os.cpu_count()}, os.process_cpu_count() {process_cpu_count()}")
    runs = [("one-by-one", 1)]
    for way in ("thread-pool", "process-pool", "process-pool-home"):
        runs += [(way, workers) for workers in args.workers]

    start = time.perf_counter()
    rows, expected = [], None
    for way, workers in runs:
        print(way if way == "one-by-one" else f"{way} with {workers}", flush=True)
        timeline.section(way if way == "one-by-one" else f"{way} with {workers}")
        before, begin = os.times(), time.perf_counter()
        sums = checksums(way, workers, jobs)
        timeline.end_section()
        real, after = time.perf_counter() - begin, os.times()
        print("List processing complete.")
        expected = expected or sums
        assert sums == expected, f"{way} with {workers}: other lists"
        # User and system time of this process, and of its children that have ended.
        user = max(0.0, after[0] + after[2] - before[0] - before[2])
        system = max(0.0, after[1] + after[3] - before[1] - before[3])
        rows.append((way, workers, real, user, system))

    print("\nusing              workers      real      user    system  speed-up")
    for way, workers, real, user, system in rows:
        times = "".join(f"  {seconds:6.2f} s" for seconds in (real, user, system))
        print(f"{way:17}  {workers:7}{times}  {rows[0][2] / real:6.2f} ×")
    _, _, real, user, system = rows[0]
    if real >= 0.05 and user + system < 0.8 * real:
        print("Note: this machine is busy: do not trust this run", file=sys.stderr)
    print(f"\nFinished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


def process_cpu_count():
    """How many cores this process may use: what executors begin with, since Python 3.13."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count()
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--numbers", type=int, default=2_000_000)
    parser.add_argument("--workers", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2, 4])
    parser.add_argument("--timeline", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
