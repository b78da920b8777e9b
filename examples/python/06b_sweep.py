"""From 1 to 256 threads, against a slow server and against work that computes: where do more of them stop to
help?

    python3 examples/python/06b_sweep.py
    python3 examples/python/06b_sweep.py --at-once 8 --workers 4,8,16
"""

import argparse
import resource
import socket
import time
from multiprocessing.pool import ThreadPool

from slow_server import slow_server


# ANCHOR: work
def request(address):
    with socket.create_connection(address) as connection:
        assert connection.recv(4) == b"done"


def compute(_):
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 1500))


def run(workers, tasks, work, address):
    def timed(_):
        start = time.perf_counter()
        work(address)
        return time.perf_counter() - start

    with ThreadPool(workers) as pool:
        return pool.map(timed, range(tasks), chunksize=1)
# ANCHOR_END: work


# ANCHOR: main
def main():
    args = arguments()
    start = time.perf_counter()
    points = {"requests": [], "computing": []}
    with slow_server(args.latency, args.at_once) as address:
        print(f"The server waits {args.latency} ms, then answers; {args.at_once} at a time")
        for workers in sorted(set(args.workers)):
            print(f"{args.tasks} requests and {args.tasks} computations, {workers} worker(s)", flush=True)
            for name, work in (("requests", request), ("computing", compute)):
                before, begin = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
                times = run(workers, args.tasks, work, address)
                rate, after = args.tasks / (time.perf_counter() - begin), resource.getrusage(resource.RUSAGE_SELF)
                gave = (after.ru_nvcsw - before.ru_nvcsw) / args.tasks
                had = (after.ru_nivcsw - before.ru_nivcsw) / args.tasks
                each = sum(times) / len(times) * 1e3
                points[name].append((workers, rate, each, f"{gave:.1f} + {had:.1f}"))

    print("\nwork       workers         tasks    each takes   switches")
    for name, rows in points.items():
        for workers, rate, each, switches in rows:
            print(f"{name:9}  {workers:7}  {rate:10.1f}/s  {each:9.2f} ms  {switches:>9}")
    for name, rows in points.items():
        best = max(rate for _, rate, _, _ in rows)
        workers, rate, _, _ = next(row for row in rows if row[1] >= 0.9 * best)
        s = "" if workers == 1 else "s"
        print(f"Knee of {name}: {workers} worker{s} with {rate:.1f}/s, at least 90 % of the best, {best:.1f}/s")
    print(f"\nFinished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--workers",
        type=lambda text: [int(n) for n in text.split(",")],
        default=[1, 2, 4, 8, 16, 32, 64, 128, 256],
    )
    parser.add_argument("--tasks", type=int, default=512)
    parser.add_argument("--latency", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=32)
    return parser.parse_args()


if __name__ == "__main__":
    main()
