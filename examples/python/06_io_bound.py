"""I/O-bound work: small files and slow answers, by Process and by Pool, and by threads. What does it cost to create
the workers, and when is that worth it?

    python3 examples/python/06_io_bound.py
    python3 examples/python/06_io_bound.py --tasks 8,1000 --workers 32
"""

import argparse
import multiprocessing
import os
import resource
import socket
import tempfile
import time
from multiprocessing import Pool, Process
from multiprocessing.pool import ThreadPool
from threading import Thread

from slow_server import slow_server
from timeline import Timeline, span


# ANCHOR: job
def nothing(_):
    pass


def write_read_close(path):
    with open(path, "w") as file:
        file.write("x" * 4096)
    with open(path) as file:
        assert len(file.read()) == 4096


def request(address):
    with span("request"), socket.create_connection(address) as connection:
        assert connection.recv(4) == b"done"
# ANCHOR_END: job


# ANCHOR: ways
def run(way, task, inputs, workers):
    if way == "one-by-one":
        for x in inputs:
            task(x)
    elif way in ("process-each", "thread-each"):
        kind = Process if way == "process-each" else Thread
        started = [kind(target=task, args=(x,)) for x in inputs]
        for one in started:
            one.start()
        for one in started:
            one.join()
    else:
        with Pool(workers) if way == "process-pool" else ThreadPool(workers) as pool:
            pool.map(task, inputs, chunksize=1)
            pool.close()
            pool.join()  # otherwise its processes are killed, and their cost isn't counted
# ANCHOR_END: ways


WAYS = ("one-by-one", "process-each", "thread-each", "process-pool", "thread-pool")


# ANCHOR: main
def main():
    args = arguments()
    multiprocessing.set_start_method("fork")  # so that processes are children of ours, which are counted
    with Timeline("06_io_bound", args.timeline) as timeline:
        measure(args, timeline)


def measure(args, timeline):
    counts = sorted(set(args.tasks))
    start = time.perf_counter()
    costs = {}
    with slow_server(args.latency, counts[-1]) as address, tempfile.TemporaryDirectory() as scratch:
        print(f"A file: write, read back, close. A request: wait {args.latency} ms for an answer")
        for tasks in counts:
            for way in WAYS:
                print(f"{tasks} tasks of each kind, {way}", flush=True)
                folder = tempfile.mkdtemp(dir=scratch)
                files = [os.path.join(folder, f"{n}.txt") for n in range(tasks)]
                costs[tasks, way] = [
                    cost(way, nothing, [None] * tasks, args.workers),
                    cost(way, write_read_close, files, args.workers),
                ]
                if tasks == counts[0]:
                    timeline.section(f"{tasks} requests, {way}")  # a picture of the few
                costs[tasks, way].append(cost(way, request, [address] * tasks, args.workers))
                timeline.end_section()

    head = "tasks  using              nothing        a file     a request"
    print(f"\ntime for each task\n{head}")
    for (tasks, way), row in costs.items():
        line(tasks, way, [f"{seconds / tasks * 1e3:.3f} ms" for seconds, _, _ in row])
    print(f"\ncontext switches for each task, voluntary + involuntary\n{head}")
    for (tasks, way), row in costs.items():
        line(tasks, way, [f"{gave / tasks:.1f} + {had / tasks:.1f}" for _, gave, had in row])
    for other in ("process-pool", "thread-each"):
        print(f"\nspeed of process-each relative to {other}\n{head}")
        for tasks in counts:
            pairs = zip(costs[tasks, "process-each"], costs[tasks, other])
            line(tasks, "", [f"{others[0] / own[0]:.2f} ×" for own, others in pairs])
    print(f"\nFinished in {time.perf_counter() - start:.2f} second(s)")
# ANCHOR_END: main


def line(tasks, way, cells):
    print(f"{tasks:5}  {way:12}" + "".join(f"  {cell:>12}" for cell in cells))


def cost(way, task, inputs, workers):
    """Seconds, and the context switches of this process and of its children that have ended."""
    before, begin = switches(), time.perf_counter()
    run(way, task, inputs, workers)
    seconds, after = time.perf_counter() - begin, switches()
    return seconds, after[0] - before[0], after[1] - before[1]


def switches():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_nvcsw for usage in usages), sum(usage.ru_nivcsw for usage in usages)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=lambda text: [int(n) for n in text.split(",")], default=[4, 200])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--latency", type=int, default=20)
    parser.add_argument("--timeline", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
