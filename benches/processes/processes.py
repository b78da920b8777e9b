"""Python's side of benches/processes: the same tasks, in Python's own pools.

Each line on stdin asks for one measurement: a pool, a task, how many workers, how many inputs, and how many times all of
that. Each line on stdout is how many seconds it took. Pools are started, and have done some work, before the clock
starts, unless the task is `start`: then the start is what is measured.
"""

import concurrent.futures
import multiprocessing
import multiprocessing.pool
import sys
import time

MIB = 1 << 20


def same(number):
    return number


def first_byte(block):
    return block[0]


def blocks(count):
    """Each is a new object. Of one that is twice in a message pickle would send one copy."""
    block = bytearray(MIB)
    for number in range(count):
        block[0] = number % 256
        yield bytes(block)


# What makes the pool, and how it is called. Each call ends with a list of all results.
POOLS = {
    "mp.imap": (multiprocessing.Pool, lambda pool, *work: list(pool.imap(*work))),
    "mp.imap_unordered": (multiprocessing.Pool, lambda pool, *work: list(pool.imap_unordered(*work))),
    "mp.map": (multiprocessing.Pool, lambda pool, *work: pool.map(*work)),
    "mp.fork": (multiprocessing.get_context("fork").Pool, lambda pool, *work: pool.map(*work, chunksize=1)),
    "mp.spawn": (multiprocessing.get_context("spawn").Pool, lambda pool, *work: pool.map(*work, chunksize=1)),
    "executor": (concurrent.futures.ProcessPoolExecutor, lambda pool, *work: list(pool.map(*work))),
}


def seconds(how, what, workers, count, times):
    make, call = POOLS[how]
    task, inputs = (first_byte, blocks) if what == "blocks" else (same, range)
    start = time.perf_counter()
    with make(workers) as pool:
        if what != "start":
            call(pool, same, range(100))
            start = time.perf_counter()
        for _ in range(times):
            results = call(pool, task, inputs(count))
        end = time.perf_counter()
    if isinstance(pool, multiprocessing.pool.Pool):
        pool.join()  # the end of `with` has only told its processes to end
    expected = [number % 256 for number in range(count)] if what == "blocks" else range(count)
    assert len(results) == count and sum(results) == sum(expected), "not the same work"
    return end - start


if __name__ == "__main__":
    print(f"Python {sys.version.split()[0]} (starts workers by {multiprocessing.get_start_method()})", flush=True)
    for line in sys.stdin:
        how, what, workers, count, times = line.split()
        print(seconds(how, what, int(workers), int(count), int(times)), flush=True)
