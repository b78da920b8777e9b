"""One thing at a time: two tasks of one second each take two seconds. One waits, and one works.

    python3 examples/python/01_sync.py
    python3 examples/python/01_sync.py --seconds 0.5
"""

import argparse

# ANCHOR: main
import math
import time

from timeline import Timeline, span  # a file beside this one


def main(seconds: float, file: str | None) -> None:
    with Timeline("01_sync", file):
        start = time.perf_counter()

        do_something(seconds)
        compute(seconds)

        print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def do_something(seconds: float) -> None:
    with span(f"sleep {seconds:g}"):
        print(f"Sleeping {seconds:g} second(s)...")
        time.sleep(seconds)
        print("Done sleeping")


def compute(seconds: float) -> None:
    with span(f"compute {seconds:g}"):
        print(f"Computing {seconds:g} second(s)...")
        start = time.perf_counter()
        total = 0.0
        while time.perf_counter() - start < seconds:
            total += math.sqrt(2.0)
        print("Done computing")
# ANCHOR_END: main


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A sleep, and then something to compute for as long.")
    parser.add_argument("--seconds", type=float, default=1, metavar="S", help="how long each of the two takes")
    parser.add_argument("--timeline", metavar="FILE", help="where the trace of the run goes")
    args = parser.parse_args()
    main(args.seconds, args.timeline)
