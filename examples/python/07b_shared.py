"""Shared state: counts that get lost, a lock that is left by an exception, a plate that all threads see.

    python3 examples/python/07b_shared.py
"""

import itertools
import threading
import time

import heat

EACH = 2_000


def main():
    args = heat.arguments(__doc__).parse_args()
    expected = heat.one_by_one(args.size, args.steps)
    print(f"one by one: checksum {expected:016x}")
    start = time.perf_counter()

    count(args.workers)
    not_poisoned()
    heat.check("shared state", in_bands(args), expected)

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
    together(workers, read_then_write)
    print(f"read, then write: {100 - 100 * number / total:.1f} % lost")

    counter = itertools.count()  # Python has no atomic number; under the GIL, this comes close
    together(workers, lambda: next(counter))
    print(f"fetch_add: {100 - 100 * next(counter) / total:.1f} % lost")

    lock = threading.Lock()

    def with_lock():
        nonlocal number
        with lock:
            number += 1

    number = 0
    together(workers, with_lock)
    print(f"Mutex: {100 - 100 * number / total:.1f} % lost")
# ANCHOR_END: count


def together(workers, add):
    def again_and_again():
        for _ in range(EACH):
            add()

    run([threading.Thread(target=again_and_again) for _ in range(workers)])


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
            following[start:end] = heat.advance(now[start - 1], now[start:end], now[end])
            all_done.wait()

    run([threading.Thread(target=work, args=band) for band in bands])
    return plates[args.steps % 2]
# ANCHOR_END: bands


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
