"""Processes that need each other's results: memory that they share, and messages that they send.

    python3 examples/python/07c_shared_memory.py
"""

import multiprocessing
import time
from multiprocessing import shared_memory

import heat
from timeline import Timeline, span


def main():
    args = heat.arguments(__doc__).parse_args()
    expected = heat.one_by_one(args.size, args.steps)
    print(f"one by one: checksum {expected:016x}")
    with Timeline("07c_shared_memory", args.timeline) as timeline:
        start = time.perf_counter()

        for name, way in (("shared memory", in_shared_memory), ("messages", messages)):
            timeline.section(name)
            plate = way(args)
            timeline.end_section()
            heat.check(name, plate, expected)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


# ANCHOR: shared
def in_shared_memory(args):
    """The plate lies in memory that has a name, twice: as it is, and as it will be."""
    size, start = args.size, heat.plate(args.size)
    memory = shared_memory.SharedMemory(create=True, size=2 * 8 * size * size)
    try:
        cells = memory.buf.cast("d")
        for n, cell in enumerate(cell for row in start + start for cell in row):
            cells[n] = cell
        bands = heat.bands(size, args.workers)
        with multiprocessing.Pool(len(bands)) as pool:
            for step in range(args.steps):  # map waits for all: none begins the next step before
                pool.starmap(advance, [(memory.name, size, step, band) for band in bands], chunksize=1)
        rows = [list(cells[at(size, args.steps, y)]) for y in range(size)]
        cells.release()
        return rows
    finally:
        memory.close()
        memory.unlink()


def advance(name, size, step, band):
    memory = shared_memory.SharedMemory(name)  # by its name: nothing else is sent
    cells = memory.buf.cast("d")
    with span(f"step {step + 1}"):
        above, *rows, below = (list(cells[at(size, step, y)]) for y in range(band[0] - 1, band[1] + 1))
        for y, row in enumerate(heat.advance(above, rows, below), band[0]):
            for x, cell in enumerate(row, at(size, step + 1, y).start):
                cells[x] = cell
    cells.release()
    memory.close()


def at(size, step, y):
    """Where a row lies after so many steps."""
    first = (step % 2 * size + y) * size
    return slice(first, first + size)
# ANCHOR_END: shared


# ANCHOR: messages
def messages(args):
    """The same without shared memory: each step sends every band, and its new rows come back."""
    plate = heat.plate(args.size)
    bands = heat.bands(args.size, args.workers)
    with multiprocessing.Pool(len(bands)) as pool:
        for _ in range(args.steps):
            around = [(plate[y - 1], plate[y:end], plate[end]) for y, end in bands]
            rows = pool.starmap(new_rows, around, chunksize=1)
            plate = [plate[0], *(row for band in rows for row in band), plate[-1]]
    return plate


def new_rows(above, now, below):
    with span("step"):
        return heat.advance(above, now, below)
# ANCHOR_END: messages


if __name__ == "__main__":
    main()
