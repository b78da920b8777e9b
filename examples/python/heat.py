"""A square plate, hot along its first row: the problem of step 07. Each part of the step imports it."""

import argparse
import struct

HOT, COLD = 100.0, 20.0


def plate(size):
    """The rows of a plate at the beginning."""
    return [[HOT] * size] + [[COLD] * size for _ in range(size - 1)]


# ANCHOR: advance
def advance(above, now, below):
    """One step for the rows in `now`: a cell takes the mean of its four neighbours."""
    around = [above, *now, below]
    return [
        [row[0]]
        + [(up[x] + down[x] + row[x - 1] + row[x + 1]) / 4.0 for x in range(1, len(row) - 1)]
        + [row[-1]]
        for up, row, down in zip(around, now, around[2:])
    ]
# ANCHOR_END: advance


def bands(size, workers):
    """Which rows each worker computes: from, to."""
    rows, workers = size - 2, min(workers, size - 2)
    return [(1 + rows * n // workers, 1 + rows * (n + 1) // workers) for n in range(workers)]


def one_by_one(size, steps):
    now = plate(size)
    for _ in range(steps):
        now = [now[0], *advance(now[0], now[1:-1], now[-1]), now[-1]]
    return checksum(now)


def checksum(rows):
    """The same number as in Rust: it differs if a single bit of a cell does."""
    total, mask = 0, 2**64 - 1
    for row in rows:
        for bits in struct.unpack(f"{len(row)}Q", struct.pack(f"{len(row)}d", *row)):
            total = (((total << 5 | total >> 59) & mask ^ bits) * 0x9E3779B97F4A7C15) & mask
    return total


def check(way, rows, expected):
    found = checksum(rows)
    assert found == expected, f"{way}: {found:016x}, and should be {expected:016x}"
    print(f"{way}: checksum {found:016x}, the same")


def arguments(about):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--size", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    return parser
