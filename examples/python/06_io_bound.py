"""I/O-bound work: files and slow answers, by Process and by Pool; then with more and more workers.

    python3 examples/python/06_io_bound.py
    python3 examples/python/06_io_bound.py --files 4,40 --workers 1,8,64
"""

import argparse
import os
import resource
import socket
import tempfile
import threading
import time

# ANCHOR: main
from multiprocessing import Pipe, Pool, Process
from multiprocessing.pool import ThreadPool

POOL = 8


def write_read_remove(path):
    with open(path, "w") as file:
        file.write("x" * 4096)
    with open(path) as file:
        text = file.read()
    os.remove(path)
    assert len(text) == 4096


def request(address):
    with socket.create_connection(address) as connection:
        assert connection.recv(4) == b"done"


def run(way, task, inputs):
    if way == "one-by-one":
        for x in inputs:
            task(x)
    elif way in ("process-each", "thread-each"):
        kind = Process if way == "process-each" else threading.Thread
        started = [kind(target=task, args=(x,)) for x in inputs]
        for one in started:
            one.start()
        for one in started:
            one.join()
    else:
        with Pool(POOL) if way == "process-pool" else ThreadPool(POOL) as pool:
            pool.map(task, inputs)
# ANCHOR_END: main


def compute(_):
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 2000))


def serve(latency, port):
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    port.send(listener.getsockname()[1])

    def answer(client):
        time.sleep(latency)
        client.sendall(b"done")
        client.close()

    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()


def main():
    args = arguments()
    start = time.perf_counter()
    here, there = Pipe()
    server = Process(target=serve, args=(args.latency / 1000, there), daemon=True)
    server.start()
    address = ("127.0.0.1", here.recv())
    print(f"A file: write, read back, close. A request: wait {args.latency} ms for an answer")

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for tasks in sorted(set(args.files)):
            for way in ("one-by-one", "process-each", "thread-each", "process-pool", "thread-pool"):
                print(f"{tasks} files and {tasks} requests, {way}", flush=True)
                files = [os.path.join(folder, f"{n}.txt") for n in range(tasks)]
                costs = [cost(way, write_read_remove, files), cost(way, request, [address] * tasks)]
                print("Files and requests complete.")
                rows.append((tasks, way, costs))

    print("\ntasks  using               a file    switches     a request    switches")
    for tasks, way, costs in rows:
        cells = "".join(f"  {s / tasks * 1e3:9.3f} ms  {n / tasks:5.1f}/task" for s, n in costs)
        print(f"{tasks:5}  {way:12}{cells}")

    print(f"\nA process each is so many times as fast as a pool of {POOL} processes:")
    real = {(tasks, way, n): costs[n][0] for tasks, way, costs in rows for n in (0, 1)}
    for tasks in sorted(set(args.files)):
        for n, work in enumerate(("files", "requests")):
            ratio = real[tasks, "process-pool", n] / real[tasks, "process-each", n]
            print(f"{tasks:5} {work:10}  {ratio:6.2f} ×")

    curves = {"requests": [], "computing": []}
    for workers in sorted(set(args.workers)):
        print(f"{args.tasks} requests, {args.tasks} computations, {workers} worker(s)", flush=True)
        for work, task, x in (("requests", request, address), ("computing", compute, None)):
            begin = time.perf_counter()
            with ThreadPool(workers) as pool:
                pool.map(task, [x] * args.tasks)
            curves[work].append((workers, args.tasks / (time.perf_counter() - begin)))
    print("\nwork       workers        tasks")
    for work, curve in curves.items():
        for workers, rate in curve:
            print(f"{work:9}  {workers:7}  {rate:9.1f}/s")
    for work, curve in curves.items():
        best = max(rate for _, rate in curve)
        workers, rate = next(point for point in curve if point[1] >= 0.9 * best)
        s = "" if workers == 1 else "s"
        print(f"Knee of {work}: {workers} worker{s} with {rate:.1f}/s, at least 90 % of the best, {best:.1f}/s")

    server.terminate()
    print(f"\nFinished in {time.perf_counter() - start:.2f} second(s)")


def cost(way, task, inputs):
    """Seconds, and context switches of this process and of its children that have ended."""
    before, begin = switches(), time.perf_counter()
    run(way, task, inputs)
    return time.perf_counter() - begin, switches() - before


def switches():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_nvcsw + usage.ru_nivcsw for usage in usages)


def arguments():
    def numbers(text):
        return [int(n) for n in text.split(",")]

    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=numbers, default=[4, 200])
    parser.add_argument("--workers", type=numbers, default=[1, 2, 4, 8, 16, 32, 64, 128, 256])
    parser.add_argument("--tasks", type=int, default=512)
    parser.add_argument("--latency", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
