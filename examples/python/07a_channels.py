"""Channels: workers that need each other's results send them.

    python3 examples/python/07a_channels.py
"""

import queue
import threading
import time

import heat
from timeline import Timeline, span


def main():
    args = heat.arguments(__doc__).parse_args()
    expected = heat.one_by_one(args.size, args.steps)
    print(f"one by one: checksum {expected:016x}")
    with Timeline("07a_channels", args.timeline) as timeline:
        start = time.perf_counter()

        timeline.section("a full queue")
        full_queue()
        timeline.section("heat")
        plate = in_bands(args)
        timeline.end_section()
        heat.check("channels", plate, expected)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


# ANCHOR: full
def full_queue():
    """A fast sender, a slow receiver, and room for two between them. A queue does not end by itself."""
    numbers = queue.Queue(maxsize=2)

    def send():
        for n in range(1, 7):
            with span(f"send {n}"):
                numbers.put(n)  # waits while the queue is full

    threading.Thread(target=send).start()
    closed = False
    while not closed:
        try:
            n = numbers.get(timeout=0.1)
            if n is None:  # what everybody has agreed on
                print("closed: all senders are gone")
                closed = True
            else:
                with span(f"use {n}"):
                    time.sleep(0.05)
        except queue.Empty:
            print("empty, but a sender is left over: I would wait for ever")
            numbers.put(None)
# ANCHOR_END: full


# ANCHOR: work
def in_bands(args):
    plate = heat.plate(args.size)
    bands = heat.bands(args.size, args.workers)
    down = [queue.Queue(1) for _ in bands]  # down[n] leads to the band below band n
    up = [queue.Queue(1) for _ in bands]
    last = len(bands) - 1

    def work(n):
        start, end = bands[n]
        above, rows, below = plate[start - 1], plate[start:end], plate[end]
        for step in range(args.steps):
            with span(f"step {step + 1}"):
                rows = heat.advance(above, rows, below)
            if n > 0:
                up[n].put(rows[0])
            if n < last:
                down[n].put(rows[-1])
            if n > 0:
                above = down[n - 1].get()
            if n < last:
                below = up[n + 1].get()
        done[n] = rows

    done = [None] * len(bands)
    workers = [threading.Thread(target=work, args=(n,), name=f"band {n + 1}") for n in range(len(bands))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return [plate[0], *(row for rows in done for row in rows), plate[-1]]
# ANCHOR_END: work


if __name__ == "__main__":
    main()
