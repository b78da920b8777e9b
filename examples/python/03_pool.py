"""A pool: four workers share five sleeps, and hand back the results in three ways.

    python3 examples/python/03_pool.py
"""

# ANCHOR: main
import multiprocessing
import time


def main():
    start = time.perf_counter()
    sleeps = [units * 0.5 for units in (4, 3, 2, 1, 5)]

    with multiprocessing.Pool(4) as pool:
        print("map: all results at the end, in the order of the inputs")
        for done in pool.map(do_something, sleeps):
            print(done)

        print("imap: each result as soon as its turn has come")
        for done in pool.imap(do_something, sleeps):
            print(done)

        print("imap_unordered: each result as soon as it is there")
        for done in pool.imap_unordered(do_something, sleeps):
            print(done)

        print("imap in chunks of 2: a chunk comes back as a whole")
        for done in pool.imap(do_something, sleeps, chunksize=2):
            print(done)

    print(f"Finished in {time.perf_counter() - start:.2f} second(s)")


def do_something(seconds):
    print(f"Sleeping {seconds:g} second(s)...")
    time.sleep(seconds)
    return f"Done sleeping {seconds:g} second(s)"


if __name__ == "__main__":
    main()
# ANCHOR_END: main
