"""One thing at a time: two tasks of one second each take two seconds.

    python3 examples/python/01_sync.py
    python3 examples/python/01_sync.py --seconds 0.5
"""

import argparse

# ANCHOR: main
import time


def main(seconds: float) -> None:
    start = time.perf_counter()

    do_something(seconds)
    do_something(seconds)

    print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def do_something(seconds: float) -> None:
    print(f"Sleeping {seconds:g} second(s)...")
    time.sleep(seconds)
    print("Done sleeping")
# ANCHOR_END: main


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Two sleeps, one after the other.")
    parser.add_argument("--seconds", type=float, default=1, metavar="S", help="how long one sleep is")
    main(parser.parse_args().seconds)
