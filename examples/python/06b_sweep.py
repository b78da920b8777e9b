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
from timeline import Timeline, span


# ANCHOR: work
def request(address):
    with socket.create_connection(address) as connection:
        assert connection.recv(4) == b"done"


def compute(_):
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 1500))


def run(workers, tasks, work, address):
    def timed(_):
        with span("task"):
            start = time.perf_counter()
            work(address)
            return time.perf_counter() - start

    with ThreadPool(workers) as pool:
        return pool.map(timed, range(tasks), chunksize=1)
# ANCHOR_END: work


# ANCHOR: main
def main():
    args = arguments()
    with Timeline("06b_sweep", args.timeline) as timeline:
        sweep(args, timeline)


def sweep(args, timeline):
    start = time.perf_counter()
    points = {"requests": {}, "computing": {}}
    with slow_server(args.latency, args.at_once) as address:
        print(f"The server waits {args.latency} ms, then answers; {args.at_once} at a time")
        for number in range(1, args.rounds + 1):
            for workers in sorted(set(args.workers)):
                print(f"round {number}: {args.tasks} requests, {args.tasks} computations, {workers} worker(s)", flush=True)
                for name, work in (("requests", request), ("computing", compute)):
                    if number == 1:
                        timeline.section(f"{name}, {workers} at work")
                    points[name].setdefault(workers, []).append(measure(workers, args.tasks, work, address))
                    timeline.end_section()

    print(f"\nMedians of {args.rounds} round(s)")
    print("work       workers         tasks    each takes   switches")
    curves = {}
    for name, rounds_by_workers in points.items():
        curves[name] = []
        for workers, rounds in rounds_by_workers.items():
            rate, each, switches = sorted(rounds, reverse=True)[len(rounds) // 2]  # by the rate: the one in the middle
            print(f"{name:9}  {workers:7}  {rate:10.1f}/s  {each:9.2f} ms  {switches:>9}")
            curves[name].append((workers, rate))
    for name, curve in curves.items():
        if len(curve) > 1:
            print(f"Knee of {name}: {knee(curve)}")
    print(f"\nFinished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


def measure(workers, tasks, work, address):
    before, begin = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    times = run(workers, tasks, work, address)
    rate, after = tasks / (time.perf_counter() - begin), resource.getrusage(resource.RUSAGE_SELF)
    gave = (after.ru_nvcsw - before.ru_nvcsw) / tasks
    had = (after.ru_nivcsw - before.ru_nivcsw) / tasks
    return rate, sum(times) / len(times) * 1e3, f"{gave:.1f} + {had:.1f}"


def knee(curve):
    best = max(rate for _, rate in curve)
    workers, rate = next(point for point in curve if point[1] >= 0.9 * best)
    has = f"{workers} worker" + ("" if workers == 1 else "s")
    if workers == curve[0][0]:
        return f"none, the curve is flat: {rate:.1f}/s with {has}, {best:.1f}/s at best"
    if workers == curve[-1][0]:
        return f"none yet, the curve still rises: {rate:.1f}/s with {has}"
    return f"{has} with {rate:.1f}/s, at least 90 % of the best, {best:.1f}/s"


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--workers",
        type=lambda text: [int(n) for n in text.split(",")],
        default=[1, 2, 4, 8, 16, 32, 64, 128, 256],
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=256)
    parser.add_argument("--latency", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--timeline", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
