"""Shared state: counts that get lost, a lock that all want at once, a lock that is left by an exception, a plate that all threads see.

    python3 examples/python/07b_shared.py
"""

import itertools
import threading
import time

import heat
from timeline import Timeline, span

EACH = 2_000


def main():
    args = heat.arguments(__doc__).parse_args()
    expected = heat.one_by_one(args.size, args.steps)
    print(f"one by one: checksum {expected:016x}")
    with Timeline("07b_shared", args.timeline) as timeline:
        start = time.perf_counter()

        timeline.section("count")
        count(args.workers)
        timeline.section("contention")
        contention(args.workers)
        timeline.end_section()
        not_poisoned()

        timeline.section("heat")
        plate = in_bands(args)
        timeline.end_section()
        heat.check("shared state", plate, expected)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


# ANCHOR: count
def count(workers):
    total = workers * EACH

    def read_then_write():
        nonlocal number
        seen = number
        time.sleep(0)  # another thread's turn
        number = seen + 1

    number = 0
    together(workers, "read, then write", read_then_write)
    print(f"read, then write: {100 - 100 * number / total:.1f} % lost")

    counter = itertools.count()  # Python has no atomic number; under the GIL, this comes close
    together(workers, "fetch_add", lambda: next(counter))
    print(f"fetch_add: {100 - 100 * next(counter) / total:.1f} % lost")

    lock = threading.Lock()

    def with_lock():
        nonlocal number
        with lock:
            number += 1

    number = 0
    together(workers, "Mutex", with_lock)
    print(f"Mutex: {100 - 100 * number / total:.1f} % lost")
# ANCHOR_END: count


def together(workers, name, add):
    def again_and_again():
        with span(name):
            for _ in range(EACH):
                add()

    run([threading.Thread(target=again_and_again) for _ in range(workers)])


# ANCHOR: contention
def contention(workers):
    """Each worker computes with the lock in its hand, so one computes and all others wait."""
    sums, lock = [], threading.Lock()

    def work():
        for n in range(1, 6):
            with span("wait for the sums"):
                lock.acquire()
            with span(f"sum {n}"):
                sums.append(sum(range(200_000)))
            lock.release()

    run([threading.Thread(target=work) for _ in range(workers)])
# ANCHOR_END: contention


# ANCHOR: poisoned
def not_poisoned():
    """A lock in Python is opened by an exception as by anything else, and says nothing of it."""
    row, lock = [20, 20, 20, 20], threading.Lock()

    def fill():
        try:
            with lock:
                row[0:2] = [100, 100]
                raise RuntimeError("in the middle of the row")
        except RuntimeError:
            pass

    run([threading.Thread(target=fill)])
    with lock:
        print(f"not poisoned, but half done: {row}")
# ANCHOR_END: poisoned


# ANCHOR: bands
def in_bands(args):
    plates = [heat.plate(args.size), heat.plate(args.size)]
    bands = heat.bands(args.size, args.workers)
    all_done = threading.Barrier(len(bands))

    def work(start, end):
        for step in range(args.steps):
            now, following = plates[step % 2], plates[(step + 1) % 2]
            with span(f"step {step + 1}"):
                following[start:end] = heat.advance(now[start - 1], now[start:end], now[end])
            all_done.wait()

    run([threading.Thread(target=work, args=band, name=f"worker {n}") for n, band in enumerate(bands, 1)])
    return plates[args.steps % 2]
# ANCHOR_END: bands


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
